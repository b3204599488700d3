"""A Pyomo model as sparse arrays.

Pyomo states the laws once per network and grid; its standard-form compiler turns them into a sparse
matrix. The persistent interfaces take longer than the build (docs/performance.md).
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from pyomo.environ import ConcreteModel
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy.sparse import csc_array

from supplychain.model.build_model import build_model
from supplychain.model.components import CONSTRAINTS, VARIABLES
from supplychain.model.object_keys import names
from supplychain.model.window import Grid, Window
from supplychain.network.entities import Network
from supplychain.solve.standard_form import NONE, Ids, StandardForm, idle_laws

EQUAL, UPPER, LOWER = 0, 1, -1


def compile_standard_form(
    network: Network, grid: Grid, window: Window, idle: frozenset[str] | None = None
) -> StandardForm:
    """Build the Pyomo model of one window and compile it, with a row for every licence class.

    `idle` laws are left out; None: those that hold nothing in the window.
    """
    finite = np.where(np.isinf(window.granted), 0.0, window.granted)
    room = np.where(np.isinf(window.arc_limit_t), 0.0, window.arc_limit_t)
    frontier = np.where(np.isinf(window.frontier), 0.0, window.frontier)
    full = replace(window, granted=finite, arc_limit_t=room, frontier=frontier)
    model = build_model(network, grid, full, without=idle_laws(window) if idle is None else idle)
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
