"""The constraints: balances and limits, one function each."""

from __future__ import annotations

import math
from typing import Any

from pyomo.environ import ConcreteModel, Constraint

Relation = Any


def customer_plan(m: ConcreteModel, customer: str, period: int) -> Relation:
    """What is planned is made or lost.

    Unit: weeks of the customer's usual plan.
    Index: m.CUSTOMERS, m.PERIODS.  Dual: million USD per week of plan: what one more costs.
    """
    made = sum(m.output[*recipe, period] for recipe in m.RECIPES_OF[customer])
    lost = sum(m.lost[customer, step, period] for step in m.STEPS)
    return made + lost == m.plan[customer, period]


def usual_trade(
    m: ConcreteModel, material: str, origin: str, destination: str, period: int
) -> Relation:
    """Departures beyond the usual trade are surge.

    Unit: tonnes of the material in the period.
    Index: m.ARCS, m.PERIODS.  Dual: million USD per tonne, at most zero: what usual room is worth.
    """
    arc = (material, origin, destination)
    feeding = m.flow[*arc, period] if arc in m.FEEDING_ARCS else 0.0
    delivered = sum(m.delivery[*d, period] for d in m.DELIVERIES_ON[arc])
    return feeding + delivered - m.surge[*arc, period] <= m.usual_limit[*arc, period]


def licence_balance(
    m: ConcreteModel, control: str, exporter: str, destination: str, end_use: str, period: int
) -> Relation:
    """What is shipped under a control was granted before.

    Unit: tonnes of controlled material in the period.
    Index: m.CLASSES, m.PERIODS.  Dual: million USD per tonne, <= 0: what a licence is worth.
    """
    licence = (control, exporter, destination, end_use)
    if math.isinf(m.granted[*licence, period]):
        return Constraint.Skip
    before = m.licence_left[*licence, period - 1] if period else 0.0
    feeding = sum(m.flow[*arc, period] for arc in m.ARCS_UNDER[licence])
    delivered = sum(m.delivery[*d, period] for d in m.DELIVERIES_UNDER[licence])
    shipped = feeding + delivered
    return m.licence_left[*licence, period] - before + shipped <= m.granted[*licence, period]


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
    """Nothing appears or vanishes in a region.

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
    gain = before + arrivals + made
    return gain - used - departures - delivered - m.stock[*here, period] == -m.supply[*here, period]


def customer_balance(m: ConcreteModel, customer: str, material: str, period: int) -> Relation:
    """Nothing appears or vanishes at a customer.

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
