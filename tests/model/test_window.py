"""Weekly numbers and a state, cut into the periods of one window: by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import drawn
import numpy as np
import pytest
from cases import usual_numbers

from supplychain.case.stock_distribution import layers
from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.model.window import Grid, LossRule, State, Window, closing_cost, make_window
from supplychain.network.entities import Network

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
        "behind": [0.0],
    }
    return State(week=week, **{k: np.array(v) for k, v in {**empty, **held}.items()})


def firms(spread: float = 0.0, late: float = 0.0) -> Network:
    """Two weeks of stock wanted; 0.2 of a week's plan can be made up within ten weeks."""
    network = drawn.licensed(target_weeks=2.0)
    maker = replace(
        network.customers[0],
        cover_spread=spread,
        make_up_weeks=10.0,
        overtime_share=0.2,
        late_cost_per_week=late,
    )
    return replace(network, customers=(maker,))


def cut(
    week: int = 3, rule: LossRule = RULE, network: Network | None = None, **numbers: Any
) -> Window:
    network = network or drawn.licensed(target_weeks=2.0)
    held = {k: numbers.pop(k) for k in list(numbers) if k in State.__dataclass_fields__}
    weekly: WeeklyInputs = replace(usual_numbers(network, SPAN), **numbers)
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


def test_usual_purchases_and_limits_are_summed() -> None:
    """What is usual, what contracts take and what an arc may carry, week by week."""
    window = cut(usual_delivery=WEEKS, usual_feed=2.0 * WEEKS, arc_limit=3.0 * WEEKS)
    assert window.usual_delivery.tolist() == [[3.0, 9.0]]
    assert window.usual_feed.tolist() == [[6.0, 18.0]]
    assert window.arc_limit_t.tolist() == [[9.0, 27.0]]
    assert np.isinf(cut().arc_limit_t).all()
    plant = drawn.works()
    runs = make_window(
        plant, GRID, replace(usual_numbers(plant, SPAN), contracted_run=WEEKS), state(3), RULE
    )
    assert runs.contracted.tolist() == [[3.0, 9.0]]


def test_overtime_widens_what_recipes_can_make() -> None:
    """30 cars in week 3, 40 and 50 after it, and a fifth of that on top; 1.5 weeks are behind."""
    window = cut(network=firms(), plan=10.0 * WEEKS, behind=[1.5])
    assert window.made_up_limit.tolist() == [pytest.approx([0.6, 1.8])]
    assert window.output_limit.tolist() == [pytest.approx([3.6, 10.8])]
    assert window.behind_at_start.tolist() == [[1.5, 0.0]]


def test_what_is_made_up_is_worth_less_the_later_it_comes() -> None:
    """Ten million a week; five weeks late in the mean at 0.01 a week: 9.5 million."""
    window = cut(network=firms(late=0.01))
    assert window.made_up_cost.tolist() == [pytest.approx([-9.5, -9.5])]
    discounted = cut(network=firms(late=0.01), rule=replace(RULE, later=0.96))
    assert discounted.made_up_cost[0].tolist() == pytest.approx([-9.5, -9.5 * 0.96**1.5])


def test_firms_alike_have_no_layers() -> None:
    window = cut(network=firms(spread=0.0), cover=[7.0])
    assert (window.depleted_limit == 0.0).all()
    assert (window.firm_mean == 0.0).all()
    assert np.isinf(window.frontier).all()


def test_layers_are_those_of_the_distribution_at_the_lowest_plan_so_far() -> None:
    """Two weeks of 10 t; the plan is 3 weeks in week 3 and 4.5 a week in the mean after it.

    A plan that grows asks for no stock that nobody held; one that shrinks leaves firms with less.
    """
    window = cut(network=firms(spread=0.45), plan=10.0 * WEEKS, cover=[20.0])
    bounds = layers(np.array([0.45]), [0.2, 0.5])[0]
    widths = 20.0 * -np.diff(bounds)
    assert window.depleted_limit[0, :, 0].tolist() == pytest.approx((3.0 * widths).tolist())
    assert window.depleted_limit[0, :, 1].tolist() == pytest.approx((3.0 * widths).tolist())
    assert window.firm_mean[0].tolist() == pytest.approx([60.0 * bounds[0]] * 2)
    falling = cut(network=firms(spread=0.45), plan=10.0 * WEEKS[:, ::-1], cover=[20.0])
    shares = np.array(falling.plan[0]) / [1.0, 2.0]
    assert shares[1] < shares[0]
    assert falling.firm_mean[0].tolist() == pytest.approx((20.0 * bounds[0] * shares).tolist())


def test_frontier_starts_from_what_stood_still_before() -> None:
    """0.3 weeks are behind; of the stock, the upper layer and 1 t of the lower are used up."""
    network = firms(spread=0.45)
    upper, lower = 20.0 * -np.diff(layers(np.array([0.45]), [0.2, 0.5])[0])
    window = cut(network=network, cover=[lower - 1.0], behind=[0.3])
    right = 10.0 * 0.3 - (0.25 * upper + 1.0)
    assert window.frontier.tolist() == [pytest.approx([right, right])]


def test_supply_is_what_is_held_and_what_arrives() -> None:
    """4 t in stock; 1, 2, 3 t arrive in the window's weeks, 9 t after it."""
    coming = [[1.0, 2.0, 3.0, 9.0]]
    window = cut(stock=[4.0], place_arrivals=coming, cover=[6.0], cover_arrivals=[[5.0]])
    assert window.supply.tolist() == [[5.0, 5.0]]
    assert window.cover_supply.tolist() == [[11.0, 0.0]]


def test_what_goes_to_other_uses_is_no_supply() -> None:
    """2 t a week leave A's magnets for uses outside the model."""
    network = replace(drawn.licensed(), other_use=(2.0,))
    window = cut(network=network, stock=[9.0])
    assert window.other_use.tolist() == [[2.0, 4.0]]
    assert window.supply.tolist() == [[9.0 - 2.0, -4.0]]


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
