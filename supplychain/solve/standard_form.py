"""A Pyomo model as sparse arrays, once; windows of the same structure share them.

Pyomo states the laws once per network and grid; its standard-form compiler turns them into a sparse
matrix. After that a window only changes bounds, right-hand sides and costs, in bulk: the persistent
interfaces take longer than the build (docs/performance.md).

Matrix, costs and targets come from the network, dated limits and what is there at the start from a
case. A number that only cases read may differ; every other one, those to come included, may not.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyomo.environ import ConcreteModel
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy.sparse import csc_array

from supplychain.model.build_model import build_model, names
from supplychain.model.components import CONSTRAINTS, VARIABLES, Component
from supplychain.model.window import Grid, Window
from supplychain.network.entities import Cover, Customer, GrowthPath, Line, Network, Recipe

Ids = NDArray[np.int32]
Array = NDArray[np.float64]
NONE = -1
"""In a map: this index has no row or column."""

EQUAL, UPPER, LOWER = 0, 1, -1


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


def compile_standard_form(network: Network, grid: Grid, window: Window) -> StandardForm:
    """Build the Pyomo model of one window and compile it, with a row for every licence class.

    Laws that hold nothing in the window are left out.
    """
    finite = np.where(np.isinf(window.granted), 0.0, window.granted)
    room = np.where(np.isinf(window.arc_limit_t), 0.0, window.arc_limit_t)
    frontier = np.where(np.isinf(window.frontier), 0.0, window.frontier)
    full = replace(window, granted=finite, arc_limit_t=room, frontier=frontier)
    model = build_model(network, grid, full, without=idle_laws(window))
    compiled = compile_model(model, network, grid)
    del model
    gc.collect()  # a model refers to itself: it would hold 130 MB until some later collection
    return compiled


def compile_model(model: ConcreteModel, network: Network, grid: Grid) -> StandardForm:
    """Compile a model that is already built."""
    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    rhs = np.asarray(form.rhs, dtype=np.float64)
    sense = np.array([row.bound_type for row in form.rows])
    places = {
        (v.parent_component().local_name, _as_tuple(v.index())): i
        for i, v in enumerate(form.columns)
    }
    laws = {
        (r.constraint.parent_component().local_name, _as_tuple(r.constraint.index())): i
        for i, r in enumerate(form.rows)
    }
    sizes = {"step": len(model.STEPS), "layer": len(model.LAYERS), "period": len(grid.lengths)}
    index = _indices(network, grid, sizes)
    shape = {over: _shape(network, sizes, over) for over in index}
    cost = np.zeros(len(form.columns))
    first = form.c.tocoo()
    cost[first.coords[1]] = first.data
    return StandardForm(
        network=network,
        grid=grid,
        matrix=csc_array(form.A),
        cost=cost,
        row_lower=np.where(sense == UPPER, -np.inf, rhs),
        row_upper=np.where(sense == LOWER, np.inf, rhs),
        columns={v.name: _ids(places, v.name, index[v.over], shape[v.over]) for v in VARIABLES},
        rows={
            law.name: _ids(laws, law.name, index[law.over], shape[law.over]) for law in CONSTRAINTS
        },
    )


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


def _as_tuple(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else (index,)


def _indices(
    network: Network, grid: Grid, sizes: Mapping[str, int]
) -> dict[tuple[str, ...], list[list[Any]]]:
    """For each kind of index: its tuples, nested as [object][period] or [object][step][period]."""
    found: dict[tuple[str, ...], list[list[Any]]] = {}
    for kind, keys in names(network).items():
        found[(kind,)] = [[key] for key in keys]
        found[kind, "period"] = [[(*key, p) for p in grid.periods] for key in keys]
    for kind, part in (("customer", "step"), ("cover", "layer")):
        found[kind, part, "period"] = [
            [[(*key, i, p) for p in grid.periods] for i in range(sizes[part])]
            for key in names(network)[kind]
        ]
    return found


def _shape(network: Network, sizes: Mapping[str, int], over: tuple[str, ...]) -> tuple[int, ...]:
    """The shape of a map: objects first; it holds also where a network has no such object."""
    return len(names(network)[over[0]]), *([sizes[word] for word in over[1:]] or [1])


def _ids(
    known: dict[tuple[str, Any], int], name: str, index: list[Any], shape: tuple[int, ...]
) -> Ids:
    """Replace index tuples by row or column numbers, keeping the nesting."""

    def look(item: Any) -> Any:
        if isinstance(item, list):
            return [look(x) for x in item]
        return known.get((name, item), NONE)

    return np.array(look(index), dtype=np.int32).reshape(shape)


RATES = ("usual_purchase_shortfall",)
"""Assumptions that reach the programme by a cost of the window alone."""


def same_structure(one: Network, other: Network) -> bool:
    """Whether what is compiled for one network is what would be compiled for the other."""
    return _compiled_part(one) == _compiled_part(other)


def _compiled_part(network: Network) -> Network:
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
