"""The first weeks of a run do not depend on how many weeks follow."""

from __future__ import annotations

from typing import Any

import pytest
from drawn_scenarios import scenario_text
from histories import unlike
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenario_files import load, network, tables, write

from supplychain.case.case import build_case
from supplychain.dataset import Tables
from supplychain.network.entities import Network
from supplychain.scenario.scenario import Scenario
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.solution import History

__all__ = ["load", "network", "tables", "write"]


@pytest.fixture(scope="module")
def solver(network: Network) -> Solver:
    return Solver(network)


def history(solver: Solver, tables: Tables, scenario: Scenario) -> History:
    """A solver of its own: nothing is found that another run left."""
    case = build_case(solver.network, tables, scenario)
    return solver.of(solver.network).solve(case, "rolling", "contracts").history


STOP = """foresight: {window_weeks: 16}
changes:
  - what: stage_capacity
    where: {stage: magnet-making}
    when: {from: 2026-12-07}
    value: 0
    unit: share
    why: a reason
    source: assumption
"""


def test_a_plant_that_stops_after_the_horizon_is_seen_coming(
    solver: Solver, tables: Tables, load: Any
) -> None:
    short = history(solver, tables, load(STOP, ["horizon.weeks=8"]))
    whole = history(solver, tables, load(STOP, ["horizon.weeks=12"]))
    assert unlike(short, whole) == []
    without = load(STOP.replace("value: 0", "value: 1"), ["horizon.weeks=8"])
    assert unlike(short, history(solver, tables, without)) != []


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=scenario_text(14), weeks=st.integers(1, 9), step=st.sampled_from([1, 3, 4, 18]))
def test_the_first_weeks_of_any_run(
    solver: Solver, tables: Tables, load: Any, text: str, weeks: int, step: int
) -> None:
    rest = [f"foresight.step_weeks={step}", "foresight.window_weeks=20"]
    short = history(solver, tables, load(text, [*rest, f"horizon.weeks={weeks}"]))
    whole = history(solver, tables, load(text, [*rest, "horizon.weeks=10"]))
    assert unlike(short, whole) == []
