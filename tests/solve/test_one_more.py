"""A dual is shown as what one more kilogram spares only where that is so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from supplychain.model.window import Window, make_grid
from supplychain.solve.compile_structure import compile_standard_form
from supplychain.solve.highs import Programme
from supplychain.solve.one_more import MORE, ONE_KILOGRAM
from supplychain.solve.solution import Answer
from tests.worlds.random_worlds import random_network, random_window

GRID = make_grid(6, 4, 2)
FIELD = {
    "region_balance": "supply",
    "customer_balance": "cover_supply",
    "licence_balance": "granted",
}
"""What one more unit of each law's right-hand side is, in a window."""


def tight(window: Window, answer: Answer) -> Window:
    """The same with no room but for what was done: many plans at once are at their limits."""
    return replace(
        window,
        run_limit=answer.values["run"],
        delivery_limit=answer.values["delivery"],
        output_limit=answer.values["output"],
    )


@pytest.mark.parametrize("no_room", [False, True], ids=["room", "no room"])
@pytest.mark.parametrize("seed", range(8))
def test_a_proven_dual_is_what_a_fresh_solve_with_one_more_kilogram_spares(
    seed: int, no_room: bool
) -> None:
    network = random_network(seed)
    window = random_window(network, GRID, seed)
    programme = Programme(compile_standard_form(network, GRID, window))
    if no_room:
        window = tight(window, programme.solve(window))
        programme.forget()
    answer = programme.solve(window, prove=3)
    tried = doubtful = 0
    for law, flags in answer.proven.items():
        assert not flags[:, 3:].any()
        large = np.abs(answer.duals[law][:, :3]) > 1e-9
        doubtful += int((~flags[:, :3] & large).sum())
        for i, period in zip(*np.nonzero(flags), strict=True):
            more = getattr(window, FIELD[law]).copy()
            more[i, period] += ONE_KILOGRAM
            programme.forget()
            again = programme.solve(replace(window, **{FIELD[law]: more}))
            spared = answer.objective - again.objective
            told = -MORE[law] * answer.duals[law][i, period] * ONE_KILOGRAM
            assert spared == pytest.approx(told, rel=1e-3, abs=2e-9), (law, i, period)
            tried += 1
    assert tried > 0
    assert bool(doubtful) == no_room


@pytest.mark.parametrize("no_room", [False, True], ids=["room", "no room"])
def test_one_kilogram_less_costs_the_dual_where_that_is_proven_and_else_more(
    no_room: bool,
) -> None:
    network = random_network(1)
    window = random_window(network, GRID, 1)
    programme = Programme(compile_standard_form(network, GRID, window))
    if no_room:
        window = tight(window, programme.solve(window))
        programme.forget()
    answer = programme.solve(window, prove=2)
    tried = 0
    for law, flags in answer.proven_less.items():
        large = (np.abs(answer.duals[law][:, :2]) > 1e-9) & (getattr(window, FIELD[law])[:, :2] > 1)
        for i, period in zip(*np.nonzero(large), strict=True):
            less = getattr(window, FIELD[law]).copy()
            less[i, period] -= ONE_KILOGRAM
            programme.forget()
            again = programme.solve(replace(window, **{FIELD[law]: less}))
            cost = again.objective - answer.objective
            told = -MORE[law] * answer.duals[law][i, period] * ONE_KILOGRAM
            assert cost >= told - 2e-9, (law, i, period)
            if flags[i, period]:
                assert cost == pytest.approx(told, rel=1e-3, abs=2e-9), (law, i, period)
                tried += 1
    assert tried > 0 or no_room


def test_without_asking_nothing_is_proven() -> None:
    network = random_network(0)
    window = random_window(network, GRID, 0)
    answer = Programme(compile_standard_form(network, GRID, window)).solve(window)
    assert not answer.proven
