"""What would help: what a little more stock, or a few more licences, would spare."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain.report import axes, words
from supplychain.report.figure import (
    SECTOR_COLOURS,
    SERIES_COLOURS,
    Cell,
    Chart,
    Figure,
    Table,
    literal,
    number_cell,
    rounded,
    trace,
)
from supplychain.report.figures_licences import control_name
from supplychain.report.view import View
from supplychain.results.spoken import place, within

MORE_LICENCES = 0.1
"""The part of what is applied for that is granted on top."""

MOST_BARS = 8
MOST_KEPT = 60
SMALLEST_USD = 1000.0
LABEL_WIDTH = 34
STOCK_COLUMNS = ["sector", "segment", "region", "material", "week", "tonnes", "usd"]
LICENCE_COLUMNS = ["control", "exporter", "destination", "end_use", "tonnes", "usd"]


def stock_help(view: View) -> pd.DataFrame:
    """What one more week of need in stock would spare at most, per customer and material.

    The marginal value in the week in which the customer first loses output, times a week's need.
    Columns as in STOCK_COLUMNS, largest first; usd is loss and cost spared.
    """
    lost = view.table("shortfall")
    lost = lost[lost["lost"] > 0]
    first = lost.groupby(["segment", "region"])["week"].min().reset_index()
    buyers = view.table("customers")[["customer", "sector", "segment", "region"]]
    first = first.merge(buyers, on=["segment", "region"])[["customer", "sector", "segment", "week"]]
    values = view.table("marginal_values")
    values = values[values["law"] == "customer_balance"]
    needs = view.table("targets")[["customer", "material", "need_t_per_week"]]
    found = values.merge(first, on=["customer", "week"]).merge(needs, on=["customer", "material"])
    found = found.assign(tonnes=found["need_t_per_week"].astype(float))
    return _largest(found, found["tonnes"] * found["usd_per_kg"] * 1000.0, STOCK_COLUMNS)


def licence_help(view: View) -> pd.DataFrame:
    """What a tenth more licences, each week in which output is lost, would spare at most.

    Columns as in LICENCE_COLUMNS, largest first; tonnes are those licences together.
    """
    lost = view.table("shortfall")
    weeks = set(lost[lost["lost"] > 0]["week"])
    values = view.table("marginal_values")
    values = values[(values["law"] == "licence_balance") & values["week"].isin(weeks)]
    if values.empty:
        return pd.DataFrame(columns=LICENCE_COLUMNS)
    parts = values["material"].str.split("/", n=2, expand=True).reindex(columns=range(3))
    classes = parts.set_axis(["control", "exporter", "end_use"], axis=1)
    values = pd.concat([classes, values[["region", "week", "usd_per_kg"]]], axis=1)
    keys = ["control", "exporter", "destination", "end_use"]
    files = view.table("licences")[[*keys, "week", "applied_t"]]
    found = values.rename(columns={"region": "destination"}).merge(files, on=[*keys, "week"])
    found = found.assign(tonnes=found["applied_t"] * MORE_LICENCES)
    found = found.assign(usd=found["tonnes"] * found["usd_per_kg"] * 1000.0)
    found = found.groupby(keys, sort=True)[["tonnes", "usd"]].sum().reset_index()
    return _largest(found, found["usd"], LICENCE_COLUMNS)


def _largest(frame: pd.DataFrame, usd: pd.Series[float], columns: list[str]) -> pd.DataFrame:
    found = frame.assign(usd=usd.astype(float))[columns]
    found = found[found["usd"] >= SMALLEST_USD]
    others = [c for c in columns if c not in ("usd", "tonnes")]
    up = [False, *(True for _ in others)]
    return found.sort_values(["usd", *others], ascending=up, ignore_index=True).head(MOST_KEPT)


def what_helps(view: View) -> Figure:
    """What more stock and more licences would spare, the largest first."""
    stock, files = stock_help(view), licence_help(view)
    charts = [
        Chart(_stock_bars(view, stock), _layout(), "One more week of stock", most=MOST_BARS),
        Chart(_licence_bars(view, files), _layout(), "A tenth more licences", most=MOST_BARS),
    ]
    return Figure(
        id="what-helps",
        title="What would help",
        caption=(
            "Left: a week's need more in the stock of one group of customers when its line first "
            "loses output. Right: a tenth of what is applied for granted on top, in every week in "
            "which output is lost. Both are marginal values times an amount: the first tonne "
            "spares most, so this is the most that it can spare. They do not add up, because "
            f"two measures may cure the same loss. The {MOST_BARS} largest are drawn."
        ),
        unit="million USD of loss and cost spared",
        summary=_summary(view, stock, files),
        charts=charts,
        table=_table(view, stock, files),
        empty="No loss, so nothing would spare one.",
    )


def _stock_bars(view: View, stock: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        _bar(
            f"{view.material(r['material'])}: {view.segment(r['segment'])}, "
            f"{view.region(r['region'])}",
            r,
            SECTOR_COLOURS.get(str(r["sector"]), SERIES_COLOURS[-1]),
            sector=str(r["sector"]),
            region=str(r["region"]),
        )
        for r in stock.to_dict("records")
    ]


def _licence_bars(view: View, files: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        _bar(_licence(view, r), r, SERIES_COLOURS[0], region=str(r["destination"]))
        for r in files.to_dict("records")
    ]


def _licence(view: View, row: dict[Any, Any]) -> str:
    """Name a class of licence."""
    return (
        f"{control_name(view, row['control'])}; {view.region(row['exporter'])} to "
        f"{view.region(row['destination'])}, {row['end_use']}"
    )


def _bar(name: str, row: dict[Any, Any], colour: str, **meta: str) -> dict[str, Any]:
    label = "<br>".join(literal(line) for line in wrap(name, LABEL_WIDTH))
    more = f"{words.amount(float(row['tonnes']) * 1000.0)} kg"
    bar = go.Bar(
        x=rounded([float(row["usd"]) / 1e6]),
        y=[label],
        orientation="h",
        marker={"color": colour},
        customdata=[literal(more)],
        hovertemplate="%{y}<br>%{customdata}: up to USD %{x:,.3~r} million<extra></extra>",
    )
    return trace(bar, **meta)


def _layout() -> dict[str, Any]:
    drawn = axes.base(
        80 + 52 * MOST_BARS,
        barmode="overlay",
        bargap=0.45,
        xaxis=axes.value_axis("million USD"),
        yaxis={
            "type": "category", "autorange": "reversed", "automargin": True, "showgrid": False,
        },
    )  # fmt: skip
    drawn["margin"] = {**axes.MARGIN, "t": 12}
    return drawn


def _summary(view: View, stock: pd.DataFrame, files: pd.DataFrame) -> str:
    said = []
    if len(stock):
        r = stock.iloc[0]
        kilograms = words.amount(float(r["tonnes"]) * 1000.0)
        said.append(
            f"One more week of {within(view.material(r['material']))} ({kilograms} kg) with "
            f"{within(view.segment(r['segment']))} in {place(view.region(r['region']))} would "
            f"spare up to {words.money(float(r['usd']))}."
        )
    if len(files):
        r = files.iloc[0]
        kilograms = words.amount(float(r["tonnes"]) * 1000.0)
        said.append(
            f"A tenth more licences for {r['end_use']} buyers in "
            f"{place(view.region(r['destination']))} ({kilograms} kg of "
            f"{within(control_name(view, r['control']))}) would spare up to "
            f"{words.money(float(r['usd']))}."
        )
    return " ".join(said) or "No loss, so nothing would spare one."


def _table(view: View, stock: pd.DataFrame, files: pd.DataFrame) -> Table:
    more = [
        ("One more week of stock", f"{view.material(r['material'])}: {view.segment(r['segment'])}",
         str(r["region"]), str(r["sector"]), r)
        for r in stock.to_dict("records")
    ] + [
        ("A tenth more licences", f"{control_name(view, r['control'])}, {r['end_use']}, from "
         f"{view.region(r['exporter'])}", str(r["destination"]), "", r)
        for r in files.to_dict("records")
    ]  # fmt: skip
    rows = [
        [
            Cell(what),
            Cell(of_what),
            Cell(view.region(region)),
            number_cell(words.amount(float(r["tonnes"]) * 1000.0, 3), float(r["tonnes"]) * 1000.0),
            number_cell(words.money(float(r["usd"]), 3), float(r["usd"])),
        ]
        for what, of_what, region, _, r in more
    ]
    heads = ("Measure", "Of what", "Where", "How much, kg", "Spares at most")
    csv = (*heads[:-1], "Spares at most, USD")
    places = tuple((sector, region) for _, _, region, sector, _ in more)
    return Table(heads, rows, csv=csv, places=places)
