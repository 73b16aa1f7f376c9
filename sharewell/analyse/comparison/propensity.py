"""The chance of being treated, given what was known beforehand (Rosenbaum and Rubin 1983, Biometrika
70:41).

`design` turns covariates into a matrix; `score` fits a logistic model to it. Text, yes/no, and whole
numbers of at most seven values enter by levels, the commonest as reference; other numbers enter as a line
and, if asked, a square. A level found in one arm only lies outside common support: its people are set aside
and counted, never extrapolated to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...errors import FitError, Problem
from ..glm import Glm, fit_glm

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Missing = Literal["indicator", "drop"]

UNKNOWN = "not known"
_FEW = 7
_BLOCK = 2_048
_DECIMALS = 10
"""Scores are rounded, so that equal covariates give equal scores whatever the order of summing."""


@dataclass(frozen=True)
class Design:
    """Covariates as columns, for the rows with common support.

    `matrix` (rows, k) has the constant first; `names` (k,) label its columns; `centre` and `scale` (k,)
    turn a column back into its own units; `shown` are the columns of a balance table; `binary` (k,) marks
    levels. `kept` (n,) says which input rows are in the matrix.
    """

    matrix: Floats
    names: tuple[str, ...]
    centre: Floats
    scale: Floats
    binary: Bools
    shown: tuple[int, ...]
    kept: Bools
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Propensity:
    """`probability` and `logit` of each row of a design, rounded to ten decimals; `model` is the fit."""

    probability: Floats
    logit: Floats
    model: Glm


@dataclass(frozen=True)
class _Part:
    """What one covariate gives: columns by name, in units that `centre` and `scale` undo.

    A column is told as what it holds in a block of rows, so that the matrix is the only copy ever
    made of it.
    """

    names: tuple[str, ...]
    columns: tuple[Callable[[slice], Floats], ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    binary: bool
    shown: int


def design(
    covariates: pa.Table, treated: Bools, *, missing: Missing = "indicator", curves: bool = True
) -> Design:
    """The matrix of `covariates` (n rows). Raises FitError naming every covariate that cannot
    be used, or NO_OVERLAP when nobody in an arm is left.

    `missing`: "indicator" keeps people with a missing covariate (a number gets the mean and a marker, a
    word the level "not known"); "drop" sets them aside. `curves` adds the square of each number.
    """
    problems = [p for name in covariates.column_names for p in _faults(name, covariates[name])]
    if problems:
        raise FitError(problems)
    kept = np.ones(len(treated), bool)
    if missing == "drop":
        for name in covariates.column_names:
            kept &= ~missing_of(covariates[name])
    kept, notes = _support(covariates, treated, kept)
    if treated[kept].all() or not treated[kept].any():
        raise FitError(
            Problem(
                "NO_OVERLAP",
                "nobody in one of the arms has covariates that are found in both",
                "there is nobody to compare",
                "widen the pool, or coarsen or leave out the covariates that set people apart",
            )
        )
    held = covariates if kept.all() else covariates.filter(pa.array(kept))
    parts = [part for name in held.column_names for part in _parts(name, held[name], curves)]
    return _assemble(parts, kept, notes)


def score(given: Design, treated: Bools) -> Propensity:
    """The propensity of each row of `given`; `treated` has the rows of its matrix.

    Raises FitError: SEPARATION, SINGULAR, or NO_OVERLAP when no treated person's score lies
    among those of the comparison pool.
    """
    model = fit_glm("logistic", given.matrix, treated.astype(np.float64))
    logit = np.round(model.linear(given.matrix), _DECIMALS)
    ours, theirs = logit[treated], logit[~treated]
    if ours.min() > theirs.max() or ours.max() < theirs.min():
        raise FitError(
            Problem(
                "NO_OVERLAP",
                "no treated person resembles anybody in the comparison pool",
                "their scores do not overlap",
                "widen the pool or leave out the covariate that decides who is treated",
            )
        )
    return Propensity(np.round(1.0 / (1.0 + np.exp(-logit)), _DECIMALS + 2), logit, model)


def _faults(name: str, column: pa.ChunkedArray) -> Iterable[Problem]:
    kind = column.type
    if not (pa.types.is_boolean(kind) or _is_number(kind) or pa.types.is_string(kind)):
        yield Problem(
            "COVARIATE", f"{name} is {kind}, which a model cannot use", fix="derive a band or a number"
        )
    elif missing_of(column).all():
        yield Problem("ALL_MISSING", f"{name} is missing for everybody", fix="leave it out")
    elif column.null_count == 0 and _is_constant(column):
        yield Problem(
            "CONSTANT", f"{name} is the same for everybody", "it explains nothing", "leave it out"
        )


def missing_of(column: pa.ChunkedArray) -> Bools:
    """Which rows of a covariate are null or not a number."""
    nulls = pc.is_null(column, nan_is_null=True).combine_chunks()
    return np.asarray(nulls.to_numpy(zero_copy_only=False), dtype=bool)


def _is_constant(column: pa.ChunkedArray) -> bool:
    ends = pc.min_max(column)
    return bool(ends["min"] == ends["max"])


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def by_level(column: pa.ChunkedArray) -> bool:
    """Whether a covariate enters by its levels: words, yes/no, and whole numbers of few values."""
    if not _is_number(column.type):
        return True
    return bool(pa.types.is_integer(column.type)) and pc.count_distinct(column).as_py() <= _FEW


def _support(covariates: pa.Table, treated: Bools, kept: Bools) -> tuple[Bools, tuple[str, ...]]:
    """Set aside the people of levels found in one arm only, until none is left.

    That a number is missing is a level like any other: its marker would separate the arms just so.
    """
    coded = {n: level_codes(covariates[n]) for n in covariates.column_names if by_level(covariates[n])}
    for name in set(covariates.column_names) - set(coded):
        if (unknown := missing_of(covariates[name])).any():
            coded[name] = unknown.astype(np.int64), ["known", UNKNOWN]
    notes: dict[str, None] = {}
    before = -1
    kept = kept.copy()
    while int(kept.sum()) != before:
        before = int(kept.sum())
        for name, (codes, levels) in coded.items():
            ours = np.bincount(codes[kept & treated], minlength=len(levels))
            theirs = np.bincount(codes[kept & ~treated], minlength=len(levels))
            lone = (ours + theirs > 0) & ((ours == 0) | (theirs == 0))
            if lone.any():
                notes[f"People of a level of {name} that is found in one arm only were set aside."] = None
                kept &= ~lone[codes]
    return kept, tuple(notes)


def level_codes(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Level numbers of each row, and the levels' names in order; null is the last level."""
    words = pc.cast(column, pa.string()).combine_chunks().dictionary_encode()
    names = words.dictionary.to_pylist()
    rank = np.argsort(np.argsort(np.asarray(names, dtype=object))) if names else np.zeros(0, np.int64)
    indices = pc.fill_null(words.indices, len(names)).to_numpy(zero_copy_only=False).astype(np.int64)
    codes = np.append(rank, len(names))[indices]
    return codes, [*sorted(names), UNKNOWN]


def _parts(name: str, column: pa.ChunkedArray, curves: bool) -> Iterable[_Part]:
    if by_level(column):
        codes, levels = level_codes(column)
        size = np.bincount(codes, minlength=len(levels))
        reference = int(np.argmax(size))
        used = [i for i in range(len(levels)) if size[i] and i != reference]
        if used:
            columns = tuple(_marker(codes, i) for i in used)
            labels = tuple(f"{name}: {levels[i]}" for i in used)
            yield _Part(labels, columns, (0.0,) * len(used), (1.0,) * len(used), True, len(used))
        return
    values = column.combine_chunks().to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
    unknown = ~np.isfinite(values)
    holed = bool(unknown.any())
    centre = float(np.mean(values[~unknown] if holed else values))
    line = np.where(unknown, 0.0, values - centre) if holed else values - centre
    spread = float(np.sqrt(np.einsum("i,i->", line, line) / (len(line) - int(unknown.sum()))))
    if spread > 0:

        def scaled(block: slice) -> Floats:
            apart = values[block] - centre
            return (np.where(unknown[block], 0.0, apart) if holed else apart) / spread

        curve = curves and len(np.unique(line)) > 2
        columns = (scaled, lambda block: scaled(block) ** 2) if curve else (scaled,)
        labels = (name, f"{name} squared")[: len(columns)]
        yield _Part(labels, columns, (centre, 0.0)[: len(columns)], (spread, 1.0)[: len(columns)], False, 1)
    if holed:
        yield _Part((f"{name}: {UNKNOWN}",), (_marker(unknown, True),), (0.0,), (1.0,), True, 1)


def _marker(codes: NDArray[Any], level: int) -> Callable[[slice], Floats]:
    """1 where a row has this level."""
    return lambda block: (codes[block] == level).astype(np.float64)


def _assemble(parts: list[_Part], kept: Bools, notes: tuple[str, ...]) -> Design:
    rows = int(kept.sum())
    size = 1 + sum(len(part.names) for part in parts)
    matrix = np.empty((rows, size))
    matrix[:, 0] = 1.0
    columns = [column for part in parts for column in part.columns]
    # Row blocks that fit the cache: a column at a time would touch every line of the matrix for each.
    for first in range(0, rows, _BLOCK):
        block = slice(first, first + _BLOCK)
        for place, column in enumerate(columns, start=1):
            matrix[block, place] = column(block)
    names, centre, scale, binary = ["constant"], [0.0], [1.0], [True]
    shown: list[int] = []
    for part in parts:
        shown += range(len(names), len(names) + part.shown)
        names += part.names
        centre += part.centre
        scale += part.scale
        binary += [part.binary] * len(part.names)
    return Design(
        matrix, tuple(names), np.array(centre), np.array(scale), np.array(binary), tuple(shown), kept, notes
    )
