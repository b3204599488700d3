"""The tables of a run: columns of the published interface, units, and the same bytes twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import drawn
import numpy as np
import pandas as pd
import pytest
from cases import START, blocked, make_case, per_user, usual_numbers
from pandas import DataFrame
from random_worlds import random_network

from supplychain.network.entities import AIR
from supplychain.results.indicators import indicators
from supplychain.results.result_tables import build_tables, licences_used, shortfall
from supplychain.results.run_record import bound_most
from supplychain.runs.run_store import write_tables
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.solution import Solution

COLUMNS = {
    "shortfall": "scenario sector segment region week unit planned produced lost lost_for_good "
    "made_up lost_value_usd late_cost_usd",
    "indicators": "scenario sector region unit planned lost lost_share lost_for_good "
    "lost_for_good_share lost_value_usd first_firm_week first_firm_region first_firm_segment "
    "first_week weeks_to_first_loss worst_week recovered_week",
    "flows": "scenario material origin destination customer week tonnes",
    "stocks": "scenario material region customer week tonnes weeks_of_cover "
    "tonnes_under_way weeks_under_way",
    "firms": "scenario sector segment region week share_short share_standing thinnest_first_week "
    "quarter_first_week half_first_week",
    "cover_needed": "scenario segment region material week weeks_needed share_of_firms_through",
    "recipes_used": "scenario segment region week recipe share extra_cost_usd",
    "licences": "scenario control exporter destination end_use end_user week applied_t "
    "granted_t used_t pending_t expired_t",
    "marginal_values": "scenario law region customer material week usd_per_kg one_more one_less",
}
"""docs/interface.md; `indicators` says beside it what unit planned and lost are in."""


def solve(seed: int = 1, allocation: str = "contracts") -> Solution:
    network = random_network(seed)
    usual = usual_numbers(network, 60, recipes=0.5)
    known = blocked(usual, (6, 22))
    weekly = np.array([[k.usual_t_per_week] for k in network.categories])
    known.granted[:, 6:22] = per_user(network, 0.2 * weekly, 0.1)
    known.valid[:, 6:22] = per_user(network, 0.3 * weekly, 0.1)
    case = make_case(network, known, surprise=usual, from_week=6, step=2, transferable=0.1)
    return Solver(network).solve(case, "rolling", allocation)


def tables_of(solution: Solution) -> dict[str, DataFrame]:
    frames = build_tables(solution)
    customers = solution.realised.network.customers
    values = {(c.sector, c.segment, c.region): c.value_added_usd_per_unit for c in customers}
    threshold = solution.realised.network.assumptions["stop_threshold"]
    found = indicators(frames["shortfall"], values, START, frames["firms"], threshold)
    return {**frames, "indicators": found}


@pytest.fixture(scope="module")
def solution() -> Solution:
    return solve()


@pytest.fixture(scope="module")
def tables(solution: Solution) -> dict[str, DataFrame]:
    return tables_of(solution)


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_those_of_the_interface(tables: dict[str, DataFrame], name: str) -> None:
    assert " ".join(tables[name].columns) == COLUMNS[name]
    assert len(tables[name])


def test_weeks_are_mondays_of_the_horizon(tables: dict[str, DataFrame]) -> None:
    mondays = [(START + timedelta(weeks=w)).isoformat() for w in range(26)]
    assert date.fromisoformat(mondays[0]).weekday() == 0
    assert sorted(set(tables["shortfall"]["week"])) == mondays
    for name in ("flows", "stocks", "licences", "marginal_values"):
        assert set(tables[name]["week"]) <= set(mondays)


def test_upstream_flows_have_a_blank_customer(tables: dict[str, DataFrame]) -> None:
    flows = tables["flows"]
    assert set(flows[flows["customer"] == ""]["material"]) == {"oxide"}
    assert set(flows[flows["customer"] != ""]["material"]) == {"magnet"}
    assert (flows["tonnes"] > 0.0).all()


def test_what_is_lost_is_valued_at_value_added(tables: dict[str, DataFrame]) -> None:
    rows = tables["shortfall"].query("segment == 'weapon'")
    assert rows["lost"].sum() > 0.0
    value = 5e5 * rows["lost_for_good"]
    assert rows["lost_value_usd"].to_numpy() == pytest.approx(value.to_numpy())


def test_what_is_lost_is_made_up_or_lost_for_good(tables: dict[str, DataFrame]) -> None:
    rows = tables["shortfall"]
    assert rows["made_up"].sum() > 0.0
    by_week = rows["planned"] - rows["produced"] - rows["lost"]
    assert by_week.to_numpy() == pytest.approx(-rows["made_up"].to_numpy(), abs=1e-6)
    whole = rows.groupby(["segment", "region"])[["lost", "made_up", "lost_for_good"]].sum()
    rest = whole["lost"] - whole["made_up"]
    assert rest.to_numpy() == pytest.approx(whole["lost_for_good"].to_numpy(), abs=1e-6)
    assert (rows["lost_for_good"] <= rows["lost"]).all()
    late = rows["lost"] > rows["lost_for_good"]
    assert ((rows["late_cost_usd"] > 0.0) == late).all()


def test_late_cost_by_hand() -> None:
    """0.4 weeks of ten cars lost in week 0; 0.1 made in week 2, 0.2 in week 3: 0.8 weeks late.

    That is eight cars for a week, at a hundredth of a million USD each.
    """
    network = drawn.shelf()
    maker = replace(
        network.customers[0], make_up_weeks=9.0, overtime_share=0.2, late_cost_per_week=0.01
    )
    network = replace(network, customers=(maker,))
    case = make_case(network, usual_numbers(network, 12), weeks=4, window=4)
    solution = Solver(network).solve(case, "rolling", "contracts")
    solution.history.output[0] = [0.6, 1.0, 1.1, 1.2]
    solution.history.lost[0, :, 0] = [0.4, 0.0]
    solution.history.lost[0, :, 1:] = 0.0
    solution.history.made_up[0] = [0.0, 0.0, 0.1, 0.2]
    row = shortfall(solution).iloc[0]
    assert (row["lost"], row["planned"]) == (pytest.approx(4.0), pytest.approx(10.0))
    assert row["lost_for_good"] == pytest.approx(1.0)
    assert row["lost_value_usd"] == pytest.approx(1e6)
    assert row["late_cost_usd"] == pytest.approx((1.0 * 2.0 + 2.0 * 3.0) * 0.01 * 1e6)


def test_licences_that_are_not_needed_have_no_row(tables: dict[str, DataFrame]) -> None:
    weeks = sorted(set(tables["licences"]["week"]))
    first = START + timedelta(weeks=6)
    assert weeks[0] == first.isoformat()
    assert len(weeks) == 16


def test_licences_are_used_kept_or_lapse(solution: Solution) -> None:
    """granted + left before = used + lapsed + left, each week from the first controlled one."""
    frame = tables_of(solution)["licences"]
    network = solution.realised.network
    for position, user in enumerate(network.end_users):
        k = network.categories[user.category]
        rows = frame[
            (frame["control"] == k.control)
            & (frame["destination"] == k.destination)
            & (frame["end_use"] == k.end_use)
            & (frame["end_user"] == user.name)
        ]
        left = solution.history.licence_left[position]
        used = licences_used(solution)[position]
        for week, row in zip(range(6, 22), rows.itertuples(), strict=True):
            assert row.used_t == pytest.approx(used[week], abs=1e-9)
            gone = row.used_t + row.expired_t + left[week]
            assert row.granted_t + left[week - 1] == pytest.approx(gone)


def test_licences_name_their_user_and_under_value_anybody(solution: Solution) -> None:
    """Cars and vans of C have three rows a week: two that name them, and what names nobody."""
    query = "destination == 'C' and end_use == 'civil'"
    named = build_tables(solution)["licences"].query(query)
    assert set(named["end_user"]) == {"car", "van", "any"}
    free = build_tables(solve(allocation="value"))["licences"].query(query)
    granted, whole = (t.groupby("end_user")["granted_t"].sum() for t in (free, named))
    assert granted["any"] == pytest.approx(whole.sum())
    assert granted.get("car", 0.0) == 0.0


def test_marginal_values_are_usd_per_kilogram() -> None:
    """6 t for a week of 10: one more tonne saves a million USD, a thousand a kilogram."""
    network = drawn.licensed(weekly_periods=1.0, later_loss_discount_per_week=0.0)
    numbers = blocked(usual_numbers(network, 8), (0, 8), share=6.0)
    case = make_case(network, numbers, weeks=1, window=1)
    case.opening_stock = [100.0]
    case.past_deliveries[:] = 0.0
    values = build_tables(Solver(network).solve(case, "rolling", "value"))["marginal_values"]
    found = {(r.law, r.region, r.customer): (r.material, r.usd_per_kg) for r in values.itertuples()}
    assert found["licence_balance", "B", ""] == ("rule/A/civil/car", pytest.approx(1000.0))
    assert found["customer_balance", "B", "car-b"] == ("magnet", pytest.approx(1000.0))
    assert ("region_balance", "A", "") not in found


def test_weeks_of_cover_are_blank_where_nothing_is_usual(tables: dict[str, DataFrame]) -> None:
    stocks = tables["stocks"]
    assert stocks.query("material == 'magnet' and customer == ''")["weeks_of_cover"].isna().all()
    held = stocks.query("customer == 'car-c'").iloc[0]
    assert held.weeks_of_cover > 0.0


def test_same_tables_have_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_tables(tables_of(solve()), tmp_path / name)
    files = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert {f"{name}.parquet" for name in COLUMNS} <= set(files)
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_sentence_on_what_bound(solution: Solution) -> None:
    controls = {"rule-magnets": "Licences for magnets", "rule-oxide": "Licences for oxide"}
    sentence = bound_most(solution, controls)
    assert sentence.startswith("What bound most were licences for civil buyers in Region ")
    assert "(licences for " in sentence
    network = random_network(1)
    quiet = make_case(network, usual_numbers(network, 60))
    found = Solver(network).solve(quiet, "rolling", "value")
    assert bound_most(found, controls) == "Nothing bound: every plan was met."


def test_tables_say_nothing_of_what_did_not_happen(tables: dict[str, DataFrame]) -> None:
    for name in ("shortfall", "stocks", "flows", "licences", "marginal_values"):
        text = [c for c in tables[name].columns if tables[name][c].dtype.kind not in "fi"]
        assert not tables[name][text].isna().to_numpy().any(), name
    assert pd.api.types.is_float_dtype(tables["flows"]["tonnes"])


def test_shelf_and_way_together_change_by_what_departs_and_what_is_used(
    solution: Solution, tables: dict[str, DataFrame]
) -> None:
    """However long goods travel, nobody's total moves when they arrive."""
    stocks = tables["stocks"].set_index(["customer", "material", "week"]).sort_index()
    departed = tables["flows"].groupby(["customer", "material", "week"])["tonnes"].sum()
    made = tables["output"].set_index(["customer", "recipe", "week"])["produced"].sort_index()
    network = solution.realised.network
    for cover in network.covers:
        name = network.customers[cover.customer].name
        held = stocks.loc[name, cover.material]
        used = sum(
            dict(r.needs)[cover.material] / 1000.0 * made[name, r.name]
            for r in network.recipes
            if r.customer == cover.customer and cover.material in dict(r.needs)
        )
        came = departed[name, cover.material].reindex(held.index, fill_value=0.0)
        moved = (held["tonnes"] + held["tonnes_under_way"]).diff().iloc[1:]
        assert moved.to_numpy() == pytest.approx((came - used).iloc[1:].to_numpy(), abs=1e-6)
        assert (held["tonnes_under_way"] > 0.0).any()


def test_what_is_under_way_is_what_departed_in_as_many_weeks_as_the_way_takes(
    solution: Solution, tables: dict[str, DataFrame]
) -> None:
    customers = solution.realised.network.customers
    keys = ["customer", "origin", "week"]
    air = tables["air_flows"].set_index(keys)["tonnes"]
    sea = tables["flows"].set_index(keys)["tonnes"].sub(air, fill_value=0.0)
    held = tables["stocks"].set_index(["customer", "week"])["tonnes_under_way"].sort_index()
    weeks = held.index.unique("week")
    expected = DataFrame(0.0, index=weeks, columns=[c.name for c in customers])
    for d in solution.realised.network.deliveries:
        name = customers[d.customer].name
        by_mode = air if d.mode == AIR else sea
        sent = by_mode[by_mode.index.isin([(name, d.origin, week) for week in weeks])]
        sent = sent.droplevel(["customer", "origin"]).reindex(weeks, fill_value=0.0)
        if d.transit_weeks:
            expected[name] += sent.rolling(d.transit_weeks, min_periods=1).sum()
    longest = max(d.transit_weeks for d in solution.realised.network.deliveries)
    assert longest > 1
    for name, column in expected.items():
        assert held[name].to_numpy()[longest:] == pytest.approx(
            column.to_numpy()[longest:], abs=1e-9
        )
