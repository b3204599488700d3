"""The range between a run and the same scenario with other planners, where it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.report.figure import WEEK_HOVER, rounded, trace
from supplychain.report.loss_summary import weekly
from supplychain.report.run_view import View, once_a_view
from supplychain.runs.run_schema import BAND_TABLES, PERFECT, PROPORTIONAL, VALUE, Run

WAYS = {
    VALUE: "scarce goods and licences pooled",
    PERFECT: "everything known from the first day",
    PROPORTIONAL: "scarce goods shared out by usual shares",
}
"""What the other runs of a band assume, in words."""

KEYS = ["sector", "region", "week"]
OPACITY = "33"
"""Added to a colour of a line: the band around it is seen through."""


def kinds(view: View) -> list[str]:
    """The other runs of the band, none where it was not asked for."""
    return [str(kind) for kind in view.record.get("band") or ()]


@once_a_view
def other_views(view: View) -> dict[str, View]:
    """The other runs of the band as views, with the losses that are kept of them."""
    found = {}
    for kind in kinds(view):
        tables = dict(view.run.tables)
        for own, name in BAND_TABLES.items():
            table = tables[name]
            tables[own] = table[table["kind"] == kind].drop(columns="kind")
        found[kind] = View(Run(view.record, tables))
    return found


@once_a_view
def weekly_range(view: View) -> pd.DataFrame:
    """Lowest and highest share lost, by sector, region ("" is all) and week; empty without a band.

    Columns: sector, region, week, low, high. The run itself is in the range.
    """
    others = other_views(view)
    if not others:
        return pd.DataFrame(columns=[*KEYS, "low", "high"])
    every = pd.concat([weekly(one) for one in (view, *others.values())], ignore_index=True)
    return every.groupby(KEYS)["share"].agg(low="min", high="max").reset_index()


def range_of(ranges: pd.DataFrame, sector: str, region: str, weeks: list[str]) -> pd.DataFrame:
    """Low and high of one sector and region, week by week; empty without a band."""
    part = ranges[(ranges["sector"] == sector) & (ranges["region"] == region)]
    return part.set_index("week")[["low", "high"]].reindex(weeks).fillna(0.0) if len(part) else part


def area(part: pd.DataFrame, colour: str, axis: str = "y", **meta: str) -> dict[str, Any]:
    """The band as an area: along the lowest shares and back along the highest."""
    weeks = list(part.index)
    marks = go.Scatter(
        x=[*weeks, *reversed(weeks)],
        y=rounded([*(part["low"] * 100), *reversed(list(part["high"] * 100))]),
        mode="lines",
        fill="toself",
        fillcolor=f"{colour}{OPACITY}",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        xaxis="x",
        yaxis=axis,
    )
    return trace(marks, **meta)


def hover(part: pd.DataFrame) -> dict[str, Any]:
    """Let a line's hover name the range beside its own share."""
    if part.empty:
        return {}
    low, high = (rounded(part[name] * 100, 3) for name in ("low", "high"))
    return {
        "customdata": [f"{a:g} to {b:g} %" for a, b in zip(low, high, strict=True)],
        "xhoverformat": WEEK_HOVER,
        "hovertemplate": "%{y:.3~r} % (%{customdata})",
    }


def first_weeks(view: View) -> dict[tuple[str, str], list[str]]:
    """(region, sector) to the first stops in the other runs, "" where there is none."""
    found: dict[tuple[str, str], list[str]] = {}
    for other in other_views(view).values():
        for row in other.indicators.to_dict("records"):
            key = str(row["region"]), str(row["sector"])
            found.setdefault(key, []).append(str(row["first_week"] or "")[:10])
    return found


ENDS = {
    VALUE: "where goods are pooled",
    PROPORTIONAL: "where all get usual shares",
}
"""The ends of the range, inside a sentence."""


def disagreement(view: View, sector: str) -> str:
    """Say where the ends of the range differ in whether a line of a sector stops; "" if nowhere."""
    own = str(view.worldwide.get(sector, {}).get("first_week") or "")[:10]
    others = other_views(view)
    stops = {
        kind: str(others[kind].worldwide[sector]["first_week"] or "")[:10]
        for kind in ENDS
        if kind in others
    }
    return ends_apart(own, stops)


def ends_apart(own: str, stops: Mapping[str, str]) -> str:
    """Say where the ends differ in whether a line stops; `stops` are first stops by end."""
    if len({bool(week) for week in (own, *stops.values())}) < 2:
        return ""
    told = [f"as modelled {_stops(own)}"]
    told += [f"{ENDS[kind]} {_stops(week)}" for kind, week in stops.items()]
    return f"Open: {'; '.join(told)}."


def _stops(week: str) -> str:
    return f"a line stops from {formatting.short_day(week)}" if week else "no line stops"


def sentence(view: View) -> str:
    """Say what the band is; empty without one."""
    told = [WAYS[kind] for kind in kinds(view) if kind in WAYS]
    if not told:
        return ""
    return f"The shaded band runs from the lowest to the highest of this run and {_and(told)}."


def _and(told: list[str]) -> str:
    return " and ".join(f"one with {way}" for way in told)
