"""Rows about coded people, made alike enough to leave: optimal full-domain recoding.

    anonymise(table, quasi=[...], sensitive=[...], hierarchies={...}, wanted=ANONYMITIES["isb-1523"])

Every value of a column is shown at the same level of its hierarchy, the levels are those that lose least,
and rows that still stand out are left out (up to the share allowed) or lose single cells. Rows leave
sorted by what they show, so that their order says nothing. What came out is measured again before it is
returned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ...errors import GateError, Problem
from ..certificate import used_versions
from .anonymity import Anonymity
from .cell_moves import Moves
from .classes import Classes, Grouping, Reached
from .hierarchy import Generalisation, Suppressible
from .local_suppression import suppress_cells
from .loss import METRICS
from .reach import explain
from .request import Request, check_levels
from .search import Found, search
from .shown import at_levels, published_order, star
from .tuples import Ints, Mask, Tuples, encode

READING = "a suppressed cell is a value of its own"
METHOD = "optimal full-domain recoding by best-first search; every class of what came out counted again"


@dataclass(frozen=True)
class Anonymised:
    """Rows that may leave. node: the level of each quasi-identifier. loss: by the metric asked for, of the
    recoding. suppressed_cells: how many of each column were replaced by `*` one by one."""

    data: pa.Table
    node: dict[str, int]
    loss: float
    suppressed_rows: int
    suppressed_cells: dict[str, int]
    certificate: dict[str, Any]


def anonymise(
    table: pa.Table,
    *,
    quasi: Sequence[str],
    hierarchies: Mapping[str, Generalisation],
    wanted: Anonymity,
    sensitive: Sequence[str] = (),
    other: Sequence[str] = (),
    subject: str | None = None,
    metric: str = "entropy",
    importance: Mapping[str, float] | None = None,
    finest: Mapping[str, int] | None = None,
    coarsest: Mapping[str, int] | None = None,
    cells: bool = False,
    name: str = "rows",
) -> Anonymised:
    """The rows as `wanted` asks, losing as little as there is to lose. GateError with every cause.

    quasi: columns by which someone could be known; each has a hierarchy. sensitive: columns nobody should
    learn. other: columns declared to be neither, which leave as they are. subject: the column that codes
    the person, different in every row, which leaves too; without it each row is taken for a person. Any
    other column is refused.
    importance: the weight of a quasi-identifier in the loss, 0 or more. finest, coarsest: levels to stay
    within. cells: rows that stand out lose single cells where that is possible, instead of leaving.

    Where rows cannot be made alike within the levels allowed, the error says which change alone would do.
    """
    request = Request(
        table,
        name,
        tuple(quasi),
        tuple(sensitive),
        tuple(other),
        subject,
        hierarchies,
        wanted,
        metric,
        importance or {},
    )
    request.check()
    if table.num_rows == 0:
        none = dict.fromkeys(quasi, 0)
        return _certify(request, _Out(table, none, Reached(None, None, None, None)), none, None)
    tuples = encode(table, quasi, sensitive, hierarchies)
    heights = [column.levels for column in tuples.quasi]
    low, high = check_levels(quasi, heights, finest or {}, coarsest or {})
    grouping = Grouping(tuples, wanted)
    budget = wanted.budget(tuples.rows)
    found = search(grouping, METRICS[metric](tuples, request.weights), low, high, budget)
    if found is None:
        raise GateError(
            Problem(p.code, p.what, p.why, p.fix, name) for p in explain(grouping, high, budget)
        )
    levels = dict(zip(quasi, found.node, strict=True))
    classes = grouping.classes_of_tuples(found.node)
    stays = grouping.judge(classes).stays
    if cells and not stays.all():
        by_cells = _by_cells(request, tuples, classes, budget)
        if by_cells is not None:
            return _certify(request, by_cells, levels, found)
    rows = published_order(tuples, classes, stays, table, request.untouched)
    data = at_levels(table, tuples, found.node, rows)
    none = dict.fromkeys(quasi, 0)
    return _certify(request, _Out(data, none, grouping.reached(classes, stays)), levels, found)


@dataclass(frozen=True)
class _Out:
    """Rows ready to leave, how many cells of each column were suppressed, and what the rows attain."""

    data: pa.Table
    cells: dict[str, int]
    reached: Reached


def _by_cells(request: Request, tuples: Tuples, classes: Classes, budget: int) -> _Out | None:
    """Single cells suppressed where rows stand out; None where that does not suffice. What comes out is
    coded and judged anew, as l, t and delta may have changed."""
    _, leads = np.unique(classes.of, return_index=True)
    shown = [
        column.groups[level][codes[leads]]
        for column, codes, level in zip(tuples.quasi, tuples.quasi_codes, classes.node, strict=True)
    ]
    active = [column for column, codes in enumerate(shown) if (codes != codes[0]).any()]
    if not active:
        return None
    weights = [request.weights[column] for column in active]
    codes = np.stack([shown[column] for column in active], axis=1)
    plan = suppress_cells(codes, classes.size, request.wanted.smallest, weights, budget)
    if plan is None:
        return None
    starred, gone = _assign(plan, classes.of[tuples.of_row], len(active))
    kept = np.flatnonzero(~gone)
    data = at_levels(request.table, tuples, classes.node, kept)
    for place, column in enumerate(active):
        data = star(data, request.quasi[column], starred[kept, place])
    again = Grouping(
        encode(data, request.quasi, request.sensitive, dict.fromkeys(request.quasi, Suppressible())),
        request.wanted,
    )
    found = again.classes_of_tuples((0,) * len(request.quasi))
    verdict = again.judge(found)
    if int(gone.sum()) + verdict.left_out > budget:
        return None
    rows = published_order(again.tuples, found, verdict.stays, data, request.untouched)
    counts = dict.fromkeys(request.quasi, 0)
    for place, column in enumerate(active):
        counts[request.quasi[column]] = int(starred[kept, place][rows].sum())
    return _Out(data.take(pa.array(rows)), counts, again.reached(found, verdict.stays))


def _assign(plan: Moves, of_row: Ints, columns: int) -> tuple[Mask, Mask]:
    """Which rows lose which cells, and which leave. Rows of a class are taken in an order that has nothing
    to do with their values, or the sensitive ones would say who was taken."""
    shuffled = np.random.default_rng(0).permutation(len(of_row))
    order = shuffled[np.argsort(of_row[shuffled], kind="stable")]
    next_row = np.searchsorted(of_row[order], np.arange(of_row.max() + 1))
    starred = np.zeros((len(of_row), columns), dtype=bool)
    gone = np.zeros(len(of_row), dtype=bool)
    for move in plan.moves:
        rows = order[next_row[move.of] : next_row[move.of] + move.people]
        next_row[move.of] += move.people
        if move.columns is None:
            gone[rows] = True
        else:
            starred[np.ix_(rows, np.array(move.columns, dtype=np.int64))] = True
    return starred, gone


def _certify(request: Request, out: _Out, levels: dict[str, int], found: Found | None) -> Anonymised:
    """What was promised, JSON-ready. No hash of the rows: their space is small enough to enumerate."""
    rows = out.data.num_rows
    gone = request.table.num_rows - rows
    schema = "\n".join(f"{field.name} {field.type}" for field in out.data.schema)
    certificate = {
        "rows": request.name,
        "published": rows,
        "suppressed_rows": gone,
        "suppressed_cells": out.cells,
        "wanted": request.wanted.as_mapping(),
        "quasi": list(request.quasi),
        "sensitive": list(request.sensitive),
        "other": list(request.other),
        "subject": request.subject,
        "levels": levels,
        "reached": asdict(out.reached),
        "reading": READING,
        "metric": request.metric,
        "loss": float(f"{found.loss:.6g}") if found else 0.0,
        "nodes": found.nodes if found else 0,
        "looked_at": found.looked_at if found else 0,
        "schema_sha256": hashlib.sha256(schema.encode()).hexdigest(),
        "versions": used_versions(),
        "method": METHOD,
    }
    return Anonymised(out.data, levels, found.loss if found else 0.0, gone, out.cells, certificate)
