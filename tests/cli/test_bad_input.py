"""Bad input, each tried: place and remedy in words, code 3, nothing solved, nothing written."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import TINY, Command
from tests.cli.projects import CALM, STORM, make_project

Rows = list[dict[str, str]]


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    """A project with a copy of the tiny world that a test may spoil."""
    make_project(tmp_path)
    shutil.copytree(TINY, tmp_path / "numbers")
    (tmp_path / "supplychain.toml").write_text('data = "numbers"\n')
    return tmp_path


def spoil(project: Path, table: str, change: Callable[[Rows], Rows]) -> None:
    """Change the rows of a table as text."""
    file = project / "numbers" / f"{table}.csv"
    with file.open(newline="", encoding="utf-8") as text:
        rows = change(list(csv.DictReader(text)))
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def put(column: str, value: str, **where: str) -> Callable[[Rows], Rows]:
    """Write a cell into the first row that has the given words."""

    def change(rows: Rows) -> Rows:
        next(r for r in rows if all(r[k] == v for k, v in where.items()))[column] = value
        return rows

    return change


def without(column: str) -> Callable[[Rows], Rows]:
    return lambda rows: [{k: v for k, v in row.items() if k != column} for row in rows]


def twice(rows: Rows) -> Rows:
    return [*rows, rows[0]]


DATA: dict[str, tuple[str, Callable[[Rows], Rows], list[str]]] = {
    "missing column": ("arcs", without("unit"), ["numbers/arcs.csv", "column unit"]),
    "blank number": ("arcs", put("value", ""), ["row 2, column value", "blank"]),
    "unknown region": ("arcs", put("destination", "EUU"), ['"EUU"', 'Nearest: "EUR"']),
    "negative capacity": (
        "line_numbers",
        put("value", "-5", quantity="capacity"),
        ["column value", "-5"],
    ),
    "unknown unit": ("arcs", put("unit", "kn/a"), ["column unit", '"kn/a" is not a unit']),
    "more mass out than in": (
        "process_flows",
        put("value", "50", role="makes"),
        ["numbers/process_flows.csv"],
    ),
    "duplicated key": ("arcs", twice, ["is already in row 2", "Delete one of the two"]),
}


@pytest.mark.parametrize("what", DATA)
def test_bad_data(command: Command, project: Path, what: str) -> None:
    table, change, words = DATA[what]
    spoil(project, table, change)
    refused(command, project, words)


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

SCENARIO: dict[str, tuple[str, list[str]]] = {
    "misspelt key": (
        STORM.replace("timeline:", "timelime:"),
        ["scenarios/storm.yaml", "line 4, column 1", '"timeline"'],
    ),
    "not YAML": (STORM + "  - [torn\n", ["scenarios/storm.yaml", "line 1"]),
    "date outside the horizon": (
        STORM.replace("2026-10-26", "2029-10-29").replace("2026-11-02", "2029-11-05"),
        ["scenarios/storm.yaml", "line 6", "2029-11-05"],
    ),
    "a change outside the horizon": (
        STORM + CHANGE.replace("2026-11-02", "2029-11-05"),
        ["line 13, column ", "2029-11-05 lies outside the horizon", "Move the date"],
    ),
    "a unit that does not exist": (
        STORM + CHANGE.replace("unit: share", "unit: tonnes"),
        ["line 15, column 11", '"tonnes" is not a unit; stage_capacity is given in share.'],
    ),
    "a source that is not in the table": (
        STORM + CHANGE.replace("source: assumption", "source: a-newspaper"),
        ['"a-newspaper" is no source in the data. Known: assumption'],
    ),
    "two changes to one number": (
        STORM + CHANGE + CHANGE.removeprefix("changes:\n").replace("0.5", "0.7"),
        ["scenarios/storm.yaml", "line 11", "line 18"],
    ),
}


@pytest.mark.parametrize("what", SCENARIO)
def test_bad_scenario(command: Command, project: Path, what: str) -> None:
    text, words = SCENARIO[what]
    (project / "scenarios" / "storm.yaml").write_text(text)
    refused(command, project, words)


def test_a_circle_of_extends(command: Command, project: Path) -> None:
    (project / "scenarios" / "calm.yaml").write_text(
        CALM.replace("horizon:", "extends: storm\nhorizon:")
    )
    refused(command, project, ["scenarios/calm.yaml", "line 3", "storm -> calm -> storm"])


def test_a_circle_without_a_horizon_is_one_problem(command: Command, project: Path) -> None:
    for name, other in (("calm", "storm"), ("storm", "calm")):
        text = f"name: {name}\ntitle: A circle\nextends: {other}\n"
        (project / "scenarios" / f"{name}.yaml").write_text(text)
    said = command("run", "storm")
    assert said.code == 3
    assert said.err.count("SCEN-") == 1
    assert "storm -> calm -> storm" in said.err


def refused(command: Command, project: Path, words: list[str]) -> None:
    """The run ends with 3 and names what it should, in words and in JSON."""
    said = command("run", "storm")
    assert said.code == 3, said.err
    assert said.out == ""
    for word in words:
        assert word in said.err, said.err
    assert "Traceback" not in said.err
    assert said.err.endswith("Nothing was solved.\n")
    assert not (project / "reports").exists()
    errors = command("run", "storm", "--json").json["errors"]
    assert errors
    assert all(error["code"] and error["message"] and error["file"] for error in errors)
