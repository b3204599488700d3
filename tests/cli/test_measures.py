"""`supplychain measures`: what it says, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

from measure_files import measure, write_measures

from tests.cli.conftest import Command
from tests.cli.projects import make_project

STOCK = "added_cover@customer: auto-bev-eur=4 week"


def test_ranking_plan_and_frontier_in_words_and_in_json(command: Command, tmp_path: Path) -> None:
    folder = make_project(tmp_path) / "scenarios"
    write_measures(
        folder,
        measure("shelf", STOCK, "{value: 0.5, low: 0.1, high: 1, unit: price"),
        measure("thrift", "recipe_head_start@recipe: thrifted=20 week"),
    )
    words = ("measures", "storm", "--with", "mine", "--weeks", "12", "--most", "1")
    said = command(*words, "--json")
    assert said.code == 0, said.err
    data = said.json["data"]
    assert {one["name"] for one in data["measures"]} == {"shelf", "thrift"}
    assert data["budget_usd"] is None
    assert data["frontier"][0]["measures"] == []
    page, record = (tmp_path / name for name in said.json["artifacts"])
    assert page.name == "measures-storm.html"
    assert json.loads(record.read_text()) == data
    spoken = command(*words, "--budget", "0")
    assert spoken.code == 0, spoken.err
    assert "Without measures" in spoken.out
    assert "Plan, step by step" not in spoken.out, "nothing is free"
    assert json.loads(record.read_text())["solves"] == {"solved": 0, "kept": 3}


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_solved(
    command: Command, tmp_path: Path
) -> None:
    folder = make_project(tmp_path) / "scenarios"
    path = write_measures(
        folder,
        measure("order", STOCK, "{value: 3, low: 4, high: 5, unit: USD"),
        measure("goods", "recipe_head_start@recipe: thrifted=1 week",
                "{value: 1, low: 1, high: 1, unit: price"),
        measure("twice", STOCK),
        measure("twice", "added_cover@customer: auto-bev-er=4 week"),
    )  # fmt: skip
    words = ("measures", "storm", "--with", "mine", "--budget", "-5", "--only", "shelff", "--json")
    said = command(*words)
    assert said.code == 3
    codes = {error["code"] for error in said.json["errors"]}
    assert codes >= {"MEAS-201", "MEAS-203", "MEAS-301", "MEAS-401", "MEAS-402", "SCEN-401"}
    assert not (tmp_path / "reports").exists()
    order = next(e for e in said.json["errors"] if e["code"] == "MEAS-201")
    assert path.read_text().splitlines()[order["line"] - 1].lstrip(" -").startswith("{value: 3")


def test_a_set_that_is_not_there_is_named(command: Command, tmp_path: Path) -> None:
    make_project(tmp_path)
    said = command("measures", "storm", "--with", "standart")
    assert said.code == 7
    assert "standard" in said.err


def test_the_page_of_the_run_that_lies_there_tells_what_helps(
    command: Command, tmp_path: Path
) -> None:
    folder = make_project(tmp_path) / "scenarios"
    write_measures(folder, measure("shelf", STOCK))
    assert command("run", "storm", "--no-band", "--weeks", "10").code == 0
    page = tmp_path / "reports" / "out" / "storm" / "report.html"
    assert "The measure shelf" not in page.read_text()
    said = command("measures", "storm", "--with", "mine", "--weeks", "10", "--json")
    assert said.code == 0, said.err
    assert "reports/out/storm/report.html" in said.json["artifacts"]
    assert "The measure shelf" in page.read_text()
