"""A recorded run solved again from its record alone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from supplychain.dataset import read_tables
from supplychain.errors import InvalidInput
from supplychain.runs.run_cache import keep_data
from supplychain.runs.run_schema import BAND_ENDS, Run
from supplychain.runs.run_store import read_run, write_run
from supplychain.study.reproduce import recorded_request, reproduce
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import open_world, run_scenario, with_band
from tests.cli.projects import make_project

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> RunRequest:
    """Everything that a run can be asked for: settings, another horizon, an overlay."""
    folder = tmp_path_factory.mktemp("project")
    data = folder / "data"
    shutil.copytree(TINY, data)
    make_project(folder)
    (folder / "numbers").mkdir()
    head, first, *_ = (TINY / "stocks.csv").read_text().splitlines()
    cells = dict(zip(head.split(","), first.split(","), strict=True))
    row = ",".join({**cells, "value": "1.5"}.values())
    (folder / "numbers" / "stocks.csv").write_text(f"{head}\n{row}\n")
    return RunRequest(
        scenario="storm",
        data=data,
        overlays=(folder / "numbers",),
        folders=(folder / "scenarios",),
        allocation="proportional",
        weeks=16,
    )


@pytest.fixture(scope="module")
def recorded(request_: RunRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run as it was written and read again; the scenario's file is gone since."""
    made = run_scenario(request_)
    folder = tmp_path_factory.mktemp("run")
    write_run(made, folder)
    for file in request_.folders[0].iterdir():
        file.unlink()
    return read_run(folder)


def test_it_comes_out_the_same(recorded: Run) -> None:
    found = reproduce(recorded)
    assert found.moved == ()
    assert all(table.largest == 0.0 for table in found.tables)
    assert {table.table for table in found.tables} == set(recorded.tables)
    assert (found.data, found.versions) == (None, {})
    assert found.loss[0] == found.loss[1] > 0.0


def test_without_the_overlay_it_does_not(recorded: Run) -> None:
    record = {**recorded.record, "inputs": {**recorded.record["inputs"], "overlays": []}}
    found = reproduce(replace(recorded, record=record))
    assert found.data is not None
    assert "stocks" in [table.table for table in found.moved]


def test_a_number_that_was_changed_on_disk_is_found(recorded: Run) -> None:
    flows = recorded.tables["flows"]
    worst = flows["tonnes"].idxmax()
    moved = flows.assign(tonnes=flows["tonnes"].where(flows.index != worst, 3.0))
    found = reproduce(replace(recorded, tables={**recorded.tables, "flows": moved}))
    (table,) = found.moved
    assert (table.table, table.rows, table.old) == ("flows", 1, 3.0)
    assert reproduce(recorded, tolerance=0.0).moved == ()


def test_other_versions_are_named(recorded: Run) -> None:
    then = {**recorded.record["versions"], "highspy": "0.1"}
    found = reproduce(replace(recorded, record={**recorded.record, "versions": then}))
    assert list(found.versions) == ["highspy"]
    assert found.versions["highspy"][0] == "0.1"


def test_data_that_are_gone(recorded: Run, tmp_path: Path) -> None:
    inputs: dict[str, Any] = {**recorded.record["inputs"], "data": str(tmp_path / "gone")}
    run = replace(recorded, record={**recorded.record, "inputs": inputs})
    with pytest.raises(InvalidInput):
        reproduce(run)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(recorded.record["inputs"]["data"], elsewhere)
    assert reproduce(run, data=elsewhere).moved == ()


def test_the_copy_that_reports_keep_stands_in(recorded: Run, tmp_path: Path) -> None:
    inputs = recorded.record["inputs"]
    tables = read_tables(inputs["data"], inputs["overlays"])
    keep_data(tables, tmp_path)
    changed = {**inputs, "overlays": []}
    run = replace(recorded, record={**recorded.record, "inputs": changed})
    assert reproduce(run).moved != ()
    found = reproduce(run, out=tmp_path)
    assert (found.kept, found.data, found.moved) == (True, None, ())
    gone = {**inputs, "data": str(tmp_path / "gone")}
    run = replace(recorded, record={**recorded.record, "inputs": gone})
    assert reproduce(run, out=tmp_path).moved == ()
    assert not reproduce(recorded, out=tmp_path).kept


def test_a_band_is_solved_again_too(recorded: Run, request_: RunRequest, tmp_path: Path) -> None:
    world = open_world(request_.data, request_.overlays)
    asked = replace(recorded_request(recorded, tmp_path, threads=1), band=BAND_ENDS)
    made = with_band(run_scenario(asked, world=world), asked, world)
    found = reproduce(replace(made, record={**made.record, "inputs": recorded.record["inputs"]}))
    assert found.moved == ()
    assert "band_shortfall" in [table.table for table in found.tables]
