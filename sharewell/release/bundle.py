"""All that one run of an agreement releases, and the last look at it before the door.

`check` decides what may leave. `check_bundle` decides nothing: it makes sure that what it is handed is what
`check` decided, so that a slip between the two stops the release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from ..errors import GateError, PlanError, Problem
from ..plan.forms import Who
from ..plan.released import CheckedList, CheckedTable, Product
from .linkage import Linkage
from .tabular import withheld

ROAD = ("describe", "agree", "link", "depersonalise", "analyse", "check", "release", "account")
"""The eight words, in reading order."""

_SAFE = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


@dataclass(frozen=True)
class RoadStep:
    """One step of what was done.

    Its word, a plain sentence, where it ran, in which form, and, for a transfer, to whom.
    """

    word: str
    did: str
    place: str = ""
    form: str = ""
    to: str = ""


@dataclass(frozen=True)
class Proof:
    """Where the run stands in the account.

    Event number, size and root hash of the log, and how to verify it.
    """

    event: int
    size: int
    root: str
    command: str


@dataclass(frozen=True)
class Bundle:
    """One run of an agreement, ready to leave.

    `authority`: label -> text or texts, in reading order (law, gateway, parties, signatures, notice,
    dates). `quality`: gated tables of the data-quality statement (completeness, currency, match rate,
    quarantine). `certificate`: what the gate did, as JSON values. `made`: the day of the run, ISO 8601,
    from the workspace's clock. `synthetic`: the data are about nobody, and the report must say so.
    `linkage`: whom the linkage that products stand on serves less well. `attacked`: by product, what an
    intruder learned when the release was attacked: `told` in sentences, `played` in figures.
    """

    agreement: str
    title: str
    purpose: str
    run: str
    made: str
    products: tuple[Product, ...]
    road: tuple[RoadStep, ...]
    authority: Mapping[str, str | tuple[str, ...]]
    proof: Proof
    quality: tuple[CheckedTable, ...] = ()
    certificate: Mapping[str, Any] = field(default_factory=dict)
    synthetic: bool = False
    linkage: tuple[Linkage, ...] = ()
    attacked: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def table_path(product: str, table: str) -> str:
    """Where a product's table lies within the folder, without its suffix."""
    return f"tables/{product}/{table}"


def map_path(product: str, table: str) -> str:
    """Where the map of a product's table lies within the folder."""
    return f"maps/{product}/{table}.html"


def quality_path(table: str) -> str:
    """Where a table of the data-quality statement lies within the folder, without its suffix."""
    return f"quality/{table}"


def check_bundle(bundle: Bundle) -> None:
    """Raise GateError for a figure that the gate did not leave so, PlanError for a part out of place."""
    slips = [slip for table in _tables(bundle) for slip in _slips(table)]
    if slips:
        raise GateError(slips)
    faults = [*_names(bundle), *_links(bundle)]
    if faults:
        raise PlanError(faults)


def check_list(agreement: str, run: str, rows: CheckedList) -> None:
    """Raise PlanError for a name that cannot be a folder, or a list that is not of rows about people."""
    faults = [
        *_name(rows.recipient, "recipient"),
        *_name(agreement, "agreement"),
        *_name(run, "run"),
        *_name(rows.name, "list"),
    ]
    if rows.form.who is Who.GROUP:
        what = f"{rows.name} is {rows.form.word}: not rows about people"
        faults.append(Problem("FORM", what, fix="release it as a checked table"))
    if faults:
        raise PlanError(faults)


def _tables(bundle: Bundle) -> Iterator[CheckedTable]:
    for product in bundle.products:
        yield from product.tables
    yield from bundle.quality


def _slips(table: CheckedTable) -> Iterator[Problem]:
    """Signs that this table is not as the gate left it."""
    where = table.name
    if table.marks.column_names != table.data.column_names or table.marks.num_rows != table.data.num_rows:
        yield Problem(
            "MARKS", "the marks do not fit the table", fix="release what the gate returned", where=where
        )
        return
    for name in table.data.column_names:
        if pc.any(pc.and_(withheld(table, name), pc.is_valid(table.data[name]))).as_py():
            yield Problem("WITHHELD", f"column {name} still holds a withheld figure", where=where)
    evidence = {column for m in table.measures for column in (*(m.largest or ()), *(m.beyond or ()))}
    for name in sorted(evidence & set(table.data.column_names)):
        yield Problem("EVIDENCE", f"column {name} is evidence that only the gate may see", where=where)


def _names(bundle: Bundle) -> Iterator[Problem]:
    yield from _name(bundle.agreement, "agreement")
    yield from _name(bundle.run, "run")
    yield from _distinct([product.name for product in bundle.products], "product")
    yield from _distinct([table.name for table in bundle.quality], "quality table")
    for product in bundle.products:
        yield from _distinct([table.name for table in product.tables], "table")


def _name(name: str, noun: str) -> Iterator[Problem]:
    """A problem if `name` could not safely be the name of a file or folder."""
    if not _SAFE.fullmatch(name):
        yield Problem(
            "NAME",
            f"{noun} {name!r} cannot name a file",
            fix="use small letters, digits, full stop, - and _",
        )


def _distinct(names: list[str], noun: str) -> Iterator[Problem]:
    for name in sorted(set(names)):
        yield from _name(name, noun)
        if names.count(name) > 1:
            yield Problem("TWICE", f"{noun} {name!r} is there twice", fix="rename one")


def _links(bundle: Bundle) -> Iterator[Problem]:
    """Charts, headlines and road steps that point at nothing."""
    for product in bundle.products:
        held = {table.name: table.data.column_names for table in product.tables}
        for chart in product.charts:
            if chart.table not in held:
                yield Problem("CHART", f"chart {chart.title!r} draws no table of {product.name}")
        for headline in product.headlines:
            if headline.column not in held.get(headline.table, ()):
                yield Problem("HEADLINE", f"headline {headline.label!r} shows no column of {product.name}")
    for step in bundle.road:
        if step.word not in ROAD:
            yield Problem("ROAD", f"{step.word!r} is none of the eight words", fix=", ".join(ROAD))
