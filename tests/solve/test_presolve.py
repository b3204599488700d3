"""The smaller programme is the same programme: same optimum, and a way back to all duals."""

from __future__ import annotations

import drawn
import numpy as np
import pytest
from random_worlds import GRIDS, random_network, random_window

from supplychain.model.window import Grid
from supplychain.solve.compile_structure import compile_standard_form
from supplychain.solve.highs import Programme
from supplychain.solve.presolve import Presolved
from supplychain.solve.standard_form import NONE, Array, limits

SEEDS = range(6)


def flat(ids: dict[str, Array], blocks: dict[str, Array], count: int) -> Array:
    """Named blocks as one vector."""
    found = np.zeros(count)
    for name, at in ids.items():
        found[at[at >= 0]] = blocks[name][at >= 0]
    return found


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_duals_prove_the_optimum(grid: Grid, seed: int) -> None:
    """Values within all limits, and a dual objective of the whole programme that equals theirs."""
    network = random_network(seed)
    programme = Programme(compile_standard_form(network, grid, random_window(network, grid, 0)))
    for window in (random_window(network, grid, s) for s in (seed + 1, seed + 2)):
        answer = programme.solve(window)
        compiled = programme.compiled
        now = limits(compiled, window)
        dual = flat(compiled.rows, answer.duals, compiled.matrix.shape[0])
        assert answer.residual < 1e-6
        bound = np.where(dual > 0.0, now.row_lower, now.row_upper)
        bound = np.where(dual == 0.0, 0.0, bound)
        assert np.isfinite(bound).all()
        left = now.cost - compiled.matrix.T @ dual
        free = np.isinf(now.column_upper)
        assert left[free].min() >= -1e-6
        most = np.where(free | (left >= 0.0), 0.0, now.column_upper)
        proof = float(dual @ bound + np.minimum(left, 0.0) @ most)
        assert proof == pytest.approx(answer.objective, rel=1e-7)


def test_rows_that_only_mark_go() -> None:
    """Usual trade, purchases and targets, also on an arc that feeds and delivers; no balance."""
    for network in (drawn.shared_arc(), drawn.two_origins()):
        grid = Grid((1, 2))
        compiled = compile_standard_form(network, grid, drawn.window(network, grid))
        reduced = Presolved(compiled)
        assert (compiled.rows["usual_purchase"] != NONE).all()
        for law in ("usual_trade", "usual_purchase", "cover_target", "stock_target"):
            assert not np.isin(compiled.rows[law], reduced.rows).any(), law
        assert np.isin(compiled.rows["region_balance"], reduced.rows).all()


def test_a_slack_that_pays_is_not_split() -> None:
    """With a bonus for surge the part beyond the mark would fill first."""
    grid = Grid((1, 2))
    for premium, stays in ((-1.0, True), (0.0, False)):
        network = drawn.shared_arc(usual_trade_premium=premium)
        compiled = compile_standard_form(network, grid, drawn.window(network, grid))
        kept = Presolved(compiled).rows
        for law in ("usual_trade", "usual_purchase"):
            assert np.isin(compiled.rows[law], kept).all() == stays, law


def test_firms_stocks_are_layers_of_a_customers_own() -> None:
    """Their law goes where firms differ: a layer that is full is not used up."""
    network = random_network(2)
    grid = GRIDS[1]
    window = random_window(network, grid, 1)
    compiled = compile_standard_form(network, grid, window)
    reduced = Presolved(compiled)
    there = compiled.rows["firm_stock"] != NONE
    assert there.any()
    assert not np.isin(compiled.rows["firm_stock"][there], reduced.rows).any()
    values = Programme(compiled).solve(window).values
    gone = values["depleted"].sum(axis=1)
    missing = np.clip(window.firm_mean - values["cover"], 0.0, window.firm_mean)
    assert gone[there] == pytest.approx(missing[there], abs=1e-9)
    higher, lower = values["depleted"][:, :-1], values["depleted"][:, 1:]
    assert (higher[lower > 1e-9] >= window.depleted_limit[:, :-1][lower > 1e-9] - 1e-9).all()
