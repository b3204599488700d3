"""Buyers keep their makers: in an open world the base year's lanes carry what they carried."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from supplychain.network.entities import Network
from supplychain.runs.run_schema import Run
from supplychain.solve.allocation import CONTRACTS
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import run_scenario
from supplychain.units import WEEKS_PER_YEAR
from tests.shipped.solved import NDFEB, Solved, magnet_exports

START, WEEKS = date(2024, 1, 1), 26
"""Before the first lane that ended: the network of the base year, whole."""
LEAST, FAR = 0.01, 0.1
"""Of a region's purchases of a material; and how far off a lane may be."""

Lane = tuple[str, str, str]


@pytest.fixture(scope="module")
def base_year(solved: Solved) -> Run:
    request = RunRequest("open", start=START, weeks=WEEKS, allocation=CONTRACTS)
    return run_scenario(request, world=solved.world)


def carried(run: Run) -> dict[Lane, float]:
    """T per week of every lane between regions, mean of the weeks."""
    flows = run.tables["flows"]
    flows = flows[flows["origin"] != flows["destination"]]
    lanes = flows.groupby(["material", "origin", "destination"])["tonnes"].sum() / WEEKS
    return {(str(m), str(o), str(d)): float(t) for (m, o, d), t in lanes.items()}


def usual_lanes(network: Network) -> dict[Lane, float]:
    """T per week of every lane."""
    usual: dict[Lane, float] = defaultdict(float)
    for a in network.arcs:
        usual[a.material, a.origin, a.destination] += a.usual_feed_t_per_week
    for d in network.deliveries:
        region = network.customers[d.customer].region
        usual[d.material, d.origin, region] += d.usual_t_per_week
    return usual


def large(usual: dict[Lane, float]) -> dict[Lane, float]:
    """The lanes between regions that carry over LEAST of what their region buys."""
    bought: dict[tuple[str, str], float] = defaultdict(float)
    for (material, _, destination), tonnes in usual.items():
        bought[material, destination] += tonnes
    return {(m, o, d): t for (m, o, d), t in usual.items() if o != d and t > LEAST * bought[m, d]}


def test_every_lane_of_the_base_year_carries_what_it_carried(
    solved: Solved, base_year: Run
) -> None:
    """So do the forty tonnes of magnets a year from Japan to Europe, once not bought at all."""
    lanes, shipped = usual_lanes(solved.world.solver.network), carried(base_year)
    japan_europe = [(magnet, "JPN", "EUR") for magnet in NDFEB]
    bought = sum(shipped.get(lane, 0.0) for lane in japan_europe)
    assert abs(bought / sum(lanes[lane] for lane in japan_europe) - 1.0) < FAR
    usual = large(lanes)
    assert len(usual) > 200
    off = {
        lane: shipped.get(lane, 0.0) / tonnes
        for lane, tonnes in usual.items()
        if abs(shipped.get(lane, 0.0) / tonnes - 1.0) > FAR
    }
    assert off == {}


def test_exports_of_the_base_year_by_buyer(solved: Solved, base_year: Run) -> None:
    """China's NdFeB by buyer: within 10 % of what customs counted in the base year."""
    years = WEEKS / WEEKS_PER_YEAR
    yearly = magnet_exports(base_year).groupby("destination")["tonnes"].sum() / years
    customs = {
        str(row["target"]).removeprefix("exports-"): float(row["value"])
        for row in solved.tables.records("closure_targets")
        if str(row["target"]).startswith("exports-") and row["target"] != "exports-world"
    }
    assert set(yearly.index) == set(customs)
    off = {buyer: yearly[buyer] / tonnes - 1.0 for buyer, tonnes in customs.items()}
    assert {buyer: round(x, 3) for buyer, x in off.items() if abs(x) > FAR} == {}
