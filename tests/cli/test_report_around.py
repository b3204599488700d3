"""What goes around a report: front page and feed, timers, the log."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import feedparser
import pytest
import yaml

from supplychain.scheduled_reports import publish
from tests.cli.conftest import Command
from tests.cli.reports import make_reports, write_report

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_reports(tmp_path)


def test_a_report_is_on_the_front_page_and_in_the_feed(command: Command, project: Path) -> None:
    write_report(project, "watch")
    assert command("report", "tiny", "watch", "-q").code == 0
    out = project / "reports" / "out"
    page = (out / "index.html").read_text()
    (day,) = [p.name for p in (out / "tiny").iterdir() if p.name.startswith("20")]
    assert f'href="tiny/{day}/report.html"' in page
    assert 'href="watch/latest/report.html"' in page
    feed = feedparser.parse((out / "feed.atom").read_text())
    assert [entry.link for entry in feed.entries] == [
        f"watch/{day}/report.html", f"tiny/{day}/report.html",
    ]  # fmt: skip


def test_it_is_written_again_only_where_it_must(command: Command, project: Path) -> None:
    command("report", "tiny", "-q")
    page = project / "reports" / "out" / "index.html"
    before = page.stat().st_mtime_ns
    command("report", "tiny", "-q")
    assert page.stat().st_mtime_ns == before
    page.unlink()
    command("report", "tiny", "-q")
    assert page.is_file()


def test_a_front_page_that_cannot_be_written_is_part_of_the_answer(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_out: Path) -> None:
        raise PermissionError(13, "Permission denied", "reports/out/index.html")

    with monkeypatch.context() as patch:
        patch.setattr(publish, "write_front", fail)
        said = command("report", "tiny", "--json")
    assert said.code == 5
    assert said.json["data"]["reports"][0]["status"] == "made"
    assert "The front page was not made" in said.json["errors"][0]["message"]
    assert command("report", "tiny", "--json").json["data"]["reports"][0]["status"] == "up-to-date"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_log_has_a_line_for_each_step(project: Path, workers: str) -> None:
    words = ["report", "tiny", "--log-format", "json", "--workers", workers]
    ended = subprocess.run(
        [sys.executable, "-m", "supplychain", *words],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [line["step"] for line in lines] == ["plan", "solve", "solve", "report", "front", "end"]
    made = lines[3]
    assert made["new"] is True
    assert sorted(made["solved"]) == ["calm", "storm"]
    assert lines[-1]["exit_code"] == 0


def test_a_definition_that_fails_is_in_the_log(command: Command, project: Path) -> None:
    write_report(project, "bad", scenarios=["calm", "strom"])
    said = command("report", "bad", "tiny", "--log-format", "json")
    assert said.code == 5
    lines = [json.loads(line) for line in said.err.splitlines()]
    plan = next(line for line in lines if (line["step"], line["what"]) == ("plan", "bad"))
    assert (plan["level"], plan["error"]) == ("error", "InvalidInput")
    assert any(line["step"] == "report" and line["what"] == "tiny" for line in lines)
    assert lines[-1]["exit_code"] == 5


def test_a_timer_for_each_time(command: Command, project: Path) -> None:
    write_report(project, "watch", every="daily 06:30")
    said = command("report", "tiny", "watch", "--print-timer", "cron", "--fail-on", "alert")
    assert said.code == 0
    assert not (project / "reports" / "out").exists()
    lines = [line for line in said.out.splitlines() if line and line[0].isdigit()]
    assert [line.split(" cd ")[0] for line in lines] == ["0 5 * * MON", "30 6 * * *"]
    assert lines[1].endswith("report --fail-on alert watch")
    files = command("report", "watch", "--print-timer", "systemd", "--json").json["data"]["files"]
    assert list(files) == ["supplychain-watch.service", "supplychain-watch.timer"]
    assert "OnCalendar=*-*-* 06:30:00 UTC" in files["supplychain-watch.timer"]


def test_the_timers_command_makes_the_report_from_anywhere(command: Command, project: Path) -> None:
    (project / "odd place 5 %").mkdir()
    words = ("reports/tiny.yaml", "-o", "odd place 5 %", "--print-timer", "cron")
    line = command("report", *words).out.splitlines()[-1]
    shell = line.split(maxsplit=5)[5].replace("\\%", "%")
    ended = subprocess.run(
        ["sh", "-c", shell],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},  # as cron: next to nothing
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert (project / "odd place 5 %" / "tiny" / "latest" / "report.html").is_file()


def test_what_only_this_environment_knows_is_said(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUPPLYCHAIN_WORKERS", raising=False)
    assert command("report", "tiny", "--print-timer", "cron").err == ""
    monkeypatch.setenv("SUPPLYCHAIN_OUT", "elsewhere")
    said = command("report", "tiny", "--print-timer", "cron")
    assert "SUPPLYCHAIN_OUT is set here." in said.err
    assert "elsewhere" not in said.out


def test_a_workflow_has_paths_of_the_repository(command: Command, project: Path) -> None:
    (project / "numbers").mkdir()
    words = ("--overlay", "numbers", "--overlay", "more", "-o", "site", "--print-timer")
    said = command("report", "reports/tiny.yaml", *words, "github-actions")
    found = yaml.safe_load(said.out)
    steps = found["jobs"]["report"]["steps"]
    (line,) = [s["run"].strip() for s in steps if s.get("run", "").startswith("supplychain")]
    assert shlex.split(line) == [
        "supplychain", "report", "--overlay", "numbers", "--overlay", "more", "-o", "site",
        "reports/tiny.yaml",
    ]  # fmt: skip
    assert {s["with"]["path"] for s in steps if "path" in s.get("with", {})} == {"site"}
    assert command("report", "tiny", "-o", "/srv", "--print-timer", "github-actions").code == 3


def test_no_timer_for_what_is_not_there_or_wrong(command: Command, project: Path) -> None:
    assert command("report", "tini", "--print-timer", "cron").code == 7
    write_report(project, "bad", every="now and then")
    assert command("report", "bad", "--print-timer", "cron").code == 3
    assert command("report", "tiny", "--print-timer", "windows").code == 2
