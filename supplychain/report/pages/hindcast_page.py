"""The page of the hindcast: what was modelled and what was observed, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from supplychain import formatting
from supplychain.dataset.schema_demand import SECTORS
from supplychain.report import figure
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
from supplychain.report.page_tables import origin_facts
from supplychain.report.pages.html_page import render
from supplychain.study.hindcast import Hindcast, Point
from supplychain.study.hindcast_episodes import Episode, Series

HEIGHT = 320


def series_figure(name: str, points: Sequence[Point], episode: Episode) -> Figure:
    """Observed and modelled months of one series, and the table behind them."""
    series = episode.series[name]
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
    drawn = figure.base(
        HEIGHT,
        showlegend=True,
        legend=figure.legend(HEIGHT),
        xaxis={"type": "date", "automargin": True, "tickformat": "%b\n%Y"},
        yaxis=figure.value_axis(
            "share of the reference" if episode.reference else "tonnes a month"
        ),
    )
    drawn["margin"] = {**figure.MARGIN, "t": 48}
    return Figure(
        id=name,
        title=series.title,
        caption=_caption(series, episode),
        unit=episode.unit,
        summary=_summary(points),
        charts=[Chart(traces, drawn)],
        table=_table(points),
        open=True,
    )


def _caption(series: Series, episode: Episode) -> str:
    counted = (
        "Imports from China by month, on arrival"
        if series.on_arrival
        else ("Chinese exports by month")
    )
    together = "Means" if episode.reference else "Sums"
    told = (
        f"{counted}; a week's tonnes are spread evenly over its days. {together} over several "
        "months are in the table alone."
    )
    return f"{told} 1 is {episode.reference_words}." if episode.reference else told


def _summary(points: Sequence[Point]) -> str:
    known = [p for p in points if p.error is not None]
    if not known:
        return "Nothing was observed in these months."
    worst = max(known, key=lambda p: abs(p.error or 0.0))
    unit = "" if worst.unit == "share" else " t"
    return (
        f"The largest error is {formatting.points(worst.error or 0.0)} in {_when(worst)}: "
        f"{formatting.amount(worst.modelled, 3)}{unit} modelled, "
        f"{formatting.amount(worst.observed or 0.0, 3)}{unit} observed."
    )


def _when(point: Point) -> str:
    return point.month if point.month == point.until else f"{point.month} to {point.until}"


def _table(points: Sequence[Point]) -> Table:
    unit = points[0].unit
    rows = [
        [
            Cell(_when(p)),
            number_cell("" if p.observed is None else _number(p.observed, unit)),
            number_cell(_number(p.modelled, unit)),
            number_cell("" if p.error is None else _error(p.error, unit)),
        ]
        for p in points
    ]
    return Table(("Month", f"Observed, {unit}", f"Modelled, {unit}", "Error"), rows)


def _number(value: float, unit: str) -> str:
    return formatting.amount(value, 4) if unit == "t" else f"{value:.2f}"


def _error(error: float, unit: str) -> str:
    return signed_percent(error) if unit == "t" else f"{100 * error:+.0f} points"


def signed_percent(share: float) -> str:
    """Write an error as a signed percentage.

    >>> signed_percent(0.123), signed_percent(-0.04)
    ('+12 %', '-4 %')
    """
    return f"{100 * share:+.0f} %"


def errors_table(windows: Mapping[str, Mapping[str, float | None]], episode: Episode) -> Table:
    """The errors of every series over the windows of the episode."""

    def cell(window: str, name: str) -> Cell:
        value = windows[window].get(name)
        word = "points" if episode.reference else "%"
        return number_cell("" if value is None else f"{100 * value:.1f} {word}")

    rows = [
        [Cell(series.title), *(cell(w.key, name) for w in episode.windows)]
        for name, series in episode.series.items()
    ]
    return Table(("Series", *(w.long for w in episode.windows)), rows)


def first_table(first: Mapping[str, Mapping[str, str | None]], head: str) -> Table:
    """One row per sector and region that has a first week, the earliest first."""
    found = sorted(
        (week, sector, region)
        for sector, regions in first.items()
        for region, week in regions.items()
        if week
    )
    rows = [
        [Cell(SECTORS.get(sector, sector)), Cell(region), Cell(formatting.day(week))]
        for week, sector, region in found
    ]
    return Table(("Sector", "Region", head), rows)


def stops_table(found: Hindcast) -> Table:
    """First stops as they were reported, beside the model's first firm."""
    rows = [
        [
            Cell(found.episode.stops[s.series].title),
            number_cell(f"{s.low:.1f}" if s.low == s.high else f"{s.low:.1f} to {s.high:.1f}"),
            number_cell("" if s.modelled_weeks is None else f"{s.modelled_weeks:.1f}"),
            Cell("none" if s.modelled is None else formatting.day(s.modelled)),
        ]
        for s in found.first_stops
    ]
    heads = ("Where", "First stop reported, weeks", "First firm modelled, weeks", "Week of")
    return Table(heads, rows)


def short_table(found: Hindcast) -> Table:
    """Share of firms that said they were short of inputs, beside modelled firms without stock."""
    rows = [
        [
            Cell(found.episode.surveys[p.series].title),
            Cell(p.month),
            number_cell(f"{100 * (p.observed or 0.0):.1f} %"),
            number_cell(f"{100 * p.modelled:.1f} %"),
            Cell(found.episode.surveys[p.series].use),
        ]
        for p in found.firms_short
    ]
    return Table(("Branch", "Month", "Said so", "Modelled", "Use"), rows)


def hindcast_page(found: Hindcast) -> str:
    """Write the page as one HTML text."""
    episode = found.episode
    by_series = {n: [p for p in found.points if p.series == n] for n in episode.series}
    windows = found.windows()
    return render(
        "hindcast.html.j2",
        [series_figure(name, points, episode) for name, points in by_series.items() if points],
        title=episode.title,
        origin=origin_facts([found.run.record]),
        summary=_headline(episode, windows["mape"][episode.headline]),
        takeaway=_takeaway(episode),
        caution=episode.caution,
        errors=errors_table(windows, episode),
        first=first_table(found.first_loss, "First stop"),
        firm=first_table(found.first_firm, "First firm out of stock"),
        stops=stops_table(found),
        short=short_table(found),
    )


def _headline(episode: Episode, error: float | None) -> str:
    if error is None:
        return "Nothing was observed in these months."
    if episode.reference:
        title = episode.series[episode.headline].title
        return f"{title}: off by {100 * error:.0f} points of the reference month on average."
    return (
        f"Monthly magnet exports of China in all are off by {100 * error:.1f} % on average "
        "since the controls of April 2025."
    )


def _takeaway(episode: Episode) -> str:
    if episode.reference:
        return (
            f"Mean absolute difference in points, where 100 is {episode.reference_words}. "
            "Nothing was fitted to these months."
        )
    return (
        "Mean absolute error in per cent of what was observed. Parameters were fitted to April to "
        "August 2025; September to December test them."
    )


def write_hindcast_page(found: Hindcast, path: Path) -> None:
    """Write the page to a file."""
    path.write_text(hindcast_page(found), encoding="utf-8", newline="\n")
