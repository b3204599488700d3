"""The scenario and the tables of a member."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from supplychain.case.case import build_case
from supplychain.dataset import Tables
from supplychain.ensemble.ensemble_definition import Definition
from supplychain.ensemble.members import Member, base_scenario, scenario_of, tables_of
from supplychain.ensemble.regime_paths import Step
from supplychain.network.build_network import build_network
from supplychain.policy.regimes import read_policy
from supplychain.scenario.scenario import Setting
from tests.ensemble.definitions import (
    DEMAND,
    HEAD,
    INPUTS,
    PATHS,
    STOCK,
    read,
    tiny_tables,
    with_cells,
    write,
)

TABLES = tiny_tables()
PATH = (Step(0, "open", "open"), Step(3, "tightened", "slow"), Step(9, "general-licence", "open"))


def member(definition: Definition, at: float, path: tuple[Step, ...] = ()) -> Member:
    """A member with every group at one quantile; what distributions draw is that quantile too."""
    inputs = {one.name: at for one in definition.inputs}
    return Member(4, inputs, dict.fromkeys(definition.groups, at), path, {})


def moved(tables: Tables, table: str, *key: str) -> float:
    frame = tables[table]
    keys = [c for c in frame.columns if not c.startswith("_")][: len(key)]
    rows = frame[(frame[keys] == list(key)).all(axis=1)]
    return float(rows["value"].item())


def test_rows_move_inside_their_own_range(tmp_path: Path) -> None:
    """Triangular from 5.5 over 11 to 22: the median is 22 - sqrt(16.5 * 11 / 2)."""
    definition = read(tmp_path, f"{HEAD}inputs:\n{STOCK}")
    found = tables_of(member(definition, 0.5), definition, TABLES)
    cover = moved(found, "covers", "auto-bev-eur", "ndfeb-heavy", "opening_cover")
    assert cover == pytest.approx(22 - (16.5 * 11 / 2) ** 0.5)
    assert moved(found, "covers", "auto-bev-eur", "ndfeb-heavy", "target_cover") == 6.0


@pytest.mark.parametrize(("at", "cover"), [(0.0, 5.5), (0.25, 9.625), (1.0, 22.0)])
def test_a_uniform_shape_goes_evenly_from_low_to_high(
    tmp_path: Path, at: float, cover: float
) -> None:
    text = f"{HEAD}inputs:\n{STOCK}".replace("}}", "}, shape: uniform}")
    definition = read(tmp_path, text)
    found = tables_of(member(definition, at), definition, TABLES)
    assert moved(found, "covers", "auto-bev-eur", "ndfeb-heavy", "opening_cover") == cover


def test_a_sign_turns_the_rows(tmp_path: Path) -> None:
    text = f"{HEAD}inputs:\n{STOCK}    sign: -1\n"
    definition = read(tmp_path, text)
    found = tables_of(member(definition, 0.0), definition, TABLES)
    assert moved(found, "covers", "auto-bev-eur", "ndfeb-heavy", "opening_cover") == 22.0


def test_only_the_frames_that_change_are_new(tmp_path: Path) -> None:
    definition = read(tmp_path, f"{HEAD}inputs:\n{STOCK}")
    before = TABLES["covers"].copy()
    found = tables_of(member(definition, 0.9), definition, TABLES)
    assert [name for name in found if found[name] is not TABLES[name]] == ["covers"]
    assert TABLES["covers"].equals(before)
    assert found["covers"].drop(columns="value").equals(before.drop(columns="value"))
    assert found.hash != TABLES.hash
    other = tables_of(member(definition, 0.8), definition, TABLES)
    assert other.hash != found.hash
    assert tables_of(member(definition, 0.9), definition, TABLES).hash == found.hash


def test_the_tables_are_the_same_object_when_no_row_moves(tmp_path: Path) -> None:
    definition = read(tmp_path, f"{HEAD}inputs:\n{DEMAND}")
    assert tables_of(member(definition, 0.9), definition, TABLES) is TABLES


def rows_text(rows: str, law: str = "") -> str:
    return (
        f"{HEAD}inputs:\n  - name: it\n    rows: {{{rows}}}\n{law}"
        "    why: w\n    source: assumption\n"
    )


UNIFORM = "    distribution: {kind: uniform, low: 0, high: 30}\n"


def test_a_ratio_multiplies_the_rows(tmp_path: Path) -> None:
    rows = "table: stocks, where: {region: EUR}, by: ratio"
    definition = read(tmp_path, rows_text(rows, UNIFORM))
    found = tables_of(member(definition, 3.0), definition, TABLES)
    assert moved(found, "stocks", "EUR", "dy-oxide", "opening_stock") == 3.0


def test_a_value_replaces_the_rows_in_their_unit(tmp_path: Path) -> None:
    rows = "table: regime_parameters, where: {regime: slow, parameter: review}"
    definition = read(tmp_path, rows_text(f"{rows}, by: value, unit: day", UNIFORM))
    found = tables_of(member(definition, 21.0), definition, TABLES)
    assert read_policy(found).parameter("slow", "ANY", "EUR", "civil", "review") == 3.0


def test_a_share_stays_a_share(tmp_path: Path) -> None:
    rows = "table: regime_parameters, where: {regime: slow, parameter: approval_share}, by: ratio"
    definition = read(tmp_path, rows_text(rows, UNIFORM))
    found = tables_of(member(definition, 5.0), definition, TABLES)
    assert read_policy(found).parameter("slow", "ANY", "EUR", "civil", "approval_share") == 1.0


def test_a_fitted_row_moves_in_place_of_its_prior(tmp_path: Path) -> None:
    key, range_ = "embargo ANY ANY ANY throughput", {"low": 1.0}
    tables = with_cells("fitted_parameters", key, range_)
    tables = with_cells("regime_parameters", key, range_, tables)
    rows = "table: regime_parameters, where: {regime: [embargo, slow], parameter: throughput}"
    definition = read(tmp_path, rows_text(f"{rows}, shape: uniform"), tables)
    found = tables_of(member(definition, 0.5), definition, tables)
    assert read_policy(found).parameter("embargo", "ANY", "EUR", "civil", "throughput") == 1.5
    prior = moved(found, "regime_parameters", "embargo", "ANY", "ANY", "ANY", "throughput")
    assert prior == 2.0


def test_a_spread_is_for_rows_without_a_range_alone(tmp_path: Path) -> None:
    blank = with_cells(
        "covers", "auto-bev-eur ndfeb-heavy opening_cover", {"low": None, "high": None}
    )
    text = f"{HEAD}inputs:\n{STOCK}".replace("}}", "}, spread: {low: 0.9, high: 1.1}}")
    definition = read(tmp_path, text, blank)
    found = tables_of(member(definition, 1.0), definition, blank)
    covers = [
        moved(found, "covers", name, "ndfeb-heavy", "opening_cover")
        for name in ("auto-bev-eur", "auto-bev-chn")
    ]
    assert covers == pytest.approx([12.1, 6.0])


def test_an_assumption_moves(tmp_path: Path) -> None:
    rows = "table: assumptions, where: {assumption: other_use_share}, shape: uniform"
    definition = read(tmp_path, rows_text(rows))
    found = tables_of(member(definition, 0.5), definition, TABLES)
    assert found.assumption("other_use_share") == pytest.approx(0.065)


def test_a_path_takes_the_place_of_the_later_timeline(tmp_path: Path) -> None:
    text = f"{HEAD.replace('calm', 'storm')}{PATHS}{INPUTS}"
    folder = write(tmp_path, text)
    definition = read(tmp_path, text)
    base = base_scenario(definition, TABLES, [folder])
    assert (base.start, base.weeks, len(base.timeline)) == (date(2026, 9, 28), 20, 2)
    found = scenario_of(member(definition, 1.1, PATH), definition, base, TABLES)
    assert [(e.effective, e.setting) for e in found.timeline] == [
        (date(2026, 9, 28), Setting("open", "CHN")),
        (date(2026, 10, 19), Setting("slow", "CHN")),
        (date(2026, 10, 19), Setting("embargo", "CHN", "cn-2025-18-magnets")),
        (date(2026, 11, 30), Setting("open", "CHN")),
    ]
    assert found.name == "odds-4"
    assert [(c.what, c.value, c.unit) for c in found.changes] == [("plan", 1.1, "share")]
    assert found.changes[0].why == "nobody knows"


def test_the_held_arm_differs_in_the_path_alone(tmp_path: Path) -> None:
    text = f"{HEAD}{PATHS}{INPUTS}"
    folder = write(tmp_path, text)
    definition = read(tmp_path, text)
    base = base_scenario(definition, TABLES, [folder])
    drawn = member(definition, 0.9, (Step(0, "slow", "slow"), *PATH[1:]))
    held = scenario_of(drawn, definition, base, TABLES, held=True)
    assert [e.setting for e in held.timeline] == [Setting("open", "CHN"), Setting("slow", "CHN")]
    assert held.changes == scenario_of(drawn, definition, base, TABLES).changes


def test_without_paths_the_timeline_is_that_of_the_base(tmp_path: Path) -> None:
    text = f"{HEAD.replace('calm', 'storm')}{INPUTS}"
    folder = write(tmp_path, text)
    definition = read(tmp_path, text)
    base = base_scenario(definition, TABLES, [folder])
    assert scenario_of(member(definition, 0.9), definition, base, TABLES).timeline == base.timeline


def test_a_member_becomes_a_case(tmp_path: Path) -> None:
    text = f"{HEAD}{PATHS}{INPUTS}"
    folder = write(tmp_path, text)
    definition = read(tmp_path, text)
    base = base_scenario(definition, TABLES, [folder])
    drawn = member(definition, 0.9, PATH)
    tables = tables_of(drawn, definition, TABLES)
    scenario = scenario_of(drawn, definition, base, tables)
    case = build_case(build_network(tables), tables, scenario)
    assert [entry.setting.regime for entry in case.scenario.timeline][-1] == "open"
