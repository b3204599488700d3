"""Every named cost once by hand, alone: all the others are zero."""

from __future__ import annotations

from typing import Any

import drawn
import pytest
from pyomo.environ import value
from reference import dual, solved

from supplychain.model.build_model import build_model
from supplychain.model.components import COSTS
from supplychain.model.window import Grid
from supplychain.network.entities import Network, Recipe

WEEK = Grid((1,))


def costs_of(network: Network, grid: Grid, **numbers: Any) -> tuple[dict[str, float], Any]:
    model = build_model(network, grid, drawn.window(network, grid, **numbers))
    solved(model)
    found = {c.name: float(value(model.component(c.name))) for c in COSTS}
    return {name: amount for name, amount in found.items() if abs(amount) > 1e-9}, model


def test_value_lost_by_steps() -> None:
    """8 of 10 t are missing: 5 at weight 1, 3 at weight 2, a million a tonne."""
    found, _ = costs_of(drawn.shelf(), WEEK, supply={0: 2.0})
    assert found == {"value_lost": pytest.approx(11.0)}


def test_freight_of_flows_and_of_each_mode() -> None:
    """Week 0 is lost; 10 t for week 1 must fly: 3 million, and no more is worth a tonne of it."""
    found, model = costs_of(drawn.by_air(), Grid((1, 1)), supply={0: 99.0})
    assert found == {"value_lost": pytest.approx(15.0), "freight": pytest.approx(3.0)}
    assert dual(model, "customer_balance", "car-b", "magnet", 1) == pytest.approx(0.3)


def test_freight_of_what_feeds_a_stock() -> None:
    """5 t of ore to B, so that it closes with its usual 5 t at sea, at 0.1 million a tonne."""
    network = drawn.feeding(freight=1e5, closing_stock_value=0.4)
    found, model = costs_of(network, WEEK, supply={0: 10.0}, cover_supply={0: 10.0})
    assert found["freight"] == pytest.approx(5.0 * 0.1)
    assert dual(model, "closing_stock", "B", "ore") == pytest.approx(0.1)


def test_sea_is_taken_where_there_is_time() -> None:
    """Ten tonnes are on the shelf for week 0 and ten for week 1: what departs comes by sea."""
    supply = {"supply": {0: 99.0}, "cover_supply": {0: [20.0, 0.0, 0.0]}}
    found, _ = costs_of(drawn.by_air(), Grid((1, 1, 1)), **supply)
    assert found == {}


def test_processing() -> None:
    """Five USD a kilogram on 10 t of ore mined: 0.05 million. It is dug for the closing stock."""
    mine = drawn.line("mine", "A", 0, {}, {"ore": 1.0}, cost=5.0)
    network = drawn.network(
        [drawn.arc("magnet", "A", "A", 10.0)],
        [drawn.car_maker("A")],
        lines=(mine,),
        materials=(drawn.material("magnet", "magnet"), drawn.material("ore", "ore")),
        usual_stock={("A", "ore"): 10.0},
        closing_stock_value=0.5,
    )
    found, _ = costs_of(network, WEEK, supply={0: 10.0})
    assert found == {"processing": pytest.approx(0.05)}


def test_value_made_up() -> None:
    """0.2 weeks lost before are made up, at 9 million a week of plan."""
    numbers = {"supply": {0: 99.0}, "output_limit": [[1.2]], "made_up_limit": {0: 0.2}}
    later = {"behind_at_start": {0: 0.5}, "made_up_cost": [[-9.0]]}
    found, _ = costs_of(drawn.shelf(), WEEK, **numbers, **later)
    assert found == {"value_made_up": pytest.approx(-1.8)}


def test_surge_premium() -> None:
    """4 t beyond the usual 6 at a fifth of a million."""
    network = drawn.two_origins(usual_trade_premium=0.2)
    numbers = {"supply": {0: 99.0}, "usual_delivery": {0: 6.0}}
    assert costs_of(network, WEEK, **numbers)[0] == {"surge_premium": pytest.approx(0.8)}


def test_surge_premium_of_what_feeds_a_stock() -> None:
    """5 t of ore to B, of which 3 are usual."""
    network = drawn.feeding(usual_trade_premium=0.2, closing_stock_value=0.4)
    numbers = {"supply": {0: 10.0}, "cover_supply": {0: 10.0}, "usual_feed": {1: 3.0}}
    assert costs_of(network, WEEK, **numbers)[0]["surge_premium"] == pytest.approx(2.0 * 0.2)


def test_purchase_shortfall() -> None:
    """C has nothing of the usual 4 t: 0.3 million each."""
    network = drawn.two_origins(usual_purchase_shortfall=0.3)
    numbers = {"supply": {0: 99.0}, "usual_delivery": {1: 4.0}}
    assert costs_of(network, WEEK, **numbers)[0] == {"purchase_shortfall": pytest.approx(1.2)}


def test_purchase_shortfall_of_makers_and_of_contracts() -> None:
    """3 of the usual 5 t of ore that B's makers buy; 2 t that a line should have run."""
    makers = drawn.feeding(usual_purchase_shortfall=0.3)
    numbers = {"supply": {0: 3.0}, "cover_supply": {0: 10.0}, "usual_feed": {1: 5.0}}
    assert costs_of(makers, WEEK, **numbers)[0] == {"purchase_shortfall": pytest.approx(0.6)}
    plant = drawn.works(usual_purchase_shortfall=0.3)
    contract = {"plan": {0: 0.0}, "contracted": {0: 6.0}, "run_limit": {0: 4.0}}
    found, _ = costs_of(plant, WEEK, **contract)
    assert found["purchase_shortfall"] == pytest.approx(2.0 * 0.3)


def test_substitution() -> None:
    """Half of ten cars without magnets, 2000 USD more each: 0.01 million."""
    free = Recipe(0, "free", (), 0.5, 0.0, 0.0, 2000.0)
    network = drawn.shelf(recipes=(free,))
    found, _ = costs_of(network, WEEK, supply={0: 5.0}, output_limit=[[1.0], [0.5]])
    assert found == {"substitution": pytest.approx(0.01)}


def test_cover_shortfall() -> None:
    """2 t below target for two weeks at a hundredth of a million."""
    network = drawn.shelf(cover_shortfall_weekly_cost=0.01)
    numbers = {"cover_supply": {0: 23.0}, "cover_goal": {0: 5.0}}
    found, _ = costs_of(network, Grid((2,)), **numbers)
    assert found == {"cover_shortfall": pytest.approx(2.0 * 2.0 * 0.01)}


def test_stock_shortfall() -> None:
    """2 t below usual for two weeks at a hundredth of a million; the cars have theirs."""
    network = drawn.shelf(usual_stock={("A", "magnet"): 5.0}, stock_shortfall_weekly_cost=0.01)
    found, _ = costs_of(network, Grid((2,)), supply={0: 3.0}, cover_supply={0: 20.0})
    assert found == {"stock_shortfall": pytest.approx(2.0 * 2.0 * 0.01)}


def test_other_use_shortfall() -> None:
    """3 of the 4 t that go elsewhere are missing, at a million a tonne; the cars have theirs."""
    network = drawn.shelf(other_use={("A", "magnet"): 4.0})
    numbers = {"supply": {0: -3.0}, "other_use": {0: 4.0}, "cover_supply": {0: 10.0}}
    found, _ = costs_of(network, WEEK, **numbers)
    assert found == {"other_use_shortfall": pytest.approx(3.0)}


def test_holding() -> None:
    """3 t lie on the shelf at the end of a period of two weeks, at a hundredth of a million."""
    network = drawn.shelf(holding_weekly_cost=0.01)
    found, _ = costs_of(network, Grid((2,)), cover_supply={0: 23.0})
    assert found == {"holding": pytest.approx(3.0 * 2.0 * 0.01)}


def test_holding_in_a_store() -> None:
    """3 t of the region's stock that nobody may take, for two weeks at a hundredth of a million."""
    network = drawn.shelf(holding_weekly_cost=0.01)
    numbers = {"supply": {0: 3.0}, "cover_supply": {0: 20.0}, "delivery_limit": {0: 0.0}}
    found, _ = costs_of(network, Grid((2,)), **numbers)
    assert found == {"holding": pytest.approx(3.0 * 2.0 * 0.01)}


def test_closing_shortfall() -> None:
    """3 t of the region's stock and 10 t of the customer's are used up at 0.4 a tonne."""
    network = drawn.shelf(
        usual_stock={("A", "magnet"): 3.0}, target_weeks=1.0, closing_stock_value=0.4
    )
    found, _ = costs_of(network, WEEK, cover_supply={0: 10.0})
    assert found == {"closing_shortfall": pytest.approx(13.0 * 0.4)}


def test_every_cost_has_its_test() -> None:
    missing = [c.name for c in COSTS if not any(n.startswith(f"test_{c.name}") for n in globals())]
    assert missing == []
