"""Parties by their full names, and fields by where they were agreed, as papers call them."""

from __future__ import annotations

from ..plan.schema import Column
from ..text import Place
from .block import Words, plain
from .clauses import Clauses

PUBLIC = "public"


def party(clauses: Clauses, name: str, *places: Place) -> Words:
    """A party's full name, or its short one where it has none. `places` are where it is mentioned."""
    own: Place = ("agree", "parties", name)
    full = clauses.at((*own, "name"))
    if name == PUBLIC:
        return clauses.computed("the public", *(places or ((),)))
    if not full:
        return clauses.computed(name, *(*places, own))
    return clauses.computed(full, *(*places, (*own, "name")))


def listed(parts: list[Words]) -> Words:
    """Several as one line, each once: what is left out for the same reason is told once."""
    found = {plain(part): part for part in reversed(parts)}
    spread = [word for part in reversed(found.values()) for word in (", ", *part)]
    return tuple(spread[1:])


def fields(clauses: Clauses, place: Place) -> Words:
    """The fields that a list names; a dash where it names none."""
    entries = clauses.entries(place)
    if redaction := clauses.redacted(place):
        return (redaction,)
    return (
        listed([clauses.computed(str(clauses.at(part)), part) for part in entries]) if entries else ("-",)
    )


class Origins:
    """Where each field of an asset was agreed, so that a computed column can be traced to its clauses."""

    def __init__(self, clauses: Clauses) -> None:
        self.clauses = clauses
        self._places: dict[str, list[Place]] = {}
        for source in clauses.entries(("describe",)):
            asset = clauses.at((*source, "asset"))
            for chapter in ("link", "use"):
                for place in clauses.entries((*source, chapter)):
                    self._places.setdefault(f"{asset}.{clauses.at(place)}", []).append(place)
            for place in clauses.entries((*source, "derive")):
                self._places.setdefault(str(place[-1]), []).append(place)

    def column(self, column: Column, *places: Place) -> Words:
        """A column's name, left out if any clause that it comes from is; a keyed number is called so."""
        if column.name == "record":
            return ("a keyed record number",)
        own = self._places.get(column.name, []) if not column.origins else []
        traced = [place for origin in sorted(column.origins) for place in self._places.get(origin, [])]
        derived = [place for place in self._places.get(column.name, []) if "derive" in place]
        return self.clauses.computed(column.name, *(*places, *traced, *own, *derived))
