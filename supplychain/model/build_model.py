"""Network (structure) and Window (numbers) to a Pyomo model: sets, variables, laws, cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from pyomo.environ import (
    ConcreteModel,
    Constraint,
    Expression,
    NonNegativeReals,
    Objective,
    Set,
    Var,
    minimize,
)

from supplychain.model import constraints, objective
from supplychain.model.components import COSTS, LAWS
from supplychain.model.window import Grid, Window, arrival_shares
from supplychain.network.entities import Network

Index = tuple[Any, ...]
RULES = {
    law.name: getattr(constraints, law.name, None) or getattr(constraints, law.name) for law in LAWS
}


def build_model(
    network: Network, grid: Grid, window: Window, without: Iterable[str] = ()
) -> ConcreteModel:
    """Build the programme of one window.

    Args:
        network: what there is.
        grid: the window's periods.
        window: its numbers.
        without: names of laws to leave out (tests show that each law bites).
    """
    m = ConcreteModel(name="rare-earth supply")
    _sets(m, network, grid)
    _lags(m, network, grid)
    _numbers(m, network, grid, window)
    _variables(m, network, window)
    over = _index_sets(m)
    for law in LAWS:
        if law.name not in set(without):
            sets = [over[word] for word in law.over]
            m.add_component(law.name, Constraint(*sets, rule=RULES[law.name]))
    for cost in COSTS:
        m.add_component(cost.name, Expression(rule=getattr(objective, cost.name)))
    m.total_cost = Objective(expr=sum(m.component(c.name) for c in COSTS), sense=minimize)
    return m


def names(network: Network) -> dict[str, list[Index]]:
    """The index tuples of every kind of object, in the network's order."""
    customers = [c.name for c in network.customers]
    return {
        "place": list(network.places),
        "line": [(x.name,) for x in network.lines],
        "arc": [(a.material, a.origin, a.destination) for a in network.arcs],
        "customer": [(c,) for c in customers],
        "recipe": [(customers[r.customer], r.name) for r in network.recipes],
        "cover": [(customers[c.customer], c.material) for c in network.covers],
        "delivery": [
            (d.material, d.origin, customers[d.customer], d.mode) for d in network.deliveries
        ],
        "class": [(c.control, c.exporter, c.destination, c.end_use) for c in network.classes],
    }


def _index_sets(m: ConcreteModel) -> dict[str, Any]:
    return {
        "place": m.PLACES,
        "line": m.LINES,
        "arc": m.ARCS,
        "customer": m.CUSTOMERS,
        "recipe": m.RECIPES,
        "cover": m.COVERS,
        "delivery": m.DELIVERIES,
        "class": m.CLASSES,
        "period": m.PERIODS,
        "step": m.STEPS,
    }


def _sets(m: ConcreteModel, network: Network, grid: Grid) -> None:
    """Ordered sets, and for each place or customer the objects that touch it."""
    n = names(network)
    m.PERIODS = Set(initialize=list(grid.periods))
    m.STEPS = Set(initialize=list(range(_steps(network))))
    m.PLACES = Set(initialize=n["place"], dimen=2)
    m.LINES = Set(initialize=[x for (x,) in n["line"]])
    m.ARCS = Set(initialize=n["arc"], dimen=3)
    m.CUSTOMERS = Set(initialize=[x for (x,) in n["customer"]])
    m.RECIPES = Set(initialize=n["recipe"], dimen=2)
    m.COVERS = Set(initialize=n["cover"], dimen=2)
    m.DELIVERIES = Set(initialize=n["delivery"], dimen=4)
    m.CLASSES = Set(initialize=n["class"], dimen=4)
    feeding = [n["arc"][i] for i, a in enumerate(network.arcs) if a.feeds]
    m.FEEDING_ARCS = Set(initialize=feeding, dimen=3)
    m.ARCS_INTO = _groups(((a[2], a[0]), a) for a in feeding)
    m.ARCS_OUT_OF = _groups(((a[1], a[0]), a) for a in feeding)
    m.LINES_MAKING = _groups(
        ((x.region, w), (x.name, q)) for x in network.lines for w, q in x.makes
    )
    m.LINES_USING = _groups(((x.region, w), (x.name, q)) for x in network.lines for w, q in x.needs)
    m.DELIVERIES_FROM = _groups(((d[1], d[0]), d) for d in n["delivery"])
    m.DELIVERIES_TO = _groups(((d[2], d[0]), d) for d in n["delivery"])
    m.DELIVERIES_ON = _groups(
        (n["arc"][x.arc], d) for x, d in zip(network.deliveries, n["delivery"], strict=True)
    )
    m.RECIPES_OF = _groups((r[0], r) for r in n["recipe"])
    m.RECIPES_USING = _groups(
        ((r[0], w), (r, kg / 1000.0 * network.customers[x.customer].plan_per_week))
        for x, r in zip(network.recipes, n["recipe"], strict=True)
        for w, kg in x.needs
    )
    m.ARCS_UNDER = _groups(
        (k, n["arc"][a]) for x, k in zip(network.classes, n["class"], strict=True) for a in x.arcs
    )
    m.DELIVERIES_UNDER = _groups(
        (k, n["delivery"][d])
        for x, k in zip(network.classes, n["class"], strict=True)
        for d in x.deliveries
    )


def _groups(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, member in pairs:
        found[key].append(member)
    return found


def _steps(network: Network) -> int:
    return sum(
        1 for key in network.assumptions if key.startswith("loss_step_") and key.endswith("_share")
    )


def _lags(m: ConcreteModel, network: Network, grid: Grid) -> None:
    """For each lag: what arrives in a period, from which; and what is under way at the end."""
    n = names(network)
    m.transit = {key: a.transit_weeks for key, a in zip(n["arc"], network.arcs, strict=True)}
    m.lead = {x.name: x.lead_weeks for x in network.lines}
    m.delivery_transit = {
        key: d.transit_weeks for key, d in zip(n["delivery"], network.deliveries, strict=True)
    }
    lags = sorted({*m.transit.values(), *m.lead.values(), *m.delivery_transit.values()})
    m.arriving = defaultdict(list)
    m.still_under_way = {}
    for lag in lags:
        shares = arrival_shares(grid, lag)
        for sent, pairs in enumerate(shares):
            for period, share in pairs:
                m.arriving[lag, period].append((sent, share))
        rest = [(sent, 1.0 - sum(s for _, s in pairs)) for sent, pairs in enumerate(shares)]
        m.still_under_way[lag] = [(sent, share) for sent, share in rest if share > 1e-9]


def _numbers(m: ConcreteModel, network: Network, grid: Grid, window: Window) -> None:
    """Right-hand sides by index, and the costs per tonne or per week of plan."""
    n = names(network)
    for name, kind in RIGHT_HAND_SIDES.items():
        setattr(m, name, _by_period(n[kind], getattr(window, name)))
    m.loss_cost = {
        (*key, step, period): window.loss_cost[i, step, period]
        for i, key in enumerate(n["customer"])
        for step in m.STEPS
        for period in grid.periods
    }
    price = {k: x.price_usd_per_kg * objective.M_USD_PER_T for k, x in network.materials.items()}
    rate = network.assumptions
    m.period_weeks = dict(enumerate(grid.lengths))
    m.freight_rate = {
        k: a.freight_usd_per_t / 1e6 for k, a in zip(n["arc"], network.arcs, strict=True)
    }
    m.delivery_freight = {
        k: d.freight_usd_per_t / 1e6 for k, d in zip(n["delivery"], network.deliveries, strict=True)
    }
    m.run_cost = {x.name: x.cost_usd_per_kg * objective.M_USD_PER_T for x in network.lines}
    m.premium = {k: price[k[0]] * rate["usual_trade_premium"] for k in n["arc"]}
    m.shortfall_cost = {k: price[k[1]] * rate["cover_shortfall_weekly_cost"] for k in n["cover"]}
    m.holding_cost = {k: price[k[1]] * rate["holding_weekly_cost"] for k in n["cover"]}
    m.stock_shortfall_cost = {
        k: price[k[1]] * rate["stock_shortfall_weekly_cost"] for k in n["place"]
    }
    m.stock_holding_cost = {k: price[k[1]] * rate["holding_weekly_cost"] for k in n["place"]}
    m.replacement = dict(zip(n["cover"], map(float, window.closing_cost), strict=True))
    m.replacement_stock = {k: price[k[1]] * rate["closing_stock_value"] for k in n["place"]}
    m.extra_cost = {
        k: r.extra_cost_usd_per_unit * network.customers[r.customer].plan_per_week / 1e6
        for k, r in zip(n["recipe"], network.recipes, strict=True)
    }
    m.usual_stock = dict(zip(n["place"], network.usual_stock, strict=True))
    m.closing_stock_goal = dict(zip(n["place"], closing_stock_goal(network), strict=True))
    m.closing_cover_goal = dict(zip(n["cover"], closing_cover_goal(network), strict=True))


RIGHT_HAND_SIDES = {
    "supply": "place",
    "cover_supply": "cover",
    "plan": "customer",
    "granted": "class",
    "usual_limit": "arc",
    "cover_goal": "cover",
}
"""Window numbers that are right-hand sides, and what they are indexed by beside the period."""


def closing_stock_goal(network: Network) -> list[float]:
    """Usual stock of each place and what is usually under way to it, t."""
    goal = dict(zip(network.places, network.usual_stock, strict=True))
    for a in network.arcs:
        if a.feeds:
            goal[a.destination, a.material] += a.usual_feed_t_per_week * a.transit_weeks
    for x in network.lines:
        for material, amount in x.makes:
            goal[x.region, material] += amount * x.usual_t_per_week * x.lead_weeks
    return [goal[place] for place in network.places]


def closing_cover_goal(network: Network) -> list[float]:
    """Target stock of each customer and what is usually under way to it, t."""
    goal = [c.need_t_per_week * c.target_weeks for c in network.covers]
    for d in network.deliveries:
        goal[d.cover] += d.usual_t_per_week * d.transit_weeks
    return goal


def _by_period(keys: Sequence[Index], array: Any) -> dict[Index, float]:
    return {
        (*key, p): float(array[i, p]) for i, key in enumerate(keys) for p in range(array.shape[1])
    }


def _variables(m: ConcreteModel, network: Network, window: Window) -> None:
    """Variables, with the laws that are plain limits as bounds."""
    n = names(network)

    def limited(*sets: Any, upper: dict[Index, float]) -> Var:
        return Var(*sets, domain=NonNegativeReals, bounds=lambda _m, *i: (0.0, upper[i]))

    feeding_limit = np.full_like(window.usual_limit, np.inf)
    m.run = limited(m.LINES, m.PERIODS, upper=_by_period(n["line"], window.run_limit))
    m.flow = limited(m.FEEDING_ARCS, m.PERIODS, upper=_by_period(n["arc"], feeding_limit))
    m.delivery = limited(
        m.DELIVERIES, m.PERIODS, upper=_by_period(n["delivery"], window.delivery_limit)
    )
    m.surge = limited(m.ARCS, m.PERIODS, upper=_by_period(n["arc"], window.surge_limit))
    m.stock = Var(m.PLACES, m.PERIODS, domain=NonNegativeReals)
    m.cover = Var(m.COVERS, m.PERIODS, domain=NonNegativeReals)
    m.output = limited(m.RECIPES, m.PERIODS, upper=_by_period(n["recipe"], window.output_limit))
    m.lost = limited(
        m.CUSTOMERS,
        m.STEPS,
        m.PERIODS,
        upper={
            (*key, step, p): float(window.lost_limit[i, step, p])
            for i, key in enumerate(n["customer"])
            for step in m.STEPS
            for p in m.PERIODS
        },
    )
    m.licence_left = limited(m.CLASSES, m.PERIODS, upper=_by_period(n["class"], window.left_limit))
    m.short_cover = Var(m.COVERS, m.PERIODS, domain=NonNegativeReals)
    m.short_stock = Var(m.PLACES, m.PERIODS, domain=NonNegativeReals)
    m.short_closing_cover = Var(m.COVERS, domain=NonNegativeReals)
    m.short_closing_stock = Var(m.PLACES, domain=NonNegativeReals)
