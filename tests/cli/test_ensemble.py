"""`supplychain ensemble` on the tiny world: solved for real, in parts, stopped, gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from supplychain.runs.run_store import read_tables_in
from tests.cli.conftest import Command
from tests.ensemble.definitions import write
from tests.ensemble.setups import TEXT

ROOT = Path(__file__).resolve().parents[2]
SUMMARY = {"fans", "stopping", "exceedance", "expected", "truce_value", "enough", "drivers"}


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    """A project of the tiny world with the ensemble `odds`."""
    write(tmp_path, TEXT)
    return tmp_path


def members(project: Path, out: str = "reports/out") -> Path:
    """The one folder in which members are kept."""
    [found] = (project / out / "odds.members").iterdir()
    return found


def test_an_ensemble_leaves_tables_record_and_page(command: Command, project: Path) -> None:
    said = command("ensemble", "odds", "--json")
    assert said.code == 0
    data = said.json["data"]
    assert data["counts"] == {"members": 8, "solved": 8, "failed": 0, "pairs": 2}
    assert data["headline"]["all"]["mean_usd"] > 0
    folder = project / "reports" / "out" / "odds"
    tables = read_tables_in(folder / "tables")
    assert {"members", "inputs", "paths", "losses", "hazards"} | SUMMARY <= set(tables)
    record = json.loads((folder / "ensemble.json").read_text())
    assert record["key"] == members(project).name == data["key"]
    page = (folder / "report.html").read_text()
    assert "A made-up ensemble" in page
    losses = tables["losses"]
    path = losses[losses["arm"] == "path"]
    mean = path.groupby("member")["lost_value_usd"].sum().mean()
    assert data["headline"]["all"]["mean_usd"] == pytest.approx(mean)
    assert "8 futures of 20 weeks, 2 of them" in said.err


def test_the_second_time_solves_nothing_and_says_so(command: Command, project: Path) -> None:
    first = command("ensemble", "odds")
    assert first.code == 0
    page = project / "reports" / "out" / "odds" / "report.html"
    written = page.stat().st_mtime_ns
    again = command("ensemble", "odds")
    assert again.code == 0
    assert "nothing was solved" in again.err
    assert again.out == first.out
    assert page.stat().st_mtime_ns == written


def test_parts_and_whole_have_the_same_tables(command: Command, project: Path) -> None:
    for part in ("2/2", "1/2"):
        said = command("ensemble", "odds", "--shard", part, "-o", "parts")
        assert said.code == 0
        assert f"Part {part} of odds: 4 members solved, 0 without an answer." in said.out
    assert "supplychain ensemble odds --resume" in said.out
    assert command("ensemble", "odds", "--resume", "-o", "parts").code == 0
    assert command("ensemble", "odds", "-o", "whole").code == 0
    parts, whole = (
        {f.name: f.read_bytes() for f in (project / name / "odds" / "tables").iterdir()}
        for name in ("parts", "whole")
    )
    assert parts == whole


def test_what_was_begun_is_gone_on_with_only_if_asked(command: Command, project: Path) -> None:
    assert command("ensemble", "odds").code == 0
    folder = members(project)
    kept = (folder / "000000.json").read_bytes()
    for index in (3, 4):
        (folder / f"{index:06}.json").unlink()
    said = command("ensemble", "odds", "--json")
    assert said.code == 3
    [error] = said.json["errors"]
    assert "6 of 8 members are solved already" in error["message"]
    assert "--resume" in error["hint"]
    said = command("ensemble", "odds", "--resume")
    assert said.code == 0
    assert "6 are done, 2 to do" in said.err
    assert (folder / "000000.json").read_bytes() == kept
    said = command("ensemble", "odds", "--force")
    assert "0 are done, 8 to do" in said.err


def test_a_longer_sample_goes_on_from_the_shorter(command: Command) -> None:
    assert command("ensemble", "odds", "--members", "4").code == 0
    said = command("ensemble", "odds", "--resume", "--json")
    assert "4 are done, 4 to do" in said.err
    assert said.json["data"]["counts"]["members"] == 8


def test_members_without_an_answer_are_named_and_exit_is_5(command: Command, project: Path) -> None:
    assert command("ensemble", "odds").code == 0
    folder = members(project)
    for index in (2, 5):
        file = folder / f"{index:06}.json"
        facts = {**json.loads(file.read_text()), "solved": False, "reason": "a reason"}
        file.write_text(json.dumps(facts))
    (project / "reports" / "out" / "odds" / "ensemble.json").write_text('{"key": ""}')
    said = command("ensemble", "odds", "--resume", "--json")
    assert said.code == 5
    assert [e["message"] for e in said.json["errors"]] == [
        "member 2 was not solved: a reason",
        "member 5 was not solved: a reason",
    ]
    assert said.json["data"]["counts"]["solved"] == 6
    table = read_tables_in(project / "reports" / "out" / "odds" / "tables")["members"]
    assert list(table[table["status"] == "failed"]["member"]) == [2, 5]


def test_a_screening_says_its_solves_first(command: Command, project: Path) -> None:
    said = command("ensemble", "odds", "--morris", "2", "--members", "4")
    assert said.code == 0
    assert "The screening by Morris takes 6 solves more." in said.err
    table = read_tables_in(project / "reports" / "out" / "odds" / "tables")["morris"]
    assert set(table["input"]) == {"stock", "demand"}
    assert set(table["method"]) == {"morris"}


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--executor", "remote:3"), "--executor wants local:4"),
        (("--executor", "local:0"), "--executor wants local:4"),
        (("--shard", "3/2"), "--shard wants I/N"),
        (("--shard", "half"), "--shard wants I/N"),
        (("--members", "2", "--pairs", "3"), "--pairs asks for 3 of 2 members"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    command: Command, words: tuple[str, ...], wanted: str, project: Path
) -> None:
    said = command("ensemble", "odds", *words)
    assert said.code == 2
    assert wanted in said.err
    assert not (project / "reports").exists()


def test_a_folder_of_something_else_is_not_replaced(command: Command, project: Path) -> None:
    target = project / "reports" / "out" / "odds"
    target.mkdir(parents=True)
    (target / "run.json").write_text("{}")
    said = command("ensemble", "odds")
    assert said.code == 3
    assert "holds no ensemble" in said.err
    assert (target / "run.json").read_text() == "{}"


def test_ctrl_c_keeps_what_is_solved(project: Path) -> None:
    """A real process with two workers, stopped after its second member."""
    words = ["ensemble", "odds", "--members", "64", "--executor", "local:2", "-o", "out"]
    process = subprocess.Popen(
        [sys.executable, "-m", "supplychain", *words],
        cwd=project,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    until = time.monotonic() + 120
    while len(list((project / "out").glob("odds.members/*/0*.json"))) < 2:
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    kept = len(list(members(project, "out").glob("0*.json")))
    assert 2 <= kept < 64
    assert f"{kept} members are kept; --resume goes on from there." in err
    assert "Traceback" not in err
    assert not list((project / "out").glob("odds.members/*/.*.part"))


def test_killed_at_once_a_process_leaves_whole_members_alone(
    command: Command, project: Path
) -> None:
    """kill -9 in the middle; what is there is read again, and the tables are those of one go."""
    words = ["ensemble", "odds", "--executor", "local:2", "-o", "killed"]
    process = subprocess.Popen(
        [sys.executable, "-m", "supplychain", *words],
        cwd=project,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    until = time.monotonic() + 120
    while len(list((project / "killed").glob("odds.members/*/0*.json"))) < 3:
        assert time.monotonic() < until
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert command("ensemble", "odds", "--resume", "-o", "killed").code == 0
    assert command("ensemble", "odds", "-o", "whole").code == 0
    for name in ("losses", "members", "expected"):
        found, wanted = (
            read_tables_in(project / out / "odds" / "tables")[name] for out in ("killed", "whole")
        )
        pd.testing.assert_frame_equal(found, wanted, check_exact=True)
