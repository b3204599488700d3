"""Figures that set several runs beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from supplychain.report import axes, band, words
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
from supplychain.report.losses import weekly
from supplychain.report.view import View

PANEL_HEIGHT = 170


def weeks_of(views: Sequence[View]) -> list[str]:
    """All weeks of all runs in order."""
    return sorted({week for view in views for week in view.weeks})


def sectors_of(views: Sequence[View]) -> list[str]:
    """All sectors of all runs, in the order of the page."""
    return list(dict.fromkeys(sector for view in views for sector in view.sectors))


def loss_by_week(views: Sequence[View]) -> Figure:
    """Share of plan lost by week: one panel a sector, one line a run, the same axes for all."""
    sectors = sectors_of(views)
    traces: list[dict[str, Any]] = []
    for i, view in enumerate(views):
        frame, ranges = weekly(view), band.weekly_range(view)
        for row, sector in enumerate(sectors):
            part = frame[frame["sector"] == sector]
            for region in ["", *view.regions]:
                series = part[part["region"] == region].set_index("week")["share"]
                if len(series) == 0:
                    continue
                around = band.range_of(ranges, sector, region, view.weeks)
                if len(around):
                    colour = SERIES_COLOURS[i % len(SERIES_COLOURS)]
                    traces.append(band.area(around, colour, f"y{_suffix(row)}", region=region))
                line = _line(view, i, row, series.reindex(view.weeks), region)
                traces.append({**line, **_hover(around)})
    return Figure(
        id="loss-by-week",
        title="Loss by week",
        caption=(
            "Share of its weekly plan that each sector loses, one panel a sector, one line a "
            f"scenario. All panels have the same axes. {_band_words(views)}"
        ).strip(),
        unit="% of the week's plan",
        summary=_summary(views),
        charts=[Chart(traces, _panels(views, sectors), narrow={"margin.t": 64 + 19 * len(views)})],
        table=_table(views, sectors),
        choices=[axes.region_choice(views[0])],
        empty="There is nothing to compare.",
    )


def _hover(around: Any) -> dict[str, Any]:
    found = band.hover(around)
    return {**found, "hovertemplate": "%{y:.3~r} % of plan (%{customdata}), %{x}"} if found else {}


def _band_words(views: Sequence[View]) -> str:
    """Say what the band is, and which runs have one if not all do."""
    told = {view.name: said for view in views if (said := band.sentence(view))}
    if not told:
        return ""
    only = "" if len(told) == len(views) else f" Only {words.listing(list(told))} has one."
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
            "width": 2.5,
        },
        xhoverformat=WEEK_HOVER,
        hovertemplate="%{y:.3~r} % of plan, %{x}",
    )
    return trace(line, region=region)


def _panels(views: Sequence[View], sectors: Sequence[str]) -> dict[str, Any]:
    """A column of panels on one time axis, each with the sector's name above it."""
    count = max(1, len(sectors))
    gap = 0.28 / count
    size = (1 - gap * (count - 1)) / count
    settings: dict[str, Any] = {}
    labels = []
    for row, sector in enumerate(sectors):
        top = 1 - row * (size + gap)
        settings[f"yaxis{_suffix(row)}"] = {
            **axes.value_axis(""),
            "domain": [max(0.0, top - size), top],
            "ticksuffix": " %",
            "nticks": 5,
            **({"matches": "y"} if row else {}),
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
    drawn = axes.base(
        90 + PANEL_HEIGHT * count,
        showlegend=True,
        legend=axes.legend(90 + PANEL_HEIGHT * count),
        annotations=labels,
        **settings,
    )
    drawn["margin"] = {**axes.MARGIN, "t": 80}
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
            f"{view.name} loses most in the week of {words.day(by_week.idxmax())} "
            f"({words.money(float(by_week.max()))})"
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
            if len(part) == 0 or part["share"].max() < words.NO_LOSS:
                cells.append(number_cell("0 %"))
                continue
            worst = part.sort_values(["share", "week"], ascending=[False, True]).iloc[0]
            when = words.short_day(worst["week"])
            cells.append(number_cell(f"{words.share(float(worst['share']))}, {when}"))
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
                line.append(None if gap is None else words.significant(gap * 100, 3))
                cells.append(number_cell("" if gap is None else words.points(gap)))
                largest = max(largest, abs(gap or 0.0) * 100)
            grid.append(line)
            rows.append(cells)
        traces.append(_difference(base, other, regions, sectors, grid))
    for one in traces:
        one["zmin"], one["zmax"] = -largest, largest
    drawn = axes.base(
        110 + 34 * len(regions),
        xaxis={"type": "category", "side": "top", "automargin": True, "showgrid": False},
        yaxis={
            "type": "category", "autorange": "reversed", "automargin": True, "showgrid": False,
        },
    )  # fmt: skip
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
    texts = [["" if z is None else f"{z:+.2g}" if z else "0" for z in row] for row in grid]
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
        told.append(f"{other.name} loses {words.money(abs(gap))} {more} than {base.name}")
    return f"{'; '.join(told)}."
