"""What the programme minimises: one named expression a cost; the objective is their sum.

Million USD. A price in USD per kg is a thousandth of a million USD per tonne.
"""

from __future__ import annotations

from typing import Any

from pyomo.environ import ConcreteModel

Cost = Any
M_USD_PER_T = 1e-3
"""Million USD per tonne in one USD per kg."""


def value_lost(m: ConcreteModel) -> Cost:
    """Value added of the output lost, weighted by its convex steps. Unit: M USD."""
    return sum(m.loss_cost[index] * m.lost[index] for index in m.lost)


def value_made_up(m: ConcreteModel) -> Cost:
    """Value added of output made up later, less what being late costs; below zero. Unit: M USD."""
    return sum(m.made_up_cost[index] * m.made_up[index] for index in m.made_up)


def freight(m: ConcreteModel) -> Cost:
    """Freight of everything that departs. Unit: M USD."""
    feeding = sum(
        m.freight_rate[arc] * m.flow[*arc, p] for arc in m.FEEDING_ARCS for p in m.PERIODS
    )
    return feeding + sum(
        m.delivery_freight[d] * m.delivery[*d, p] for d in m.DELIVERIES for p in m.PERIODS
    )


def processing(m: ConcreteModel) -> Cost:
    """Cost of running the lines. Unit: M USD."""
    return sum(m.run_cost[line] * m.run[line, p] for line in m.LINES for p in m.PERIODS)


def surge_premium(m: ConcreteModel) -> Cost:
    """Premium on departures beyond the usual trade: new suppliers, air freight. Unit: M USD."""
    feeding = sum(m.premium[arc] * m.surge[*arc, p] for arc in m.FEEDING_ARCS for p in m.PERIODS)
    return feeding + sum(
        m.delivery_premium[d] * m.extra[*d, p] for d in m.DELIVERIES for p in m.PERIODS
    )


def purchase_shortfall(m: ConcreteModel) -> Cost:
    """What falling short of usual purchases and of contracts costs. Unit: M USD."""
    feeding = sum(
        m.short_trade_cost[arc] * m.short_trade[*arc, p]
        for arc in m.FEEDING_ARCS
        for p in m.PERIODS
    )
    delivered = sum(
        m.short_purchase_cost[d] * m.short_purchase[*d, p] for d in m.DELIVERIES for p in m.PERIODS
    )
    return (
        feeding
        + delivered
        + sum(m.short_run_cost[x] * m.short_run[x, p] for x in m.LINES for p in m.PERIODS)
    )


def substitution(m: ConcreteModel) -> Cost:
    """Extra cost of output made by another recipe than the normal one. Unit: M USD."""
    return sum(m.extra_cost[r] * m.output[*r, p] for r in m.RECIPES for p in m.PERIODS)


def cover_shortfall(m: ConcreteModel) -> Cost:
    """What being below target cover is worth avoiding. Unit: M USD."""
    return sum(
        m.shortfall_cost[c] * m.period_weeks[p] * m.short_cover[*c, p]
        for c in m.COVERS
        for p in m.PERIODS
    )


def stock_shortfall(m: ConcreteModel) -> Cost:
    """What being below usual stock is worth avoiding. Unit: M USD."""
    return sum(
        m.stock_shortfall_cost[x] * m.period_weeks[p] * m.short_stock[*x, p]
        for x in m.PLACES
        for p in m.PERIODS
    )


def other_use_shortfall(m: ConcreteModel) -> Cost:
    """What uses outside the model pay for doing without: the price. Unit: M USD."""
    return sum(m.price[x[1]] * m.short_other[*x, p] for x in m.OTHER_USE_PLACES for p in m.PERIODS)


def holding(m: ConcreteModel) -> Cost:
    """Cost of what lies in stores and on customers' shelves: capital and storage. Unit: M USD."""
    shelves = sum(
        m.holding_cost[c] * m.period_weeks[p] * m.cover[*c, p] for c in m.COVERS for p in m.PERIODS
    )
    return shelves + sum(
        m.stock_holding_cost[x] * m.period_weeks[p] * m.stock[*x, p]
        for x in m.PLACES
        for p in m.PERIODS
    )


def closing_shortfall(m: ConcreteModel) -> Cost:
    """Replacement value of what a window takes out of stock and pipeline. Unit: M USD."""
    covers = sum(m.replacement[c] * m.short_closing_cover[c] for c in m.COVERS)
    return covers + sum(m.replacement_stock[x] * m.short_closing_stock[x] for x in m.PLACES)
