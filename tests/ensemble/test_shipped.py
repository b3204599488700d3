"""The ensemble that ships."""

from __future__ import annotations

from collections import Counter

import pytest

from supplychain.case.case import build_case
from supplychain.dataset import TABLES, Tables, read_tables
from supplychain.dataset.schema_policy import STATES
from supplychain.ensemble.ensemble_definition import Definition, RowTarget
from supplychain.ensemble.load_ensemble import available_ensembles, read_definition
from supplychain.ensemble.members import Member, base_scenario, draw, scenario_of, tables_of
from supplychain.ensemble.regime_paths import first_break
from supplychain.network.build_network import build_network
from supplychain.solve.standard_form import same_structure


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables()


@pytest.fixture(scope="module")
def definition(tables: Tables) -> Definition:
    return read_definition("truce-collapse", tables)


@pytest.fixture(scope="module")
def members(definition: Definition, tables: Tables) -> tuple[Member, ...]:
    return draw(definition, tables)


def test_it_is_listed_and_valid_without_notes(definition: Definition) -> None:
    assert "truce-collapse" in [one.name for one in available_ensembles()]
    assert (definition.members, definition.pairs, definition.notes) == (1024, 128, ())
    assert definition.base == "truce"


def test_every_input_moves_rows_that_have_ranges(definition: Definition, tables: Tables) -> None:
    moved = {one.name: one.target for one in definition.inputs}
    assert all(isinstance(target, RowTarget) for target in moved.values())
    low, high = (
        tables_of(
            Member(0, {i.name: 1.0 for i in definition.inputs}, at, (), {}), definition, tables
        )
        for at in (
            dict.fromkeys(definition.groups, 1e-9),
            dict.fromkeys(definition.groups, 1 - 1e-9),
        )
    )
    for name, target in moved.items():
        if isinstance(target, RowTarget) and target.table != "regime_parameters":
            keys = list(TABLES[target.table].key)
            values = [
                {
                    tuple(str(row[k]) for k in keys): row["value"]
                    for row in frame.records(target.table)
                }
                for frame in (low, high)
            ]
            assert any(values[0][key] != values[1][key] for key in target.rows), name


NEW = (
    "civil-demand",
    "military-demand",
    "chinese-plants",
    "licences-passed-on",
    "firms-differ",
    "made-up-later",
    "overtime",
    "emergency-recipes",
    "off-take",
    "usual-purchases",
)


def test_the_numbers_of_firms_contracts_and_growth_share_one_compiled_programme(
    definition: Definition, tables: Tables
) -> None:
    """Each of them drawn at its low and its high end, all else as in the data."""
    names = {one.name: one.group for one in definition.inputs}
    assert set(NEW) <= set(names)
    own = build_network(tables)
    for end in (1e-9, 1 - 1e-9):
        at = dict.fromkeys(definition.groups, 0.5)
        at |= {names[name]: end for name in NEW}
        drawn = {i.name: 1.0 for i in definition.inputs}
        network = build_network(tables_of(Member(0, drawn, at, (), {}), definition, tables))
        assert network.customers != own.customers
        assert same_structure(own, network)


def test_all_states_are_met_and_most_futures_leave_the_start(members: tuple[Member, ...]) -> None:
    states = Counter(step.state for member in members for step in member.path)
    assert set(states) == set(STATES)
    broken = sum(first_break(member.path) is not None for member in members) / len(members)
    assert 0.6 < broken < 0.85


def test_each_regime_on_a_path_can_be_worked_into_the_network(
    definition: Definition, members: tuple[Member, ...], tables: Tables
) -> None:
    """One member for each regime, with its own numbers."""
    base = base_scenario(definition, tables)
    first: dict[str, Member] = {}
    for member in members:
        for step in member.path:
            first.setdefault(step.regime, member)
    assert len(first) == len(tables["regime_states"])
    for regime, member in first.items():
        own = tables_of(member, definition, tables)
        scenario = scenario_of(member, definition, base, own)
        case = build_case(build_network(own), own, scenario)
        assert regime in [entry.setting.regime for entry in case.scenario.timeline]
