"""Solve a shipped scenario once, whoever asks first, and keep the run on disk for the others."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from filelock import FileLock
from pandas import DataFrame

from supplychain.dataset import Tables
from supplychain.network.entities import Network
from supplychain.runs.run_schema import Run
from supplychain.runs.run_store import read_run
from supplychain.solve.allocation import CONTRACTS
from supplychain.solve.rolling_horizon import Solver
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import World, open_world, run_scenario

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = (
    "open",
    "truce",
    "no-truce",
    "slow-licences",
    "military-denial",
    "embargo",
    "hindcast-2025",
)
NDFEB = ("ndfeb-light", "ndfeb-heavy")
CHINA = "CHN"


@dataclass(frozen=True)
class Said:
    """What the command came to."""

    code: int
    out: str
    err: str


class Solved:
    """Runs by scenario, foresight and allocation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self._runs: dict[str, Run] = {}

    @cached_property
    def world(self) -> World:
        """The shipped data, opened once by each worker."""
        return open_world()

    @cached_property
    def bare_world(self) -> World:
        """The same world without the proofs of duals, which are two fifths of a rolling run."""
        solver = self.world.solver
        bare = Solver(solver.network, solver.threads, solver.where, prove_duals=False, kept=True)
        return replace(self.world, solver=bare)

    @property
    def tables(self) -> Tables:
        """The shipped tables."""
        return self.world.tables

    @property
    def network(self) -> Network:
        """The shipped network."""
        return self.world.solver.network

    def __call__(
        self,
        scenario: str,
        foresight: str = "rolling",
        allocation: str = CONTRACTS,
        weeks: int | None = None,
    ) -> Run:
        """The whole horizon of a scenario, or its first weeks: those without proofs of duals."""
        name = f"{scenario}-{foresight}-{allocation}-{weeks or 'all'}"
        if name not in self._runs:
            request = RunRequest(scenario, foresight=foresight, allocation=allocation, weeks=weeks)
            self._runs[name] = self._find(request, name)
        return self._runs[name]

    def command(self) -> Said:
        """What the README's command says, without its installation; its run is shared as well."""
        with self._first("command") as file:
            if not file.exists():
                scenario = readme_scenario()
                words = ["run", scenario, "--out", str(self.folder), "--workers", "1"]
                ended = subprocess.run(
                    [sys.executable, "-m", "supplychain", *words],
                    cwd=self.folder,
                    env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                file.write_bytes(pickle.dumps(Said(ended.returncode, ended.stdout, ended.stderr)))
            found: Said = pickle.loads(file.read_bytes())
        return found

    def _find(self, request: RunRequest, name: str) -> Run:
        shared = RunRequest(readme_scenario(), foresight="rolling", allocation=CONTRACTS)
        if request == shared:
            said = self.command()
            assert said.code == 0, said.err
            return read_run(self.folder / request.scenario)
        with self._first(name) as file:
            if not file.exists():
                world = self.world if request.weeks is None else self.bare_world
                run = run_scenario(request, world=world)
                file.write_bytes(pickle.dumps(run))
                return run
            run = pickle.loads(file.read_bytes())
        assert isinstance(run, Run)
        return run

    @contextmanager
    def _first(self, name: str) -> Iterator[Path]:
        with FileLock(self.folder / f"{name}.lock"):
            yield self.folder / f"{name}.pickle"


@cache
def readme_scenario() -> str:
    """The scenario that the README's one line under `## Run it` solves."""
    section = (ROOT / "README.md").read_text().split("\n## Run it\n")[1]
    (name,) = re.findall(r"supplychain run (\S+)$", section, re.MULTILINE)
    return str(name)


def magnet_exports(run: Run) -> DataFrame:
    """China's NdFeB departures to other regions."""
    flows = run.tables["flows"]
    abroad = (flows["origin"] == CHINA) & (flows["destination"] != CHINA)
    return flows[abroad & flows["material"].isin(NDFEB)]
