"""The smallest change that would pass, or would withhold much less: said before anybody waits for a review.

Every suggestion was tried: the changed finding went through the gate, and the suggestion carries it and
what came of it. Candidates are few and in a fixed order (so the answer repeats); those that help are
ranked by how much they keep: figures shown, then people covered; a change of the policy, which takes an
agreement, comes last. Nothing is suggested of a category but how many there are, as its name may be
somebody's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product, zip_longest

from ..errors import GateError
from ..plan.finding import ALL, Finding, ResultTable
from ..plan.released import WITHHELD
from .certificate import Checked
from .coarser import (
    OTHER,
    leave_out,
    longer_period,
    merge,
    one_level_up,
    rarest,
    without_figure,
    without_totals,
)
from .evidence import gather
from .policy import Policy

Gate = Callable[[Finding, Policy], Checked]

MOST = 9
"""Changes that are tried."""
BEST = 5
"""Suggestions that are made."""
PAIR, HALF, QUARTER = 1, 2, 4
MUCH = 0.05
"""By how much of all figures a change that does not pass whole must help."""


@dataclass(frozen=True)
class Suggestion:
    """One change, and what the gate makes of it.

    change: what to do. text: that and what it brings, as a person reads it. finding, policy: as changed.
    shown of figures: how many leave (of all that the changed finding has). people: covered by shown counts.
    """

    change: str
    text: str
    finding: Finding
    policy: Policy
    shown: int
    figures: int
    people: int

    @property
    def passes(self) -> bool:
        """Whether nothing of the changed finding is withheld."""
        return self.shown == self.figures


@dataclass(frozen=True)
class _Change:
    words: str
    finding: Finding
    policy: Policy


def suggest(finding: Finding, policy: Policy, gate: Gate) -> tuple[Suggestion, ...]:
    """At most five single changes to a finding, best first; none where everything passes as it is.

    For a finding that the gate refuses, the single changes that make it one the gate can judge. The gate is
    given, and asked once for each change.
    """
    try:
        now = gate(finding, policy)
    except GateError as error:
        places = {problem.where for problem in error.problems}
        return _rank(
            _try(change, gate, None) for change in islice(_ways_out(finding, policy, places), MOST)
        )
    shown, figures, _ = measure(now)
    if shown == figures:
        return ()
    losing = {line.table for line in now.withheld}
    by_table = [_changes(finding, table, policy) for table in finding.tables if table.name in losing]
    turns = (change for turn in zip_longest(*by_table) for change in turn if change is not None)
    rounded = _rounded(finding, policy)
    better = _rank(_try(change, gate, shown / figures) for change in islice(turns, MOST - len(rounded)))
    agreed = _rank(_try(change, gate, shown / figures) for change in rounded)
    return (*better[: BEST - len(agreed)], *agreed)


def measure(checked: Checked) -> tuple[int, int, int]:
    """Figures shown, figures in all, and people in the shown counts (as published) of the finest rows."""
    shown = figures = people = 0
    for table in checked.tables:
        columns = [*table.counts, *(measure.column for measure in table.measures)]
        for name in columns:
            marks = table.marks.column(name).to_pylist()
            figures += len(marks)
            shown += sum(mark not in WITHHELD for mark in marks)
        people += _covered(table.data.select([*table.by, *table.counts[:1]]).to_pylist(), table.counts[0])
    return shown, figures, people


def _covered(rows: Sequence[dict[str, object]], count: str) -> int:
    finest = [row[count] for row in rows if ALL not in row.values()]
    return sum(value for value in finest if isinstance(value, int))


def _try(change: _Change, gate: Gate, before: float | None) -> Suggestion | None:
    """What the gate makes of a change; None where that is no better. `before` is the share of figures shown
    as it is, None where the gate refused."""
    try:
        shown, figures, people = measure(gate(change.finding, change.policy))
    except GateError:
        return None
    if not shown:
        return None
    after = shown / figures
    if before is not None and after < 1 and after < before + MUCH:
        return None
    told = "every figure" if shown == figures else f"{after:.0%} of figures"
    than = " instead of none, as it is refused now" if before is None else f" instead of {before:.0%}"
    text = f"{change.words}: {told} could be shown{than}."
    return Suggestion(change.words, text, change.finding, change.policy, shown, figures, people)


def _rank(found: Iterator[Suggestion | None]) -> tuple[Suggestion, ...]:
    held = [suggestion for suggestion in found if suggestion is not None]
    return tuple(sorted(held, key=lambda one: (-one.shown, -one.people, one.change))[:BEST])


def _changes(finding: Finding, table: ResultTable, policy: Policy) -> Iterator[_Change]:
    """Single changes to one table, the plainest first."""
    for words, made in _coarser(table):
        if made is None:
            continue
        lost = [m.column for m in table.measures if m.column not in {n.column for n in made.measures}]
        if lost and "`" + lost[0] + "`" not in words:
            words += f" (and work out {_names(lost)} again)"
        of = "" if len(finding.tables) == 1 else f" in the table {table.name}"
        yield _Change(words + of, _replace(finding, table, made), policy)


def _coarser(table: ResultTable) -> Iterator[tuple[str, ResultTable | None]]:
    for name in table.by:
        yield f"Leave out `{name}`", leave_out(table, name)
    for name in table.by:
        yield f"Show `{name}` one level coarser", one_level_up(table, name)
        longer = longer_period(table, name)
        if longer is not None:
            yield f"Show `{name}` by {longer[0]}", longer[1]
    for name in table.by:
        yield from _merged(table, name, QUARTER)
    for name in [*(measure.column for measure in table.measures), *table.counts[1:]]:
        yield f"Leave out the figure `{name}`", without_figure(table, name)
    for name, part in product(table.by, (HALF, PAIR)):
        yield from _merged(table, name, part)
    for name in table.by:
        yield f"Leave out the totals over `{name}`", without_totals(table, name)


def _merged(table: ResultTable, name: str, part: int) -> Iterator[tuple[str, ResultTable | None]]:
    """The rarest quarter or half of the values put together, or the two rarest."""
    values = rarest(table, name)
    few = 2 if part == PAIR else -(-len(values) // part)
    if 2 <= few < len(values) and (part == PAIR or few > 2):
        into = dict.fromkeys(values[:few], OTHER)
        yield f"Merge the {few} rarest values of `{name}` into one", merge(table, name, into)


def _rounded(finding: Finding, policy: Policy) -> list[_Change]:
    """Rounding that covers small numbers instead of withholding them, where the policy has none."""
    if policy.rounding_covers or policy.cell_key is not None or policy.noise is not None:
        return []
    base = policy.minimum
    figures = 3 if policy.figures is None else policy.figures
    rounding = replace(policy, rounding=base, rounding_method="controlled", figures=figures)
    if not rounding.rounding_covers:
        return []
    words = f"Agree a policy with controlled rounding of counts to {base}"
    return [_Change(words, finding, rounding)]


def _ways_out(finding: Finding, policy: Policy, places: set[str]) -> Iterator[_Change]:
    """Single changes that may make a refused finding one that can be judged."""
    faulty = [table for table in finding.tables if _is_named(table, places)]
    charts = tuple(chart for chart in finding.charts if f"chart of {chart.table}" not in places)
    if len(charts) < len(finding.charts):
        yield _Change("Leave out the charts that show people", replace(finding, charts=charts), policy)
    if faulty and len(faulty) < len(finding.tables):
        rest = finding
        for table in faulty:
            rest = _replace(rest, table, None)
        yield _Change(f"Leave out {_names([table.name for table in faulty])}", rest, policy)
    for table in faulty:
        if _is_readable(table):
            yield from _changes(finding, table, policy)
        else:
            for words, made in _repaired(table):
                yield _Change(words, _replace(finding, table, made), policy)


def _repaired(table: ResultTable) -> Iterator[tuple[str, ResultTable]]:
    """A table whose figures cannot be read or added up, without what may be at fault."""
    held = set(table.data.column_names)
    for name in [*(measure.column for measure in table.measures), *table.counts[1:]]:
        made = without_figure(table, name) if name in held else None
        if made is not None:
            yield f"Leave out the figure `{name}`", made
    for name in table.by:
        made = without_totals(table, name) if name in held else None
        if made is not None:
            yield f"Leave out the totals over `{name}`", made


def _is_named(table: ResultTable, places: set[str]) -> bool:
    """Whether a refusal is about this table, alone or among others."""
    together = {name for place in places for name in place.removeprefix("tables ").split(", ")}
    return f"table {table.name}" in places or table.name in together


def _is_readable(table: ResultTable) -> bool:
    """Whether the figures can be read and added up, so that it is a rule that refuses them."""
    try:
        gather(table)
    except GateError:
        return False
    return True


def _replace(finding: Finding, table: ResultTable, made: ResultTable | None) -> Finding:
    """The finding with one table changed, or gone, and without the charts that could not be drawn then."""
    tables = [made if held is table else held for held in finding.tables]
    kept = tuple(held for held in tables if held is not None)
    columns = set(made.data.column_names) if made is not None else set()
    charts = tuple(
        chart
        for chart in finding.charts
        if chart.table != table.name or set(chart.fields.values()) <= columns
    )
    return replace(finding, tables=kept, charts=charts)


def _names(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
