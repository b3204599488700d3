"""The smaller programme is the same programme: same optimum, and a way back to all duals."""

from __future__ import annotations

import drawn
import numpy as np
import pytest
from random_worlds import GRIDS, random_network, random_window

from supplychain.model.window import Grid
from supplychain.solve.highs import Programme
from supplychain.solve.presolve import Reduced
from supplychain.solve.standard_form import Array, compile_programme, limits

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
    programme = Programme(compile_programme(network, grid, random_window(network, grid, 0)))
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


def test_a_row_that_two_variables_share_stays() -> None:
    """An arc that feeds and delivers keeps its law of usual trade; plain ones lose it."""
    for network, stay in ((drawn.shared_arc(), 2), (drawn.two_origins(), 0)):
        grid = Grid((1, 2))
        compiled = compile_programme(network, grid, drawn.window(network, grid))
        reduced = Reduced(compiled)
        assert np.isin(compiled.rows["usual_trade"], reduced.rows).sum() == stay
        assert not np.isin(compiled.rows["cover_target"], reduced.rows).any()
        assert not np.isin(compiled.rows["stock_target"], reduced.rows).any()
        assert np.isin(compiled.rows["region_balance"], reduced.rows).all()


def test_a_slack_that_pays_is_not_split() -> None:
    """With a bonus for surge the part beyond the mark would fill first."""
    network = drawn.shelf(usual_trade_premium=-1.0)
    grid = Grid((1,))
    compiled = compile_programme(network, grid, drawn.window(network, grid))
    assert np.isin(compiled.rows["usual_trade"], Reduced(compiled).rows).all()
