"""Columns as terms of a model: a category against its reference, a number as it is.

What the survey and the people counted both hold is coded in the same levels, so that a level which the
survey never saw is found before it is given a probability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...errors import FitError, Problem

Floats = NDArray[np.float64]
Codes = NDArray[np.int32 | np.int64]


@dataclass(frozen=True)
class Predictor:
    """One column of the model: its name, and its levels with the reference first; none of a number."""

    name: str
    levels: tuple[Any, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """What its coefficients are called: `health poor`; of a number or of yes and no, its own name."""
        words = self.name.replace("_", " ")
        if not self.levels or self.levels == (False, True):
            return (words,)
        return tuple(f"{words} {level}" for level in self.levels[1:])

    def block(self, values: Sequence[Any]) -> Floats:
        """(values, terms): the columns of the design matrix for these values."""
        if not self.levels:
            return np.asarray(values, dtype=np.float64)[:, None]
        at = {level: place for place, level in enumerate(self.levels)}
        wide = np.eye(len(self.levels))[:, 1:]
        return np.asarray(wide[[at[value] for value in values]])


def predictor_of(name: str, column: pa.ChunkedArray, reference: Any = None) -> Predictor:
    """The predictor of a survey's column, without nulls. FitError CONSTANT where all answer alike."""
    found = pc.unique(column).to_pylist()
    if len(found) < 2:
        what = f"every respondent has the same {name}, or none has any"
        raise FitError(Problem("CONSTANT", what, "nothing can be told by it", "leave it out", name))
    if not (pa.types.is_string(column.type) or pa.types.is_boolean(column.type)):
        return Predictor(name)
    if reference is not None and reference not in found:
        fix = "name a value that the column holds"
        raise FitError(
            Problem("REFERENCE", f"no respondent has the reference of {name}", fix=fix, where=name)
        )
    most = pc.mode(column.dictionary_encode().combine_chunks().indices)[0]["mode"].as_py()
    first = False if pa.types.is_boolean(column.type) else reference or pc.unique(column)[most].as_py()
    return Predictor(name, (first, *sorted(level for level in found if level != first)))


def matrix_of(predictors: Sequence[Predictor], columns: Mapping[str, pa.ChunkedArray]) -> Floats:
    """(rows, 1 + terms): the constant, then each predictor's block."""
    rows = len(next(iter(columns.values())))
    blocks = [np.ones((rows, 1))]
    for predictor in predictors:
        column = columns[predictor.name].combine_chunks().dictionary_encode()
        blocks.append(predictor.block(column.dictionary.to_pylist())[column.indices.to_numpy()])
    return np.hstack(blocks)


def names_of(predictors: Sequence[Predictor]) -> list[str]:
    """The terms of a model, the constant first."""
    return ["constant", *(term for predictor in predictors for term in predictor.terms)]


@dataclass(frozen=True)
class Coded:
    """A column of people counted as places in `values`; `block` (values, terms) their part of a design."""

    codes: Codes
    values: tuple[Any, ...]
    block: Floats


def coded(predictor: Predictor, column: pa.ChunkedArray) -> Coded:
    """People's values of a predictor, coded; a column that comes coded is not decoded first.

    FitError LEVEL for a value that no respondent gave.
    """
    codes, found = indexed(column)
    if not predictor.levels:
        return Coded(codes, found, predictor.block(found))
    at = {level: place for place, level in enumerate(predictor.levels)}
    unknown = [place for place, value in enumerate(found) if value not in at]
    if unknown and (strange := int(np.isin(codes, unknown).sum())):
        what = f"{strange:,} rows of people counted have a {predictor.name} that no respondent has"
        why = "the survey says nothing of such people"
        fix = "join the level to another in both tables, or leave those people out and say so"
        raise FitError(Problem("LEVEL", what, why, fix, predictor.name))
    move = np.array([at.get(value, 0) for value in found], np.int64)
    moved = codes if np.array_equal(move, np.arange(len(found))) else move[codes]
    return Coded(moved, predictor.levels, predictor.block(predictor.levels))


def indexed(column: pa.ChunkedArray) -> tuple[Codes, tuple[Any, ...]]:
    """Each row's place in the distinct values, and these."""
    is_coded = pa.types.is_dictionary(column.type)
    held = column.unify_dictionaries() if is_coded else column.dictionary_encode()
    if not held.num_chunks:
        return np.zeros(0, np.int64), ()
    parts = [chunk.indices.to_numpy() for chunk in held.chunks]
    whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return whole, tuple(held.chunk(0).dictionary.to_pylist())
