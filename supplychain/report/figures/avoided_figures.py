"""The figure of how loss was avoided: other recipes, other makers, stock from the shelf."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.report import figure
from supplychain.report.figure import (
    SERIES_COLOURS,
    WEEK_HOVER,
    Cell,
    Chart,
    Figure,
    Table,
    literal,
    number_cell,
    rounded,
    trace,
)
from supplychain.report.run_view import View, filled, groups, totals

NORMAL = "normal"
NOT_MADE = "not made when planned"
LOST_COLOUR = "#d55e00"
KEYS = ["sector", "region"]


def made_otherwise(view: View) -> pd.DataFrame:
    """Share of plan made by each other recipe, or not made, by sector, region and week.

    Columns: sector, region ("" is all), week, way, share. Units differ, so output counts by value.
    """
    keys = ["sector", "segment", "region"]
    known = view.table("customers")[["customer", *keys, "value_added_usd_per_unit"]]
    plans = view.table("shortfall").merge(known, on=keys)
    worth = plans["value_added_usd_per_unit"]
    plans = plans.assign(plan=plans["planned"] * worth, usd=plans["lost"] * worth, way=NOT_MADE)
    made = view.table("output")
    made = made[(made["recipe"] != NORMAL) & (made["produced"] > 0)].merge(known, on="customer")
    made = made.assign(
        usd=made["produced"] * made["value_added_usd_per_unit"], way=made["recipe"].astype(str)
    )
    columns = [*KEYS, "week", "way", "usd"]
    ways = pd.concat([made[columns], plans[columns]], ignore_index=True)
    parts = []
    for region in ("", None):
        mark = {} if region is None else {"region": region}
        base = totals(plans.assign(**mark), [*KEYS, "week"], ["plan"])
        found = totals(ways.assign(**mark), [*KEYS, "week", "way"], ["usd"])
        parts.append(found.merge(base, on=[*KEYS, "week"]))
    frame = pd.concat(parts, ignore_index=True)
    frame["share"] = (frame["usd"] / frame["plan"].where(frame["plan"] > 0)).fillna(0.0)
    return frame[[*KEYS, "week", "way", "share"]]


def other_makers(view: View) -> pd.DataFrame:
    """Purchases beyond what is usual from a maker, by sector and region.

    Columns: sector, region, tonnes (beyond usual), share (of all that is bought).
    """
    keys = ["material", "origin", "customer"]
    bought = view.table("flows")
    bought = bought[filled(bought, "customer")]
    usual = view.table("usual_flows")
    usual = totals(usual[filled(usual, "customer")], keys, ["tonnes_per_week"])
    bought = bought.merge(usual, on=keys, how="left")
    usual_t = bought["tonnes_per_week"].fillna(0.0)
    bought = bought.assign(
        beyond=(bought["tonnes"] - usual_t).clip(lower=0.0),
        sector=bought["customer"].map(view.customer_sectors),
        region=bought["destination"],
    )
    found = totals(bought, KEYS, ["beyond", "tonnes"])
    found["share"] = (found["beyond"] / found["tonnes"].where(found["tonnes"] > 0)).fillna(0.0)
    return found.drop(columns="tonnes").rename(columns={"beyond": "tonnes"})


def shelf_used(view: View) -> pd.DataFrame:
    """How far customers drew their shelves down, in weeks of need, by sector and region.

    Columns: sector, region, weeks: from the first week to the lowest, of what was drawn down most.
    """
    held = view.table("stocks")
    held = held[filled(held, "customer") & held["weeks_of_cover"].notna()].sort_values("week")
    cover = held.groupby(["region", "customer", "material"])["weeks_of_cover"].agg(["first", "min"])
    drawn = cover.assign(weeks=cover["first"] - cover["min"]).reset_index()
    drawn["sector"] = drawn["customer"].map(view.customer_sectors)
    return drawn.groupby(KEYS)[["weeks"]].max().reset_index()


def avoided(view: View) -> Figure:
    """Output made by other recipes week by week, and beside it what was not made when planned."""
    frame = made_otherwise(view)
    totals_by_way = frame[frame["region"] == ""].groupby("way")["share"].sum()
    ways = [w for w in totals_by_way.sort_values(ascending=False).index if w != NOT_MADE]
    colours = dict(zip(ways, [c for c in SERIES_COLOURS if c != LOST_COLOUR] * 9, strict=False))
    traces: list[dict[str, Any]] = []
    for place, way in enumerate([*ways, NOT_MADE]):
        rows = frame[frame["way"] == way]
        for (sector, region), part in groups(rows, *KEYS):
            if float(part["share"].max()) < formatting.NO_LOSS:
                continue
            series = part.set_index("week")["share"].reindex(view.weeks).fillna(0.0)
            name = NOT_MADE if way == NOT_MADE else view.recipe(way)
            colour = LOST_COLOUR if way == NOT_MADE else colours[way]
            traces.append(_area(series, name, colour, place, sector=sector, region=region))
    drawn = figure.base(
        360,
        barmode="stack",
        bargap=0,
        showlegend=True,
        hovermode="x unified",
        legend=figure.legend(360),
        xaxis=figure.week_axis(view),
        yaxis=figure.value_axis("% of the week's plan"),
        **figure.turn_marks(view),
    )
    drawn["margin"] = {**figure.MARGIN, "t": 84}
    sectors = [s for s in view.sectors if any(t["meta"]["sector"] == s for t in traces)]
    return Figure(
        id="avoided",
        title="How loss was avoided",
        caption=(
            "Share of each week's plan that is made by another recipe than the normal one, and "
            "what is not made when planned; the rest is made as usual. Of several units the share "
            f"counts value. {figure.turn_words(view)}"
        ),
        unit="% of the week's plan",
        summary=_summary(view, frame),
        charts=[Chart(traces, drawn)],
        table=_table(view),
        choices=[*figure.sector_choice(view, sectors), figure.region_choice(view)],
        empty="Everything is made as usual and when planned.",
    )


def _area(
    series: pd.Series[float], name: str, colour: str, place: int, **meta: str
) -> dict[str, Any]:
    marks = go.Bar(
        x=list(series.index),
        y=rounded(series * 100, 3),
        name=literal(name),
        marker={"color": colour, "line": {"width": 0}},
        legendrank=place,
        xhoverformat=WEEK_HOVER,
        hovertemplate="%{y:.3~r} %",
    )
    return trace(marks, **meta)


def _summary(view: View, frame: pd.DataFrame) -> str:
    every = frame[(frame["region"] == "") & (frame["way"] != NOT_MADE)]
    if every.empty or float(every["share"].max()) < formatting.NO_LOSS:
        return "No output is made by another recipe than the normal one."
    by_week = totals(every, ["sector", "week"], ["share"])
    most = by_week.sort_values(["share", "week"], ascending=[False, True]).iloc[0]
    cost = float(view.table("recipes_used")["extra_cost_usd"].sum())
    return (
        f"Most is made by other recipes in {view.sector(most['sector']).lower()}: "
        f"{formatting.share(float(most['share']))} of the plan in the week of "
        f"{formatting.day(most['week'])}. In all sectors they cost {formatting.money(cost)} more."
    )


def _table(view: View) -> Table:
    """By sector and region: recipes with their extra cost, other makers, stock from the shelf."""
    output = view.table("output").merge(
        view.table("customers")[["customer", *KEYS, "segment", "value_added_usd_per_unit"]],
        on="customer",
    )
    output = output.assign(usd=output["produced"] * output["value_added_usd_per_unit"])
    made = totals(output, [*KEYS, "recipe"], ["usd"])
    owners = output.drop_duplicates("segment").set_index("segment")["sector"]
    cost = view.table("recipes_used")
    cost = cost.assign(sector=cost["segment"].map(owners))
    extra = {
        key: float(rows["extra_cost_usd"].sum()) for key, rows in groups(cost, *KEYS, "recipe")
    }
    total = {key: float(rows["usd"].sum()) for key, rows in groups(made, *KEYS)}
    lines: list[tuple[str, str, str, str, float, float | None]] = []
    for sector, region, recipe, usd in made.itertuples(index=False):
        part = float(usd) / total[sector, region] if total[sector, region] else 0.0
        if recipe != NORMAL and part >= formatting.NO_LOSS:
            said = f"{formatting.share(part)} of output"
            paid = extra.get((sector, region, recipe), 0.0)
            lines.append((sector, region, view.recipe(recipe), said, part, paid))
    for row in other_makers(view).to_dict("records"):
        if row["share"] >= formatting.NO_LOSS:
            said = f"{formatting.share(row['share'])} of purchases"
            found = (str(row["sector"]), str(row["region"]), "more from a maker than usual")
            lines.append((*found, said, float(row["share"]), None))
    for row in shelf_used(view).to_dict("records"):
        if row["weeks"] >= LEAST_WEEKS:
            said = f"{formatting.amount(row['weeks'])} weeks of need"
            found = (str(row["sector"]), str(row["region"]), "stock from the shelf, at most")
            lines.append((*found, said, float(row["weeks"]), None))
    order = {s: i for i, s in enumerate(view.sectors)}
    lines.sort(key=lambda line: (order[line[0]], view.region(line[1])))
    rows = [
        [
            Cell(view.sector(sector)),
            Cell(view.region(region)),
            Cell(way),
            number_cell(said, value),
            number_cell("" if paid is None else formatting.money(paid), paid),
        ]
        for sector, region, way, said, value, paid in lines
    ]
    premium = (view.record.get("costs_musd") or {}).get("surge_premium")
    note = "More from a maker than usual: bought beyond what is usual from each maker."
    if premium is not None:
        paid_in_all = formatting.money(float(premium) * 1e6)
        note += f" What that costs is known in all sectors together: {paid_in_all}."
    heads = ("Sector", "Region", "How", "How much", "Extra cost")
    csv = (*heads[:3], "How much, share or weeks", "Extra cost, USD")
    places = tuple((line[0], line[1]) for line in lines)
    return Table(heads, rows, note=note, csv=csv, places=places)


LEAST_WEEKS = 0.05
"""Less drawn from a shelf is not shown: it would read as nothing."""
