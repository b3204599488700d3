"""`--log-format json`: standard error as one JSON object a line."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from supplychain.cli.command import listen
from supplychain.cli.options import LogFormat, Logged
from supplychain.progress import Progress, set_up, step
from tests.cli.conftest import Command, Said
from tests.cli.projects import make_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def lines(said: Said) -> list[dict[str, Any]]:
    """Standard error, of which every line is an object."""
    return [json.loads(line) for line in said.err.splitlines()]


def steps(said: Said) -> list[tuple[str, str]]:
    return [(line["step"], line["level"]) for line in lines(said)]


def test_each_step_of_a_run_is_a_line(command: Command) -> None:
    said = command("run", "storm", "--no-band", "--log-format", "json", "--json")
    assert said.code == 0
    assert steps(said) == [(s, "info") for s in ("read", "check", "solve", "write", "end")]
    solve = lines(said)[2]
    assert solve["what"] == "storm"
    assert solve["id"] == said.json["data"]["runs"][0]["id"]
    for line in lines(said):
        assert line["seconds"] >= 0
        assert line["time"].endswith("Z")
        assert datetime.fromisoformat(line["time"]).tzinfo is not None
    assert lines(said)[-1]["exit_code"] == 0


def test_workers_write_to_the_same_log(project: Path) -> None:
    words = ["run", "storm", "calm", "--no-band", "--workers", "2", "--log-format=json"]
    ended = subprocess.run(
        [sys.executable, "-m", "supplychain", *words],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [json.loads(line) for line in ended.stderr.splitlines()]
    solved = {line["what"] for line in found if line["step"] == "solve"}
    assert solved == {"storm", "calm"}
    assert found[-1]["step"] == "end"


def test_without_it_steps_are_said_with_v(command: Command) -> None:
    words = {"read", "check", "solve", "write"}
    assert words.isdisjoint(line.split(":")[0] for line in command("run", "storm").err.splitlines())
    said = command("run", "storm", "-v", "--force")
    assert words <= {line.split(":")[0] for line in said.err.splitlines()}


def test_problems_are_lines_with_code_and_place(command: Command, project: Path) -> None:
    (project / "scenarios" / "storm.yaml").write_text("name: storm\nextend: calm\n")
    said = command("run", "storm", "--log-format", "json")
    assert said.code == 3
    found = [line for line in lines(said) if line["step"] == "problem"]
    assert found
    assert all(line["level"] == "error" and line["code"] and line["file"] for line in found)
    assert any(line.get("line") == 2 for line in found)
    check, *_, end = lines(said)[1:]
    assert check["error"] == "InvalidInput"
    assert (end["step"], end["level"], end["exit_code"]) == ("end", "error", 3)


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--log-format", "json"),
        ("run", "storm", "--colour", "--log-format=json"),
        ("run", "storm", "--log-format", "json", "--set", "a"),
    ],
)
def test_wrong_usage_is_a_line_too(command: Command, words: tuple[str, ...]) -> None:
    said = command(*words)
    assert said.code == 2
    assert lines(said)[-1]["code"] == "USAGE"


def test_a_traceback_is_a_field(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("supplychain.study.solve_many.check_all", fail)
    said = command("run", "storm", "--log-format", "json", "--debug")
    assert said.code == 1
    assert "ZeroDivisionError" in lines(said)[-1]["traceback"]


def test_quiet_leaves_what_went_wrong(command: Command) -> None:
    assert command("run", "storm", "--log-format", "json", "-q").err == ""
    said = command("run", "nowhere", "--log-format", "json", "-q")
    assert {line["level"] for line in lines(said)} == {"error"}


def test_no_bar_among_the_lines() -> None:
    stream = io.StringIO()
    listen(Logged(log_format=LogFormat.json))
    with Progress("storm", stream=stream) as progress:
        progress(1, 4)
    assert stream.getvalue() == ""
    listen(Logged())
    with Progress("storm", stream=stream) as progress:
        progress(1, 4)
    assert stream.getvalue() == "storm: 25 %\n"


def test_a_number_that_is_none_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(True, logging.INFO)
    with step("solve", "x", worst=float("nan")):
        pass
    assert json.loads(capsys.readouterr().err)["worst"] is None
