"""Ways to hand the programme of one window to HiGHS, and ways to start solving it.

    python benchmarks/ways_to_solve.py [--scenario no-truce] [--limit 300]

Prints processor seconds: building and handing over; then the first window, an ordinary next one,
and the one of the largest change, each cold by interior point and by dual simplex, and warm.
Compare the ratios; seconds depend on the machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import process_time
from typing import TypeVar

import numpy as np
from pyomo.environ import SolverFactory

from supplychain.case.case import build_case
from supplychain.model.build_model import build_model
from supplychain.model.window import Window
from supplychain.solve.compile_structure import compile_model
from supplychain.solve.highs import NO_LIMIT, Programme
from supplychain.solve.solution import Answer, Solution
from supplychain.solve.standard_form import StandardForm, limits
from supplychain.study import RunRequest, open_world
from supplychain.study.run_request import resolve

T = TypeVar("T")


def main() -> None:
    """Collect the windows of a scenario, then time them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="no-truce")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for one solve")
    options = parser.parse_args()
    solution, windows = solved_windows(options.scenario)
    compiled = hand_over(solution, windows[0])
    starts(compiled, solution, windows, options.limit)


def solved_windows(scenario: str) -> tuple[Solution, list[Window]]:
    """Solve a scenario and keep the numbers of each of its windows."""
    world = open_world()
    case = build_case(
        world.solver.network, world.tables, resolve(RunRequest(scenario), world.tables)
    )
    windows: list[Window] = []
    solve = Programme.solve

    def remember(self: Programme, window: Window) -> Answer:
        windows.append(window)
        return solve(self, window)

    Programme.solve = remember  # type: ignore[method-assign]
    try:
        return world.solver.solve(case, "rolling", "value"), windows
    finally:
        Programme.solve = solve  # type: ignore[method-assign]


def hand_over(solution: Solution, window: Window) -> StandardForm:
    """Time the build, the compiler with arrays, and a persistent interface."""
    network, grid = solution.realised.network, solution.grid
    finite = replace(window, granted=np.where(np.isinf(window.granted), 0.0, window.granted))
    model = timed("build with Pyomo", lambda: build_model(network, grid, finite))
    compiled = timed("compile to arrays", lambda: compile_model(model, network, grid))
    programme = timed("pass the arrays to HiGHS", lambda: Programme(compiled))
    timed(
        "change every number of a window",
        lambda: programme._load(programme.reduced.limits(limits(compiled, window))),
    )
    persistent = SolverFactory("appsi_highs")
    timed("the same model through appsi_highs", lambda: persistent.set_instance(model))
    rows, columns = compiled.matrix.shape
    print(f"{rows} rows, {columns} columns, {compiled.matrix.nnz} non-zeros")
    return compiled


def starts(compiled: StandardForm, solution: Solution, windows: list[Window], limit: float) -> None:
    """Time cold and warm starts on an ordinary window and on the one of the largest change."""
    hardest = max(range(1, len(windows)), key=lambda i: solution.windows[i].seconds)
    for i in (0, 1, hardest):
        for way in ("ipm", "simplex"):
            fresh = Programme(compiled)
            timed(f"window {i + 1}, cold, {way}", partial(run, fresh, windows[i], way, limit))
        if i:
            warm = Programme(compiled)
            run(warm, windows[i - 1], "simplex", limit)
            timed(
                f"window {i + 1}, warm, simplex", partial(run, warm, windows[i], "simplex", limit)
            )


def run(programme: Programme, window: Window, way: str, limit: float) -> str:
    """Solve a window one way and say how it ended."""
    solver = programme.solver
    programme._load(programme.reduced.limits(limits(programme.compiled, window)))
    solver.setOptionValue("solver", way)
    solver.setOptionValue("time_limit", limit + solver.getRunTime())
    solver.setOptionValue("simplex_iteration_limit", NO_LIMIT)
    solver.run()
    pivots = solver.getInfo().simplex_iteration_count
    return f"{solver.modelStatusToString(solver.getModelStatus())}, {pivots} pivots"


def timed(name: str, work: Callable[[], T]) -> T:
    """Do something and print how long it took, and what it says of itself."""
    started = process_time()
    done = work()
    said = done if isinstance(done, str) else ""
    print(f"{name:<36} {process_time() - started:8.2f} s  {said}".rstrip())
    return done


if __name__ == "__main__":
    main()
