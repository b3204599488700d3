"""`--band` on the tiny world."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supplychain.runs import run_store as store
from tests.cli.conftest import Command
from tests.cli.projects import make_project


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def test_a_run_with_a_band(command: Command, project: Path) -> None:
    said = command("run", "storm", "--band", "--json")
    assert said.code == 0, said.err
    folder = project / "reports" / "out" / "storm"
    record = json.loads((folder / "run.json").read_text())
    assert list(record["band"]) == ["perfect", "proportional"]
    assert record["band"]["perfect"]["solver"]["status"] == "optimal"
    (run,) = said.json["data"]["runs"]
    for sector in run["headline"]["sectors"].values():
        assert list(sector["band"]) == ["rolling", "perfect", "proportional"]
        assert sector["band"]["rolling"] == sector["lost_value_usd"]
    tables = store.read_run(folder).tables
    for name in ("shortfall", "indicators"):
        other = tables[f"band_{name}"]
        assert [c for c in other.columns if c != "kind"] == list(tables[name].columns)
        assert len(other) == 2 * len(tables[name])
    assert "shaded band" in (folder / "report.html").read_text()


def test_a_comparison_with_bands_in_two_processes(command: Command, project: Path) -> None:
    said = command("compare", "calm", "storm", "--band", "--workers", "2", "-q", "--json")
    assert said.code == 0, said.err
    assert "shaded band" in (project / "reports/out/compare-calm-storm.html").read_text()
    for run in (said.json["data"]["base"], *said.json["data"]["runs"]):
        assert all("band" in sector for sector in run["headline"]["sectors"].values())


def test_without_it_nothing_more_is_solved(command: Command, project: Path) -> None:
    assert command("run", "storm", "-q").code == 0
    folder = project / "reports" / "out" / "storm"
    assert "band" not in json.loads((folder / "run.json").read_text())
    assert not list((folder / "tables").glob("band*"))
