"""The findings of cost per head: costs by practice and point of care, cost a head, and its funnel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..errors import FitError, Problem
from ..plan.finding import ALL, Chart, Finding, Measure, Output, ResultTable
from ..plan.recipe import Params, Story

NOBODY = "Not linked to a practice"
UNKNOWN = "Not known"
_INNER, _OUTER = 1.959963984540054, 3.090232306167813
"""Control limits of 95% and 99.8%."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Coded:
    """A text column as codes into its sorted values."""

    codes: Ints
    names: list[str]


def fit(table: pa.Table, params: Params) -> Finding:
    """The finding from the rows of `cost_per_head.prepare`. Raises FitError EMPTY or NEGATIVE."""
    _check(table)
    practice, band, place = (_coded(table, name) for name in ("practice", "band", "point_of_care"))
    pence = np.asarray(table["pence"].to_numpy(), np.int64)
    seen = np.asarray(table["contacts"].to_numpy()) > 0
    whole = (place.codes == place.names.index(ALL)) & (practice.codes != _index(practice.names, NOBODY))
    registered = np.bincount(practice.codes[whole], minlength=len(practice.names))
    costs = _costs(practice, place, pence, seen, registered)
    heads = _heads(practice, band, pence, whole, registered)
    fields = {
        "size": "registered",
        "value": "standardised",
        "label": "practice",
        "centre": "centre",
        "low": "low",
        "high": "high",
        "inner_low": "inner_low",
        "inner_high": "inner_high",
    }
    chart = Chart(
        "funnel",
        "per_head",
        "Cost a head against the number registered",
        fields,
        "Age-standardised cost a head of each practice against its list, with control limits.",
    )
    method = (
        f"Costs of contacts from {params['year_from']} to {params['year_to']} at {params['price_year']}"
        f" prices, over people registered on {params['denominator_on']}. Directly standardised to the age"
        " structure of all registered people."
        " Control limits of 95% and 99.8% about the mean cost a head."
    )
    return Finding((costs, heads), (chart,), method, "Spiegelhalter 2005, Statistics in Medicine 24:1185")


def _check(table: pa.Table) -> None:
    problems = []
    if table.num_rows == 0:
        problems.append(Problem("EMPTY", "there are no people and no activity", "there is nothing to cost"))
    elif min(table["pence"].to_pylist()) < 0:
        problems.append(
            Problem("NEGATIVE", "somebody's costs are below zero", "refunds are netted before costing")
        )
    if problems:
        raise FitError(problems)


def _coded(table: pa.Table, name: str) -> _Coded:
    encoded = table[name].combine_chunks().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    names = sorted(words)
    rank = np.array([names.index(word) for word in words], np.int64)
    return _Coded(rank[encoded.indices.to_numpy(zero_copy_only=False)], names)


def _index(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -1


def _costs(
    practice: _Coded, place: _Coded, pence: Ints, seen: NDArray[np.bool_], registered: Ints
) -> ResultTable:
    """Every practice by every point of care, with all margins."""
    shape = (len(practice.names), len(place.names))
    cell = practice.codes * shape[1] + place.codes
    size = shape[0] * shape[1]
    people = np.bincount(cell[seen], minlength=size).reshape(shape)
    total = np.zeros(size, np.int64)
    np.add.at(total, cell, pence)
    first, second = (part.reshape(shape) for part in _two_largest(cell, pence, size))
    total = total.reshape(shape)
    assigned = np.array([name != NOBODY for name in practice.names])
    rows = [
        _cost_row(name, word, people[i, j], total[i, j], first[i, j], second[i, j], registered[i])
        for i, name in enumerate(practice.names)
        for j, word in enumerate(place.names)
    ]
    for j, word in enumerate(place.names):
        top = np.sort(np.concatenate([first[:, j], second[:, j]]))[::-1]
        row = _cost_row(ALL, word, people[:, j].sum(), total[:, j].sum(), top[0], top[1], 0)
        rows.append({**row, "per_head": _per_head(total[assigned, j].sum(), registered.sum())})
    measures = (
        Measure("cost", "people", additive=True, largest=("largest", "second_largest")),
        Measure("per_head", "people"),
    )
    notes = (
        "Cost in pounds, exact to the penny. Per head: of everybody registered with the practice.",
        "People: those with a contact there. One person may use several points of care.",
        f"{NOBODY}: contacts stand for people, because nobody knows whose they were.",
    )
    return ResultTable(
        "costs",
        "Cost by practice and point of care",
        Output.MAGNITUDE,
        pa.Table.from_pylist(rows),
        ("practice", "point_of_care"),
        ("people",),
        measures,
        notes,
        overlapping=("point_of_care",),
    )


def _cost_row(
    practice: str, place: str, people: int, pence: int, first: int, second: int, registered: int
) -> dict[str, Any]:
    return {
        "practice": practice,
        "point_of_care": place,
        "people": int(people),
        "cost": int(pence) / 100,
        "per_head": _per_head(pence, registered),
        "largest": int(first) / 100,
        "second_largest": int(second) / 100,
    }


def _per_head(pence: int, registered: int) -> float | None:
    """Pounds for each person registered; none where nobody is."""
    return round(int(pence) / 100 / int(registered), 2) if registered > 0 else None


def _two_largest(cell: Ints, pence: Ints, size: int) -> tuple[Ints, Ints]:
    """The largest and second largest contribution to each cell; zero where there is none."""
    order = np.lexsort((-pence, cell))
    cells, values = cell[order], pence[order]
    start = np.flatnonzero(np.append(True, np.diff(cells) != 0))
    first, second = np.zeros(size, np.int64), np.zeros(size, np.int64)
    first[cells[start]] = values[start]
    more = start[np.diff(np.append(start, len(cells))) > 1]
    second[cells[more]] = values[more + 1]
    return first, second


def _heads(
    practice: _Coded, band: _Coded, pence: Ints, whole: NDArray[np.bool_], registered: Ints
) -> ResultTable:
    """Cost a head by practice, crude and standardised, with control limits about the mean of all."""
    pounds = pence[whole] / 100.0
    mean, spread = float(pounds.mean()), float(pounds.std(ddof=1)) if len(pounds) > 1 else 0.0
    cell = practice.codes[whole] * len(band.names) + band.codes[whole]
    shape = (len(practice.names), len(band.names))
    size = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    spent = np.bincount(cell, weights=pounds, minlength=shape[0] * shape[1]).reshape(shape)
    standard = size.sum(axis=0) / size.sum()
    rows = [
        {
            "practice": ALL,
            "registered": int(registered.sum()),
            "crude": round(mean, 2),
            "standardised": round(mean, 2),
        }
    ]
    for i in np.flatnonzero(registered > 0):
        error = spread / registered[i] ** 0.5
        # A practice without anybody of some age cannot be standardised to a population that has them.
        able = bool(np.all((size[i] > 0) | (standard == 0)))
        rate = np.divide(spent[i], size[i], out=np.zeros(shape[1]), where=size[i] > 0)
        rows.append(
            {
                "practice": practice.names[i],
                "registered": int(registered[i]),
                "crude": round(float(spent[i].sum()) / int(registered[i]), 2),
                "standardised": round(float(rate @ standard), 2) if able else None,
                "centre": round(mean, 2),
                **{
                    name: round(mean + z * error, 2)
                    for name, z in (
                        ("inner_low", -_INNER),
                        ("inner_high", _INNER),
                        ("low", -_OUTER),
                        ("high", _OUTER),
                    )
                },
            }
        )
    names = ("crude", "standardised", "centre", "low", "high", "inner_low", "inner_high")
    schema = pa.schema(
        [("practice", pa.string()), ("registered", pa.int64()), *((n, pa.float64()) for n in names)]
    )
    return ResultTable(
        "per_head",
        "Cost a head by practice",
        Output.FREQUENCY,
        pa.Table.from_pylist(rows, schema),
        ("practice",),
        ("registered",),
        tuple(Measure(n, "registered") for n in names),
        ("Pounds a head; standardised to the age structure of all registered people.",),
    )


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """The total, what most of it was, and the practices outside the control limits, as far as shown."""
    costs = {(r["practice"], r["point_of_care"]): r for r in tables["costs"].to_pylist()}
    heads = [r for r in tables["per_head"].to_pylist() if r["practice"] != ALL]
    whole, lost = (costs.get((name, ALL), {}).get("cost") for name in (ALL, NOBODY))
    each = costs.get((ALL, ALL), {}).get("per_head")
    places = [
        (r["cost"], place)
        for (name, place), r in costs.items()
        if name == ALL and place != ALL and r["cost"] is not None
    ]
    sentences = [
        f"Care cost {_pounds(whole)} in the year, {_pounds(each, 2)} for each person registered.",
        f"{_pounds(lost)} could not be assigned to a practice."
        if (NOBODY, ALL) in costs
        else "All of it was assigned to a practice.",
    ]
    if places:
        most, place = max(places)
        sentences.append(f"The largest part was {place}: {_pounds(most)}.")
    shown = [r for r in heads if None not in (r["standardised"], r["low"], r["high"])]
    outside = [r["practice"] for r in shown if not r["low"] <= r["standardised"] <= r["high"]]
    sentences.append(
        f"{len(outside)} of {len(shown)} practices shown lie outside the 99.8% limits."
        if outside
        else f"None of the {len(shown)} practices shown lies outside the 99.8% limits."
    )
    if len(shown) < len(heads):
        sentences.append(
            f"The standardised cost of {len(heads) - len(shown)} practices was withheld or does not exist."
        )
    return Story(
        tuple(sentences),
        (
            "Standardised for age only: need and deprivation also differ between practices.",
            f"People are those registered on {params['denominator_on']}.",
            f"Costs are at {params['price_year']} prices.",
        ),
    )


def _pounds(value: float | None, places: int = 0) -> str:
    return "an amount withheld" if value is None else f"£{value:,.{places}f}"
