"""What scenarios share of their past is solved once, and no answer depends on who came before."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from cases import blocked, make_case, usual_numbers
from histories import unlike
from random_worlds import GRIDS, random_network, random_window

from supplychain.network.entities import Network
from supplychain.solve.rolling_horizon import Solver, WindowCache, history_key
from supplychain.solve.solution import Solution


def case(network: Network, until: int) -> Any:
    """A block that planners learn of in week 6: the windows of weeks 0, 2 and 4 are calm."""
    usual = usual_numbers(network, 60, recipes=0.5)
    known = blocked(usual, (6, until))
    return make_case(network, known, surprise=usual, from_week=6, step=2)


def solved(solver: Solver, network: Network, until: int) -> Solution:
    return solver.solve(case(network, until), "rolling", "value")


@pytest.mark.parametrize("seed", range(4))
def test_shared_past_is_solved_once_and_to_the_same_bytes(seed: int) -> None:
    network = random_network(seed)
    solver = Solver(network)
    first = solved(solver, network, 14)
    assert first.windows_shared == 0
    second = solved(solver, network, 22)
    assert second.windows_shared == 3
    assert [a.seconds for a in second.windows[:3]] == [0.0, 0.0, 0.0]
    alone = solved(Solver(network), network, 22)
    assert unlike(second.history, alone.history) == []
    assert second.history.costs == alone.history.costs
    assert [a.iterations for a in second.windows] == [a.iterations for a in alone.windows]


def test_the_same_case_again_costs_nothing() -> None:
    network = random_network(1)
    solver = Solver(network)
    first = solved(solver, network, 14)
    again = solved(solver, network, 14)
    assert again.windows_shared == len(again.windows) == len(first.windows)
    assert again.solve_seconds == 0.0
    assert unlike(first.history, again.history) == []


def test_forgetting_changes_nothing() -> None:
    """A solver that may keep two windows only solves more, and finds the same."""
    network = random_network(2)
    small = Solver(network)
    small._past = WindowCache(most=2)
    solved(small, network, 14)
    found = solved(small, network, 22)
    assert found.windows_shared == 0
    alone = solved(Solver(network), network, 22)
    assert unlike(found.history, alone.history) == []


def test_a_chain_tells_every_number_apart() -> None:
    network, grid = random_network(0), GRIDS[0]
    window = random_window(network, grid, 1)
    key = history_key(b"", grid, window)
    assert key == history_key(b"", grid, random_window(network, grid, 1))
    assert key != history_key(key, grid, window)
    for field in fields(window):
        amounts = np.array(getattr(window, field.name))
        first = np.flatnonzero(np.isfinite(amounts))[0]
        amounts.flat[first] += 1e-12
        assert key != history_key(b"", grid, replace(window, **{field.name: amounts})), field.name


@pytest.mark.parametrize("news", [7, 9])
def test_a_shared_window_has_tried_as_many_duals_as_one_of_its_own(news: int) -> None:
    """News cuts the weeks that a window decides short; the window before it is the same."""
    network = random_network(3)
    solver = Solver(network)
    usual = usual_numbers(network, 60, recipes=0.5)

    def case_of(week: int) -> Any:
        known = blocked(usual, (week, 22))
        told = make_case(network, known, surprise=usual, from_week=week, step=4)
        told.decisions = tuple(sorted({*told.decisions, week}))
        return told

    solver.solve(case_of(news), "rolling", "contracts")
    calm = make_case(network, usual, step=4)
    shared = solver.solve(calm, "rolling", "contracts")
    assert shared.windows_shared > 0
    assert unlike(shared.history, Solver(network).solve(calm, "rolling", "contracts").history) == []
