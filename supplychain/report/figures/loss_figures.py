"""Figures of what is lost: sector by region, and week by week."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.formatting import place
from supplychain.report import figure, uncertainty_band
from supplychain.report.figure import (
    SECTOR_COLOURS,
    SERIES_COLOURS,
    SERIES_DASHES,
    WEEK_HOVER,
    Cell,
    Chart,
    Figure,
    Table,
    date_cell,
    literal,
    number_cell,
    rounded,
    trace,
)
from supplychain.report.loss_summary import lost_words, week_or_none, weekly
from supplychain.report.page_tables import places_of
from supplychain.report.run_view import View, groups, ranked

LEAST_TOP = 25.0
"""Colour scales of shares end here or higher, so that small losses do not look large."""
NOTHING = "There is nothing to draw."


def loss_map(view: View) -> Figure:
    """Lost share of plan by region and sector."""
    frame = view.indicators
    keys = zip(frame["region"].astype(str), frame["sector"].astype(str), strict=True)
    shares = dict(zip(keys, frame["lost_share"].astype(float), strict=True))
    shortfall = view.table("shortfall")
    lost = shortfall[shortfall["lost"] > 0]
    outputs = {key: lost_words(rows) for key, rows in groups(lost, "region", "sector")}
    hover = [
        [literal(outputs.get((r, s), "nothing lost")) for s in view.sectors] for r in view.regions
    ]
    marks = go.Heatmap(
        x=[literal(view.sector(s)) for s in view.sectors],
        y=[literal(view.region(r)) for r in view.regions],
        z=[[_percent(shares.get((r, s))) for s in view.sectors] for r in view.regions],
        text=[[_share_or_none(shares.get((r, s))) for s in view.sectors] for r in view.regions],
        customdata=hover,
        meta={"scale": "loss", "rows": view.regions, "columns": view.sectors},
        zmin=0,
        zmax=max(LEAST_TOP, float(frame["lost_share"].max()) * 100) if len(frame) else LEAST_TOP,
        xgap=2,
        ygap=2,
        texttemplate="%{text}",
        hovertemplate="<b>%{y}, %{x}</b><br>%{z:.3~g} % of plan<br>%{customdata}<extra></extra>",
        colorbar={"title": {"text": "% of plan"}, "thickness": 10, "len": 0.9},
    )
    height = 110 + 34 * len(view.regions)
    drawn = figure.base(
        height,
        xaxis={"type": "category", "side": "top", "automargin": True, "showgrid": False},
        yaxis=figure.rows_axis(),
    )
    rows = [
        [
            Cell(view.region(r)),
            *(
                number_cell(_share_or_none(shares.get((r, s))), shares.get((r, s)))
                for s in view.sectors
            ),
        ]
        for r in view.regions
    ]
    any_loss = bool((frame["lost_share"] >= formatting.NO_LOSS).any())
    return Figure(
        id="loss-map",
        title="Who loses how much",
        caption=(
            "Share of planned output that is lost over the whole horizon, by region of the "
            "customer and by sector. Blank: the sector has no customer there in the data."
        ),
        unit="% of planned output",
        summary=_map_summary(view, frame) if any_loss else "No sector loses output anywhere.",
        charts=[Chart([trace(marks)], drawn)],
        table=Table(
            ("Region", *(view.sector(s) for s in view.sectors)),
            rows,
            csv=("Region", *(f"{view.sector(s)}, share of plan lost" for s in view.sectors)),
            places=tuple(("", r) for r in view.regions),
        ),
    )


def _percent(value: float | None) -> float | None:
    return None if value is None else formatting.significant(value * 100, 4)


def _share_or_none(value: float | None) -> str:
    return "" if value is None else formatting.tight_share(value)


def _share_cell(value: float | None) -> Cell:
    return number_cell(_share_or_none(value), value)


def _map_summary(view: View, frame: pd.DataFrame) -> str:
    """Name the three places that lose the largest share."""
    worst = frame.sort_values(["lost_share", "sector", "region"], ascending=[False, True, True])
    top = [
        f"{view.sector(r['sector']).lower()} in {place(view.region(r['region']))} "
        f"({formatting.share(float(r['lost_share']))})"
        for r in worst.head(3).to_dict("records")
        if r["lost_share"] >= formatting.NO_LOSS
    ]
    return f"The largest shares are lost by {formatting.listing(top)}."


def loss_by_week(view: View) -> Figure:
    """Value and share lost by each sector week by week, for all regions or one."""
    frame = weekly(view)
    weeks = view.weeks
    ranges = uncertainty_band.weekly_range(view)
    values: list[dict[str, Any]] = []
    shares: list[dict[str, Any]] = []
    areas: list[dict[str, Any]] = []
    for (sector, region), rows in groups(frame, "sector", "region"):
        around = uncertainty_band.range_of(ranges, sector, region, weeks)
        if float(max([rows["share"].max(), *around.get("high", ())])) < formatting.NO_LOSS:
            continue
        series = rows.set_index("week").reindex(weeks).fillna(0.0)
        values.append(_value_bars(view, sector, region, series["usd"]))
        line = _share_line(view, sector, region, series["share"])
        shares.append({**line, **uncertainty_band.hover(around)})
        if len(around):
            colour = SECTOR_COLOURS.get(sector, SERIES_COLOURS[-1])
            areas.append(uncertainty_band.area(around, colour, sector=sector, region=region))
    order = {sector: i for i, sector in enumerate(view.sectors)}
    values.sort(key=lambda t: (t["meta"]["region"], order[t["meta"]["sector"]]))
    shares.sort(key=lambda t: (t["meta"]["region"], order[t["meta"]["sector"]]))
    marks = figure.turn_marks(view)
    money = figure.base(
        340,
        barmode="stack",
        bargap=0,
        hovermode="x unified",
        legend=figure.legend(),
        xaxis=figure.week_axis(view),
        yaxis=figure.value_axis("million USD a week"),
        **marks,
    )
    part = figure.base(
        340,
        hovermode="x unified",
        legend=figure.legend(),
        xaxis=figure.week_axis(view),
        yaxis=figure.value_axis("% of plan", ticksuffix=" %"),
        **marks,
    )
    for drawn in (money, part):
        drawn["showlegend"] = True
        drawn["margin"] = {**figure.MARGIN, "t": 64}
    total = frame[frame["region"] == ""]
    return Figure(
        id="loss-by-week",
        title="Loss by week",
        caption=(
            "Value added that is planned and not made in each week, stacked by sector, and the "
            f"share of its plan that each sector loses. {figure.turn_words(view)} "
            f"{uncertainty_band.sentence(view)}"
        ).strip(),
        unit="million USD a week; % of plan",
        summary=_week_summary(view, total),
        charts=[
            Chart(values, money, "Value added lost"),
            Chart([*areas, *shares], part, "Share of plan lost"),
        ],
        table=_weekly_table(view, total),
        choices=[figure.region_choice(view)],
        empty=NOTHING,
    )


def _value_bars(view: View, sector: str, region: str, series: pd.Series[float]) -> dict[str, Any]:
    bars = go.Bar(
        x=list(series.index),
        y=rounded(series / 1e6),
        name=literal(view.sector(sector)),
        marker={"color": SECTOR_COLOURS.get(sector, SERIES_COLOURS[-1]), "line": {"width": 0}},
        xhoverformat=WEEK_HOVER,
        hovertemplate="USD %{y:,.3~r} million",
    )
    return trace(bars, sector=sector, region=region)


def _share_line(view: View, sector: str, region: str, series: pd.Series[float]) -> dict[str, Any]:
    place = view.sectors.index(sector) % len(SERIES_DASHES)
    line = go.Scatter(
        x=list(series.index),
        y=rounded(series * 100),
        mode="lines",
        name=literal(view.sector(sector)),
        line={
            "color": SECTOR_COLOURS.get(sector, SERIES_COLOURS[-1]),
            "dash": SERIES_DASHES[place],
            "width": 2.5,
        },
        xhoverformat=WEEK_HOVER,
        hovertemplate="%{y:.3~r} %",
    )
    return trace(line, sector=sector, region=region)


def _week_summary(view: View, total: pd.DataFrame) -> str:
    """Say when most is lost, and how much then."""
    by_week = total.groupby("week")["usd"].sum().sort_index()
    if by_week.empty or by_week.max() <= 0:
        return "No output is lost in any week."
    worst = str(by_week.idxmax())
    last = str(by_week[by_week > by_week.max() * formatting.NO_LOSS].index.max())
    end = (
        "Losses still run at the end of the horizon."
        if last == view.weeks[-1]
        else f"The last loss falls in the week of {formatting.day(last)}."
    )
    return (
        f"Most is lost in the week of {formatting.day(worst)}: "
        f"{formatting.money(float(by_week.max()))}. {end}"
    )


def _weekly_table(view: View, total: pd.DataFrame) -> Table:
    """Value lost by sector, summed over four weeks a row."""
    wide = total.pivot_table(index="week", columns="sector", values="usd", aggfunc="sum")
    wide = wide.reindex(index=view.weeks, columns=view.sectors).fillna(0.0)
    blocks = [wide.index[i : i + 4] for i in range(0, len(wide), 4)]
    rows = [
        [
            date_cell(block[0]),
            *(_millions(float(wide.loc[block, s].sum())) for s in view.sectors),
        ]
        for block in blocks
    ]
    heads = ("Four weeks from", *(view.sector(s) for s in view.sectors))
    csv = (heads[0], *(f"{head}, USD" for head in heads[1:]))
    return Table(heads, rows, note="Million USD of value added lost, all regions.", csv=csv)


def _millions(usd: float) -> Cell:
    return number_cell(formatting.amount(usd / 1e6, 3), usd)


def loss_by_place(view: View) -> Figure:
    """Share of plan lost by region and week, for one sector at a time."""
    frame = weekly(view)
    frame = frame[frame["region"] != ""]
    traces: list[dict[str, Any]] = []
    by_sector = frame.groupby("sector")["usd"].sum()
    highest = max(LEAST_TOP, float(frame["share"].max()) * 100) if len(frame) else LEAST_TOP
    for sector in view.sectors:
        rows = frame[(frame["sector"] == sector) & (frame["share"] >= formatting.NO_LOSS)]
        regions = [r for r in view.regions if (rows["region"] == r).any()]
        if not regions:
            continue
        wide = rows.pivot(index="region", columns="week", values="share")
        wide = wide.reindex(index=regions, columns=view.weeks).fillna(0.0) * 100
        marks = go.Heatmap(
            x=view.weeks,
            y=[literal(view.region(r)) for r in regions],
            z=[rounded(wide.loc[r], 3) for r in regions],
            zmin=0,
            zmax=highest,
            ygap=2,
            xhoverformat=WEEK_HOVER,
            hovertemplate="<b>%{y}</b>, %{x}<br>%{z:.3~r} % of plan<extra></extra>",
            colorbar={"title": {"text": "% of plan"}, "thickness": 10, "len": 0.9},
        )
        traces.append(trace(marks, sector=sector, scale="loss", rows=regions))
    worst = ranked(by_sector)[0] if by_sector.sum() > 0 else ""
    drawn = figure.base(
        110 + 30 * len(view.regions),
        xaxis=figure.week_axis(view, showgrid=False),
        yaxis=figure.rows_axis(),
        **figure.turn_marks(view),
    )
    return Figure(
        id="loss-by-place",
        title="Where and when output is lost",
        caption=(
            "Share of a sector's weekly plan that is lost, by region. Regions where the sector "
            f"loses nothing are left out. {figure.turn_words(view)}"
        ),
        unit="% of the week's plan",
        summary=_place_summary(view),
        charts=[Chart(traces, drawn)],
        table=_place_table(view),
        choices=figure.sector_choice(view, view.sectors, worst),
        empty=NOTHING,
    )


def _place_summary(view: View) -> str:
    frame = view.indicators
    stopped = frame[frame["first_week"].fillna("").astype(str) != ""]
    if stopped.empty:
        return "No line stops in any region."
    first = stopped.sort_values(["first_week", "sector", "region"]).iloc[0]
    return (
        f"In {len(stopped)} of {len(frame)} pairs of sector and region a line stops at some time; "
        f"the first is {view.sector(first['sector']).lower()} in "
        f"{place(view.region(first['region']))}, "
        f"in the week of {formatting.day(first['first_week'])}."
    )


def _place_table(view: View) -> Table:
    frame = view.indicators
    frame = frame[frame["lost_share"] > 0]
    records = frame.to_dict("records")
    rows = [
        [
            Cell(view.sector(r["sector"])),
            Cell(view.region(r["region"])),
            *(
                date_cell(week_or_none(r[k]), "none")
                for k in ("first_week", "worst_week", "recovered_week")
            ),
        ]
        for r in records
    ]
    heads = ("Sector", "Region", "First stop", "Worst week", "Recovered week")
    return Table(heads, rows, places=places_of(records))
