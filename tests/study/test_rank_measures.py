"""Measures on the tiny world: each the difference of two solved runs."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from measure_files import measure, write_measures

from supplychain.study.measure_ranking import Ranked, Ranking, as_json
from supplychain.study.rank_measures import ask, rank
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import World, open_world, run_scenario
from tests.cli.projects import make_project

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
SHUT = """\
name: shut
title: Nothing leaves
horizon: {start: 2026-09-28, weeks: 24}
timeline:
  - announced: 2026-10-26
    effective: 2026-11-02
    set: {regime: embargo}
    why: a reason
    source: assumption
"""
OF_PRICE = "{value: 0.5, low: 0, high: 1, unit: price"


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(TINY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_project(tmp_path_factory.mktemp("project")) / "scenarios"
    (folder / "shut.yaml").write_text(SHUT)
    write_measures(
        folder,
        measure("none", "added_cover@sector: auto=0 week", OF_PRICE),
        measure("shelf", "added_cover@customer: auto-bev-eur=4 week", OF_PRICE),
        measure("shelves", "added_cover@sector: auto=6 week", OF_PRICE),
        measure("makers", "maker_head_start@customer: guided-weapon-usa=60 week"),
        measure("thrift", "recipe_head_start@recipe: thrifted=20 week"),
        measure("release", "added_supply@region: EUR, material: dy-oxide=1 t/week"),
    )
    return folder


@pytest.fixture(scope="module")
def request_(folder: Path) -> RunRequest:
    return RunRequest("shut", data=TINY, folders=(folder,))


@pytest.fixture(scope="module")
def found(world: World, request_: RunRequest, folder: Path) -> Ranking:
    asked = ask(request_, world, folder / "out", measures="mine", only=(), budget=math.inf, most=3)
    return rank(asked, world, quiet=True)


def of(found: Ranking, name: str) -> Ranked:
    return next(one for one in found.ranked if one.measure.name == name)


def test_value_kept_is_the_difference_of_two_runs_and_never_above_the_loss(
    found: Ranking, world: World, request_: RunRequest
) -> None:
    lost = found.base.lost_usd
    base = run_scenario(request_, world=world)
    assert lost > 0.0
    assert lost == pytest.approx(base.tables["shortfall"]["lost_value_usd"].sum())
    setting = {"added_cover@customer:auto-bev-eur": "4week"}
    run = run_scenario(replace(request_, settings=setting), world=world)
    gap = lost - run.tables["shortfall"]["lost_value_usd"].sum()
    assert of(found, "shelf").kept_usd == pytest.approx(gap, rel=1e-6)
    assert of(found, "shelf").kept_usd > 0.0
    for one in found.ranked:
        assert one.kept_usd <= lost
        assert one.kept_usd == pytest.approx(sum(one.kept_by_sector.values()))
        assert one.per_usd.low <= one.per_usd.central <= one.per_usd.high


def test_a_measure_of_no_size_changes_nothing_and_costs_nothing(found: Ranking) -> None:
    none = of(found, "none")
    assert (none.kept_usd, none.cost.high, none.per_usd.central) == (0.0, 0.0, 0.0)
    assert none.first_stop is None


def test_goods_are_paid_by_the_price_of_the_data(found: Ranking, world: World) -> None:
    shelf = of(found, "shelf")
    network = world.solver.network
    cover = next(c for c in network.covers if network.customers[c.customer].name == "auto-bev-eur")
    kg = 4 * 1000.0 * cover.need_t_per_week
    assert shelf.goods_kg == pytest.approx({"ndfeb-heavy": kg})
    assert shelf.cost.central == pytest.approx(0.5 * 70 * kg)
    assert (shelf.cost.low, shelf.cost.high) == pytest.approx((0.0, 140 * kg))


def test_the_plan_holds_no_two_that_set_one_number_and_the_frontier_falls(
    found: Ranking,
) -> None:
    for point in [*found.plan, *found.frontier]:
        assert len({"none", "shelf", "shelves"} & set(point.measures)) <= 1
    assert found.plan[-1].lost_usd < found.base.lost_usd
    lost = [point.lost_usd for point in found.frontier]
    assert lost == sorted(lost, reverse=True)
    assert lost[0] == found.base.lost_usd
    assert found.frontier[0].measures == ()


def test_a_second_call_solves_nothing(found: Ranking, world: World) -> None:
    again = rank(found.asked, world, quiet=True)
    assert found.solves["kept"] == 0
    assert again.solves == {"solved": 0, "kept": found.solves["solved"]}
    kept = {name: part for name, part in as_json(again).items() if name != "solves"}
    assert kept == {name: part for name, part in as_json(found).items() if name != "solves"}


def test_processes_find_the_same(found: Ranking, world: World, tmp_path: Path) -> None:
    only = replace(
        found.asked,
        out=tmp_path,
        most=1,
        measures=replace(
            found.asked.measures,
            measures=tuple(m for m in found.asked.measures.measures if m.name == "thrift"),
        ),
    )
    again = rank(only, world, workers=2, quiet=True)
    assert again.base.lost_usd == found.base.lost_usd
    assert of(again, "thrift").kept_usd == of(found, "thrift").kept_usd
