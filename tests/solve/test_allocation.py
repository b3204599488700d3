"""Who is served first: weights and limits, by hand."""

from __future__ import annotations

from dataclasses import replace

import drawn
import numpy as np
import pytest
from cases import make_case, per_user, usual_numbers
from random_worlds import random_network, weighted_loss

from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.network.entities import LicenceCategory, Network
from supplychain.solve.allocation import ALLOCATIONS, loss_rule, pooled, proportional
from supplychain.solve.rolling_horizon import Solver


def two_customers() -> Network:
    """Cars and weapons in B, two thirds and one third of what A sells under one control."""
    found = drawn.network(
        [drawn.arc("magnet", "A", "B", 30.0)],
        [drawn.car_maker("B"), replace(drawn.car_maker("B", "military"), name="weapon-b")],
        lines=(drawn.line("plant", "A", 0, {}, {"magnet": 2.0}),),
    )
    first, second = found.deliveries
    deliveries = (replace(first, usual_t_per_week=20.0), replace(second, usual_t_per_week=10.0))
    licence = LicenceCategory("rule", "A", "B", "civil", (), (0, 1), 30.0)
    return replace(found, deliveries=deliveries, categories=(licence,))


def test_scarce_licences_are_shared_by_usual_shares() -> None:
    network = two_customers()
    numbers = usual_numbers(network, 3)
    assert [u.name for u in network.end_users] == ["car"]
    numbers = replace(numbers, granted=np.array([[np.inf, 9.0, 0.0]]))
    numbers = replace(numbers, line_capacity=np.full((1, 3), 500.0))
    limit = proportional(network, numbers).delivery_limit
    assert limit[:, 1:].tolist() == [[6.0, 0.0], [3.0, 0.0]]
    assert limit[:, 0].tolist() == numbers.delivery_limit[:, 0].tolist()


def test_scarce_capacity_is_shared_by_usual_shares() -> None:
    """A line that can run 6 t a week makes 12 t of magnets: 8 for cars and 4 for weapons."""
    network = two_customers()
    numbers = replace(usual_numbers(network, 2), line_capacity=np.full((1, 2), 6.0))
    limit = proportional(network, numbers).delivery_limit
    assert limit.tolist() == [[8.0, 8.0], [4.0, 4.0]]


def test_sharing_never_widens_a_limit() -> None:
    network = two_customers()
    numbers = replace(usual_numbers(network, 2), line_capacity=np.full((1, 2), 1e6))
    numbers.delivery_limit[:] = 1.0
    assert (proportional(network, numbers).delivery_limit == 1.0).all()


@pytest.mark.parametrize("allocation", ALLOCATIONS)
@pytest.mark.parametrize(("foresight", "later"), [("perfect", 1.0), ("rolling", 0.96)])
def test_weights_of_lost_output(allocation: str, foresight: str, later: float) -> None:
    rule = loss_rule(two_customers(), allocation, foresight)
    assert rule.shares == (0.5, 0.5)
    assert rule.weights == (1.0, 2.0)
    assert rule.later == pytest.approx(later)
    military = 10.0 if allocation == "priority" else 1.0
    assert rule.customer_weight == (1.0, military)


def squeezed_users(**licences: list[list[float]]) -> WeeklyInputs:
    """Cars, vans and the pool, ten weeks of three licences each unless said otherwise."""
    network = drawn.two_users()
    numbers = usual_numbers(network, 30)
    numbers.granted[:] = np.array(licences.get("granted", [[3.0], [3.0], [3.0]]))
    numbers.valid[:] = np.array(licences.get("valid", [[9.0], [9.0], [9.0]]))
    return numbers


def test_pooled_licences_serve_any_end_user() -> None:
    """3 t for cars, 4 for vans, 1 for anybody: all 8 for anybody, while they are needed."""
    network = drawn.two_users()
    numbers = squeezed_users(granted=[[3.0], [4.0], [1.0]], valid=[[6.0], [8.0], [2.0]])
    numbers.granted[:, 20:] = np.inf
    found = pooled(network, numbers)
    assert found.granted[:, 0].tolist() == [0.0, 0.0, 8.0]
    assert found.granted[:, 20].tolist() == [np.inf] * 3
    assert found.valid[:, 0].tolist() == [0.0, 0.0, 16.0]
    assert found.cover_mean.tolist() == [0.0, 0.0]
    assert numbers.granted[:, 0].tolist() == [3.0, 4.0, 1.0]


def test_a_class_with_one_user_needs_no_pool() -> None:
    network = drawn.licensed()
    numbers = replace(usual_numbers(network, 3), granted=np.array([[1.0, 2.0, 3.0]]))
    assert pooled(network, numbers).granted.tolist() == [[1.0, 2.0, 3.0]]


def left_at_the_start(allocation: str) -> list[float]:
    """T shipped to cars and to vans when 12 t that name cars are left and nothing is granted."""
    network = drawn.two_users(loss_step_2_weight=1.0, weekly_periods=99.0)
    numbers = squeezed_users(granted=[[0.0]] * 3, valid=[[12.0], [0.0], [0.0]])
    case = make_case(network, numbers, weeks=8, window=8, opening=0.0)
    case.opening_stock = [500.0]
    case.opening_licences = [12.0, 0.0, 0.0]
    case.past_deliveries[:] = 0.0
    sent = Solver(network).solve(case, "rolling", allocation).history.delivery.sum(axis=1)
    return [float(t) for t in sent]


def test_licences_left_at_the_start_name_their_user_or_nobody() -> None:
    assert left_at_the_start("contracts") == pytest.approx([12.0, 0.0])
    assert sum(left_at_the_start("value")) == pytest.approx(12.0)


SEEDS = range(5)
SLACK = 1e-7


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("transferable", [0.0, 0.3])
def test_value_never_loses_more_than_contracts(seed: int, transferable: float) -> None:
    """Any licence and any stock for whoever loses most: at least what named users have."""
    network = random_network(seed)
    numbers = usual_numbers(network, 60, recipes=0.5)
    usual = np.array([[0.4 * k.usual_t_per_week] for k in network.categories])
    numbers.granted[:, 6:22] = per_user(network, usual, transferable)
    numbers.valid[:, 6:22] = per_user(network, 3.0 * usual, transferable)
    case = make_case(network, numbers, transferable=transferable)
    value, contracts = (
        Solver(network).solve(case, "perfect", allocation) for allocation in ("value", "contracts")
    )
    assert value.windows[0].objective <= contracts.windows[0].objective * (1.0 + SLACK)
    best, named = (weighted_loss(network, x.history) for x in (value, contracts))
    assert best <= named * (1.0 + SLACK)
    assert named > best + 1e-3, "what names its user serves fewer"
