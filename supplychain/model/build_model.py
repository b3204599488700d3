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

from supplychain.case.stock_distribution import slopes
from supplychain.model import constraints, objective
from supplychain.model.components import CONSTRAINTS, COSTS
from supplychain.model.object_keys import Index, names
from supplychain.model.window import Grid, Window, arrival_shares, layer_shares
from supplychain.network.entities import Network

RULES = {
    law.name: getattr(constraints, law.name, None) or getattr(constraints, law.name)
    for law in CONSTRAINTS
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
    for law in CONSTRAINTS:
        if law.name not in set(without):
            sets = [over[word] for word in law.over]
            m.add_component(law.name, Constraint(*sets, rule=RULES[law.name]))
    for cost in COSTS:
        m.add_component(cost.name, Expression(rule=getattr(objective, cost.name)))
    m.total_cost = Objective(expr=sum(m.component(c.name) for c in COSTS), sense=minimize)
    return m


def _index_sets(m: ConcreteModel) -> dict[str, Any]:
    return {
        "place": m.PLACES,
        "line": m.LINES,
        "arc": m.ARCS,
        "customer": m.CUSTOMERS,
        "recipe": m.RECIPES,
        "cover": m.COVERS,
        "delivery": m.DELIVERIES,
        "user": m.USERS,
        "period": m.PERIODS,
        "step": m.STEPS,
        "layer": m.LAYERS,
    }


def _sets(m: ConcreteModel, network: Network, grid: Grid) -> None:
    """Ordered sets, and for each place or customer the objects that touch it."""
    n = names(network)
    m.PERIODS = Set(initialize=list(grid.periods))
    m.STEPS = Set(initialize=list(range(_steps(network))))
    m.PLACES = Set(initialize=n["place"], dimen=2)
    used = [n["place"][i] for i, amount in enumerate(network.other_use) if amount > 0.0]
    m.OTHER_USE_PLACES = Set(initialize=used, dimen=2)
    m.LINES = Set(initialize=[x for (x,) in n["line"]])
    m.ARCS = Set(initialize=n["arc"], dimen=3)
    m.CUSTOMERS = Set(initialize=[x for (x,) in n["customer"]])
    m.RECIPES = Set(initialize=n["recipe"], dimen=2)
    m.COVERS = Set(initialize=n["cover"], dimen=2)
    m.DELIVERIES = Set(initialize=n["delivery"], dimen=4)
    m.USERS = Set(initialize=n["user"], dimen=5)
    m.LAYERS = Set(initialize=list(range(len(layer_shares(network)))))
    licensed = [n["cover"][i] for i in sorted(network.licensed_covers)]
    m.LICENSED_COVERS = Set(initialize=licensed, dimen=2)
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
    users = list(zip(network.end_users, n["user"], strict=True))
    m.ARCS_UNDER = _groups((k, n["arc"][a]) for u, k in users for a in u.arcs)
    m.DELIVERIES_UNDER = _groups((k, n["delivery"][d]) for u, k in users for d in u.deliveries)
    m.USERS_OF_POOL = _groups((n["user"][u.pool], k) for u, k in users if u.pool is not None)
    m.USERS_WITH_POOL = Set(initialize=[k for u, k in users if u.pool is not None], dimen=5)


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
    for law in CONSTRAINTS:
        if law.right and law.over[-1] == "period":
            name = law.right.removeprefix("-")
            setattr(m, name, _by_period(n[law.over[0]], getattr(window, name)))
    m.loss_cost = {
        (*key, step, period): window.loss_cost[i, step, period]
        for i, key in enumerate(n["customer"])
        for step in m.STEPS
        for period in grid.periods
    }
    m.made_up_cost = {
        (*key, period): float(window.made_up_cost[i, period])
        for i, key in enumerate(n["customer"])
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
    saved = rate["variable_cost_share"] * objective.M_USD_PER_T
    m.run_cost = {x.name: saved * x.cost_usd_per_kg for x in network.lines}
    m.price = price
    arc_price = {k: price[k[0]] + m.freight_rate[k] for k in n["arc"]}
    paid = {
        d: arc_price[n["arc"][x.arc]]
        for d, x in zip(n["delivery"], network.deliveries, strict=True)
    }
    premium = rate["usual_trade_premium"]
    m.premium = {k: p * premium for k, p in arc_price.items()}
    m.delivery_premium = {k: p * premium for k, p in paid.items()}
    for component, keys in (("short_trade", "arc"), ("short_purchase", "delivery")):
        amounts = getattr(window, f"{component}_cost")[:, 0]
        setattr(m, f"{component}_cost", dict(zip(n[keys], map(float, amounts), strict=True)))
    runs = map(float, window.short_run_cost[:, 0])
    m.short_run_cost = {x.name: cost for x, cost in zip(network.lines, runs, strict=True)}
    m.slope = dict(enumerate(map(float, slopes(layer_shares(network)))))
    m.need = {k: c.need_t_per_week for k, c in zip(n["cover"], network.covers, strict=True)}
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
    m.closing_cover_goal = dict(zip(n["cover"], map(float, window.closing_cover), strict=True))


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


def _by_period(keys: Sequence[Index], array: Any) -> dict[Index, float]:
    return {
        (*key, p): float(array[i, p]) for i, key in enumerate(keys) for p in range(array.shape[1])
    }


def _by_part(keys: Sequence[Index], array: Any) -> dict[Index, float]:
    """An array [object, part, period], the parts being steps or layers."""
    return {
        (*key, *rest): float(value)
        for key, parts in zip(keys, array, strict=True)
        for rest, value in np.ndenumerate(parts)
    }


def _variables(m: ConcreteModel, network: Network, window: Window) -> None:
    """Variables, with the laws that are plain limits as bounds."""
    n = names(network)

    def limited(*sets: Any, upper: dict[Index, float]) -> Var:
        return Var(*sets, domain=NonNegativeReals, bounds=lambda _m, *i: (0.0, upper[i]))

    m.run = limited(m.LINES, m.PERIODS, upper=_by_period(n["line"], window.run_limit))
    m.flow = limited(m.FEEDING_ARCS, m.PERIODS, upper=_by_period(n["arc"], window.flow_limit))
    m.delivery = limited(
        m.DELIVERIES, m.PERIODS, upper=_by_period(n["delivery"], window.delivery_limit)
    )
    m.surge = Var(m.FEEDING_ARCS, m.PERIODS, domain=NonNegativeReals)
    m.short_trade = Var(m.FEEDING_ARCS, m.PERIODS, domain=NonNegativeReals)
    m.extra = Var(m.DELIVERIES, m.PERIODS, domain=NonNegativeReals)
    m.short_purchase = Var(m.DELIVERIES, m.PERIODS, domain=NonNegativeReals)
    m.short_run = Var(m.LINES, m.PERIODS, domain=NonNegativeReals)
    m.stock = Var(m.PLACES, m.PERIODS, domain=NonNegativeReals)
    m.cover = Var(m.COVERS, m.PERIODS, domain=NonNegativeReals)
    m.output = limited(m.RECIPES, m.PERIODS, upper=_by_period(n["recipe"], window.output_limit))
    m.lost = limited(
        m.CUSTOMERS,
        m.STEPS,
        m.PERIODS,
        upper=_by_part(n["customer"], window.lost_limit),
    )
    m.made_up = limited(
        m.CUSTOMERS, m.PERIODS, upper=_by_period(n["customer"], window.made_up_limit)
    )
    m.behind = Var(m.CUSTOMERS, m.PERIODS, domain=NonNegativeReals)
    m.depleted = limited(
        m.LICENSED_COVERS,
        m.LAYERS,
        m.PERIODS,
        upper=_by_part(n["cover"], window.depleted_limit),
    )
    m.licence_left = limited(m.USERS, m.PERIODS, upper=_by_period(n["user"], window.left_limit))
    m.transfer = Var(m.USERS_WITH_POOL, m.PERIODS, domain=NonNegativeReals)
    m.short_cover = Var(m.COVERS, m.PERIODS, domain=NonNegativeReals)
    m.short_stock = Var(m.PLACES, m.PERIODS, domain=NonNegativeReals)
    other = _by_period(n["place"], window.other_use)
    m.short_other = limited(m.OTHER_USE_PLACES, m.PERIODS, upper=other)
    m.short_closing_cover = Var(m.COVERS, domain=NonNegativeReals)
    m.short_closing_stock = Var(m.PLACES, domain=NonNegativeReals)
