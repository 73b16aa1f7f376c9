"""The lessons with the county's own people: what a few facts single out, before and after a form.

Only where people are synthetic: to show that somebody can be found is to find somebody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..agree.conditions import day_of
from ..errors import DocumentError, Problem
from ..workshop.facts_needed import facts_needed
from ..workshop.learning import Shown, lessons
from .papers import Format, store, write_paper

if TYPE_CHECKING:
    import pyarrow as pa

    from ..plan.plan import Plan
    from ..workspace import Workspace
    from .agreement import LiveAgreement

ASSET, PLACES = "gp.patients", "places.areas"
KNOWN = {
    "sex": ("sex",),
    "year of birth": ("year",),
    "month of birth": ("month",),
    "day of birth": ("day",),
    "area": ("area",),
    "practice": ("practice",),
}
"""What a neighbour, a colleague or a cousin could know, and the columns of the patients that tell it."""


@dataclass(frozen=True)
class Birth:
    """In which form a birth date is seen: a rule of `depersonalise` and its settings; no rule, the day."""

    rule: str = ""
    settings: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Seen:
    """What of a patient is seen, and in how coarse a form the birth date (None: not at all)."""

    fields: frozenset[str]
    birth: Birth | None


LEAST = Seen(frozenset({"sex", "ward"}), Birth("month"))
"""A least form to learn by: sex, month of birth, and ward in place of the small area."""


def learn(
    space: Workspace, folder: Path, formats: Iterable[Format], live: LiveAgreement | None = None
) -> tuple[Shown, tuple[Path, ...]]:
    """Write the lessons to a folder in each format; what was shown, and where they lie.

    DocumentError where the workspace's people are not synthetic, or the agreement's text does not compile;
    what `describe.admit` raises where there is no county; StorageError where it cannot be written.
    """
    shown = show(space, live)
    paper = lessons(shown, day_of(space.now))
    files = {
        folder / f"lessons.{format_}": write_paper(paper, format_)
        for format_ in formats
        if format_ is not Format.CSV
    }
    store(folder, files)
    return shown, tuple(files)


def show(space: Workspace, live: LiveAgreement | None = None) -> Shown:
    """The county's patients as they are and in a form, and how few facts single one out in each."""
    if not space.synthetic:
        what, why = "its people are not synthetic", "showing that somebody can be found is finding somebody"
        raise DocumentError(
            Problem(
                "SYNTHETIC", what, why, "make a county to learn on: sharewell demo FOLDER", "sharewell.toml"
            )
        )
    seen = LEAST if live is None else seen_of(_plan(live))
    people = _patients(space)
    before = facts_needed(_with_birth(people, Birth()), KNOWN)
    after = facts_needed(_with_birth(people, seen.birth), _told(seen)) if seen else None
    return Shown(len(people), live.name if live else "", _words(seen), before, after)


def seen_of(plan: Plan) -> Seen | None:
    """What of a person reaches whoever makes the products of a plan; None where no row about anybody does.

    A field counts by its own name, whichever source it comes from: an analyst who has somebody's sex from
    the council has it as well as from the practice. A key or a yes/no made from a field is not the field.
    """
    from ..plan.schema import Kind, Type
    from ..plan.steps import About, Coarsen

    arrivals = {arrival for product in plan.products for arrival in product.arrivals}
    fields: set[str] = set()
    births: list[Birth] = []
    for arrival in arrivals:
        if arrival.shape.about is not About.PEOPLE:
            continue
        columns = [arrival.shape.schema[name] for name in plan.live[arrival]]
        columns = [c for c in columns if c.kind is not Kind.KEY and c.type is not Type.BOOLEAN]
        told = {origin.rpartition(".")[2] for column in columns for origin in column.origins}
        fields |= told
        if "born" in told:
            rules = [step for step in arrival.walk() if isinstance(step, Coarsen) and step.column == "born"]
            births += [Birth(step.rule, tuple(step.parameters.plain().items())) for step in rules] or [
                Birth()
            ]
    if not fields:
        return None
    if fields & _ADDRESS:
        fields.add("area")
    return Seen(frozenset(fields - {"born"}), min(births, key=_coarseness) if births else None)


_ADDRESS = frozenset({"address", "postcode", "uprn"})
"""What tells the small area and more."""


def _coarseness(birth: Birth) -> int:
    """Finest first; rules that are not listed make bands or ages, coarser than a month."""
    order = ("", "week", "month", "year")
    return order.index(birth.rule) if birth.rule in order else 2


def _plan(live: LiveAgreement) -> Plan:
    plan, faults = live.linted
    if plan is None:
        raise DocumentError(faults)
    return plan


def _told(seen: Seen) -> Mapping[str, tuple[str, ...]]:
    """For each fact that may be known, the columns that still tell it."""
    area = ("area",) if "area" in seen.fields else ("ward",) if "ward" in seen.fields else ()
    birth = _parts(seen.birth)
    return {
        "sex": ("sex",) if "sex" in seen.fields else (),
        "year of birth": birth[:1],
        "month of birth": birth[1:2],
        "day of birth": birth[2:3],
        "area": area,
        "practice": ("practice",) if "practice" in seen.fields else (),
    }


def _parts(birth: Birth | None) -> tuple[str, ...]:
    """The parts of a birth date that are left: a Monday still tells year and month, and its own day."""
    if birth is None:
        return ()
    return {"": ("year", "month", "day"), "week": ("year", "month", "day"), "month": ("year", "month")}.get(
        birth.rule, ("year",)
    )


def _with_birth(people: pa.Table, birth: Birth | None) -> pa.Table:
    """The table with its birth dates in a form, as year, month and day; a band or an age is its `year`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from ..depersonalise import RULES

    if birth is None:
        return people
    if birth.rule in ("", "week", "month"):
        born = people["born"]
        if birth.rule:
            rule = RULES[birth.rule]
            born = pa.chunked_array([[rule.value(day, {}) for day in born.to_pylist()]], type=pa.date32())
        made = {"year": pc.year(born), "month": pc.month(born), "day": pc.day(born)}
    else:
        rule, settings = RULES[birth.rule], dict(birth.settings)
        made = {"year": pa.array([rule.value(day, settings) for day in people["born"].to_pylist()])}
    for name, column in made.items():
        people = people.append_column(name, column)
    return people


def _patients(space: Workspace) -> pa.Table:
    """The county's patients without name, number or address, with the ward of their area."""
    from .. import describe
    from ..engines.duckdb import DuckDB

    if lacking := [asset for asset in (ASSET, PLACES) if asset not in space.contracts]:
        what, why = f"{space.name} holds no {' and no '.join(lacking)}", "the lessons are shown on a county"
        raise DocumentError(Problem("ASSET", what, why, "build one: sharewell county FOLDER"))
    with DuckDB([space.folder / "data"], spill=space.kept / "spill") as engine:
        for asset, table in ((ASSET, "patients"), (PLACES, "areas")):
            held, aside = f"admitted_{table}", f"quarantined_{table}"
            describe.admit(
                engine.con, space.contracts[asset], space.folder, admitted=held, quarantined=aside
            )
        return engine.con.execute(
            "SELECT sex, born, area, ward, practice "
            "FROM admitted_patients LEFT JOIN admitted_areas USING (area)"
        ).to_arrow_table()


def _words(seen: Seen | None) -> str:
    """The form in a few words."""
    if seen is None:
        return "no row about anybody"
    rules = {"": "the day of birth", "week": "the week of birth", "month": "the month of birth",
             "year": "the year of birth"}  # fmt: skip
    told: list[str] = [name for name in ("sex", "area", "practice") if name in seen.fields]
    told += ["ward in place of area"] if "ward" in seen.fields and "area" not in seen.fields else []
    told += [rules.get(seen.birth.rule, "age in a band")] if seen.birth else []
    return ", ".join(told) or "none of these facts"
