"""Figures of single firms: how many stand still, and what stock carries one through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.formatting import place, within
from supplychain.report import figure
from supplychain.report.figure import (
    SERIES_COLOURS,
    SERIES_DASHES,
    WEEK_HOVER,
    Cell,
    Chart,
    Choice,
    Figure,
    Table,
    date_cell,
    literal,
    number_cell,
    rounded,
    trace,
)
from supplychain.report.loss_summary import week_or_none
from supplychain.report.run_view import View, groups, once_a_view, ranked

Key = tuple[str, ...]
"""Segment, region and material."""
FIRSTS = ("thinnest_first_week", "quarter_first_week", "half_first_week")
SHELVES = (2.0, 4.0, 8.0, 13.0)
"""Weeks of stock whose reach the table of the cover needed says."""
LEAST_NEEDED = 0.1
"""Materials that need less stock than this, in weeks, are left out: hardly a working day."""


def standing_shares(view: View) -> pd.DataFrame:
    """Share of output whose firms stand still, by sector, segment, region and week.

    Columns: sector, segment, region ("" is all, weighed by value planned), week, share.
    """
    keys = ["sector", "segment", "region"]
    each = view.table("firms")[[*keys, "week", "share_standing"]]
    worth = view.table("customers")[[*keys, "value_added_usd_per_unit"]]
    plans = view.table("shortfall").merge(worth, on=keys)
    plans = plans.assign(usd=plans["planned"] * plans["value_added_usd_per_unit"])
    found = plans[[*keys, "week", "usd"]].merge(each, on=[*keys, "week"], how="left")
    found["share_standing"] = found["share_standing"].fillna(0.0).astype(float)
    found["part"] = found["usd"] * found["share_standing"]
    every = found.groupby(["sector", "segment", "week"], as_index=False)[["usd", "part"]].sum()
    every["share"] = (every["part"] / every["usd"].where(every["usd"] > 0)).fillna(0.0)
    each = each.rename(columns={"share_standing": "share"})
    columns = [*keys, "week", "share"]
    return pd.concat([every.assign(region="")[columns], each[columns]], ignore_index=True)


def firms_standing(view: View) -> Figure:
    """Share of firms that stand still by week, a line a segment, for a sector and region."""
    frame = standing_shares(view)
    traces: list[dict[str, Any]] = []
    segments = {
        sector: sorted(rows["segment"].unique()) for (sector,), rows in groups(frame, "sector")
    }
    for (sector, region, segment), rows in groups(frame, "sector", "region", "segment"):
        if float(rows["share"].max()) < formatting.NO_LOSS:
            continue
        series = rows.set_index("week")["share"].reindex(view.weeks).fillna(0.0)
        at = segments[sector].index(segment)
        traces.append(_line(series * 100, view.segment(segment), at, sector=sector, region=region))
    sectors = [s for s in view.sectors if any(t["meta"]["sector"] == s for t in traces)]
    drawn = figure.lines_by_week(
        view, figure.value_axis("% of output"), above=84, **figure.turn_marks(view)
    )
    most = frame[frame["region"] == ""].groupby("sector")["share"].max()
    return Figure(
        id="firms",
        title="Firms that stand still",
        caption=(
            "The firms of a segment hold different stocks: the thinnest stand still first. Share "
            "of a segment's output that firms without one of their materials would make; over all "
            f"regions weighed by value. {figure.turn_words(view)}"
        ),
        unit="% of output",
        summary=_firm_summary(view),
        charts=[Chart(traces, drawn)],
        table=_firm_table(view),
        choices=[
            *figure.sector_choice(view, sectors, ranked(most)[0] if len(most) else ""),
            figure.region_choice(view),
        ],
        empty="No firm stands still, or the run lets stocks be pooled.",
    )


def _line(
    series: pd.Series[float], name: str, at: int, unit: str = " %", **meta: str
) -> dict[str, Any]:
    line = go.Scatter(
        x=list(series.index),
        y=rounded(series, 3),
        mode="lines",
        name=literal(name),
        line={
            "color": SERIES_COLOURS[at % len(SERIES_COLOURS)],
            "dash": SERIES_DASHES[at % len(SERIES_DASHES)],
            "width": 2.5,
        },
        xhoverformat=WEEK_HOVER,
        hovertemplate=f"%{{y:.3~r}}{unit}",
    )
    return trace(line, **meta)


@once_a_view
def _stood(view: View) -> pd.DataFrame:
    """One row a customer of which firms stand still, with the most of them and the first weeks."""
    keys = ["sector", "segment", "region", *FIRSTS]
    found = view.table("firms").groupby(keys, as_index=False, dropna=False)["share_standing"].max()
    return found[found["thinnest_first_week"].map(week_or_none) != ""]


def _firm_summary(view: View) -> str:
    stood = _stood(view)
    if stood.empty:
        return "In no segment do the thinnest firms run out of stock."
    first = stood.sort_values(["thinnest_first_week", "sector", "region", "segment"]).iloc[0]
    worst = stood.sort_values(["share_standing", "region"], ascending=[False, True]).iloc[0]
    thin = formatting.share(view.assumption("thinnest_firms"))
    return (
        f"The first firms, those with the thinnest {thin} of a segment's output, run out in "
        f"{place(view.region(first['region']))} ({within(view.segment(first['segment']))}), in the "
        f"week of {formatting.day(first['thinnest_first_week'])}. At most "
        f"{formatting.share(float(worst['share_standing']))} of a week's plan stands still, of "
        f"{within(view.segment(worst['segment']))} in {place(view.region(worst['region']))}."
    )


def _firm_table(view: View) -> Table:
    order = {s: i for i, s in enumerate(view.sectors)}
    records = _stood(view).to_dict("records")
    records.sort(key=lambda r: (order[str(r["sector"])], str(r[FIRSTS[0]]), str(r["region"])))
    rows = [
        [
            Cell(view.sector(r["sector"])),
            Cell(view.segment(r["segment"])),
            Cell(view.region(r["region"])),
            *(date_cell(week_or_none(r[name]), "never") for name in FIRSTS),
            number_cell(formatting.share(float(r["share_standing"])), float(r["share_standing"])),
        ]
        for r in records
    ]
    thin = formatting.share(view.assumption("thinnest_firms"))
    heads = (
        "Sector", "Segment", "Region", f"Thinnest {thin} run out", "A quarter runs out",
        "Half runs out", "Most that stands still",
    )  # fmt: skip
    csv = (*heads[:-1], "Most that stands still, share")
    places = tuple((str(r["sector"]), str(r["region"])) for r in records)
    return Table(heads, rows, csv=csv, places=places)


def cover_needed(view: View) -> Figure:
    """Weeks of stock with which a firm gets through to a date, a line a material."""
    frame = view.table("cover_needed")
    most = _most_needed(frame)
    kept = {key for key, weeks in most.items() if weeks >= LEAST_NEEDED}
    materials = {segment: sorted({m for s, _, m in kept if s == segment}) for segment, _, _ in kept}
    traces: list[dict[str, Any]] = []
    for (segment, region, material), rows in groups(frame, "segment", "region", "material"):
        if (segment, region, material) not in kept:
            continue
        series = rows.set_index("week")["weeks_needed"].astype(float).reindex(view.weeks)
        at, name = materials[segment].index(material), view.material(material)
        traces.append(_line(series.fillna(0.0), name, at, " weeks", segment=segment, region=region))
    drawn = figure.lines_by_week(
        view, figure.value_axis("weeks of need on the shelf"), above=84, **figure.turn_marks(view)
    )
    return Figure(
        id="cover-needed",
        title="Stock that carries a firm through",
        caption=(
            "How many weeks of need a firm must hold on its shelf at the start to run until a "
            "date, while its suppliers deliver as they do to its segment and region. Find your own "
            "stock on the axis: where the line crosses it, you stand still. Goods at sea do not "
            f"count: they are in what is delivered. {figure.turn_words(view)}"
        ),
        unit="weeks of need",
        summary=_needed_summary(view, most),
        charts=[Chart(traces, drawn)],
        table=_needed_table(view, frame, kept),
        choices=_needed_choices(view, most, traces),
        empty="No firm needs more than a working day of stock, or the run lets stocks be pooled.",
    )


def _most_needed(frame: pd.DataFrame) -> dict[Key, float]:
    """Weeks of need that each segment, region and material needs at most."""
    keys = ["segment", "region", "material"]
    most = frame.groupby(keys, sort=True)["weeks_needed"].max().reset_index()
    rows = zip(*(most[key].astype(str) for key in keys), most["weeks_needed"], strict=True)
    return {(segment, region, material): float(weeks) for segment, region, material, weeks in rows}


def _needed_choices(
    view: View, most: Mapping[Key, float], traces: list[dict[str, Any]]
) -> list[Choice]:
    """Lists of segments and regions, opening where most is needed."""
    if not traces:
        return []
    segment, region, _ = max(most, key=lambda key: most[key])
    choices = []
    for name, label, named, opens in (
        ("segment", "Segment", view.segment, segment),
        ("region", "Region", view.region, region),
    ):
        codes = sorted({str(t["meta"][name]) for t in traces}, key=named)
        options = tuple((code, named(code)) for code in codes)
        choices.append(Choice(name, label, options, selected=codes.index(str(opens))))
    return choices


def _needed_summary(view: View, most: Mapping[Key, float]) -> str:
    if max(most.values(), default=0.0) < LEAST_NEEDED:
        return "Supply never falls behind by more than a working day of need."
    segment, region, material = max(most, key=lambda key: most[key])
    return (
        f"Most is needed by {within(view.segment(segment))} in {place(view.region(region))}: "
        f"{formatting.amount(max(most.values()))} weeks of {within(view.material(material))} to "
        "get through the whole horizon."
    )


def _needed_table(view: View, frame: pd.DataFrame, kept: set[Key]) -> Table:
    """Until when some stocks carry a firm, and what it needs for the whole horizon."""
    rows, places = [], []
    for (segment, region, material), part in groups(frame, "segment", "region", "material"):
        if (segment, region, material) not in kept:
            continue
        part = part.sort_values("week")
        needed = part["weeks_needed"].astype(float)
        places.append((view.segment_sectors.get(segment, ""), region))
        short = [part["week"][needed > shelf] for shelf in SHELVES]
        rows.append(
            [
                Cell(view.segment(segment)),
                Cell(view.region(region)),
                Cell(view.material(material)),
                number_cell(formatting.amount(float(needed.max())), float(needed.max())),
                *(
                    date_cell(str(weeks.iloc[0]) if len(weeks) else "", "through")
                    for weeks in short
                ),
            ]
        )
    heads = (
        "Segment", "Region", "Material", "Weeks needed in all",
        *(f"{shelf:g} weeks last until" for shelf in SHELVES),
    )  # fmt: skip
    note = "Through: so much carries a firm through the whole horizon."
    return Table(heads, rows, note=note, places=tuple(places))
