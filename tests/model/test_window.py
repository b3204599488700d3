"""Weekly numbers and a state, cut into the periods of one window: by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import drawn
import numpy as np
import pytest
from cases import usual_numbers

from supplychain.case.weekly_inputs import Numbers
from supplychain.model.window import Grid, LossRule, State, Window, closing_cost, make_window

GRID = Grid((1, 2))
RULE = LossRule((0.5, 0.5), (1.0, 2.0), (1.0,), 1.0, 0.0)
SPAN = 10
WEEKS = np.arange(SPAN, dtype=float)[None, :]
"""A number that says its own week."""


def state(week: int, **held: Any) -> State:
    empty = {
        "stock": [0.0],
        "cover": [0.0],
        "place_arrivals": [[0.0]],
        "cover_arrivals": [[0.0]],
        "licence_left": [0.0],
    }
    return State(week=week, **{k: np.array(v) for k, v in {**empty, **held}.items()})


def cut(week: int = 3, rule: LossRule = RULE, **numbers: Any) -> Window:
    network = drawn.licensed(target_weeks=2.0)
    held = {k: numbers.pop(k) for k in list(numbers) if k in State.__dataclass_fields__}
    weekly: Numbers = replace(usual_numbers(network, SPAN), **numbers)
    return make_window(network, GRID, weekly, state(week, **held), rule)


def test_amounts_are_summed_from_the_week_of_the_window() -> None:
    """Week 3, then weeks 4 and 5 together."""
    window = cut(delivery_limit=WEEKS)
    assert window.delivery_limit.tolist() == [[3.0, 9.0]]


def test_plan_is_in_weeks_of_the_usual_plan() -> None:
    """Ten cars a week are usual; 30 in week 3, 40 and 50 after it."""
    window = cut(plan=10.0 * WEEKS, recipe_limit=0.5 * np.ones((1, SPAN)))
    assert window.plan.tolist() == [[3.0, 9.0]]
    assert window.lost_limit.tolist() == [[[1.5, 4.5], [1.5, 4.5]]]
    assert window.output_limit.tolist() == [[1.5, 4.5]]
    assert window.cover_goal.tolist() == [[20.0 * 3.0, 20.0 * 4.5]]


def test_surge_is_what_an_arc_may_carry_beyond_its_usual_trade() -> None:
    """Usual are 10 t; the arc is cut to 7 in week 3 and may carry 13 afterwards."""
    limit = np.where(WEEKS == 3.0, 7.0, 13.0)
    window = cut(arc_limit=limit)
    assert window.usual_limit.tolist() == [[7.0, 20.0]]
    assert window.surge_limit.tolist() == [[0.0, 6.0]]


def test_supply_is_what_is_held_and_what_arrives() -> None:
    """4 t in stock; 1, 2, 3 t arrive in the window's weeks, 9 t after it."""
    coming = [[1.0, 2.0, 3.0, 9.0]]
    window = cut(stock=[4.0], place_arrivals=coming, cover=[6.0], cover_arrivals=[[5.0]])
    assert window.supply.tolist() == [[5.0, 5.0]]
    assert window.cover_supply.tolist() == [[11.0, 0.0]]


def test_licences_left_count_in_the_first_period_as_far_as_they_are_valid() -> None:
    """A tonne a week is granted; in week 3, 8 t were valid in the week before and 6 are now.

    5 of the 6 are older than the week: of the 9 t that are left, 5 can be used. Later 4, 3 and 2 t
    are valid in weeks 4 to 6: of what is left after week 3 and after week 5, 3 and 1 t.
    """
    granted = np.ones((1, SPAN))
    valid = np.array([[8.0, 8.0, 8.0, 6.0, 4.0, 3.0, 2.0, 2.0, 2.0, 2.0]])
    window = cut(granted=granted, valid=valid, licence_left=[9.0])
    assert window.granted.tolist() == [[1.0 + 5.0, 2.0]]
    assert window.left_limit.tolist() == [[3.0, 1.0]]


def test_no_licence_is_needed_where_grants_are_without_limit() -> None:
    granted = np.where(WEEKS < 5.0, np.inf, 2.0)
    window = cut(granted=granted, valid=np.where(WEEKS < 5.0, 0.0, 2.0))
    assert window.granted.tolist() == [[np.inf, np.inf]]
    assert window.left_limit.tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize(("later", "expected"), [(1.0, [10.0, 10.0]), (0.96, [10.0, 9.40604])])
def test_later_losses_are_discounted_from_the_week_of_the_decision(
    later: float, expected: list[float]
) -> None:
    """Ten million a week at weight 1; the middle of weeks 1 and 2 is 1.5: 0.96 to that power."""
    window = cut(rule=replace(RULE, later=later))
    assert window.loss_cost[0, 0].tolist() == pytest.approx(expected, rel=1e-5)
    assert window.loss_cost[0, 1].tolist() == pytest.approx([2 * x for x in expected], rel=1e-5)


def test_allocation_weighs_customers() -> None:
    window = cut(rule=replace(RULE, customer_weight=(10.0,)))
    assert window.loss_cost[0, 0].tolist() == [100.0, 100.0]


def test_a_customer_short_at_the_end_pays_replacement_or_what_is_at_stake() -> None:
    """Price 50 USD/kg is 0.05 M USD/t; at stake 0.1 of the value added that a tonne makes."""
    network = drawn.shelf()
    cover = network.covers[0]
    customer = network.customers[cover.customer]
    price = network.materials[cover.material].price_usd_per_kg / 1e3
    replacement = price * network.assumptions["closing_stock_value"]
    made = customer.plan_per_week * customer.value_added_usd_per_unit / 1e6
    stake = made / cover.need_t_per_week
    bare = closing_cost(network, LossRule((1.0,), (1.0,), (1.0,), 1.0, 0.0))
    assert bare[0] == pytest.approx(replacement)
    share = 3.0 * replacement / stake
    charged = closing_cost(network, LossRule((1.0,), (1.0,), (1.0,), 1.0, share))
    assert charged[0] == pytest.approx(3.0 * replacement)
