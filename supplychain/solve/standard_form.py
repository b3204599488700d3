"""A Pyomo model as sparse arrays, once; windows of the same structure share them.

Pyomo states the laws once per network and grid; its standard-form compiler turns them into a sparse
matrix. After that a window only changes bounds, right-hand sides and costs, in bulk: the persistent
interfaces take longer than the build (docs/performance.md).

Matrix, costs and targets come from the network, dated limits and what is there at the start from a
case. A number that only cases read may differ; every other one, those to come included, may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyomo.environ import ConcreteModel
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy.sparse import csc_array

from supplychain.model.build_model import build_model, names
from supplychain.model.components import LAWS, VARIABLES
from supplychain.model.window import Grid, Window
from supplychain.network.entities import Cover, Line, Network, Recipe

Ids = NDArray[np.int32]
Array = NDArray[np.float64]
NONE = -1
"""In a map: this index has no row or column."""

EQUAL, UPPER, LOWER = 0, 1, -1


@dataclass(frozen=True)
class Compiled:
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


def compile_programme(network: Network, grid: Grid, window: Window) -> Compiled:
    """Build the Pyomo model of one window and compile it, with a row for every licence class."""
    finite = np.where(np.isinf(window.granted), 0.0, window.granted)
    model = build_model(network, grid, replace(window, granted=finite))
    return compile_model(model, network, grid)


def compile_model(model: ConcreteModel, network: Network, grid: Grid) -> Compiled:
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
    index = _indices(network, grid, len(model.STEPS))
    shape = {over: _shape(network, grid, len(model.STEPS), over) for over in index}
    cost = np.zeros(len(form.columns))
    first = form.c.tocoo()
    cost[first.coords[1]] = first.data
    return Compiled(
        network=network,
        grid=grid,
        matrix=csc_array(form.A),
        cost=cost,
        row_lower=np.where(sense == UPPER, -np.inf, rhs),
        row_upper=np.where(sense == LOWER, np.inf, rhs),
        columns={v.name: _ids(places, v.name, index[v.over], shape[v.over]) for v in VARIABLES},
        rows={law.name: _ids(laws, law.name, index[law.over], shape[law.over]) for law in LAWS},
    )


def limits(compiled: Compiled, window: Window) -> Limits:
    """Turn a window's numbers into bounds, right-hand sides and costs of the programme."""
    rows, columns = compiled.rows, compiled.columns
    lower, upper = compiled.row_lower.copy(), compiled.row_upper.copy()
    for law, amount in (
        ("region_balance", -window.supply),
        ("customer_balance", -window.cover_supply),
        ("customer_plan", window.plan),
    ):
        lower[rows[law]] = amount
        upper[rows[law]] = amount
    upper[rows["licence_balance"]] = window.granted
    upper[rows["usual_trade"]] = window.usual_limit
    lower[rows["cover_target"]] = window.cover_goal
    top = np.full(compiled.matrix.shape[1], np.inf)
    for name, amount in (
        ("run", window.run_limit),
        ("surge", window.surge_limit),
        ("delivery", window.delivery_limit),
        ("output", window.output_limit),
        ("lost", window.lost_limit),
        ("licence_left", window.left_limit),
    ):
        top[columns[name]] = amount
    cost = compiled.cost.copy()
    cost[columns["lost"]] = window.loss_cost
    cost[columns["short_closing_cover"]] = window.closing_cost[:, None]
    return Limits(lower, upper, top, cost)


def _as_tuple(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else (index,)


def _indices(network: Network, grid: Grid, steps: int) -> dict[tuple[str, ...], list[list[Any]]]:
    """For each kind of index: its tuples, nested as [object][period] or [object][step][period]."""
    found: dict[tuple[str, ...], list[list[Any]]] = {}
    for kind, keys in names(network).items():
        found[(kind,)] = [[key] for key in keys]
        found[kind, "period"] = [[(*key, p) for p in grid.periods] for key in keys]
    customers = names(network)["customer"]
    found["customer", "step", "period"] = [
        [[(*key, s, p) for p in grid.periods] for s in range(steps)] for key in customers
    ]
    return found


def _shape(network: Network, grid: Grid, steps: int, over: tuple[str, ...]) -> tuple[int, ...]:
    """The shape of a map: objects first; it holds also where a network has no such object."""
    sizes = {"period": len(grid.lengths), "step": steps}
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


def same_programme(one: Network, other: Network) -> bool:
    """Whether what is compiled for one network is what would be compiled for the other."""
    return _compiled_part(one) == _compiled_part(other)


def _compiled_part(network: Network) -> Network:
    """A network without the numbers that only cases read."""
    return replace(
        network,
        lines=tuple(map(_line, network.lines)),
        recipes=tuple(map(_recipe, network.recipes)),
        covers=tuple(map(_cover, network.covers)),
        opening_stock=(),
        data_hash="",
    )


def _line(line: Line) -> Line:
    return replace(line, capacity_t_per_week=0.0, ramp_weeks=0.0, start_share=0.0)


def _recipe(recipe: Recipe) -> Recipe:
    return replace(recipe, max_share=0.0, ramp_weeks=0.0)


def _cover(cover: Cover) -> Cover:
    return replace(cover, opening_weeks=0.0)
