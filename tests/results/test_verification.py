"""A number changed in any table is found by the checks that are computed from the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cases import blocked, make_case, per_user, usual_numbers
from pandas import DataFrame
from random_worlds import random_network

from supplychain.results.result_tables import build_tables
from supplychain.results.verification import _later, verify
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.solution import Solution


def squeezed(foresight: str, allocation: str = "contracts", **options: Any) -> Solution:
    """A tenth of the usual licences for weeks 7 to 22; they are valid for a week.

    A fifth of them names nobody.
    """
    network = random_network(1)
    usual = usual_numbers(network, 60, recipes=0.5)
    known = blocked(usual, (7, 23))
    weekly = np.array([[0.1 * k.usual_t_per_week] for k in network.categories])
    known.granted[:, 7:23] = known.valid[:, 7:23] = per_user(network, weekly, 0.2)
    case = make_case(network, known, surprise=usual, from_week=7, transferable=0.2, **options)
    case.decisions = tuple(sorted({*case.decisions, 7}))
    return Solver(network).solve(case, foresight, allocation)


@pytest.fixture(scope="module")
def solution() -> Solution:
    return squeezed("rolling")


@pytest.mark.parametrize("options", [{}, {"step": 13}, {"step": 1}])
@pytest.mark.parametrize("allocation", ["contracts", "value", "proportional"])
@pytest.mark.parametrize("foresight", ["rolling", "perfect"])
def test_tables_of_a_run_add_up(foresight: str, allocation: str, options: dict[str, Any]) -> None:
    found = squeezed(foresight, allocation, **options)
    checks = verify(found, build_tables(found))
    assert [c for c in checks if not c.ok] == []
    assert float(found.history.lost.sum()) > 0.1


def test_a_run_shorter_than_a_transit_has_nothing_arriving() -> None:
    assert list(_later(np.ones(4), 6)) == [0.0] * 4
    assert list(_later(np.ones(4), 3)) == [0.0, 0.0, 0.0, 1.0]


def broken(solution: Solution, tables: dict[str, DataFrame]) -> set[str]:
    return {c.name for c in verify(solution, tables) if not c.ok}


def at(table: DataFrame, **words: str) -> Any:
    """Label of the row in the middle among those with the words."""
    mask = np.ones(len(table), dtype=bool)
    for name, word in words.items():
        mask &= (table[name] == word).to_numpy()
    rows = table.index[mask]
    return rows[len(rows) // 2]


Plant = Callable[[DataFrame], None]


def more(column: str, by: float = 1e-3, **words: str) -> Plant:
    def plant(table: DataFrame) -> None:
        table.loc[at(table, **words), column] += by

    return plant


def over_capacity(table: DataFrame) -> None:
    row = at(table, line="magnets-a")
    table.loc[row, "tonnes"] = table.loc[row, "capacity_tonnes"] + 1.0


def earlier(table: DataFrame) -> None:
    """Shift output from one week to another: the horizon's sum stays."""
    here = at(table, segment="car", region="C")
    table.loc[here, "produced"] -= 1.0
    table.loc[here - 1, "produced"] += 1.0


REGION, CUSTOMER = "mass in every region", "mass at every customer"
PLAN, CAPACITY = "planned = produced + lost", "runs within capacity"
LICENCE, USED = "shipped within licences", "licences used = shipped"
ELEMENT = "mass of every element"
LATER, FIRMS = "lost = made up + lost for good", "firms without stock stand still"
USER = "used within each end user's licences"


def handed_over(table: DataFrame) -> None:
    """Vans use a ton of the licences that name cars: the class's sum stays."""
    vans = at(table, control="rule-magnets", end_user="van")
    week = table.loc[vans, "week"]
    cars = at(table, control="rule-magnets", destination="C", end_user="car", week=week)
    table.loc[vans, "used_t"] += 1.0
    table.loc[cars, "used_t"] -= 1.0


def nobody_stood_still(table: DataFrame) -> None:
    """What cars in C lost in the week when most was lost is said to be made."""
    rows = table[(table["segment"] == "car") & (table["region"] == "C")]
    row = rows["lost"].idxmax()
    table.loc[row, "produced"] += table.loc[row, "lost"]
    table.loc[row, ["lost", "lost_for_good", "lost_value_usd"]] = 0.0


PLANTS: list[tuple[str, Plant, set[str]]] = [
    ("stocks", more("tonnes", by=0.1, region="A", material="ore", customer=""), {REGION}),
    ("stocks", more("tonnes", customer="car-c"), {CUSTOMER}),
    ("flows", more("tonnes", material="oxide", customer=""), {REGION}),
    ("flows", more("tonnes", by=500.0, origin="A", customer="car-c"), {REGION, CUSTOMER, LICENCE}),
    ("production", more("tonnes", by=0.1, line="mine-a"), {REGION, ELEMENT}),
    ("production", over_capacity, {REGION, CAPACITY}),
    ("output", more("produced", by=10.0, customer="car-b", recipe="normal"), {CUSTOMER, ELEMENT}),
    ("shortfall", more("lost", by=1.0, segment="car", region="B"), {PLAN}),
    ("shortfall", more("planned", by=1.0, segment="weapon"), {PLAN}),
    ("shortfall", earlier, {PLAN}),
    ("shortfall", more("made_up", by=1.0, segment="car", region="B"), {PLAN, LATER}),
    ("shortfall", more("lost_for_good", by=-1.0, segment="car", region="C"), {LATER}),
    ("shortfall", more("lost_value_usd", by=1e7, segment="car", region="C"), {LATER}),
    ("shortfall", nobody_stood_still, {FIRMS}),
    ("other_uses", more("tonnes", by=0.1), {REGION, ELEMENT}),
    ("licences", more("used_t", by=0.1, control="rule-magnets"), {USED}),
    ("licences", handed_over, {USER}),
]


@pytest.mark.parametrize("row", range(len(PLANTS)))
def test_planted_number_is_found(solution: Solution, row: int) -> None:
    name, plant, expected = PLANTS[row]
    tables = build_tables(solution)
    plant(tables[name])
    assert expected <= broken(solution, tables)


def test_row_that_is_missing_is_found(solution: Solution) -> None:
    tables = build_tables(solution)
    flows = tables["flows"]
    tables["flows"] = flows.drop(at(flows, material="magnet", origin="B", customer="car-c"))
    assert broken(solution, tables) >= {REGION, CUSTOMER}


def test_costs_that_do_not_add_up_are_found() -> None:
    found = squeezed("rolling")
    first = found.windows[0]
    first.costs["freight"] += 1.0  # type: ignore[index]
    assert broken(found, build_tables(found)) == {"objective = sum of its costs"}


def test_shipping_without_licences_left_is_found() -> None:
    """Control begins in week 7; what is shipped from then on needs a licence of its own week."""
    found = squeezed("rolling")
    queue = found.realised.licences
    queue["granted"][:, 8] = 0.0
    assert LICENCE in broken(found, build_tables(found))


@pytest.mark.parametrize(
    ("limit", "share", "name"),
    [
        ("feed_limit", 0.5, "feeds within what came true"),
        ("delivery_limit", 0.5, "deliveries within what came true"),
        ("arc_limit", 0.0, "arcs within what came true"),
        ("recipe_limit", 0.5, "recipes within what came true"),
        ("line_capacity", 0.5, "runs within capacity"),
        ("plan", 1.5, "planned = produced + lost"),
        ("plan", 0.5, "overtime within what came true"),
    ],
)
def test_a_limit_that_came_true_otherwise_is_found(
    solution: Solution, limit: str, share: float, name: str
) -> None:
    """What planners did is right for the world they lived in, and wrong for another."""
    inputs = solution.realised.inputs
    other = np.nan_to_num(share * np.minimum(getattr(inputs, limit), 1e6))
    realised = replace(solution.realised, inputs=replace(inputs, **{limit: other}))
    elsewhere = replace(solution, realised=realised)
    assert name in broken(elsewhere, build_tables(elsewhere))
