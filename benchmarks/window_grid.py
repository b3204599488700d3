"""What coarser periods of a window cost in accuracy and spare in time.

    python benchmarks/window_grid.py [--scenario no-truce] [--json FILE]

Solves a scenario with several grids of a window and with single weeks throughout, in one run, and
prints for each the seconds (as a ratio) and the value lost, by sector, beside that of single weeks.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np

from supplychain.case.case import build_case
from supplychain.network.entities import Network
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.solution import Solution
from supplychain.study import RunRequest, open_world
from supplychain.study.run_request import resolve

GRIDS = {
    "40 weeks": (40, 0, 0, 8),
    "12 weeks, then 4": (12, 0, 0, 4),
    "12 weeks, 3 of 4, then 8": (12, 0, 3, 8),
    "8 weeks, 2 of 2, 3 of 4, then 8": (8, 2, 3, 8),
    "8 weeks, then 4": (8, 0, 0, 4),
    "8 weeks, 2 of 4, then 8": (8, 0, 2, 8),
    "4 weeks, 4 of 2, 3 of 4, then 8": (4, 4, 3, 8),
}
"""Name to weekly, two-week and four-week periods, and the length of the last ones."""
NAMES = ("weekly_periods", "two_week_periods", "four_week_periods", "far_period_weeks")


def main() -> None:
    """Solve with every grid, then print ratios to the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="no-truce")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    world = open_world()
    scenario = resolve(RunRequest(options.scenario), world.tables)
    found = {}
    for name, numbers in GRIDS.items():
        network = replace(
            world.solver.network,
            assumptions={
                **world.solver.network.assumptions,
                **dict(zip(NAMES, map(float, numbers), strict=True)),
            },
        )
        case = build_case(network, world.tables, scenario)
        started = process_time()
        solution = Solver(network).solve(case, "rolling", "value")
        seconds = process_time() - started - solution.build_seconds
        found[name] = {
            "seconds": seconds,
            "periods": len(solution.grid.lengths),
            **lost(network, solution),
        }
        print(f"{name}: solved", flush=True)
    show(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def lost(network: Network, solution: Solution) -> dict[str, float]:
    """Million USD of value added lost, by sector and in all."""
    weeks = solution.history.lost.sum(axis=1)
    found: dict[str, float] = {}
    for customer, series in zip(network.customers, weeks, strict=True):
        value = customer.plan_per_week * customer.value_added_usd_per_unit / 1e6
        found[customer.sector] = found.get(customer.sector, 0.0) + float(series.sum()) * value
    return {**found, "all": sum(found.values())}


def show(found: dict[str, dict[str, float]]) -> None:
    """A table: time as a ratio to single weeks, the loss, and how far off it is."""
    exact = next(iter(found.values()))
    sectors = [key for key in exact if key not in ("seconds", "periods")]
    print(f"\n{'grid':<34}{'periods':>8}{'time':>7}" + "".join(f"{s:>15}" for s in sectors))
    for name, row in found.items():
        ratio = row["seconds"] / exact["seconds"]
        print(
            f"{name:<34}{row['periods']:>8.0f}{ratio:>7.2f}"
            + "".join(f"{row[s]:>15,.0f}" for s in sectors)
        )
    worst = {
        name: max(abs(row[s] - exact[s]) for s in sectors) / max(exact["all"], np.finfo(float).tiny)
        for name, row in found.items()
    }
    print("\nLargest difference of a sector, share of all that is lost:")
    for name, share in worst.items():
        print(f"  {name:<34}{share:8.2%}")


if __name__ == "__main__":
    main()
