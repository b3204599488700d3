"""Figures of an ensemble: what may be lost week by week, and how likely a large loss is."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.ensemble.member_losses import ALL_REGIONS, ALL_SECTORS
from supplychain.report import figure
from supplychain.report.ensemble_view import EnsembleView, mark, odds, places
from supplychain.report.figure import (
    SECTOR_COLOURS,
    WEEK_HOVER,
    Cell,
    Chart,
    Figure,
    Table,
    date_cell,
    number_cell,
    rounded,
    trace,
)
from supplychain.report.run_view import groups
from supplychain.report.uncertainty_band import OPACITY, area

ALL_COLOUR = "#56a0d3"
NOTHING = "Nothing is lost in any future."
LEVELS = (0.5, 0.25, 0.1, 0.05, 0.02, 0.01)
HEIGHT = 360


def colour(sector: str) -> str:
    """The colour of a sector, or of all of them."""
    return SECTOR_COLOURS.get(sector, ALL_COLOUR)


def fans(view: EnsembleView) -> Figure:
    """Quantiles of loss by week for a sector and region: share of plan, and value."""
    table = view.table("fans")
    shares, values = [], []
    for (sector, region), rows in groups(table, "sector", "region"):
        by_measure = {name: part.sort_values("week") for (name,), part in groups(rows, "measure")}
        if float(by_measure["share"][["p95", "mean"]].max().max()) < formatting.NO_LOSS:
            continue
        shares += _fan(by_measure["share"], 1e2, "%{y:.3~r} %", sector, region)
        values += _fan(by_measure["usd"], 1e-6, "USD %{y:,.3~r} million", sector, region)
    part = figure.lines_by_week(
        view, figure.value_axis("% of the week's plan", ticksuffix=" %"), HEIGHT
    )
    money = figure.lines_by_week(view, figure.value_axis("million USD a week"), HEIGHT)
    return Figure(
        id="fans",
        title="Loss by week",
        caption=(
            "The line is the middle future: half of them lose more in that week, half less. Half "
            "of the futures lie in the dark band, 9 of 10 in the light one. A band tells of each "
            "week by itself: no single future runs along its edge. The dotted line is the mean."
        ),
        unit="% of the week's plan; million USD a week",
        summary=_fan_summary(table),
        charts=[
            Chart(shares, part, "Share of plan lost"),
            Chart(values, money, "Value added lost"),
        ],
        table=_fan_table(table),
        choices=list(places(view)),
        empty=NOTHING,
    )


def _fan(
    rows: pd.DataFrame, scale: float, form: str, sector: str, region: str
) -> list[dict[str, Any]]:
    """Two bands, the middle future and the mean of one sector and region."""
    tone, where = colour(sector), mark(sector, region)
    weeks = [str(week)[:10] for week in rows["week"]]
    found = []
    for low, high, name in (("p05", "p95", "9 of 10 futures"), ("p25", "p75", "half of them")):
        edges = rows[[low, high]].set_axis(["low", "high"], axis=1).set_axis(weeks, axis=0)
        band = area(edges * scale / 100, tone, **where)
        found.append({**band, "name": name, "showlegend": True})
    found[1]["fillcolor"] = f"{tone}{2 * int(OPACITY):02d}"
    spans = [
        f"half {_span(r.p25, r.p75, scale)}; 9 of 10 {_span(r.p05, r.p95, scale)}"
        for r in rows.itertuples()
    ]
    for column, name, dash in (("p50", "middle future", "solid"), ("mean", "mean", "dot")):
        line = go.Scatter(
            x=weeks,
            y=rounded(rows[column] * scale, 3),
            mode="lines",
            name=name,
            line={"color": tone, "dash": dash, "width": 2.5 if column == "p50" else 2},
            customdata=spans,
            xhoverformat=WEEK_HOVER,
            hovertemplate=form if column == "mean" else f"{form} (%{{customdata}})",
        )
        found.append(trace(line, **where))
    return found


def _span(low: Any, high: Any, scale: float) -> str:
    return f"{formatting.amount(low * scale)} to {formatting.amount(high * scale)}"


def _fan_summary(table: pd.DataFrame) -> str:
    whole = table[
        (table["sector"] == ALL_SECTORS)
        & (table["region"] == ALL_REGIONS)
        & (table["measure"] == "usd")
    ]
    if whole.empty or whole["p95"].max() <= 0:
        return NOTHING if whole.empty or whole["mean"].max() <= 0 else (
            "Fewer than 1 of 20 futures lose anything in any one week."
        )  # fmt: skip
    worst = whole.sort_values(["p95", "week"], ascending=[False, True]).iloc[0]
    return (
        f"In the week of {formatting.day(worst['week'])} 1 of 20 futures loses "
        f"{formatting.money(float(worst['p95']))} or more, "
        f"the most of all weeks; half of the futures "
        f"lose {formatting.money(float(worst['p50']))} or more then."
    )


def _fan_table(table: pd.DataFrame) -> Table:
    """Quantiles of the loss of all sectors and regions in every fourth week."""
    whole = table[
        (table["sector"] == ALL_SECTORS)
        & (table["region"] == ALL_REGIONS)
        & (table["measure"] == "usd")
    ].sort_values("week")
    names = ("p05", "p25", "p50", "p75", "p95", "mean")
    rows = [
        [
            date_cell(str(row["week"])),
            *(number_cell(formatting.amount(row[n] / 1e6, 3), row[n]) for n in names),
        ]
        for row in whole.iloc[::4].to_dict("records")
    ]
    heads = ("Week", "5 %", "25 %", "Half", "75 %", "95 %", "Mean")
    csv = ("Week", *(f"{head} of futures lose less, USD" for head in heads[1:-1]), "Mean, USD")
    note = "Million USD lost in the week, all sectors and regions; so many futures lose less."
    return Table(heads, rows, note=note, csv=csv)


def exceedance(view: EnsembleView) -> Figure:
    """The chance of losing at least so much over the horizon, on a logarithmic axis."""
    table = view.table("exceedance")
    traces: list[dict[str, Any]] = []
    for (sector,), rows in groups(table, "sector"):
        if float(rows["loss_usd"].max()) > 0:
            traces += _curve(rows.sort_values("loss_usd"), sector)
    least = min(0.5, 0.8 / max(2, view.solved))
    shown = [p for p in (1, *LEVELS, 0.005, 0.002, 0.001, 0.0005) if p >= least]
    drawn = figure.base(
        HEIGHT,
        hovermode="x",
        xaxis=figure.value_axis("billion USD lost over the horizon"),
        yaxis={
            "type": "log",
            "range": [math.log10(least), 0.05],
            "tickmode": "array",
            "tickvals": shown,
            "ticktext": ["every one" if p == 1 else odds_short(p) for p in shown],
            "automargin": True,
            "title": {"text": "futures that lose at least this", "standoff": 6},
        },
    )
    return Figure(
        id="exceedance",
        title="How likely a large loss is",
        caption=(
            "Read from a loss on the axis below up to the curve and left: so many of the futures "
            "lose at least that. The band is the 95 % interval of the chance (Jeffreys). The end "
            "of the curve rests on a few futures: one more draw may move it far."
        ),
        unit="billion USD of value added over the horizon; share of futures, logarithmic",
        summary=_tail_summary(view),
        charts=[Chart(traces, drawn)],
        table=_tail_table(view, table),
        choices=[places(view)[0]],
        empty=NOTHING,
    )


def odds_short(chance: float) -> str:
    """Write a tick of a chance.

    >>> odds_short(0.05), odds_short(0.5)
    ('1 of 20', '1 of 2')
    """
    return f"1 of {1 / chance:,.0f}"


def _curve(rows: pd.DataFrame, sector: str) -> list[dict[str, Any]]:
    tone = colour(sector)
    where = {"sector": mark(sector)["sector"]}
    usd = rounded(rows["loss_usd"] / 1e9)
    band = go.Scatter(
        x=[*usd, *reversed(usd)],
        y=rounded([*rows["low"].clip(lower=1e-6), *reversed(list(rows["high"]))]),
        mode="lines",
        fill="toself",
        fillcolor=f"{tone}{OPACITY}",
        line={"width": 0},
        hoverinfo="skip",
    )
    line = go.Scatter(
        x=usd,
        y=rounded(rows["probability"]),
        mode="lines",
        line={"color": tone, "width": 2.5, "shape": "vh"},
        customdata=[odds(float(p)) for p in rows["probability"]],
        hovertemplate="USD %{x:,.3~r} billion or more in %{customdata}<extra></extra>",
    )
    return [trace(band, **where), trace(line, **where)]


def _tail_summary(view: EnsembleView) -> str:
    row = view.expected[ALL_SECTORS, ALL_REGIONS]
    if row["tail_mean_usd"] <= 0:
        return NOTHING
    return (
        f"1 of 20 futures loses {formatting.money(row['p95_usd'])} or more over the "
        f"{len(view.weeks)} weeks. These worst futures lose "
        f"{formatting.money(row['tail_mean_usd'])} on "
        f"average, {times(row['tail_mean_usd'], row['mean_usd'])} the mean of all."
    )


def times(one: float, other: float) -> str:
    """Say how many times one is of the other.

    >>> times(10.0, 2.5), times(1.0, 0.0)
    ('4 times', 'many times')
    """
    return f"{formatting.amount(one / other)} times" if other > 0 else "many times"


def _tail_table(view: EnsembleView, table: pd.DataFrame) -> Table:
    """The loss that so many futures reach, by sector."""
    levels = [level for level in LEVELS if level * view.solved >= 1]
    rows = []
    for sector in [ALL_SECTORS, *view.sectors]:
        curve = table[table["sector"] == sector]
        reached = [
            float(curve.loc[curve["probability"] >= level - 1e-12, "loss_usd"].max())
            for level in levels
        ]
        cells = [number_cell(formatting.money(usd), usd) for usd in reached]
        rows.append([Cell(view.sector(sector)), *cells])
    heads = ("Sector", *(f"{odds_short(level)} futures" for level in levels))
    csv = ("Sector", *(f"{head} lose at least, USD" for head in heads[1:]))
    return Table(
        heads, rows, note="Value added that so many of the futures lose at least.", csv=csv
    )
