"""The compiled programme with a window's limits equals the fresh model of that window."""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import Any

import drawn
import numpy as np
import pytest
from pyomo.environ import Var, value
from random_worlds import GRIDS, random_network, random_window
from reference import clarabel_objective, solved

from supplychain.model.build_model import build_model
from supplychain.model.components import CONSTRAINTS, COSTS, VARIABLES
from supplychain.model.object_keys import names
from supplychain.model.window import Grid, Window
from supplychain.network.entities import Network
from supplychain.solve import compile_structure
from supplychain.solve.compile_structure import compile_standard_form
from supplychain.solve.highs import Programme
from supplychain.solve.solution import Answer, Outcome
from supplychain.solve.standard_form import NONE, limits

SEEDS = range(6)
NEVER_BELOW_ZERO = (
    "customer_balance",
    "customer_plan",
    "contracted_run",
    "firm_stock",
    "loss_frontier",
    "cover_target",
    "stock_target",
    "closing_stock",
    "closing_cover",
)
BANDS = (("usual_trade", "surge", "short_trade"), ("usual_purchase", "extra", "short_purchase"))
"""Laws whose dual lies between what is paid beyond the usual and what is paid below it."""


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_compiled_equals_a_fresh_model(grid: Grid, seed: int) -> None:
    """Compiled for one window, asked for another: the optimum of that other's own Pyomo model."""
    network = random_network(seed)
    programme = Programme(compile_standard_form(network, grid, random_window(network, grid, 0)))
    for window in (random_window(network, grid, s) for s in (seed + 1, seed + 2)):
        answer = programme.solve(window)
        assert answer.outcome is Outcome.OPTIMAL
        fresh = solved(build_model(network, grid, window))
        assert answer.objective == pytest.approx(fresh, rel=1e-8)
        assert answer.residual < 1e-6


@pytest.mark.parametrize("grid", GRIDS)
def test_warm_equals_cold(grid: Grid) -> None:
    network = random_network(2)
    warm = Programme(compile_standard_form(network, grid, random_window(network, grid, 0)))
    for seed in range(1, 6):
        window = random_window(network, grid, seed)
        cold = Programme(compile_standard_form(network, grid, window)).solve(window)
        found = warm.solve(window)
        assert found.objective == pytest.approx(cold.objective, rel=1e-9)
    again = warm.solve(random_window(network, grid, 1))
    warm.forget()
    forgotten = warm.solve(random_window(network, grid, 1))
    assert again.objective == pytest.approx(forgotten.objective, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("grid", GRIDS[:2])
def test_second_solver_agrees(grid: Grid, seed: int) -> None:
    network = random_network(seed)
    window = random_window(network, grid, seed)
    compiled = compile_standard_form(network, grid, window)
    answer = Programme(compiled).solve(window)
    second = clarabel_objective(compiled, limits(compiled, window))
    assert answer.objective == pytest.approx(second, rel=1e-6)


@pytest.mark.parametrize("world", [drawn.shelf, drawn.two_origins, drawn.licensed, drawn.feeding])
def test_second_solver_agrees_on_the_drawn_worlds(world: Any) -> None:
    network, grid = world(usual_trade_premium=0.1, closing_stock_value=0.4), Grid((1, 1, 2))
    numbers: dict[str, Any] = {"supply": {(0, 0): 17.0}, "usual_feed": {0: 6.0}}
    numbers["usual_delivery"] = {0: 6.0}
    if network.categories:
        numbers["granted"] = [[3.0, 4.0, 5.0]]
    window = drawn.window(network, grid, **numbers)
    compiled = compile_standard_form(network, grid, window)
    answer = Programme(compiled).solve(window)
    assert answer.objective > 1.0
    second = clarabel_objective(compiled, limits(compiled, window))
    assert answer.objective == pytest.approx(second, rel=1e-6)


def loaded(network: Network, grid: Grid, window: Window, answer: Answer) -> Any:
    """The fresh model with an answer's values in its variables."""
    model = build_model(network, grid, window)
    keys = names(network)
    for component in VARIABLES:
        variable = model.component(component.name)
        for place, amount in np.ndenumerate(answer.values[component.name]):
            index = (*keys[component.over[0]][place[0]], *place[1 : len(component.over)])
            index = index if len(index) > 1 else index[0]
            if index in variable:
                variable[index].set_value(float(amount), skip_validation=True)
    assert all(v.value is not None for v in model.component_data_objects(Var))
    return model


@pytest.mark.parametrize("seed", SEEDS)
def test_named_costs_of_the_model_are_those_of_the_answer(seed: int) -> None:
    network, grid = random_network(seed), GRIDS[1]
    window = random_window(network, grid, seed)
    answer = Programme(compile_standard_form(network, grid, window)).solve(window)
    model = loaded(network, grid, window, answer)
    for cost in COSTS:
        expected = pytest.approx(value(model.component(cost.name)), rel=1e-9, abs=1e-9)
        assert answer.costs[cost.name] == expected, cost.name
    assert answer.objective == pytest.approx(value(model.total_cost), rel=1e-9)
    assert set(answer.costs) == {c.name for c in COSTS}


def test_duals_have_the_sign_that_the_laws_state() -> None:
    grid = GRIDS[1]
    worth: dict[str, float] = dict.fromkeys((law.name for law in CONSTRAINTS), 0.0)
    for seed in SEEDS:
        network = random_network(seed)
        window = random_window(network, grid, seed)
        compiled = compile_standard_form(network, grid, window)
        duals = Programme(compiled).solve(window).duals
        for law in CONSTRAINTS:
            worth[law.name] += float(np.abs(duals[law.name]).sum())
        for name in NEVER_BELOW_ZERO:
            assert duals[name].min() >= -1e-9, name
        for name in ("licence_balance", "arc_limit"):
            assert duals[name].max() <= 1e-9, name
        for name, beyond, below in BANDS:
            here = compiled.rows[name] != NONE
            least = -compiled.cost[compiled.columns[beyond][here]]
            assert (duals[name][here] >= least - 1e-9).all(), name
            assert (duals[name][here] <= compiled.cost[compiled.columns[below][here]] + 1e-9).all()
    assert min(worth.values()) > 0.0


@pytest.mark.parametrize("world", [drawn.chain, drawn.licensed, drawn.shared_arc, random_network])
def test_every_number_of_a_window_has_its_row_or_column(world: Any) -> None:
    """A missing one would write to the last row: only what a network does not have is missing."""
    network = world(1) if world is random_network else world()
    grid = Grid((1, 2))
    compiled = compile_standard_form(network, grid, drawn.window(network, grid, **_steps(network)))
    feeds = [a.feeds for a in network.arcs]
    licensed = [i in network.licensed_covers for i in range(len(network.covers))]
    pooled = [u.pool is not None for u in network.end_users]
    some = {"flow": feeds, "surge": feeds, "short_trade": feeds, "usual_trade": feeds}
    some |= dict.fromkeys(("depleted", "firm_stock", "loss_frontier"), licensed)
    some |= {"transfer": pooled, "short_other": [amount > 0.0 for amount in network.other_use]}
    for name, at in (*compiled.columns.items(), *compiled.rows.items()):
        there = np.array(some.get(name, [True] * len(at)), dtype=bool)
        assert (at[there] != NONE).all(), name
        assert (at[~there] == NONE).all(), name
    rows, columns = compiled.matrix.shape
    assert sum(int((m != NONE).sum()) for m in compiled.columns.values()) == columns
    assert sum(int((m != NONE).sum()) for m in compiled.rows.values()) == rows


def _steps(network: Network) -> dict[str, Any]:
    value = np.ones((len(network.customers), 2, 2))
    return {"loss_cost": value, "lost_limit": value}


def test_unbounded_is_said_in_words() -> None:
    network = drawn.shelf()
    grid = Grid((1,))
    window = drawn.window(network, grid)
    network = replace(network, assumptions={**network.assumptions, "usual_trade_premium": -1.0})
    answer = Programme(compile_standard_form(network, grid, window)).solve(window)
    assert answer.outcome in (Outcome.UNBOUNDED, Outcome.INFEASIBLE)
    assert answer.values == {}


def test_the_pyomo_model_is_gone_once_it_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is larger than all that is kept, and the solver needs the room."""
    built: list[weakref.ref[Any]] = []

    def noted(*given: Any, **options: Any) -> Any:
        model = build_model(*given, **options)
        built.append(weakref.ref(model))
        return model

    monkeypatch.setattr(compile_structure, "build_model", noted)
    network, grid = drawn.shelf(), Grid((1,))
    compile_standard_form(network, grid, drawn.window(network, grid))
    assert [model() for model in built] == [None]
