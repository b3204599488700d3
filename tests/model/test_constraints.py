"""Every law three times: solved by hand, frozen as a small LP file, and left out to see it bite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import drawn
import pytest
from pyomo.environ import Objective
from reference import dual, solved

from supplychain.model.build_model import build_model
from supplychain.model.components import LAWS
from supplychain.model.window import Grid
from supplychain.network.entities import Network, Recipe

GOLDEN = Path(__file__).parent / "golden"
LAW_NAMES = [law.name for law in LAWS]
WEEK = Grid((1,))
COARSE = Grid((1, 1, 2))


def model_of(network: Network, grid: Grid, without: tuple[str, ...] = (), **numbers: Any) -> Any:
    return build_model(network, grid, drawn.window(network, grid, **numbers), without)


# By hand.


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


def test_usual_trade_by_hand() -> None:
    """C has nothing; A sells its usual 6 t and 2 more at 0.2 million each; 2 t are lost."""
    network = drawn.two_origins(usual_trade_premium=0.2)
    model = model_of(network, WEEK, supply={0: 99.0}, usual_limit={0: 6.0}, surge_limit={0: 2.0})
    assert solved(model) == pytest.approx(2.0 * 1.0 + 2.0 * 0.2)
    assert dual(model, "usual_trade", "magnet", "A", "B", 0) == pytest.approx(-1.0)
    free = model_of(network, WEEK, supply={0: 99.0}, usual_limit={0: 6.0}, surge_limit={0: 99.0})
    assert solved(free) == pytest.approx(4.0 * 0.2)
    assert dual(free, "usual_trade", "magnet", "A", "B", 0) == pytest.approx(-0.2)


def test_usual_trade_by_hand_where_goods_also_feed() -> None:
    """6 t a week from A to B, for cars and for B's stock, which should end at 3 t.

    The cars are worth 1 a tonne, the stock 0.4: all 6 t go to the cars, 4 x 1 + 3 x 0.4 is left.
    """
    network = drawn.shared_arc(closing_stock_value=0.4)
    model = model_of(network, WEEK, supply={0: 99.0}, usual_limit={0: 6.0})
    assert solved(model) == pytest.approx(4.0 + 1.2)
    assert dual(model, "usual_trade", "magnet", "A", "B", 0) == pytest.approx(-1.0)
    wide = model_of(network, WEEK, supply={0: 99.0}, usual_limit={0: 12.0})
    assert solved(wide) == pytest.approx(0.4)
    assert dual(wide, "usual_trade", "magnet", "A", "B", 0) == pytest.approx(-0.4)


def test_licence_balance_by_hand() -> None:
    """3 t granted in week 0 for two weeks of 10 t: 17 are lost, 10 at weight 1 and 7 at 2."""
    network = drawn.licensed()
    model = model_of(network, Grid((1, 1)), supply={(0, 0): 99.0}, granted=[[3.0, 0.0]])
    assert solved(model) == pytest.approx(24.0)
    assert dual(model, "licence_balance", "rule", "A", "B", "civil", 0) == pytest.approx(-2.0)


def test_licence_balance_by_hand_where_goods_also_feed() -> None:
    """7 t of licences for cars and for B's stock of 3 t: the cars get all, 3 x 1 + 3 x 0.4."""
    network = drawn.shared_arc(closing_stock_value=0.4)
    model = model_of(network, WEEK, supply={0: 99.0}, granted=[[7.0]])
    assert solved(model) == pytest.approx(3.0 + 1.2)
    assert dual(model, "licence_balance", "rule", "A", "B", "civil", 0) == pytest.approx(-1.0)


def test_licence_balance_by_hand_when_licences_lapse() -> None:
    """12 t granted before there are goods; 2 t are still valid when they come: 18 t are lost."""
    network = drawn.licensed()
    numbers = {"granted": [[12.0, 0.0]], "left_limit": [[2.0, 0.0]], "supply": {(0, 1): 6.0}}
    model = model_of(network, Grid((1, 1)), **numbers)
    assert solved(model) == pytest.approx(10.0 + 8.0 * 2.0)
    assert dual(model, "licence_balance", "rule", "A", "B", "civil", 0) == pytest.approx(0.0)
    assert dual(model, "licence_balance", "rule", "A", "B", "civil", 1) == pytest.approx(-2.0)


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


# Bites: the law left out, the optimum falls to a sum that is known by hand.


@dataclass(frozen=True)
class Bite:
    network: Network
    grid: Grid
    with_it: float
    without_it: float
    numbers: dict[str, Any] = field(default_factory=dict)


BITES = {
    "region_balance": Bite(drawn.shelf(), WEEK, 4.0, 0.0, {"supply": {0: 6.0}}),
    "customer_balance": Bite(drawn.shelf(), WEEK, 15.0, 0.0),
    "customer_plan": Bite(drawn.shelf(), WEEK, 15.0, 0.0),
    "usual_trade": Bite(
        drawn.two_origins(), WEEK, 4.0, 0.0, {"supply": {0: 99.0}, "usual_limit": {0: 6.0}}
    ),
    "licence_balance": Bite(
        drawn.licensed(), WEEK, 9.0, 0.0, {"supply": {0: 99.0}, "granted": [[3.0]]}
    ),
    "cover_target": Bite(
        drawn.shelf(cover_shortfall_weekly_cost=0.1), WEEK, 15.5, 15.0, {"cover_goal": {0: 5.0}}
    ),
    "stock_target": Bite(
        drawn.shelf(usual_stock={("A", "magnet"): 3.0}, stock_shortfall_weekly_cost=0.1),
        WEEK,
        0.3,
        0.0,
        {"supply": {0: 10.0}},
    ),
    "closing_stock": Bite(
        drawn.shelf(usual_stock={("A", "magnet"): 3.0}, closing_stock_value=0.4),
        WEEK,
        1.2,
        0.0,
        {"supply": {0: 10.0}},
    ),
    "closing_cover": Bite(
        drawn.shelf(target_weeks=1.0, closing_stock_value=0.4),
        WEEK,
        3.2,
        0.0,
        {"cover_supply": {0: 12.0}},
    ),
}


@pytest.mark.parametrize("law", LAW_NAMES)
def test_law_bites(law: str) -> None:
    bite = BITES[law]
    whole = model_of(bite.network, bite.grid, **bite.numbers)
    less = model_of(bite.network, bite.grid, (law,), **bite.numbers)
    assert less.component(law) is None
    assert solved(whole) == pytest.approx(bite.with_it)
    assert solved(less) == pytest.approx(bite.without_it)


# Frozen: the rows of one law, as Pyomo writes them.


def frozen_plan() -> Network:
    """A shelf whose customer has a second recipe with less magnet."""
    return drawn.shelf(recipes=(Recipe(0, "thrifted", (("magnet", 750.0),), 0.5, 0.0, 0.0, 9.0),))


FROZEN: dict[str, tuple[Callable[[], Network], list[Any]]] = {
    "region_balance": (drawn.feeding, [("B", "magnet", 2), ("B", "ore", 2)]),
    "customer_balance": (drawn.chain, [("car-b", "magnet", 2)]),
    "customer_plan": (frozen_plan, [("car-a", 1)]),
    "usual_trade": (drawn.feeding, [("magnet", "B", "B", 1), ("ore", "A", "B", 1)]),
    "licence_balance": (drawn.licensed, [("rule", "A", "B", "civil", 1)]),
    "cover_target": (drawn.shelf, [("car-a", "magnet", 2)]),
    "stock_target": (drawn.shared_arc, [("B", "magnet", 2)]),
    "closing_stock": (drawn.feeding, [("B", "magnet"), ("B", "ore")]),
    "closing_cover": (drawn.chain, [("car-b", "magnet")]),
}


def written(law: str, path: Path) -> str:
    """Rows of one law alone, on the grid of two weeks and a period of two."""
    world, kept = FROZEN[law]
    network = world()
    finite = {"granted": [[3.0, 4.0, 5.0]] * len(network.classes)}
    model = model_of(network, COARSE, tuple(set(LAW_NAMES) - {law}), **finite)
    rows = model.component(law)
    for index in list(rows):
        if index not in kept:
            del rows[index]
    assert sorted(rows) == sorted(kept)
    for objective in list(model.component_objects(Objective)):
        model.del_component(objective)
    model.nothing = Objective(expr=0.0)
    model.write(str(path), io_options={"symbolic_solver_labels": True})
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("law", LAW_NAMES)
def test_law_is_frozen(law: str, tmp_path: Path) -> None:
    expected = (GOLDEN / f"{law}.lp").read_text(encoding="utf-8")
    assert written(law, tmp_path / "law.lp") == expected


@pytest.mark.parametrize("law", LAW_NAMES)
def test_law_has_its_three_tests(law: str) -> None:
    assert f"test_{law}_by_hand" in globals()
    assert law in BITES
    assert law in FROZEN
    assert (GOLDEN / f"{law}.lp").stat().st_size < 2500


def test_nothing_is_tested_that_is_no_law() -> None:
    assert {path.stem for path in GOLDEN.glob("*.lp")} == set(LAW_NAMES)
    assert set(BITES) == set(FROZEN) == set(LAW_NAMES)
