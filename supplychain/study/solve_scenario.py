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
from supplychain.dataset import BASE_YEAR, Tables, read_tables
from supplychain.files import shipped
from supplychain.network.build_network import build_network
from supplychain.network.licence_categories import ended
from supplychain.results.run_record import make_run
from supplychain.runs.run_schema import BAND_TABLES, PERFECT, PROPORTIONAL, WORLD, Run
from supplychain.solve.infeasibility import origin
from supplychain.solve.rolling_horizon import Solver
from supplychain.study.run_request import RunRequest, inputs_of, resolve

OnProgress = Callable[[int, int], None]


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


def band_requests(run: Run, request: RunRequest) -> dict[str, RunRequest]:
    """The runs that make the band: everything known beforehand, and sharing by usual shares."""
    found = {}
    if run.record["foresight"] != PERFECT:
        found[PERFECT] = replace(request, foresight=PERFECT)
    if run.record["allocation"] != PROPORTIONAL:
        found[PROPORTIONAL] = replace(request, allocation=PROPORTIONAL)
    return found


def with_band(
    run: Run, request: RunRequest, world: World, on_progress: OnProgress | None = None
) -> Run:
    """Solve the same scenario with other planners and keep what they lose with the run.

    Raises:
        NotSolved: one of them has no answer.
    """
    made = {
        kind: run_scenario(asked, on_progress, world)
        for kind, asked in band_requests(run, request).items()
    }
    return add_band(run, made)


def add_band(run: Run, made: Mapping[str, Run]) -> Run:
    """Put the losses of other runs of the same scenario beside those of a run."""
    tables = dict(run.tables)
    for own, name in BAND_TABLES.items():
        parts = [_named(kind, other.tables[own]) for kind, other in made.items()]
        if parts:
            tables[name] = pd.concat(parts, ignore_index=True)
    ways = {kind: _way(other) for kind, other in made.items()}
    own_way = str(run.record["foresight"])
    losses = {own_way: _losses(run), **{kind: _losses(other) for kind, other in made.items()}}
    sectors = {
        sector: {**words, "band": {way: found[sector] for way, found in losses.items()}}
        for sector, words in run.headline["sectors"].items()
    }
    headline = {**run.headline, "sectors": sectors}
    return replace(run, record={**run.record, "headline": headline, "band": ways}, tables=tables)


def _named(kind: str, table: pd.DataFrame) -> pd.DataFrame:
    named = table.copy()
    named.insert(1, "kind", kind)
    return named


def _way(run: Run) -> dict[str, Any]:
    """What run.json keeps of a run that made a band."""
    kept = ("id", "foresight", "allocation", "solver", "checks", "seconds")
    return {name: run.record[name] for name in kept}


def _losses(run: Run) -> dict[str, float]:
    rows = run.tables["indicators"]
    rows = rows[rows["region"] == WORLD]
    return dict(zip(rows["sector"].astype(str), rows["lost_value_usd"].astype(float), strict=True))
