"""Singling out: a description made from the release that fits one person only.

Two intruders. One takes the rarest values of single columns; the other takes a released row and adds
columns in random order until it is alone, or out of columns. A success is a description that fits
exactly one person of the population (by default: of the release itself). The baseline is the same
descriptions among people who are not in the release, where there are such, and otherwise descriptions
put together at random from values that occur, with as many columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..structure import Floats, Ints
from .knowledge import check_columns, code_alike, number_people
from .played import Attempt

_DID = "fitted exactly one person"
Description = dict[int, float]


@dataclass(frozen=True)
class _Crowd:
    """Rows as codes, with for each column the rows sorted by it, so that a value's rows are one slice.

    people: the person of each row. A null may be any value: it never tells a row apart.
    """

    people: Ints
    codes: list[Floats]
    order: list[Ints]
    ranked: list[Floats]

    def having(self, column: int, value: float) -> tuple[int, int]:
        """Where in the column's order the rows with this value are."""
        start, stop = np.searchsorted(self.ranked[column], [value, value + 0.5])
        return int(start), int(stop)

    def is_alone(self, description: Description) -> bool:
        """Whether a description fits exactly one person, beginning with its rarest value."""
        if not description:
            return False
        slices = {column: self.having(column, value) for column, value in description.items()}
        order = sorted(slices, key=lambda column: slices[column][1] - slices[column][0])
        rows = self.order[order[0]][slice(*slices[order[0]])]
        unknown = self.order[order[0]][np.searchsorted(self.ranked[order[0]], np.inf, "right") :]
        rows = np.concatenate([rows, unknown])
        for column in order[1:]:
            codes = self.codes[column][rows]
            rows = rows[(codes == description[column]) | np.isnan(codes)]
        return len(rows) > 0 and bool((self.people[rows] == self.people[rows[0]]).all())


def single_out(
    released: pa.Table,
    columns: Sequence[str],
    *,
    subject: str | None = None,
    population: pa.Table | None = None,
    control: pa.Table | None = None,
    tries: int = 1000,
    seed: int = 0,
) -> tuple[Attempt, ...]:
    """Both intruders. subject: the column that codes the person, where a person may have several rows.
    population: everybody a description could fit, in the release's categories, a row each. control: as
    many people who are not in the release, likewise. DataError where one of them lacks a column.
    """
    others = [table for table in (population, control) if table is not None]
    check_columns([released, *others], columns)
    crowds = _crowds([released, *others], columns, subject)
    shown = crowds[0]
    everybody = crowds[1] if population is not None else shown
    apart = crowds[-1] if control is not None else None
    random = np.random.default_rng(seed)
    how = ("Describing by the rarest values of one column", "Describing by several columns")
    plans = (_rarest(shown, tries), _descriptions(shown, released.num_rows, tries, random))
    attempts = []
    for text, plan in zip(how, plans, strict=True):
        base = [_anyhow(shown, len(d), random) for d in plan] if apart is None else plan
        judge, told = (apart, "people not in the release") if apart else (everybody, "random descriptions")
        claims = sum(map(shown.is_alone, plan))
        attempts.append(
            Attempt(
                attack="singling out",
                how=text,
                knowledge="the release alone",
                did=_DID,
                tries=len(plan),
                claims=claims,
                successes=claims if everybody is shown else sum(map(everybody.is_alone, plan)),
                control=(sum(map(judge.is_alone, base)), len(base)),
                control_of=told,
                names=True,
            )
        )
    return tuple(attempts)


def _crowds(tables: Sequence[pa.Table], columns: Sequence[str], subject: str | None) -> list[_Crowd]:
    """All tables, coded alike."""
    coded = [code_alike(name, [table.column(name) for table in tables]) for name in columns]
    crowds = []
    for place in range(len(tables)):
        codes = [alike[place] for alike in coded]
        order = [np.argsort(code, kind="stable").astype(np.int64) for code in codes]
        people = number_people(tables[place], subject if place == 0 else None)
        ranked = [code[rows] for code, rows in zip(codes, order, strict=True)]
        crowds.append(_Crowd(people, codes, order, ranked))
    return crowds


def _rarest(shown: _Crowd, tries: int) -> list[Description]:
    """Single values, rarest first."""
    found = []
    for column, codes in enumerate(shown.ranked):
        values, counts = np.unique(codes[~np.isnan(codes)], return_counts=True)
        found += [(int(n), column, float(value)) for value, n in zip(values, counts, strict=True)]
    return [{column: value} for _, column, value in sorted(found)[:tries]]


def _descriptions(shown: _Crowd, rows: int, tries: int, random: np.random.Generator) -> list[Description]:
    """A released row each (without repeats while there are enough), described until it is alone."""
    picked = random.permutation(rows)[:tries]
    return [_describe(shown, int(row), random) for row in picked]


def _describe(shown: _Crowd, row: int, random: np.random.Generator) -> Description:
    described: Description = {}
    for column in random.permutation(len(shown.codes)):
        value = float(shown.codes[column][row])
        if np.isnan(value):
            continue
        described[int(column)] = value
        if shown.is_alone(described):
            break
    return described


def _anyhow(shown: _Crowd, size: int, random: np.random.Generator) -> Description:
    """A description of so many columns whose values were drawn one by one."""
    columns = random.permutation(len(shown.codes))[:size]
    drawn = {int(c): float(shown.codes[c][random.integers(len(shown.codes[c]))]) for c in columns}
    return {column: value for column, value in drawn.items() if not np.isnan(value)}
