"""Single firms: who stands still, what stock carries one through, and by which recipe."""

from __future__ import annotations

from dataclasses import replace

import drawn
import numpy as np
import pytest
from cases import START, blocked, make_case, usual_numbers
from pandas import DataFrame
from random_worlds import random_network

from supplychain.case.stock_distribution import behind_of, mean_left, share_out
from supplychain.results.firm_tables import firm_tables, weeks_behind
from supplychain.results.result_tables import build_tables
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.solution import Solution

SIGMA = 0.45


def stopped(spread: float = SIGMA, granted: float = 0.0) -> Solution:
    """Two weeks of 10 t on the shelf in the mean, and nothing, or so much a week, comes again.

    All loss weighs the same: nobody loses before it must be.
    """
    network = drawn.licensed(target_weeks=2.0, weekly_periods=99.0, loss_step_2_weight=1.0)
    maker = replace(network.customers[0], cover_spread=spread)
    network = replace(network, customers=(maker,))
    numbers = blocked(usual_numbers(network, 20), (0, 20), granted)
    case = make_case(network, numbers, weeks=8, window=8)
    case.opening_stock = [500.0]
    return Solver(network).solve(case, "rolling", "contracts")


def test_weeks_behind_follow_from_what_is_left() -> None:
    """Half of the need comes: firms are half a week behind after a week, and so on."""
    solution = stopped(granted=5.0)
    left = solution.history.cover[0]
    behind = weeks_behind(solution)[0]
    assert behind[:3].tolist() == pytest.approx([0.5, 1.0, 1.5], abs=0.05)
    for week in range(3):
        share = mean_left(np.array(behind[week] / 2.0), np.array(SIGMA))
        assert float(share) == pytest.approx(left[week] / 20.0, abs=2e-6)


def test_thin_firms_stop_first_and_nobody_is_behind_more_than_what_is_missing() -> None:
    """Without supply firms are a week behind after a week; tangents understate it a little."""
    behind = weeks_behind(stopped())[0]
    assert behind[0] == pytest.approx(1.0, abs=0.03)
    assert behind[1] == pytest.approx(2.0, abs=0.1)
    table = firm_tables(stopped())["firms"]
    share = table.set_index("week")["share_short"]
    expected = share_out(np.array(behind[0] / 2.0), np.array(SIGMA))
    assert share[START.isoformat()] == pytest.approx(float(expected))
    firsts = table.iloc[0][["thinnest_first_week", "quarter_first_week", "half_first_week"]]
    assert sorted(firsts) == list(firsts)
    assert firsts.iloc[0] == START.isoformat()


def test_firms_alike_are_in_no_table() -> None:
    found = firm_tables(stopped(spread=0.0))
    assert found["firms"].empty
    lost = stopped(spread=0.0).history.lost.sum(axis=(0, 1))
    assert lost[:2].tolist() == pytest.approx([0.0, 0.0]), "two weeks of stock last two weeks"
    assert stopped().history.lost.sum(axis=(0, 1))[:2].sum() > 0.3


@pytest.fixture(scope="module")
def squeezed() -> Solution:
    network = random_network(1)
    usual = usual_numbers(network, 60, recipes=0.5)
    known = blocked(usual, (6, 22))
    case = make_case(network, known, surprise=usual, from_week=6, step=2)
    return Solver(network).solve(case, "rolling", "contracts")


@pytest.fixture(scope="module")
def tables(squeezed: Solution) -> dict[str, DataFrame]:
    return build_tables(squeezed)


def test_marks_come_in_order(tables: dict[str, DataFrame]) -> None:
    firms = tables["firms"]
    assert ((firms["share_short"] > 0.0) & (firms["share_short"] <= 1.0)).all()
    marks = ["thinnest_first_week", "quarter_first_week", "half_first_week"]
    for row in firms[marks].drop_duplicates().itertuples(index=False):
        dated = [day for day in row if day]
        assert list(row[: len(dated)]) == dated, "who stops later does not stop first"
        assert dated == sorted(dated)
    assert (firms["half_first_week"] != "").any()


def test_cover_that_is_needed_never_falls_and_fewer_get_through(
    tables: dict[str, DataFrame],
) -> None:
    needed = tables["cover_needed"]
    assert len(needed)
    for _, rows in needed.groupby(["segment", "region", "material"]):
        assert (np.diff(rows["weeks_needed"]) >= -1e-12).all()
        assert (np.diff(rows["share_of_firms_through"]) <= 1e-12).all()
        assert rows["share_of_firms_through"].between(0.0, 1.0).all()


def test_firms_through_are_those_that_never_stood_still(tables: dict[str, DataFrame]) -> None:
    """One material here: the share that got through to a week is what never stopped until then."""
    for (segment, region), rows in tables["cover_needed"].groupby(["segment", "region"]):
        all_firms = tables["firms"]
        firms = all_firms[(all_firms["segment"] == segment) & (all_firms["region"] == region)]
        standing = firms.set_index("week")["share_short"].reindex(rows["week"], fill_value=0.0)
        through = 1.0 - rows["share_of_firms_through"].to_numpy()
        assert np.maximum.accumulate(standing.to_numpy()) == pytest.approx(through, abs=2e-4)


def test_behind_is_capped_where_nothing_is_left() -> None:
    """The last thousandth is no firm: the inverse stays finite."""
    assert np.isfinite(behind_of(np.array(0.0), np.array(SIGMA)))


def test_nobody_falls_behind_by_more_than_a_week_in_a_week() -> None:
    """A shelf that is nearly drained says little: four of ten tonnes a week, then all at once."""
    solution = stopped(granted=6.0)
    solution.history.cover[0, 4:] = 1e-6
    behind = weeks_behind(solution)[0]
    assert behind[3] < 2.0
    assert behind[4:] == pytest.approx(behind[3] + np.arange(1.0, 5.0))


def test_recipes_used_are_the_output_that_is_not_normal(
    squeezed: Solution, tables: dict[str, DataFrame]
) -> None:
    used, output = tables["recipes_used"], tables["output"]
    assert set(used["recipe"]) == {"thrifted"}
    other = output.query("recipe != 'normal'")
    planned = tables["shortfall"].set_index(["segment", "region", "week"])["planned"]
    network = squeezed.realised.network
    made, cost = 0.0, 0.0
    for row in used.itertuples():
        amount = row.share * planned[row.segment, row.region, row.week]
        made += amount
        recipe = next(
            r
            for r in network.recipes
            if r.name == row.recipe
            and network.customers[r.customer].segment == row.segment
            and network.customers[r.customer].region == row.region
        )
        cost += amount * recipe.extra_cost_usd_per_unit
    assert made == pytest.approx(other["produced"].sum(), rel=1e-6)
    assert used["extra_cost_usd"].sum() == pytest.approx(cost, rel=1e-6)
