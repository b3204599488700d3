"""The page of the hindcast: what was modelled and what was observed, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from supplychain.report import axes, words
from supplychain.report.figure import (
    SERIES_COLOURS,
    Cell,
    Chart,
    Figure,
    Table,
    number_cell,
    rounded,
    trace,
)
from supplychain.report.page import render
from supplychain.report.view import SECTOR_NAMES
from supplychain.study.hindcast import SERIES, Hindcast, Point

HEIGHT = 320


def series_figure(name: str, points: Sequence[Point]) -> Figure:
    """Observed and modelled tonnes of one series, and the table behind them."""
    single = [p for p in points if p.month == p.until]
    seen = [p for p in single if p.observed is not None]
    traces: list[dict[str, Any]] = [
        trace(
            go.Scatter(
                x=[f"{p.month}-15" for p in single],
                y=rounded(p.modelled for p in single),
                mode="lines+markers",
                name="modelled",
                line={"color": SERIES_COLOURS[0], "width": 2.5},
            )
        )
    ]
    if seen:
        traces.append(
            trace(
                go.Scatter(
                    x=[f"{p.month}-15" for p in seen],
                    y=rounded(p.observed for p in seen),
                    mode="markers",
                    name="observed",
                    marker={"color": SERIES_COLOURS[1], "size": 9, "symbol": "diamond"},
                )
            )
        )
    drawn = axes.base(
        HEIGHT,
        showlegend=True,
        legend=axes.legend(HEIGHT),
        xaxis={"type": "date", "automargin": True, "tickformat": "%b\n%Y"},
        yaxis=axes.value_axis("tonnes a month"),
    )
    drawn["margin"] = {**axes.MARGIN, "t": 48}
    return Figure(
        id=name,
        title=SERIES[name].title,
        caption=(
            "Chinese exports by month; a week's tonnes are spread evenly over its days. Sums over "
            "several months are in the table alone."
        ),
        unit="t",
        summary=_summary(points),
        charts=[Chart(traces, drawn)],
        table=_table(points),
        open=True,
    )


def _summary(points: Sequence[Point]) -> str:
    known = [p for p in points if p.error is not None]
    if not known:
        return "Nothing was observed in these months."
    worst = max(known, key=lambda p: abs(p.error or 0.0))
    return (
        f"The largest error is {words.points(worst.error or 0.0)} in {_when(worst)}: "
        f"{words.amount(worst.modelled, 3)} t modelled, {words.amount(worst.observed or 0.0, 3)} t "
        "observed."
    )


def _when(point: Point) -> str:
    return point.month if point.month == point.until else f"{point.month} to {point.until}"


def _table(points: Sequence[Point]) -> Table:
    rows = [
        [
            Cell(_when(p)),
            number_cell("" if p.observed is None else words.amount(p.observed, 4)),
            number_cell(words.amount(p.modelled, 4)),
            number_cell("" if p.error is None else signed_percent(p.error)),
        ]
        for p in points
    ]
    return Table(("Month", "Observed, t", "Modelled, t", "Error"), rows)


def signed_percent(share: float) -> str:
    """Write an error as a signed percentage.

    >>> signed_percent(0.123), signed_percent(-0.04)
    ('+12 %', '-4 %')
    """
    return f"{100 * share:+.0f} %"


def errors_table(windows: Mapping[str, Mapping[str, float | None]]) -> Table:
    """The errors of every series over the whole time, in the fit and in the test."""

    def cell(window: str, name: str) -> Cell:
        value = windows[window].get(name)
        return number_cell("" if value is None else f"{100 * value:.1f} %")

    rows = [
        [Cell(series.title), *(cell(w, name) for w in ("mape", "mape_fit", "mape_test"))]
        for name, series in SERIES.items()
    ]
    heads = ("Series", "All months under control", "April to August (fit)", "September on (test)")
    return Table(heads, rows)


def first_table(first_loss: Mapping[str, Mapping[str, str | None]]) -> Table:
    """One row per sector and region that loses, the earliest first."""
    found = sorted(
        (week, sector, region)
        for sector, regions in first_loss.items()
        for region, week in regions.items()
        if week
    )
    rows = [
        [Cell(SECTOR_NAMES.get(sector, sector)), Cell(region), Cell(words.day(week))]
        for week, sector, region in found
    ]
    return Table(("Sector", "Region", "First week over 2 %"), rows)


def hindcast_page(found: Hindcast) -> str:
    """Write the page as one HTML text."""
    by_series = {n: [p for p in found.points if p.series == n] for n in SERIES}
    windows = found.windows()
    world = windows["mape"]["magnets-world"]
    summary = (
        "Nothing was observed in these months."
        if world is None
        else f"Monthly magnet exports of China in all are off by {100 * world:.1f} % on average "
        "since the controls of April 2025."
    )
    return render(
        "hindcast.html.j2",
        [series_figure(name, points) for name, points in by_series.items() if points],
        summary=summary,
        errors=errors_table(windows),
        first=first_table(found.first_loss),
    )


def write_hindcast_page(found: Hindcast, path: Path) -> None:
    """Write the page to a file."""
    path.write_text(hindcast_page(found), encoding="utf-8", newline="\n")
