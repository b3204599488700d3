"""Figures of an ensemble: what the truce is worth, and whether the futures are enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.ensemble.member_losses import ALL_SECTORS
from supplychain.report import figure
from supplychain.report.ensemble_view import (
    INTERVAL,
    EnsembleView,
    between,
    chance_words,
    interval_cells,
    wider,
)
from supplychain.report.figure import (
    SERIES_COLOURS,
    Cell,
    Chart,
    Choice,
    Figure,
    Table,
    dots_of,
    literal,
    number_cell,
    rounded,
    sideways,
    trace,
)
from supplychain.report.figures.ensemble_loss_figures import colour
from supplychain.report.run_view import groups

CHANCE = "chance of a stop"


def truce_value(view: EnsembleView) -> Figure:
    """What the same futures lose more than with the starting regime held, with its interval."""
    table = view.table("truce_value")
    rows = [row for s in [ALL_SECTORS, *view.sectors] for row in _of(table, "sector", s)]
    shown = [row for row in rows if view.loses(str(row["sector"]))]
    names = [literal(view.sector(row["sector"])) for row in shown]
    dots = dots_of(
        names,
        [row["mean_usd"] / 1e9 for row in shown],
        [wider(row)[0] / 1e9 for row in shown],
        [wider(row)[1] / 1e9 for row in shown],
        colours=[colour(str(row["sector"])) for row in shown],
        hover="USD %{x:,.3~r} billion (%{customdata})",
        said=[between(*wider(row)) for row in shown],
    )
    return Figure(
        id="truce-value",
        title="What the truce is worth",
        caption=(
            "What is lost on average beyond the same futures with the starting regime held to "
            "the end. Both have the same inputs, so that these cancel out. The bar reaches as far "
            "as the wider of two 95 % intervals in the table, one by resampling pairs and "
            "Student's t."
        ),
        unit="billion USD of value added over the horizon",
        summary=truce_words(view),
        charts=[Chart([dots] if shown else [], sideways(len(shown), "billion USD"))],
        table=_truce_table(view, rows),
        empty="No future was solved a second time with the starting regime held.",
        open=True,
    )


def _of(table: pd.DataFrame, key: str, value: str) -> list[dict[Any, Any]]:
    return table[table[key] == value].to_dict("records")


def truce_words(view: EnsembleView) -> str:
    """Say what the truce is worth and how sure that is."""
    for row in _of(view.table("truce_value"), "sector", ALL_SECTORS):
        if row["mean_usd"] == 0:
            said = f"In none of {row['pairs']:,} pairs of futures does the truce change the loss."
            return f"{said}{_stop_words(row)}"
        return (
            f"Holding the starting regime would spare "
            f"{formatting.money(row['mean_usd'])} on average "
            f"({between(*wider(row))} with 95 % certainty, from "
            f"{row['pairs']:,} pairs of futures).{_all_words(row)}{_doubt(row)}{_stop_words(row)}"
        )
    return "What the truce is worth was not asked for."


def _all_words(row: dict[Any, Any]) -> str:
    if pd.isna(row["all_usd"]):
        return ""
    interval = between(row["all_low"], row["all_high"])
    return (
        f" With what all futures lose taken into account it is {formatting.money(row['all_usd'])} "
        f"({interval})."
    )


def _stop_words(row: dict[Any, Any]) -> str:
    if not row["stops"] and not row["held_stops"]:
        return ""
    return (
        f" A line stops in {row['stops']:,} of these pairs as drawn, in {row['held_stops']:,} with "
        "the regime held."
    )


def _doubt(row: dict[Any, Any]) -> str:
    if wider(row)[0] > 0:
        return ""
    return " The interval holds zero: that it spares anything is not certain."


def _truce_table(view: EnsembleView, rows: Sequence[dict[Any, Any]]) -> Table:
    cells = [
        [
            Cell(view.sector(row["sector"])),
            number_cell(formatting.money(row["mean_usd"]), row["mean_usd"]),
            *interval_cells(row, formatting.money, "bootstrap_low", "bootstrap_high"),
            *interval_cells(row, formatting.money),
            *_with_all(row),
            *(number_cell(f"{row[k]:,}", row[k]) for k in ("pairs", "stops", "held_stops")),
            number_cell(_correlation(row["correlation"])),
            number_cell(_gain(row)),
        ]
        for row in rows
    ]
    heads = (
        "Sector", "Spared on average", "Resampled: from", "to", "Student's t: from", "to",
        "With all futures", *INTERVAL, "Pairs", "With a stop", "With a stop if held",
        "Correlation", "Pairing is worth",
    )  # fmt: skip
    note = (
        "With all futures: what all of them lose, less what the pairs say of the regime held. "
        "Pairing is worth: so many times as many futures, drawn apart, would be as sure as these "
        "pairs."
    )
    csv = (heads[0], *(f"{head}, USD" for head in heads[1:9]), *heads[9:])
    return Table(heads, cells, note=note, csv=csv)


def _with_all(row: dict[Any, Any]) -> list[Cell]:
    if pd.isna(row["all_usd"]):
        return [number_cell("")] * 3
    estimate = number_cell(formatting.money(row["all_usd"]), row["all_usd"])
    return [estimate, *interval_cells(row, formatting.money, "all_low", "all_high")]


def _correlation(value: Any) -> str:
    return "" if pd.isna(value) else f"{value:.2f}"


def _gain(row: dict[Any, Any]) -> str:
    if row["standard_error"] <= 0:
        return ""
    ratio = (row["unpaired_standard_error"] / row["standard_error"]) ** 2
    return f"{ratio:,.1f} times"


def enough(view: EnsembleView) -> Figure:
    """How each number of the headline settles as more futures are counted."""
    table = view.table("enough")
    statistics = list(dict.fromkeys(str(s) for s in table["statistic"]))
    traces = []
    for name in statistics:
        rows = table[table["statistic"] == name].sort_values("n")
        scale, unit = (100.0, "%") if name == CHANCE else (1e-9, "billion USD")
        line = go.Scatter(
            x=[f"{n:,} futures" for n in rows["n"]],
            y=rounded(rows["estimate"] * scale),
            mode="lines+markers",
            line={"color": SERIES_COLOURS[0], "width": 2},
            marker={"size": 9},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": rounded((rows["high"] - rows["estimate"]) * scale),
                "arrayminus": rounded((rows["estimate"] - rows["low"]) * scale),
                "thickness": 2,
                "width": 6,
            },
            hovertemplate=f"%{{x}}: %{{y:,.3~r}} {unit}<extra></extra>",
        )
        traces.append(trace(line, statistic=name))
    drawn = figure.base(
        320,
        xaxis={"type": "category", "automargin": True},
        yaxis=figure.value_axis("billion USD; chance in %"),
    )
    options = tuple((name, name.capitalize()) for name in statistics)
    return Figure(
        id="enough",
        title="Whether the futures are enough",
        caption=(
            "The estimate from an eighth, a quarter, half and all of the futures, with its 95 % "
            "interval: resampled futures, for the chance Jeffreys'. The intervals take futures as "
            "drawn one by one. Where they are spread evenly (Sobol, Latin hypercube) the true "
            "error is smaller, so the verdict is on the safe side."
        ),
        unit="billion USD of value added; % of futures",
        summary=enough_words(view),
        charts=[Chart(traces, drawn)],
        table=_enough_table(table),
        choices=[Choice("statistic", "Number", options)] if options else [],
        empty="There are too few futures to tell.",
    )


def enough_words(view: EnsembleView) -> str:
    """Say for which numbers the futures are enough and for which not."""
    table = view.table("enough")
    final = table[table["verdict"].fillna("") != ""]
    told = [
        f"{row['statistic'].capitalize()}: {_inside(row['verdict'])}."
        for row in final.to_dict("records")
    ]
    return " ".join(told) or "There are too few futures to tell how sure the numbers are."


def _inside(verdict: str) -> str:
    return verdict[:1].lower() + verdict[1:].rstrip(".")


def _enough_table(table: pd.DataFrame) -> Table:
    rows = []
    for (name,), part in groups(table, "statistic"):
        for i, row in enumerate(part.sort_values("n").to_dict("records")):
            write = chance_words if name == CHANCE else formatting.money
            rows.append(
                [
                    Cell(name.capitalize(), repeat=i > 0),
                    number_cell(f"{row['n']:,}", row["n"]),
                    number_cell(write(row["estimate"]), row["estimate"]),
                    *interval_cells(row, write),
                    Cell(str(row["verdict"])),
                ]
            )
    return Table(("Number", "Futures", "Estimate", *INTERVAL, "Verdict"), rows)
