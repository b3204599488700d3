"""A past that is solved: what it leaves, kept once, and the same to the last bit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supplychain.case.case import build_case
from supplychain.case.past import Past
from supplychain.dataset import Tables, read_tables
from supplychain.runs import kept_arrays
from supplychain.runs.run_schema import Run
from supplychain.scenario.history import last_part
from supplychain.scenario.scenario import Scenario
from supplychain.study.run_request import RunRequest, resolve
from supplychain.study.solve_scenario import open_world, run_scenario, world_of
from supplychain.study.solved_past import past_key

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
FIRST, START = date(2026, 4, 6), date(2026, 9, 28)
"""Twenty-five weeks of past: two parts of twelve and one of one week."""
STORMY = """\
name: stormy
title: A storm before the start and one after it
horizon: {start: 2026-09-28, weeks: 12}
history: {from: 2026-04-06}
timeline:
  - announced: 2026-05-04
    effective: 2026-05-04
    set: {regime: embargo, exporter: CHN}
    why: a storm of the past
    source: assumption
  - announced: 2026-07-27
    effective: 2026-07-27
    set: {regime: slow, exporter: CHN}
    why: it passes
    source: assumption
  - announced: 2026-11-02
    effective: 2026-11-02
    set: {regime: embargo, exporter: CHN}
    why: a storm ahead
    source: assumption
"""


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables(TINY)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, empty."""
    monkeypatch.setenv(kept_arrays.PLACE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def asked(tmp_path: Path, cache: Path) -> RunRequest:
    """A request whose past is kept in a cache of the test's own."""
    assert not cache.exists()
    (tmp_path / "stormy.yaml").write_text(STORMY)
    return RunRequest("stormy", data=TINY, folders=(tmp_path,))


def with_settings(asked: RunRequest, settings: dict[str, str]) -> RunRequest:
    return replace(asked, settings=settings)


def test_the_past_is_cut_into_parts_that_a_later_start_shares(
    asked: RunRequest, tables: Tables
) -> None:
    scenario = resolve(asked, tables)
    parts = parts_of(scenario)
    assert [(str(p.start), p.weeks) for p in parts] == [
        ("2026-04-06", 12), ("2026-06-29", 12), ("2026-09-21", 1),
    ]  # fmt: skip
    assert [p.history for p in parts] == [None, FIRST, FIRST]
    assert [len(p.timeline) for p in parts] == [1, 2, 2]
    later = resolve(with_settings(asked, {"horizon.start": "2026-10-05"}), tables)
    keys = [[key_of(p) for p in parts_of(s)] for s in (scenario, later)]
    assert keys[0][:2] == keys[1][:2]
    assert keys[0][2] != keys[1][2]


def parts_of(scenario: Scenario) -> list[Scenario]:
    found: list[Scenario] = []
    until = scenario.start
    while (part := last_part(scenario, until)) is not None:
        found.insert(0, part)
        until = part.start
    return found


def key_of(part: Scenario) -> str:
    return past_key(part.as_json(), "data", "contracts")


@pytest.fixture
def whole(asked: RunRequest, tables: Tables) -> Run:
    """The same weeks in one run from the past's first Monday, without a solved past."""
    longer = with_settings(
        asked,
        {"history.from": "none", "horizon.start": FIRST.isoformat(), "horizon.weeks": "37"},
    )
    return run_scenario(longer, world=world_of(tables))


@pytest.mark.parametrize("later", range(-1, 4))
def test_what_follows_a_solved_past_is_what_one_long_run_gives(
    asked: RunRequest, tables: Tables, whole: Run, later: int
) -> None:
    """The start is no decision of its own: what was planned before it is done."""
    start = START + timedelta(weeks=later)
    own = {"horizon.start": start.isoformat(), "horizon.weeks": str(12 - later)}
    run = run_scenario(with_settings(asked, own), world=world_of(tables))
    for name in ("shortfall", "stocks", "flows"):
        one = run.tables[name]
        other = whole.tables[name]
        other = other[other["week"] >= start.isoformat()].reset_index(drop=True)
        same = [c for c in one.columns if c not in ("scenario", "lost_for_good", "lost_value_usd")]
        numbers = one[same].select_dtypes("number").columns
        assert one[same].drop(columns=numbers).equals(other[same].drop(columns=numbers)), name
        mine, theirs = (frame[numbers].fillna(0.0).to_numpy() for frame in (one, other))
        assert np.abs(mine - theirs).max() <= 1e-7 * np.abs(theirs).max(), name
    assert run.tables["shortfall"]["lost"].sum() > 0.0


def test_what_counts_from_the_start_is_planned_for_at_the_start(
    asked: RunRequest, tables: Tables
) -> None:
    """The plan made before holds for three weeks, unless the scenario knows more from its start."""
    world = world_of(tables)

    def decisions(settings: dict[str, str]) -> tuple[int, ...]:
        scenario = resolve(with_settings(asked, settings), tables)
        past = world.pasts.of(scenario, world.solver)
        return build_case(world.solver.network, tables, scenario, past).decisions

    assert decisions({})[:3] == (3, 5, 7)
    assert decisions({"licence@parameter:review": "9week"})[:3] == (0, 3, 5)
    assert decisions({"shelf_cover@sector:auto": "9week"})[:3] == (0, 3, 5)
    assert decisions({"horizon.start": "2026-10-19"})[:2] == (0, 2)


def test_weeks_that_were_all_planned_before_are_the_first_of_a_longer_run(
    asked: RunRequest, tables: Tables
) -> None:
    short, longer = (
        run_scenario(with_settings(asked, {"horizon.weeks": weeks}), world=world_of(tables))
        for weeks in ("2", "12")
    )
    assert short.record["solver"]["windows"] == 0
    until = (START + timedelta(weeks=2)).isoformat()
    for name in ("stocks", "flows"):
        first = longer.tables[name][longer.tables[name]["week"] < until].reset_index(drop=True)
        assert short.tables[name].equals(first), name


def test_a_squeezed_past_leaves_less_than_full_shelves(asked: RunRequest, tables: Tables) -> None:
    solved = run_scenario(asked, world=world_of(tables))
    assumed = run_scenario(with_settings(asked, {"history.from": "none"}), world=world_of(tables))
    first = START.isoformat()

    def held(run: Run) -> float:
        stocks = run.tables["stocks"]
        abroad = (stocks["week"] == first) & (stocks["region"] != "CHN")
        return float(stocks.loc[abroad & stocks["weeks_of_cover"].notna(), "tonnes"].sum())

    assert held(solved) < 0.95 * held(assumed)
    assert solved.record["id"] != assumed.record["id"]


def test_a_kept_past_changes_no_bit_of_a_result(asked: RunRequest, tables: Tables) -> None:
    fresh = world_of(tables)
    first = run_scenario(asked, world=fresh)
    assert fresh.pasts.solved_weeks == 25
    again = world_of(tables)
    second = run_scenario(asked, world=again)
    assert again.pasts.solved_weeks == 0
    for name, table in first.tables.items():
        assert table.equals(second.tables[name]), name


def test_a_week_later_only_the_last_part_is_solved(asked: RunRequest, tables: Tables) -> None:
    run_scenario(asked, world=world_of(tables))
    world = world_of(tables)
    run_scenario(with_settings(asked, {"horizon.start": "2026-10-05"}), world=world)
    assert world.pasts.solved_weeks == 2


@pytest.mark.parametrize("harm", ["cut", "other", "empty"])
def test_a_damaged_past_is_solved_again(
    asked: RunRequest, tables: Tables, cache: Path, harm: str
) -> None:
    first = run_scenario(asked, world=world_of(tables))
    for file in (cache / "pasts").glob("*.npz"):
        whole = file.read_bytes()
        if harm == "other":
            np.savez(file, stock=np.zeros(3))
        else:
            file.write_bytes(whole[: len(whole) // 2] if harm == "cut" else b"")
    world = world_of(tables)
    second = run_scenario(asked, world=world)
    assert world.pasts.solved_weeks == 25
    assert first.tables["stocks"].equals(second.tables["stocks"])


def test_where_nothing_can_be_kept_the_run_goes_on_and_says_so(
    asked: RunRequest, tables: Tables, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write_text("a file where the folder should be")
    run_scenario(asked, world=world_of(tables))
    assert "cannot be kept" in capsys.readouterr().err


def test_an_opening_that_a_scenario_states_wins_over_its_past(asked: RunRequest) -> None:
    world = open_world(TINY)
    scenario = resolve(asked, world.tables)
    past = world.pasts.of(scenario, world.solver)
    assert isinstance(past, Past)
    network = world.solver.network
    target = next(i for i, c in enumerate(network.covers) if c.need_t_per_week > 0.0)
    customer = network.customers[network.covers[target].customer]
    where = f"sector:{customer.sector},region:{customer.region}"
    stated = resolve(with_settings(asked, {f"shelf_cover@{where}": "9week"}), world.tables)
    case = build_case(network, world.tables, stated, past)
    for i, cover in enumerate(network.covers):
        owner = network.customers[cover.customer]
        mine = (owner.sector, owner.region) == (customer.sector, customer.region)
        wanted = 9.0 * cover.need_t_per_week if mine else past.cover[i]
        assert case.opening_cover[i] == pytest.approx(wanted), cover


def test_names_and_reasons_do_not_name_a_past_and_numbers_do(
    asked: RunRequest, tables: Tables
) -> None:
    part: dict[str, Any] = parts_of(resolve(asked, tables))[1].as_json()
    other = {**part, "name": "x", "title": "y", "extends": ["z"], "file": "elsewhere"}
    entry, *rest = part["timeline"]
    assert key(other) == key(part)
    reasoned = {**part, "timeline": [{**entry, "why": "otherwise"}, *rest]}
    assert key(reasoned) == key(part)
    sooner = {**part, "timeline": [{**entry, "effective": "2026-05-11"}, *rest]}
    assert key(sooner) != key(part)
    assert key({**part, "demand": "low"}) != key({**part, "demand": "high"})


def key(part: dict[str, Any]) -> str:
    return past_key(part, "data", "contracts")
