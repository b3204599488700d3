"""The same programme with fewer rows: exact substitutions, and the way back to values and duals.

Three laws only say how much of one variable lies beyond a mark: `usual_trade` on an arc that a
single variable uses (what is beyond is surge, at a premium), `cover_target` and `stock_target`
(what is below pays). Such a row goes where the variable is written as two: the part up to the mark
and the part beyond it, each with its own limit and cost. The cheaper part fills first, so that the
optimum is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from supplychain.solve.standard_form import Array, Compiled, Ids, Limits

Flags = NDArray[np.bool_]

COST_SCALE = 128.0
"""The solver sees costs in units of a million USD over this: the smallest, the holding of cheap
oxides, would be below what HiGHS tells from nothing. A power of two rounds nothing."""


class Marks(NamedTuple):
    """Rows that go, by number: the row, the variable it marks, and what is beyond or below."""

    row: Ids
    main: Ids
    slack: Ids


@dataclass(frozen=True)
class Small:
    """Bounds and costs of the smaller programme."""

    row_lower: Array
    row_upper: Array
    column_upper: Array
    cost: Array
    constant: float
    """Million USD that the smaller programme leaves out of its objective."""


class Reduced:
    """The smaller programme of a compiled one.

    Columns keep their numbers; a slack's column becomes the second part of its variable.
    """

    def __init__(self, compiled: Compiled) -> None:
        """Find the rows that can go and write the smaller matrix."""
        by_row = csr_array(compiled.matrix)
        single = np.diff(compiled.matrix.indptr) == 1
        self.trade = _marks(by_row, single, compiled, "usual_trade", "surge", -1.0)
        cover = _marks(by_row, single, compiled, "cover_target", "short_cover", 1.0)
        stock = _marks(by_row, single, compiled, "stock_target", "short_stock", 1.0)
        self.target = Marks(*(np.concatenate(pair) for pair in zip(cover, stock, strict=True)))
        gone = np.concatenate([self.trade.row, self.target.row])
        self.rows = np.setdiff1d(np.arange(compiled.matrix.shape[0], dtype=np.int32), gone)
        source = np.arange(compiled.matrix.shape[1], dtype=np.int32)
        source[self.trade.slack] = self.trade.main
        source[self.target.slack] = self.target.main
        self.matrix = csc_array(csc_array(by_row[self.rows])[:, source])
        self.all_rows = compiled.matrix.shape[0]

    def limits(self, now: Limits) -> Small:
        """Bounds and costs of a window for the smaller programme."""
        upper, cost = now.column_upper.copy(), now.cost.copy()
        t, c = self.trade, self.target
        usual = now.row_upper[t.row]
        upper[t.main] = np.minimum(usual, now.column_upper[t.main])
        upper[t.slack] = np.minimum(now.column_upper[t.slack], self._beyond(now))
        cost[t.slack] += now.cost[t.main]
        goal = now.row_lower[c.row]
        upper[c.main] = goal
        upper[c.slack] = np.inf
        cost[c.main] -= now.cost[c.slack]
        cost[c.slack] = now.cost[c.main]
        constant = float(now.cost[c.slack] @ goal)
        return Small(
            now.row_lower[self.rows], now.row_upper[self.rows], upper, cost * COST_SCALE, constant
        )

    def values(self, now: Limits, found: Array) -> Array:
        """Values of the compiled programme's columns from those of the smaller one's."""
        values = found.copy()
        for marks in (self.trade, self.target):
            values[marks.main] = found[marks.main] + found[marks.slack]
        t, c = self.trade, self.target
        values[t.slack] = np.maximum(values[t.main] - now.row_upper[t.row], 0.0)
        values[c.slack] = np.maximum(now.row_lower[c.row] - values[c.main], 0.0)
        return values

    def duals(self, now: Limits, found: Array, reduced_cost: Array) -> Array:
        """Duals of all rows; those that went from the reduced costs of the two parts."""
        reduced_cost = reduced_cost / COST_SCALE
        duals = np.zeros(self.all_rows)
        duals[self.rows] = found / COST_SCALE
        t, c = self.trade, self.target
        least = np.where(
            now.column_upper[t.slack] <= self._beyond(now), -np.inf, -now.cost[t.slack]
        )
        least = np.where(now.column_upper[t.main] <= now.row_upper[t.row], 0.0, least)
        duals[t.row] = np.minimum(np.maximum(reduced_cost[t.main], least), 0.0)
        duals[c.row] = np.clip(reduced_cost[c.slack], 0.0, now.cost[c.slack])
        return duals

    def _beyond(self, now: Limits) -> Array:
        """What a variable's own limit leaves beyond the usual trade."""
        t = self.trade
        most = now.column_upper[t.main]
        inside = np.minimum(now.row_upper[t.row], most)
        return np.where(np.isinf(inside), 0.0, most - np.where(np.isinf(inside), 0.0, inside))


def _marks(
    by_row: csr_array, single: Flags, compiled: Compiled, law: str, slack: str, sign: float
) -> Marks:
    """Rows of a law that hold one variable, and one slack of no use elsewhere that is not free."""
    slacks = np.zeros(by_row.shape[1], dtype=bool)
    slacks[compiled.columns[slack].ravel()] = True
    slacks &= single & (compiled.cost >= 0.0)
    found = []
    for row in compiled.rows[law].ravel():
        inside = slice(by_row.indptr[row], by_row.indptr[row + 1])
        columns, amounts = by_row.indices[inside], by_row.data[inside]
        is_slack = slacks[columns]
        if len(columns) != 2 or is_slack.sum() != 1:
            continue
        if amounts[is_slack][0] == sign and amounts[~is_slack][0] == 1.0:
            found.append((row, columns[~is_slack][0], columns[is_slack][0]))
    marks = np.array(found, dtype=np.int32).reshape(-1, 3)
    return Marks(marks[:, 0], marks[:, 1], marks[:, 2])
