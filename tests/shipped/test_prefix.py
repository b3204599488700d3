"""The first weeks of a shipped scenario do not depend on how many weeks follow."""

from __future__ import annotations

from pathlib import Path

from histories import unlike

from supplychain.case.case import build_case
from supplychain.scenario.load_scenario import load_scenario
from supplychain.solve.rolling_horizon import Solver
from tests.shipped.solved import Solved

STOP = """name: stop
title: All magnet making in China stops
extends: no-truce
changes:
  - what: stage_capacity
    where: {stage: magnet-making, region: CHN}
    when: {from: 2027-03-01}
    value: 0
    unit: share
    why: a reason
    source: assumption
"""


def test_a_stop_of_magnet_making_is_seen_coming(solved: Solved, tmp_path: Path) -> None:
    tables, solver = solved.world.tables, solved.world.solver_of
    file = tmp_path / "stop.yaml"
    file.write_text(STOP, encoding="utf-8")
    histories = []
    for weeks in (2, 4):
        scenario = load_scenario(str(file), tables, settings=[f"horizon.weeks={weeks}"])
        own: Solver = solver(scenario.start).of(solver(scenario.start).network)
        case = build_case(own.network, tables, scenario)
        histories.append(own.solve(case, "rolling", "contracts").history)
    short, whole = histories
    assert unlike(short, whole) == []
