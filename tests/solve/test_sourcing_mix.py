"""A planner's own customer: 60 % from one maker, 30 % and 10 % from others, and it stays so."""

from __future__ import annotations

from dataclasses import replace

import drawn
import numpy as np
import pytest
from cases import make_case, per_user, usual_numbers

from supplychain.network.entities import LicenceCategory, Network
from supplychain.solve.rolling_horizon import Solver

MIX = {"A": 0.6, "C": 0.3, "B": 0.1}
FREIGHT = {"A": 200.0, "C": 4000.0, "B": 0.0}
"""USD per tonne: C is far, and what B makes itself is dear to make."""
COST = {"A": 10.0, "C": 30.0, "B": 45.0}
"""USD per kilogram to make, of a price of 70; 0.3 of it is saved where a line stands still."""


def planner(**assumptions: float) -> Network:
    """An own customer and the rest of its segment in B, who buy from A, where they can, alone.

    A(magnet) --licence--> own-b <-- C(magnet), B(magnet)
              --licence--> car-b
    """
    arcs = [
        drawn.arc("magnet", region, "B", 10.0 * share + (10.0 if region == "A" else 0.0),
                  transit=0 if region == "B" else 3, freight=FREIGHT[region])
        for region, share in MIX.items()
    ]  # fmt: skip
    own = replace(drawn.car_maker("B"), name="own-b", segment="own")
    lines = tuple(
        replace(
            drawn.line(f"magnets-{r.lower()}", r, 2, {}, {"magnet": 1.0}, cost=COST[r]),
            stage="magnet-making",
            capacity_t_per_week=30.0,
            usual_t_per_week=10.0 * share + (10.0 if r == "A" else 0.0),
        )
        for r, share in sorted(MIX.items())
    )
    network = drawn.network(
        arcs,
        [drawn.car_maker("B"), own],
        lines=lines,
        materials=(drawn.material("magnet", "magnet", price=70.0),),
        target_weeks=3.0,
        closing_stock_value=0.9,
        cover_shortfall_weekly_cost=0.005,
        holding_weekly_cost=0.001,
        variable_cost_share=0.3,
        **assumptions,
    )
    deliveries = tuple(
        replace(
            d,
            usual_t_per_week=tonnes,
            trade_t_per_week=max(tonnes, 10.0),
        )
        for d in network.deliveries
        for tonnes in [10.0 * (MIX[d.origin] if d.customer else float(d.origin == "A"))]
    )
    mine = tuple(i for i, d in enumerate(deliveries) if d.origin == "A")
    licence = LicenceCategory("rule", "A", "B", "civil", (), mine, 16.0)
    return replace(network, deliveries=deliveries, categories=(licence,))


CONTRACTS = {"usual_trade_premium": 0.1, "usual_purchase_shortfall": 0.3}


def bought(network: Network, licensed: bool, weeks: int = 26) -> dict[str, float]:
    """Share of the own customer's purchases by origin, over weeks in which goods are plenty."""
    numbers = usual_numbers(network, 60)
    if licensed:
        usual = np.array([[1.05 * k.usual_t_per_week] for k in network.categories])
        numbers.granted[:] = per_user(network, usual)
        numbers.valid[:] = per_user(network, 8.0 * usual)
    case = make_case(network, numbers, weeks=weeks)
    history = Solver(network).solve(case, "rolling", "contracts").history
    assert float(history.lost.sum()) == pytest.approx(0.0, abs=1e-9)
    own = network.customer_index["own-b"]
    tonnes = {
        d.origin: float(history.delivery[i].sum())
        for i, d in enumerate(network.deliveries)
        if d.customer == own
    }
    return {origin: t / sum(tonnes.values()) for origin, t in tonnes.items()}


@pytest.mark.parametrize("licensed", [False, True])
def test_a_mix_is_kept_in_calm_weeks(licensed: bool) -> None:
    """Each lane within 10 % of 60, 30 and 10, without a control and with enough licences."""
    found = bought(planner(**CONTRACTS), licensed)
    for origin, share in MIX.items():
        assert found[origin] == pytest.approx(share, rel=0.1), origin


def test_without_contracts_the_cheapest_maker_takes_all_it_can() -> None:
    """What the two costs are for: else 60 % from A becomes the most that it may deliver."""
    found = bought(planner(usual_trade_premium=0.0, usual_purchase_shortfall=0.0), licensed=False)
    assert found["A"] > 0.9
    assert found["C"] < 0.05
