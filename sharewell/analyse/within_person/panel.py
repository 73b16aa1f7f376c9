"""A study written out by person and month, and the few thousand distinct rows that these months share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .conditional import Counts
from .study import NEVER, YEAR, Happened, Ints, Study

Floats = NDArray[np.float64]
AGES = np.array([5, 18, 40, 60, 65, 70, 75, 80, 85, 90])
"""Where age bands begin, after the first."""
_LEAD = 12


@dataclass(frozen=True)
class Months:
    """Every month that somebody was at risk, in order of person: `exposure` in years, `band` of age."""

    person: Ints
    month: Ints
    exposure: Floats
    band: Ints


@dataclass(frozen=True)
class Panel:
    """Months, each with the state that its home was in.

    `state` (m, bits of the changes made by then), `kept` (m,): months not washed out; `changes`: names of
    the bits. `months` of the calendar and the `first` one's number since year 0 give the trend and season.
    """

    months: Months
    state: Ints
    kept: NDArray[np.bool_]
    changes: tuple[str, ...]
    home: Ints
    first: int

    def events(self, happened: Happened, span: int) -> Floats:
        """Events in each of the panel's months (m,)."""
        key = self.months.person * span + self.months.month
        at = np.searchsorted(key, happened.person * span + happened.month)
        return np.bincount(at, happened.number, len(key)).astype(np.float64)


@dataclass(frozen=True)
class Design:
    """Distinct rows (d, k) with names of columns; `row` (m,) which of them each month kept has.

    The first `changes` columns are the changes; then come calendar and age.
    """

    matrix: Floats
    row: Ints
    names: tuple[str, ...]
    changes: int


def months_of(study: Study) -> Months:
    """One row a person and calendar month with a day at risk."""
    first = np.searchsorted(study.starts, study.begin, side="right") - 1
    last = np.searchsorted(study.starts, study.end - 1, side="right") - 1
    sizes = last - first + 1
    person = np.repeat(np.arange(len(sizes)), sizes)
    month = np.arange(len(person)) - np.repeat(np.cumsum(sizes) - sizes - first, sizes)
    begin = np.maximum(study.begin[person], study.starts[month])
    end = np.minimum(study.end[person], study.starts[month + 1])
    age = (study.starts[month] - study.born[person]) / YEAR
    return Months(person, month, (end - begin) / YEAR, np.searchsorted(AGES, age, side="right"))


def panel_of(study: Study, months: Months, washout: int, lead: bool = False) -> Panel:
    """The state of each month. `washout`: months from a change on that are left out. With `lead` the year
    before each change counts as a change of its own: the placebo of work done a year early."""
    kinds = len(study.kinds)
    state = np.zeros(len(months.person), np.int64)
    kept = np.ones(len(months.person), bool)
    rows = np.flatnonzero(study.improved[months.person])
    home, month = study.home[months.person[rows]], months.month[rows]
    for kind in range(kinds):
        gap = month - study.change[home, kind]
        kept[rows] &= (gap < 0) | (gap >= washout)
        state[rows] |= (gap >= washout).astype(np.int64) << kind
        if lead:
            state[rows] |= ((gap < 0) & (gap >= -_LEAD)).astype(np.int64) << (kinds + kind)
    names = (*study.kinds, *((f"{kind}, a year early" for kind in study.kinds) if lead else ()))
    zero = np.datetime64(int(study.starts[0]), "D").astype("datetime64[M]").astype(int) + 1970 * 12
    return Panel(months, state, kept, names, study.home, int(zero))


def design_of(panel: Panel, events: Floats, season: bool, dropped: Sequence[str] = ()) -> Design:
    """Distinct rows: changes, calendar years, months of the year (with `season`) and bands of age.

    A level of calendar or age in which nothing happened is left with the reference level: its coefficient
    would run to minus infinity and say nothing of the changes.
    """
    calendar, kept = panel.first + panel.months.month, panel.kept
    calendar = calendar if season else calendar - calendar % 12
    span, bands = int(calendar.max()) + 1, len(AGES) + 1
    code = (panel.state[kept] * bands + panel.months.band[kept]) * span + calendar[kept]
    distinct, row = _distinct(code)
    happened = np.bincount(row, events[kept], len(distinct)) > 0
    at, band, state = distinct % span, distinct // span % bands, distinct // span // bands
    columns, names = [], []
    for place, name in enumerate(panel.changes):
        if name not in dropped:
            columns.append((state >> place & 1).astype(np.float64))
            names.append(name)
    changes = len(names)
    factors = [("year", at // 12), *([("month", at % 12 + 1)] if season else []), ("age", band)]
    for factor, level in factors:
        for value in np.unique(level[happened])[1:].tolist():
            columns.append((level == value).astype(np.float64))
            names.append(f"{factor} {value}")
    return Design(np.column_stack(columns), row, tuple(names), changes)


def counts_of(panel: Panel, design: Design, events: Floats) -> Counts:
    """The months kept as counts; people all of whose months were washed out are not among them."""
    person, kept = panel.months.person, panel.kept
    whose, sizes = np.unique(person[kept], return_counts=True)
    start = np.concatenate(([0], np.cumsum(sizes)))
    return Counts(start, design.row, panel.months.exposure[kept], events[kept], panel.home[whose])


def collapse(counts: Counts) -> Counts:
    """Months of one person that share all covariates added up: the same likelihood in fewer rows."""
    person = np.repeat(np.arange(counts.people), np.diff(counts.start))
    span = int(counts.row.max()) + 1
    key, back = np.unique(person * span + counts.row, return_inverse=True)
    sizes = np.bincount(key // span, minlength=counts.people)
    return Counts(
        np.concatenate(([0], np.cumsum(sizes))),
        key % span,
        np.bincount(back, counts.exposure).astype(np.float64),
        np.bincount(back, counts.events).astype(np.float64),
        counts.cluster,
    )


def _distinct(code: Ints) -> tuple[Ints, Ints]:
    """As np.unique with inverse; where the codes are not spread too far, by a table and not by sorting."""
    low, high = int(code.min()), int(code.max())
    if high - low > 4 * len(code) + 1_000_000:
        found, row = np.unique(code, return_inverse=True)
        return found, row
    present = np.zeros(high - low + 1, bool)
    present[code - low] = True
    found = np.flatnonzero(present)
    place = np.zeros(len(present), np.int64)
    place[found] = np.arange(len(found))
    return found + low, place[code - low]


__all__ = [
    "AGES",
    "NEVER",
    "Design",
    "Months",
    "Panel",
    "collapse",
    "counts_of",
    "design_of",
    "months_of",
    "panel_of",
]
