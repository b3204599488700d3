"""A run in the wide layout of the IAMC, which pyam reads: one row a series, one column a week.

Columns: model, scenario, region, variable, unit, then the Mondays as ISO dates. pyam takes columns
that are dates as the time domain `datetime`; years would lose the weeks. Regions are the codes of
the data and `World`. No cell is blank: a week in which nothing happened holds 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from supplychain.files import whole_file
from supplychain.runs.run_schema import VALUE_UNIT, Run, sector_units
from supplychain.runs.run_store import write_csv

WORLD = "World"
KEYS = ["region", "variable", "unit"]
INDEX = ["model", "scenario", *KEYS]
QUEUE = {
    "applied_t": "Applied",
    "granted_t": "Granted",
    "used_t": "Used",
    "pending_t": "Pending",
    "expired_t": "Expired",
}
"""Amounts of the table licences, and what they are called."""


def write_iamc(run: Run, target: Path) -> None:
    """Write a run in the wide IAMC layout as CSV, whole.

    Raises:
        OSError: the file cannot be written.
    """
    table = iamc(run)
    with whole_file(target) as part:
        write_csv(table, part)


def iamc(run: Run) -> DataFrame:
    """Return a run in the wide IAMC layout; the unit of each series is in its column."""
    weeks = sorted(set(run.tables["shortfall"]["week"]))
    long = pd.concat([part for part in _series(run) if len(part)], ignore_index=True)
    wide = long.pivot_table(
        index=KEYS, columns="week", values="value", aggfunc="sum", fill_value=0.0
    )
    wide = wide.reset_index()
    wide.columns.name = None
    wide.insert(0, "model", f"supplychain {run.record['versions']['supplychain']}")
    wide.insert(1, "scenario", run.scenario)
    return wide[[*INDEX, *weeks]]


def _series(run: Run) -> Iterator[DataFrame]:
    """All series as long tables: region, variable, unit, week, value."""
    yield from _losses(run.tables["shortfall"])
    yield from _stocks(run.tables["stocks"])
    yield from _trade(run.tables["flows"])
    yield from _production(run.tables["production"])
    yield from _queue(run.tables["licences"])


def _losses(table: DataFrame) -> Iterator[DataFrame]:
    """Planned, made and lost output by segment, and by sector where its units agree; lost value."""
    units = sector_units(table)
    of_sector = table["sector"].map(units)
    per_week = table["unit"] + "/week"
    sector = table["sector"].str.capitalize()
    whole = table[of_sector != VALUE_UNIT]
    for column, what in (
        ("planned", "Planned Output"),
        ("produced", "Output"),
        ("lost", "Lost Output"),
    ):
        yield from _both(
            table, f"{what}|" + sector + "|" + table["segment"], per_week, table[column]
        )
        yield from _both(
            whole,
            f"{what}|" + sector[whole.index],
            per_week[whole.index],
            whole[column],
        )
    value, unit = table["lost_value_usd"] / 1e6, f"{VALUE_UNIT}/week"
    yield from _both(table, "Lost Value", unit, value)
    yield from _both(table, "Lost Value|" + sector, unit, value)
    yield from _both(table, "Lost Value|" + sector + "|" + table["segment"], unit, value)


def _stocks(table: DataFrame) -> Iterator[DataFrame]:
    """What lies there at the end of the week: all, and its two parts."""
    owner = table["customer"].eq("").map({True: "Makers and Traders", False: "Customers"})
    yield from _both(table, "Stock|" + table["material"], "t", table["tonnes"])
    yield from _both(table, "Stock|" + table["material"] + "|" + owner, "t", table["tonnes"])


def _trade(table: DataFrame) -> Iterator[DataFrame]:
    """Departures to, and orders from, other regions, in the week of departure."""
    across = table[table["origin"] != table["destination"]]
    for what, place in (("Exports", "origin"), ("Imports", "destination")):
        variable = f"{what}|" + across["material"]
        yield _long(across, variable, "t/week", across["tonnes"], across[place])


def _production(table: DataFrame) -> Iterator[DataFrame]:
    """Tonnes of run started, and what could have been, by stage of the chain."""
    for column, what in (("tonnes", "Production"), ("capacity_tonnes", "Capacity")):
        yield from _both(table, f"{what}|" + table["stage"], "t/week", table[column])


def _queue(table: DataFrame) -> Iterator[DataFrame]:
    """The licence queue by control; the region is the destination."""
    placed = table.rename(columns={"destination": "region"})
    for column, what in QUEUE.items():
        unit = "t" if what == "Pending" else "t/week"
        yield from _both(placed, f"Licences|{what}|" + placed["control"], unit, placed[column])


def _both(
    table: DataFrame,
    variable: pd.Series[str] | str,
    unit: pd.Series[str] | str,
    value: pd.Series[float],
) -> Iterator[DataFrame]:
    """A series by region, and its sum over the world."""
    yield _long(table, variable, unit, value, table["region"])
    yield _long(table, variable, unit, value, WORLD)


def _long(
    table: DataFrame,
    variable: pd.Series[str] | str,
    unit: pd.Series[str] | str,
    value: pd.Series[float],
    region: pd.Series[str] | str,
) -> DataFrame:
    parts = {"region": region, "variable": variable, "unit": unit, "value": value}
    found = table[["week"]].assign(**parts)
    return found.groupby([*KEYS, "week"], as_index=False, sort=False)[["value"]].sum()
