"""A linear programme as HiGHS takes it: from a sparse matrix and vectors, in one piece."""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

Array = NDArray[np.float64]


def as_lp(
    matrix: csc_array,
    cost: Array,
    column_upper: Array,
    row_lower: Array,
    row_upper: Array,
    column_lower: Array | None = None,
) -> highspy.HighsLp:
    """Return the programme: least cost, rows and columns within their limits; columns from 0 on."""
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = cost
    lp.col_lower_ = np.zeros(len(cost)) if column_lower is None else column_lower
    lp.col_upper_ = column_upper
    lp.row_lower_, lp.row_upper_ = row_lower, row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data
    return lp


def without_limits(matrix: csc_array) -> highspy.HighsLp:
    """Return a programme of a matrix alone: no cost, every row free, columns from 0 on."""
    rows, columns = matrix.shape
    return as_lp(
        matrix,
        np.zeros(columns),
        np.full(columns, np.inf),
        np.full(rows, -np.inf),
        np.full(rows, np.inf),
    )
