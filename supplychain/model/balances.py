"""The laws of mass: nothing appears or vanishes, in a region or at a customer, or at the end."""

from __future__ import annotations

from typing import Any

from pyomo.environ import ConcreteModel

Relation = Any


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
