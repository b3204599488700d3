"""Definitions as written become what they mean, or problems with their places."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from supplychain.documents import available
from supplychain.ensemble.ensemble_definition import (
    ChangeTarget,
    Distribution,
    RowTarget,
    ensemble_schema,
)
from supplychain.ensemble.load_ensemble import available_ensembles, read_definition
from supplychain.ensemble.regime_paths import Expiry, Multiplier, PathPlan
from supplychain.errors import NothingMatched
from tests.ensemble.definitions import (
    DEMAND,
    HEAD,
    INPUTS,
    PATHS,
    STOCK,
    faults,
    read,
    tiny_tables,
    with_cells,
    write,
)


def test_a_definition_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD}pairs: 4\n{PATHS}{INPUTS}")
    assert (found.name, found.base, found.start, found.weeks) == (
        "odds",
        "calm",
        date(2026, 9, 28),
        20,
    )
    assert (found.members, found.pairs, found.sampler, found.seed) == (8, 4, "sobol", 7)
    assert found.paths == PathPlan("general-licence", ("metals",), "sampled", 2.0, 8.0)
    stock, demand = found.inputs
    assert isinstance(stock.target, RowTarget)
    assert [key[0] for key in stock.target.rows] == [
        "auto-bev-chn",
        "auto-bev-eur",
        "guided-weapon-usa",
    ]
    assert (stock.target.mode, stock.unit, stock.distribution) == ("range", "quantile", None)
    assert demand.target == ChangeTarget("plan", (("sector", "auto"),))
    assert demand.distribution == Distribution("uniform", {"low": 0.8, "high": 1.2})
    assert found.groups == ("stock", "demand")
    assert found.notes == ()


def test_paths_keep_their_multipliers_and_expiries(tmp_path: Path) -> None:
    text = f"""{HEAD}{PATHS}  hazards: point
  multipliers:
    - {{from: open, to: slow, factor: 2, why: an election, source: assumption}}
  expiries:
    - {{day: 2026-11-10, from: open, to: embargo, chance: 0.25, why: it ends, source: assumption}}
"""
    plan = read(tmp_path, text).paths
    assert plan is not None
    assert plan.hazards == "point"
    assert plan.multipliers == (Multiplier("open", "slow", 2.0, "an election", "assumption"),)
    assert plan.expiries == (
        Expiry(date(2026, 11, 10), ("open",), "embargo", 0.25, "it ends", "assumption"),
    )


def test_rows_are_chosen_by_what_their_customer_or_line_is(tmp_path: Path) -> None:
    text = f"""{HEAD}inputs:
  - name: shelves
    rows:
      table: covers
      where: {{material: ndfeb-heavy, quantity: [opening_cover, target_cover]}}
      except: {{region: CHN, sector: auto}}
    why: w
    source: assumption
  - name: plants
    rows: {{table: line_numbers, where: {{stage: magnet, region: EUR, quantity: capacity}}}}
    why: w
    source: assumption
"""
    stages = set(tiny_tables()["processes"]["stage"])
    stage = next(s for s in sorted(stages) if "magnet" in s)
    shelves, plants = read(tmp_path, text.replace("stage: magnet", f"stage: {stage}")).inputs
    assert isinstance(shelves.target, RowTarget)
    assert isinstance(plants.target, RowTarget)
    assert {key[0] for key in shelves.target.rows} == {"auto-bev-eur", "guided-weapon-usa"}
    assert len(shelves.target.rows) == 4
    assert plants.target.rows == (("europe-magnets-heavy", "capacity"),)


def test_a_definition_can_be_kept_as_json(tmp_path: Path) -> None:
    kept = read(tmp_path, f"{HEAD}{PATHS}{INPUTS}").as_json()
    again = json.loads(json.dumps(kept, allow_nan=False))
    assert again["paths"]["start"] == "general-licence"
    assert again["inputs"][0]["target"]["rows"] == 3
    assert again["inputs"][1]["distribution"]["numbers"] == {"low": 0.8, "high": 1.2}


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (("members: 8", "members: 100"), "100 members are no power of two"),
        (("seed: 7", "seed: 7\npairs: 3"), "3 pairs are no power of two"),
        (("seed: 7", "seed: 7\npairs: 3\nsampler: lhs"), "no Latin hypercube themselves"),
    ],
)
def test_what_is_allowed_but_odd_is_noted(
    tmp_path: Path, change: tuple[str, str], note: str
) -> None:
    found = read(tmp_path, f"{HEAD.replace(*change)}{PATHS}{INPUTS}")
    assert len(found.notes) == 1
    assert note in found.notes[0]


def test_a_definition_is_no_scenario(tmp_path: Path) -> None:
    scenarios = write(tmp_path, f"{HEAD}{INPUTS}")
    assert "odds" not in [one.name for one in available([scenarios])]
    listed = {one.name: one for one in available_ensembles([scenarios])}
    assert listed["odds"].title == "A made-up ensemble"
    assert listed["odds"].extends == "calm"
    assert "truce-collapse" in listed


def test_a_name_that_is_not_there_brings_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(NothingMatched, match=r'no ensemble "ods".*Nearest: "odds"'):
        read_definition("ods", tiny_tables(), [write(tmp_path, f"{HEAD}{INPUTS}")])


def test_the_schema_knows_every_key() -> None:
    schema = ensemble_schema()
    assert set(schema["properties"]) >= {"base", "members", "paths", "inputs", "sampler"}
    assert {"from", "to", "chance"} <= set(schema["$defs"]["ExpiryPart"]["properties"])
    json.dumps(schema)


ONE = "inputs:\n" + STOCK
WRONG = """\
name: wrong
title: A base that is not valid
extends: calm
changes:
  - {what: plans, where: {sector: auto}, value: 1, unit: share, why: w, source: assumption}
"""
PLACED: dict[str, tuple[str, list[str]]] = {
    "unknown base": (
        HEAD.replace("calm", "clam") + ONE,
        ['3:7 ENS-101 There is no scenario "clam"'],
    ),
    "base that is wrong": (
        HEAD.replace("calm", "wrong") + ONE,
        ['3:7 ENS-101 the scenario "wrong" is not valid', "5:12 SCEN-401"],
    ),
    "no horizon": (
        HEAD.replace("horizon: {start: 2026-09-28, weeks: 20}\n", "") + ONE,
        ["1:1 ENS-102 an ensemble needs a horizon with start and weeks"],
    ),
    "horizon on a Tuesday": (
        HEAD.replace("09-28", "09-29") + ONE,
        ["4:18 ENS-102 2026-09-29 is not a Monday"],
    ),
    "more pairs than members": (
        HEAD + "pairs: 16\n" + PATHS,
        ["7:8 ENS-103 16 pairs are more than 8"],
    ),
    "pairs without paths": (HEAD + "pairs: 4\n" + ONE, ["7:8 ENS-103 pairs hold"]),
    "nothing uncertain": (HEAD, ["1:1 ENS-104 there are neither"]),
    "unknown keys": (
        HEAD.replace("seed", "sed") + ONE.replace("table", "tabel"),
        [
            '6:1 SCEN-201 "sed" is not a key here. Nearest: "seed"',
            '1:1 SCEN-202 the key "seed" is missing',
            '9:12 SCEN-201 "tabel" is not a key here. Nearest: "table"',
            '9:11 SCEN-202 the key "table" is missing',
        ],
    ),
    "distribution short of a number": (
        HEAD + "inputs:\n" + DEMAND.replace(", high: 1.2", ", mode: 1"),
        ["10:51 ENS-201 uniform has no mode", "10:19 ENS-201 uniform lacks high"],
    ),
    "low above high": (
        HEAD + "inputs:\n" + DEMAND.replace("0.8", "1.8"),
        ["10:40 ENS-202 low 1.8 is not below high 1.2"],
    ),
    "input of nothing": (
        HEAD + "inputs:\n  - {name: stock, why: w, source: assumption}\n",
        ["8:5 ENS-203 an input moves"],
    ),
    "change without a distribution": (
        HEAD + "inputs:\n" + re.sub(r"    distribution.*\n", "", DEMAND),
        ["8:5 ENS-204 a change needs a distribution"],
    ),
    "distribution of rows without by": (
        HEAD + ONE + "    distribution: {kind: uniform, low: 0.8, high: 1.2}\n",
        ["9:11 ENS-204 a distribution of rows must say"],
    ),
    "by without a distribution": (
        HEAD + ONE.replace("}}", "}, by: ratio}"),
        ["9:11 ENS-204 by and unit belong"],
    ),
    "table that is not moved": (
        HEAD + ONE.replace("covers", "sourcing"),
        ['9:19 ENS-301 "sourcing" is no table that can be moved. Its shares must add up'],
    ),
    "unknown table": (
        HEAD + ONE.replace("covers", "cover"),
        ['9:19 ENS-301 "cover" is no table that can be moved. Nearest: "covers"'],
    ),
    "unknown key of rows": (
        HEAD + ONE.replace("quantity:", "sectr:"),
        ['9:35 ENS-302 rows cannot be chosen by "sectr". Nearest: "sector"'],
    ),
    "assumption that shapes the programme": (
        HEAD
        + ONE.replace("covers", "assumptions").replace(
            "quantity: opening_cover", "assumption: weekly_periods"
        ),
        ['9:52 ENS-303 no row has assumption "weekly_periods"'],
    ),
    "unknown word of rows": (
        HEAD + ONE.replace("opening_cover", "opening_covr"),
        ['9:45 ENS-303 no row has quantity "opening_covr". Nearest: "opening_cover"'],
    ),
    "no row": (
        HEAD + ONE.replace("opening_cover}", "opening_cover, segment: auto-bev, region: USA}"),
        ["9:34 ENS-304 no row of covers is chosen"],
    ),
    "rows that cannot move": (
        HEAD + ONE.replace("covers", "line_numbers").replace("opening_cover", "ramp"),
        ["9:11 ENS-305 none of the 4 rows can move"],
    ),
    "impossible change": (
        HEAD + "inputs:\n" + DEMAND.replace("1.2", "4"),
        ["9:13 SCEN-405 4 share is not possible"],
    ),
    "change that begins before it is announced": (
        HEAD + "inputs:\n" + DEMAND.replace("unit: share", "announced: 2026-10-26, unit: share"),
        ["9:60 SCEN-302 it begins with the horizon, on 2026-09-28, before it is announced"],
    ),
    "impossible ratio": (
        HEAD
        + ONE.replace("}}", "}, by: ratio}")
        + "    distribution: {kind: uniform, low: -1, high: 1.2}\n",
        ["9:65 ENS-306 a ratio of -1"],
    ),
    "impossible value": (
        HEAD
        + "inputs:\n  - name: share\n"
        + "    rows: {table: regime_parameters, where: {parameter: review}, by: value, unit: day}\n"
        + "    distribution: {kind: uniform, low: -7, high: 7}\n"
        + "    why: w\n    source: assumption\n",
        ["9:70 ENS-306 -1 to 1 week is not possible"],
    ),
    "unit that does not fit": (
        HEAD + "inputs:\n" + DEMAND.replace("unit: share", "unit: week"),
        ['9:55 ENS-307 "week" does not fit'],
    ),
    "one row twice": (
        HEAD
        + ONE
        + STOCK.replace("name: stock", "name: shelf").replace(
            "{quantity", "{sector: auto, quantity"
        ),
        ['13:11 ENS-401 it moves 2 rows that "stock" moves too, as auto-bev-chn ndfeb-heavy'],
    ),
    "one change twice": (
        HEAD + "inputs:\n" + DEMAND + DEMAND.replace("name: demand", "name: wish"),
        ["13:5 SCEN-411 it sets a number that plan in line 8"],
    ),
    "one name twice": (
        HEAD + ONE + DEMAND.replace("name: demand", "name: stock"),
        ['12:11 ENS-402 "stock" is the name of the input in line 8 too'],
    ),
    "group of one": (
        HEAD + "inputs:\n" + STOCK.replace("    rows", "    group: shelves\n    rows") + DEMAND,
        ['9:12 ENS-403 "shelves" has this input only'],
    ),
    "group named as an input": (
        HEAD + "inputs:\n" + STOCK.replace("    rows", "    group: demand\n    rows") + DEMAND,
        ['9:12 ENS-403 "demand" is the name of an input'],
    ),
    "unknown track": (
        HEAD + PATHS.replace("[metals]", "[metal]"),
        ['9:12 ENS-502 "metal" is no track of regime_spells.csv. Nearest: "metals"'],
    ),
    "unknown state": (
        HEAD + PATHS.replace("general-licence", "general"),
        ['8:10 SCEN-203 "general": '],
    ),
    "multiplier that leads nowhere": (
        HEAD
        + PATHS
        + "  multipliers:\n"
        + "    - {from: open, to: open, factor: 2, why: w, source: assumption}\n"
        + "    - {from: slow, to: open, factor: 2, why: w, source: assumption}\n"
        + "    - {from: slow, to: open, factor: 3, why: w, source: nobody}\n",
        [
            '12:24 ENS-503 it leads from "open" to itself',
            '14:7 ENS-503 the hazard from "slow" to "open" has a factor already',
            '14:57 SCEN-401 "nobody"',
        ],
    ),
    "expiry outside the horizon": (
        HEAD
        + PATHS
        + "  expiries:\n"
        + "    - {day: 2027-11-10, from: [open, slow], to: slow, chance: 0.5, why: w, "
        + "source: assumption}\n",
        [
            "12:13 ENS-504 2027-11-10 lies outside the horizon, 2026-09-28 to 2027-02-15",
            '12:49 ENS-504 it leads from "slow" to itself',
        ],
    ),
    "chance above one": (
        HEAD
        + PATHS
        + "  expiries:\n"
        + "    - {day: 2026-11-10, from: open, to: slow, chance: 1.5, why: w, "
        + "source: assumption}\n",
        ['12:55 SCEN-203 "1.5": at most 1'],
    ),
    "two faults in one file": (
        HEAD.replace("members: 8", "members: 0") + ONE.replace("covers", "cover"),
        ["5:10 SCEN-203", "9:19 ENS-301"],
    ),
}


@pytest.mark.parametrize("name", PLACED)
def test_what_is_wrong_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    text, expected = PLACED[name]
    wrong = write(tmp_path, text).parent / "scenarios" / "wrong.yaml"
    wrong.write_text(WRONG, encoding="utf-8")
    found = [f"{p.line}:{p.column} {p.code} {p.message} {p.hint}" for p in faults(tmp_path, text)]
    missed = [one for one in expected if not any(told.startswith(one) for told in found)]
    assert (missed, len(found)) == ([], len(expected)), found


def test_rows_without_a_range_need_a_spread(tmp_path: Path) -> None:
    blank = with_cells(
        "covers", "auto-bev-eur ndfeb-heavy opening_cover", {"low": None, "high": None}
    )
    text = HEAD + ONE
    (found,) = faults(tmp_path, text, blank)
    assert found.code == "ENS-305"
    assert (
        "1 of 3 rows has no range in the data: auto-bev-eur ndfeb-heavy opening_cover"
        in found.message
    )
    (stock,) = read(tmp_path, text.replace("}}", "}, spread: {low: 0.5, high: 2}}"), blank).inputs
    assert isinstance(stock.target, RowTarget)
    assert stock.target.spread == (0.5, 2.0)


def test_a_state_without_a_regime_is_told(tmp_path: Path) -> None:
    tables = with_cells("regime_states", "suspended embargo", {"state": "embargo"})
    (found,) = faults(tmp_path, HEAD + PATHS, tables)
    assert (found.code, found.line) == ("ENS-501", 8)
    assert "no regime for suspended" in found.message
