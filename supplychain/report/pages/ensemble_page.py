"""The page of an ensemble, with its tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from supplychain import formatting
from supplychain.ensemble.member_losses import ALL_REGIONS, ALL_SECTORS
from supplychain.report.ensemble_view import (
    INTERVAL,
    EnsembleView,
    chance_words,
    interval_cells,
    mark,
    of,
)
from supplychain.report.figure import Cell, Figure, Table, number_cell
from supplychain.report.figures.ensemble_driver_figures import LEAVING, driver_name, drivers, morris
from supplychain.report.figures.ensemble_loss_figures import exceedance, fans
from supplychain.report.figures.ensemble_stop_figures import chance_table, hazards, paths, stopping
from supplychain.report.figures.ensemble_truce_figures import enough, truce_value
from supplychain.report.page_tables import origin_facts
from supplychain.report.pages.html_page import card, picks, render
from supplychain.report.text import ensemble_text

MOST_FAILED = 50
QUANTILE = "quantile"
"""The unit of an input that stands for many rows, each with a range of its own."""


def ensemble_figures(view: EnsembleView) -> list[Figure]:
    """The figures of the page in the order of a planner's questions."""
    screened = [morris(view)] if len(view.table("morris")) else []
    return [
        fans(view),
        exceedance(view),
        stopping(view),
        truce_value(view),
        drivers(view),
        *screened,
        paths(view),
        hazards(view),
        enough(view),
    ]


def sector_briefs(view: EnsembleView) -> list[Mapping[str, Any]]:
    """One entry per sector for the head of the page, the largest mean loss first, others last."""
    means = {s: float(view.expected[s, ALL_REGIONS]["mean_usd"]) for s in view.sectors}
    order = sorted(means, key=lambda s: (s == "other", -means[s]))
    return [
        {
            "id": sector,
            "chance": chance_words(float(view.stops[sector, ALL_REGIONS]["probability"])),
            "loses": view.loses(sector),
            "sentence": ensemble_text.sector_sentence(view, sector),
            "sure": ensemble_text.sector_sureness(view, sector),
        }
        for sector in order
    ]


def ensemble_page(record: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> str:
    """Write the page of an ensemble as one HTML text.

    Args:
        record: what ensemble.json holds.
        tables: the tables of the ensemble, those of `study.ensemble.summary` among them; `losses`
            is not read. `regions` (region, name) gives regions their names.
    """
    view = of(record, tables)
    return render(
        "ensemble.html.j2",
        ensemble_figures(view),
        view=view,
        origin=origin_facts([view.record]),
        summary=ensemble_text.summary(view),
        odds=ensemble_text.odds_sentence(view),
        briefs=sector_briefs(view),
        picks=picks(view),
        chances=chance_table(view),
        notes=ensemble_text.notes(view),
        expected=expected(view),
        inputs=inputs(view),
        failed=failed(view),
        facts=facts(view),
    )


def ensemble_card(view: EnsembleView) -> str:
    """The odds of an ensemble, and what each sector may lose."""
    table = expected(view)
    rows = [[cell.text for cell in row] for row in table.rows]
    facts = [f"ensemble {view.name}", f"key {view.record.get('key')}"]
    said = ensemble_text.summary(view)
    return card(view.title, said, table.columns, rows, facts, ensemble_figures(view))


def write_ensemble_page(
    record: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], path: Path
) -> None:
    """Write the page of an ensemble to a file."""
    path.write_text(ensemble_page(record, tables), encoding="utf-8", newline="\n")


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
                number_cell(formatting.money(row["mean_usd"]), row["mean_usd"]),
                number_cell(formatting.share(row["mean_share"]), row["mean_share"]),
                *interval_cells(row, formatting.money),
                number_cell(formatting.money(row["p95_usd"]), row["p95_usd"]),
                number_cell(formatting.money(row["tail_mean_usd"]), row["tail_mean_usd"]),
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
                Cell(formatting.plain(part["group"].iloc[0]).replace("-", " ")),
                *_range_cells(part, one),
                Cell(formatting.plain(one.get("why"))),
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
    unit = formatting.plain(part["unit"].iloc[0])
    if unit == QUANTILE:
        count = (one.get("target") or {}).get("rows")
        many = f"{count:,} rows of data, each" if count else "each row of data"
        return [Cell(f"{many} between its low and high"), *[number_cell("")] * 3]
    levels = part["value"].quantile([0.05, 0.5, 0.95])
    return [Cell(unit), *(number_cell(formatting.amount(v, 3), v) for v in levels)]


def failed(view: EnsembleView) -> Table:
    """The futures that were not solved, with the reason."""
    table = view.table("members")
    table = table[table["status"] != "solved"]
    rows = [
        [Cell(f"{row['member']}"), Cell(formatting.plain(row["reason"]))]
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
        "Sampler": formatting.plain(known.get("sampler")),
        "Seed": formatting.plain(known.get("seed")),
        "Data hash": formatting.plain(
            known.get("data_hash") or (data.get("hash") if isinstance(data, Mapping) else "")
        )[:19],
        "Versions": formatting.plain(known.get("versions")),
    }
    return Table(("What", "Value"), [[Cell(k), Cell(v)] for k, v in found.items() if v])


def _pairs(table: pd.DataFrame) -> str:
    return f"{int(table['pairs'].iloc[0]):,}" if len(table) else ""
