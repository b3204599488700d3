"""Whatever planners believe, what they do keeps to the limits as they came true."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cases import make_case, per_user, usual_numbers
from random_worlds import random_network

from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.network.entities import Network
from supplychain.results.result_tables import build_tables
from supplychain.results.verification import verify
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.solution import Solution

WEEKS, SPAN = 12, 40


def drawn_numbers(network: Network, rng: np.random.Generator) -> WeeklyInputs:
    """Limits of every kind that fall away and come back for some weeks, at random objects."""
    numbers = usual_numbers(network, SPAN, recipes=0.5)

    def cut(values: Any, shares: tuple[float, ...] = (0.0, 0.3, 1.0, 1.0)) -> Any:
        found = values.copy()
        for row in found:
            first, length = rng.integers(0, WEEKS), rng.integers(1, WEEKS)
            row[first : first + length] *= rng.choice(shares)
        return found

    usual = np.array([[k.usual_t_per_week] for k in network.categories]) * np.ones((1, SPAN))
    granted = per_user(network, cut(usual), 0.2)
    arcs = np.array([[a.usual_t_per_week] for a in network.arcs]) * np.ones((1, SPAN))
    return replace(
        numbers,
        line_capacity=cut(numbers.line_capacity),
        plan=cut(numbers.plan, (0.0, 0.4, 1.0, 1.3)),
        recipe_limit=cut(numbers.recipe_limit),
        feed_limit=cut(numbers.feed_limit),
        delivery_limit=cut(numbers.delivery_limit),
        arc_limit=np.where(rng.random((len(network.arcs), 1)) < 0.5, cut(arcs), np.inf),
        granted=granted,
        valid=granted.copy(),
    )


def solved(seed: int, allocation: str = "contracts") -> Solution:
    """A run whose planners believe one drawn world, live in another, and learn of it at random."""
    network = random_network(seed)
    rng = np.random.default_rng([seed, 14])
    known, believed = drawn_numbers(network, rng), drawn_numbers(network, rng)
    learnt = int(rng.integers(0, WEEKS))
    case = make_case(
        network, known, WEEKS, 12, surprise=believed, from_week=learnt, transferable=0.2
    )
    return Solver(network).solve(case, "rolling", allocation)


@pytest.mark.parametrize("seed", range(8))
def test_no_run_violates_a_limit_as_it_came_true(seed: int) -> None:
    solution = solved(seed, ("contracts", "value", "proportional")[seed % 3])
    checks = verify(solution, build_tables(solution))
    assert [c for c in checks if not c.ok] == []
    assert float(solution.history.lost.sum()) > 0.1
