"""What a run says of its linkage, from counts that passed the gate: rates, warnings, what is unknown.

Rates and intervals are computed from the published counts, so that they tell nothing more than these do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ..account.events import EventKind
from ..plan.finding import ALL
from ..plan.released import CheckedTable, Mark
from .fairness import COUNTS, Tallies, built_on, table_name
from .groups import listed

if TYPE_CHECKING:
    from ..link.fairness import Group
    from ..release.linkage import Linkage
    from .walk import Runner

RATES = ("found elsewhere, %", "95% interval from, %", "to, %")

WITHHELD_NOTE = (
    "Groups whose counts are withheld could not be judged either; they may be those missed most."
)


def linkage_of(
    runner: Runner, tallies: Sequence[Tallies], checked: Mapping[str, CheckedTable], rounding: int
) -> tuple[Linkage, ...]:
    """What is told of each unit, and entered in the account where groups are linked unequally."""
    from ..link.fairness import compare, expected_elsewhere

    judged = {
        table_name(unit.unit, word): _counts(checked[table_name(unit.unit, word)], word, expected)
        for unit in tallies
        for expected in [expected_elsewhere(unit.sources)]
        for word in unit.by
    }
    groups = compare(judged, rounding=rounding)
    told = tuple(_told(runner, unit, groups, checked) for unit in tallies)
    for unit in tallies:
        _enter(runner, unit, groups)
    return told


def with_rates(table: CheckedTable) -> CheckedTable:
    """The table with the match rate of each row and its interval, from the counts as they are shown."""
    import numpy as np

    from ..link.fairness import wilson

    records, found = (
        np.array([np.nan if n is None else n for n in table.data[name].to_pylist()], np.float64)
        for name in COUNTS
    )
    found = np.minimum(found, records)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = (found / records, *wilson(found, records))
    data, marks = table.data, table.marks
    for name, share in zip(RATES, shares, strict=True):
        known = np.isfinite(share)
        data = data.append_column(name, pa.array(np.round(100 * share, 1), pa.float64(), mask=~known))
        drawn = [
            mark if mark != Mark.PLAIN.value or ok else ""
            for mark, ok in zip(_marks(table), known, strict=True)
        ]
        marks = marks.append_column(name, pa.array(drawn, pa.string()))
    notes = (*table.notes, "Rates and their 95% intervals (Wilson) are computed from the counts shown.")
    return replace(table, data=data, marks=marks, notes=notes)


def _marks(table: CheckedTable) -> list[str]:
    marks: list[str] = table.marks[COUNTS[0]].to_pylist()
    return marks


def _counts(table: CheckedTable, word: str, sources: frozenset[str]) -> pa.Table:
    """The counts as the gate left them, of the sources that are judged."""
    rows = table.data.select(["source", word, *COUNTS]).rename_columns(
        ["source", "group", "records", "found"]
    )
    return rows.filter(pa.array([name in sources for name in rows["source"].to_pylist()], pa.bool_()))


def _of_unit(unit: Tallies, groups: Sequence[Group]) -> list[Group]:
    """The groups of one unit, each by the word that a reader knows."""
    words = {table_name(unit.unit, word): word for word in unit.by}
    return [replace(group, by=words[group.by]) for group in groups if group.by in words]


def _told(
    runner: Runner, unit: Tallies, groups: Sequence[Group], checked: Mapping[str, CheckedTable]
) -> Linkage:
    from ..link.fairness import RULE
    from ..link.fairness_words import BEFORE_USE, told, warnings
    from ..release.linkage import Linkage

    mine = _of_unit(unit, groups)
    found = warnings(mine)
    products = tuple(p.name for p in runner.plan.products if built_on(runner, p, unit.unit))
    return Linkage(
        unit.unit,
        products,
        (*found, BEFORE_USE) if found else (),
        told(mine),
        tuple(_unjudged(unit)),
        (*_unchecked(unit), *_withheld(unit, checked)),
        RULE,
        {name: tuple(adjusted(_tables(runner, name), mine)) for name in products} if found else {},
    )


def _unjudged(unit: Tallies) -> Iterator[str]:
    from ..link.fairness import expected_elsewhere

    expected = expected_elsewhere(unit.sources)
    grouped = {name for table in unit.by.values() for name in table["source"].to_pylist()}
    for name in sorted(grouped - expected):
        yield (
            f"{name} is by far the largest source, and much of it need not be in another: its rates tell"
            " who uses the other services, not how well they link, so no warning is drawn from them."
        )


def _unchecked(unit: Tallies) -> Iterator[str]:
    silent: dict[tuple[str, ...], list[str]] = {}
    for word, sources in unit.unchecked.items():
        if sources:
            silent.setdefault(tuple(sources) if word in unit.by else (), []).append(word)
    for missing, words in silent.items():
        whom = listed(missing) or "any source"
        yield f"By {listed(words)}, in {whom}: the agreement gives the host no column that tells it."


def _withheld(unit: Tallies, checked: Mapping[str, CheckedTable]) -> Iterator[str]:
    tables = [checked[table_name(unit.unit, word)] for word in unit.by]
    if any(table.data[COUNTS[0]].null_count for table in tables):
        yield WITHHELD_NOTE


def _tables(runner: Runner, product: str) -> Sequence[CheckedTable]:
    held: Sequence[CheckedTable] = ()
    if product in runner.outcome.findings:
        held = runner.outcome.checked[product].tables
    return held


def adjusted(tables: Sequence[CheckedTable], groups: Sequence[Group]) -> Iterator[str]:
    """What each share in a product's tables would be, were the unlinked like the linked of the same group.

    Only of a share that is shown by groups whose match rates are known; where there is none, that is said.
    """
    from ..link.fairness import reweighted

    said = False
    for table in tables:
        for source, by in dict.fromkeys((g.source, g.by) for g in groups):
            rates = {g.group: g.rate for g in groups if (g.source, g.by) == (source, by)}
            for measure in (m for m in table.measures if m.share and by in table.by):
                people, shares = _by_group(table, by, measure.count, measure.column)
                if len(people) > 1 and all(rates.get(group, 0) > 0 for group in people):
                    is_, then = reweighted(people, shares, rates)
                    said = True
                    what = f"{table.title}, {measure.column.replace('_', ' ')}: {is_:.1%} as found"
                    yield (
                        f"{what}; {then:.1%} if the unlinked of each {by} group of {source} were like the"
                        " linked of the same group."
                    )
    if not said:
        yield (
            "What missed links change in this product was not computed: none of its shares is shown by a"
            " group whose match rate could be judged."
        )


def _by_group(
    table: CheckedTable, by: str, count: str, share: str
) -> tuple[dict[str, float], dict[str, float]]:
    """The people and the share of each group, over all values of the table's other dimensions."""
    rows = [
        row
        for row in table.data.to_pylist()
        if row[by] != ALL and all(row[name] == ALL for name in table.by if name != by)
    ]
    if any(row[count] is None or row[share] is None for row in rows):
        return {}, {}
    return {row[by]: row[count] for row in rows}, {row[by]: row[share] for row in rows}


def _enter(runner: Runner, unit: Tallies, groups: Sequence[Group]) -> None:
    """Enter that groups are linked unequally: where and how many, never which; once a run."""
    apart = [g for g in _of_unit(unit, groups) if g.apart]
    for source, by in dict.fromkeys((g.source, g.by) for g in apart):
        here = [g.apart for g in apart if (g.source, g.by) == (source, by)]
        facts: dict[str, Any] = {
            "unit": unit.unit, "source": source, "by": by, "worse": here.count(-1), "better": here.count(1),
        }  # fmt: skip
        if all(event.facts != facts for event in runner.events(EventKind.LINK_UNEQUAL)):
            runner.enter(EventKind.LINK_UNEQUAL, facts)
