"""Every law solved by hand on a world small enough to draw, with the sign of its dual."""

from __future__ import annotations

import drawn
import pytest
from drawn import model_of
from reference import dual, solved

from supplychain.model.window import Grid

WEEK = Grid((1,))
TWO_WEEKS = Grid((1, 1))
COARSE = Grid((1, 1, 2))


def test_region_balance_by_hand() -> None:
    """12 t of ore make 6 t of magnets, which reach B in week 2 at the earliest.

    Weeks 0 and 1 are lost: 2 x (5 x 1 + 5 x 2) = 30. Of 20 t in weeks 2 and 3, 14 are lost: 10 at
    weight 1 and 4 at weight 2 = 18. One more tonne of ore is half a tonne of magnet: 0.5 x 2.
    """
    model = model_of(drawn.chain(), Grid((1, 1, 1, 1)), supply={(1, 0): 12.0}, run_limit={0: 0.0})
    assert solved(model) == pytest.approx(48.0)
    assert dual(model, "region_balance", "A", "ore", 0) == pytest.approx(1.0)
    assert dual(model, "region_balance", "A", "magnet", 1) == pytest.approx(2.0)
    assert dual(model, "region_balance", "A", "magnet", 3) == pytest.approx(0.0)


def test_region_balance_by_hand_with_a_longer_period() -> None:
    """Weeks 2 and 3 as one period: half of what departs in it arrives in it, as in the weeks.

    6 t of magnets are finished by week 1 (ore in week 0), so all may depart in week 1 and are
    used in the long period: 20 t planned there, 14 lost, 10 at weight 1 and 4 at 2.
    """
    model = model_of(drawn.chain(), COARSE, supply={(1, 0): 12.0}, run_limit={0: 0.0})
    assert solved(model) == pytest.approx(48.0)
    assert dual(model, "region_balance", "A", "ore", 0) == pytest.approx(1.0)


def test_region_balance_by_hand_where_others_go_without() -> None:
    """6 t, of which 4 usually go elsewhere, where doing without costs 1 a tonne.

    2 t are left for cars, 8 short: 3 t that weigh 2 are taken from elsewhere, and of the 5 t that
    weigh 1 it is all the same: 3 x 1 + 5 x 1.
    """
    network = drawn.shelf(other_use={("A", "magnet"): 4.0})
    model = model_of(network, WEEK, supply={0: 2.0}, other_use={0: 4.0})
    assert solved(model) == pytest.approx(3.0 + 5.0)
    assert dual(model, "region_balance", "A", "magnet", 0) == pytest.approx(1.0)
    assert model.short_other["A", "magnet", 0].value <= 4.0


def test_customer_balance_by_hand() -> None:
    """6 t on the shelf for two weeks of 10: 14 are lost, 10 at weight 1 and 4 at weight 2."""
    model = model_of(drawn.shelf(), Grid((1, 1)), cover_supply={(0, 0): 6.0})
    assert solved(model) == pytest.approx(18.0)
    assert dual(model, "customer_balance", "car-a", "magnet", 0) == pytest.approx(2.0)


def test_customer_plan_by_hand() -> None:
    """6 t for a week of 10: 0.4 weeks are lost at 10 million; a longer plan is lost as well."""
    model = model_of(drawn.shelf(), WEEK, supply={0: 6.0})
    assert solved(model) == pytest.approx(4.0)
    assert dual(model, "customer_plan", "car-a", 0) == pytest.approx(10.0)


def test_customer_plan_by_hand_where_output_is_made_up() -> None:
    """0.4 weeks lost for 4 million; 0.2 of them made later, worth 9 a week: one more is lost."""
    numbers = {
        "supply": {0: [6.0, 99.0]},
        "output_limit": [[1.2, 1.2]],
        "made_up_cost": [[-9.0] * 2],
    }
    model = model_of(drawn.shelf(), TWO_WEEKS, made_up_limit={0: 0.2}, **numbers)
    assert solved(model) == pytest.approx(4.0 - 0.2 * 9.0)
    assert dual(model, "customer_plan", "car-a", 0) == pytest.approx(10.0)
    assert dual(model, "customer_plan", "car-a", 1) == pytest.approx(0.0)


def test_backlog_by_hand() -> None:
    """0.4 weeks lost in week 0 are all made up in week 1, worth 9 a week instead of 10.

    One more week behind could be made up as well: it is worth 9.
    """
    numbers = {
        "supply": {0: [6.0, 99.0]},
        "output_limit": [[1.0, 2.0]],
        "made_up_cost": [[-9.0] * 2],
    }
    model = model_of(drawn.shelf(), TWO_WEEKS, made_up_limit={0: 1.0}, **numbers)
    assert solved(model) == pytest.approx(0.4 * (10.0 - 9.0))
    assert dual(model, "backlog", "car-a", 0) == pytest.approx(-9.0)
    assert dual(model, "backlog", "car-a", 1) == pytest.approx(-9.0)
    assert dual(model, "customer_plan", "car-a", 0) == pytest.approx(10.0 - 9.0)


def test_backlog_by_hand_from_before_the_window() -> None:
    """0.3 weeks were lost before; nothing is lost now, so that no more than they are made up."""
    numbers = {"supply": {0: 99.0}, "output_limit": [[2.0]], "made_up_cost": [[-9.0]]}
    before = {"behind_at_start": {0: 0.3}}
    model = model_of(drawn.shelf(), WEEK, made_up_limit={0: 1.0}, **numbers, **before)
    assert solved(model) == pytest.approx(-0.3 * 9.0)
    assert dual(model, "backlog", "car-a", 0) == pytest.approx(-9.0)


CALM = {"usual_trade_premium": 0.2, "usual_purchase_shortfall": 0.3}
"""Million USD per tonne of a material at a million a tonne."""


def test_usual_trade_by_hand() -> None:
    """B closes with 5 t of ore at sea, of which 3 are usual: 2 t beyond at 0.2 million.

    Nothing else can be done: a week is lost (15), and 3 t of magnets miss in the plant (1.2).
    """
    network = drawn.feeding(closing_stock_value=0.4, **CALM)
    model = model_of(network, WEEK, supply={0: 99.0}, usual_feed={1: 3.0})
    assert solved(model) == pytest.approx(15.0 + 1.2 + 2.0 * 0.2)
    assert dual(model, "usual_trade", "ore", "A", "B", 0) == pytest.approx(-0.2)


def test_usual_trade_by_hand_below_what_is_usual() -> None:
    """4 t are left of the usual 9: 5 t short at 0.3, and 1 t misses at sea at 0.4."""
    network = drawn.feeding(closing_stock_value=0.4, **CALM)
    model = model_of(network, WEEK, supply={0: 4.0}, usual_feed={1: 9.0})
    assert solved(model) == pytest.approx(15.0 + 1.2 + 5.0 * 0.3 + 1.0 * 0.4)
    assert dual(model, "usual_trade", "ore", "A", "B", 0) == pytest.approx(0.3)


def test_usual_purchase_by_hand() -> None:
    """C has nothing of its usual 4 t (at 0.3 each); A sells its usual 6 and 4 more (at 0.2)."""
    model = model_of(
        drawn.two_origins(**CALM), WEEK, supply={0: 99.0}, usual_delivery={0: 6.0, 1: 4.0}
    )
    assert solved(model) == pytest.approx(4.0 * 0.3 + 4.0 * 0.2)
    assert dual(model, "usual_purchase", "magnet", "A", "car-b", "usual", 0) == pytest.approx(-0.2)
    assert dual(model, "usual_purchase", "magnet", "C", "car-b", "usual", 0) == pytest.approx(0.3)


@pytest.mark.parametrize(("dearer", "from_c"), [(0.7, 4.0), (0.75, 0.0)])
def test_usual_purchase_by_hand_keeps_a_dearer_maker(dearer: float, from_c: float) -> None:
    """A tonne moved from C to A costs 0.2 there, and here 0.3 of price and freight: up to 0.714."""
    network = drawn.two_origins(freight_from_c=dearer * 1e6, **CALM)
    model = model_of(network, WEEK, supply={0: 99.0, 1: 99.0}, usual_delivery={0: 6.0, 1: 4.0})
    moved = 4.0 - from_c
    assert solved(model) == pytest.approx(from_c * dearer + moved * (0.2 + 0.3 * (1.0 + dearer)))
    assert model.delivery["magnet", "C", "car-b", "usual", 0].value == pytest.approx(from_c)


def test_contracted_run_by_hand() -> None:
    """Nobody needs magnets; 6 t are bought all the same, at 0.2 a tonne to make."""
    network = drawn.works(usual_purchase_shortfall=0.3)
    numbers = {"plan": {0: 0.0}, "contracted": {0: 6.0}}
    model = model_of(network, WEEK, **numbers)
    assert solved(model) == pytest.approx(6.0 * 0.2)
    assert dual(model, "contracted_run", "plant", 0) == pytest.approx(0.2)
    small = model_of(network, WEEK, run_limit={0: 4.0}, **numbers)
    assert solved(small) == pytest.approx(4.0 * 0.2 + 2.0 * 0.3)
    assert dual(small, "contracted_run", "plant", 0) == pytest.approx(0.3)


def test_arc_limit_by_hand() -> None:
    """6 t a week from A to B, for cars and for B's stock, which should end at 3 t.

    The cars are worth 1 a tonne, the stock 0.4: all 6 t go to the cars, 4 x 1 + 3 x 0.4 is left.
    """
    network = drawn.shared_arc(closing_stock_value=0.4)
    model = model_of(network, WEEK, supply={0: 99.0}, arc_limit_t={0: 6.0})
    assert solved(model) == pytest.approx(4.0 + 1.2)
    assert dual(model, "arc_limit", "magnet", "A", "B", 0) == pytest.approx(-1.0)
    wide = model_of(network, WEEK, supply={0: 99.0}, arc_limit_t={0: 12.0})
    assert solved(wide) == pytest.approx(0.4)
    assert dual(wide, "arc_limit", "magnet", "A", "B", 0) == pytest.approx(-0.4)


CIVIL = ("rule", "A", "B", "civil")


def test_licence_balance_by_hand() -> None:
    """3 t granted in week 0 for two weeks of 10 t: 17 are lost, 10 at weight 1 and 7 at 2."""
    network = drawn.licensed()
    model = model_of(network, TWO_WEEKS, supply={(0, 0): 99.0}, granted=[[3.0, 0.0]])
    assert solved(model) == pytest.approx(24.0)
    assert dual(model, "licence_balance", *CIVIL, "car", 0) == pytest.approx(-2.0)


def test_licence_balance_by_hand_names_an_end_user() -> None:
    """Vans hold 2 t of licences too many, cars 3 t and what names nobody, 3 t: 4 t are lost."""
    network = drawn.two_users()
    model = model_of(network, WEEK, supply={0: 99.0}, granted=[[3.0], [12.0], [3.0]])
    assert solved(model) == pytest.approx(4.0)
    duals = [dual(model, "licence_balance", *CIVIL, who, 0) for who in ("car", "van", "any")]
    assert duals == pytest.approx([-1.0, 0.0, -1.0])
    assert model.transfer[*CIVIL, "car", 0].value == pytest.approx(3.0)
    assert model.transfer[*CIVIL, "van", 0].value == pytest.approx(0.0)


def test_licence_balance_by_hand_where_goods_also_feed() -> None:
    """7 t of licences for cars or for anybody: the cars get all, 3 x 1 + 3 x 0.4.

    12 t that name the cars are no help to B's stock; what names nobody serves either.
    """
    network = drawn.shared_arc(closing_stock_value=0.4)
    for granted in ([[7.0], [0.0]], [[0.0], [7.0]]):
        model = model_of(network, WEEK, supply={0: 99.0}, granted=granted)
        assert solved(model) == pytest.approx(3.0 + 1.2)
        assert dual(model, "licence_balance", *CIVIL, "car", 0) == pytest.approx(-1.0)
    named = model_of(network, WEEK, supply={0: 99.0}, granted=[[12.0], [0.0]])
    assert solved(named) == pytest.approx(1.2)
    assert dual(named, "licence_balance", *CIVIL, "any", 0) == pytest.approx(-0.4)
    free = model_of(network, WEEK, supply={0: 99.0}, granted=[[0.0], [12.0]])
    assert solved(free) == pytest.approx(0.4)
    assert dual(free, "licence_balance", *CIVIL, "any", 0) == pytest.approx(-0.4)


def test_licence_balance_by_hand_when_licences_lapse() -> None:
    """12 t granted before there are goods; 2 t are still valid when they come: 18 t are lost."""
    network = drawn.licensed()
    numbers = {"granted": [[12.0, 0.0]], "left_limit": [[2.0, 0.0]], "supply": {(0, 1): 6.0}}
    model = model_of(network, TWO_WEEKS, **numbers)
    assert solved(model) == pytest.approx(10.0 + 8.0 * 2.0)
    assert dual(model, "licence_balance", *CIVIL, "car", 0) == pytest.approx(0.0)
    assert dual(model, "licence_balance", *CIVIL, "car", 1) == pytest.approx(-2.0)


FIRMS = {"depleted_limit": {0: [[4.0], [3.0]]}, "firm_mean": {0: 7.0}}
"""Firms stop below 7 t in all: over the first 4 t used up 0.25 t a tonne, then 1 t a tonne."""


def test_firm_stock_by_hand() -> None:
    """13 t, no more to come. With l t lost 3 + l are left, 4 - l used up: l = 0.25 (4 - l).

    One more tonne of mean stock: l = 0.25 (5 - l), 0.2 more.
    """
    model = model_of(drawn.licensed(), WEEK, cover_supply={0: 13.0}, **FIRMS)
    assert solved(model) == pytest.approx(0.8)
    assert dual(model, "firm_stock", "car-b", "magnet", 0) == pytest.approx(0.2)
    assert model.cover["car-b", "magnet", 0].value == pytest.approx(3.8)


def test_loss_frontier_by_hand() -> None:
    """10 t would do for the week. With l t lost, l are left: l = 0.25 x 4 + (7 - l - 4), 2 t.

    A tonne more that stands still is half made good by what it leaves on the shelf.
    """
    model = model_of(drawn.licensed(), WEEK, cover_supply={0: 10.0}, **FIRMS)
    assert solved(model) == pytest.approx(2.0)
    assert dual(model, "loss_frontier", "car-b", "magnet", 0) == pytest.approx(0.5)


def test_loss_frontier_by_hand_from_what_stood_still_before() -> None:
    """4 of the 10 t come in the week: 1 t was used up before, and 0.25 t stood still then.

    That is not lost again: l = 0.25 x 4 + (7 - l - 4) - 0.25.
    """
    numbers = {"cover_supply": {0: 10.0}, "frontier": {0: -0.25}}
    model = model_of(drawn.licensed(), WEEK, **FIRMS, **numbers)
    assert solved(model) == pytest.approx(1.875)


def test_loss_frontier_by_hand_where_output_is_made_up() -> None:
    """10 t for week 0 as before; 20 t in week 1 make the 2 t that were lost, at 0.9 a tonne.

    Then nobody is behind: stocks are what they were, and no firm stands still.
    """
    numbers = {"cover_supply": {0: [10.0, 20.0]}, "output_limit": [[1.0, 2.0]]}
    later = {"made_up_limit": {0: 1.0}, "made_up_cost": [[-9.0] * 2]}
    firms = {"depleted_limit": {0: [[4.0] * 2, [3.0] * 2]}, "firm_mean": {0: 7.0}}
    model = model_of(drawn.licensed(), TWO_WEEKS, **firms, **numbers, **later)
    assert solved(model) == pytest.approx(2.0 - 2.0 * 0.9)
    assert model.behind["car-b", 1].value == pytest.approx(0.0)


@pytest.mark.parametrize("weeks", [1, 2])
def test_cover_target_by_hand(weeks: int) -> None:
    """3 t on a shelf that should hold 5: 2 t below at a tenth of a million a week."""
    network = drawn.shelf(cover_shortfall_weekly_cost=0.1)
    numbers = {"plan": {0: 0.0}, "cover_supply": {0: 3.0}, "cover_goal": {0: 5.0}}
    model = model_of(network, Grid((weeks,)), **numbers)
    assert solved(model) == pytest.approx(0.2 * weeks)
    assert dual(model, "cover_target", "car-a", "magnet", 0) == pytest.approx(0.1 * weeks)


@pytest.mark.parametrize("weeks", [1, 2])
def test_stock_target_by_hand(weeks: int) -> None:
    """3 t where 5 are usual, and nothing planned: 2 t below at a tenth of a million a week."""
    usual = {("A", "magnet"): 5.0}
    network = drawn.shelf(usual_stock=usual, stock_shortfall_weekly_cost=0.1)
    model = model_of(network, Grid((weeks,)), plan={0: 0.0}, supply={0: 3.0})
    assert solved(model) == pytest.approx(0.2 * weeks)
    assert dual(model, "stock_target", "A", "magnet", 0) == pytest.approx(0.1 * weeks)


def test_stock_target_by_hand_where_customers_want_theirs_too() -> None:
    """4 t for a shelf that wants 5 at 0.1 a week and a store that wants 3 at 0.05: all go to it."""
    network = drawn.shelf(
        usual_stock={("A", "magnet"): 3.0},
        stock_shortfall_weekly_cost=0.05,
        cover_shortfall_weekly_cost=0.1,
    )
    model = model_of(network, WEEK, plan={0: 0.0}, supply={0: 4.0}, cover_goal={0: 5.0})
    assert solved(model) == pytest.approx(1.0 * 0.1 + 3.0 * 0.05)
    assert dual(model, "stock_target", "A", "magnet", 0) == pytest.approx(0.05)
    assert dual(model, "region_balance", "A", "magnet", 0) == pytest.approx(0.1)


def test_closing_stock_by_hand() -> None:
    """10 t, of which 3 are usually left: dear enough they stay and 3 t of cars are lost."""
    usual = {("A", "magnet"): 3.0}
    cheap = drawn.shelf(usual_stock=usual, closing_stock_value=0.4)
    model = model_of(cheap, WEEK, supply={0: 10.0})
    assert solved(model) == pytest.approx(3.0 * 0.4)
    assert dual(model, "closing_stock", "A", "magnet") == pytest.approx(0.4)
    dear = drawn.shelf(usual_stock=usual, closing_stock_value=1.5)
    model = model_of(dear, WEEK, supply={0: 10.0})
    assert solved(model) == pytest.approx(3.0)
    assert dual(model, "closing_stock", "A", "magnet") == pytest.approx(1.0)


def test_closing_stock_by_hand_counts_what_is_under_way() -> None:
    """B usually has 5 t of ore at sea and 3 t of magnets in its plant, and nothing in stock.

    Ore can be sent in the week and is then under way: no cost. No plant ran: 3 t x 0.4, and the
    whole week is lost, 5 x 1 + 5 x 2.
    """
    model = model_of(drawn.feeding(closing_stock_value=0.4), WEEK, supply={0: 10.0})
    assert solved(model) == pytest.approx(3.0 * 0.4 + 15.0)
    assert dual(model, "closing_stock", "B", "magnet") == pytest.approx(0.4)
    assert dual(model, "closing_stock", "B", "ore") == pytest.approx(0.0)


def test_closing_cover_by_hand() -> None:
    """12 t on the shelf, 10 are used, 10 should be left: 8 t missing at 0.4."""
    network = drawn.shelf(target_weeks=1.0, closing_stock_value=0.4)
    model = model_of(network, WEEK, cover_supply={0: 12.0})
    assert solved(model) == pytest.approx(8.0 * 0.4)
    assert dual(model, "closing_cover", "car-a", "magnet") == pytest.approx(0.4)
