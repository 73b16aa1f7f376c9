"""From rows of people to the columns of a model, with what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import FitError, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """People with outcome, factor and every covariate known. `matrix` holds the covariates, words as
    columns of noughts and ones; `constant` names those that are alike for everybody and say nothing."""

    outcome: Floats
    factor: Floats
    matrix: Floats
    cluster: Ints | None
    given: int
    no_outcome: int
    no_covariate: int
    constant: tuple[str, ...]


def read_rows(table: pa.Table, covariates: list[str], least: int) -> Rows:
    """Columns outcome, factor, perhaps cluster, and the covariates.

    FitError with every cause: MISSING for a column of which nothing is known, SMALL for too few people,
    CONSTANT for a factor or an outcome that never differs.
    """
    blank = [name for name in ("outcome", "factor", *covariates) if _unknown(table[name]).all()]
    if blank and table.num_rows:
        raise FitError(
            [
                Problem("MISSING", f"nothing is known of {name}", "no model can take it in", "leave it out")
                for name in blank
            ]
        )
    no_outcome = _unknown(table["outcome"])
    unknown = np.zeros(table.num_rows, dtype=bool)
    for name in ("factor", *covariates):
        unknown |= _unknown(table[name])
    kept = table.filter(pa.array(~no_outcome & ~unknown))
    if kept.num_rows < least:
        raise FitError(
            Problem(
                "SMALL",
                f"{kept.num_rows} people are known well enough, and {least} are needed",
                "a figure from so few would be chance, and near to telling of each",
                "wait until more are known",
            )
        )
    outcome, factor = (_numbers(kept[name]) for name in ("outcome", "factor"))
    flat = [n for n, values in (("outcome", outcome), ("factor", factor)) if np.ptp(values) == 0]
    if flat:
        why = "what never differs goes with nothing"
        raise FitError([Problem("CONSTANT", f"the {name} is alike for everybody", why) for name in flat])
    columns, constant = [], []
    for name in covariates:
        made = _columns(kept[name])
        columns += made
        constant += [] if made else [name]
    matrix = np.column_stack(columns) if columns else np.empty((kept.num_rows, 0))
    return Rows(
        outcome, factor, matrix, _clusters(kept), table.num_rows, int(no_outcome.sum()),
        int((unknown & ~no_outcome).sum()), tuple(constant),
    )  # fmt: skip


def _unknown(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Null, or no finite number: a share of nothing."""
    unknown = column.is_null()
    if pa.types.is_floating(column.type):
        unknown = pc.or_(unknown, pc.invert(pc.fill_null(pc.is_finite(column), False)))
    return np.asarray(unknown.to_numpy(), dtype=bool)


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _columns(column: pa.ChunkedArray) -> list[Floats]:
    """A number as it is, words as one column each but for the commonest; none where all are alike."""
    if not pa.types.is_string(column.type) and not pa.types.is_dictionary(column.type):
        values = _numbers(column)
        return [values] if np.ptp(values) else []
    words = np.array(column.to_pylist())
    held, counts = np.unique(words, return_counts=True)
    return [(words == word).astype(np.float64) for word in np.delete(held, counts.argmax())]


def _clusters(table: pa.Table) -> Ints | None:
    """What people share, by number; who shares with nobody known stands alone."""
    if "cluster" not in table.column_names:
        return None
    codes = table["cluster"].combine_chunks().dictionary_encode().indices
    held = np.asarray(codes.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
    alone = np.flatnonzero(held < 0)
    held[alone] = held.max(initial=0) + 1 + np.arange(alone.size)
    return held
