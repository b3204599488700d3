"""The same scenario with other planners, kept with the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from supplychain.runs.run_schema import BAND_ENDS, PERFECT, Run
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import (
    World,
    add_band,
    band_requests,
    open_world,
    run_scenario,
    solve_band,
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
    asked_all = replace(request_, band=(*BAND_ENDS, PERFECT))
    found = with_band(run, asked_all, world)
    assert list(found.record["band"]) == ["value", "proportional", "perfect"]
    ways = found.record["band"]
    assert [ways[k]["foresight"] for k in ways] == ["rolling", "rolling", "perfect"]
    assert [ways[k]["allocation"] for k in ways] == ["value", "proportional", "contracts"]
    assert len({run.record["id"], *(way["id"] for way in ways.values())}) == 4
    assert found.record["id"] == run.record["id"]
    for kind, asked in band_requests(asked_all, "rolling").items():
        alone = run_scenario(asked, world=world)
        kept = found.tables["band_shortfall"]
        kept = kept[kept["kind"] == kind]
        assert kept["lost_value_usd"].sum() == pytest.approx(total(alone))
        told = sum(s["band"][kind] for s in found.headline["sectors"].values())
        assert told == pytest.approx(total(alone))
    told = sum(s["band"]["contracts"] for s in found.headline["sectors"].values())
    assert told == pytest.approx(total(run))
    assert total(run) > 0.0
    assert set(found.tables["band_indicators"]["kind"]) == {"value", "proportional", "perfect"}


def test_a_run_is_not_its_own_band(request_: RunRequest) -> None:
    asked = replace(request_, band=(*BAND_ENDS, PERFECT))
    assert list(band_requests(asked, "perfect")) == ["value", "proportional"]
    shared = replace(asked, allocation="proportional")
    assert list(band_requests(shared, "rolling")) == ["value", "perfect"]
    assert not any(one.band for one in band_requests(asked, "rolling").values())


def test_a_process_of_its_own_brings_what_a_band_needs(
    world: World, request_: RunRequest, run: Run
) -> None:
    asked = replace(request_, band=BAND_ENDS)
    assert add_band(run, solve_band(asked)).headline == with_band(run, asked, world).headline
