"""Tabulation: what each unit adds to each cell of a table and of all its totals.

The same contributions serve the figures, their dominance evidence, and the comparison with earlier answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..errors import FitError, Problem
from ..plan.finding import ALL, UNKNOWN
from ..plan.recipe import Params

MOST_CELLS = 2_000
"""The most rows of one answer, totals included."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Contributions:
    """What units add: for each (cell, unit) one entry. `unit` numbers into `units`, `cell` into the rows of
    the answer; `values` are by column of figures: `n_i` and `sum_i` of the figure `i`, and `unit` (1)."""

    units: pa.Array
    cell: Ints
    unit: Ints
    values: dict[str, Floats]
    labels: dict[str, list[str]]
    overlapping: tuple[str, ...]

    @property
    def cells(self) -> int:
        return len(next(iter(self.labels.values()))) if self.labels else 1


@dataclass(frozen=True)
class Tabulation:
    """The columns of an answer: `labels` by dimension (ALL marks totals), then figures, a value a cell."""

    labels: dict[str, list[str]]
    counts: dict[str, Ints]
    sums: dict[str, Floats]
    largest: dict[str, tuple[Floats, Floats]]
    means: dict[str, Floats]
    shares: dict[str, Floats]
    overlapping: tuple[str, ...]


def tabulate(table: pa.Table, params: Params) -> Tabulation:
    """The figures from the rows of `question.prepare`."""
    held = contribute(table, params)
    made = Tabulation(held.labels, {}, {}, {}, {}, {}, held.overlapping)
    made.counts[params["people_as"]] = _added(held, held.values["unit"]).astype(np.int64)
    for i, name, told in asked_figures(params):
        records = held.values[f"n_{i}"]
        if told["how"] == "people":
            made.counts[name] = _added(held, (records > 0).astype(np.float64)).astype(np.int64)
        elif told["how"] == "mean":
            _tell_mean(made, held, name, records, held.values[f"sum_{i}"])
        else:
            _tell(made, held, name, records if told["how"] == "rows" else held.values[f"sum_{i}"])
    return made


def asked_figures(params: Params) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """The figures as they were asked: number, name and how it is made. A mapping alone has no order."""
    for i, name in enumerate(params["figures_as"]):
        yield i, name, params["figures"][name]


def total_name(mean: str) -> str:
    """The column of the total beside a mean: no asker can call another column so."""
    return f"{mean} total"


def _is_yes_no(values: Floats) -> bool:
    """Whether each adds one or nothing, so that what is added up are people."""
    return bool(((values == 0) | (values == 1)).all())


def _tell(made: Tabulation, held: Contributions, name: str, values: Floats) -> None:
    """What counts people is judged and rounded as people; any other sum somebody may dominate."""
    if _is_yes_no(values):
        made.counts[name] = _added(held, values).astype(np.int64)
    else:
        _tell_sum(made, held, name, values)


def _tell_mean(made: Tabulation, held: Contributions, name: str, records: Floats, values: Floats) -> None:
    """The mean of a yes/no of one record each is a share of people; any other comes with its total."""
    if _is_yes_no(values) and (records == 1).all():
        made.shares[name] = _mean(_added(held, values), _added(held, records))
    else:
        total = total_name(name)
        _tell_sum(made, held, total, values)
        made.means[name] = _mean(made.sums[total], _added(held, records))


def _tell_sum(made: Tabulation, held: Contributions, name: str, values: Floats) -> None:
    if (values < 0).any():
        what, why = f"{name} adds up values below zero", "who makes up most of it could not be judged"
        raise FitError(Problem("NEGATIVE", what, why, "ask those above and below zero apart"))
    made.sums[name] = _added(held, values)
    made.largest[name] = _two_largest(held, values)


def _mean(total: Floats, records: Floats) -> Floats:
    mean: Floats = np.full(len(total), np.nan)
    return np.divide(total, records, out=mean, where=records > 0)


def _added(held: Contributions, values: Floats) -> Floats:
    added: Floats = np.bincount(held.cell, values, minlength=held.cells).astype(np.float64)
    return added


def _two_largest(held: Contributions, values: Floats) -> tuple[Floats, Floats]:
    order = np.lexsort((-values, held.cell))
    cells, sorted_ = held.cell[order], values[order]
    start = np.flatnonzero(np.append(True, np.diff(cells) != 0)) if len(cells) else np.zeros(0, np.int64)
    first, second = np.zeros(held.cells), np.zeros(held.cells)
    first[cells[start]] = sorted_[start]
    more = start[np.diff(np.append(start, len(cells))) > 1] if len(cells) else start
    second[cells[more]] = sorted_[more + 1]
    return first, second


def contribute(table: pa.Table, params: Params) -> Contributions:
    """Each unit's part in each cell of the table and its totals.

    FitError UNBOUNDED over MOST_CELLS; OVERFLOW where a sum is past what integers hold.
    """
    names = list(params["groups_as"] or params["groups"])
    coded = [_codes(table[name].to_pylist()) for name in params["groups"]]
    units = table[params["unit"]].combine_chunks().dictionary_encode()
    unit = units.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    figures = [f"{part}_{i}" for i, _, _ in asked_figures(params) for part in ("n", "sum")]
    columns = {name: _floats(table, name) for name in figures if name in table.column_names}
    sizes = tuple(len(words) + 1 for _, words in coded)
    _check_size(coded, len(table))
    _check_sums(table, params)
    keys, parts, values = [], [], []
    for level in product((True, False), repeat=len(coded)):
        places = [
            codes if kept else np.zeros_like(codes) for kept, (codes, _) in zip(level, coded, strict=True)
        ]
        place = np.ravel_multi_index(tuple(places), sizes) if coded else np.zeros(len(table), np.int64)
        pair, inverse = np.unique(place * max(1, len(units.dictionary)) + unit, return_inverse=True)
        keys.append(pair // max(1, len(units.dictionary)))
        parts.append(pair % max(1, len(units.dictionary)))
        values.append(
            {n: np.bincount(inverse, v, minlength=len(pair)).astype(np.float64) for n, v in columns.items()}
        )
    key = np.concatenate(keys)
    shown, cell = np.unique(key, return_inverse=True)
    labels = _labels(shown, sizes, [words for _, words in coded], names)
    merged = {n: np.concatenate([part[n] for part in values]) for n in columns}
    merged["unit"] = np.ones(len(key))
    return Contributions(
        units.dictionary, cell.astype(np.int64), np.concatenate(parts).astype(np.int64), merged, labels,
        tuple(_overlapping(names, coded, unit)),
    )  # fmt: skip


def _check_size(coded: list[tuple[Ints, list[str]]], rows: int) -> None:
    cells = 1
    for _, words in coded:
        cells *= len(words) + 1
    if min(cells, rows * 2 ** len(coded)) > MOST_CELLS:
        what, why = (
            f"the answer would have over {MOST_CELLS:,} rows",
            "most groups would be of a few people",
        )
        raise FitError(Problem("UNBOUNDED", what, why, "group by fewer or coarser columns"))


def _check_sums(table: pa.Table, params: Params) -> None:
    """FitError OVERFLOW where what one unit adds up to is past what integers hold: it would be left out."""
    for i, name, told in asked_figures(params):
        if told["how"] in ("sum", "mean"):
            known = table[f"n_{i}"].to_numpy() > 0
            if (known & table[f"sum_{i}"].is_null().to_numpy()).any():
                what, why = f"{name} adds up beyond 2**53", "such integers are not told apart"
                raise FitError(Problem("OVERFLOW", what, why, "ask the sum of number(...), or of less"))


def _codes(values: list[Any]) -> tuple[Ints, list[str]]:
    """Each value's number from 1, in the order of the words they are shown as; 0 is for totals."""
    held = sorted({value for value in values if value is not None})
    words = {value: _word(value) for value in [*held, *([None] if None in values else [])]}
    ordered = list(dict.fromkeys(words.values()))
    number = {word: i for i, word in enumerate(ordered, start=1)}
    return np.array([number[words[value]] for value in values], np.int64), ordered


def _word(value: Any) -> str:
    """A value as a label: never one of the two words that the table itself uses."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{value}”" if value in (ALL, UNKNOWN) else str(value)


def _labels(
    shown: Ints, sizes: tuple[int, ...], words: list[list[str]], names: list[str]
) -> dict[str, list[str]]:
    if not names:
        return {}
    codes = np.unravel_index(shown, sizes)
    return {
        name: [ALL if code == 0 else words[d][code - 1] for code in codes[d].tolist()]
        for d, name in enumerate(names)
    }


def _overlapping(names: list[str], coded: list[tuple[Ints, list[str]]], unit: Ints) -> Iterator[str]:
    """The dimensions along which some unit stands under several values."""
    units = len(np.unique(unit))
    for name, (codes, _) in zip(names, coded, strict=True):
        if len(np.unique(np.stack([codes, unit]), axis=1).T) > units:
            yield name


def _floats(table: pa.Table, name: str) -> Floats:
    """A column as float64, null as nothing."""
    held = table[name].cast(pa.float64()).fill_null(0.0)
    return np.asarray(held.to_numpy(), np.float64)


def outputs(
    held: Contributions, params: Params, *, rounded: bool
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """What each unit adds to each figure put out, and which of these are no output but must rest on enough.

    The number behind a mean is told by its total where figures are exact; where they are rounded it is not.
    """
    values, supports = {"unit": held.values["unit"]}, []
    for i, _, told in asked_figures(params):
        if told["how"] in ("rows", "people"):
            records = held.values[f"n_{i}"]
            people = told["how"] == "people"
            values[f"n_{i}"] = (records > 0).astype(np.float64) if people else records
            continue
        values[f"sum_{i}"] = held.values[f"sum_{i}"]
        if told["how"] == "mean":
            values[f"n_{i}"] = held.values[f"n_{i}"]
            supports += [f"n_{i}"] if rounded else []
    return values, tuple(supports)
