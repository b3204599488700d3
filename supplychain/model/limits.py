"""The laws of planning, trade and licences. Bounds of variables are set in `build`."""

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
