"""The band on the tiny world: by default, with `--band`, and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supplychain.runs import run_store as store
from supplychain.runs.run_schema import Run
from supplychain.study import solve_scenario
from supplychain.study.run_request import RunRequest
from tests.cli.conftest import Command
from tests.cli.projects import make_project


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def test_a_run_has_the_ends_of_its_band_and_with_the_option_a_third_line(
    command: Command, project: Path
) -> None:
    assert command("run", "storm", "-q").code == 0
    folder = project / "reports" / "out" / "storm"
    assert list(json.loads((folder / "run.json").read_text())["band"]) == ["value", "proportional"]
    said = command("run", "storm", "--band", "--json")
    assert said.code == 0, said.err
    record = json.loads((folder / "run.json").read_text())
    assert list(record["band"]) == ["value", "proportional", "perfect"]
    assert record["band"]["perfect"]["solver"]["status"] == "optimal"
    (run,) = said.json["data"]["runs"]
    for sector in run["headline"]["sectors"].values():
        assert list(sector["band"]) == ["contracts", "value", "proportional", "perfect"]
        assert sector["band"]["contracts"] == sector["lost_value_usd"]
        ends = [sector["band"][kind] for kind in ("contracts", "value", "proportional")]
        found = sector["range"]["lost_value_usd"]
        assert (found["low"], found["high"]) == (min(ends), max(ends))
    sums = [sum(s["band"][k] for s in run["headline"]["sectors"].values()) for k in record["band"]]
    assert run["headline"]["range"]["lost_value_usd"]["high"] >= max(sums[:2]) * (1 - 1e-9)
    tables = store.read_run(folder).tables
    for name in ("shortfall", "indicators"):
        other = tables[f"band_{name}"]
        assert [c for c in other.columns if c != "kind"] == list(tables[name].columns)
        assert len(other) == 3 * len(tables[name])
    assert "shaded band" in (folder / "report.html").read_text()


def test_a_comparison_with_bands_in_two_processes(command: Command, project: Path) -> None:
    said = command("compare", "calm", "storm", "--workers", "2", "-q", "--json")
    assert said.code == 0, said.err
    assert "shaded band" in (project / "reports/out/compare-calm-storm.html").read_text()
    for run in (said.json["data"]["base"], *said.json["data"]["runs"]):
        assert all("band" in sector for sector in run["headline"]["sectors"].values())


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_process_gives_the_same_band(
    command: Command, workers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one worker this process solves all three; with two another one solves the ends."""
    solved: list[str] = []
    own = solve_scenario.run_scenario

    def counted(request: RunRequest, *rest: object, **more: object) -> Run:
        solved.append(request.allocation)
        return own(request, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(solve_scenario, "run_scenario", counted)
    said = command("run", "storm", "--workers", workers, "-q", "--json")
    assert said.code == 0, said.err
    (run,) = said.json["data"]["runs"]
    assert solved == ["contracts", "value", "proportional"][: 3 if workers == "1" else 1]
    (known,) = command("run", "storm", "--band", "-q", "--json").json["data"]["runs"]
    for name, sector in run["headline"]["sectors"].items():
        assert sector["range"] == known["headline"]["sectors"][name]["range"]


def test_without_it_nothing_more_is_solved(command: Command, project: Path) -> None:
    assert command("run", "storm", "--no-band", "-q").code == 0
    folder = project / "reports" / "out" / "storm"
    assert "band" not in json.loads((folder / "run.json").read_text())
    assert not list((folder / "tables").glob("band*"))
