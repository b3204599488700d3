"""What `report --print-timer` prints, read by those who will have to understand it."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from croniter import croniter

from supplychain.errors import InvalidInput
from supplychain.scheduled_reports.timers import (
    Timer,
    TimerSettings,
    read_every,
    this_program,
    timer_files,
    timer_text,
)

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # a Sunday
NEXT = {
    "monday 05:00": datetime(2026, 11, 23, 5, 0, tzinfo=UTC),
    "sunday 06:15": datetime(2026, 11, 29, 6, 15, tzinfo=UTC),
    "daily 23:59": datetime(2026, 11, 22, 23, 59, tzinfo=UTC),
    "monthly 00:30": datetime(2026, 12, 1, 0, 30, tzinfo=UTC),
}


def settings(folder: Path, every: str = "monday 05:00", *options: str) -> TimerSettings:
    return TimerSettings(folder, this_program(), read_every(every), options)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A project in a folder with everything that needs care in a unit or a crontab."""
    folder = tmp_path / '50 % of $HOME \'n "more"'
    folder.mkdir()
    return folder


@pytest.mark.parametrize("every", NEXT)
def test_cron_fires_when_it_should(tmp_path: Path, every: str) -> None:
    line = timer_text("cron", ["weekly"], settings(tmp_path, every)).splitlines()[-1]
    fields = " ".join(line.split()[:5])
    assert croniter(fields, START).get_next(datetime) == NEXT[every]


def test_systemd_gives_the_words_as_they_are(odd: Path) -> None:
    """Unquoted again as systemd.service(5) says, the command line is what was meant."""
    files = timer_files("systemd", ["weekly", "my reports/50 % $x.yaml"], settings(odd))
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(files["supplychain-weekly-50-x.service"])
    service = unit["Service"]
    words = [w.replace("%%", "%").replace("$$", "$") for w in shlex.split(service["ExecStart"])]
    assert words == [
        *this_program(), "report", "weekly", f"{odd}/my reports/50 % $x.yaml",
    ]  # fmt: skip
    assert service["WorkingDirectory"].replace("%%", "%") == str(odd)
    assert service["Type"] == "oneshot"
    assert service["SuccessExitStatus"] == "75"
    timer = configparser.RawConfigParser()
    timer.read_string(files["supplychain-weekly-50-x.timer"])
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Timer"]["OnCalendar"].endswith(" UTC")


def test_a_shell_gets_the_words_of_the_crontab(odd: Path, tmp_path: Path) -> None:
    """Cron takes the backslash from `\\%` and hands the rest to a shell: run it in one."""
    echo = shutil.which("printf")
    assert echo is not None
    made = TimerSettings(odd, (echo, "%s\n"), read_every("daily"), ("--fail-on", "alert"))
    with pytest.raises(InvalidInput):  # no line ends in a crontab
        timer_text("cron", ["weekly"], made)
    script = tmp_path / "show"
    script.write_text('#!/bin/sh\npwd\nfor word; do echo "$word"; done\n')
    script.chmod(0o755)
    made = TimerSettings(odd, (str(script),), read_every("daily"), ("--fail-on", "alert"))
    line = timer_text("cron", ["50 % $x.yaml"], made).splitlines()[-1]
    command = line.split(maxsplit=5)[5].replace("\\%", "%")
    assert "%" not in line.replace("\\%", "")
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [
        str(odd), "report", "--fail-on", "alert", f"{odd}/50 % $x.yaml",
    ]  # fmt: skip


def test_the_workflow_is_yaml_that_calls_the_command(tmp_path: Path) -> None:
    (tmp_path / "my reports").mkdir()
    made = settings(tmp_path, "monday 05:00", "--fail-on", "alert")
    text = timer_text("github-actions", [str(tmp_path / "my reports" / "a.yaml")], made)
    found = yaml.safe_load(text)
    schedule = found[True]["schedule"][0]["cron"]  # YAML 1.1 reads `on` as true
    assert croniter(schedule, START).get_next(datetime) == NEXT["monday 05:00"]
    steps = found["jobs"]["report"]["steps"]
    (command,) = [s["run"].strip() for s in steps if s.get("run", "").startswith("supplychain")]
    assert shlex.split(command) == [
        "supplychain", "report", "--fail-on", "alert", "-o", "reports/out", "my reports/a.yaml",
    ]  # fmt: skip
    assert found["permissions"] == {"contents": "read"}
    restore, save = (s["with"] for s in steps if s.get("uses", "").startswith("actions/cache/"))
    assert restore["key"] == save["key"]
    assert restore["key"].startswith(restore["restore-keys"])
    assert restore["path"] == save["path"] == "reports/out"


def test_a_definition_elsewhere_is_nothing_for_a_workflow(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    with pytest.raises(InvalidInput, match="outside"):
        timer_text("github-actions", ["../a.yaml"], settings(tmp_path / "project"))


@pytest.mark.parametrize("kind", Timer)
def test_what_no_timer_can_hold_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InvalidInput) as error:
        timer_text(kind, ["two\nlines", "${{ secrets.KEY }}"], settings(tmp_path))
    assert [p.code for p in error.value.problems] == ["TIMER-102", "TIMER-102"]


@pytest.mark.parametrize("every", ["", "mondays", "5 * * * *", "daily 24:00", "monday 5"])
def test_times_that_cannot_be_read(every: str) -> None:
    with pytest.raises(InvalidInput, match="no time for a timer"):
        read_every(every)
