"""More means never raise the loss, a harder squeeze never lowers it: under perfect foresight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from cases import blocked, make_case, usual_numbers
from random_worlds import random_network, weighted_loss

from supplychain.case.weekly_inputs import Numbers
from supplychain.network.entities import Network
from supplychain.solve.rolling_horizon import Solver

SEEDS = range(5)
SLACK = 1e-7
"""Relative: what the solver's own tolerance may move."""


@dataclass(frozen=True)
class Loss:
    weighted: float
    objective: float


def perfect(
    network: Network, known: Numbers, opening: float = 1.0, allocation: str = "value"
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


def block(network: Network, until: int = 22) -> Numbers:
    return blocked(usual_numbers(network, 60, recipes=0.5), (6, until))


@pytest.mark.parametrize("seed", SEEDS)
def test_longer_block(seed: int) -> None:
    network = random_network(seed)
    never_falls([perfect(network, block(network, until)) for until in (6, 10, 14, 18, 22, 26)])


@pytest.mark.parametrize("seed", SEEDS)
def test_graded_shocks(seed: int) -> None:
    """No control, slow licences, embargo: fewer and fewer licences in the same weeks."""
    network = random_network(seed)
    usual = np.array([k.usual_t_per_week for k in network.classes])[:, None]
    worlds = []
    for share in (1.0, 0.6, 0.3, 0.0):
        numbers = usual_numbers(network, 60)
        numbers.granted[:, 6:22] = share * usual
        worlds.append(numbers)
    never_falls([perfect(network, numbers) for numbers in worlds])


Narrow = Callable[[Numbers, float], Numbers]
NARROWER: dict[str, Narrow] = {
    "capacity": lambda x, share: replace(x, line_capacity=share * x.line_capacity),
    "capacity of one line": lambda x, share: replace(
        x, line_capacity=x.line_capacity * np.array([[1.0], [share], [1.0], [1.0]])
    ),
    "arcs and deliveries": lambda x, share: replace(
        x, arc_limit=share * x.arc_limit, delivery_limit=share * x.delivery_limit
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
    for i, licence in enumerate(network.classes):
        numbers.granted[i, 6:22] = 0.4 * licence.usual_t_per_week
    best = perfect(network, numbers)
    shared = perfect(network, numbers, allocation="proportional")
    assert shared.objective >= best.objective * (1.0 - SLACK)
    assert shared.weighted >= best.weighted * (1.0 - SLACK)


@pytest.mark.parametrize("seed", SEEDS)
def test_military_buyer_under_denial_gets_nothing(seed: int) -> None:
    """Licences for the civil class of the same destination are no help to the military one."""
    network = random_network(seed)
    numbers = usual_numbers(network, 60)
    military = [i for i, k in enumerate(network.classes) if k.end_use == "military"]
    numbers.granted[military, 0:] = 0.0
    solution = Solver(network).solve(make_case(network, numbers), "perfect", "value")
    denied = [d for i in military for d in network.classes[i].deliveries]
    assert denied
    assert float(solution.history.delivery[denied].sum()) == 0.0
    lost = solution.history.lost.sum(axis=(1, 2))
    weapon = network.customer_index["weapon-c"]
    assert lost[weapon] > 0.0
    assert float(np.delete(lost, weapon).max()) == pytest.approx(0.0, abs=1e-9)
