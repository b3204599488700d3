"""`supplychain compare --why` on the tiny world."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.cli.conftest import Command
from tests.cli.projects import make_project

LEAN = """\
name: lean
title: A storm that finds empty shelves and fewer officials
extends: storm
changes:
  - what: opening_cover
    where: {sector: auto}
    value: 0.2
    unit: ratio
    why: shelves are empty
    source: assumption
  - what: licence
    where: {parameter: throughput, end_use: civil}
    value: 0.2
    unit: ratio
    why: fewer officials
    source: assumption
"""
OUT = Path("reports/out")


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    folder = make_project(tmp_path)
    (folder / "scenarios" / "lean.yaml").write_text(LEAN)
    return folder


def difference(rows: Sequence[dict[str, object]]) -> float:
    return sum(float(str(r["lost_value_difference_usd"])) for r in rows if r["region"] == "WORLD")


def test_the_difference_by_cause(command: Command, project: Path) -> None:
    said = command("compare", "storm", "lean", "--why", "--json")
    assert said.code == 0, said.err
    assert "2 causes differ between storm and lean: throughput, stocks at the start." in said.err
    assert "All combinations: 4 solves, the two scenarios among them." in said.err
    data = said.json["data"]
    causes = data["causes"]
    assert [row["cause"] for row in causes] == ["throughput", "stocks"]
    assert {(row["method"], row["solves"]) for row in causes} == {("shapley", 4)}
    gap = difference([r for r in data["difference"] if r["scenario"] == "lean"])
    assert sum(row["contribution_usd"] for row in causes) == pytest.approx(gap)
    assert gap > 0
    files = [OUT / f"compare-storm-lean-causes.{kind}" for kind in ("csv", "parquet")]
    assert set(said.json["artifacts"]) >= {file.as_posix() for file in files}
    kept = pd.read_csv(project / files[0])
    assert kept.to_dict("records") == causes
    with duckdb.connect(":memory:") as connection:
        same = connection.read_parquet(str(project / files[1])).df()
    assert same["contribution_usd"].tolist() == kept["contribution_usd"].tolist()
    page = (project / OUT / "compare-storm-lean.html").read_text()
    assert "What the difference is due to" in page


def test_more_causes_than_six_are_switched_in_order(command: Command) -> None:
    said = command("compare", "calm", "storm", "--why")
    assert said.code == 0, said.err
    assert "With more than 6 they are switched in this order: 8 solves" in said.err
    assert "Why storm loses " in said.out
    assert "Controls newly in force" in said.out
    assert "In another order a cause may get more or less." in said.out


def test_several_processes_give_the_same(command: Command) -> None:
    rows = [
        command(
            "compare", "storm", "lean", "--why", "--json", "-q", "--force", "--workers", n
        ).json["data"]
        for n in ("1", "2")
    ]
    assert rows[0]["causes"] == rows[1]["causes"]


def test_a_past_run_cannot_be_asked_why(command: Command) -> None:
    assert command("run", "storm", "-q").code == 0
    said = command("compare", "latest:storm", "lean", "--why")
    assert said.code == 2
    assert '"latest:storm" is a past run' in said.err


def test_a_scenario_beside_itself_differs_by_nothing(command: Command) -> None:
    said = command("compare", "storm", "storm", "--why")
    assert said.code == 0, said.err
    assert "No cause differs between storm and storm." in said.err
    assert not Path("reports/out/compare-storm-storm-causes.csv").read_text().split("\n")[1]


def test_without_the_question_nothing_more_is_written(command: Command, project: Path) -> None:
    said = command("compare", "storm", "lean", "--json")
    assert said.json["data"]["causes"] == []
    assert not list((project / OUT).glob("*causes*"))
