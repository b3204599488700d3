"""Figures of several runs: losses beside each other, and a difference cause by cause."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.report import figure, uncertainty_band
from supplychain.report.figure import (
    SERIES_COLOURS,
    SERIES_DASHES,
    WEEK_HOVER,
    Cell,
    Chart,
    Choice,
    Figure,
    Table,
    literal,
    number_cell,
    rounded,
    trace,
)
from supplychain.report.loss_summary import weekly
from supplychain.report.run_view import View

PANEL_HEIGHT = 170
LEAST_POINTS = 0.005
"""Percentage points: less is written as none."""
LINE_WIDTH = 2.5
LABEL_HEIGHT = 16
"""Pixels that a name at a line takes."""


def weeks_of(views: Sequence[View]) -> list[str]:
    """All weeks of all runs in order."""
    return sorted({week for view in views for week in view.weeks})


def sectors_of(views: Sequence[View]) -> list[str]:
    """All sectors of all runs, in the order of the page."""
    return list(dict.fromkeys(sector for view in views for sector in view.sectors))


def loss_by_week(views: Sequence[View]) -> Figure:
    """Share of plan lost by week: a panel for each sector in which runs differ, one line a run."""
    frames = [weekly(view) for view in views]
    every = sectors_of(views)
    sectors = [sector for sector in every if _differs(frames, sector)] if len(views) > 1 else every
    bands = [uncertainty_band.weekly_range(view) for view in views]
    traces: list[dict[str, Any]] = []
    drawn: dict[tuple[str, int], list[DrawnLine]] = {}
    for i, view in enumerate(views):
        for row, sector in enumerate(sectors):
            part = frames[i][frames[i]["sector"] == sector]
            for region in ["", *view.regions]:
                series = part[part["region"] == region].set_index("week")["share"]
                if len(series) == 0:
                    continue
                series = series.reindex(view.weeks)
                around = uncertainty_band.range_of(bands[i], sector, region, view.weeks)
                colour = SERIES_COLOURS[i % len(SERIES_COLOURS)]
                if len(around):
                    traces.append(
                        uncertainty_band.area(around, colour, f"y{_suffix(row)}", region=region)
                    )
                traces.append({**_line(view, i, row, series, region), **_hover(around)})
                highest = max(
                    float(series.max()), float(around["high"].max()) if len(around) else 0
                )
                line = DrawnLine(view.name, colour, tuple(series.fillna(0.0)), highest)
                drawn.setdefault((region, row), []).append(line)
    layout = _panels(views, sectors)
    _label(traces, layout.get("annotations", ()), drawn, weeks_of(views))
    caption = [
        "Share of its weekly plan that each sector loses, one panel a sector, one line a scenario. "
        "Each panel has a scale of its own.",
        _same_words(views, every, sectors),
        _band_words(views),
    ]
    return Figure(
        id="loss-by-week",
        title="Loss by week",
        caption=" ".join(filter(None, caption)),
        unit="% of the week's plan",
        summary=_summary(views),
        charts=[Chart(traces, layout, narrow={"margin.t": 64 + 19 * len(views)})],
        table=_table(views, every),
        choices=[figure.region_choice(views[0])],
        empty="Every scenario loses the same in every week.",
    )


def _differs(frames: Sequence[pd.DataFrame], sector: str) -> bool:
    """Whether two runs lose another share in some region and week, by more than nothing."""
    keys = ["region", "week"]
    parts = [frame[frame["sector"] == sector].set_index(keys)["share"] for frame in frames]
    beside = pd.concat(parts, axis=1).fillna(0.0)
    return bool(((beside.max(axis=1) - beside.min(axis=1)) > formatting.NO_LOSS).any())


def _same_words(views: Sequence[View], every: Sequence[str], shown: Sequence[str]) -> str:
    """Name the sectors that have no panel; "" where all have one."""
    same = [views[0].sector(sector).lower() for sector in every if sector not in shown]
    if not same:
        return ""
    return f"No panel where all scenarios lose the same in every week: {formatting.listing(same)}."


@dataclass(frozen=True)
class DrawnLine:
    """A line of a panel: its scenario, colour, shares by week, and the top of it and its band."""

    name: str
    colour: str
    shares: tuple[float, ...]
    highest: float


def _label(
    traces: Sequence[dict[str, Any]],
    headings: Sequence[dict[str, Any]],
    drawn: Mapping[tuple[str, int], Sequence[DrawnLine]],
    weeks: Sequence[str],
) -> None:
    """Hand each region's first line the headings of the panels and the names of their lines."""
    for region in dict.fromkeys(region for region, _ in drawn):
        names = [
            {**label, "x": weeks[-1], "yref": f"y{_suffix(row)}"}
            for (place, row), lines in drawn.items()
            if place == region
            for label in line_labels(lines)
        ]
        first = next(one for one in traces if one.get("meta", {}).get("region") == region)
        first["meta"] = {**first["meta"], "annotations": [*headings, *names]}


def line_labels(lines: Sequence[DrawnLine]) -> list[dict[str, Any]]:
    """Names at the ends of lines, each above the one below it; lines that coincide share one.

    Lines coincide where they never part by more than the width of a line.
    """
    top = max((line.highest for line in lines), default=0.0) or 1.0
    pixels = PANEL_HEIGHT * 0.75 / top
    groups: list[list[DrawnLine]] = []
    for line in lines:
        near = (g for g in groups if _furthest(g[0].shares, line.shares) * pixels <= LINE_WIDTH)
        found = next(near, None)
        if found is None:
            groups.append([line])
        else:
            found.append(line)
    labels = []
    floor = -math.inf
    for group in sorted(groups, key=lambda group: group[0].shares[-1]):
        end = group[0].shares[-1]
        floor = max(end * pixels + 2, floor + LABEL_HEIGHT)
        names = formatting.listing([line.name for line in group])
        labels.append(
            {
                "xref": "x", "xanchor": "right", "y": rounded([end * 100])[0], "yanchor": "bottom",
                "yshift": round(floor - end * pixels), "showarrow": False,
                "text": literal(f"{names} (the same)" if len(group) > 1 else names),
                "font": {"color": group[0].colour, "size": 12},
            }
        )  # fmt: skip
    return labels


def _furthest(one: Sequence[float], other: Sequence[float]) -> float:
    """The largest distance of two lines; they are of the same weeks."""
    return max((abs(a - b) for a, b in zip(one, other, strict=True)), default=0.0)


def _hover(around: Any) -> dict[str, Any]:
    found = uncertainty_band.hover(around)
    return {**found, "hovertemplate": "%{y:.3~r} % of plan (%{customdata}), %{x}"} if found else {}


def _band_words(views: Sequence[View]) -> str:
    """Say what the band is, and which runs have one if not all do."""
    told = {view.name: said for view in views if (said := uncertainty_band.sentence(view))}
    if not told:
        return ""
    only = "" if len(told) == len(views) else f" Only {formatting.listing(list(told))} has one."
    return f"{' '.join(dict.fromkeys(told.values()))}{only}"


def _suffix(row: int) -> str:
    return "" if row == 0 else str(row + 1)


def _line(view: View, place: int, row: int, series: Any, region: str) -> dict[str, Any]:
    line = go.Scatter(
        x=list(series.index),
        y=rounded(series * 100),
        mode="lines",
        name=literal(view.name),
        legendgroup=str(place),
        showlegend=row == 0,
        xaxis="x",
        yaxis=f"y{_suffix(row)}",
        line={
            "color": SERIES_COLOURS[place % len(SERIES_COLOURS)],
            "dash": SERIES_DASHES[place % len(SERIES_DASHES)],
            "width": LINE_WIDTH,
        },
        xhoverformat=WEEK_HOVER,
        hovertemplate="%{y:.3~r} % of plan, %{x}",
    )
    return trace(line, region=region)


def _panels(views: Sequence[View], sectors: Sequence[str]) -> dict[str, Any]:
    """A column of panels on one time axis, each with its own scale and the sector's name above."""
    count = max(1, len(sectors))
    gap = 0.28 / count
    size = (1 - gap * (count - 1)) / count
    settings: dict[str, Any] = {}
    labels = []
    for row, sector in enumerate(sectors):
        top = 1 - row * (size + gap)
        settings[f"yaxis{_suffix(row)}"] = {
            **figure.value_axis(""),
            "domain": [max(0.0, top - size), top],
            "ticksuffix": " %",
            "nticks": 5,
        }
        labels.append(
            {
                "xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left",
                "yanchor": "bottom", "showarrow": False,
                "text": f"<b>{literal(views[0].sector(sector))}</b>",
            }
        )  # fmt: skip
    weeks = weeks_of(views)
    settings["xaxis"] = {
        "type": "date", "tickformat": "%b\n%Y", "automargin": True,
        "anchor": f"y{_suffix(count - 1)}", "range": [weeks[0], weeks[-1]] if weeks else None,
    }  # fmt: skip
    drawn = figure.base(
        90 + PANEL_HEIGHT * count,
        showlegend=True,
        legend=figure.legend(90 + PANEL_HEIGHT * count),
        annotations=labels,
        **settings,
    )
    drawn["margin"] = {**figure.MARGIN, "t": 80}
    return drawn


def _weekly_loss(view: View) -> Any:
    frame = weekly(view)
    return frame[frame["region"] == ""].groupby("week")["usd"].sum().sort_index()


def _summary(views: Sequence[View]) -> str:
    told = []
    for view in views:
        by_week = _weekly_loss(view)
        if len(by_week) == 0 or by_week.max() < 1:
            told.append(f"{view.name} loses nothing")
            continue
        told.append(
            f"{view.name} loses most in the week of {formatting.day(by_week.idxmax())} "
            f"({formatting.money(float(by_week.max()))})"
        )
    return f"{'; '.join(told)}."


def _table(views: Sequence[View], sectors: Sequence[str]) -> Table:
    """Highest weekly share and its week by sector and run."""
    rows = []
    frames = [weekly(view) for view in views]
    for sector in sectors:
        cells = [Cell(views[0].sector(sector))]
        for frame in frames:
            part = frame[(frame["sector"] == sector) & (frame["region"] == "")]
            if len(part) == 0 or part["share"].max() < formatting.NO_LOSS:
                cells.append(number_cell("0 %"))
                continue
            worst = part.sort_values(["share", "week"], ascending=[False, True]).iloc[0]
            when = formatting.short_day(worst["week"])
            cells.append(number_cell(f"{formatting.share(float(worst['share']))}, {when}"))
        rows.append(cells)
    heads = ("Sector", *(view.name for view in views))
    return Table(heads, rows, note="Largest share of a week's plan lost, and the first such week.")


def difference_map(base: View, others: Sequence[View]) -> Figure:
    """Difference in lost share by region and sector, each other run against the base."""
    views = [base, *others]
    sectors = sectors_of(views)
    regions = list(dict.fromkeys(region for view in views for region in view.regions))
    before = _shares(base)
    traces: list[dict[str, Any]] = []
    largest = 1.0
    rows: list[list[Cell]] = []
    for other in others:
        after = _shares(other)
        grid: list[list[float | None]] = []
        for region in regions:
            line: list[float | None] = []
            cells = [Cell(other.name), Cell(base.region(region))]
            for sector in sectors:
                pair = (before.get((region, sector)), after.get((region, sector)))
                gap = None if pair[0] is None or pair[1] is None else pair[1] - pair[0]
                line.append(None if gap is None else formatting.significant(gap * 100, 3))
                cells.append(number_cell("" if gap is None else formatting.points(gap)))
                largest = max(largest, abs(gap or 0.0) * 100)
            grid.append(line)
            rows.append(cells)
        traces.append(_difference(base, other, regions, sectors, grid))
    for one in traces:
        one["zmin"], one["zmax"] = -largest, largest
    drawn = figure.base(
        110 + 34 * len(regions),
        xaxis={"type": "category", "side": "top", "automargin": True, "showgrid": False},
        yaxis=figure.rows_axis(),
    )
    names = tuple((other.name, f"{other.name} against {base.name}") for other in others)
    return Figure(
        id="difference-map",
        title="Who loses more, who loses less",
        caption=(
            "Difference in the share of plan lost over the horizon, the chosen scenario less "
            f"{base.name}: orange loses more, blue loses less."
        ),
        unit="percentage points of plan",
        summary=_difference_summary(base, others),
        charts=[Chart(traces, drawn)],
        table=Table(("Scenario", "Region", *(base.sector(s) for s in sectors)), rows),
        choices=[Choice("other", "Compare", names)],
    )


def _shares(view: View) -> dict[tuple[str, str], float]:
    rows = view.indicators.to_dict("records")
    return {(str(r["region"]), str(r["sector"])): float(r["lost_share"]) for r in rows}


def _difference(
    base: View,
    other: View,
    regions: Sequence[str],
    sectors: Sequence[str],
    grid: list[list[float | None]],
) -> dict[str, Any]:
    texts = [
        ["" if z is None else f"{z:+.2g}" if abs(z) >= LEAST_POINTS else "0" for z in row]
        for row in grid
    ]
    marks = go.Heatmap(
        x=[literal(base.sector(s)) for s in sectors],
        y=[literal(base.region(r)) for r in regions],
        z=grid,
        xgap=2,
        ygap=2,
        text=texts,
        texttemplate="%{text}",
        hovertemplate="<b>%{y}, %{x}</b><br>%{z:+.3~g} points of plan<extra></extra>",
        colorbar={"title": {"text": "points"}, "thickness": 10, "len": 0.9},
    )
    return trace(marks, other=other.name, scale="difference")


def _difference_summary(base: View, others: Sequence[View]) -> str:
    told = []
    before = sum(float(r["lost_value_usd"]) for r in base.worldwide.values())
    for other in others:
        gap = sum(float(r["lost_value_usd"]) for r in other.worldwide.values()) - before
        if abs(gap) < 1:
            told.append(f"{other.name} loses as much as {base.name}")
            continue
        more = "more" if gap > 0 else "less"
        told.append(f"{other.name} loses {formatting.money(abs(gap))} {more} than {base.name}")
    return f"{'; '.join(told)}."
