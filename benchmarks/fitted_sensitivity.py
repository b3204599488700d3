"""What each fitted parameter is worth in a forecast: its interval's ends, the others as fitted.

    supplychain hindcast --fit --out fit
    python benchmarks/fitted_sensitivity.py fit/fitted/README.json [--scenario no-truce]

Solves the scenario twice a parameter and prints vehicles and value added lost beside those of the
fit. An interval as wide as the sourced range says that the exports of 2025 leave it open.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from supplychain.policy.regimes import read_policy
from supplychain.runs.run_schema import WORLD
from supplychain.study.calibration import Translation, fitted_frame, with_rows
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import World, open_world, run_scenario


def main() -> None:
    """Read a fit, solve at both ends of every interval, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fit", type=Path, help="README.json beside the fitted rows")
    parser.add_argument("--scenario", default="no-truce")
    options = parser.parse_args()
    knobs = json.loads(options.fit.read_text(encoding="utf-8"))["knobs"]
    best = {k["knob"]: float(k["value"]) for k in knobs}
    world = open_world()
    bare = with_rows(world.tables, world.tables["fitted_parameters"].iloc[:0])
    translation = Translation(bare, read_policy(bare))

    def lost(values: dict[str, float]) -> tuple[float, float]:
        tables = with_rows(bare, fitted_frame(translation, values, {}))
        return losses(replace(world, tables=tables), options.scenario)

    vehicles, value = lost(best)
    print(f"{options.scenario} as fitted: {vehicles:,.0f} vehicles, {value:,.2f} billion USD\n")
    print(f"{'parameter':<18}{'low':>8}{'high':>8}{'vehicles':>24}{'billion USD':>20}")
    for knob in knobs:
        ends = [lost({**best, knob["knob"]: float(end)}) for end in knob["interval"]]
        low, high = knob["interval"]
        print(
            f"{knob['knob']:<18}{low:>8.3g}{high:>8.3g}"
            f"{ends[0][0] - vehicles:>+12,.0f}{ends[1][0] - vehicles:>+12,.0f}"
            f"{ends[0][1] - value:>+10.2f}{ends[1][1] - value:>+10.2f}",
            flush=True,
        )


def losses(world: World, scenario: str) -> tuple[float, float]:
    """Vehicles lost in the world, and billion USD of value added lost in all sectors."""
    found = run_scenario(RunRequest(scenario), world=world).tables["indicators"]
    everywhere = found[found["region"] == WORLD]
    vehicles = everywhere.loc[everywhere["sector"] == "auto", "lost"].sum()
    return float(vehicles), float(everywhere["lost_value_usd"].sum()) / 1e9


if __name__ == "__main__":
    main()
