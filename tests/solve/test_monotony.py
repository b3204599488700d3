"""More means never raise the loss, a harder squeeze never lowers it: under perfect foresight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
import pytest
from cases import blocked, make_case, per_user, usual_numbers
from random_worlds import random_network, weighted_loss

from supplychain.case.case import by_end_user, usual_by_category
from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.network.entities import Network
from supplychain.policy.licence_queue import Rules, run_queue
from supplychain.solve.rolling_horizon import Solver

SEEDS = range(5)
FEWER = range(3)
SLACK = 1e-7
"""Relative: what the solver's own tolerance may move."""


@dataclass(frozen=True)
class Loss:
    weighted: float
    objective: float


def perfect(
    network: Network, known: WeeklyInputs, opening: float = 1.0, allocation: str = "contracts"
) -> Loss:
    case = make_case(network, known, opening=opening)
    solution = Solver(network).solve(case, "perfect", allocation)
    return Loss(weighted_loss(network, solution.history), solution.windows[0].objective)


def never_falls(losses: list[Loss]) -> None:
    """Each world is a harder one than that before; the last is worse than the first."""
    for easier, harder in pairwise(losses):
        assert harder.objective >= easier.objective * (1.0 - SLACK) - SLACK
        assert harder.weighted >= easier.weighted * (1.0 - SLACK) - SLACK
    assert losses[-1].weighted > losses[0].weighted + 1e-3


def block(network: Network, until: int = 22) -> WeeklyInputs:
    return blocked(usual_numbers(network, 60, recipes=0.5), (6, until))


@pytest.mark.parametrize("allocation", ["contracts", "value"])
@pytest.mark.parametrize("seed", SEEDS)
def test_longer_block(seed: int, allocation: str) -> None:
    network = random_network(seed)
    untils = (6, 10, 14, 18, 22, 26)
    never_falls(
        [perfect(network, block(network, until), allocation=allocation) for until in untils]
    )


def queued(network: Network, until: int = 40, **slower: float) -> WeeklyInputs:
    """What a queue grants from week 6 on, by end user."""
    usual = usual_by_category(network)
    plain = {
        "in_force": 1.0, "gap": 2.0, "review": 4.0, "approval_share": 0.8, "returned_share": 0.5,
        "throughput": 0.9, "validity": 26.0, "general_share": 0.0, "surge": 1.0,
        "keep_pending": 1.0, "keep_issued": 1.0, "transferable_share": 0.1, **slower,
    }  # fmt: skip
    weeks = (len(usual), 60)
    series = {k: np.full(weeks, v) for k, v in plain.items()}
    series["in_force"][:, :6] = 0.0
    series["in_force"][:, until:] = 0.0
    rules = Rules(changed=np.zeros(weeks, dtype=bool), **series)
    licences = run_queue(usual, rules)
    free = rules.transferable_share
    return replace(
        usual_numbers(network, 60, recipes=0.5),
        granted=by_end_user(network, licences.usable, free),
        valid=by_end_user(network, np.where(licences.free, 0.0, licences.valid), free),
    )


SLOWER: dict[str, tuple[float, ...]] = {
    "review": (1.0, 4.0, 9.0, 18.0, 30.0),
    "gap": (0.0, 4.0, 8.0, 16.0),
    "approval_share": (1.0, 0.8, 0.4, 0.0),
    "throughput": (1.2, 0.6, 0.3, 0.0),
    "transferable_share": (1.0, 0.3, 0.0),
}


@pytest.mark.parametrize("rule", SLOWER)
@pytest.mark.parametrize("seed", FEWER)
def test_a_slower_queue(seed: int, rule: str) -> None:
    """A longer review or gap, fewer approvals, less throughput, fewer licences for anybody.

    Vans grow: their part of the class, by what was usual, falls short while cars have some left.
    """
    network = random_network(seed)
    worlds = [queued(network, **{rule: value}) for value in SLOWER[rule]]
    for numbers in worlds:
        numbers.plan[network.customer_index["van-c"]] *= 1.3
        numbers.plan[network.customer_index["car-c"]] *= 0.5
    never_falls([perfect(network, numbers) for numbers in worlds])


def costs_never_fall(losses: list[Loss]) -> None:
    """All costs together: a little may be lost to spare another cost, or the other way round."""
    for easier, harder in pairwise(losses):
        assert harder.objective >= easier.objective * (1.0 - SLACK)
    assert losses[-1].objective > losses[0].objective + 1e-3


@pytest.mark.parametrize("seed", FEWER)
def test_firms_that_differ_more(seed: int) -> None:
    """The same stock in all; the wider it is spread the more stand still."""
    network = random_network(seed)

    def spread(sigma: float) -> Network:
        customers = tuple(replace(c, cover_spread=sigma) for c in network.customers)
        return replace(network, customers=customers)

    losses = [perfect(spread(s), block(network)) for s in (0.0, 0.3, 0.5, 0.8)]
    costs_never_fall(losses)
    assert losses[-1].weighted > losses[0].weighted + 1e-3


@pytest.mark.parametrize("seed", FEWER)
def test_less_overtime(seed: int) -> None:
    """With less of it some would rather buy dearer than lose."""
    network = random_network(seed)

    def with_overtime(share: float) -> Network:
        customers = tuple(
            replace(c, make_up_weeks=12.0, overtime_share=share) for c in network.customers
        )
        return replace(network, customers=customers)

    costs_never_fall([perfect(with_overtime(s), block(network)) for s in (0.3, 0.15, 0.05, 0.0)])


@pytest.mark.parametrize("seed", SEEDS)
def test_graded_shocks(seed: int) -> None:
    """No control, slow licences, embargo: fewer and fewer licences in the same weeks."""
    network = random_network(seed)
    usual = np.array([k.usual_t_per_week for k in network.categories])[:, None]
    worlds = []
    for share in (1.0, 0.6, 0.3, 0.0):
        numbers = usual_numbers(network, 60)
        numbers.granted[:, 6:22] = per_user(network, share * usual)
        worlds.append(numbers)
    never_falls([perfect(network, numbers) for numbers in worlds])


@pytest.mark.parametrize("seed", SEEDS)
def test_longer_reviews(seed: int) -> None:
    """Files of an authority that approves most of them; all else is as usual."""
    network = random_network(seed)
    usual = np.array([k.usual_t_per_week for k in network.categories])
    worlds = []
    for review in (1.0, 6.0, 9.0, 18.0, 36.0):
        numbers = usual_numbers(network, 60)
        rules = steady_rules(len(usual), 60, review=review, approval_share=0.7)
        numbers.granted[:] = per_user(network, run_queue(usual, rules).granted)
        worlds.append(numbers)
    never_falls([perfect(network, numbers) for numbers in worlds])


def steady_rules(categories: int, weeks: int, **values: float) -> Rules:
    """One practice in all weeks: nothing refused, no limit on throughput."""
    plain = dict.fromkeys((f.name for f in fields(Rules)), 0.0)
    plain |= {"in_force": 1.0, "returned_share": 1.0, "throughput": 9.0, "validity": 26.0}
    plain |= {"surge": 1.0, "keep_pending": 1.0, "keep_issued": 1.0}
    by_week = {name: np.full((categories, weeks), v) for name, v in (plain | values).items()}
    return Rules(**{**by_week, "changed": np.zeros((categories, weeks), dtype=bool)})


Narrow = Callable[[WeeklyInputs, float], WeeklyInputs]
NARROWER: dict[str, Narrow] = {
    "capacity": lambda x, share: replace(x, line_capacity=share * x.line_capacity),
    "capacity of one line": lambda x, share: replace(
        x, line_capacity=x.line_capacity * np.array([[1.0], [share], [1.0], [1.0]])
    ),
    "arcs and deliveries": lambda x, share: replace(
        x, feed_limit=share * x.feed_limit, delivery_limit=share * x.delivery_limit
    ),
    "all that an arc carries": lambda x, share: replace(
        x, arc_limit=np.full(x.arc_limit.shape, 60.0 * share)
    ),
    "recipes": lambda x, share: replace(
        x, recipe_limit=np.where(x.recipe_limit < 1.0, share * x.recipe_limit, x.recipe_limit)
    ),
}


@pytest.mark.parametrize("what", NARROWER)
@pytest.mark.parametrize("seed", SEEDS)
def test_less_of(seed: int, what: str) -> None:
    network = random_network(seed)
    numbers = block(network)
    losses = [perfect(network, NARROWER[what](numbers, s)) for s in (1.0, 0.9, 0.6, 0.2, 0.0)]
    never_falls(losses)


@pytest.mark.parametrize("seed", SEEDS)
def test_less_opening_stock(seed: int) -> None:
    network = random_network(seed)
    numbers = block(network)
    never_falls([perfect(network, numbers, opening) for opening in (2.0, 1.0, 0.5, 0.0)])


@pytest.mark.parametrize("seed", SEEDS)
def test_sharing_by_usual_shares_loses_no_less(seed: int) -> None:
    network = random_network(seed)
    numbers = usual_numbers(network, 60)
    usual = np.array([[0.4 * k.usual_t_per_week] for k in network.categories])
    numbers.granted[:, 6:22] = per_user(network, usual)
    best = perfect(network, numbers, allocation="value")
    shared = perfect(network, numbers, allocation="proportional")
    assert shared.objective >= best.objective * (1.0 - SLACK)
    assert shared.weighted >= best.weighted * (1.0 - SLACK)


@pytest.mark.parametrize("allocation", ["contracts", "value"])
@pytest.mark.parametrize("seed", SEEDS)
def test_military_buyer_under_denial_gets_nothing(seed: int, allocation: str) -> None:
    """Licences for the civil class of the same destination are no help to the military one."""
    network = random_network(seed)
    numbers = usual_numbers(network, 60)
    military = [
        i
        for i, u in enumerate(network.end_users)
        if network.categories[u.category].end_use == "military"
    ]
    numbers.granted[military, 0:] = 0.0
    solution = Solver(network).solve(make_case(network, numbers), "perfect", allocation)
    denied = [d for i in military for d in network.end_users[i].deliveries]
    assert denied
    assert float(solution.history.delivery[denied].sum()) == 0.0
    lost = solution.history.lost.sum(axis=(1, 2))
    weapon = network.customer_index["weapon-c"]
    assert lost[weapon] > 0.0
    assert float(np.delete(lost, weapon).max()) == pytest.approx(0.0, abs=1e-9)
