"""Buyers keep their makers: in an open world the base year's lanes carry what they carried."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from supplychain.network.entities import Network
from supplychain.solve.allocation import CONTRACTS
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import World, run_scenario
from tests.shipped.solved import NDFEB, Solved

START, WEEKS = date(2024, 1, 1), 26
"""Before the first lane that ended: the network of the base year, whole."""
LEAST, FAR = 0.01, 0.1
"""Of a region's purchases of a material; and how far off a lane may be."""

Lane = tuple[str, str, str]


def carried_in_open(world: World) -> dict[Lane, float]:
    """T per week of every lane between regions, mean of the weeks."""
    request = RunRequest("open", start=START, weeks=WEEKS, allocation=CONTRACTS)
    flows = run_scenario(request, world=world).tables["flows"]
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


def test_every_lane_of_the_base_year_carries_what_it_carried(solved: Solved) -> None:
    """So do the forty tonnes of magnets a year from Japan to Europe, once not bought at all."""
    lanes, carried = usual_lanes(solved.world.solver.network), carried_in_open(solved.world)
    japan_europe = [(magnet, "JPN", "EUR") for magnet in NDFEB]
    bought = sum(carried.get(lane, 0.0) for lane in japan_europe)
    assert abs(bought / sum(lanes[lane] for lane in japan_europe) - 1.0) < FAR
    usual = large(lanes)
    assert len(usual) > 200
    off = {
        lane: carried.get(lane, 0.0) / tonnes
        for lane, tonnes in usual.items()
        if abs(carried.get(lane, 0.0) / tonnes - 1.0) > FAR
    }
    assert off == {}
