"""One scenario to a Run, and the band of other planners around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from supplychain.case.case import build_case
from supplychain.case.past import Past
from supplychain.dataset import BASE_YEAR, Tables, read_tables
from supplychain.files import shipped
from supplychain.model.window import Window
from supplychain.network.build_network import build_network
from supplychain.network.licence_categories import ended
from supplychain.results.indicators import with_range
from supplychain.results.run_record import make_run
from supplychain.runs.provenance import program_sum
from supplychain.runs.run_schema import BAND_TABLES, PERFECT, Run
from supplychain.scenario.scenario import Scenario
from supplychain.solve.infeasibility import origin
from supplychain.solve.model_file import ModelFile, check_window, write_model
from supplychain.solve.rolling_horizon import OnWindow, Solver, decisions_under
from supplychain.solve.standard_form import StandardForm
from supplychain.study.run_request import RunRequest, inputs_of, resolve
from supplychain.study.solved_past import Pasts

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class World:
    """Tables and the network built from them, shared by every scenario of one data folder."""

    tables: Tables
    solver: Solver
    read_seconds: float
    build_seconds: float
    pasts: Pasts
    """Solved pasts of the scenarios of this folder."""
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
            self._older[gone] = Solver(
                network, self.solver.threads, self.solver.where, kept=self.solver.kept
            )
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
    solver = Solver(network, threads, origin(tables), kept=True)
    return World(tables, solver, read_seconds, perf_counter() - started, Pasts(tables))


def run_scenario(
    request: RunRequest, on_progress: OnProgress | None = None, world: World | None = None
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
    return run_resolved(resolve(request, world.tables), request, world, on_progress)


def run_resolved(
    scenario: Scenario, request: RunRequest, world: World, on_progress: OnProgress | None = None
) -> Run:
    """Solve a scenario that is resolved already, by the settings of a request.

    Raises:
        InvalidInput: the scenario cannot be worked into the network.
        NotSolved: a window has no answer; the reason is in words.
    """
    started = perf_counter()
    solver = world.solver_of(scenario.start)
    past = world.pasts.of(scenario, solver, on_progress)
    opened = perf_counter()
    if request.log is not None:
        solver = logging_to(request.log, solver)
    case = build_case(solver.network, world.tables, scenario, past)
    built = perf_counter()
    ahead = after_past(on_progress, past)
    foresight = scenario.foresight.mode
    windows = len(decisions_under(case, foresight, request.allocation))
    writing = _writing(request.model, windows)
    solution = solver.solve(case, foresight, request.allocation, ahead, on_window=writing)
    solved = perf_counter()
    run = make_run(world.tables, solution)
    compile_seconds = solution.build_seconds
    run.record["seconds"].update(
        read=world.read_seconds,
        past=opened - started,
        build=world.build_seconds + built - opened + compile_seconds,
        solve=solved - built - compile_seconds,
        tables=perf_counter() - solved,
    )
    made = {"inputs": inputs_of(request), "program": program_sum()}
    return replace(run, record={**run.record, **made})


def logging_to(log: Path, solver: Solver) -> Solver:
    """A solver of the same network whose programmes say in a new file how they are solved."""
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("", encoding="utf-8")
    found = Solver(solver.network, solver.threads, solver.where, kept=solver.kept)
    found.log = log
    return found


def _writing(model: ModelFile | None, windows: int) -> OnWindow | None:
    """What writes the window that is asked for when its turn comes; None where none is.

    Raises:
        InvalidInput: the run has no such window.
    """
    if model is None:
        return None
    check_window(model, windows)

    def write(number: int, form: StandardForm, window: Window) -> None:
        if number == model.window:
            write_model(form, window, model.file)

    return write


def past_left(scenario: Scenario, tables: Tables, threads: int = 1) -> Past | None:
    """What the solved past of a scenario left; None where it has none.

    Raises:
        NotSolved: a week of the past has no answer.
    """
    if scenario.history is None:
        return None
    world = world_of(tables, threads)
    return world.pasts.of(scenario, world.solver_of(scenario.start))


def after_past(on_progress: OnProgress | None, past: Past | None) -> OnProgress | None:
    """Progress of the weeks that follow a past, counted from the past's start."""
    if on_progress is None or past is None:
        return on_progress
    tell, before = on_progress, past.weeks
    return lambda done, total: tell(before + done, before + total)


def band_requests(request: RunRequest, foresight: str) -> dict[str, RunRequest]:
    """The other runs that make the band of a request whose own planners have that foresight."""
    request = replace(request, model=None, log=None)
    found = {}
    for kind in request.band:
        if kind == PERFECT and foresight != PERFECT:
            found[kind] = replace(request, foresight=PERFECT, band=())
        elif kind not in (PERFECT, request.allocation):
            found[kind] = replace(request, allocation=kind, band=())
    return found


def with_band(
    run: Run, request: RunRequest, world: World, on_progress: OnProgress | None = None
) -> Run:
    """Solve the other runs of the band and keep what they lose with the run.

    Raises:
        NotSolved: one of them has no answer.
    """
    asked = band_requests(request, str(run.record["foresight"]))
    return add_band(
        run, {kind: run_scenario(one, on_progress, world) for kind, one in asked.items()}
    )


def solve_band(request: RunRequest) -> dict[str, Run]:
    """The other runs of a band, as small as a band needs them, for a process of its own.

    Raises:
        InvalidInput: data or scenario are wrong; every problem is listed.
        NotSolved: one of them has no answer.
    """
    world = open_world(request.data, request.overlays, request.threads)
    asked = band_requests(request, resolve(request, world.tables).foresight.mode)
    found = {}
    for kind, one in asked.items():
        run = run_scenario(one, world=world)
        found[kind] = replace(run, tables={name: run.tables[name] for name in BAND_TABLES})
    return found


def add_band(run: Run, made: Mapping[str, Run]) -> Run:
    """Put the losses of other runs of the same scenario beside those of a run."""
    tables = dict(run.tables)
    for own, name in BAND_TABLES.items():
        parts = [_named(kind, other.tables[own]) for kind, other in made.items()]
        if parts:
            tables[name] = pd.concat(parts, ignore_index=True)
    ways = {kind: _way(other) for kind, other in made.items()}
    measured = {kind: other.tables["indicators"] for kind, other in made.items()}
    itself = {str(run.record["allocation"]): run.tables["indicators"]}
    headline = with_range(run.headline, itself, measured)
    return replace(run, record={**run.record, "headline": headline, "band": ways}, tables=tables)


def _named(kind: str, table: pd.DataFrame) -> pd.DataFrame:
    named = table.copy()
    named.insert(1, "kind", kind)
    return named


def _way(run: Run) -> dict[str, Any]:
    """What run.json keeps of a run that made a band."""
    kept = ("id", "foresight", "allocation", "solver", "checks", "seconds")
    return {name: run.record[name] for name in kept}
