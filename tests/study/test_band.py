"""The same scenario with other planners, kept with the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from supplychain.runs.run_schema import Run
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import (
    World,
    band_requests,
    open_world,
    run_scenario,
    with_band,
)
from tests.cli.projects import make_project

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(TINY)


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> RunRequest:
    folder = make_project(tmp_path_factory.mktemp("project")) / "scenarios"
    return RunRequest(scenario="storm", data=TINY, folders=(folder,))


@pytest.fixture(scope="module")
def run(world: World, request_: RunRequest) -> Run:
    return run_scenario(request_, world=world)


def total(run: Run) -> float:
    return float(run.tables["shortfall"]["lost_value_usd"].sum())


def test_a_run_with_its_band(world: World, request_: RunRequest, run: Run) -> None:
    found = with_band(run, request_, world)
    assert list(found.record["band"]) == ["perfect", "proportional"]
    ways = found.record["band"]
    assert [ways[k]["foresight"] for k in ways] == ["perfect", "rolling"]
    assert [ways[k]["allocation"] for k in ways] == ["value", "proportional"]
    assert len({run.record["id"], *(way["id"] for way in ways.values())}) == 3
    assert found.record["id"] == run.record["id"]
    for kind, asked in band_requests(run, request_).items():
        alone = run_scenario(asked, world=world)
        kept = found.tables["band_shortfall"]
        kept = kept[kept["kind"] == kind]
        assert kept["lost_value_usd"].sum() == pytest.approx(total(alone))
        told = sum(s["band"][kind] for s in found.headline["sectors"].values())
        assert told == pytest.approx(total(alone))
    told = sum(s["band"]["rolling"] for s in found.headline["sectors"].values())
    assert told == pytest.approx(total(run))
    assert total(run) > 0.0
    assert set(found.tables["band_indicators"]["kind"]) == {"perfect", "proportional"}


def test_a_run_is_not_its_own_band(request_: RunRequest, run: Run) -> None:
    perfect = replace(run, record={**run.record, "foresight": "perfect"})
    assert list(band_requests(perfect, request_)) == ["proportional"]
    shared = replace(run, record={**run.record, "allocation": "proportional"})
    assert list(band_requests(shared, request_)) == ["perfect"]
