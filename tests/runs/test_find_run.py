"""Words that name runs and scenarios."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supplychain.cli.options import Common
from supplychain.cli.settings import resolve, scenario_folders
from supplychain.errors import NothingMatched
from supplychain.runs.catalogue import find_run, need_run, past_runs
from supplychain.runs.run_store import write_run
from tests.runs.whole_runs import whole_run

RUNS = [("truce", "0a1b2c3d", 100), ("no-truce", "0a1bffff", 300), ("embargo", "77aa0011", 200)]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for scenario, key, second in RUNS:
        folder = tmp_path / "out" / scenario
        write_run(whole_run(scenario, key), folder)
        file = folder / "run.json"
        written = datetime.fromtimestamp(second, UTC).isoformat()
        file.write_text(json.dumps({**json.loads(file.read_text()), "written": written}))
    return tmp_path / "out"


def test_runs_are_listed_newest_first(out: Path) -> None:
    assert [run.scenario for run in past_runs(out)] == ["no-truce", "embargo", "truce"]


@pytest.mark.parametrize(
    ("word", "scenario"),
    [
        ("latest", "no-truce"),
        ("latest:truce", "truce"),
        ("77aa0011", "embargo"),
        ("0a1b2", "truce"),
    ],
)
def test_words_for_runs(out: Path, word: str, scenario: str) -> None:
    assert need_run(word, out).scenario == scenario


def test_a_folder_is_a_run(out: Path) -> None:
    found = find_run(str(out / "embargo"), Path("elsewhere"))
    assert found is not None
    assert found.folder == out / "embargo"


def test_what_may_be_a_scenario_is_no_run(out: Path) -> None:
    assert find_run("truce", out) is None
    assert find_run("0a1", out) is None


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("0a1b", "start of several runs: 0a1bffff, 0a1b2c3d"),
        ("latest:open", "There is no run of open"),
        ("latest:truc", "There is no run of truc"),
        ("latest:emb", "There is no run"),
        ("latst", 'There is no run "latst"'),
        ("latest-embargo", 'Nearest: "latest:embargo"'),
    ],
)
def test_words_that_match_nothing(out: Path, word: str, message: str) -> None:
    with pytest.raises(NothingMatched, match=message):
        need_run(word, out)


def test_no_runs_at_all(tmp_path: Path) -> None:
    with pytest.raises(NothingMatched, match="There are none yet"):
        need_run("truce", tmp_path)


def test_the_projects_scenarios_come_first(tmp_path: Path) -> None:
    shipped = scenario_folders(resolve(Common(), {}, tmp_path))
    (tmp_path / "supplychain.toml").touch()
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "deeper").mkdir()
    found = scenario_folders(resolve(Common(), {}, tmp_path / "deeper"))
    assert found == (tmp_path / "scenarios", *shipped)
    assert len(shipped) == 1
