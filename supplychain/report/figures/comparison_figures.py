"""Figures of several runs: losses beside each other, and a difference cause by cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.case.mixed_case import CAUSES
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
from supplychain.study.attribution import METHODS, ORDER

PANEL_HEIGHT = 170

MORE, LESS, WHOLE = "#d55e00", "#0072b2", "#8a8f98"
NAMED = 3
"""At most so many causes are named in the sentence above the figure."""
LEAST_USD = 5e5
"""What moves less is no cause worth naming, and no bar worth a number."""
BAR = 34


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
        frame, ranges = weekly(view), uncertainty_band.weekly_range(view)
        for row, sector in enumerate(sectors):
            part = frame[frame["sector"] == sector]
            for region in ["", *view.regions]:
                series = part[part["region"] == region].set_index("week")["share"]
                if len(series) == 0:
                    continue
                around = uncertainty_band.range_of(ranges, sector, region, view.weeks)
                if len(around):
                    colour = SERIES_COLOURS[i % len(SERIES_COLOURS)]
                    traces.append(
                        uncertainty_band.area(around, colour, f"y{_suffix(row)}", region=region)
                    )
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
        choices=[figure.region_choice(views[0])],
        empty="There is nothing to compare.",
    )


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
            **figure.value_axis(""),
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
        told.append(f"{other.name} loses {formatting.money(abs(gap))} {more} than {base.name}")
    return f"{'; '.join(told)}."


def waterfall(base: View, others: Sequence[View], causes: pd.DataFrame) -> Figure:
    """From what the base loses to what each other run loses, cause by cause."""
    parts = [(other, _of(causes, base, other)) for other in others]
    drawn = [(other, part) for other, part in parts if len(part)]
    longest = max((len(part) for _, part in drawn), default=0)
    names = tuple((other.name, f"{other.name} against {base.name}") for other, _ in drawn)
    methods = dict.fromkeys(str(m) for _, part in drawn for m in part["method"])
    layout = figure.base(
        90 + BAR * (longest + 2),
        xaxis=figure.value_axis("billion USD of value added lost", rangemode="normal"),
        yaxis={"type": "category", "autorange": "reversed", "automargin": True, "showgrid": False},
        waterfallgap=0.35,
    )
    layout["margin"] = {**figure.MARGIN, "r": 56}
    return Figure(
        id="why",
        title="What the difference is due to",
        caption=(
            f"From the loss of {base.name} to that of the chosen scenario, one bar a cause: orange "
            f"adds to the loss, blue takes from it. {' '.join(METHODS[m] for m in methods)} The "
            "parts sum to the difference."
        ),
        unit="billion USD of value added",
        summary=" ".join(_sentence(base, other, part) for other, part in parts),
        charts=[Chart([_bars(base, other, part) for other, part in drawn], layout)],
        table=_causes_table(parts),
        choices=[Choice("other", "Compare", names)] if names else [],
        empty="No cause differs between the scenarios.",
    )


def _of(causes: pd.DataFrame, base: View, other: View) -> pd.DataFrame:
    """The causes of one difference; in the order of switching, or else the largest first."""
    part = causes[(causes["base"] == base.name) & (causes["scenario"] == other.name)]
    if (part["method"] == ORDER).any():
        return part.sort_values("place", kind="stable")
    return part.sort_values(["contribution_usd", "place"], ascending=[False, True], kind="stable")


def _total(view: View) -> float:
    return sum(float(row["lost_value_usd"]) for row in view.worldwide.values())


def _bars(base: View, other: View, part: pd.DataFrame) -> dict[str, Any]:
    before, after = _total(base), _total(other)
    added = [float(usd) for usd in part["contribution_usd"]]
    spoken = [
        formatting.money(before),
        *map(formatting.signed_money, added),
        formatting.money(after),
    ]
    bars = go.Waterfall(
        orientation="h",
        measure=["absolute", *["relative"] * len(added), "total"],
        y=[literal(name) for name in (base.name, *part["title"], other.name)],
        x=[*rounded([before / 1e9, *(usd / 1e9 for usd in added)], 5), None],
        text=[*(_short(usd) for usd in (before, *added, after))],
        textposition="outside",
        cliponaxis=False,
        customdata=spoken,
        hovertemplate="<b>%{y}</b><br>%{customdata}<extra></extra>",
        increasing={"marker": {"color": MORE}},
        decreasing={"marker": {"color": LESS}},
        totals={"marker": {"color": WHOLE}},
        connector={"line": {"color": WHOLE, "width": 1}},
    )
    return trace(bars, other=other.name)


def _short(usd: float) -> str:
    """Billion USD in two digits beside a bar.

    >>> _short(2.14e9), _short(-3e7), _short(0.0)
    ('2.1', '-0.03', '0')
    """
    return f"{formatting.significant(usd / 1e9, 2):g}" if abs(usd) >= LEAST_USD else "0"


def _sentence(base: View, other: View, part: pd.DataFrame) -> str:
    gap = _total(other) - _total(base)
    if not len(part):
        return f"No cause differs between {base.name} and {other.name}."
    more = "more" if gap >= 0 else "less"
    told = part.assign(size=part["contribution_usd"].abs())
    told = told[told["size"] >= LEAST_USD]
    told = told.sort_values(["size", "place"], ascending=[False, True], kind="stable")[:NAMED]
    named = [
        f"{row['title'].lower()} ({formatting.signed_money(float(row['contribution_usd']))})"
        for row in told.to_dict("records")
    ]
    size = formatting.money(abs(gap))
    lead = f"{other.name} loses {size} {more} than {base.name}"
    if not named:
        return f"{lead}. No cause moves the loss."
    weigh = "weighs" if len(named) == 1 else "weigh"
    return f"{lead}: {formatting.listing(named)} {weigh} most."


def _causes_table(parts: Sequence[tuple[View, pd.DataFrame]]) -> Table:
    rows = []
    for other, part in parts:
        gap = float(part["contribution_usd"].sum())
        for i, row in enumerate(part.to_dict("records")):
            usd = float(row["contribution_usd"])
            cause = CAUSES.get(str(row["cause"]))
            rows.append(
                [
                    Cell(other.name, repeat=i > 0),
                    Cell(str(row["title"])),
                    number_cell(formatting.signed_money(usd)),
                    number_cell(formatting.share(usd / gap) if gap else ""),
                    Cell(cause.meaning if cause else ""),
                ]
            )
    heads = ("Scenario", "Cause", "Adds to the loss", "Of the difference", "What it holds")
    solves = [f"{o.name}: {int(p['solves'].iloc[0])} worlds solved" for o, p in parts if len(p)]
    return Table(heads, rows, note=f"{'; '.join(solves)}." if solves else "")
