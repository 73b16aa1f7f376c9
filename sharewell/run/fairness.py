"""Match rates by group, on every run that links: counted at the host, and only from what it may hold.

A source's content lies at the host beside the index of who is who; that is all that is looked at. Fields
that go to the linker alone stay there, and what could therefore not be checked is said, never passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ..agree.sources import RECORD, content_of
from ..plan.finding import Output, ResultTable
from ..plan.footprint import live_columns
from ..plan.plan import Product
from ..plan.steps import REFERENCE, Transfer
from .groups import GROUPINGS, grouping, read_groups

if TYPE_CHECKING:
    from ..check import Policy
    from .walk import Runner

MOST_GROUPS = 60
"""Groups of one kind in one source; where there are more, each is too small to judge, and it is said."""

COUNTS = ("records", "found elsewhere")


@dataclass(frozen=True)
class Tallies:
    """What was counted of one unit.

    `by`: for each grouping a table (source, group, records, found), with a row ALL for each source.
    `sources`: of each source how many records it has, and how many were found in another.
    `unchecked`: for each grouping the sources of which the host holds no such column.
    """

    unit: str
    by: Mapping[str, pa.Table]
    sources: Mapping[str, Mapping[str, int]]
    unchecked: Mapping[str, Sequence[str]]

    def tables(self) -> Iterator[ResultTable]:
        """What the gate is given: counts of records, no rate."""
        for word, table in self.by.items():
            title = f"Records found in another source as the same {self.unit}, by {word}"
            data = table.rename_columns(["source", word, *COUNTS])
            yield ResultTable(
                table_name(self.unit, word), title, Output.FREQUENCY, data, ("source", word), COUNTS
            )


def table_name(unit: str, word: str) -> str:
    """What the table of a unit by a grouping is called."""
    return f"linked-{unit}-by-{word}"


def strictest(runner: Runner, policy: Policy) -> Policy:
    """The policy with the highest minimum of the run's products: it is their records that are counted."""
    held = [runner.outcome.checked[name].certificate.policy for name in runner.outcome.findings]
    return replace(
        policy,
        minimum=max([policy.minimum, *(int(told["minimum"]) for told in held)]),
        zero_is_small=policy.zero_is_small or any(told["zero_is_small"] for told in held),
    )


def tally(runner: Runner, least: int, on: date) -> tuple[Tallies, ...]:
    """What was found of each group, unit by unit; groups of fewer than `least` records of a source are one.

    `on` is the day on which ages are told.
    """
    held = {step.what: step for step in runner.plan.steps if isinstance(step, Transfer)}
    units = [unit for unit in runner.outcome.linked if f"index of {unit}" in held]
    return tuple(_tally(runner, unit, held, least, on) for unit in units)


def built_on(runner: Runner, product: Product, unit: str) -> bool:
    """Whether a product needs records of several sources to be known as the same unit."""
    text = runner.live.agreement.text
    live = live_columns(product.deliveries)
    keyed = any(
        isinstance(step, Transfer) and step.what == f"index of {unit}" and unit in names
        for step, names in live.items()
    )
    sources = {content_of(name): source for name, source in text.describe.items()}
    brought = [sources[step.what] for step in product.arrivals if step.what in sources]
    roots = {text.describe[source.of].asset if source.of else source.asset for source in brought}
    return keyed and len(roots & {text.describe[name].asset for name in text.link[unit].of}) > 1


def _tally(runner: Runner, unit: str, held: Mapping[str, Transfer], least: int, on: date) -> Tallies:
    from ..link.fairness import merge_small, with_totals

    runner.tell(f"link: match rates of each {unit} by group", -1.0)
    counted: dict[str, list[pa.Table]] = {}
    unchecked: dict[str, list[str]] = {word: [] for word in GROUPINGS}
    sources = {name: dict(told) for name, told in runner.outcome.linked[unit].items()}
    for name in runner.live.agreement.text.link[unit].of:
        found = _by_group(runner, unit, held, name, on) if content_of(name) in held else {}
        for word in GROUPINGS:
            if word in found:
                counted.setdefault(word, []).append(found[word])
            else:
                unchecked[word].append(name)
        for table in found.values():
            elsewhere = int(sum(table["found"].to_pylist()))
            sources[name] = {"records": sum(table["records"].to_pylist()), "linked_elsewhere": elsewhere}
    by = {
        word: with_totals(merge_small(pa.concat_tables(tables), least)) for word, tables in counted.items()
    }
    return Tallies(unit, {word: by[word] for word in GROUPINGS if word in by}, sources, unchecked)


def _by_group(
    runner: Runner, unit: str, held: Mapping[str, Transfer], name: str, on: date
) -> dict[str, pa.Table]:
    """For each grouping that the host can see of a source: (source, group, records, found)."""
    table, columns = _with_places(runner, held, name)
    if not columns:
        return {}
    marked = runner.engine.settle(_marked(runner, unit, held, name, table))
    found: dict[str, pa.Table] = {}
    for column, word in columns.items():
        if word in found:
            continue
        counts = marked.group_by(column).aggregate(
            records=marked.count(), found=marked["__found"].cast("int64").sum()
        )
        rows = read_groups(runner.engine.to_arrow(counts), word, on)
        if 0 < len(rows) <= MOST_GROUPS:
            found[word] = rows.add_column(0, "source", pa.array([name] * len(rows), pa.string()))
    return found


def _with_places(runner: Runner, held: Mapping[str, Transfer], name: str) -> tuple[Any, dict[str, str]]:
    """A source's content, with what reference tables say of its places; and which columns group by what.

    A ward known through the area of each record is as good as one of its own.
    """
    step = held[content_of(name)]
    table, schema = runner.values[step], step.shape.schema
    columns = {c.name: word for c in schema if c.name != RECORD and (word := grouping(c))}
    for other in held.values():
        place = other.shape.unique
        if other.of.policy != REFERENCE or len(place) != 1 or place[0] not in schema:
            continue
        new = {c.name: word for c in other.shape.schema if c.name not in schema and (word := grouping(c))}
        fresh = {column: word for column, word in new.items() if column not in columns}
        if fresh:
            table = table.left_join(runner.values[other].select(place[0], *fresh), place[0])
            columns |= fresh
    return table.select(RECORD, *columns), columns


def _marked(runner: Runner, unit: str, held: Mapping[str, Transfer], name: str, table: Any) -> Any:
    """The rows with `__found`: whether a record of another asset is the same unit.

    An agreement may bring one asset twice; a record found in its own copy is found nowhere.
    """
    describe, link = runner.live.agreement.text.describe, runner.live.agreement.text.link
    index = runner.values[held[f"index of {unit}"]].select(RECORD, unit)
    index = index.filter(index[unit].notnull())
    copies = [
        n for n in link[unit].of if describe[n].asset == describe[name].asset and content_of(n) in held
    ]
    own = reduce(
        lambda a, b: a.union(b), [runner.values[held[content_of(n)]].select(RECORD) for n in copies]
    )
    mine = index.semi_join(own, RECORD).group_by(unit).aggregate(__mine=lambda t: t.count())
    every = index.group_by(unit).aggregate(__every=lambda t: t.count())
    wide = every.join(mine, unit)
    wide = wide.filter(wide["__every"] > wide["__mine"]).select(unit)
    elsewhere = index.semi_join(wide, unit).select(RECORD).mutate(__elsewhere=True)
    joined = table.left_join(elsewhere, RECORD)
    return joined.mutate(__found=joined["__elsewhere"].notnull()).drop("__elsewhere")
