"""Linear programs over sparse relations, solved by HiGHS: silent, on one thread, so that answers repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .structure import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def load_program(matrix: csr_array, floor: Floats, ceiling: Floats, lower: Floats, upper: Floats) -> Any:
    """A silent, single-threaded HiGHS model of floor <= matrix x <= ceiling, lower <= x <= upper, costs
    0."""
    import highspy

    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = np.zeros(matrix.shape[1])
    lp.col_lower_, lp.col_upper_ = lower, upper
    lp.row_lower_, lp.row_upper_ = floor, ceiling
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.passModel(lp)
    return model


def run_program(model: Any) -> Floats | None:
    """Solve; the point, or None where there is no optimum."""
    import highspy

    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(model.getSolution().col_value)
