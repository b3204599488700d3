"""Members are a pure function of definition, data and seed, and follow their laws."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from supplychain.dataset.schema_policy import STATES
from supplychain.ensemble.ensemble_definition import Definition
from supplychain.ensemble.members import Member, draw, hazard_position
from tests.ensemble.definitions import DEMAND, HEAD, INPUTS, PATHS, STOCK, read, tiny_tables

TABLES = tiny_tables()

GROUPED = "".join(
    [
        HEAD,
        "inputs:\n",
        STOCK.replace("    rows", "    group: all\n    rows"),
        DEMAND.replace("    change", "    group: all\n    sign: -1\n    change"),
    ]
)


@pytest.fixture
def definition(tmp_path: Path) -> Definition:
    return read(tmp_path, f"{HEAD}{PATHS.replace('general-licence', 'open')}{INPUTS}")


def column(members: Sequence[Member], name: str) -> np.ndarray:
    return np.array([member.position[name] for member in members])


def test_the_same_seed_gives_the_same_members(definition: Definition) -> None:
    assert draw(definition, TABLES) == draw(definition, TABLES)
    assert draw(definition, TABLES) != draw(replace(definition, seed=8), TABLES)


@pytest.mark.parametrize("sampler", ["sobol", "lhs"])
def test_each_slice_of_an_input_has_one_member(definition: Definition, sampler: str) -> None:
    members = draw(replace(definition, members=64, sampler=sampler), TABLES)
    for name in (*definition.groups, hazard_position("open")):
        assert sorted((column(members, name) * 64).astype(int)) == list(range(64)), name


def test_a_longer_sobol_sample_begins_with_the_shorter(definition: Definition) -> None:
    short, long = draw(definition, TABLES), draw(replace(definition, members=21), TABLES)
    assert long[:8] == short
    assert [member.index for member in long] == list(range(21))


def test_one_member_can_be_drawn(definition: Definition) -> None:
    assert len(draw(replace(definition, members=1), TABLES)) == 1


def test_a_group_shares_one_quantile_and_a_sign_turns_it(tmp_path: Path) -> None:
    for member in draw(read(tmp_path, GROUPED), TABLES):
        (at,) = member.position.values()
        assert member.inputs["stock"] == at
        assert member.inputs["demand"] == pytest.approx(1.2 - 0.4 * at)


def test_inputs_alone_draw_no_paths(tmp_path: Path) -> None:
    for member in draw(read(tmp_path, f"{HEAD}{INPUTS}"), TABLES):
        assert (member.path, member.hazards) == ((), {})


def test_point_hazards_have_no_quantile_and_are_alike(tmp_path: Path) -> None:
    members = draw(read(tmp_path, f"{HEAD}{PATHS}  hazards: point\n"), TABLES)
    assert {tuple(member.hazards.values()) for member in members} == {
        tuple(members[0].hazards.values())
    }
    assert all(member.position == {} for member in members)


def test_members_are_small_and_travel(definition: Definition) -> None:
    members = draw(definition, TABLES)
    assert pickle.loads(pickle.dumps(members)) == members
    assert len(pickle.dumps(members[0])) < 4096


def test_the_mean_of_a_linear_toy_is_its_formula(tmp_path: Path) -> None:
    """E[3 stock - 2 demand + 1] with a quantile of mean 1/2 and a uniform of mean 1."""
    found = read(tmp_path, f"{HEAD.replace('members: 8', 'members: 1024')}{INPUTS}")
    toy = [3 * m.inputs["stock"] - 2 * m.inputs["demand"] + 1 for m in draw(found, TABLES)]
    assert np.mean(toy) == pytest.approx(0.5, abs=1e-3)


def test_the_start_survives_as_record_and_prior_say(definition: Definition) -> None:
    """One event in 13 weeks, and a prior of 2 in 8: P(K > k) = (21 / (21 + k))^3."""
    members = draw(replace(definition, members=2048), TABLES)
    for week in (1, 4, 10, 19):
        held = sum(len(m.path) == 1 or m.path[1].week > week for m in members) / 2048
        assert held == pytest.approx((21 / (21 + week)) ** 3, abs=0.01), week


def test_every_member_starts_in_the_state_of_the_plan(definition: Definition) -> None:
    members = draw(definition, TABLES)
    assert {(m.path[0].week, m.path[0].state, m.path[0].regime) for m in members} == {
        (0, "open", "open")
    }
    assert {len(m.hazards) for m in members} == {len(STATES) * (len(STATES) - 1)}


def test_the_first_spells_are_spread_as_evenly_as_the_inputs(tmp_path: Path) -> None:
    """With one hazard for all, N (1 - exp(-h k)) members have left by week k, or one off."""
    text = f"{HEAD.replace('members: 8', 'members: 256')}{PATHS}  hazards: point\n"
    members = draw(read(tmp_path, text), TABLES)
    rates = members[0].hazards.items()
    hazard = sum(rate for name, rate in rates if name.startswith("general-licence>"))
    for week in range(1, 20):
        left = sum(len(m.path) > 1 and m.path[1].week <= week for m in members)
        assert abs(left + 256 * math.expm1(-hazard * week)) <= 1, week
