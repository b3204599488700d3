"""Worlds drawn at random from a seed: open, they lose nothing; a block from outside hurts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import drawn
import numpy as np
from cases import spread_around

from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.model.window import Grid, LossRule, State, Window, make_window
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

GRIDS = [Grid((1,) * 8), Grid((1, 1, 1, 4, 4, 3)), Grid((2, 2, 2, 2))]
REGIONS = ("A", "B", "C")
MAKERS = ("A", "B")
"""Regions that make magnets; A alone mines and separates."""
OTHER_USE = 0.03
"""Share of the oxide separated that goes to uses outside the model."""
ASSUMPTIONS = {
    **drawn.ASSUMPTIONS,
    "loss_step_1_share": 0.2,
    "loss_step_2_share": 0.8,
    "loss_step_2_weight": 1.4,
    "closing_stock_value": 0.9,
    "cover_shortfall_weekly_cost": 0.005,
    "stock_shortfall_weekly_cost": 0.002,
    "holding_weekly_cost": 0.001,
    "closing_cover_value": 0.02,
    "usual_trade_premium": 0.05,
    "usual_purchase_shortfall": 0.15,
    "firm_layer_1_share": 0.05,
    "firm_layer_2_share": 0.2,
    "firm_layer_3_share": 0.5,
    "firm_layer_4_share": 0.85,
}


def random_network(seed: int, **assumptions: float) -> Network:
    """Three regions, ore to oxide to magnet, five customers, licences on what leaves A.

    Firms differ, some output can be made up later, makers in B have contracts, two civil segments
    of C share a licence class, and a little oxide of A goes to other uses.
    """
    rng = np.random.default_rng(seed)
    customers = _customers(rng, np.random.default_rng([seed, 11]))
    covers = _covers(rng, customers)
    shares = {r: float(rng.uniform(0.3, 0.7)) for r in REGIONS}
    transit = {pair: int(rng.integers(1, 4)) for pair in (("A", "B"), ("A", "C"), ("B", "C"))}
    transit |= {("A", "A"): 0, ("B", "B"): 0}
    transit["B", "A"] = transit["A", "B"]
    need = dict.fromkeys(REGIONS, 0.0)
    for cover in covers:
        need[customers[cover.customer].region] += cover.need_t_per_week
    routes = {
        (maker, region): share * need[region]
        for region in REGIONS
        for maker, share in (("A", shares[region]), ("B", 1.0 - shares[region]))
    }
    made = {m: sum(t for (maker, _), t in routes.items() if maker == m) for m in MAKERS}
    arcs = [_arc("magnet", o, d, t, transit[o, d], rng) for (o, d), t in routes.items()]
    arcs.append(_arc("oxide", "A", "B", 0.5 * made["B"], transit["A", "B"], rng))
    arcs.sort(key=lambda a: (a.material, a.origin, a.destination))
    deliveries = _deliveries(arcs, customers, covers)
    lines = _lines(rng, made)
    usual = {
        ("A", "ore"): 4.0,
        ("A", "oxide"): 2.0 * sum(made.values()),
        ("B", "oxide"): 2.0 * made["B"],
    }
    places = sorted(
        {("A", "ore"), ("A", "oxide"), ("B", "oxide"), ("A", "magnet"), ("B", "magnet")}
    )
    stock = tuple(usual.get(place, 0.0) for place in places)
    return Network(
        regions={r: f"Region {r}" for r in REGIONS},
        elements=("ndpr",),
        materials={
            "magnet": Material("magnet", "magnet", 70.0, 13.0, 0.0, {"ndpr": 0.4}),
            "ore": Material("ore", "ore", 3.0, 13.0, 2.0, {"ndpr": 0.25}),
            "oxide": Material("oxide", "oxide", 60.0, 13.0, 2.0, {"ndpr": 1.0}),
        },
        lines=lines,
        arcs=tuple(arcs),
        customers=customers,
        recipes=_recipes(rng, customers),
        covers=covers,
        deliveries=deliveries,
        categories=_classes(arcs, customers, deliveries),
        places=tuple(places),
        opening_stock=stock,
        usual_stock=stock,
        sector_segments={"auto": ("car", "van"), "munitions": ("weapon",)},
        other_use=tuple(
            OTHER_USE * 0.5 * sum(made.values()) if place == ("A", "oxide") else 0.0
            for place in places
        ),
        assumptions={**ASSUMPTIONS, **assumptions},
        data_hash=f"random-{seed}",
    )


NEED = {"car": 2.0, "van": 3.0, "weapon": 5.0}
"""Kilograms of magnet in one."""


def _customers(rng: np.random.Generator, firms: np.random.Generator) -> tuple[Customer, ...]:
    found = []
    for region in REGIONS:
        value = float(rng.uniform(5e3, 2e4))
        found.append(Customer(f"car-{region.lower()}", "car", "auto", region, "vehicle", "civil",
                              float(rng.uniform(1e3, 9e3)), value, 26.0, 1.3))  # fmt: skip
    found.append(Customer("van-c", "van", "auto", "C", "vehicle", "civil",
                          float(firms.uniform(500, 2e3)), float(firms.uniform(5e3, 2e4)),
                          26.0, 1.3))  # fmt: skip
    found.append(Customer("weapon-c", "weapon", "munitions", "C", "weapon", "military",
                          float(rng.uniform(10, 90)), 5e5, 52.0, 1.2))  # fmt: skip
    return tuple(
        replace(
            c,
            cover_spread=float(firms.uniform(0.3, 0.8)),
            make_up_weeks=float(firms.integers(0, 13)),
            overtime_share=float(firms.uniform(0.05, 0.15)),
            late_cost_per_week=float(firms.uniform(0.002, 0.008)),
        )
        for c in found
    )


def _covers(rng: np.random.Generator, customers: tuple[Customer, ...]) -> tuple[Cover, ...]:
    return tuple(
        Cover(
            i, "magnet", NEED[c.segment] / 1000.0 * c.plan_per_week, 0.0, float(rng.integers(1, 6))
        )
        for i, c in enumerate(customers)
    )


def _recipes(rng: np.random.Generator, customers: tuple[Customer, ...]) -> tuple[Recipe, ...]:
    found = []
    for i, customer in enumerate(customers):
        need = NEED[customer.segment]
        found.append(Recipe(i, "normal", (("magnet", need),), 1.0, 0.0, 0.0, 0.0))
        if customer.segment == "car":
            share, extra = float(rng.uniform(0.1, 0.4)), float(rng.uniform(20, 200))
            found.append(Recipe(i, "thrifted", (("magnet", 0.7 * need),), share, 4.0, 8.0, extra))
    return tuple(found)


def _arc(
    material: str,
    origin: str,
    destination: str,
    usual: float,
    transit: int,
    rng: np.random.Generator,
) -> Arc:
    final = material == "magnet"
    freight = float(rng.uniform(20, 400))
    feed = 0.0 if final else usual
    return Arc(material, origin, destination, transit, usual, feed, freight, final, not final)


def _deliveries(
    arcs: list[Arc], customers: tuple[Customer, ...], covers: tuple[Cover, ...]
) -> tuple[Delivery, ...]:
    found = []
    for k, arc in enumerate(arcs):
        here = [i for i, c in enumerate(customers) if c.region == arc.destination and arc.final]
        need = sum(covers[i].need_t_per_week for i in here)
        for i in here:
            usual = arc.usual_t_per_week * covers[i].need_t_per_week / need
            by_sea = drawn.delivery(arc, k, i, usual)
            found.append(by_sea)
            if arc.transit_weeks > 1 and arc.origin == "A":
                found.append(drawn.flown(by_sea, 1, 4000.0))
    return tuple(sorted(found, key=drawn.delivery_key))


def _lines(rng: np.random.Generator, made: dict[str, float]) -> tuple[Line, ...]:
    ore = 4.0 * 0.5 * sum(made.values()) * (1.0 + OTHER_USE)
    runs = [
        ("magnets-a", "A", {"oxide": 0.5}, {"magnet": 1.0}, made["A"], 15.0),
        ("magnets-b", "B", {"oxide": 0.5}, {"magnet": 1.0}, made["B"], 25.0),
        ("mine-a", "A", {}, {"ore": 1.0}, ore, 0.5),
        ("separation-a", "A", {"ore": 4.0}, {"oxide": 1.0}, ore / 4.0, 5.0),
    ]
    return tuple(
        Line(
            name=name,
            site=f"{name}-site",
            region=region,
            process=name,
            stage="magnet-making" if "magnet" in makes else "mining",
            lead_weeks=int(rng.integers(0, 4)),
            cost_usd_per_kg=cost,
            capacity_t_per_week=run * float(rng.uniform(1.05, 1.4)),
            usual_t_per_week=run,
            start=date(2000, 1, 1),
            ramp_weeks=0.0,
            start_share=1.0,
            needs=tuple(needs.items()),
            makes=tuple(makes.items()),
            offtake_share=0.5 if name == "magnets-b" else 0.0,
        )
        for name, region, needs, makes, run, cost in runs
    )


def _classes(
    arcs: list[Arc], customers: tuple[Customer, ...], deliveries: tuple[Delivery, ...]
) -> tuple[LicenceCategory, ...]:
    keys = [("A", "B", "civil"), ("A", "C", "civil"), ("A", "C", "military")]
    found = []
    for exporter, destination, end_use in keys:
        mine = tuple(
            i
            for i, d in enumerate(deliveries)
            if d.origin == exporter
            and customers[d.customer].region == destination
            and customers[d.customer].end_use == end_use
        )
        usual = sum(deliveries[i].usual_t_per_week for i in mine)
        found.append(
            LicenceCategory("rule-magnets", exporter, destination, end_use, (), mine, usual)
        )
    oxide = tuple(i for i, a in enumerate(arcs) if a.material == "oxide")
    usual = sum(arcs[i].usual_t_per_week for i in oxide)
    found.append(LicenceCategory("rule-oxide", "A", "B", "civil", oxide, (), usual))
    assert all(a.destination <= b.destination for a, b in pairwise(found[:3]))
    return tuple(found)


def with_assumptions(network: Network, **assumptions: float) -> Network:
    """The same world with other scalars."""
    return replace(network, assumptions={**network.assumptions, **assumptions})


def weighted_loss(network: Network, history: Any) -> float:
    """Value added lost by the convex steps, less what is made up, million USD, undiscounted.

    What is made up is worth its value added less what being late costs, as the objective has it.
    """
    a = network.assumptions
    steps = sorted(k for k in a if k.startswith("loss_step_") and k.endswith("_weight"))
    weights = np.array([a[k] for k in steps])
    value = np.array(
        [c.plan_per_week * c.value_added_usd_per_unit / 1e6 for c in network.customers]
    )
    late = np.array([c.late_cost_per_week * c.make_up_weeks / 2.0 for c in network.customers])
    lost = float(np.einsum("csw,c,s->", history.lost, value, weights))
    return lost - float(history.made_up.sum(axis=1) @ (value * (1.0 - late)))


def random_window(network: Network, grid: Grid, seed: int) -> Window:
    """Any numbers: idle lines, closed arcs, classes in and out of force, odd plans and stocks."""
    rng = np.random.default_rng([seed, 7])
    n, span = network, grid.weeks + 2

    def around(values: Any, low: float, high: float) -> Any:
        return np.array(values)[:, None] * rng.uniform(low, high, (len(values), span))

    need = np.array([c.need_t_per_week for c in n.covers])
    licensed = np.array(
        [n.categories[u.category].usual_t_per_week * max(u.share, 0.1) for u in n.end_users]
    )
    granted = around(licensed, 0.0, 0.4)
    granted[rng.random(granted.shape) < 0.1] = np.inf
    arcs = around([a.usual_t_per_week for a in n.arcs], 0.3, 1.5)
    arcs[rng.random(arcs.shape) < 0.3] = np.inf
    capacity = around([x.capacity_t_per_week for x in n.lines], 0.0, 1.1)
    target = np.array([c.target_weeks for c in n.covers]) * rng.uniform(0.5, 1.5)
    numbers = WeeklyInputs(
        line_capacity=capacity,
        plan=around([c.plan_per_week for c in n.customers], 0.5, 1.2),
        plan_growth=np.ones((len(n.customers), span)),
        recipe_limit=around([r.max_share for r in n.recipes], 0.5, 1.0),
        feed_limit=around([a.usual_t_per_week for a in n.arcs], 0.3, 1.5),
        delivery_limit=around([d.usual_t_per_week for d in n.deliveries], 0.5, 1.5),
        arc_limit=arcs,
        usual_feed=around([a.usual_feed_t_per_week for a in n.arcs], 0.7, 1.2),
        usual_delivery=around([d.usual_t_per_week for d in n.deliveries], 0.7, 1.2),
        contracted_run=around([x.offtake_share for x in n.lines], 0.0, 1.0) * capacity,
        granted=granted,
        valid=around(licensed, 0.0, 3.0),
        cover_target=target,
        cover_mean=np.minimum(spread_around(n), target) * rng.uniform(0.5, 1.0, len(n.covers)),
    )
    makes_up = np.array([c.make_up_weeks > 0.0 for c in n.customers])
    state = State(
        week=2,
        stock=np.array(n.opening_stock) * rng.uniform(0.0, 1.5, len(n.places)),
        cover=need * rng.uniform(0.0, 4.0, len(n.covers)),
        place_arrivals=rng.uniform(0.0, 2.0, (len(n.places), 3)),
        cover_arrivals=need[:, None] * rng.uniform(0.0, 1.0, (len(n.covers), span + 5)),
        licence_left=licensed * rng.uniform(0.0, 0.5, len(n.end_users)),
        behind=makes_up * rng.uniform(0.0, 0.5, len(n.customers)),
    )
    weight = tuple(float(w) for w in rng.uniform(0.5, 3.0, len(n.customers)))
    return make_window(
        n, grid, numbers, state, LossRule((0.2, 0.8), (1.0, 1.4), weight, 0.97, 0.03)
    )
