"""Reports under kill -9, two at once, a full disk, a read-only target, spoilt files."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from supplychain.runs.run_cache import damaged
from supplychain.scheduled_reports import make_report as making
from supplychain.scheduled_reports import report_archive
from supplychain.scheduled_reports.publish import is_current
from tests.cli.conftest import Command
from tests.cli.reports import later_storm, make_reports, write_report

ROOT = Path(__file__).resolve().parents[2]
DAY = "2026-11-22"
KILLS = 50
HORIZON = {"start": "2026-09-28", "weeks": 8}


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_reports(tmp_path)


def out(project: Path) -> Path:
    return project / "reports" / "out"


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def hidden(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.name.endswith((".part", ".old")))


SERVER = """
import os, sys
import supplychain.cli.report_command, supplychain.scheduled_reports.make_report
import supplychain.report.pages.scheduled_page, supplychain.study.solve_scenario
import supplychain.runs.run_store, supplychain.runs.run_cache
from supplychain.cli.main import run_and_flush
for line in sys.stdin:
    print("ready", flush=True)
    child = os.fork()
    if child == 0:
        code = run_and_flush(line.split())
        os._exit(code)
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""
"""Forks a process for each command line, so that none of them spends its life on imports."""


class Server:
    """Runs commands in processes of their own that can be killed at any moment."""

    def __init__(self, project: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, words: str) -> int:
        """Start a command and return the id of its process."""
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        assert self._line() == "ready"
        return int(self._line())

    def end(self) -> int:
        """Wait for the command; a signal comes as a negative number."""
        while not (line := self._line()).lstrip("-").isdigit():
            continue
        return int(line)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def server(project: Path) -> Iterator[Server]:
    found = Server(project)
    yield found
    found.process.communicate(timeout=30)


def check_whole(project: Path, days: tuple[str, ...]) -> None:
    """Every report and every kept run is one whole; none is older than it should be."""
    assert (out(project) / "index.html").read_text().rstrip().endswith("</html>")
    Xml.parse(out(project) / "feed.atom")
    folder = out(project) / "tiny"
    latest = record(folder / "latest")
    assert latest["date"] in days
    for place in (folder / "latest", *folder.glob("2*")):
        found = record(place)
        past = report_archive.Past(place, found)
        assert past.whole(), place
        page = (place / "report.html").read_text()
        assert page.endswith("</html>")
        assert f"number {found['number']}" in page
        brief = json.loads((place / "brief.json").read_text())
        assert brief["headline"] == found["headline"]
        assert brief["key"] == found["key"]
    for run in (out(project) / "store").glob("[0-9a-f]*/run.json"):
        assert damaged(run.parent) == []


def test_kill_9_at_any_moment_leaves_the_old_or_the_new(project: Path, server: Server) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    write_report(project, "tiny", horizon=HORIZON, retention={"reports": 3})
    server.start(f"report tiny --date {DAY} -q")
    assert server.end() == 0
    later_storm(project, "2026-11-09")
    began = time.monotonic()
    server.start("report tiny --date 2026-11-23 -q --force")
    assert server.end() == 0
    whole = time.monotonic() - began
    done, killed, tried = "2026-11-23", 0, 0
    while killed < KILLS:
        tried += 1
        later_storm(project, f"2026-11-{2 + 7 * (tried % 3):02}")
        chosen = (date(2026, 11, 23) + timedelta(days=tried)).isoformat()
        child = server.start(f"report tiny --date {chosen} -q --force")
        time.sleep(chance.uniform(0.0, 1.3 * whole))
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        code = server.end()
        assert code in (0, -signal.SIGKILL), f"seed {seed}"
        killed += code != 0
        check_whole(project, (done, chosen))
        done = record(out(project) / "tiny" / "latest")["date"]
    assert done > "2026-11-23", f"none of {tried} came through"
    last = (date(2026, 11, 23) + timedelta(days=tried + 1)).isoformat()
    server.start(f"report tiny --date {last} -q --force")
    assert server.end() == 0, f"seed {seed}"
    check_whole(project, (last,))
    assert hidden(out(project) / "tiny") == []
    assert is_current(out(project))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_end_from_outside_leaves_nothing_begun(
    project: Path, number: signal.Signals, code: int
) -> None:
    write_report(project, "tiny", horizon={"start": "2026-09-28", "weeks": 200})
    with start(project, "tiny", "--date", DAY, "-q") as running:
        holder = out(project) / "tiny" / ".making.json"
        end = time.monotonic() + 60
        while not holder.exists() and time.monotonic() < end:
            time.sleep(0.02)
        running.send_signal(number)
        said, err = running.communicate(timeout=60)
    assert running.returncode == code, err
    assert said == ""
    assert err.endswith("Nothing half written was left behind.\n")
    assert not holder.exists()
    assert hidden(out(project)) == []
    assert [p.name for p in (out(project) / "tiny").iterdir()] == [".making.lock"]


def start(project: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from supplychain.cli import main; main()", "report", *words],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


HOLD = """
import sys, time
from pathlib import Path
from supplychain.scheduled_reports.report_archive import holding
with holding(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(project: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that is making the report until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(out(project) / "tiny")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "held\n"
        yield running
        running.kill()


def test_the_second_of_two_says_who_holds_the_report(
    command: Command, holder: subprocess.Popen[str]
) -> None:
    said = command("report", "tiny", "--date", DAY, "--wait", "0", "-q")
    assert said.code == 75
    named = f"tiny is being made by process {holder.pid} on {socket.gethostname()} since 20"
    assert named in said.err


def test_the_second_of_two_waits_and_then_has_nothing_to_do(project: Path) -> None:
    first = start(project, "tiny", "--date", DAY, "-q")
    second = start(project, "tiny", "--date", DAY, "-q")
    said = [one.communicate(timeout=120) for one in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    texts = sorted(text.splitlines()[0] for text, _ in said)
    assert texts == [
        f"tiny, {DAY}: solved calm, storm.",
        f"tiny, {DAY}: up to date, nothing was solved.",
    ]


def test_two_processes_with_other_definitions_solve_what_they_share_once(project: Path) -> None:
    names = ("one", "two", "three")
    for name in names:
        write_report(project, name)
    running = [start(project, name, "--date", DAY, "-q", "--json") for name in names]
    said = [one.communicate(timeout=120) for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], said
    solved = [json.loads(text)["data"]["reports"][0]["solved"] for text, _ in said]
    assert sorted(name for names in solved for name in names) == ["calm", "storm"]


def test_what_a_dead_process_held_is_taken_over(
    command: Command, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    said = command("report", "tiny", "--date", DAY)
    assert said.code == 0, said.err
    assert f"process {holder.pid} on {socket.gethostname()}" in said.err
    assert "which ended without a word; taken over." in said.err
    assert "taken over" not in command("report", "tiny", "--date", DAY).err


@pytest.mark.parametrize("where", ["write_run", "write_standing_page", "write_json"])
def test_a_full_disk_leaves_the_last_report(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    from supplychain.report.pages import scheduled_page as standing
    from supplychain.runs import run_store as store

    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    before = (out(project) / "tiny" / "latest" / "report.json").read_bytes()
    later_storm(project, "2026-11-16")

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as filled:
        home = {"write_run": store, "write_standing_page": standing, "write_json": making}[where]
        filled.setattr(home, where, full)
        said = command("report", "tiny", "--date", "2026-11-29", "-q")
    assert said.code == 3
    assert "the disk is full. Free some space, or name another folder." in said.err
    assert (out(project) / "tiny" / "latest" / "report.json").read_bytes() == before
    assert hidden(out(project)) == []
    assert command("report", "tiny", "--date", "2026-11-29", "-q").code == 0


LIMITED = """
import resource, sys
from supplychain.cli import main
size = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
main()
"""


@pytest.mark.parametrize("size", [500, 3_000, 30_000, 1_000_000])
def test_a_disk_that_really_refuses_to_write_leaves_the_last_report(
    command: Command, project: Path, size: int
) -> None:
    """The system refuses any file larger than so many bytes: records, tables, pages."""
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    before = record(out(project) / "tiny" / "latest")
    later_storm(project, "2026-11-16")
    words = [str(size), "report", "tiny", "--date", "2026-11-29", "-q"]
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, *words],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 3, ended.stderr
    assert "a file gets larger than is allowed here." in ended.stderr
    assert f"1 problem in {out(project).relative_to(project).as_posix()}/" in ended.stderr
    assert record(out(project) / "tiny" / "latest") == before
    assert hidden(out(project)) == []
    assert command("report", "tiny", "--date", "2026-11-29", "-q").code == 0
    check_whole(project, ("2026-11-29",))


def test_a_target_that_cannot_be_written_is_named_before_anything_is_solved(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even an administrator can make a folder there."""
    from supplychain.study import solve_scenario as solving

    monkeypatch.setattr(solving, "run_scenario", None)
    said = command("report", "tiny", "--date", DAY, "-q", "-o", "/sys/reports")
    assert said.code == 3
    assert "1 problem in /sys/reports" in said.err
    assert "no permission." in said.err or "the disk can only be read." in said.err


def test_a_spoilt_table_is_named_and_solved_again(command: Command, project: Path) -> None:
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    runs = {run["scenario"]: run["folder"] for run in record(out(project) / "tiny/latest")["runs"]}
    table = out(project) / runs["storm"] / "tables" / "shortfall.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[: len(whole) // 2])
    said = command("report", "tiny", "--date", DAY)
    assert said.code == 0
    assert f"{runs['storm']}/tables/shortfall.parquet is damaged" in said.err
    assert "up to date, solved storm." in said.out
    assert table.read_bytes() == whole
    assert "damaged" not in command("report", "tiny", "--date", DAY).err


def test_a_spoilt_page_and_a_spoilt_record_are_written_again(
    command: Command, project: Path
) -> None:
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    page = out(project) / "tiny" / DAY / "report.html"
    whole = page.read_bytes()
    page.write_bytes(whole[:1000])
    said = command("report", "tiny", "--date", DAY, "-q")
    assert "nothing was solved; kept from before: calm, storm." in said.out
    assert page.read_bytes() == whole
    (out(project) / "tiny" / "latest" / "brief.md").unlink()
    assert "up to date" in command("report", "tiny", "--date", DAY, "-q").out
    assert (out(project) / "tiny" / "latest" / "brief.md").is_file()
    (out(project) / "tiny" / DAY / "report.json").write_text("{")
    said = command("report", "tiny", "--date", DAY)
    assert said.code == 0
    assert f"tiny/{DAY} holds no report that can be read" in said.err
    assert record(out(project) / "tiny" / "latest")["date"] == DAY


def test_data_of_the_last_report_that_are_gone_leave_the_hashes(
    command: Command, project: Path
) -> None:
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    (kept,) = (out(project) / "store" / "data").glob("[0-9a-f]*")
    (kept / "covers.csv").unlink()
    (project / "more").mkdir()
    (project / "more" / "covers.csv").write_text(
        "customer,material,quantity,value,low,high,unit,kind,source,note\n"
        "guided-weapon-usa,ndfeb-heavy,opening_cover,9,8,32,week,assumed,assumption,\n"
    )
    words = ("report", "tiny", "--date", "2026-11-29", "--overlay", "more", "--json")
    (entry,) = command(*words).json["data"]["reports"]
    (change,) = [c for c in entry["changed"]["inputs"] if c["kind"] == "data"]
    assert "not kept any more" in change["why"]
    assert len(change["old"]) == len(change["new"]) == 12


def test_the_name_of_another_definition_is_no_excuse(command: Command, project: Path) -> None:
    other = project / "elsewhere" / "tiny.yaml"
    other.parent.mkdir()
    other.write_text(write_report(project, "tiny").read_text())
    said = command("report", "tiny", "elsewhere/tiny.yaml", "--date", DAY, "-q")
    assert said.code == 5
    assert 'another definition of this command is called "tiny" too.' in said.err
