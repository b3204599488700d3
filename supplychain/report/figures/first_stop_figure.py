"""The figure of first stops: a row a sector and region, a dot a scenario, a bar between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from supplychain import formatting
from supplychain.report import figure
from supplychain.report.figure import (
    SERIES_COLOURS,
    WEEK_HOVER,
    Cell,
    Chart,
    Choice,
    Figure,
    Table,
    literal,
    trace,
)
from supplychain.report.loss_summary import week_or_none
from supplychain.report.run_view import View

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "star", "hexagon")
ROW = 30
BAR_COLOUR = "#8a8f98"
NO_STOP = "no stop"
Row = tuple[str, str]
"""Sector and region."""


def stops_of(view: View) -> dict[Row, str]:
    """First stop by sector and region, ISO; "" where none stops."""
    rows = view.indicators.to_dict("records")
    return {(str(r["sector"]), str(r["region"])): week_or_none(r["first_week"]) for r in rows}


def first_stops(views: Sequence[View]) -> Figure:
    """First stops of every scenario, by sector and region; rows that stop in none are left out."""
    base = views[0]
    stops = [stops_of(view) for view in views]
    every = [row for row in _rows(views) if any(found.get(row) for found in stops)]
    moved = [row for row in every if len({found.get(row, "") for found in stops}) > 1]
    traces = [
        one
        for shown, rows in (("moved", moved), ("all", every))
        for one in _traces(views, stops, _ordered(rows, stops), shown)
    ]
    count = max(len(every), 2)
    drawn = figure.base(
        96 + ROW * count,
        showlegend=True,
        legend=figure.legend(96 + ROW * count),
        xaxis=figure.week_axis(base, ticks="outside"),
        yaxis=figure.rows_axis(showgrid=True),
    )
    drawn["margin"] = {**figure.MARGIN, "t": 76}
    drawn["xaxis"]["range"] = _span(base)
    same = len(every) - len(moved)
    options = (("moved", "Where the week differs"), ("all", "Everywhere that a line stops"))
    return Figure(
        id="first-stops",
        title="First stops",
        caption=(
            "The first week in which a line stops, by sector and region: a dot a scenario, joined "
            "where they differ. A dot past the right end: no line of it stops. A stop in the first "
            "week may have come before the start."
        ),
        unit="week",
        summary=_summary(views, moved, same),
        charts=[Chart(traces, drawn, most=0)],
        table=_table(views, every, stops),
        choices=[Choice("rows", "Show", options, selected=0 if moved else 1)] if every else [],
        empty="No line stops in any scenario.",
    )


def _rows(views: Sequence[View]) -> list[Row]:
    pairs = {row for view in views for row in stops_of(view)}
    regions = list(dict.fromkeys(region for view in views for region in view.regions))
    sectors = list(dict.fromkeys(sector for view in views for sector in view.sectors))
    return [(s, r) for s in sectors for r in regions if (s, r) in pairs]


def _ordered(rows: Sequence[Row], stops: Sequence[dict[Row, str]]) -> list[Row]:
    """The earliest stop of any scenario first."""
    return sorted(rows, key=lambda row: min(found[row] for found in stops if found.get(row)))


def _span(view: View) -> list[str]:
    """The horizon, and room at its right end for what never stops."""
    return [formatting.week_end(view.weeks[0], -1), formatting.week_end(_never(view), 3)]


def _never(view: View) -> str:
    """Where a dot lies that stands for no stop."""
    return formatting.week_end(view.weeks[-1], 1 + len(view.weeks) // 20)


def _traces(
    views: Sequence[View], stops: Sequence[dict[Row, str]], rows: Sequence[Row], shown: str
) -> list[dict[str, Any]]:
    base, never = views[0], _never(views[0])
    names = {row: literal(f"{base.sector(row[0])}, {base.region(row[1])}") for row in rows}
    bars_x: list[str | None] = []
    bars_y: list[str | None] = []
    for row in rows:
        at = [found.get(row) or never for found in stops]
        bars_x += [min(at), max(at), None]
        bars_y += [names[row], names[row], None]
    bar = go.Scatter(
        x=bars_x, y=bars_y, mode="lines", hoverinfo="skip", showlegend=False,
        line={"color": BAR_COLOUR, "width": 3},
    )  # fmt: skip
    found = [trace(bar, rows=shown)] if rows else []
    for i, (view, own) in enumerate(zip(views, stops, strict=True)):
        dots = go.Scatter(
            x=[own.get(row) or never for row in rows],
            y=[names[row] for row in rows],
            mode="markers",
            name=literal(view.name),
            marker={
                "color": SERIES_COLOURS[i % len(SERIES_COLOURS)],
                "symbol": [
                    SYMBOLS[i % len(SYMBOLS)] + ("" if own.get(row) else "-open") for row in rows
                ],
                "size": 13 - min(2 * i, 6),
                "line": {"width": 1.5},
            },
            customdata=[formatting.day(own.get(row, "")) or NO_STOP for row in rows],
            xhoverformat=WEEK_HOVER,
            hovertemplate=f"%{{y}}<br>{literal(view.name)}: %{{customdata}}<extra></extra>",
        )
        if rows:
            found.append(trace(dots, rows=shown))
    return found


def _summary(views: Sequence[View], moved: Sequence[Row], same: int) -> str:
    base = views[0]
    parts = []
    for view in views:
        found = stops_of(view)
        stopped = [row for row in found if found[row]]
        parts.append(f"{view.name} stops lines in {formatting.counted(len(stopped), 'place')}")
    alike = f" In {formatting.counted(same, 'place')} the week is the same in all." if same else ""
    if not moved:
        return f"{'; '.join(parts)}.{alike}"
    sectors = formatting.listing(
        [base.sector(s).lower() for s in dict.fromkeys(sector for sector, _ in moved)]
    )
    return f"{'; '.join(parts)}. The week differs in {sectors}.{alike}"


def _table(views: Sequence[View], rows: Sequence[Row], stops: Sequence[dict[Row, str]]) -> Table:
    base = views[0]
    cells = [
        [
            Cell(base.sector(sector)),
            Cell(base.region(region)),
            *(figure.date_cell(found.get((sector, region), ""), NO_STOP) for found in stops),
        ]
        for sector, region in rows
    ]
    return Table(("Sector", "Region", *(view.name for view in views)), cells)
