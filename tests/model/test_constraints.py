"""Every law frozen as a small LP file, and left out to see it bite.

`test_constraints_by_hand.py` solves each by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import drawn
import pytest
from drawn import model_of
from pyomo.environ import Objective
from reference import solved

from supplychain.model.components import CONSTRAINTS
from supplychain.model.window import Grid
from supplychain.network.entities import Network, Recipe

GOLDEN = Path(__file__).parent / "golden"
BY_HAND = Path(__file__).parent / "test_constraints_by_hand.py"
LAW_NAMES = [law.name for law in CONSTRAINTS]
WEEK = Grid((1,))
COARSE = Grid((1, 1, 2))


# Bites: the law left out, the optimum falls to a sum that is known by hand.


@dataclass(frozen=True)
class Bite:
    network: Network
    grid: Grid
    with_it: float
    without_it: float
    numbers: dict[str, Any] = field(default_factory=dict)


FIRMS = {"depleted_limit": {0: [[4.0], [3.0]]}, "firm_mean": {0: 7.0}}
"""Firms stop below 7 t in all: over the first 4 t used up 0.25 t a tonne, then 1 t a tonne."""

BITES = {
    "region_balance": Bite(drawn.shelf(), WEEK, 4.0, 0.0, {"supply": {0: 6.0}}),
    "customer_balance": Bite(drawn.shelf(), WEEK, 15.0, 0.0),
    "customer_plan": Bite(drawn.shelf(), WEEK, 15.0, 0.0),
    "backlog": Bite(
        drawn.shelf(),
        WEEK,
        0.0,
        -1.8,
        {
            "supply": {0: 99.0},
            "made_up_limit": {0: 0.2},
            "made_up_cost": [[-9.0]],
            "output_limit": [[1.2]],
        },
    ),
    "firm_stock": Bite(drawn.licensed(), WEEK, 2.0, 0.0, {"cover_supply": {0: 10.0}, **FIRMS}),
    "loss_frontier": Bite(drawn.licensed(), WEEK, 2.0, 0.0, {"cover_supply": {0: 10.0}, **FIRMS}),
    "usual_trade": Bite(
        drawn.feeding(usual_purchase_shortfall=0.3),
        WEEK,
        16.5,
        15.0,
        {"supply": {0: 4.0}, "usual_feed": {1: 9.0}},
    ),
    "usual_purchase": Bite(
        drawn.two_origins(usual_trade_premium=0.2, usual_purchase_shortfall=0.3),
        WEEK,
        2.0,
        0.0,
        {"supply": {0: 99.0}, "usual_delivery": {0: 6.0, 1: 4.0}},
    ),
    "contracted_run": Bite(
        drawn.works(usual_purchase_shortfall=0.3),
        WEEK,
        1.2,
        0.0,
        {"plan": {0: 0.0}, "contracted": {0: 6.0}},
    ),
    "arc_limit": Bite(
        drawn.two_origins(), WEEK, 4.0, 0.0, {"supply": {0: 99.0}, "arc_limit_t": {0: 6.0}}
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
    "backlog": (drawn.shelf, [("car-a", 0), ("car-a", 1)]),
    "firm_stock": (drawn.licensed, [("car-b", "magnet", 1)]),
    "loss_frontier": (drawn.licensed, [("car-b", "magnet", 1)]),
    "usual_trade": (drawn.feeding, [("ore", "A", "B", 1)]),
    "usual_purchase": (drawn.by_air, [("magnet", "A", "car-b", m, 1) for m in ("air", "usual")]),
    "contracted_run": (drawn.works, [("plant", 1)]),
    "arc_limit": (drawn.shared_arc, [("magnet", "A", "B", 1)]),
    "licence_balance": (
        drawn.shared_arc,
        [("rule", "A", "B", "civil", who, 1) for who in ("any", "car")],
    ),
    "cover_target": (drawn.shelf, [("car-a", "magnet", 2)]),
    "stock_target": (drawn.shared_arc, [("B", "magnet", 2)]),
    "closing_stock": (drawn.feeding, [("B", "magnet"), ("B", "ore")]),
    "closing_cover": (drawn.chain, [("car-b", "magnet")]),
}


def written(law: str, path: Path) -> str:
    """Rows of one law alone, on the grid of two weeks and a period of two."""
    world, kept = FROZEN[law]
    network = world()
    finite = {"granted": [[3.0, 4.0, 5.0]] * len(network.end_users)}
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
    assert re.search(rf"^def test_{law}_by_hand\(", BY_HAND.read_text("utf-8"), re.M)
    assert law in BITES
    assert law in FROZEN
    assert (GOLDEN / f"{law}.lp").stat().st_size < 2500


def test_nothing_is_tested_that_is_no_law() -> None:
    assert {path.stem for path in GOLDEN.glob("*.lp")} == set(LAW_NAMES)
    assert set(BITES) == set(FROZEN) == set(LAW_NAMES)
