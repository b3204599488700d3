"""Figures of an ensemble: what drives the losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.ensemble.member_losses import ALL_SECTORS
from supplychain.ensemble.sensitivity import FIRST_ORDER, FIRST_STOP, NOISE, PAWN, WEEKS_IN
from supplychain.report.ensemble_view import INTERVAL, EnsembleView, interval_cells, state_words
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
from supplychain.report.run_view import readable

LEAVING = "leaving "
"""The name of a hazard that was drawn as an input begins so."""

MOST = 12
"""At most so many drivers are drawn for a result."""


def driver_name(name: object) -> str:
    """Write an input's name as words.

    >>> driver_name("review_weeks"), driver_name("path: weeks in embargo")
    ('Review weeks', 'Path: weeks of embargo')
    >>> driver_name("leaving general-licence")
    'Hazard of leaving general licences'
    """
    told = _said(name)
    return told[:1].upper() + told[1:]


def _said(name: object) -> str:
    """Write a driver in words, the states of the path as in a sentence."""
    kind, _, state = str(name).partition(LEAVING)
    if not kind:
        return f"hazard of leaving {state_words(state)}"
    spent, _, state = str(name).partition(WEEKS_IN.format(state=""))
    return readable(name) if spent else f"path: weeks of {state_words(state)}"


def output_name(view: EnsembleView, output: str) -> str:
    """Write a result's name as words."""
    kind, _, sector = output.partition("/")
    if kind == FIRST_STOP:
        return "Week of the first stop"
    if kind == "loss":
        who = "all sectors" if sector == ALL_SECTORS else view.sector(sector).lower()
        return f"Loss of {who}"
    return driver_name(output)


def outputs_of(table: pd.DataFrame) -> list[str]:
    """The results that have drivers, the loss of all sectors first."""
    found = list(dict.fromkeys(str(name) for name in table["output"]))
    return sorted(found, key=lambda name: (name != f"loss/{ALL_SECTORS}", found.index(name)))


def drivers(view: EnsembleView) -> Figure:
    """How far the result depends on each input and on the path, beside what chance alone makes."""
    table = view.table("drivers")
    named = outputs_of(table)
    traces: list[dict[str, Any]] = []
    for output in named:
        rows = table[(table["output"] == output) & (table["method"] == PAWN)]
        real = rows[rows["input"] != NOISE].sort_values("rank").head(MOST)
        traces.append(_dots(real, output))
        traces.append(_floor(rows, real, output))
    drawn = sideways(min(MOST, max((len(t["y"]) for t in traces), default=0)), "index, 0 to 1")
    drawn["xaxis"]["range"] = [0, 1]
    return Figure(
        id="drivers",
        title="What drives the loss",
        caption=(
            "How different the loss is with an input low, middling or high (PAWN: mean "
            "Kolmogorov-Smirnov distance over slices of the input), from 0, no influence, to "
            "nearly 1. Inputs of pure chance reach the grey line: what stays left of it (grey) "
            "cannot be told from chance with so many futures. Weeks in the states of the path hang "
            "together: they are not causes side by side. The bar is the 95 % interval."
        ),
        unit="PAWN index; share of the variance in the table",
        summary=driver_words(view),
        charts=[Chart(traces, drawn)],
        table=_table(view, table, named),
        choices=_choice(view, named),
        empty=(
            "There are too few futures, or they differ too little, to tell what drives the loss."
        ),
    )


def _choice(view: EnsembleView, named: Sequence[str]) -> list[Choice]:
    options = tuple((output, output_name(view, output)) for output in named)
    return [Choice("output", "Of what", options)] if options else []


def _dots(rows: pd.DataFrame, output: str) -> dict[str, Any]:
    return dots_of(
        [literal(driver_name(name)) for name in rows["input"]],
        [float(v) for v in rows["index"]],
        [float(v) for v in rows["low"]],
        [float(v) for v in rows["high"]],
        colours=[SERIES_COLOURS[0] if real else "#8a8f98" for real in rows["above_noise"]],
        hover="%{x:.2f} (%{customdata})",
        said=[
            f"{r['low']:.2f} to {r['high']:.2f}{'' if r['above_noise'] else ', not above chance'}"
            for r in rows.to_dict("records")
        ],
        output=output,
    )


def _floor(rows: pd.DataFrame, real: pd.DataFrame, output: str) -> dict[str, Any]:
    """A line that inputs of pure chance hardly ever pass."""
    high = float(rows.loc[rows["input"] == NOISE, "high"].iloc[0])
    names = [literal(driver_name(name)) for name in real["input"]]
    line = go.Scatter(
        x=rounded([high] * len(names)),
        y=names,
        mode="lines",
        line={"color": "#8a8f98", "dash": "dash", "width": 2},
        hovertemplate="chance alone: %{x:.2f}<extra></extra>",
    )
    return trace(line, output=output)


def driver_words(view: EnsembleView) -> str:
    """Name what the loss depends on most, and what it does not show to depend on."""
    table = view.table("drivers")
    rows = table[(table["output"] == f"loss/{ALL_SECTORS}") & (table["method"] == PAWN)]
    real = rows[rows["input"] != NOISE].sort_values("rank")
    if real.empty:
        return "What drives the loss cannot be told from these futures."
    above = real[real["above_noise"].astype(bool)]
    named = [_inside(name) for name in above["input"].head(3)]
    below = len(real) - len(above)
    if not named:
        return "No input by itself can be told from chance with so many futures."
    rest = (
        f" Of {len(real)} inputs and traits of the path, {below} cannot be told from chance."
        if below
        else ""
    )
    return f"The loss depends most on {formatting.listing(named)}.{rest}"


def _inside(name: object) -> str:
    """Write a driver inside a sentence.

    >>> _inside("path: week of the first break"), _inside("leaving slow"), _inside("review_weeks")
    ('the week of the first break', 'the hazard of leaving slow licences', 'review weeks')
    """
    told = _said(name)
    if told.startswith("hazard of "):
        return f"the {told}"
    return told.replace("path: ", "the ", 1) if told.startswith("path: ") else told


def _table(view: EnsembleView, table: pd.DataFrame, named: Sequence[str]) -> Table:
    """Both indices of every driver of every result."""
    share = {
        (str(r["output"]), str(r["input"])): r
        for r in table[table["method"] == FIRST_ORDER].to_dict("records")
    }
    rows = []
    for output in named:
        part = table[(table["output"] == output) & (table["method"] == PAWN)]
        part = part.assign(last=part["input"] == NOISE).sort_values(["last", "rank"])
        for i, row in enumerate(part.to_dict("records")):
            alone = share.get((output, str(row["input"])))
            noise = row["input"] == NOISE
            rows.append(
                [
                    Cell(output_name(view, output), repeat=i > 0),
                    Cell("Chance alone" if noise else driver_name(row["input"])),
                    number_cell(f"{row['index']:.2f}", row["index"]),
                    *interval_cells(row, lambda value: f"{value:.2f}"),
                    Cell("" if noise else "yes" if row["above_noise"] else "no"),
                    number_cell(*_alone(alone)),
                ]
            )
    heads = (
        "Of what", "Driver", "PAWN index", *INTERVAL, "Above chance",
        "Of the variance, alone",
    )  # fmt: skip
    note = (
        "Of the variance, alone: the part that goes if this input were known and no other (RBD-FAST"
        "), without what it does together with others."
    )
    return Table(heads, rows, note=note, csv=(*heads[:-1], f"{heads[-1]}, share"))


def _alone(row: dict[Any, Any] | None) -> tuple[str, float | None]:
    return ("", None) if row is None else (formatting.share(row["index"]), float(row["index"]))


def morris(view: EnsembleView) -> Figure:
    """Morris' screening: how much moving one input at a time moves the loss."""
    table = view.table("morris")
    named = outputs_of(table)
    traces = []
    for output in named:
        rows = table[table["output"] == output].sort_values("rank").head(MOST)
        traces.append(
            dots_of(
                [literal(driver_name(name)) for name in rows["input"]],
                [v / 1e9 for v in rows["index"]],
                [v / 1e9 for v in rows["low"]],
                [v / 1e9 for v in rows["high"]],
                colours=[SERIES_COLOURS[0]] * len(rows),
                hover="USD %{x:,.3~r} billion, %{customdata}",
                said=[
                    "more with more of it" if mu > 0 else "less with more of it"
                    for mu in rows["mu"]
                ],
                output=output,
            )
        )
    return Figure(
        id="morris",
        title="One input moved at a time",
        caption=(
            "Mean absolute change of the loss were an input to go from its 5 % to its 95 % "
            "quantile (Morris), the other inputs at many different values. It needs solves of "
            "its own, on the path of one hard future: it sees inputs, not the path. A spread as "
            "large as the effect means that it depends on the other inputs."
        ),
        unit="billion USD over the horizon",
        summary=_morris_words(table),
        charts=[Chart(traces, sideways(MOST, "billion USD"))],
        table=_morris_table(view, table, named),
        choices=_choice(view, named),
        empty="Morris' screening was not asked for.",
    )


def _morris_words(table: pd.DataFrame) -> str:
    rows = table[table["output"] == f"loss/{ALL_SECTORS}"].sort_values("rank")
    if rows.empty:
        return "Morris' screening was not asked for."
    first = rows.iloc[0]
    return (
        f"Moved from low to high, {_inside(first['input'])} alone changes the loss by "
        f"{formatting.money(float(first['index']))} on average, the most of {len(rows)} inputs."
    )


def _morris_table(view: EnsembleView, table: pd.DataFrame, named: Sequence[str]) -> Table:
    rows = [
        [
            Cell(output_name(view, output), repeat=i > 0),
            Cell(driver_name(row["input"])),
            *(number_cell(formatting.money(row[k]), row[k]) for k in ("index", "mu", "sigma")),
        ]
        for output in named
        for i, row in enumerate(
            table[table["output"] == output].sort_values("rank").to_dict("records")
        )
    ]
    heads = ("Of what", "Input", "Mean change", "With its sign", "Spread")
    return Table(heads, rows, csv=(*heads[:2], *(f"{head}, USD" for head in heads[2:])))
