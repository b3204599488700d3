"""Figures of a grid of changed scenarios: a line a sector along one key, a heat map over two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from supplychain import formatting
from supplychain.report import figure
from supplychain.report.figure import (
    SECTOR_COLOURS,
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
from supplychain.report.grid_view import GridView, Spot
from supplychain.study.grid import Axis

HEIGHT = 250
ROW = 44
BASE_COLOUR = "#8a8f98"
MEASURES = (("usd", "Value added lost"), ("share", "Not made when planned"), ("stop", "First stop"))
UNITS = {"usd": "billion USD of value added", "share": "% of plan", "stop": "weeks from the start"}
ALIKE = "No sector's loss or first stop depends on what is varied."


def lines(view: GridView, axis: Axis) -> Figure:
    """One panel a sector: what it loses along the values of a key, each on a scale of its own."""
    spots = view.along(axis)
    sectors = view.differing(spots) if spots else []
    name = literal(axis.subject)
    charts = [
        Chart(
            [one for measure, _ in MEASURES for one in _line(view, axis, spots, sector, measure)],
            figure.base(
                HEIGHT,
                xaxis=_value_axis(axis, name),
                yaxis=figure.value_axis("", nticks=5),
            ),
            heading=view.base.view.sector(sector),
        )
        for sector in sectors
    ]
    return Figure(
        id=f"along-{view.axes.index(axis) + 1}",
        title=f"Along {axis.subject}",
        caption=(
            "One panel a sector, each with its own scale from zero: billion USD of value added "
            "lost, % of plan not made when planned, or weeks from the start to the first stop "
            f"(no dot: no line stops). The dashed line is {view.base.view.name} as it is. "
            f"{_whiskers(spots)}{view.same_words()}"
        ),
        unit="as chosen: billion USD, % of plan, weeks from the start",
        summary=_line_summary(view, axis, spots),
        charts=charts,
        table=_table(view, [view.base, *spots], sectors or view.sectors),
        choices=[Choice("measure", "Show", MEASURES)],
        empty=ALIKE,
    )


def _whiskers(spots: Sequence[Spot]) -> str:
    if not any(spot.ends for spot in spots):
        return ""
    return "Whiskers are the range over how scarce goods are shared. "


def _value_axis(axis: Axis, name: str) -> dict[str, Any]:
    """Values at their size where they are numbers of one unit, else side by side."""
    shown = {"title": {"text": name, "standoff": 6}, "automargin": True}
    if not axis.unit:
        return {**shown, "type": "category", "showgrid": False}
    at = [axis.value(one) for one in axis.values]
    words = [literal(one.value_words) for one in axis.values]
    return {**shown, "tickvals": at, "ticktext": words, "zeroline": False}


def _amount(view: GridView, spot: Spot, sector: str, measure: str) -> float | None:
    if measure == "usd":
        return spot.usd(sector) / 1e9
    if measure == "share":
        return spot.share(sector) * 100
    week = spot.week(sector)
    weeks = formatting.weeks_between(view.base.view.start, week) if week else None
    return None if weeks is None else float(weeks)


def _words(spot: Spot, sector: str, measure: str) -> str:
    if measure == "usd":
        ends = spot.sector_ends(sector)
        around = f" (range: {formatting.money_range(*ends)})" if ends else ""
        return f"{formatting.money(spot.usd(sector))} lost{around}"
    if measure == "share":
        return f"{formatting.share(spot.share(sector))} of plan not made when planned"
    week = formatting.day(spot.week(sector))
    return f"first stop {week}" if week else "no line stops"


def _line(
    view: GridView, axis: Axis, spots: Sequence[Spot], sector: str, measure: str
) -> list[dict[str, Any]]:
    """The line of a sector with its whiskers, and the level of the scenario as it is."""
    at = [axis.value(spot.point[0]) for spot in spots]
    amounts = [_amount(view, spot, sector, measure) for spot in spots]
    colour = SECTOR_COLOURS.get(sector, BASE_COLOUR)
    marks = go.Scatter(
        x=at,
        y=rounded(amounts),
        mode="lines+markers",
        line={"color": colour, "width": 2.5},
        marker={"color": colour, "size": 9},
        error_y=_ends(spots, sector) if measure == "usd" else None,
        customdata=[
            literal(f"{axis.subject} {spot.point[0].value_words}: {_words(spot, sector, measure)}")
            for spot in spots
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    found = [trace(marks, measure=measure)]
    level = _amount(view, view.base, sector, measure)
    if level is not None:
        numbers = [value for value in at if isinstance(value, float)]
        across = [min(numbers), max(numbers)] if numbers else [at[0], at[-1]]
        straight = go.Scatter(
            x=across,
            y=rounded([level, level]),
            mode="lines",
            line={"color": BASE_COLOUR, "width": 1.5, "dash": "dash"},
            customdata=[literal(f"as it is: {_words(view.base, sector, measure)}")] * 2,
            hovertemplate="%{customdata}<extra></extra>",
        )
        found.insert(0, trace(straight, measure=measure))
    return found


def _ends(spots: Sequence[Spot], sector: str) -> dict[str, Any] | None:
    """The ends of the band as whiskers, where every point has one."""
    every = [(spot.usd(sector), spot.sector_ends(sector)) for spot in spots]
    if any(ends is None for _, ends in every):
        return None
    sides = [(usd, *ends) for usd, ends in every if ends]
    return {
        "type": "data",
        "symmetric": False,
        "array": rounded((high - usd) / 1e9 for usd, _, high in sides),
        "arrayminus": rounded((usd - low) / 1e9 for usd, low, _ in sides),
        "color": BASE_COLOUR,
        "thickness": 1.5,
        "width": 5,
    }


def _line_summary(view: GridView, axis: Axis, spots: Sequence[Spot]) -> str:
    told = [
        f"{spot.point[0].value_words}: {formatting.money(spot.lost_usd)}, first stop "
        f"{view.first_words(spot)}"
        if spot.first
        else f"{spot.point[0].value_words}: {formatting.money(spot.lost_usd)}, no line stops"
        for spot in spots
    ]
    return f"All sectors, by {axis.subject}: {'; '.join(told)}."


def heat_maps(view: GridView) -> Figure:
    """One panel a sector: the first key across, the second down, the amount in each cell."""
    across, down = view.axes
    sectors = view.differing()
    height = 110 + ROW * len(down.values)
    charts = [
        Chart(
            [_heat(view, sector, measure) for measure, _ in MEASURES],
            figure.base(
                height,
                xaxis=_names_axis(across.subject),
                yaxis={**_names_axis(down.subject), "autorange": "reversed"},
            ),
            heading=view.base.view.sector(sector),
        )
        for sector in sectors
    ]
    return Figure(
        id="over-both",
        title=f"{across.subject.capitalize()} and {down.subject}",
        caption=(
            "One panel a sector, each with its own shades: the darker, the more is lost or the "
            "earlier the first line stops. A cell without a number: no line stops, or the point "
            f"has no answer. {view.same_words()}"
        ),
        unit="as chosen: billion USD, % of plan, weeks from the start",
        summary=view.verdict(),
        charts=charts,
        table=_table(view, [view.base, *view.spots], sectors or view.sectors),
        choices=[Choice("measure", "Show", MEASURES)],
        empty=ALIKE,
    )


def _names_axis(subject: str) -> dict[str, Any]:
    return {
        "type": "category", "automargin": True, "showgrid": False,
        "title": {"text": literal(subject), "standoff": 6},
    }  # fmt: skip


def _heat(view: GridView, sector: str, measure: str) -> dict[str, Any]:
    across, down = view.axes
    grid: list[list[float | None]] = []
    said: list[list[str]] = []
    for low in down.values:
        row = [view.by_place.get(frozenset({one.text, low.text})) for one in across.values]
        grid.append([_amount(view, spot, sector, measure) if spot else None for spot in row])
        said.append(
            [
                literal(f"{view.words(spot)}: {_words(spot, sector, measure)}" if spot else "")
                for spot in row
            ]
        )
    shown = [rounded(row, 3) for row in grid]
    known = [value for row in grid for value in row if value is not None]
    marks = go.Heatmap(
        x=[literal(one.value_words) for one in across.values],
        y=[literal(one.value_words) for one in down.values],
        z=shown,
        zmin=0.0 if measure != "stop" else min(known, default=0.0),
        zmax=max(known, default=1.0) or 1.0,
        reversescale=measure == "stop",
        xgap=2,
        ygap=2,
        text=[["" if z is None else f"{formatting.significant(z, 3):g}" for z in r] for r in shown],
        texttemplate="%{text}",
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
        colorbar={"thickness": 10, "len": 0.9},
    )
    return trace(marks, measure=measure, scale="loss")


def _table(view: GridView, spots: Sequence[Spot], sectors: Sequence[str]) -> Table:
    rows = [
        [
            Cell(view.words(spot), repeat=i > 0),
            Cell(spot.view.sector(sector)),
            number_cell(formatting.share(spot.share(sector)), spot.share(sector)),
            number_cell(formatting.money(spot.usd(sector)), spot.usd(sector)),
            figure.date_cell(spot.week(sector), "no stop"),
            Cell(spot.material(sector)),
        ]
        for spot in spots
        for i, sector in enumerate(sectors)
    ]
    heads = ("Scenario", "Sector", "Not made when planned", "Value added lost", "First stop")
    csv = ("scenario", "sector", "lost_share", "lost_value_usd", "first_week", "scarcest_material")
    return Table((*heads, "Scarcest material"), rows, csv=csv)
