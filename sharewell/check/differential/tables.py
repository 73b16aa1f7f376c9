"""A table with noise in place of its exact figures: never both.

Noise goes on the finest cells; everything else is computed from what these then show, which costs nothing
more (post-processing) and leaves every margin the sum of its parts. Counts below 0 become 0 before they are
summed. What that adds to a margin is known from the noised cells alone, and its half-width is wider by it:
it holds 19 times in 20 whatever the exact figures are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...errors import GateError, Problem
from ...plan.finding import Measure, ResultTable
from ...plan.released import CheckedTable, Mark
from ..certificate import hash_table
from ..evidence import gather
from ..policy import Noise
from ..structure import Floats, Ints
from .budget import Spent
from .layout import Layout, Level, Totals, lay_out
from .mechanism import CONFIDENCE, MECHANISM, Mechanism, calibrate, half_width, library, share_of
from .queries import Query, plan_queries
from .rows import Prepared

HALF_WIDTH = "_half_width"
"""What the name of a figure's half-width ends in."""


@dataclass(frozen=True)
class Noised:
    """A table whose every figure is noised, with a half-width beside each, and the certificate of it."""

    table: ResultTable
    checked: CheckedTable
    certificate: Mapping[str, Any]

    def spent(
        self, *, asset: str, population: str, agreement: str, product: str, run: str, at: str
    ) -> Spent:
        """What it cost, for the budget."""
        epsilon, delta = self.certificate["epsilon"], self.certificate["delta"]
        return Spent(asset, population, epsilon, delta, MECHANISM, agreement, product, run, at)


@dataclass(frozen=True)
class _Drawn:
    """A query's noised cells as drawn (`raw`) and as shown, both in units."""

    query: Query
    mechanism: Mechanism
    raw: Ints
    shown: Ints


def add_noise(table: ResultTable, noise: Noise, prepared: Prepared | None = None) -> Noised:
    """The table with noise that costs `noise.epsilon` in all, shared equally by its figures.

    `prepared` says what was done to the rows before they were grouped; counts of people along dimensions
    where each stands once need nothing. GateError with every cause where the cost cannot be bounded.
    """
    gather(table)  # what no gate can read is refused here too
    prepared = prepared or Prepared()
    layout = lay_out(table, prepared.categories)
    queries = plan_queries(table, layout, noise, prepared)
    part = share_of(noise.epsilon, len(queries))
    if part < 1e-6:
        raise GateError(
            Problem("EPSILON", "too little is left for each figure to say anything", fix="ask for fewer")
        )
    drawn: dict[tuple[str, Totals], _Drawn] = {}
    for query in queries:
        mechanism = calibrate(query.sensitivity, part)
        raw = mechanism.draw(query.cells)
        people = drawn[query.count, query.base].shown if query.kind in ("share", "mean") else None
        drawn[query.column, query.base] = _Drawn(query, mechanism, raw, _shown(query, raw, people))
    return _noised(table, layout, drawn, noise, prepared)


def _shown(query: Query, raw: Ints, people: Ints | None) -> Ints:
    """What a figure can be: no count or sum is negative, no share above 1, no mean beyond its bounds."""
    if people is None:
        return np.maximum(raw, 0)
    if query.kind == "share":
        return np.clip(raw, 0, people)
    reach = np.floor(people * ((query.bounds[1] - query.bounds[0]) / 2 / query.unit)).astype(np.int64)
    return np.clip(raw, -reach, reach)


def _noised(
    table: ResultTable,
    layout: Layout,
    drawn: Mapping[tuple[str, Totals], _Drawn],
    noise: Noise,
    prepared: Prepared,
) -> Noised:
    names = [*table.counts, *(measure.column for measure in table.measures)]
    blocks = [_block(layout, level, drawn, names) for level in layout.levels]
    keys = [key for level in layout.levels for key in layout.keys(level)]
    data: dict[str, pa.Array] = {
        name: pa.array([key[number] for key in keys], pa.string()) for number, name in enumerate(table.by)
    }
    for name in names:
        kind = drawn[name, layout.bases[0]].query
        for column in (name, name + HALF_WIDTH):
            values = np.concatenate([block[column] for block in blocks])
            data[column] = _column(values, whole=kind.kind in ("count", "sum") and not kind.rounded)
    widths = tuple(
        Measure(name + HALF_WIDTH, name if name in table.counts else _count(table, name)) for name in names
    )
    measures = tuple(Measure(m.column, m.count, m.additive, None, m.share) for m in table.measures) + widths
    notes = (*table.notes, *_notes(table, noise))
    result = ResultTable(
        table.name, table.title, table.output, pa.table(data), table.by, table.counts, measures, notes,
        overlapping=table.overlapping,
    )  # fmt: skip
    marks = pa.table({name: pa.array([Mark.PLAIN.value] * len(keys), pa.string()) for name in data})
    checked = CheckedTable(
        table.name, table.title, table.output, result.data, marks, table.by, table.counts, measures, notes
    )
    return Noised(result, checked, _certificate(checked, table, layout, drawn, noise, prepared))


def _count(table: ResultTable, name: str) -> str:
    return next(measure.count for measure in table.measures if measure.column == name)


def _block(
    layout: Layout, level: Level, drawn: Mapping[tuple[str, Totals], _Drawn], names: list[str]
) -> dict[str, Floats]:
    """Every figure of one level, and its half-width."""
    block: dict[str, Floats] = {}
    for name in names:
        figure = drawn[name, level.base]
        query = figure.query
        if query.kind in ("count", "sum"):
            values, widths = _total(layout, level, figure, CONFIDENCE)
            block[name], block[name + HALF_WIDTH] = values * query.unit, widths * query.unit
            continue
        each = (1 + CONFIDENCE) / 2  # both parts of a ratio hold together as often as is stated
        above, above_width = _total(layout, level, figure, each)
        people, people_width = _total(layout, level, drawn[query.count, level.base], each)
        block[name], block[name + HALF_WIDTH] = _ratio(query, above, above_width, people, people_width)
    return block


def _total(layout: Layout, level: Level, figure: _Drawn, confidence: float) -> tuple[Floats, Floats]:
    """A level's figures in units, with half-widths.

    The error of a margin is the sum of its cells' noise and of what bringing them to 0 moved them; the
    second is known. A single count or sum needs no room for it: it went towards the exact figure.
    """
    shown = layout.total(level, figure.shown).astype(np.float64)
    moved = np.abs(layout.total(level, figure.shown - figure.raw)).astype(np.float64)
    cells = layout.total(level, np.ones_like(figure.raw)).astype(np.int64)
    narrow = {n: half_width(figure.mechanism.scale, n, confidence) for n in np.unique(cells).tolist() if n}
    rounding = 0.5 if figure.query.rounded else 0.0
    widths = np.array([narrow.get(n, 0) for n in cells.tolist()]) + rounding * cells
    apart = (cells > 1) | (figure.query.kind in ("share", "mean"))
    return shown, widths + np.where(apart, moved, 0.0)


def _ratio(
    query: Query, above: Floats, above_width: Floats, people: Floats, people_width: Floats
) -> tuple[Floats, Floats]:
    """A share or mean, NaN where nobody stands, and how far it is from any ratio that the two allow."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(people > 0, query.centre + above * query.unit / people, np.nan)
    most, fewest = people + people_width, np.maximum(people - people_width, 1.0)
    reach = np.zeros_like(value)
    for numerator in (above - above_width, above + above_width):
        for denominator in (most, fewest):
            corner = np.clip(query.centre + numerator * query.unit / denominator, *query.bounds)
            reach = np.maximum(reach, np.abs(corner - value))
    return np.clip(value, *query.bounds), reach


def _column(values: Floats, whole: bool) -> pa.Array:
    if whole:
        return pa.array(values.astype(np.int64))
    # Beyond twelve digits a float says only how it was added up.
    tidy: npt.NDArray[np.float64] = np.array([float(f"{value:.12g}") for value in values.tolist()])
    return pa.array(tidy, pa.float64(), mask=~np.isfinite(tidy))


def _notes(table: ResultTable, noise: Noise) -> tuple[str, ...]:
    lines = [
        "Noise was added to every figure (differential privacy; adding or removing one person changes the"
        f" odds of any result by at most a factor of e to the {noise.epsilon:g}).",
        "An exact figure lies within the half-width beside it 19 times in 20. Figures below 0 are shown as"
        " 0, and totals are the sums of what is shown.",
    ]
    if table.overlapping:
        lines.append(f"One person may be counted several times along: {', '.join(table.overlapping)}.")
    return tuple(lines)


def _certificate(
    checked: CheckedTable,
    table: ResultTable,
    layout: Layout,
    drawn: Mapping[tuple[str, Totals], _Drawn],
    noise: Noise,
    prepared: Prepared,
) -> Mapping[str, Any]:
    """What the auditor needs beside the published table. It holds no exact figure."""
    queries = [
        {
            "column": d.query.column,
            "kind": d.query.kind,
            "summed": [name for name, total in zip(table.by, d.query.base, strict=True) if total],
            "cells": int(d.query.cells.size),
            "contributions": d.query.contributions,
            "bound": d.query.bound,
            "sensitivity": d.query.sensitivity,
            "granularity": d.query.unit,
            "low": d.query.bounds[0],
            "high": d.query.bounds[1],
            "rounded": d.query.rounded,
            "centre": d.query.centre,
            "count": d.query.count,
            "epsilon": d.mechanism.epsilon,
            "scale": d.mechanism.scale,
        }
        for d in drawn.values()
    ]
    certificate = {
        "table": table.name,
        "sha256": hash_table(checked),
        "mechanism": MECHANISM,
        "library": library(),
        "neighbours": "one person added or removed",
        "composition": "epsilons add up",
        "epsilon": noise.epsilon,
        "delta": 0.0,
        "confidence": CONFIDENCE,
        "negatives": "shown as 0 before totals are summed",
        "overlapping": list(table.overlapping),
        "parents": {
            name: axis.parents
            for name, axis in zip(table.by, layout.axes, strict=True)
            if axis.parents
        },
        "categories": {
            name: "declared" if name in prepared.categories else "as in the table, taken to be public"
            for name in table.by
        },
        "queries": queries,
    }  # fmt: skip
    return json.loads(json.dumps(certificate))  # type: ignore[no-any-return]
