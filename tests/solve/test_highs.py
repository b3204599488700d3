"""How a window is solved: from where the last one ended if that is near, else afresh."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import drawn
import highspy
import numpy as np
import pytest
from random_worlds import GRIDS, random_network, random_window

from supplychain.model.window import Grid, Window
from supplychain.solve import highs
from supplychain.solve.compile_structure import compile_standard_form
from supplychain.solve.highs import NO_LIMIT, Programme
from supplychain.solve.solution import Answer, Outcome
from supplychain.solve.warm_start import Start

FREE = np.inf
GRID = Grid((1, 1, 2, 4))


def is_near(before: list[float], now: list[float]) -> bool:
    """The same question of one class, by its grants in four periods."""
    network = drawn.licensed()
    return Start(None, np.array([before]), np.zeros(0)).is_near(
        drawn.window(network, GRID, granted=[now])
    )


@pytest.mark.parametrize(
    "granted", [[3.0, 3.0, 6.0, 12.0], [FREE] * 4, [0.0] * 4, [5.0, 0, FREE, 9]]
)
def test_the_same_licences_are_near(granted: list[float]) -> None:
    assert is_near(granted, granted)


def test_from_free_to_bound_is_far_and_back() -> None:
    assert not is_near([FREE] * 4, [3.0] * 4)
    assert not is_near([3.0] * 4, [FREE] * 4)


def test_from_nothing_to_something_is_far_and_back() -> None:
    assert not is_near([0.0] * 4, [3.0] * 4)
    assert not is_near([3.0] * 4, [0.0] * 4)


def test_a_change_by_up_to_half_is_near() -> None:
    """Measured by the larger of both: 10 to 20 t is half of 20, 10 to 21 t is more."""
    assert is_near([10.0] * 4, [11.0] * 4)
    assert is_near([10.0] * 4, [20.0] * 4)
    assert not is_near([10.0] * 4, [21.0] * 4)
    assert not is_near([21.0] * 4, [10.0] * 4)


def test_a_change_in_few_periods_is_near() -> None:
    """A quarter of the grants is below the share from which it is a jump, half is above."""
    assert is_near([FREE] * 4, [3.0, FREE, FREE, FREE])
    assert not is_near([FREE] * 4, [3.0, 3.0, FREE, FREE])


def test_a_world_without_licences_is_always_near() -> None:
    network = drawn.shelf()
    assert not network.categories
    assert Start(None, np.zeros((0, 4)), np.zeros(0)).is_near(drawn.window(network, GRID))


class Told(Programme):
    """A programme that remembers the ways it tried."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.tried: list[tuple[str, bool]] = []

    def _attempt(self, method: str, iterations: int) -> int:
        self.tried.append((method, iterations < NO_LIMIT))
        return super()._attempt(method, iterations)


NETWORK = random_network(2)
FIRST = random_window(NETWORK, GRIDS[1], 1)
NEAR = replace(FIRST, supply=0.9 * FIRST.supply)
FAR = replace(FIRST, granted=np.full_like(FIRST.granted, np.inf))


WARM, AFRESH = ("simplex", True), ("simplex", False)
"""The method, and whether it may be given up."""


def solved_after(*windows: Window) -> tuple[Answer, list[tuple[str, bool]]]:
    """The answer to the last of some windows, and the ways tried for it."""
    told = Told(compile_standard_form(NETWORK, GRIDS[1], FIRST))
    for window in windows:
        told.tried.clear()
        answer = told.solve(window)
    return answer, told.tried


def same(a: Answer, b: Answer) -> bool:
    """Whether all values are the same to the last bit."""
    return all(a.values[name].tobytes() == b.values[name].tobytes() for name in a.values)


def test_a_near_window_starts_from_the_last_one() -> None:
    answer, tried = solved_after(FIRST, NEAR)
    assert tried == [WARM]
    assert answer.objective == pytest.approx(solved_after(NEAR)[0].objective, rel=1e-9)
    again, tried = solved_after(FIRST, FIRST)
    assert (tried, again.iterations) == ([WARM], 0)


def test_a_far_window_is_solved_as_if_it_were_the_first() -> None:
    answer, tried = solved_after(FIRST, FAR)
    alone, first = solved_after(FAR)
    assert tried == first == [AFRESH]
    assert same(answer, alone)


def test_a_start_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highs, "WARM_ITERATIONS", 1)
    answer, tried = solved_after(FIRST, NEAR)
    assert tried == [WARM, AFRESH]
    assert same(answer, solved_after(NEAR)[0])


def test_many_periods_are_solved_afresh_by_interior_point(monkeypatch: pytest.MonkeyPatch) -> None:
    by_simplex = solved_after(FIRST)[0]
    monkeypatch.setattr(highs, "SIMPLEX_PERIODS", len(GRIDS[1].lengths) - 1)
    answer, tried = solved_after(FIRST)
    assert tried == [("ipm", False)]
    assert answer.objective == pytest.approx(by_simplex.objective, rel=1e-9)


class Doubtful:
    """A HiGHS whose presolve calls every programme infeasible."""

    def __init__(self, solver: Any) -> None:
        self.solver = solver
        self.seen: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.solver, name)

    def run(self) -> Any:
        self.seen.append(self.getOptionValue("presolve")[1])
        return self.solver.run()

    def getModelStatus(self) -> highspy.HighsModelStatus:
        if self.seen[-1] == "off":
            return self.solver.getModelStatus()
        return highspy.HighsModelStatus.kInfeasible


def test_infeasible_is_what_is_so_without_presolve_too() -> None:
    told = Told(compile_standard_form(NETWORK, GRIDS[1], FIRST))
    assert told.solve(replace(FIRST, supply=-1.0 - FIRST.supply)).outcome is Outcome.INFEASIBLE
    assert told.tried == [AFRESH, AFRESH]
    assert told.solver.getOptionValue("presolve")[1] == "choose"
    told.tried.clear()
    assert same(told.solve(FIRST), solved_after(FIRST)[0])
    assert told.tried == [AFRESH]


def test_a_presolve_that_calls_a_window_infeasible_is_not_believed() -> None:
    told = Told(compile_standard_form(NETWORK, GRIDS[1], FIRST))
    told.solver = Doubtful(told.solver)
    answer = told.solve(FIRST)
    assert told.solver.seen == ["choose", "off"]
    assert answer.objective == pytest.approx(solved_after(FIRST)[0].objective, rel=1e-9)


def test_highs_prints_nothing_not_even_its_banner() -> None:
    code = "from supplychain.solve.highs import self_test; print(self_test()[1])"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert (said.stdout, said.stderr) == ("4.0\n", "")
