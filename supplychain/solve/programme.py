"""A compiled programme inside HiGHS: change numbers in bulk, solve from the last basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import highspy
import numpy as np

from supplychain.errors import NotSolved
from supplychain.model.window import Window
from supplychain.solve.arrays import without_limits
from supplychain.solve.compiled import NONE, Array, Compiled, Ids, Limits, limits
from supplychain.solve.outcome import Answer, Outcome
from supplychain.solve.reduced import Reduced, Small

COST_OF = {
    "value_lost": ("lost",),
    "freight": ("flow", "delivery"),
    "processing": ("run",),
    "surge_premium": ("surge",),
    "substitution": ("output",),
    "cover_shortfall": ("short_cover",),
    "stock_shortfall": ("short_stock",),
    "holding": ("cover", "stock"),
    "closing_shortfall": ("short_closing_cover", "short_closing_stock"),
}
"""The variables each named cost is made of: no variable is in two costs."""

WARM_ITERATIONS = 10_000
"""Pivots after which a warm start is given up; an ordinary window takes one to four thousand."""
FAR_ITERATIONS = 20_000
"""The same where starts were chosen among references: a turn takes five to fourteen thousand from
the most alike, and that is quicker than to solve afresh after ten thousand."""
JUMP = 0.35
"""Share of licence grants (by class and period) that are new, gone, or changed by more than half,
from which a window is solved afresh: from so far away a warm start takes longer."""
NO_LIMIT = 2**31 - 1
SHELF_PERIODS, SHELF_CHANGE, SHELF_WEIGHT = 4, 0.3, 0.5
"""A stock is different if its first periods differ by more than this share; and what the share of
such stocks counts beside that of licences. Measured on the pivots of ensembles' members."""

OUTCOMES = {
    highspy.HighsModelStatus.kOptimal: Outcome.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Outcome.INFEASIBLE,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Outcome.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Outcome.UNBOUNDED,
}


Basis = Any
"""HiGHS's own: which columns and rows are basic or at a limit."""


@dataclass(frozen=True)
class Start:
    """Where the last window ended, to start the next one from."""

    basis: Basis
    granted: Array
    """[class, period] t, as in Window: tells how far away the next window is."""
    shelf: Array
    """[cover] t that customers hold or get in the first periods, as `shelf_of` a window."""

    def is_near(self, window: Window) -> bool:
        """Whether a window's licences are much the same."""
        return difference(self.granted, window.granted) < JUMP

    def distance(self, window: Window) -> float:
        """How far away a window is: share of licence grants and of stocks that are different."""
        held = shelf_of(window)
        changed = np.abs(self.shelf - held) > SHELF_CHANGE * np.maximum(self.shelf, held)
        shelves = float(changed.mean()) if changed.size else 0.0
        return difference(self.granted, window.granted) + SHELF_WEIGHT * shelves


def difference(one: Array, other: Array) -> float:
    """Share of licence grants, by class and period, that are new, gone, or changed by half."""
    either = np.maximum(one, other)
    with np.errstate(invalid="ignore"):
        change = np.abs(one - other)
    changed = np.isfinite(either) & (change > 0.5 * either)
    changed |= np.isinf(one) != np.isinf(other)
    return float(changed.mean()) if changed.size else 0.0


def shelf_of(window: Window) -> Array:
    """[cover] t on customers' shelves and under way to them in the first periods of a window."""
    supply: Array = window.cover_supply[:, :SHELF_PERIODS].sum(axis=1)
    return supply


class Programme:
    """One HiGHS instance that holds a compiled programme and keeps its basis between windows.

    An answer depends on the window and on the basis it starts from, on nothing else: what HiGHS
    remembers beside the basis is dropped before each solve.
    """

    def __init__(self, compiled: Compiled, threads: int = 1) -> None:
        """Hand the arrays to HiGHS; nothing is solved yet."""
        self.compiled = compiled
        self.reduced = Reduced(compiled)
        self.inside_seconds = 0.0
        """Seconds spent inside HiGHS so far."""
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", threads)
        self.solver.setOptionValue("simplex_dual_edge_weight_strategy", 1)
        self.start: Start | None = None
        """Where the last answer ended; set one to start from it, or None to start fresh."""
        self.patience = WARM_ITERATIONS
        """Pivots after which a warm start is given up."""
        self._cost: Array | None = None
        self._pass_model()

    def forget(self) -> None:
        """Drop the last basis: the next answer then depends on its own window alone."""
        self.start = None

    def solve(self, window: Window) -> Answer:
        """Solve one window: by the dual simplex method from the last basis, or afresh.

        A basis helps where little changed. Where a new regime is a jump from it, or the warm start
        takes more than WARM_ITERATIONS, interior point with crossover is quicker.
        """
        started = perf_counter()
        now = limits(self.compiled, window)
        self._load(self.reduced.limits(now))
        iterations = self._run(window)
        outcome = OUTCOMES.get(self.solver.getModelStatus(), Outcome.STOPPED)
        if outcome is not Outcome.OPTIMAL:
            return Answer(outcome, np.nan, {}, {}, {}, {}, perf_counter() - started, 0, np.nan)
        solution = self.solver.getSolution()
        self.start = Start(self.solver.getBasis(), window.granted, shelf_of(window))
        values = self.reduced.values(now, np.array(solution.col_value))
        self._keep_licences(window, values)
        duals = self.reduced.duals(now, np.array(solution.row_dual), np.array(solution.col_dual))
        spent = _pick(self.compiled.columns, now.cost * values)
        return Answer(
            outcome=outcome,
            objective=float(now.cost @ values),
            values=_pick(self.compiled.columns, values),
            duals=_pick(self.compiled.rows, duals),
            spent=spent,
            costs={
                name: sum(float(spent[p].sum()) for p in parts) for name, parts in COST_OF.items()
            },
            seconds=perf_counter() - started,
            iterations=iterations,
            residual=self._residual(now, values),
        )

    def _run(self, window: Window) -> int:
        """Solve what is loaded; simplex iterations of both attempts."""
        done = 0
        self.solver.clearSolver()
        warm = self.start is not None and self.start.is_near(window) and self._set_basis(self.start)
        if warm:
            done += self._attempt("simplex", self.patience)
            warm = self.solver.getModelStatus() in OUTCOMES
        if not warm:
            self.solver.clearSolver()
            done += self._attempt("ipm", NO_LIMIT)
        return done

    def _set_basis(self, start: Start) -> bool:
        """Begin at a basis; False if it is that of a programme of another size."""
        refused = self.solver.setBasis(start.basis) == highspy.HighsStatus.kError
        return not refused

    def _attempt(self, method: str, iterations: int) -> int:
        self.solver.setOptionValue("solver", method)
        self.solver.setOptionValue("simplex_iteration_limit", iterations)
        started = perf_counter()
        self.solver.run()
        self.inside_seconds += perf_counter() - started
        return max(int(self.solver.getInfo().simplex_iteration_count), 0)

    def _keep_licences(self, window: Window, values: Array) -> None:
        """Set unused licences to all that are left and valid.

        They cost nothing, so that the solver may drop those which it sees no use for; an authority
        does not take them back. Keeping more is always feasible and changes no cost.
        """
        columns = self.compiled.columns["licence_left"]
        used = self._used(values)
        left = np.zeros(len(columns))
        for period in range(columns.shape[1]):
            left = left + window.granted[:, period] - used[:, period]
            left = np.maximum(np.minimum(left, window.left_limit[:, period]), 0.0)
            values[columns[:, period]] = left

    def _used(self, values: Array) -> Array:
        """[class, period] t shipped: what the licence rows hold beside the licences themselves."""
        shipped = values.copy()
        shipped[self.compiled.columns["licence_left"]] = 0.0
        used: Array = (self.compiled.matrix @ shipped)[self.compiled.rows["licence_balance"]]
        return used

    def _residual(self, now: Limits, values: Array) -> float:
        activity = self.compiled.matrix @ values
        over = np.maximum(activity - now.row_upper, now.row_lower - activity)
        bounds = np.maximum(values - now.column_upper, -values)
        return float(max(np.max(over), np.max(bounds), 0.0))

    def _pass_model(self) -> None:
        model = without_limits(self.reduced.matrix)
        if self.solver.passModel(model) == highspy.HighsStatus.kError:
            raise NotSolved("The solver refused the programme's arrays.")

    def _load(self, now: Small) -> None:
        rows, columns = self.reduced.matrix.shape
        all_rows = np.arange(rows, dtype=np.int32)
        all_columns = np.arange(columns, dtype=np.int32)
        self.solver.changeRowsBounds(rows, all_rows, now.row_lower, now.row_upper)
        self.solver.changeColsBounds(columns, all_columns, np.zeros(columns), now.column_upper)
        if self._cost is None or not np.array_equal(self._cost, now.cost):
            self.solver.changeColsCost(columns, all_columns, now.cost)
        self._cost = now.cost


def _pick(ids: Mapping[str, Ids], flat: Array) -> dict[str, Array]:
    """Read named blocks off a flat vector; 0 where an index has no row or column."""
    return {name: np.where(at == NONE, 0.0, flat[at]) for name, at in ids.items()}
