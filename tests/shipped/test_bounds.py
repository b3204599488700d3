"""Perfect foresight is the lower bound, and squeezing harder never helps: on the shipped data."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from supplychain.case.case import build_case
from supplychain.case.opening_inventory import opening_cover
from supplychain.results.run_record import weighted_loss
from supplychain.study.run_request import RunRequest, resolve
from tests.shipped.solved import SCENARIOS, Solved

SLACK = 1e-6
"""Relative: what the solver's tolerances may move. The grid needs none: periods of four weeks let
goods pass several steps of the chain at once, so perfect foresight loses rather less on them than
on the weekly periods of the other rules, and the bound holds with the more room."""


RULES = ("contracts", "proportional", "value")
BOUND_WEEKS = 39
"""Weeks that the bounds are tried on: the squeeze of 2025, and half a year after a lapse."""


def test_perfect_foresight_of_an_open_world_loses_nothing_and_costs_least(solved: Solved) -> None:
    """Who sees the whole horizon makes a few tonnes weeks later rather than pay a premium."""
    perfect = solved("open", "perfect", "value", BOUND_WEEKS)
    assert float(perfect.tables["shortfall"]["lost_for_good"].max()) < SLACK
    least = sum(perfect.record["costs_musd"].values())
    for allocation in RULES:
        found = solved("open", "rolling", allocation, BOUND_WEEKS).record
        assert found["weighted_loss_musd"] == pytest.approx(0.0, abs=SLACK)
        assert least <= sum(found["costs_musd"].values()) * (1.0 + SLACK)


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "open"])
def test_perfect_foresight_is_the_lower_bound(solved: Solved, scenario: str) -> None:
    """Pooled and proportional runs are those that the band shows."""
    perfect = solved(scenario, "perfect", "value", BOUND_WEEKS)
    least = perfect.record["weighted_loss_musd"]
    assert least <= perfect.record["costs_musd"]["value_lost"] * (1.0 + SLACK) + SLACK
    for allocation in RULES:
        found = solved(scenario, "rolling", allocation, BOUND_WEEKS).record
        assert (found["foresight"], found["allocation"]) == ("rolling", allocation)
        assert least <= found["weighted_loss_musd"] * (1.0 + SLACK) + SLACK
    assert least > 0.0


MAGNET_LICENCES = "licence@control:cn-2025-18-magnets,parameter:"
BASE, WEEKS = "hindcast-2025", BOUND_WEEKS
USUAL_TARGET = {"target_cover@end_use:civil": "1"}
"""A change of the opening alone is a change of what is wanted, which has a price of its own."""
HARDER = {
    "half the stock of civil customers": {"opening_cover@end_use:civil": "0.5", **USUAL_TARGET},
    "half of China's magnet makers": {"site_capacity@site:china-magnets": "0.5"},
    "half of all magnet makers": {"stage_capacity@stage:magnet-making": "0.5"},
    "longer review": {f"{MAGNET_LICENCES}review": "52"},
    "lower approval": {f"{MAGNET_LICENCES}approval_share": "0.05"},
    "longer start without licences": {f"{MAGNET_LICENCES}gap": "26"},
    "lower throughput": {f"{MAGNET_LICENCES}throughput": "0.2"},
}
KINDER = {
    "more thrift": {"recipe_share@recipe:thrifted": "0.3"},
    "more stock of civil customers": {"opening_cover@end_use:civil": "2", **USUAL_TARGET},
    "more stock in India": {"opening_stock@region:IND,material:ndfeb-heavy": "500"},
}
HELD = {"more stock in India": ("ndfeb-heavy", 500.0)}
"""Tonnes in a store that cost something to hold, even if nobody uses them."""


@dataclass(frozen=True)
class Loss:
    weighted: float
    objective: float


def perfect(solved: Solved, settings: dict[str, str]) -> Loss:
    request = RunRequest(
        BASE, foresight="perfect", weeks=WEEKS, settings=settings, allocation="value"
    )
    world = solved.world
    scenario = resolve(request, world.tables)
    own = resolve(RunRequest(BASE, weeks=WEEKS), world.tables).changes
    assert len(scenario.changes) == len(own) + len(settings)
    case = build_case(world.solver.network, world.tables, scenario)
    solution = world.solver.solve(case, "perfect", "value", prove_duals=False)
    return Loss(weighted_loss(solution), solution.windows[0].objective)


@pytest.fixture(scope="module")
def base(solved: Solved) -> Loss:
    found = perfect(solved, {})
    assert found.weighted > 0.0
    return found


@pytest.mark.parametrize("what", HARDER)
def test_less_never_lowers_the_loss(solved: Solved, base: Loss, what: str) -> None:
    harder = perfect(solved, HARDER[what])
    assert harder.objective >= base.objective * (1.0 - SLACK)
    assert harder.weighted >= base.weighted * (1.0 - SLACK)
    assert harder.weighted > base.weighted + 1.0, "the change does not bite"


def stock_beyond(solved: Solved, settings: dict[str, str]) -> dict[str, float]:
    """T by material that the opening of civil customers goes beyond the usual one."""
    world = solved.world
    own = resolve(RunRequest(BASE, weeks=WEEKS), world.tables)
    scenario = resolve(RunRequest(BASE, weeks=WEEKS, settings=settings), world.tables)
    network = world.solver.network
    usual, more = opening_cover(network, own), opening_cover(network, scenario)
    found: dict[str, float] = {}
    for cover, before, after in zip(network.covers, usual, more, strict=True):
        found[cover.material] = found.get(cover.material, 0.0) + max(after - before, 0.0)
    return found


def holding(solved: Solved, what: str) -> float:
    """Million USD that more stock costs at most: to let it lie, every week of the run."""
    network = solved.world.solver.network
    held = dict([HELD[what]] if what in HELD else stock_beyond(solved, KINDER[what]))
    weekly = network.assumptions["holding_weekly_cost"]
    prices = {m: network.materials[m].price_usd_per_kg / 1e3 for m in held}
    return sum(tonnes * prices[m] * weekly * WEEKS for m, tonnes in held.items())


@pytest.mark.parametrize("what", KINDER)
def test_more_never_raises_the_loss(solved: Solved, base: Loss, what: str) -> None:
    kinder = perfect(solved, KINDER[what])
    assert kinder.objective <= base.objective * (1.0 + SLACK) + holding(solved, what)
    assert kinder.weighted <= base.weighted * (1.0 + SLACK)
