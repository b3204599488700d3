"""Indicators of a shortfall that is written down by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from pandas import DataFrame

from supplychain.results.indicators import headline, indicators
from supplychain.runs.run_schema import sector_units

WEEKS = ["2026-09-28", "2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26"]
VALUES = {
    ("auto", "car", "EUR"): 1000.0,
    ("auto", "car", "USA"): 2000.0,
    ("auto", "bus", "USA"): 5000.0,
    ("munitions", "weapon", "USA"): 1e6,
}
SINCE = date(2026, 10, 1)


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
            "lost_value_usd": amount * value,
        }
        for week, amount in zip(WEEKS, lost, strict=True)
    ]


def table(*parts: list[dict[str, Any]]) -> DataFrame:
    return DataFrame([row for part in parts for row in part])


def found(shortfall: DataFrame, sector: str, region: str, since: date | None = SINCE) -> Any:
    frame = indicators(shortfall, VALUES, since)
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
    assert row.lost_value_usd == pytest.approx(53.1 * 1000.0)


def test_recovery_counts_after_the_last_stop() -> None:
    row = found(table(rows("car", "EUR", [0.0, 9.0, 0.0, 9.0, 0.0])), "auto", "EUR")
    assert row.recovered_week == "2026-10-26"
    row = found(table(rows("car", "EUR", [0.0, 9.0, 0.0, 0.0, 9.0])), "auto", "EUR")
    assert row.recovered_week == ""


def test_without_a_control_there_are_no_weeks_to_count() -> None:
    row = found(table(rows("car", "EUR", [9.0] * 5)), "auto", "EUR", since=None)
    assert pd.isna(row.weeks_to_first_loss)
    assert row.first_week == "2026-09-28"


def test_world_is_the_sum_of_the_regions() -> None:
    """One region stops, the world does not: 3 of 200 is below two percent."""
    shortfall = table(rows("car", "EUR", [3.0, 0, 0, 0, 0]), rows("car", "USA", [0.0] * 5))
    world = found(shortfall, "auto", "WORLD")
    assert world.planned == 1000.0
    assert world.lost == 3.0
    assert world.first_week == ""
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
    assert row.lost_value_usd == pytest.approx(70_000.0)


def test_headline_has_blank_weeks_as_none() -> None:
    shortfall = table(rows("car", "EUR", [0.0] * 5), rows("weapon", "USA", [50.0] * 5, "weapon"))
    data = headline(indicators(shortfall, VALUES, SINCE))
    assert data["auto"]["first_week"] is None
    assert data["munitions"]["first_week"] == WEEKS[0]
    assert data["munitions"]["lost_share"] == pytest.approx(0.5)
    assert data["munitions"]["by_region"]["USA"] == {
        "lost": 250.0,
        "unit": "weapon",
        "lost_share": 0.5,
        "lost_value_usd": 250.0e6,
        "first_week": WEEKS[0],
    }
    assert "WORLD" not in data["munitions"]["by_region"]
