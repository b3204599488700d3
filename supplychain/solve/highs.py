"""Arrays in HiGHS: load once, change numbers in bulk, solve from the last basis."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from time import perf_counter

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from supplychain.errors import SOLVING, NotSolved, problem
from supplychain.model.components import COST_OF
from supplychain.model.window import Window
from supplychain.progress import libraries_unheard
from supplychain.solve.one_more import proven
from supplychain.solve.presolve import Presolved, Small
from supplychain.solve.solution import Answer, Outcome
from supplychain.solve.standard_form import NONE, Ids, Limits, StandardForm, limits
from supplychain.solve.warm_start import Start, shelf_of

WARM_ITERATIONS = 30_000
"""Pivots after which a warm start is given up: an ordinary window takes one to eight thousand, a
turn from the most alike reference five to fourteen, a window afresh twenty to forty."""

SIMPLEX_PERIODS = 20
"""Up to so many periods a window is solved afresh by the dual simplex method, which takes half of
the time of interior point and crossover; a longer one (perfect foresight) takes many times it."""

NO_LIMIT = 2**31 - 1

OUTCOMES = {
    highspy.HighsModelStatus.kOptimal: Outcome.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Outcome.INFEASIBLE,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Outcome.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Outcome.UNBOUNDED,
}

Array = NDArray[np.float64]


class Programme:
    """One HiGHS instance that holds a compiled programme and keeps its basis between windows.

    An answer depends on the window and on the basis it starts from, on nothing else: what HiGHS
    remembers beside the basis is dropped before each solve.
    """

    def __init__(self, compiled: StandardForm, threads: int = 1, log: Path | None = None) -> None:
        """Hand the arrays to HiGHS, whose words go to the end of a log; nothing is solved yet."""
        self.compiled = compiled
        self.reduced = Presolved(compiled)
        self.inside_seconds = 0.0
        """Seconds spent inside HiGHS so far."""
        self.solver = new_highs()
        if log is not None:
            self.solver.setOptionValue("log_to_console", False)
            self.solver.setOptionValue("output_flag", True)
            self.solver.setOptionValue("log_file", str(log))
        self.solver.setOptionValue("threads", threads)
        self.solver.setOptionValue("simplex_dual_edge_weight_strategy", 1)
        self.start: Start | None = None
        """Where the last answer ended; set one to start from it, or None to start fresh."""
        self._cost: Array | None = None
        self._pass_model()

    def forget(self) -> None:
        """Drop the last basis: the next answer then depends on its own window alone."""
        self.start = None

    def solve(self, window: Window, prove: int = 0) -> Answer:
        """Solve one window: by the dual simplex method from the last basis, or afresh.

        Of the first `prove` periods it is tried which of the largest duals one more kilogram is
        worth.

        A basis helps where little changed. Where a new regime is a jump from it, or the warm start
        takes more than WARM_ITERATIONS, the window is solved afresh, with HiGHS's own presolve: by
        the dual simplex method too, or by interior point with crossover where it has many periods.
        """
        started = perf_counter()
        now = limits(self.compiled, window)
        small = self.reduced.limits(now)
        self._load(small)
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
        by_law = _pick(self.compiled.rows, duals)
        more, less = (
            proven(self.solver, self.compiled, self.reduced, small, by_law, prove)
            if prove
            else ({}, {})
        )
        return Answer(
            outcome=outcome,
            objective=float(now.cost @ values),
            values=_pick(self.compiled.columns, values),
            duals=by_law,
            spent=spent,
            costs={
                name: sum(float(spent[p].sum()) for p in parts) for name, parts in COST_OF.items()
            },
            seconds=perf_counter() - started,
            iterations=iterations,
            residual=self._residual(now, values),
            proven=more,
            proven_less=less,
        )

    def _run(self, window: Window) -> int:
        """Solve what is loaded; simplex iterations of all attempts.

        A window is infeasible when HiGHS finds so without its presolve: that of 1.15.1 called one
        infeasible that has an answer.
        """
        done = 0
        self.solver.clearSolver()
        warm = self.start is not None and self.start.is_near(window) and self._set_basis(self.start)
        if warm:
            done += self._attempt("simplex", WARM_ITERATIONS)
            warm = self.solver.getModelStatus() in OUTCOMES
        if not warm:
            self.solver.clearSolver()
            few = len(self.compiled.grid.lengths) <= SIMPLEX_PERIODS
            done += self._attempt("simplex" if few else "ipm", NO_LIMIT)
        if OUTCOMES.get(self.solver.getModelStatus()) is Outcome.INFEASIBLE:
            self.solver.clearSolver()
            self.solver.setOptionValue("presolve", "off")
            done += self._attempt("simplex", NO_LIMIT)
            self.solver.setOptionValue("presolve", "choose")
        return done

    def _set_basis(self, start: Start) -> bool:
        """Begin at a basis; False if it is that of a programme of another size."""
        refused = self.solver.setBasis(start.basis) == highspy.HighsStatus.kError
        return not refused

    def _attempt(self, method: str, iterations: int) -> int:
        self.solver.setOptionValue("solver", method)
        self.solver.setOptionValue("simplex_iteration_limit", iterations)
        started = perf_counter()
        run_aside(self.solver)
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


def new_highs() -> highspy.Highs:
    """An instance that prints nothing."""
    _banner()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    return solver


@cache
def _banner() -> None:
    """See off the banner that 1.16 prints at the first instance of a process, before any option."""
    with libraries_unheard():
        highspy.Highs()


def run_aside(solver: highspy.Highs) -> None:
    """Solve what a solver holds, in a thread: this one hears Ctrl-C and SIGTERM at once.

    The solve goes on until the process ends then, and nobody looks at it any more.
    """
    if threading.current_thread() is not threading.main_thread():
        solver.run()  # signals go to the main thread alone
        return
    done, faults = threading.Event(), list[Exception]()

    def work() -> None:
        try:
            solver.run()
        except (RuntimeError, ValueError, MemoryError) as error:
            faults.append(error)
        finally:
            done.set()

    threading.Thread(target=work, daemon=True, name=SOLVING).start()
    done.wait()
    if faults:
        raise faults[0]


def _pick(ids: Mapping[str, Ids], flat: Array) -> dict[str, Array]:
    """Read named blocks off a flat vector; 0 where an index has no row or column."""
    return {name: np.where(at == NONE, 0.0, flat[at]) for name, at in ids.items()}


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


def self_test() -> tuple[str, float, float]:
    """Solve min x + 2 y, x + y >= 3, x <= 2: version of HiGHS, objective found and wanted."""
    solver = new_highs()
    solver.addVar(0.0, 2.0)
    solver.addVar(0.0, highspy.kHighsInf)
    solver.changeColCost(0, 1.0)
    solver.changeColCost(1, 2.0)
    solver.addRow(3.0, highspy.kHighsInf, 2, [0, 1], [1.0, 1.0])
    solver.run()
    return str(solver.version()), float(solver.getObjectiveValue()), 4.0


def minimise(lp: highspy.HighsLp) -> Array:
    """Solve a linear programme once and return the values of its columns.

    Raises:
        NotSolved: HiGHS did not finish.
    """
    solver = new_highs()
    solver.passModel(lp)
    run_aside(solver)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        status = solver.modelStatusToString(solver.getModelStatus())
        raise NotSolved(
            f"The least adjustment ended with: {status}.",
            [problem("DATA-601", "Widen the ranges of the numbers that cannot meet.")],
        )
    return np.array(solver.getSolution().col_value)
