"""The constraints: balances and limits, one function each."""

from __future__ import annotations

import math
from typing import Any

from pyomo.environ import ConcreteModel, Constraint

Relation = Any


def customer_plan(m: ConcreteModel, customer: str, period: int) -> Relation:
    """What is planned is made or lost; what is made up comes on top.

    Unit: weeks of the customer's usual plan.
    Index: m.CUSTOMERS, m.PERIODS.  Dual: million USD per week of plan: what one more costs.
    """
    made = sum(m.output[*recipe, period] for recipe in m.RECIPES_OF[customer])
    lost = sum(m.lost[customer, step, period] for step in m.STEPS)
    return made + lost - m.made_up[customer, period] == m.plan[customer, period]


def usual_trade(
    m: ConcreteModel, material: str, origin: str, destination: str, period: int
) -> Relation:
    """What departs for a region's stock is the usual trade, and more or less.

    Unit: tonnes of the material in the period.
    Index: m.ARCS, m.PERIODS.  Dual: million USD per tonne, what one more of usual trade costs.
    """
    arc = (material, origin, destination)
    if arc not in m.FEEDING_ARCS:
        return Constraint.Skip
    beyond, below = m.surge[*arc, period], m.short_trade[*arc, period]
    return m.flow[*arc, period] - beyond + below == m.usual_feed[*arc, period]


def usual_purchase(
    m: ConcreteModel, material: str, origin: str, customer: str, mode: str, period: int
) -> Relation:
    """What a customer buys from an origin is what it usually buys, and more or less.

    Unit: tonnes of the material in the period.
    Index: m.DELIVERIES, m.PERIODS.  Dual: million USD per tonne, what one more usual tonne costs.
    """
    d = (material, origin, customer, mode)
    beyond, below = m.extra[*d, period], m.short_purchase[*d, period]
    return m.delivery[*d, period] - beyond + below == m.usual_delivery[*d, period]


def contracted_run(m: ConcreteModel, line: str, period: int) -> Relation:
    """What contracts or a price floor take is made.

    Unit: tonnes of run in the period.
    Index: m.LINES, m.PERIODS.  Dual: million USD per tonne, what one more contracted tonne costs.
    """
    return m.run[line, period] + m.short_run[line, period] >= m.contracted[line, period]


def arc_limit(
    m: ConcreteModel, material: str, origin: str, destination: str, period: int
) -> Relation:
    """What travels an arc stays within the limit that a scenario sets.

    Unit: tonnes of the material in the period.
    Index: m.ARCS, m.PERIODS.  Dual: million USD per tonne, at most zero: what room is worth.
    """
    arc = (material, origin, destination)
    feeding = m.flow[*arc, period] if arc in m.FEEDING_ARCS else 0.0
    delivered = sum(m.delivery[*d, period] for d in m.DELIVERIES_ON[arc])
    if isinstance(feeding + delivered, (int, float)):
        return Constraint.Skip
    return feeding + delivered <= m.arc_limit_t[*arc, period]


def licence_balance(
    m: ConcreteModel,
    control: str,
    exporter: str,
    destination: str,
    end_use: str,
    end_user: str,
    period: int,
) -> Relation:
    """What is shipped under a control was granted before, to this end user or to any.

    Unit: tonnes of controlled material in the period.
    Index: m.USERS, m.PERIODS.  Dual: million USD per tonne, <= 0: what a licence is worth.
    """
    user = (control, exporter, destination, end_use, end_user)
    if math.isinf(m.granted[*user, period]):
        return Constraint.Skip
    before = m.licence_left[*user, period - 1] if period else 0.0
    feeding = sum(m.flow[*arc, period] for arc in m.ARCS_UNDER[user])
    delivered = sum(m.delivery[*d, period] for d in m.DELIVERIES_UNDER[user])
    taken = m.transfer[*user, period] if user in m.USERS_WITH_POOL else 0.0
    handed = sum(m.transfer[*other, period] for other in m.USERS_OF_POOL[user])
    shipped = feeding + delivered - taken + handed
    return m.licence_left[*user, period] - before + shipped <= m.granted[*user, period]


def backlog(m: ConcreteModel, customer: str, period: int) -> Relation:
    """What was lost is made up or still behind.

    Unit: weeks of the customer's usual plan.
    Index: m.CUSTOMERS, m.PERIODS.  Dual: million USD per week of plan that is behind.
    """
    before = m.behind[customer, period - 1] if period else 0.0
    lost = sum(m.lost[customer, step, period] for step in m.STEPS)
    now = m.behind[customer, period] + m.made_up[customer, period]
    return now - before - lost == m.behind_at_start[customer, period]


def firm_stock(m: ConcreteModel, customer: str, material: str, period: int) -> Relation:
    """Stock below the mean of a customer's firms is used up, layer by layer.

    Unit: tonnes of the material at the period's end.
    Index: m.COVERS, m.PERIODS.  Dual: million USD per tonne, what a tonne below costs in output.
    """
    here = (customer, material)
    if here not in m.LICENSED_COVERS:
        return Constraint.Skip
    gone = sum(m.depleted[*here, layer, period] for layer in m.LAYERS)
    return m.cover[*here, period] + gone >= m.firm_mean[*here, period]


def loss_frontier(m: ConcreteModel, customer: str, material: str, period: int) -> Relation:
    """Firms that have used up their stock stand still, though others hold some.

    Unit: tonnes of the material at the period's end.
    Index: m.COVERS, m.PERIODS.  Dual: million USD per tonne of need that stands still.
    """
    here = (customer, material)
    if here not in m.LICENSED_COVERS:
        return Constraint.Skip
    standing = sum(m.slope[layer] * m.depleted[*here, layer, period] for layer in m.LAYERS)
    return m.need[here] * m.behind[customer, period] - standing >= m.frontier[*here, period]


def cover_target(m: ConcreteModel, customer: str, material: str, period: int) -> Relation:
    """Customers want their target on the shelf.

    Unit: tonnes of the material at the period's end.
    Index: m.COVERS, m.PERIODS.  Dual: million USD per tonne, what a tonne below target costs.
    """
    here = (customer, material)
    return m.cover[*here, period] + m.short_cover[*here, period] >= m.cover_goal[*here, period]


def stock_target(m: ConcreteModel, region: str, material: str, period: int) -> Relation:
    """Makers and traders want their usual stock.

    Unit: tonnes of the material at the period's end.
    Index: m.PLACES, m.PERIODS.  Dual: million USD per tonne, what a tonne below it costs.
    """
    here = (region, material)
    return m.stock[*here, period] + m.short_stock[*here, period] >= m.usual_stock[here]


def region_balance(m: ConcreteModel, region: str, material: str, period: int) -> Relation:
    """Stock balance of a region: nothing appears or vanishes.

    Unit: tonnes of the material in the period.
    Index: m.PLACES, m.PERIODS.  Dual: million USD per tonne, the value of one more tonne here.
    """
    here = (region, material)
    before = m.stock[*here, period - 1] if period else 0.0
    arrivals = sum(
        share * m.flow[*arc, sent]
        for arc in m.ARCS_INTO[here]
        for sent, share in m.arriving[m.transit[arc], period]
    )
    made = sum(
        amount * share * m.run[line, begun]
        for line, amount in m.LINES_MAKING[here]
        for begun, share in m.arriving[m.lead[line], period]
    )
    used = sum(amount * m.run[line, period] for line, amount in m.LINES_USING[here])
    departures = sum(m.flow[*arc, period] for arc in m.ARCS_OUT_OF[here])
    delivered = sum(m.delivery[*d, period] for d in m.DELIVERIES_FROM[here])
    spared = m.short_other[*here, period] if here in m.OTHER_USE_PLACES else 0.0
    gain = before + arrivals + made + spared
    return gain - used - departures - delivered - m.stock[*here, period] == -m.supply[*here, period]


def customer_balance(m: ConcreteModel, customer: str, material: str, period: int) -> Relation:
    """Stock balance of a customer: nothing appears or vanishes.

    Unit: tonnes of the material in the period.
    Index: m.COVERS, m.PERIODS.  Dual: million USD per tonne, the value of one more tonne here.
    """
    here = (customer, material)
    before = m.cover[*here, period - 1] if period else 0.0
    arrivals = sum(
        share * m.delivery[*d, sent]
        for d in m.DELIVERIES_TO[here]
        for sent, share in m.arriving[m.delivery_transit[d], period]
    )
    used = sum(need * m.output[*recipe, period] for recipe, need in m.RECIPES_USING[here])
    return before + arrivals - used - m.cover[*here, period] == -m.cover_supply[*here, period]


def closing_stock(m: ConcreteModel, region: str, material: str) -> Relation:
    """A window leaves a region's stock and pipeline as usual, or pays replacement.

    Unit: tonnes of the material.
    Index: m.PLACES.  Dual: million USD per tonne, the replacement value of what is taken out.
    """
    here = (region, material)
    coming = sum(
        share * m.flow[*arc, sent]
        for arc in m.ARCS_INTO[here]
        for sent, share in m.still_under_way[m.transit[arc]]
    )
    finishing = sum(
        amount * share * m.run[line, begun]
        for line, amount in m.LINES_MAKING[here]
        for begun, share in m.still_under_way[m.lead[line]]
    )
    held = m.stock[*here, m.PERIODS.last()] + coming + finishing
    return held + m.short_closing_stock[here] >= m.closing_stock_goal[here]


def closing_cover(m: ConcreteModel, customer: str, material: str) -> Relation:
    """A window leaves a customer's stock and pipeline as usual, or pays replacement.

    Unit: tonnes of the material.
    Index: m.COVERS.  Dual: million USD per tonne, the replacement value of what is taken out.
    """
    here = (customer, material)
    coming = sum(
        share * m.delivery[*d, sent]
        for d in m.DELIVERIES_TO[here]
        for sent, share in m.still_under_way[m.delivery_transit[d]]
    )
    held = m.cover[*here, m.PERIODS.last()] + coming
    return held + m.short_closing_cover[here] >= m.closing_cover_goal[here]
