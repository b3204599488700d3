"""How long a scenario's windows take beside an older checkout, in turns on one machine.

    python benchmarks/paired.py OLDER [--python OLDER/.venv/bin/python] [--scenario no-truce]
        [--weeks 24] [--rounds 3] [--allocation contracts] [--older-allocation value]

Prints processor seconds of solving without building, simplex pivots, and the ratio of the sums.
Pivots too, since one of several equal optima leads to other windows: a ratio of one run is rough.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
SOLVE = """
import json, sys
from importlib import import_module
from time import process_time

def first(name, *modules):
    for module in modules:
        try:
            return getattr(import_module("supplychain." + module), name)
        except (ImportError, AttributeError):
            continue
    raise SystemExit(f"This checkout has no {name}.")

open_world = first("open_world", "study.solve_scenario", "study.run")
Request = first("RunRequest", "study.run_request", "study.run")
resolve = first("resolve", "study.run_request", "study.run")
build_case = first("build_case", "case.case", "regime.case")
name, allocation, weeks = sys.argv[1], sys.argv[2], int(sys.argv[3])
world = open_world()
request = Request(scenario=name, weeks=weeks, allocation=allocation)
case = build_case(world.solver.network, world.tables, resolve(request, world.tables))
started = process_time()
solution = world.solver.solve(case, "rolling", allocation)
seconds = process_time() - started - solution.build_seconds
pivots = sum(answer.iterations for answer in solution.windows)
print(json.dumps([seconds, pivots, len(solution.windows)]))
"""
"""Runs in either checkout: the modules of both layouts are tried."""


@dataclass(frozen=True)
class Checkout:
    """A checkout to solve in: its folder, its Python and the rule of allocation."""

    folder: Path
    python: Path
    allocation: str

    def solve(self, scenario: str, weeks: int) -> tuple[float, int, int]:
        """Processor seconds, pivots and windows of a scenario, in a process of its own."""
        done = subprocess.run(
            [self.python, "-c", SOLVE, scenario, self.allocation, str(weeks)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        seconds, pivots, windows = json.loads(done.stdout.splitlines()[-1])
        return float(seconds), int(pivots), int(windows)


def main() -> None:
    """Solve in turns and print both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("older", type=Path)
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument("--scenario", default="no-truce")
    parser.add_argument("--weeks", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--allocation", default="contracts")
    parser.add_argument("--older-allocation", default="value")
    options = parser.parse_args()
    older = options.older.resolve(), options.python.absolute()
    checkouts = {
        "older": Checkout(*older, options.older_allocation),
        "this": Checkout(HERE, Path(sys.executable), options.allocation),
    }
    total = dict.fromkeys(checkouts, 0.0)
    for _ in range(options.rounds):
        for name, checkout in checkouts.items():
            seconds, pivots, windows = checkout.solve(options.scenario, options.weeks)
            total[name] += seconds
            print(f"{name:<6} {seconds:6.1f} s {pivots:8,} pivots {windows:3} windows", flush=True)
    print(f"ratio  {total['this'] / total['older']:6.2f}")


if __name__ == "__main__":
    main()
