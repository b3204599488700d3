"""Worlds small enough to draw, built by hand: their sums can be done on paper.

Money: a car is worth 1 million USD and takes one tonne of magnet, ten cars a week are planned. A
week of plan is therefore 10 t of magnet and 10 million USD; the first half of a week's loss weighs
1, the second half 2. What is not said to cost anything costs nothing. Where firms differ, a tonne
used up of the upper layer of their stocks stops 0.25 t of need, one of the lower layer 1 t.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from supplychain.model.build_model import build_model
from supplychain.model.window import (
    Grid,
    Window,
    closing_cover_goal,
    layer_shares,
    short_purchase_costs,
)
from supplychain.network.entities import (
    Arc,
    Cover,
    Customer,
    Delivery,
    LicenceCategory,
    Line,
    Material,
    Network,
    Recipe,
)

ASSUMPTIONS = {
    "loss_step_1_share": 0.5,
    "loss_step_1_weight": 1.0,
    "loss_step_2_share": 0.5,
    "loss_step_2_weight": 2.0,
    "closing_stock_value": 0.0,
    "cover_shortfall_weekly_cost": 0.0,
    "stock_shortfall_weekly_cost": 0.0,
    "holding_weekly_cost": 0.0,
    "closing_cover_value": 0.0,
    "usual_trade_premium": 0.0,
    "usual_purchase_shortfall": 0.0,
    "variable_cost_share": 1.0,
    "least_shelf_weeks": 0.0,
    "licences_short_below": 0.9,
    "stop_threshold": 0.02,
    "thinnest_firms": 0.05,
    "firm_layer_1_share": 0.2,
    "firm_layer_2_share": 0.5,
    "military_weight_priority": 10.0,
    "later_loss_discount_per_week": 0.04,
    "weekly_periods": 8.0,
    "two_week_periods": 0.0,
    "four_week_periods": 0.0,
    "far_period_weeks": 4.0,
    "perfect_weekly_periods": 0.0,
    "perfect_period_weeks": 2.0,
}
PLENTY = 1000.0


def material(name: str, stage: str, price: float = 1000.0) -> Material:
    """A material; 1000 USD a kilogram are a million USD a tonne."""
    return Material(name, stage, price, 13.0, 0.0, {"ndpr": 1.0})


def arc(
    name: str, origin: str, destination: str, usual: float, transit: int = 0, freight: float = 0.0
) -> Arc:
    """Magnets are final and only delivered; everything else feeds the destination's stock."""
    final = name == "magnet"
    feed = 0.0 if final else usual
    return Arc(name, origin, destination, transit, usual, feed, freight, final, not final)


def car_maker(region: str, end_use: str = "civil") -> Customer:
    """Ten cars a week of a million USD each."""
    name = f"car-{region.lower()}"
    return Customer(name, "car", "auto", region, "vehicle", end_use, 10.0, 1e6, 26.0, 1.3)


def line(
    name: str,
    region: str,
    lead: int,
    needs: dict[str, float],
    makes: dict[str, float],
    cost: float = 0.0,
) -> Line:
    """A line that could start long ago, with a capacity of 10 t a week."""
    return Line(
        name=name,
        site=f"{name}-site",
        region=region,
        process=name,
        stage="magnet-making" if needs else "mining",
        lead_weeks=lead,
        cost_usd_per_kg=cost,
        capacity_t_per_week=10.0,
        usual_t_per_week=0.0,
        start=date(2000, 1, 1),
        ramp_weeks=0.0,
        start_share=1.0,
        needs=tuple(sorted(needs.items())),
        makes=tuple(sorted(makes.items())),
    )


def delivery(by: Arc, position: int, customer: int, usual: float | None = None) -> Delivery:
    """What a customer takes from an arc by the usual mode; its cover has its own position."""
    tonnes = by.usual_t_per_week if usual is None else usual
    return Delivery(
        material=by.material,
        origin=by.origin,
        customer=customer,
        mode="usual",
        arc=position,
        cover=customer,
        usual_t_per_week=tonnes,
        trade_t_per_week=tonnes,
        transit_weeks=by.transit_weeks,
        freight_usd_per_t=by.freight_usd_per_t,
    )


def delivery_key(d: Delivery) -> tuple[str, str, int, str]:
    """What deliveries are sorted by."""
    return d.material, d.origin, d.customer, d.mode


def flown(by_sea: Delivery, weeks: int, freight: float) -> Delivery:
    """The same delivery by air."""
    return replace(
        by_sea, mode="air", usual_t_per_week=0.0, transit_weeks=weeks, freight_usd_per_t=freight
    )


def network(
    arcs: list[Arc],
    customers: list[Customer],
    lines: tuple[Line, ...] = (),
    recipes: tuple[Recipe, ...] = (),
    categories: tuple[LicenceCategory, ...] = (),
    materials: tuple[Material, ...] = (material("magnet", "magnet"),),
    target_weeks: float = 0.0,
    usual_stock: dict[tuple[str, str], float] | None = None,
    other_use: dict[tuple[str, str], float] | None = None,
    **assumptions: float,
) -> Network:
    """Fill in the rest: one cover a customer, one delivery for each arc into its region."""
    arcs = sorted(arcs, key=lambda a: (a.material, a.origin, a.destination))
    covers = tuple(Cover(i, "magnet", 10.0, 0.0, target_weeks) for i, _ in enumerate(customers))
    deliveries = [
        delivery(a, k, i)
        for i, customer in enumerate(customers)
        for k, a in enumerate(arcs)
        if a.final and a.destination == customer.region
    ]
    normal = tuple(
        Recipe(i, "normal", (("magnet", 1000.0),), 1.0, 0.0, 0.0, 0.0)
        for i, _ in enumerate(customers)
    )
    places = {(a.origin, a.material) for a in arcs}
    places |= {(a.destination, a.material) for a in arcs if a.feeds}
    places |= {(x.region, m) for x in lines for m, _ in (*x.needs, *x.makes)}
    usual, others = usual_stock or {}, other_use or {}
    return Network(
        regions={r: f"Region {r}" for r in ("A", "B", "C")},
        elements=("ndpr",),
        materials={m.name: m for m in materials},
        lines=lines,
        arcs=tuple(arcs),
        customers=tuple(customers),
        recipes=tuple(sorted((*normal, *recipes), key=lambda r: (r.customer, r.name != "normal"))),
        covers=covers,
        deliveries=tuple(sorted(deliveries, key=delivery_key)),
        categories=categories,
        places=tuple(sorted(places)),
        opening_stock=tuple(0.0 for _ in places),
        usual_stock=tuple(usual.get(place, 0.0) for place in sorted(places)),
        sector_segments={"auto": ("car",)},
        other_use=tuple(others.get(place, 0.0) for place in sorted(places)),
        assumptions={**ASSUMPTIONS, **assumptions},
        data_hash="drawn",
    )


def _replacement(n: Network, material: str) -> float:
    """Million USD per tonne."""
    return n.materials[material].price_usd_per_kg / 1e3 * n.assumptions["closing_stock_value"]


SHORT_COSTS = ("short_trade_cost", "short_purchase_cost", "short_run_cost")


def window(n: Network, grid: Grid, **numbers: Any) -> Window:
    """A window with no limits, nothing in stock and the usual plan, but for what is named.

    Nothing is usual or contracted, nothing can be made up, and firms are all alike.

    A number is an array, or {position: value or values by period}.
    """
    periods = len(grid.lengths)
    length = np.array(grid.lengths, dtype=float)
    steps = np.array([1.0, 2.0])
    customers = len(n.customers)
    value = 10.0 * steps[None, :, None] * np.ones((customers, 1, periods))
    full: dict[str, Any] = {
        "run_limit": np.full((len(n.lines), periods), PLENTY),
        "flow_limit": np.full((len(n.arcs), periods), PLENTY),
        "usual_feed": np.zeros((len(n.arcs), periods)),
        "delivery_limit": np.full((len(n.deliveries), periods), PLENTY),
        "usual_delivery": np.zeros((len(n.deliveries), periods)),
        "arc_limit_t": np.full((len(n.arcs), periods), PLENTY),
        "contracted": np.zeros((len(n.lines), periods)),
        "output_limit": np.array([[float(r.name == "normal")] for r in n.recipes]) * length,
        "lost_limit": 0.5 * np.ones((customers, 2, 1)) * length,
        "made_up_limit": np.zeros((customers, periods)),
        "depleted_limit": np.zeros((len(n.covers), len(layer_shares(n)), periods)),
        "left_limit": np.full((len(n.end_users), periods), PLENTY),
        "supply": np.zeros((len(n.places), periods)),
        "other_use": np.zeros((len(n.places), periods)),
        "cover_supply": np.zeros((len(n.covers), periods)),
        "plan": np.ones((customers, 1)) * length,
        "behind_at_start": np.zeros((customers, periods)),
        "granted": np.full((len(n.end_users), periods), np.inf),
        "cover_goal": np.zeros((len(n.covers), periods)),
        "firm_mean": np.zeros((len(n.covers), periods)),
        "frontier": np.zeros((len(n.covers), periods)),
        "closing_cover": closing_cover_goal(n, np.array([c.target_weeks for c in n.covers])),
        "loss_cost": value,
        "made_up_cost": np.zeros((customers, periods)),
        "closing_cost": np.array([_replacement(n, c.material) for c in n.covers]),
        **dict(zip(SHORT_COSTS, short_purchase_costs(n), strict=True)),
    }
    for name, given in numbers.items():
        if isinstance(given, dict):
            for position, amount in given.items():
                full[name][position] = amount
        else:
            full[name] = np.array(given, dtype=float)
    return Window(**full)


def model_of(n: Network, grid: Grid, without: tuple[str, ...] = (), **numbers: Any) -> Any:
    """The Pyomo model of a window, some laws left out."""
    return build_model(n, grid, window(n, grid, **numbers), without)


def shelf(**changes: Any) -> Network:
    """One region: its magnets go to its car maker over no distance.

    A(magnet) --delivery--> car-a
    """
    return network([arc("magnet", "A", "A", 10.0)], [car_maker("A")], **changes)


def chain() -> Network:
    """Ore in A, magnets from it in A a week later, a week at sea, cars in B.

    A(ore) --plant, 2 t of ore a tonne, 1 week--> A(magnet) --1 week--> car-b
    """
    return network(
        [arc("magnet", "A", "B", 10.0, transit=1)],
        [car_maker("B")],
        lines=(
            line("mine", "A", 0, {}, {"ore": 1.0}),
            line("plant", "A", 1, {"ore": 2.0}, {"magnet": 1.0}),
        ),
        materials=(material("magnet", "magnet"), material("ore", "ore")),
    )


def two_origins(freight_from_c: float = 0.0, **changes: Any) -> Network:
    """B usually buys 6 t a week from A and 4 t from C.

    A(magnet) --6--> car-b <--4-- C(magnet)
    """
    arcs = [arc("magnet", "A", "B", 6.0), arc("magnet", "C", "B", 4.0, freight=freight_from_c)]
    return network(arcs, [car_maker("B")], **changes)


def licensed(**changes: Any) -> Network:
    """A sells to B under a licence.

    A(magnet) --licence--> car-b
    """
    licence = LicenceCategory("rule", "A", "B", "civil", (), (0,), 10.0)
    arcs = [arc("magnet", "A", "B", 10.0)]
    return network(arcs, [car_maker("B")], categories=(licence,), **changes)


def two_users(**changes: Any) -> Network:
    """A sells to the car makers and to the van makers of B, 10 t each, under one class.

    A(magnet) --licence--> car-b
              --licence--> van-b
    """
    van = replace(car_maker("B"), name="van-b", segment="van")
    both = network([arc("magnet", "A", "B", 10.0)], [car_maker("B"), van], **changes)
    licence = LicenceCategory("rule", "A", "B", "civil", (), (0, 1), 20.0)
    return replace(both, categories=(licence,))


def works(**changes: Any) -> Network:
    """A plant makes magnets of nothing, at 0.2 million USD a tonne.

    plant --> A(magnet) --delivery--> car-a
    """
    plant = line("plant", "A", 0, {}, {"magnet": 1.0}, cost=200.0)
    return network([arc("magnet", "A", "A", 10.0)], [car_maker("A")], lines=(plant,), **changes)


def feeding(freight: float = 0.0, **changes: Any) -> Network:
    """Ore of A feeds the plant of B, one week away; the plant needs a week.

    A(ore) --1 week--> B(ore) --plant--> B(magnet) --delivery--> car-b
    """
    plant = line("plant", "B", 1, {"ore": 1.0}, {"magnet": 1.0})
    return network(
        [arc("ore", "A", "B", 5.0, transit=1, freight=freight), arc("magnet", "B", "B", 10.0)],
        [car_maker("B")],
        lines=(replace(plant, usual_t_per_week=3.0),),
        materials=(material("magnet", "magnet"), material("ore", "ore")),
        **changes,
    )


def shared_arc(usual_feed: float = 0.0, **changes: Any) -> Network:
    """Magnets from A under a licence, for cars in B and for the stock of B's region.

    So much of the feed is usual.

    A(magnet) --licence--> car-b
              --licence--> B(magnet), where 3 t are usually held
    """
    licence = LicenceCategory("rule", "A", "B", "civil", (0,), (0,), 10.0)
    both = replace(arc("magnet", "A", "B", 10.0), feeds=True, usual_feed_t_per_week=usual_feed)
    usual = {("B", "magnet"): 3.0}
    return network([both], [car_maker("B")], categories=(licence,), usual_stock=usual, **changes)


def by_air(**changes: Any) -> Network:
    """Two weeks by sea at no cost, one week by air at 0.3 million USD a tonne.

    A(magnet) --2 weeks--> car-b <--1 week by air-- A(magnet)
    """
    found = network([arc("magnet", "A", "B", 10.0, transit=2)], [car_maker("B")], **changes)
    by_sea = found.deliveries[0]
    return replace(found, deliveries=(flown(by_sea, 1, 3e5), by_sea))
