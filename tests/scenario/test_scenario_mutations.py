"""Scenario files that anything may have happened to: read, or refused; never a fault."""

from __future__ import annotations

import random
from pathlib import Path

from supplychain.dataset import read_tables
from supplychain.documents import parse_yaml
from supplychain.errors import InvalidInput, NothingMatched, describe
from supplychain.scenario.load_scenario import load_scenario
from tests.cli.projects import CALM, STORM, make_project
from tests.worlds.mutations import spoilt_yaml

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
TRIES = 120
CHANGE = """\
changes:
  - what: stage_capacity
    where: {stage: magnet-making}
    when: {from: 2026-10-05, to: 2026-11-02}
    value: 0.5
    unit: share
    why: a test
    source: assumption
"""


def test_scenarios(tmp_path: Path) -> None:
    make_project(tmp_path)
    tables, dice, refused = read_tables(TINY), random.Random(7), 0
    file = tmp_path / "scenarios" / "storm.yaml"
    for _ in range(TRIES):
        text = spoilt_yaml(
            dice.choice([CALM.replace("calm", "storm"), STORM, STORM + CHANGE]), dice
        )
        file.write_text(text, encoding="utf-8", errors="replace")
        try:
            load_scenario(str(file), tables, [tmp_path / "scenarios"])
        except (InvalidInput, NothingMatched) as found:
            refused += 1
            describe(found.problems).encode("utf-8")
    assert TRIES / 4 < refused < TRIES
    assert parse_yaml(STORM, "storm.yaml").problems == []
