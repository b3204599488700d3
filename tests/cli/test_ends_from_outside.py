"""Ended from outside at bad moments: the right code, soon, and the rest saved."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from supplychain.errors import ExitCode
from supplychain.study.solve_many import side_by_side
from tests.cli.projects import make_project

ENDLESS = """
import hashlib, sys
import highspy

def run(solver):
    print("ready", file=sys.stderr, flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 400_000_000)  # deaf: in C, and without Python's lock

highspy.Highs.run = run
from supplychain.cli import main
main()
"""
WRITING = """
import sys
import duckdb
from supplychain.runs import run_store

def copy(connection, table, file, attributes=None):
    print("ready", file=sys.stderr, flush=True)
    connection.execute("SELECT count(*) FROM range(100_000_000) a, range(100_000_000) b")

run_store._copy = copy
from supplychain.cli import main
main()
"""


@pytest.mark.parametrize("script", [ENDLESS, WRITING], ids=["solving", "writing"])
@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "Interrupted."), (signal.SIGTERM, 143, "Terminated.")],
)
def test_it_ends_soon_and_says_why(
    tmp_path: Path, script: str, number: signal.Signals, code: int, word: str
) -> None:
    make_project(tmp_path)
    words = ["run", "storm", "--weeks", "4", "--no-band", "-q"]
    with subprocess.Popen(
        [sys.executable, "-c", script, *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        assert running.stderr.readline() == "ready\n"
        time.sleep(0.2)
        sent = time.monotonic()
        running.send_signal(number)
        _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (code, f"{word} Nothing half written was left behind.\n")
    assert time.monotonic() - sent < 3.0
    out = tmp_path / "reports" / "out"
    assert not out.exists() or [p.name for p in out.iterdir() if "lock" not in p.name] == []


class Job:
    """A job whose process kills itself, always or until a file is there."""

    def __init__(self, name: str, deadly: str = "", mark: Path | None = None) -> None:
        self.name, self.deadly, self.mark = name, deadly, mark

    def __call__(self) -> str:
        import os

        if self.deadly == "always" or (self.mark and not self.mark.exists()):
            if self.mark:
                self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.name


def test_a_killed_worker_costs_no_other_job(tmp_path: Path) -> None:
    jobs = [Job("a"), Job("b", "always"), Job("c", mark=tmp_path / "died"), Job("d")]
    found = side_by_side(jobs, 2, "jobs", quiet=True, lost=lambda place: f"lost {place}")
    assert found == ["a", "lost 1", "c", "d"]


def test_a_scenario_whose_process_dies_each_time_is_partial() -> None:
    from supplychain.cli.run_command import code_of, unsolved
    from supplychain.errors import NotSolved
    from supplychain.study.solve_many import DIED, Outcome
    from tests.cli.worlds import made_run

    outcomes = [Outcome("calm", made_run("calm", {})), Outcome("storm", None, NotSolved(DIED))]
    assert code_of(outcomes) == ExitCode.PARTIAL
    assert "died each time" in unsolved(outcomes)[0].message
