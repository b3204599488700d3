"""`supplychain runs prune`: what goes, what never goes, and what a kill leaves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from supplychain.runs.catalogue import open_catalogue
from tests.cli.conftest import Command
from tests.cli.runs.conftest import ids, short
from tests.scheduled_reports.shelf import record

ROOT = Path(__file__).resolve().parents[3]


def report(out: Path, name: str, *runs: str) -> None:
    """The newest report of a definition, which shows runs."""
    folder = out / name / "latest"
    folder.mkdir(parents=True)
    shown = [{"scenario": "storm", "id": run} for run in runs]
    (folder / "report.json").write_text(json.dumps(record(name, runs=shown)))


def test_prune_wants_a_rule(command: Command, out: Path) -> None:
    assert out.is_dir()
    assert command("runs", "prune").code == 2


def test_prune_by_number_and_dry_run(command: Command, out: Path) -> None:
    before = ids(command)
    dry = command("runs", "prune", "--keep", "1", "--dry-run", "--json").json["data"]
    assert ids(command) == before
    said = command("runs", "prune", "--keep", "1", "--json").json["data"]
    assert [entry["folder"] for entry in said["gone"]] == [e["folder"] for e in dry["gone"]]
    assert {entry["scenario"] for entry in said["gone"]} == {"storm"}
    assert dry["freed"] == said["freed"] == sum(entry["size"] for entry in said["gone"]) > 0
    assert [entry["id"] for entry in said["gone"]] == [i for i in before if i not in ids(command)]
    assert not any(Path(entry["folder"]).exists() for entry in said["gone"])
    assert not list(out.glob("**/*.part"))


def test_prune_by_age(command: Command, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supplychain.cli.runs_command.time.time", lambda: NOW)
    assert command("runs", "prune", "--older-than", "10").code == 0
    assert len(ids(command)) == 2
    said = command("runs", "prune", "--older-than", "9", "--keep", "2", "--json").json["data"]
    assert said["gone"] == []
    said = command("runs", "prune", "--older-than", "7.9", "--json").json["data"]
    assert [entry["scenario"] for entry in said["gone"]] == ["storm"] * 3
    assert ids(command) == []
    assert out.is_dir()


NOW = 1794373260.0
"""Ten days and a little after the first of November 2026, 05:00 UTC."""


def test_prune_never_takes_what_a_report_shows(command: Command, out: Path) -> None:
    key = short(out)
    report(out, "weekly", key)
    said = command("runs", "prune", "--keep", "0", "--json").json["data"]
    assert ids(command) == [key]
    (spared,) = said["spared"]
    assert (spared["id"], spared["report"]) == (key, "weekly")
    again = command("runs", "prune", "--keep", "0")
    assert "Kept, because the newest report" in again.out
    assert f"{key} (weekly)" in again.out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"runs": [{}]}'])
def test_prune_takes_nothing_where_it_cannot_know(command: Command, out: Path, text: str) -> None:
    report(out, "weekly")
    (out / "weekly" / "latest" / "report.json").write_text(text)
    said = command("runs", "prune", "--keep", "0")
    assert said.code == 3
    assert "RUN-105" in said.err
    assert "Nothing was taken away." in said.err
    assert len(ids(command)) == 3


def test_prune_waits_for_no_report(command: Command, out: Path) -> None:
    report(out, "weekly")
    with FileLock(out / "weekly" / ".making.lock"):
        said = command("runs", "prune", "--keep", "0")
    assert said.code == 75
    assert "weekly is being made" in said.err
    assert command("runs", "prune", "--keep", "0").code == 0


def test_prune_damaged(command: Command, out: Path) -> None:
    (out / "calm" / "run.json").write_text("{")
    (out / "storm" / "tables" / "flows.parquet").unlink()
    assert command("runs", "prune", "--keep", "0", "-n", "--json").json["data"]["gone"]
    said = command("runs", "prune", "--damaged", "--json").json["data"]
    assert {entry["folder"] for entry in said["gone"]} == {"reports/out/calm", "reports/out/storm"}
    assert len(ids(command)) == 2


def old_data(out: Path, *names: str) -> list[Path]:
    """Kept copies of data, two hours old."""
    made = [out / "store" / "data" / name for name in names]
    for folder in made:
        folder.mkdir(parents=True)
        (folder / "arcs.csv").write_text("x" * 100)
        os.utime(folder, (NOW - 7200, NOW - 7200))
    return made


def test_prune_takes_kept_data_that_nothing_refers_to(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supplychain.cli.runs_command.time.time", lambda: NOW)
    hashes = {run["data"] for run in command("runs", "list", "--json").json["data"]["runs"]}
    (used,) = (name[:16] for name in hashes)
    reported = "1" * 64
    idle, _, shown = old_data(out, "0" * 16, used, reported[:16])
    (out / "weekly" / "2026-11-02").mkdir(parents=True)
    report_file = out / "weekly" / "2026-11-02" / "report.json"
    report_file.write_text(json.dumps(record(data={"hash": reported})))
    said = command("runs", "prune", "--keep", "5", "--json").json["data"]
    assert said["data"] == [idle.relative_to(out.parent.parent).as_posix()]
    assert said["freed"] == 100
    assert (idle.exists(), shown.exists()) == (False, True)
    said = command("runs", "prune", "--keep", "0", "--json").json["data"]
    assert [Path(folder).name for folder in said["data"]] == [used]
    report_file.write_text("{")
    assert command("runs", "prune", "--keep", "0", "--json").json["data"]["data"] == []


def test_a_killed_prune_leaves_whole_runs(out: Path) -> None:
    """Killed at ten moments; each run is there whole, or gone from the list."""
    project = out.parent.parent
    code = "from supplychain.cli import main; main()"
    words = [sys.executable, "-c", code, "runs", "prune", "--keep", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    spare = project / "spare"
    shutil.copytree(out, spare)
    for moment in range(10):
        process = subprocess.Popen(words, cwd=project, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(0.12 + 0.04 * moment)
        process.kill()
        process.wait()
        found = open_catalogue(out)
        assert [entry.problem for entry in found.entries] == [""] * len(found.entries)
        assert found.notes == ()
        shutil.rmtree(out)
        shutil.copytree(spare, out)
    assert subprocess.run(words, cwd=project, env=environment, check=False).returncode == 0
    assert open_catalogue(out).entries == ()
