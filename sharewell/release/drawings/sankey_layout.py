"""Where the places and ribbons of a flow lie: columns from the flows themselves, widths from the people."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from ..charts import Row
from ..figures import write_figure

HATCHED = 3.0
"""Width of a flow that was withheld, whatever it is."""

_STEP = re.compile(r"^\d+ · ")
"""What tells places of one name in different columns apart; their place in the drawing says it too."""


@dataclass
class Place:
    """A place: its column, what is known to come and go, and where it is drawn across the road."""

    name: str
    column: int
    into: float = 0.0
    out: float = 0.0
    hidden: set[str] = field(default_factory=set)
    start: float = 0.0
    size: float = 0.0
    used: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def people(self) -> float:
        return max(self.into, self.out)

    @property
    def said(self) -> str:
        """Its name, and how many come to it, or go from it if that alone is known."""
        name = _STEP.sub("", self.name)
        known = [n for side, n in (("into", self.into), ("out", self.out)) if n and side not in self.hidden]
        return f"{name} {write_figure(round(known[0]), 0)}" if known else name


def find_places(rows: list[Row]) -> dict[str, Place]:
    """Each place in the column after the last of those that lead to it."""
    column: dict[str, int] = {}
    edges = [(str(row["from"]), str(row["to"])) for row in rows]
    for name in dict.fromkeys(name for edge in edges for name in edge):
        column[name] = 0
    for _ in range(len(column)):
        moved = False
        for one, two in edges:
            if column[two] <= column[one] < len(column):
                column[two], moved = column[one] + 1, True
        if not moved:
            break
    places = {name: Place(name, at) for name, at in column.items()}
    for row in rows:
        start, end = places[str(row["from"])], places[str(row["to"])]
        if row["withheld"]:
            start.hidden.add("out")
            end.hidden.add("into")
        else:
            start.out += row["value"]
            end.into += row["value"]
    return places


def lay_out(rows: list[Row], columns: list[list[Place]], length: float, gap: float) -> float:
    """Sets where each place begins and how wide it is; returns pixels a person."""
    leaving = Counter(str(row["from"]) for row in rows if row["withheld"])
    coming = Counter(str(row["to"]) for row in rows if row["withheld"])
    hatched = {name: max(leaving[name], coming[name]) * HATCHED for name in (leaving | coming)}
    room = min(
        (length - gap * (len(column) - 1) - sum(hatched.get(p.name, 0) for p in column))
        / max(sum(p.people for p in column), 1)
        for column in columns
    )
    for column in columns:
        sizes = [max(p.people * room + hatched.get(p.name, 0), 1.5) for p in column]
        at = (length - sum(sizes) - gap * (len(column) - 1)) / 2
        for place, size in zip(column, sizes, strict=True):
            place.start, place.size = at, size
            at += size + gap
    return room


@dataclass
class Ribbon:
    """A flow: its width, and where it lies along the place that it leaves and the one it comes to."""

    row: Row
    one: Place
    two: Place
    width: float
    leave: float = 0.0
    arrive: float = 0.0


def ribbons(rows: list[Row], places: dict[str, Place], room: float) -> list[Ribbon]:
    """Each flow laid beside the others of its places, in the order of where they go to and come from."""
    found = [
        Ribbon(
            row,
            places[str(row["from"])],
            places[str(row["to"])],
            HATCHED if row["withheld"] else row["value"] * room,
        )
        for row in rows
    ]
    for ribbon in sorted(found, key=lambda r: (r.one.start, r.two.start)):
        ribbon.leave = ribbon.one.start + ribbon.one.used["out"]
        ribbon.one.used["out"] += ribbon.width
    for ribbon in sorted(found, key=lambda r: (r.two.start, r.one.start)):
        ribbon.arrive = ribbon.two.start + ribbon.two.used["in"]
        ribbon.two.used["in"] += ribbon.width
    return found
