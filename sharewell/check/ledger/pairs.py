"""Differencing: what two published figures tell together, by subtraction, that neither tells alone.

A figure is a sum of what each person adds to it. Take any two published figures: if what people add to them
differs for some people, but for fewer than the policy's minimum, their difference is about those few. That
covers a second question with a narrower filter, a total beside all its parts but one, a sum beside the same
sum without one person, and (against nothing at all) a sum to which only a few add anything.

What it finds: every *pair* of figures, of the new answer and of all earlier ones, over one agreement's
keys, whatever their groupings and filters. What it does not find: three or more figures taken together, and
figures that were scaled or shifted before they were compared. Rounding, the budget of answers and the
ledger stand against those, and prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ...errors import Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

UNIT, CELL = "key of", "row"
"""Columns of what is kept of an answer: the key, and the number of the published row."""


@dataclass(frozen=True)
class Published:
    """One answer as it is kept: for each published cell and unit, what the unit adds to each figure.

    `cell` and `unit` number the rows and `units`. `supports` are figures that are no output themselves but
    must rest on enough people.
    """

    units: pa.Array
    cell: Ints
    unit: Ints
    values: dict[str, Floats]
    supports: tuple[str, ...] = ()

    def as_table(self) -> pa.Table:
        """What was put out as one table, to be kept encrypted."""
        columns = {UNIT: self.units.take(pa.array(self.unit)), CELL: pa.array(self.cell, pa.int64())}
        return pa.table({**columns, **{name: pa.array(self.values[name]) for name in _outputs(self)}})

    @classmethod
    def from_table(cls, table: pa.Table) -> Published:
        """What `as_table` made."""
        units = table[UNIT].combine_chunks().dictionary_encode()
        values = {
            name: np.asarray(table[name].to_numpy(), np.float64)
            for name in table.column_names
            if name not in (UNIT, CELL)
        }
        cell = np.asarray(table[CELL].to_numpy(), np.int64)
        return cls(units.dictionary, cell, _indices(units), values)


def check_differencing(new: Published, earlier: Sequence[Published], minimum: int) -> list[Problem]:
    """FEW and DIFFERENCING: why a new answer may not join those given before; empty if it may.

    A figure that is the very same as one given before tells nothing new, and is let be.
    """
    problems = []
    if any(((n > 0) & (n < minimum)).any() for n in _supports(new)):
        what = f"a figure rests on fewer than {minimum} people"
        fix = "group by fewer or coarser columns, or ask only about people who have a value"
        problems.append(Problem("FEW", what, "it would be about those few", fix, "answer"))
    if any(_within(new, minimum)):
        what = f"two figures of one row differ for fewer than {minimum} people"
        fix = "ask for one of them, or for count(distinct) of people in place of count(*)"
        problems.append(
            Problem("DIFFERENCING", what, "their difference would be about those few", fix, "answer")
        )
    known = {name: np.zeros(_cells(new), bool) for name in _outputs(new)}
    close = {name: np.zeros(_cells(new), bool) for name in _outputs(new)}
    for answer in earlier:
        _compare(new, answer, minimum, known, close)
    if any((close[name] & ~known[name]).any() for name in close):
        what = f"a figure differs from one given before for fewer than {minimum} people"
        fix = "ask what was asked before, or drop the condition or group that makes the small difference"
        problems.append(
            Problem("DIFFERENCING", what, "subtracting them would tell of those few", fix, "answer")
        )
    return problems


def _outputs(answer: Published) -> list[str]:
    return [name for name in answer.values if name not in answer.supports]


def _cells(answer: Published) -> int:
    return int(answer.cell.max(initial=-1)) + 1


def _supports(answer: Published) -> Iterator[Ints]:
    """For each figure, how many people add to it, by cell."""
    for values in answer.values.values():
        yield np.bincount(answer.cell[values != 0], minlength=_cells(answer))


def _within(answer: Published, minimum: int) -> Iterator[bool]:
    """For each pair of figures, whether they differ for a few people in some cell."""
    names = _outputs(answer)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            apart = ~_same(answer.values[one], answer.values[other])
            few = np.bincount(answer.cell[apart], minlength=_cells(answer))
            yield bool(((few > 0) & (few < minimum)).any())


def _same(one: Floats, other: Floats) -> Mask:
    same: Mask = np.isclose(one, other, rtol=1e-9, atol=0.0)
    return same


def _compare(
    new: Published, old: Published, minimum: int, known: dict[str, Mask], close: dict[str, Mask]
) -> None:
    """Mark the figures of `new` that `old` gave already, and those too close to one that it gave."""
    mine, theirs = _pairs(new, old)
    cells = _cells(old)
    place = new.cell[mine] * cells + old.cell[theirs]
    met = np.unique(place)
    for name in known:
        ours = new.values[name]
        held = np.bincount(new.cell[ours != 0], minlength=_cells(new))
        for other in old.values.values():
            against = np.bincount(old.cell[other != 0], minlength=cells)
            both = (ours[mine] != 0) & (other[theirs] != 0)
            same = both & _same(ours[mine], other[theirs])
            shared = np.bincount(np.searchsorted(met, place[both]), minlength=len(met))
            equal = np.bincount(np.searchsorted(met, place[same]), minlength=len(met))
            cell = met // cells
            apart = held[cell] + against[met % cells] - shared - equal
            known[name][cell[apart == 0]] = True
            close[name][cell[(apart > 0) & (apart < minimum)]] = True


def _pairs(new: Published, old: Published) -> tuple[Ints, Ints]:
    """The entries of both that are of the same unit, each with each."""
    number = {key: i for i, key in enumerate(old.units.to_pylist())}
    called = np.array([number.get(key, -1) for key in new.units.to_pylist()], np.int64)
    wanted = called[new.unit] if len(called) else np.zeros(0, np.int64)
    order = np.argsort(old.unit, kind="stable")
    start = np.searchsorted(old.unit[order], wanted, "left")
    end = np.where(wanted >= 0, np.searchsorted(old.unit[order], wanted, "right"), start)
    count = end - start
    mine = np.repeat(np.arange(len(wanted)), count)
    offset = np.arange(len(mine)) - np.repeat(np.cumsum(count) - count, count)
    return mine, order[np.repeat(start, count) + offset]


def _indices(encoded: pa.DictionaryArray) -> Ints:
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)
