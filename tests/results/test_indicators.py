"""Indicators of a shortfall that is written down by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from pandas import DataFrame

from supplychain.results.indicators import (
    avoided_by,
    first_firm,
    first_stop,
    headline,
    indicators,
    with_range,
)
from supplychain.runs.run_schema import sector_units

WEEKS = ["2026-09-28", "2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26"]
VALUES = {
    ("auto", "car", "EUR"): 1000.0,
    ("auto", "car", "USA"): 2000.0,
    ("auto", "bus", "USA"): 5000.0,
    ("munitions", "weapon", "USA"): 1e6,
}
SINCE = date(2026, 10, 1)
THRESHOLD = 0.02
KEPT = 0.5
"""Half of what is not made when planned is made up later."""
FIRMS = DataFrame(
    [
        ("auto", "car", "EUR", WEEKS[1], 0.04, WEEKS[2]),
        ("auto", "car", "EUR", WEEKS[2], 0.06, WEEKS[2]),
        ("auto", "car", "USA", WEEKS[3], 0.2, WEEKS[3]),
        ("auto", "bus", "USA", WEEKS[3], 0.3, WEEKS[3]),
        ("munitions", "weapon", "USA", WEEKS[1], 0.01, ""),
    ],
    columns=["sector", "segment", "region", "week", "share_short", "thinnest_first_week"],
)


def rows(
    segment: str, region: str, lost: list[float], unit: str = "vehicle"
) -> list[dict[str, Any]]:
    """A hundred a week are planned."""
    sector = "munitions" if segment == "weapon" else "auto"
    value = VALUES[sector, segment, region]
    return [
        {
            "scenario": "hand",
            "sector": sector,
            "segment": segment,
            "region": region,
            "week": week,
            "unit": unit,
            "planned": 100.0,
            "produced": 100.0 - amount,
            "lost": amount,
            "lost_for_good": amount * KEPT,
            "lost_value_usd": amount * KEPT * value,
        }
        for week, amount in zip(WEEKS, lost, strict=True)
    ]


def table(*parts: list[dict[str, Any]]) -> DataFrame:
    return DataFrame([row for part in parts for row in part])


def found(shortfall: DataFrame, sector: str, region: str, since: date | None = SINCE) -> Any:
    frame = indicators(shortfall, VALUES, since, FIRMS, THRESHOLD)
    row = frame[(frame["sector"] == sector) & (frame["region"] == region)]
    assert len(row) == 1
    return row.iloc[0]


def test_loss_of_two_percent_does_not_count_as_a_stop() -> None:
    row = found(table(rows("car", "EUR", [0.0, 2.0, 2.0, 0.0, 0.0])), "auto", "EUR")
    assert (row.first_week, row.worst_week, row.recovered_week) == ("", "", "")
    assert pd.isna(row.weeks_to_first_loss)
    assert row.lost == 4.0
    assert row.lost_share == pytest.approx(4.0 / 500.0)


def test_first_worst_and_recovered_week() -> None:
    row = found(table(rows("car", "EUR", [0.0, 2.1, 50.0, 1.0, 0.0])), "auto", "EUR")
    assert row.first_week == "2026-10-05"
    assert row.weeks_to_first_loss == pytest.approx(4.0 / 7.0)
    assert row.worst_week == "2026-10-12"
    assert row.recovered_week == "2026-10-19"
    assert row.lost_value_usd == pytest.approx(53.1 * KEPT * 1000.0)
    assert row.lost_for_good == pytest.approx(53.1 * KEPT)


def test_recovery_counts_after_the_last_stop() -> None:
    row = found(table(rows("car", "EUR", [0.0, 9.0, 0.0, 9.0, 0.0])), "auto", "EUR")
    assert row.recovered_week == "2026-10-26"
    row = found(table(rows("car", "EUR", [0.0, 9.0, 0.0, 0.0, 9.0])), "auto", "EUR")
    assert row.recovered_week == ""


def test_a_stop_before_the_first_control_is_no_negative_count() -> None:
    late = found(table(rows("car", "EUR", [9.0] * 5)), "auto", "EUR", since=date(2026, 10, 5))
    assert late.first_week == "2026-09-28"
    assert pd.isna(late.weeks_to_first_loss)
    at_once = found(table(rows("car", "EUR", [9.0] * 5)), "auto", "EUR", since=date(2026, 9, 28))
    assert at_once.weeks_to_first_loss == 0.0


def test_without_a_control_there_are_no_weeks_to_count() -> None:
    row = found(table(rows("car", "EUR", [9.0] * 5)), "auto", "EUR", since=None)
    assert pd.isna(row.weeks_to_first_loss)
    assert row.first_week == "2026-09-28"


def test_world_sums_the_regions_and_stops_with_the_first_of_them() -> None:
    """3 of 200 is below two percent, but 3 of the 100 in Europe are not."""
    shortfall = table(rows("car", "EUR", [3.0, 0, 0, 0, 0]), rows("car", "USA", [0.0] * 5))
    world = found(shortfall, "auto", "WORLD")
    assert world.planned == 1000.0
    assert world.lost == 3.0
    assert world.first_week == WEEKS[0]
    assert found(shortfall, "auto", "EUR").first_week == WEEKS[0]


def test_sector_with_one_unit_counts_it_and_one_with_several_counts_value() -> None:
    """Cars and buses in their own units cannot be added: 10 cars and 10 buses are 70,000 USD."""
    lost = [10.0, 0.0, 0.0, 0.0, 0.0]
    cars = rows("car", "USA", lost)
    assert sector_units(table(cars)) == {"auto": "vehicle"}
    mixed = table(cars, rows("bus", "USA", lost, unit="bus"))
    row = found(mixed, "auto", "USA")
    assert row.unit == "million USD"
    assert row.lost == pytest.approx(10.0 * 2000.0 / 1e6 + 10.0 * 5000.0 / 1e6)
    assert row.planned == pytest.approx(5 * 100.0 * (2000.0 + 5000.0) / 1e6)
    assert row.lost_share == pytest.approx(10.0 / 500.0)
    assert row.lost_value_usd == pytest.approx(KEPT * 70_000.0)


def test_a_sector_stops_with_the_first_of_its_segments() -> None:
    """2.5 buses of 100 stop the sector, though its cars all run."""
    cars, buses = rows("car", "USA", [0.0] * 5), rows("bus", "USA", [0.0, 2.5, 0.0, 0.0, 0.0])
    row = found(table(cars, buses), "auto", "USA")
    assert (row.first_week, row.recovered_week) == (WEEKS[1], WEEKS[2])
    assert first_stop(table(cars), THRESHOLD) == ""
    assert first_stop(table(cars, buses), THRESHOLD) == WEEKS[1]
    assert first_stop(table(cars, buses), 0.03) == ""


def test_the_first_firm_is_that_of_the_thinnest() -> None:
    """Of two segments in one week the one with more firms standing is named."""
    shortfall = table(rows("car", "EUR", [0.0] * 5), rows("car", "USA", [0.0] * 5))
    world = found(shortfall, "auto", "WORLD")
    named = (world.first_firm_week, world.first_firm_region, world.first_firm_segment)
    assert named == (WEEKS[2], "EUR", "car")
    assert found(shortfall, "auto", "USA").first_firm_segment == "bus"
    assert first_firm(FIRMS, "munitions") is None


def test_other_recipes_count_by_value_and_the_largest_comes_first() -> None:
    customers = DataFrame(
        [("car-eur", "auto", "car", "EUR"), ("bus-usa", "auto", "bus", "USA")],
        columns=["customer", "sector", "segment", "region"],
    )
    made = [("car-eur", "normal", 50.0), ("car-eur", "ferrite", 50.0), ("bus-usa", "thrifted", 40)]
    output = DataFrame(made, columns=["customer", "recipe", "produced"])
    used = [("car", "ferrite", 100.0), ("bus", "thrifted", 7.0), ("bus", "thrifted", 1.0)]
    recipes = DataFrame(used, columns=["segment", "recipe", "extra_cost_usd"])
    told = avoided_by(recipes, output, customers, VALUES)["auto"]
    assert [row["recipe"] for row in told] == ["thrifted", "ferrite"]
    assert told[0]["share_of_output"] == pytest.approx(200_000 / 300_000)
    assert [row["extra_cost_usd"] for row in told] == [8.0, 100.0]


def test_a_range_holds_the_run_and_the_ends_but_not_perfect_foresight() -> None:
    def of(lost: list[float]) -> DataFrame:
        return indicators(table(rows("car", "EUR", lost)), VALUES, SINCE, FIRMS, THRESHOLD)

    own, low, high = of([0, 0, 9.0, 0, 0]), of([0.0] * 5), of([0, 20.0, 0, 0, 0])
    known = {"value": low, "proportional": high, "perfect": of([99.0] * 5)}
    found = with_range({"sectors": headline(own, {})}, {"contracts": own}, known)
    auto = found["sectors"]["auto"]
    usd = {kind: 1000.0 * KEPT * lost for kind, lost in (("low", 0.0), ("high", 20.0))}
    assert auto["range"]["lost_value_usd"] == usd == found["range"]["lost_value_usd"]
    assert auto["range"]["first_week"] == {"earliest": WEEKS[1], "latest": None}
    assert auto["band"]["perfect"] == pytest.approx(1000.0 * KEPT * 495.0)
    assert auto["by_region"]["EUR"]["range"]["lost_share"]["high"] == pytest.approx(0.04)


def test_headline_has_blank_weeks_as_none() -> None:
    shortfall = table(rows("car", "EUR", [0.0] * 5), rows("weapon", "USA", [50.0] * 5, "weapon"))
    data = headline(indicators(shortfall, VALUES, SINCE, FIRMS, THRESHOLD), {})
    assert data["auto"]["first_week"] is None
    assert data["munitions"]["first_week"] == WEEKS[0]
    assert data["munitions"]["lost_share"] == pytest.approx(0.5)
    assert data["munitions"]["by_region"]["USA"] == {
        "lost": 250.0,
        "unit": "weapon",
        "lost_share": 0.5,
        "lost_for_good": 250.0 * KEPT,
        "lost_for_good_share": 0.5 * KEPT,
        "lost_value_usd": 250.0e6 * KEPT,
        "first_week": WEEKS[0],
        "first_firm": None,
    }
    assert "WORLD" not in data["munitions"]["by_region"]
