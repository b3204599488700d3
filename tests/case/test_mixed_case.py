"""Worlds between two scenarios: at the ends they are the scenarios, number by number."""

from __future__ import annotations

import numpy as np
import pytest

from supplychain.case.case import build_case, usual_by_category
from supplychain.case.mixed_case import Pair, build_mixed_case, make_pair
from supplychain.dataset import Tables, read_tables
from supplychain.network.build_network import build_network
from supplychain.network.entities import Network
from supplychain.scenario.load_scenario import load_scenario


@pytest.fixture(scope="module")
def real() -> Tables:
    return read_tables()


@pytest.fixture(scope="module")
def whole(real: Tables) -> Network:
    return build_network(real)


def pair(network: Network, tables: Tables, one: str, other: str) -> Pair:
    settings = {"horizon.weeks": "30"}
    loaded = [load_scenario(name, tables, settings=settings) for name in (one, other)]
    return make_pair(network, tables, *loaded)


@pytest.mark.parametrize(
    ("one", "other"), [("truce", "no-truce"), ("open", "embargo"), ("no-truce", "open")]
)
def test_the_ends_are_the_scenarios_number_by_number(
    whole: Network, real: Tables, one: str, other: str
) -> None:
    both = pair(whole, real, one, other)
    for scenario, switched in ((both.one, ()), (both.other, both.causes())):
        hybrid, case = build_mixed_case(both, switched), build_case(whole, real, scenario)
        assert hybrid.decisions == case.decisions
        for name in (
            "opening_stock", "opening_cover", "opening_licences", "past_arcs", "past_deliveries",
        ):  # fmt: skip
            assert np.allclose(getattr(hybrid, name), getattr(case, name), rtol=1e-12), name
        for week in case.decisions:
            mixed = vars(hybrid.believed(week))
            for name, values in vars(case.believed(week)).items():
                assert np.allclose(mixed[name], values, rtol=1e-12), (week, name)
        series, mixed = case.licence_series(), hybrid.licence_series()
        usual = usual_by_category(whole)[:, None] > 0.0
        read = {"transferable": np.isfinite(series["granted"]) & usual}
        for name, values in series.items():
            where = read.get(name, np.ones(values.shape, dtype=bool))
            assert np.allclose(mixed[name][where], values[where], rtol=1e-12), name


def test_military_users_alone_move_nobody_else(whole: Network, real: Tables) -> None:
    both = pair(whole, real, "truce", "embargo")
    base, denied = (build_mixed_case(both, switched).known() for switched in ((), ("military",)))
    owners = [both.owners[u.category] for u in whole.end_users]
    military = np.array([owner == "military" for owner in owners])
    assert (base.granted[~military] == denied.granted[~military]).all()
    assert (base.granted[military] != denied.granted[military]).any()


def test_a_cause_that_does_not_differ_is_not_switched(whole: Network, real: Tables) -> None:
    both = pair(whole, real, "truce", "no-truce")
    assert build_mixed_case(both, ("stocks", "review")).switched == {"review"}
