"""Which duals say what one more unit would spare, and which are one end of a range.

A dual is the slope of the best cost as a right-hand side moves. Where the optimal basis is
degenerate the slope to the one side differs from that to the other, and the solver returns
something between or beyond. One more unit is proven to be worth the dual where the basis stays
feasible while the right-hand side moves by a kilogram: then the cost is linear that far.
"""

from __future__ import annotations

from collections.abc import Mapping

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, hstack
from scipy.sparse.linalg import splu

from supplychain.solve.presolve import Small
from supplychain.solve.standard_form import Ids

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

ONE_KILOGRAM = 1e-3
"""Tonnes by which a right-hand side is moved."""
MOST = 25
"""So many rows of a law are tried in each period, those with the largest duals."""
MOVES = 1e-9
"""A variable that moves less per tonne stands still."""
MORE = {"region_balance": -1.0, "customer_balance": -1.0, "licence_balance": 1.0}
"""By law, the direction in which one more unit moves the right-hand side."""


def largest(duals: Mapping[str, Array], periods: int) -> dict[str, Flags]:
    """[object, period] of each law: the largest duals of each of the first periods."""
    found = {}
    for law in MORE:
        size = np.abs(duals[law])
        chosen = np.zeros(size.shape, dtype=bool)
        for period in range(min(periods, size.shape[1])):
            best = np.argsort(-size[:, period], kind="stable")[:MOST]
            chosen[best, period] = size[best, period] > 0.0
        found[law] = chosen
    return found


class Basis:
    """The optimal basis that a solver holds, asked how far right-hand sides may move."""

    def __init__(self, solver: highspy.Highs, matrix: csc_array, now: Small) -> None:
        """Read the basis and the values of the smaller programme.

        It is factorised here, in one order: what HiGHS holds of it depends on how it got there.
        """
        _, basic = solver.getBasicVariables()
        basic = np.sort(np.array(basic))
        columns, rows = basic[basic >= 0], -1 - basic[basic < 0]
        logical = csc_array(
            (-np.ones(len(rows)), (rows, np.arange(len(rows)))), (matrix.shape[0], len(rows))
        )
        self.factors = splu(csc_array(hstack([matrix[:, columns], logical])))
        solution = solver.getSolution()
        values = np.array(solution.col_value)
        activity = np.array(solution.row_value)
        self.below = np.concatenate([values[columns], activity[rows] - now.row_lower[rows]])
        self.above = np.concatenate(
            [now.column_upper[columns] - values[columns], now.row_upper[rows] - activity[rows]]
        )

    def stays(self, row: int, direction: float) -> bool:
        """Whether the basis stays feasible while a row's right-hand side moves by a kilogram."""
        moved = np.zeros(self.factors.shape[0])
        moved[row] = direction
        along = self.factors.solve(moved)
        down, up = along < -MOVES, along > MOVES
        room = np.concatenate([-self.below[down] / along[down], self.above[up] / along[up]])
        return bool(room.size == 0 or room.min() >= ONE_KILOGRAM)


def proven(
    basis: Basis, rows: Mapping[str, Ids], wanted: Mapping[str, Flags], kept: Ids
) -> dict[str, Flags]:
    """[object, period] of each law: the duals that one more kilogram is proven to be worth.

    Args:
        basis: the optimal one of the smaller programme.
        rows: [object, period] row of the compiled programme, by law.
        wanted: [object, period] which to try, by law; they have a row.
        kept: rows of the compiled programme that the smaller one keeps, rising.
    """
    found = {}
    for law, flags in wanted.items():
        good = np.zeros(flags.shape, dtype=bool)
        for i, period in zip(*np.nonzero(flags), strict=True):
            small = int(np.searchsorted(kept, rows[law][i, period]))
            good[i, period] = basis.stays(small, MORE[law])
        found[law] = good
    return found
