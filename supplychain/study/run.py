"""One scenario, from names of files to a Run: read, build, solve, recheck, record."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from supplychain.dataset import BASE_YEAR, Tables, read_tables, shipped
from supplychain.errors import SupplychainError, problem
from supplychain.network.build import build_network
from supplychain.network.classes import ended
from supplychain.regime.case import Case, build_case
from supplychain.results.binding import bound_most
from supplychain.results.dictionaries import dictionaries
from supplychain.results.indicators import indicators
from supplychain.results.recheck import recheck
from supplychain.results.record import build_record
from supplychain.results.run import Run
from supplychain.results.tables import build_tables
from supplychain.results.timeline import timeline
from supplychain.solve.origin import origin
from supplychain.solve.rolling import Solution, Solver
from supplychain.study.request import RunRequest, inputs_of, resolve

__all__ = [
    "Progress",
    "RunRequest",
    "World",
    "make_run",
    "open_world",
    "peak_memory_mb",
    "resolve",
    "run_scenario",
    "summary",
    "world_of",
]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class World:
    """Tables and the network built from them, shared by every scenario of one data folder."""

    tables: Tables
    solver: Solver
    read_seconds: float
    build_seconds: float
    _older: dict[frozenset[str], Solver] = field(default_factory=dict, compare=False, repr=False)

    def solver_of(self, start: date) -> Solver:
        """The solver for scenarios from a day on.

        Controls that ended before the scenario are no part of its network. So those of history
        leave every scenario after the base year as it is.
        """
        gone = ended(self.tables, start)
        if start > BASE_YEAR[1] or gone == ended(self.tables, BASE_YEAR[1]):
            return self.solver
        if gone not in self._older:
            network = build_network(self.tables, start)
            self._older[gone] = Solver(network, self.solver.threads, self.solver.where)
        return self._older[gone]


def open_world(data: Path | None = None, overlays: Sequence[Path] = (), threads: int = 1) -> World:
    """Read a data folder (default: the one that ships) and build its network.

    Raises:
        InvalidInput: with every problem of the folder and its overlays.
    """
    started = perf_counter()
    tables = read_tables(data or shipped("data"), overlays)
    return world_of(tables, threads, perf_counter() - started)


def world_of(tables: Tables, threads: int = 1, read_seconds: float = 0.0) -> World:
    """Build the network of tables that are read already."""
    started = perf_counter()
    network = build_network(tables)
    solver = Solver(network, threads, origin(tables))
    return World(tables, solver, read_seconds, perf_counter() - started)


def run_scenario(
    request: RunRequest, on_progress: Progress | None = None, world: World | None = None
) -> Run:
    """Solve one scenario.

    Args:
        request: what to solve.
        on_progress: called with (weeks done, weeks in all).
        world: an opened data folder to share between runs; default: open the request's own.

    Raises:
        InvalidInput: data or scenario are wrong; every problem is listed.
        NotSolved: a window has no answer; the reason is in words.
    """
    world = world or open_world(request.data, request.overlays, request.threads)
    scenario = resolve(request, world.tables)
    started = perf_counter()
    solver = world.solver_of(scenario.start)
    case = build_case(solver.network, world.tables, scenario)
    built = perf_counter()
    solution = solver.solve(case, scenario.foresight.mode, request.allocation, on_progress)
    solved = perf_counter()
    run = make_run(world.tables, case, solution)
    compile_seconds = solution.build_seconds
    run.record["seconds"].update(
        read=world.read_seconds,
        build=world.build_seconds + built - started + compile_seconds,
        solve=solved - built - compile_seconds,
        tables=perf_counter() - solved,
    )
    return replace(run, record={**run.record, "inputs": inputs_of(request)})


def make_run(tables: Tables, case: Case, solution: Solution) -> Run:
    """Tables, recomputed balances and the record of a solved case.

    Raises:
        SupplychainError: a balance recomputed from the tables does not hold.
    """
    frames = build_tables(solution)
    values = {
        (c.sector, c.segment, c.region): c.value_added_usd_per_unit for c in case.network.customers
    }
    frames["indicators"] = indicators(frames["shortfall"], values, case.first_effective)
    frames["timeline"] = timeline(case, tables)
    checks = recheck(solution, frames)
    broken = [c for c in checks if not c.ok]
    if broken:
        raise SupplychainError(
            "The result tables do not add up; no report is written.",
            [
                problem("RESULT-101", f"{c.name}: residual {c.residual:.3g} over {c.tolerance:g}.")
                for c in broken
            ],
        )
    frames.update(dictionaries(tables, case.network))
    controls = dict(zip(tables["controls"]["control"], tables["controls"]["name"], strict=True))
    record = build_record(solution, tables, frames, checks, bound_most(solution, controls))
    record["seconds"] = {}
    record["peak_memory_mb"] = peak_memory_mb()
    return Run(record, frames)


def peak_memory_mb() -> float:
    """The most memory this process has held so far, MB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1e6 if sys.platform == "darwin" else 1e3)


def summary(run: Run) -> dict[str, Any]:
    """A run as an entry of `runs` in `run --json`."""
    return {
        "scenario": run.scenario,
        "id": run.record["id"],
        "folder": str(run.folder) if run.folder else None,
        "status": run.record["solver"]["status"],
        "seconds": dict(run.record["seconds"]),
        "peak_memory_mb": run.record["peak_memory_mb"],
        "headline": run.record["headline"],
    }
