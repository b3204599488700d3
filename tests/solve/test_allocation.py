"""Who is served first: weights and limits, by hand."""

from __future__ import annotations

from dataclasses import replace

import drawn
import numpy as np
import pytest
from cases import usual_numbers

from supplychain.network.entities import LicenceClass, Network
from supplychain.solve.allocation import ALLOCATIONS, loss_rule, proportional


def two_customers() -> Network:
    """Cars and weapons in B, two thirds and one third of what A sells under one control."""
    found = drawn.network(
        [drawn.arc("magnet", "A", "B", 30.0)],
        [drawn.car_maker("B"), replace(drawn.car_maker("B", "military"), name="weapon-b")],
        lines=(drawn.line("plant", "A", 0, {}, {"magnet": 2.0}),),
    )
    first, second = found.deliveries
    deliveries = (replace(first, usual_t_per_week=20.0), replace(second, usual_t_per_week=10.0))
    licence = LicenceClass("rule", "A", "B", "civil", (), (0, 1), 30.0)
    return replace(found, deliveries=deliveries, classes=(licence,))


def test_scarce_licences_are_shared_by_usual_shares() -> None:
    network = two_customers()
    numbers = replace(usual_numbers(network, 3), granted=np.array([[np.inf, 9.0, 0.0]]))
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
