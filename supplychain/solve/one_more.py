"""Which duals say what one more unit would spare or one less cost, and which are an end of a range.

A dual is the slope of the best cost as a right-hand side moves. The cost is convex in it, so one
more unit spares the dual at most and one less costs the dual at least. Where the optimal basis is
degenerate the two differ, and the solver returns something between. One more unit is proven to
spare the dual, and one less to cost it, where the basis stays feasible while the right-hand side
moves by a kilogram that way: then the cost is linear that far.
"""

from __future__ import annotations

from collections.abc import Mapping

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from supplychain.solve.presolve import Presolved, Small
from supplychain.solve.standard_form import StandardForm

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
        """Read the basis and the values of the smaller programme."""
        self.solver = solver
        self.matrix = matrix
        _, basic = solver.getBasicVariables()
        self.basic = np.array(basic)
        solution = solver.getSolution()
        values = np.array(solution.col_value)
        activity = np.array(solution.row_value)
        rows = -1 - self.basic[self.basic < 0]
        self.column_below, self.column_above = values, now.column_upper - values
        self.row_below, self.row_above = np.full((2, len(activity)), np.inf)
        self.row_below[rows] = activity[rows] - now.row_lower[rows]
        self.row_above[rows] = now.row_upper[rows] - activity[rows]

    def stays(self, row: int, direction: float) -> tuple[bool, bool]:
        """Whether the basis stays feasible while a row's right-hand side moves by a kilogram.

        Returns:
            In the direction, and against it.
        """
        _, found = self.solver.getBasisInverseCol(row)
        moving = np.flatnonzero(found)  # a few dozen of tens of thousands
        moving = moving[self.basic[moving] >= 0]
        moving = moving[np.argsort(self.basic[moving])]
        columns, step = self.basic[moving], direction * found[moving]
        moved = self.matrix[:, columns] @ step
        rows = np.flatnonzero(moved)
        along = np.concatenate([step, moved[rows]])
        below = np.concatenate([self.column_below[columns], self.row_below[rows]])
        above = np.concatenate([self.column_above[columns], self.row_above[rows]])
        return has_room(along, below, above), has_room(-along, below, above)


def has_room(along: Array, below: Array, above: Array) -> bool:
    """Whether no basic variable meets a bound within a kilogram.

    Args:
        along: [variable] what each moves for a tonne.
        below: [variable] how far its lower bound is.
        above: [variable] how far its upper bound is.
    """
    down, up = along < -MOVES, along > MOVES
    room = np.concatenate([-below[down] / along[down], above[up] / along[up]])
    return bool(room.size == 0 or room.min() >= ONE_KILOGRAM)


def proven(
    solver: highspy.Highs,
    compiled: StandardForm,
    reduced: Presolved,
    now: Small,
    duals: Mapping[str, Array],
    periods: int,
) -> tuple[dict[str, Flags], dict[str, Flags]]:
    """The duals that one more kilogram is proven to spare, and those that one less is to cost.

    Args:
        solver: holds an optimal basis of the smaller programme.
        compiled: the programme, for the rows of its laws.
        reduced: the smaller programme.
        now: its limits.
        duals: [object, period] by law, of the whole programme.
        periods: of so many, the first, the largest duals are tried.

    Returns:
        [object, period] of each law, for one more and for one less.
    """
    basis = Basis(solver, reduced.matrix, now)
    spared, lacked = {}, {}
    for law, flags in largest(duals, periods).items():
        more, less = np.zeros(flags.shape, dtype=bool), np.zeros(flags.shape, dtype=bool)
        for i, period in zip(*np.nonzero(flags), strict=True):
            small = int(np.searchsorted(reduced.rows, compiled.rows[law][i, period]))
            more[i, period], less[i, period] = basis.stays(small, MORE[law])
        spared[law], lacked[law] = more, less
    return spared, lacked
