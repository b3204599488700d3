"""Every way to fail: the words, the exit code, the JSON."""

from __future__ import annotations

import errno
import logging
import traceback

import duckdb
import pytest
import typer

from supplychain.cli import main
from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import Common
from supplychain.errors import (
    Busy,
    CheckFailed,
    ExitCode,
    InvalidInput,
    NothingMatched,
    NotSolved,
    Partial,
    Terminated,
    failure_of,
    problem,
)
from supplychain.units import UnknownUnit, convert
from tests.cli.conftest import Command

BAD_ROW = problem("DATA-201", "blank.", file="data/arcs.csv", line=31, column="value")

ERRORS: dict[str, tuple[BaseException, int]] = {
    "invalid": (InvalidInput("bad", [BAD_ROW]), 3),
    "not-solved": (NotSolved("No plan meets the limits."), 4),
    "partial": (Partial("One of two failed."), 5),
    "check": (CheckFailed("Too large."), 6),
    "nothing": (NothingMatched("No such run."), 7),
    "busy": (Busy("Another process writes there."), 75),
    "interrupted": (KeyboardInterrupt(), 130),
    "terminated": (Terminated(), 143),
    "permission": (PermissionError(errno.EACCES, "Permission denied", "data/out"), 3),
    "full-disk": (OSError(errno.ENOSPC, "No space left on device", "out/run"), 3),
    "memory": (MemoryError(), 3),
    "fault": (KeyError("ore"), 1),
}


@pytest.fixture(autouse=True)
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application with one command that raises what it is asked for."""
    app = typer.Typer(rich_markup_mode=None)

    @register(app, "raise", closing="Nothing was solved.")
    def body(options: Common, what: str) -> Answer:
        assert isinstance(options, Common)
        if what in ERRORS:
            raise ERRORS[what][0]
        if what == "usage":
            raise UsageError("That cannot be asked.")
        return Answer("fine", {"number": float("nan")})

    @app.callback()
    def top() -> None:
        """Have a group, so that commands keep their names."""

    monkeypatch.setattr(main, "app", app)


@pytest.mark.parametrize("what", ERRORS)
def test_each_error_has_its_exit_code_and_words_on_standard_error(
    command: Command, what: str
) -> None:
    said = command("raise", what)
    assert said.code == ERRORS[what][1]
    assert said.out == ""
    assert said.err.strip()
    assert "Traceback" not in said.err


@pytest.mark.parametrize("what", ERRORS)
def test_each_error_is_one_json_object(command: Command, what: str) -> None:
    said = command("raise", what, "--json")
    assert said.code == ERRORS[what][1]
    assert said.err == ""
    assert list(said.json) == [
        "schema", "ok", "command", "exit_code", "data", "artifacts", "warnings", "errors",
    ]  # fmt: skip
    assert said.json["schema"] == "supplychain/raise/1"
    assert said.json["exit_code"] == ERRORS[what][1]
    assert said.json["ok"] is False
    assert said.json["data"] is None
    assert said.json["errors"]
    assert list(said.json["errors"][0]) == [
        "code", "file", "line", "column", "path", "message", "hint",
    ]  # fmt: skip


def test_problems_read_as_the_style_says(command: Command) -> None:
    assert command("raise", "invalid").err == (
        "1 problem in data/arcs.csv\n"
        "  DATA-201  row 31, column value: blank.\n"
        "Nothing was solved.\n"
    )


def test_a_fault_is_one_line_with_its_place(command: Command) -> None:
    said = command("raise", "fault")
    assert said.err.count("\n") == 1
    assert said.err.startswith(
        "A fault in the program: KeyError: 'ore' (supplychain/cli/command.py"
    )
    assert "--debug" in said.err


def test_debug_shows_the_traceback(command: Command) -> None:
    said = command("raise", "fault", "--debug")
    assert said.code == 1
    assert "Traceback (most recent call last)" in said.err


def test_a_refusal_of_the_system_has_place_and_remedy(command: Command) -> None:
    said = command("raise", "full-disk")
    assert "out/run" in said.err
    assert "the disk is full. Free some space" in said.err
    assert "Nothing half written" in said.err


def test_an_answer_without_a_number_has_null_not_nan(command: Command) -> None:
    said = command("raise", "nothing-at-all", "--json")
    assert said.code == 0
    assert said.json["ok"] is True
    assert said.json["data"] == {"number": None}


@pytest.mark.parametrize("words", [["raise", "usage"], ["raise"], ["raise", "x", "--no"], ["no"]])
def test_wrong_usage_is_2_in_words_and_in_json(command: Command, words: list[str]) -> None:
    said = command(*words)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert "Error: " in said.err
    said = command(*words, "--json")
    assert said.code == said.json["exit_code"] == 2
    assert said.json["errors"][0]["code"] == "USAGE"


def test_no_words_show_the_help_with_2(command: Command) -> None:
    said = command()
    assert said.code == 2
    assert "Usage: supplychain" in said.err


def test_a_full_disk_under_duckdb_is_a_full_disk() -> None:
    error = duckdb.IOException('Could not write file "x.parquet": No space left on device')
    assert failure_of(error).code == ExitCode.INVALID
    assert failure_of(duckdb.IOException("torn")).code == ExitCode.FAULT


def test_pyomo_says_nothing_on_standard_output(command: Command) -> None:
    command("raise", "interrupted")
    assert not logging.getLogger("pyomo.core").isEnabledFor(logging.ERROR)


def test_the_place_of_a_fault_is_the_innermost_line_of_ours() -> None:
    with pytest.raises(UnknownUnit) as caught:
        convert(1.0, "knot", "t")
    assert caught.value.__traceback__ is not None
    line = list(traceback.walk_tb(caught.value.__traceback__))[-1][1]
    assert f"(supplychain/units.py, line {line})" in failure_of(caught.value).text


def test_unknown_system_errors_are_faults() -> None:
    assert failure_of(OSError(errno.EBADF, "Bad file descriptor")).code == ExitCode.FAULT
