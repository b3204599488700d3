"""What is said of a change that nothing hangs on, and of one that does."""

from __future__ import annotations

from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from supplychain.case.case import build_case
from supplychain.case.opening_inventory import shelf_weeks, short_opening, target_weeks
from supplychain.dataset import Tables, read_tables
from supplychain.dataset.overlay import Change as CellChange
from supplychain.network.build_network import build_network
from supplychain.network.entities import Network
from supplychain.policy.licence_queue import Rules, licence_binding, run_queue
from supplychain.results.binding_limits import (
    Binding,
    as_json,
    binding_limits,
    reached_by,
    unreached,
)
from supplychain.scenario.load_scenario import load_scenario
from supplychain.solve.rolling_horizon import realised
from supplychain.solve.solution import Solution


@pytest.fixture(scope="module")
def real() -> Tables:
    return read_tables()


@pytest.fixture(scope="module")
def network(real: Tables) -> Network:
    return build_network(real)


def binding(weeks: int = 30, **values: float) -> dict[str, list[int]]:
    """Parameter to the weeks in which it binds for one class of usual trade 1."""
    plain = dict.fromkeys((f.name for f in fields(Rules)), 0.0)
    plain |= {"in_force": 1.0, "returned_share": 1.0, "approval_share": 1.0, "throughput": 9.0}
    plain |= {"surge": 1.0, "review": 6.0, "validity": 26.0, "keep_pending": 1.0}
    by_week = {name: np.full((1, weeks), v) for name, v in (plain | values).items()}
    rules = Rules(**{**by_week, "changed": np.zeros((1, weeks), dtype=bool)})
    found = licence_binding(rules, run_queue(np.ones(1), rules))
    return {name: np.flatnonzero(flags[0]).tolist() for name, flags in found.items()}


def test_the_review_binds_where_the_throughput_leaves_room() -> None:
    found = binding()
    assert found["review"] == list(range(30))
    assert found["throughput"] == found["gap"] == found["approval_share"] == []


def test_the_throughput_binds_once_more_is_due_than_it_lets_through() -> None:
    found = binding(throughput=0.3)
    first = found["throughput"][0]
    assert 1 < first < 6
    assert found["throughput"] == list(range(first, 30))
    assert found["review"] == list(range(first))


def test_in_the_gap_nothing_else_binds() -> None:
    found = binding(gap=4.0)
    assert found["gap"] == [0, 1, 2, 3]
    assert found["review"][0] >= 4


def test_what_is_denied_waits_for_approval_and_not_for_a_review() -> None:
    found = binding(approval_share=0.0, throughput=0.0)
    assert found["approval_share"] == list(range(30))
    assert found["review"] == found["throughput"] == []


def test_an_instant_review_never_binds() -> None:
    assert binding(review=1.0)["review"] == []


def limits(
    real: Tables, network: Network, settings: dict[str, str], worth: float, *cells: CellChange
) -> list[Binding]:
    """What is said of `truce` if every licence were worth so much, million USD per tonne."""
    scenario = load_scenario("truce", real, (), {"horizon.weeks": "20", **settings})
    case = realised(build_case(network, real, scenario))
    duals = np.full((len(network.end_users), 20), -worth)
    solution = SimpleNamespace(realised=case, history=SimpleNamespace(licence_balance=duals))
    return binding_limits(cast(Solution, solution), cells)


YTTRIUM = "control:cn-2025-18-yttrium,destination:USA"


def test_a_review_behind_a_throughput_is_said_not_to_bind(real: Tables, network: Network) -> None:
    found = limits(real, network, {f"licence@{YTTRIUM},parameter:review": "18"}, 1.0)
    assert unreached(found) == ["review does not bind in any week; throughput does."]
    [entry] = as_json(found)
    assert (entry["binds"], entry["weeks"], entry["first"]) == (False, 0, None)
    assert cast(Any, entry["instead"])[0] == "throughput"


def test_the_throughput_there_binds_from_the_first_week(real: Tables, network: Network) -> None:
    found = limits(real, network, {f"licence@{YTTRIUM},parameter:throughput": "0.1"}, 1.0)
    assert unreached(found) == []
    assert as_json(found)[0]["first"] == "2026-11-30"


def test_licences_that_nobody_wants_more_of_bind_nobody(real: Tables, network: Network) -> None:
    found = limits(real, network, {f"licence@{YTTRIUM},parameter:throughput": "0.1"}, 0.0)
    assert unreached(found) == [
        "throughput does not bind in any week; no licence that it reaches is used up."
    ]


def test_a_row_of_an_overlay_is_judged_like_a_change(real: Tables, network: Network) -> None:
    def cell(regime: str) -> CellChange:
        key = f"{regime}, cn-2025-18-yttrium, USA, civil, review"
        return CellChange(
            "regime_parameters", key, "replaced", "value", "6", "18", "own", "own.csv", 2
        )

    found = limits(real, network, {}, 1.0, cell("general-licences"), cell("embargo"))
    assert [b.binds for b in found] == [False, False]
    assert "throughput" in found[0].text


def test_an_opening_below_the_transit_is_said(real: Tables, network: Network) -> None:
    where = "sector:auto,region:EUR,material:ndfeb-heavy"
    thin = load_scenario("truce", real, (), {f"opening_cover@{where}": "3week"})
    [said] = short_opening(network, thin, ())
    assert "goods at sea alone last 5.8 weeks; the shelf starts at 0.2 weeks" in said
    good = load_scenario("truce", real, (), {f"opening_cover@{where}": "9week"})
    assert short_opening(network, good, ()) == []
    key = "auto-ice-eur, ndfeb-heavy, opening_cover"
    cell = CellChange("covers", key, "replaced", "value", "12", "3", "own", "own.csv", 2)
    assert short_opening(network, good, [cell]) == []


def test_shelf_cover_is_what_lies_on_the_shelf_and_what_is_wanted(
    real: Tables, network: Network
) -> None:
    where = "sector:auto,region:EUR,material:ndfeb-heavy"
    settings = {f"shelf_cover@{where}": "3", f"target_cover@{where}": "5week"}
    for given, target in ((1, 3.0), (2, 5.0)):
        scenario = load_scenario("truce", real, (), dict(list(settings.items())[:given]))
        rows = [
            i
            for i, c in enumerate(network.covers)
            if (c.material, network.customers[c.customer].region) == ("ndfeb-heavy", "EUR")
            and network.customers[c.customer].sector == "auto"
        ]
        assert rows
        assert [shelf_weeks(network, scenario)[i] for i in rows] == pytest.approx([3.0] * len(rows))
        assert target_weeks(network, scenario)[rows] == pytest.approx(target)


def test_a_change_that_reaches_nothing_is_said(real: Tables, network: Network) -> None:
    change = load_scenario("truce", real, (), {"opening_cover@sector:auto": "3week"}).changes[-1]
    assert reached_by(network, change)
    elsewhere = replace(change, where=(("material", "ore-monazite"), ("sector", "auto")))
    assert not reached_by(network, elsewhere)
    for what, where in (
        ("arc_limit", (("material", "ndfeb-heavy"), ("origin", "CHN"))),
        ("recipe_share", (("recipe", "thrifted"), ("sector", "auto"))),
        ("plan", (("sector", "auto"),)),
        ("stage_capacity", (("stage", "magnet-making"),)),
    ):
        assert reached_by(network, replace(change, what=what, where=where))
        nowhere = tuple((key, "nowhere") for key, _ in where)
        assert not reached_by(network, replace(change, what=what, where=nowhere))
