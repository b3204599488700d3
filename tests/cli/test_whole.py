"""The whole way on the tiny world: files, JSON, pages, and what is left when it is cut short."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from supplychain.report.pages import pdf
from supplychain.runs import run_store as store
from supplychain.runs.run_store import read_run
from tests.cli.conftest import TINY, Command
from tests.cli.projects import make_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def visible(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


def hidden(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.name.endswith((".part", ".old")))


def documented_tables() -> dict[str, list[str]]:
    """The tables that docs/interface.md promises, with their columns."""
    text = (ROOT / "docs" / "interface.md").read_text().split("\n| table | columns |\n")[1]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", text.split("\n\n")[0], re.MULTILINE)
    return {name: columns.split(", ") for name, columns in rows}


def test_a_run_leaves_what_the_interface_promises(command: Command, project: Path) -> None:
    said = command("run", "storm", "--json", "--no-band")
    assert said.code == 0, said.err
    (run,) = said.json["data"]["runs"]
    assert run["folder"] == "reports/out/storm"
    assert set(run["seconds"]) >= {"read", "build", "solve", "write", "report"}
    folder = project / "reports" / "out" / "storm"
    assert visible(folder) == ["datapackage.json", "report.html", "run.json", "tables"]
    assert hidden(folder.parent) == []
    record = json.loads((folder / "run.json").read_text())
    assert record["schema"] == "supplychain/run-record/1"
    assert record["headline"] == run["headline"]
    found = store.read_run(folder)
    assert {name: list(table.columns) for name, table in found.tables.items()} == (
        documented_tables()
    )


def test_side_by_side_gives_the_same_as_one_after_the_other(
    command: Command, project: Path
) -> None:
    def lost(*words: str) -> list[object]:
        found = command("run", "calm", "storm", "--json", *words)
        assert found.code == 0, found.err
        return [(r["scenario"], r["headline"]) for r in found.json["data"]["runs"]]

    assert lost("-o", "one") == lost("-o", "two", "--workers", "2")
    assert visible(project / "one") == visible(project / "two") == ["calm", "storm"]
    tables = sorted(p.relative_to(project / "one") for p in (project / "one").rglob("*.parquet"))
    assert len(tables) > 10
    for table in tables:
        assert (project / "one" / table).read_bytes() == (project / "two" / table).read_bytes()
    for name in ("calm", "storm"):
        one, two = (
            json.loads((project / o / name / "run.json").read_text()) for o in ("one", "two")
        )
        for record in (one, two):
            del record["seconds"], record["peak_memory_mb"], record["written"]
            for end in record["band"].values():
                del end["seconds"]
        assert one == two


@pytest.mark.browser
def test_pages_are_printed_to_pdf(command: Command, project: Path) -> None:
    said = command("run", "calm", "--pdf", "-q")
    assert said.code == 0, said.err
    assert "PDF: reports/out/calm/report.pdf" in said.out
    assert command("compare", "latest:calm", "latest:calm", "--pdf", "-q").code == 0
    for name in ("calm/report.pdf", "compare-calm-calm.pdf"):
        content = (project / "reports" / "out" / name).read_bytes()
        assert content.startswith(b"%PDF")
        assert content.count(b"/Type /Page\n") > 1, name


def test_without_a_browser_nothing_is_solved_for_a_pdf(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf.shutil, "which", lambda _name: None)
    said = command("run", "calm", "--pdf", "-q")
    assert said.code == 3
    assert "apt install chromium" in said.err
    assert not (project / "reports").exists()


def test_a_browser_that_prints_nothing_is_said(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/bin/false")
    said = command("run", "calm", "--pdf", "-q")
    assert said.code == 3
    assert "Chromium did not print report.html" in said.err
    assert visible(project / "reports" / "out" / "calm") == [
        "datapackage.json",
        "report.html",
        "run.json",
        "tables",
    ]


def test_past_runs_compare_and_export(command: Command, project: Path) -> None:
    assert command("run", "calm", "storm", "-q").code == 0
    said = command("compare", "latest:calm", "reports/out/storm")
    assert said.code == 0, said.err
    assert said.err == ""
    assert "calm and storm" in said.out
    assert (project / "reports/out/compare-calm-storm.html").stat().st_size > 100_000
    said = command("export", "latest:storm", "--to", "csv", "--json")
    assert said.code == 0, said.err
    files = {Path(file).name for file in said.json["artifacts"]}
    assert {f"{name}.csv" for name in documented_tables()} <= files
    assert (project / "reports/out/storm/csv/shortfall.csv").read_text().startswith("scenario,")
    assert command("export", "latest:storm", "--to", "cvs").code == 2
    assert command("export", "latest:storm", "--to", "csv,xls").code == 2
    assert command("export", "latest:rain").code == 7


def test_a_run_leaves_for_other_tools(command: Command, project: Path) -> None:
    assert command("run", "storm", "-q").code == 0
    folder = project / "reports/out/storm"
    said = command("export", "storm", "--to", "xlsx, csv,iamc", "--json")
    assert said.code == 7
    said = command("export", "latest", "--to", "xlsx, csv,iamc,xlsx", "--json")
    assert said.code == 0, said.err
    assert said.json["data"]["written"] == {
        "xlsx": "reports/out/storm/storm.xlsx",
        "csv": "reports/out/storm/csv",
        "iamc": "reports/out/storm/storm-iamc.csv",
    }
    assert all((project / file).is_file() for file in said.json["artifacts"])
    assert (folder / "storm.xlsx").read_bytes()[:2] == b"PK"
    assert (folder / "storm-iamc.csv").read_text().startswith("model,scenario,region,variable,unit")
    assert command("export", "latest:storm", "--to", "iamc").out == (
        "IAMC layout written to reports/out/storm/storm-iamc.csv.\n"
    )
    assert hidden(folder) == []


def test_without_the_library_nothing_is_exported(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("run", "calm", "-q").code == 0
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    said = command("export", "latest", "--to", "csv,xlsx")
    assert said.code == 3
    assert "XlsxWriter is not installed" in said.err
    assert "pip install XlsxWriter" in said.err
    assert visible(project / "reports/out/calm") == [
        "datapackage.json",
        "report.html",
        "run.json",
        "tables",
    ]


def test_an_overlay_and_a_setting_are_kept_with_the_run(command: Command, project: Path) -> None:
    said = command("run", "calm", "--set", "horizon.weeks=6", "-q")
    assert said.code == 0, said.err
    record = json.loads((project / "reports/out/calm/run.json").read_text())
    assert record["scenario"]["horizon"]["weeks"] == 6
    said = command("run", "calm", "--set", "horizon.weks=6")
    assert said.code == 3
    assert 'Nearest: "horizon.weeks"' in said.err
    assert said.err.endswith("Nothing was solved.\n")


def test_of_very_many_changed_cells_the_record_keeps_the_first_and_a_table_all(
    command: Command, project: Path
) -> None:
    (project / "mine").mkdir()
    head = (TINY / "sources.csv").read_text().splitlines()[0]
    blank = "," * (head.count(",") - 1)
    rows = [f"own-{i},Note {i}{blank}" for i in range(300)]
    (project / "mine" / "sources.csv").write_text("\n".join([head, *rows, ""]))
    said = command("run", "calm", "--overlay", "mine", "--no-band", "--weeks", "2", "-q")
    assert said.code == 0, said.err
    run = read_run(project / "reports/out/calm")
    kept = run.record["data"]
    assert (len(kept["changes"]), kept["changes_in_all"]) == (100, len(run.tables["data_changes"]))
    assert set(run.tables["data_changes"]["key"]) == {f"own-{i}" for i in range(300)}
    page = (project / "reports/out/calm/report.html").read_text()
    assert "more are in the table data_changes." in page
    assert "own-299" not in page
    said = command("run", "storm", "--no-band", "--weeks", "2", "-q")
    assert said.code == 0, said.err
    said = command("compare", "latest:storm", "latest:calm", "--json")
    differs = {row["what"] for row in said.json["data"]["inputs"]}
    assert {f"data sources own-{i} title" for i in range(300)} <= differs


def test_a_disk_that_fills_up_leaves_the_old_run(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("run", "calm", "-q").code == 0
    before = (project / "reports/out/calm/run.json").read_bytes()

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "write_record", full)
    said = command("run", "calm", "-q", "--force")
    assert said.code == 3
    assert "1 problem in reports/out/calm\n" in said.err
    assert "the disk is full. Free some space, or name another folder." in said.err
    assert (project / "reports/out/calm/run.json").read_bytes() == before
    assert hidden(project / "reports/out") == []


START = "from supplychain.cli import main; main()"
WORKERS_START = f"""
import multiprocessing, re, sys, threading, time
from pathlib import Path

def leaves_ctrl_c_to_the_parent(child):
    status = Path(f"/proc/{{child.pid}}/status").read_text()
    return int(re.search("SigIgn:.(.*)", status)[1], 16) & 2

def watch():
    children = []
    while len(children) < 2 or not all(map(leaves_ctrl_c_to_the_parent, children)):
        time.sleep(0.05)
        children = multiprocessing.active_children()
    time.sleep(0.5)
    print("solving", file=sys.stderr, flush=True)

threading.Thread(target=watch, daemon=True).start()
{START}
"""
"""Says when both workers are at work, however long a busy machine takes to start them."""


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_end_in_the_middle_leaves_nothing(
    project: Path, number: signal.Signals, code: int, workers: str
) -> None:
    words = ["run", "calm", "storm", "--weeks", "200", "--workers", workers]
    with subprocess.Popen(
        [sys.executable, "-c", WORKERS_START if workers == "2" else START, *words],
        cwd=project,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stderr is not None
        while running.stderr.readline() != "solving\n" and workers == "2":
            continue
        if number == signal.SIGINT:  # Ctrl-C reaches every process of the terminal
            os.killpg(running.pid, number)
        else:
            running.send_signal(number)
        out, err = running.communicate(timeout=60)
    assert running.returncode == code, err
    assert out == ""
    assert "Traceback" not in err
    assert err.endswith("Nothing half written was left behind.\n")
    there = project / "reports" / "out"
    assert not there.exists() or hidden(there) == visible(there) == []
