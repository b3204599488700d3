"""The programme as sparse arrays; windows of the same structure share them.

A window only changes bounds, right-hand sides and costs, in bulk. The arrays are compiled from a
Pyomo model (`compile_structure`) or read from where they were kept (`kept_structure`).

Matrix, costs and targets come from the network, dated limits and what is there at the start from a
case. A number that only cases read may differ; every other one, those to come included, may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from supplychain.model.components import CONSTRAINTS, VARIABLES, Component
from supplychain.model.window import Grid, Window
from supplychain.network.entities import Cover, Customer, GrowthPath, Line, Network, Recipe

Ids = NDArray[np.int32]
Array = NDArray[np.float64]
NONE = -1
"""In a map: this index has no row or column."""


@dataclass(frozen=True)
class StandardForm:
    """Matrix, costs and bounds of the programme, and where each object and period stands."""

    network: Network
    grid: Grid
    matrix: csc_array
    cost: Array
    row_lower: Array
    row_upper: Array
    columns: Mapping[str, Ids]
    """Variable name to column numbers, [object, period] (lost: [customer, step, period])."""
    rows: Mapping[str, Ids]
    """Law name to row numbers, [object, period]."""


@dataclass(frozen=True)
class Limits:
    """Bounds and costs of one window, for the whole programme."""

    row_lower: Array
    row_upper: Array
    column_upper: Array
    cost: Array


def idle_laws(window: Window) -> frozenset[str]:
    """Laws that hold nothing in a window: a scenario limits no arc, or firms are all alike."""
    idle = set()
    if np.isinf(window.arc_limit_t).all():
        idle.add("arc_limit")
    if np.isinf(window.frontier).all():
        idle |= {"firm_stock", "loss_frontier"}
    return frozenset(idle)


def limits(compiled: StandardForm, window: Window) -> Limits:
    """Turn a window's numbers into bounds, right-hand sides and costs of the programme."""
    rows, columns = compiled.rows, compiled.columns
    lower, upper = compiled.row_lower.copy(), compiled.row_upper.copy()
    for law in CONSTRAINTS:
        if law.right:
            amount = _right_hand_side(law, window)
            if law.side in ("==", ">="):
                _put(lower, rows[law.name], amount)
            if law.side in ("==", "<="):
                _put(upper, rows[law.name], amount)
    top = np.full(compiled.matrix.shape[1], np.inf)
    cost = compiled.cost.copy()
    for variable in VARIABLES:
        at = columns[variable.name]
        if variable.limit:
            _put(top, at, _of(window, variable.limit, variable))
        if variable.rate:
            _put(cost, at, _of(window, variable.rate, variable))
    return Limits(lower, upper, top, cost)


def _right_hand_side(law: Component, window: Window) -> Array:
    """The numbers of a window on the right-hand side of a constraint, with their sign."""
    amount = _of(window, law.right.removeprefix("-"), law)
    return -amount if law.right.startswith("-") else amount


def _of(window: Window, name: str, component: Component) -> Array:
    """A window's numbers by the component's index; those without a period get one."""
    amount: Array = getattr(window, name)
    return amount if component.over[-1] == "period" else amount[:, None]


def _put(flat: Array, at: Ids, amount: Array) -> None:
    """Write amounts where their index has a row or column."""
    there = at != NONE
    flat[at[there]] = np.broadcast_to(amount, at.shape)[there]


RATES = ("usual_purchase_shortfall",)
"""Assumptions that reach the programme by a cost of the window alone."""


def same_structure(one: Network, other: Network) -> bool:
    """Whether what is compiled for one network is what would be compiled for the other."""
    return compiled_part(one) == compiled_part(other)


def compiled_part(network: Network) -> Network:
    """A network without the numbers that only cases read."""
    return replace(
        network,
        lines=tuple(map(_line, network.lines)),
        recipes=tuple(map(_recipe, network.recipes)),
        covers=tuple(map(_cover, network.covers)),
        customers=tuple(map(_customer, network.customers)),
        arcs=tuple(replace(arc, changes=()) for arc in network.arcs),
        other_use=tuple(float(amount > 0.0) for amount in network.other_use),
        opening_stock=(),
        assumptions={k: v for k, v in network.assumptions.items() if k not in RATES},
        data_hash="",
    )


def _line(line: Line) -> Line:
    return replace(
        line,
        capacity_t_per_week=0.0,
        ramp_weeks=0.0,
        start_share=0.0,
        offtake_share=float(line.offtake_share > 0.0),
        growth=GrowthPath(),
    )


def _customer(customer: Customer) -> Customer:
    return replace(
        customer,
        cover_spread=0.0,
        make_up_weeks=0.0,
        overtime_share=0.0,
        late_cost_per_week=0.0,
        growth=GrowthPath(),
    )


def _recipe(recipe: Recipe) -> Recipe:
    return replace(recipe, max_share=0.0, ramp_weeks=0.0, closed_by=())


def _cover(cover: Cover) -> Cover:
    return replace(cover, opening_weeks=0.0, target_weeks=0.0)
