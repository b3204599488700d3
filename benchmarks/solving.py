"""What solving costs beside HiGHS, beside rebuilding with Pyomo, and how it grows.

    python benchmarks/solving.py [--weeks 104] [--windows 5] [--scenarios 16] [--json FILE]

Prints a table; the last line is one JSON object. Seconds are CPU seconds of this one process, so
that ratios hold on a busy machine; only "whole process" is by the clock. linopy is measured if it
is installed (extra `bench`).
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

import highspy
import numpy as np
from run_no_truce import once
from worlds import Varied, with_customers

from supplychain.case.case import Case, build_case
from supplychain.model.build_model import build_model
from supplychain.model.window import Window
from supplychain.solve import highs as programmes
from supplychain.solve.highs import (
    NO_LIMIT,
    SIMPLEX_PERIODS,
    WARM_ITERATIONS,
    Programme,
    without_limits,
)
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.solution import Solution
from supplychain.solve.standard_form import limits
from supplychain.solve.warm_start import Start
from supplychain.study.run_request import RunRequest, resolve
from supplychain.study.solve_scenario import World, open_world

TARGETS = {
    "rebuild / one more": (">=", 30.0),
    "outside HiGHS": ("<", 0.15),
    "one more / plain arrays": ("<", 1.5),
    "whole process s": ("<", 20.0),
    "peak memory MB": ("<", 1000.0),
    "exponent weeks": ("<=", 1.3),
    "exponent customers": ("<=", 1.3),
    "exponent scenarios": ("<=", 1.3),
}


@dataclass
class Watched:
    """A solve, its CPU seconds, and the windows that HiGHS was asked for."""

    solution: Solution
    seconds: float
    inside: float
    windows: list[Window] = field(default_factory=list)
    starts: list[Start | None] = field(default_factory=list)


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--windows", type=int, default=5, help="windows rebuilt with Pyomo")
    parser.add_argument("--scenarios", type=int, default=16, help="most scenarios in the growth")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, float] = {}
    whole = once("no-truce")  # first: a process inherits the peak memory of the one that starts it
    found["whole process s"] = whole["whole process"]
    found["peak memory MB"] = whole["peak memory MB"]
    world = open_world()
    solver = world.solver
    watch(solver, case_of(world, "truce", options.weeks))
    more = watch(solver, case_of(world, "no-truce", options.weeks))
    found["windows solved"] = len(more.windows)
    found["windows shared"] = more.solution.windows_shared
    found["one more scenario s"] = more.seconds
    found["outside HiGHS"] = 1.0 - more.inside / more.seconds
    programme = solver.programme(more.solution.grid, more.windows[0])
    rebuilt, worst = rebuild(world, more, options.windows)
    found["rebuild one window s"] = rebuilt
    found["rebuild / one more"] = rebuilt * len(more.solution.windows) / more.seconds
    found["plain arrays s"] = plain(programme, more)
    found["one more / plain arrays"] = more.seconds / found["plain arrays s"]
    found["same answer as Pyomo, worst"] = worst
    found.update(linopy_seconds(programme, more.windows[0]))
    print_warnings(programme, more.windows)
    show(found)
    found.update(growth(world, options.scenarios))
    print()
    show(found)
    text = json.dumps({name: float(f"{value:.4g}") for name, value in found.items()})
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    print(text)


def case_of(world: World, scenario: str, weeks: int, network: Any = None) -> Case:
    """A shipped scenario over so many weeks."""
    found = resolve(RunRequest(scenario, weeks=weeks), world.tables)
    return build_case(network or world.solver.network, world.tables, found)


def watch(solver: Solver, case: Any) -> Watched:
    """Solve a case and note what was asked of HiGHS; compiling does not count."""
    windows: list[Window] = []
    starts: list[Start | None] = []
    inside = 0.0
    solve, run = Programme.solve, highspy.Highs.run

    def noted(self: Programme, window: Window) -> Any:
        windows.append(window)
        starts.append(self.start)
        return solve(self, window)

    def timed(self: Any) -> Any:
        nonlocal inside
        started = process_time()
        status = run(self)
        inside += process_time() - started
        return status

    programmes.Programme.solve, highspy.Highs.run = noted, timed  # type: ignore[method-assign]
    started = process_time()
    try:
        solution = solver.solve(case, "rolling", "value")
    finally:
        programmes.Programme.solve, highspy.Highs.run = solve, run  # type: ignore[method-assign]
    seconds = process_time() - started - solution.build_seconds
    return Watched(solution, seconds, inside, windows, starts)


def rebuild(world: World, more: Watched, count: int) -> tuple[float, float]:
    """CPU seconds to build a window in Pyomo and solve it by appsi_highs, mean of some.

    And the largest difference of an objective from ours, as a share.
    """
    from pyomo.environ import SolverFactory, value

    answers = more.solution.windows[-len(more.windows) :]
    at = np.unique(np.linspace(0, len(more.windows) - 1, count).round().astype(int))
    seconds, worst = 0.0, 0.0
    for i in at:
        started = process_time()
        model = build_model(world.solver.network, more.solution.grid, more.windows[i])
        SolverFactory("appsi_highs").solve(model)
        seconds += process_time() - started
        expected = answers[i].objective
        worst = max(worst, abs(value(model.total_cost) - expected) / abs(expected))
    return seconds / len(at), worst


def plain(programme: Programme, more: Watched) -> float:
    """CPU seconds of the same windows as ready arrays in a bare HiGHS, started alike: the floor."""
    matrix = programme.reduced.matrix
    rows, columns = matrix.shape
    small = [programme.reduced.limits(limits(programme.compiled, w)) for w in more.windows]
    near = [x is not None and x.is_near(w) for x, w in zip(more.starts, more.windows, strict=True)]
    solver = bare(matrix)
    afresh = "simplex" if len(more.solution.grid.lengths) <= SIMPLEX_PERIODS else "ipm"
    every_row = np.arange(rows, dtype=np.int32)
    every_column = np.arange(columns, dtype=np.int32)
    nothing = np.zeros(columns)
    started = process_time()
    if more.starts[0] is not None:
        solver.setBasis(more.starts[0].basis)
    for now, is_near in zip(small, near, strict=True):
        solver.changeRowsBounds(rows, every_row, now.row_lower, now.row_upper)
        solver.changeColsBounds(columns, every_column, nothing, now.column_upper)
        solver.changeColsCost(columns, every_column, now.cost)
        if is_near:
            solver.setOptionValue("solver", "simplex")
            solver.setOptionValue("simplex_iteration_limit", WARM_ITERATIONS)
            solver.run()
        if not is_near or solver.getModelStatus() == highspy.HighsModelStatus.kIterationLimit:
            solver.clearSolver()
            solver.setOptionValue("solver", afresh)
            solver.setOptionValue("simplex_iteration_limit", NO_LIMIT)
            solver.run()
    return process_time() - started


def bare(matrix: Any, **options: Any) -> Any:
    """HiGHS with a matrix and no limits yet."""
    solver = highspy.Highs()
    chosen = {"output_flag": False, "threads": 1, "solver": "simplex"}
    chosen |= {"simplex_dual_edge_weight_strategy": 1, **options}
    for name, value in chosen.items():
        solver.setOptionValue(name, value)
    solver.passModel(without_limits(matrix))
    return solver


def linopy_seconds(programme: Programme, window: Window) -> dict[str, float]:
    """CPU seconds in which linopy builds the same window and hands it to HiGHS.

    Each law is given to linopy as one block of ready arrays (terms padded to the widest row), the
    quickest way it has.
    """
    try:
        import linopy
        import xarray as xr
    except ImportError:
        return {}
    compiled = programme.compiled
    now = limits(compiled, window)
    by_row = compiled.matrix.tocsr()
    started = process_time()
    model = linopy.Model()
    index = {"column": np.arange(compiled.matrix.shape[1])}
    upper = xr.DataArray(now.column_upper, coords=index, dims="column")
    x = model.add_variables(lower=0.0, upper=upper, name="x")
    labels = x.labels.values
    for law, ids in compiled.rows.items():
        rows = ids.ravel()
        spans = by_row.indptr[rows + 1] - by_row.indptr[rows]
        terms = np.full((len(rows), int(spans.max(initial=1))), -1)
        amounts = np.full(terms.shape, np.nan)
        inside = np.arange(terms.shape[1])[None, :] < spans[:, None]
        at = (by_row.indptr[rows][:, None] + np.arange(terms.shape[1])[None, :])[inside]
        terms[inside] = labels[by_row.indices[at]]
        amounts[inside] = by_row.data[at]
        dims = ("row", "_term")
        data = xr.Dataset({"coeffs": (dims, amounts), "vars": (dims, terms)})
        data = data.assign_coords(row=np.arange(len(rows)))
        left = linopy.LinearExpression(data, model)
        above = np.isfinite(now.row_upper[rows])
        equal = above & (now.row_lower[rows] == now.row_upper[rows])
        right = np.where(above, now.row_upper[rows], now.row_lower[rows])
        free = ~np.isfinite(right)
        sign = np.where(equal, "=", np.where(above | free, "<=", ">="))
        right = np.where(free, np.inf, right)
        coords = {"row": np.arange(len(rows))}
        model.add_constraints(
            left, xr.DataArray(sign, coords, "row"), xr.DataArray(right, coords, "row"), name=law
        )
    model.add_objective((x * xr.DataArray(now.cost, coords=index, dims="column")).sum())
    built = process_time()
    linopy.io.to_highspy(model)
    done = process_time()
    return {"linopy builds s": built - started, "linopy hands over s": done - built}


def print_warnings(programme: Programme, windows: list[Window]) -> None:
    """What HiGHS says of the numbers: every line with "warning" or a range of coefficients."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "highs.log"
        solver = bare(
            programme.reduced.matrix, output_flag=True, log_to_console=False, log_file=str(log)
        )
        rows, columns = programme.reduced.matrix.shape
        for window in windows[:3]:
            now = programme.reduced.limits(limits(programme.compiled, window))
            solver.changeRowsBounds(
                rows, np.arange(rows, dtype=np.int32), now.row_lower, now.row_upper
            )
            every = np.arange(columns, dtype=np.int32)
            solver.changeColsBounds(columns, every, np.zeros(columns), now.column_upper)
            solver.changeColsCost(columns, every, now.cost)
            solver.clearSolver()
            solver.run()
        lines = log.read_text(encoding="utf-8").splitlines()
    wanted = ("warning", "Matrix ", "Cost ", "Bound ", "RHS ")
    said = dict.fromkeys(
        x.strip() for x in lines if any(word in x for word in wanted) or "WARN" in x
    )
    print("HiGHS says:")
    for line in said:
        print("  " + line)


def growth(world: World, most: int) -> dict[str, float]:
    """Exponents of CPU seconds in weeks, customers and scenarios."""
    found: dict[str, float] = {}
    network = world.solver.network
    weeks = {w: watch(Solver(network), case_of(world, "no-truce", w)) for w in (26, 52, 104, 208)}
    found |= exponent("weeks", {w: x.seconds for w, x in weeks.items()})
    times = {}
    for k in (1, 2, 4):
        larger = with_customers(network, k)
        times[k] = watch(Solver(larger), case_of(world, "no-truce", 26, larger)).seconds
    found |= exponent("customers", times)
    counts = [c for c in (1, 4, 16, 64) if c <= most]
    sums = {}
    for count in counts:
        solver = Solver(network)
        case = case_of(world, "no-truce", 26)
        shares = np.linspace(0.2, 1.0, count)
        sums[count] = sum(watch(solver, Varied(case, float(s), 7)).seconds for s in shares)
    found |= exponent("scenarios", sums)
    return found


def exponent(name: str, seconds: dict[int, float]) -> dict[str, float]:
    """The slope of seconds over size, both as logarithms, and the seconds themselves."""
    x, y = np.log(list(seconds)), np.log(list(seconds.values()))
    slope = float(np.polyfit(x, y, 1)[0]) if len(x) > 1 else math.nan
    each = {f"{name} x{size} s": value for size, value in seconds.items()}
    return {**each, f"exponent {name}": slope}


def show(found: dict[str, float]) -> None:
    """A table with the targets."""
    for name, value in found.items():
        sign, target = TARGETS.get(name, ("", 0.0))
        wanted = f"   target {sign} {target:g}" if sign else ""
        print(f"  {name:<30} {value:12.4g}{wanted}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
