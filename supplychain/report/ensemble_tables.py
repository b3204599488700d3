"""The tables of an ensemble's page that are not behind a figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from supplychain.report import words
from supplychain.report.ensemble_view import (
    INTERVAL,
    EnsembleView,
    chance_words,
    interval_cells,
    mark,
)
from supplychain.report.figure import Cell, Table, number_cell
from supplychain.report.figures_ensemble_drivers import LEAVING, driver_name
from supplychain.study.ensemble.losses import ALL_REGIONS, ALL_SECTORS

MOST_FAILED = 50
QUANTILE = "quantile"
"""The unit of an input that stands for many rows, each with a range of its own."""


def expected(view: EnsembleView) -> Table:
    """Mean and worst losses and the chance of a stop, by sector and region."""
    keys = [
        (s, r)
        for s in [ALL_SECTORS, *view.sectors]
        for r in [ALL_REGIONS, *view.regions]
        if view.loses(s, r)
    ]
    rows = []
    for key in keys:
        row, stop = view.expected[key], view.stops[key]
        rows.append(
            [
                Cell(view.sector(key[0])),
                Cell(view.region(key[1])),
                number_cell(words.money(row["mean_usd"]), row["mean_usd"]),
                number_cell(words.share(row["mean_share"]), row["mean_share"]),
                *interval_cells(row, words.money),
                number_cell(words.money(row["p95_usd"]), row["p95_usd"]),
                number_cell(words.money(row["tail_mean_usd"]), row["tail_mean_usd"]),
                number_cell(chance_words(stop["probability"]), stop["probability"]),
            ]
        )
    heads = (
        "Sector", "Region", "Mean", "Of plan", *INTERVAL, "1 of 20 futures loses at least",
        "Mean of these", "Chance of a stop",
    )  # fmt: skip
    csv = (
        *heads[:2], "Mean, USD", "Of plan, share", *(f"{head}, USD" for head in heads[4:7]),
        "Mean of the worst 5 %, USD", "Chance of a stop, share",
    )  # fmt: skip
    marks = [mark(*key) for key in keys]
    where = tuple((found["sector"], found["region"]) for found in marks)
    return Table(heads, rows, csv=csv, places=where)


def inputs(view: EnsembleView) -> Table:
    """The range over which every uncertain input was drawn; hazards have a figure of their own."""
    said = _asked(view)
    rows = []
    for name, part in view.table("inputs").groupby("input", sort=True):
        if str(name).startswith(LEAVING):
            continue
        one = said.get(str(name), {})
        rows.append(
            [
                Cell(driver_name(name)),
                Cell(words.plain(part["group"].iloc[0]).replace("-", " ")),
                *_range_cells(part, one),
                Cell(words.plain(one.get("why"))),
            ]
        )
    heads = ("Input", "Moves with", "Unit", "5 % lie below", "Half", "95 % lie below", "Why")
    return Table(heads, rows)


def _asked(view: EnsembleView) -> dict[str, Mapping[str, Any]]:
    """What the definition says of each input."""
    definition = view.record.get("definition") or {}
    return {str(one["name"]): one for one in definition.get("inputs") or []}


def _range_cells(part: pd.DataFrame, one: Mapping[str, Any]) -> list[Cell]:
    """Unit and quantiles of what was drawn; rows that have ranges of their own have neither."""
    unit = words.plain(part["unit"].iloc[0])
    if unit == QUANTILE:
        count = (one.get("target") or {}).get("rows")
        many = f"{count:,} rows of data, each" if count else "each row of data"
        return [Cell(f"{many} between its low and high"), *[number_cell("")] * 3]
    levels = part["value"].quantile([0.05, 0.5, 0.95])
    return [Cell(unit), *(number_cell(words.amount(v, 3), v) for v in levels)]


def failed(view: EnsembleView) -> Table:
    """The futures that were not solved, with the reason."""
    table = view.table("members")
    table = table[table["status"] != "solved"]
    rows = [
        [Cell(f"{row['member']}"), Cell(words.plain(row["reason"]))]
        for row in table.head(MOST_FAILED).to_dict("records")
    ]
    note = f"The first {MOST_FAILED} of {len(table):,}." if len(table) > MOST_FAILED else ""
    return Table(("Future", "Why it was not solved"), rows, note)


def facts(view: EnsembleView) -> Table:
    """How the futures were drawn and solved."""
    record = view.record
    definition = record.get("definition")
    known = {**(definition if isinstance(definition, Mapping) else {}), **record}
    data = known.get("data")
    pairs = view.table("truce_value")
    found = {
        "Ensemble": view.name,
        "Base scenario": view.base,
        "Futures drawn": f"{len(view.table('members')):,}",
        "Solved": f"{view.solved:,}",
        "Solved a second time with the regime held": _pairs(pairs),
        "Sampler": words.plain(known.get("sampler")),
        "Seed": words.plain(known.get("seed")),
        "Data hash": words.plain(
            known.get("data_hash") or (data.get("hash") if isinstance(data, Mapping) else "")
        )[:19],
        "Versions": words.plain(known.get("versions")),
    }
    return Table(("What", "Value"), [[Cell(k), Cell(v)] for k, v in found.items() if v])


def _pairs(table: pd.DataFrame) -> str:
    return f"{int(table['pairs'].iloc[0]):,}" if len(table) else ""
