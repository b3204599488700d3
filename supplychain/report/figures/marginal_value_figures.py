"""Figures of marginal values: what one more unit is worth, and what would help most."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.formatting import place, within
from supplychain.report import figure
from supplychain.report.figure import (
    SECTOR_COLOURS,
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
from supplychain.report.figures.licence_figure import control_name
from supplychain.report.run_view import View, filled

MOST_LINES = 7
LONGEST_TABLE = 40
LICENCE = "licence_balance"
PLACES = {"region": "In the stock of a region", "licence": "Licence for a kilogram"}
CAVEAT = (
    "A marginal value says what loss and cost one more kilogram at that place and week would "
    "spare. It is marginal: it holds for the next kilogram, not for a large amount. Values that "
    "one more kilogram is not proven to be worth, because several plans are equally good, are left "
    "out. It is not a price that anybody pays."
)

MORE_LICENCES = 0.1
"""The part of what is applied for that is granted on top."""

MOST_BARS = 8
MOST_KEPT = 60
SMALLEST_USD = 1000.0
LABEL_WIDTH = 34
STOCK_COLUMNS = ["sector", "segment", "region", "material", "week", "tonnes", "usd"]
LICENCE_COLUMNS = ["control", "exporter", "destination", "end_use", "tonnes", "usd"]


def placed_values(view: View) -> pd.DataFrame:
    """Marginal values above zero with `place`: a sector's customers, a region or a licence."""
    frame = view.proven_values
    frame = frame[filled(frame, "material") & (frame["usd_per_kg"] > 0)]
    sector = frame["customer"].map(view.customer_sectors)
    place = sector.where(filled(frame, "customer"), "region")
    return frame.assign(place=place.where(frame["law"] != LICENCE, "licence"))


def what(view: View, place: str, material: object) -> str:
    """Name what a marginal value is of; a licence class is control/exporter/end use."""
    if place != "licence":
        return view.material(material)
    control, *rest = str(material).split("/")
    more = [view.region(part) if part.isupper() else part for part in rest]
    return f"{control_name(view, control)} ({', '.join(more)})" if more else control


def marginal_values(view: View) -> Figure:
    """The dearest materials at the margin, by week, for one place at a time."""
    frame = placed_values(view).fillna({"region": ""})
    dearest = _dearest(view, frame)
    ranks = dearest.groupby(["place", "region"]).cumcount()
    traces = [
        _line(view, spot, region, material, rank, usd)
        for (spot, region, material), rank, usd in zip(
            dearest.index, ranks, dearest.to_numpy(), strict=True
        )
    ]
    places = [p for p in (*view.sectors, *PLACES) if p in view.sectors or p in set(frame["place"])]
    opens_at = _opens_at(view, places)
    drawn = figure.base(
        420,
        showlegend=True,
        legend=figure.legend(420),
        hovermode="x unified",
        xaxis=figure.week_axis(view),
        yaxis={
            **figure.value_axis("USD per kg"),
            "type": "log",
            "rangemode": "normal",
            "dtick": 1,
        },
        **figure.turn_marks(view),
    )
    drawn["margin"] = {**figure.MARGIN, "t": 96}
    options = tuple((p, PLACES.get(p, f"With customers: {view.sector(p)}")) for p in places)
    choice = Choice("place", "One more kilogram", options, selected=opens_at)
    return Figure(
        id="marginal-values",
        title="What one more kilogram would be worth",
        caption=(
            "Highest marginal value of each material at any such place, by week, for the "
            f"{MOST_LINES} materials with the highest peaks; each step of the axis is ten times "
            f"the one below. {CAVEAT} {figure.turn_words(view)}"
        ),
        unit="USD per kg",
        summary=_summary(view, frame, places[opens_at] if places else ""),
        charts=[Chart(traces, drawn, narrow={"margin.t": 44 + 19 * MOST_LINES})],
        table=_table(view, frame),
        choices=[choice, figure.region_choice(view)] if traces else [],
        empty="No material has a marginal value in this run.",
    )


def _dearest(view: View, frame: pd.DataFrame) -> pd.DataFrame:
    """[(place, region, material), week] highest marginal value, USD per kg, of `placed_values`.

    Of each place and region ("" is all regions) the MOST_LINES materials with the highest peaks,
    the highest first.
    """
    each = pd.concat([frame.assign(region=""), frame[frame["region"] != ""]], ignore_index=True)
    keys = ["place", "region", "material"]
    prices = each.groupby([*keys, "week"])["usd_per_kg"].max().unstack("week")
    peaks = prices.max(axis=1).rename("peak").reset_index()
    order = peaks.sort_values([*keys[:2], "peak", "material"], ascending=[True, True, False, True])
    kept = order.groupby(keys[:2]).head(MOST_LINES).index
    return prices.iloc[kept].reindex(columns=view.weeks)


def _opens_at(view: View, places: list[str]) -> int:
    """The place shown first: the sector that loses most value."""
    lost = {p: float(view.worldwide.get(p, {}).get("lost_value_usd", 0.0)) for p in places}
    return places.index(max(places, key=lambda p: lost[p])) if places else 0


def _line(
    view: View, place: str, region: str, material: str, rank: int, usd_per_kg: Iterable[float]
) -> dict[str, Any]:
    line = go.Scatter(
        x=view.weeks,
        y=rounded(usd_per_kg, 3),
        mode="lines",
        name=literal(what(view, place, material)),
        line={"color": SERIES_COLOURS[rank], "dash": SERIES_DASHES[rank], "width": 2.5},
        xhoverformat=WEEK_HOVER,
        hovertemplate="USD %{y:,.3~r} per kg",
    )
    return trace(line, place=place, region=region)


def _summary(view: View, frame: pd.DataFrame, place: str) -> str:
    here = frame[frame["place"] == place]
    if here.empty:
        return "No material has a marginal value in this run."
    keys = ["usd_per_kg", "week", "material"]
    top = here.sort_values(keys, ascending=[False, True, True], kind="stable").iloc[0]
    where = "" if place in PLACES else f" with a customer in {view.sector(place).lower()}"
    return (
        f"One more kilogram{where} would be worth most for "
        f"{within(what(view, place, top['material']))}: up to USD "
        f"{formatting.amount(float(top['usd_per_kg']))}, "
        f"in the week of {formatting.day(top['week'])}."
    )


def _table(view: View, frame: pd.DataFrame) -> Table:
    frame = frame.fillna({"customer": "", "region": ""})
    keys = ["place", "region", "customer", "material"]
    best = frame.groupby(keys)["usd_per_kg"].agg(["max", "mean"]).reset_index()
    best = best.sort_values(["max", *keys], ascending=[False, True, True, True, True])
    rows = [
        [
            Cell(what(view, str(r["place"]), r["material"])),
            Cell(view.customer(r["customer"]) if r["customer"] else view.region(r["region"])),
            Cell(PLACES.get(str(r["place"]), "With a customer")),
            number_cell(formatting.amount(float(r["max"]), 3), float(r["max"])),
            number_cell(formatting.amount(float(r["mean"]), 3), float(r["mean"])),
        ]
        for r in best.head(LONGEST_TABLE).to_dict("records")
    ]
    places = tuple(
        (str(r["place"]) if str(r["place"]) not in PLACES else "", str(r["region"]))
        for r in best.head(LONGEST_TABLE).to_dict("records")
    )
    note = f"USD per kg; the {LONGEST_TABLE} highest. Mean: over weeks in which it is above zero."
    heads = ("Of what", "Where", "At", "Highest", "Mean")
    csv = (*heads[:3], "Highest, USD per kg", "Mean, USD per kg")
    return Table(heads, rows, note=note, csv=csv, places=places)


def stock_help(view: View) -> pd.DataFrame:
    """What one more week of need in stock would spare at most, per customer and material.

    The marginal value in the week in which the customer first loses output, times a week's need.
    Columns as in STOCK_COLUMNS, largest first; usd is loss and cost spared.
    """
    lost = view.table("shortfall")
    lost = lost[lost["lost"] > 0]
    first = lost.groupby(["segment", "region"])["week"].min().reset_index()
    buyers = view.table("customers")[["customer", "sector", "segment", "region"]]
    first = first.merge(buyers, on=["segment", "region"])[["customer", "sector", "segment", "week"]]
    values = view.proven_values
    values = values[values["law"] == "customer_balance"]
    needs = view.table("targets")[["customer", "material", "need_t_per_week"]]
    found = values.merge(first, on=["customer", "week"]).merge(needs, on=["customer", "material"])
    found = found.assign(tonnes=found["need_t_per_week"].astype(float))
    return _largest(found, found["tonnes"] * found["usd_per_kg"] * 1000.0, STOCK_COLUMNS)


def licence_help(view: View) -> pd.DataFrame:
    """What a tenth more licences, each week in which output is lost, would spare at most.

    Columns as in LICENCE_COLUMNS, largest first; tonnes are those licences together.
    """
    lost = view.table("shortfall")
    weeks = set(lost[lost["lost"] > 0]["week"])
    values = view.proven_values
    values = values[(values["law"] == "licence_balance") & values["week"].isin(weeks)]
    if values.empty:
        return pd.DataFrame(columns=LICENCE_COLUMNS)
    parts = values["material"].str.split("/", n=2, expand=True).reindex(columns=range(3))
    classes = parts.set_axis(["control", "exporter", "end_use"], axis=1)
    values = pd.concat([classes, values[["region", "week", "usd_per_kg"]]], axis=1)
    keys = ["control", "exporter", "destination", "end_use"]
    files = view.table("licences")[[*keys, "week", "applied_t"]]
    found = values.rename(columns={"region": "destination"}).merge(files, on=[*keys, "week"])
    found = found.assign(tonnes=found["applied_t"] * MORE_LICENCES)
    found = found.assign(usd=found["tonnes"] * found["usd_per_kg"] * 1000.0)
    found = found.groupby(keys, sort=True)[["tonnes", "usd"]].sum().reset_index()
    return _largest(found, found["usd"], LICENCE_COLUMNS)


def _largest(frame: pd.DataFrame, usd: pd.Series[float], columns: list[str]) -> pd.DataFrame:
    found = frame.assign(usd=usd.astype(float))[columns]
    found = found[found["usd"] >= SMALLEST_USD]
    others = [c for c in columns if c not in ("usd", "tonnes")]
    up = [False, *(True for _ in others)]
    return found.sort_values(["usd", *others], ascending=up, ignore_index=True).head(MOST_KEPT)


def what_helps(view: View) -> Figure:
    """What more stock and more licences would spare, the largest first."""
    stock, files = stock_help(view), licence_help(view)
    charts = [
        Chart(_stock_bars(view, stock), _layout(), "One more week of stock", most=MOST_BARS),
        Chart(_licence_bars(view, files), _layout(), "A tenth more licences", most=MOST_BARS),
    ]
    return Figure(
        id="what-helps",
        title="What would help",
        caption=(
            "Left: a week's need more in the stock of one group of customers when its line first "
            "loses output. Right: a tenth of what is applied for granted on top, in every week in "
            "which output is lost. Both are marginal values times an amount: the first tonne "
            "spares most, so this is the most that it can spare. They do not add up, because "
            f"two measures may cure the same loss. The {MOST_BARS} largest are drawn."
        ),
        unit="million USD of loss and cost spared",
        summary=_help_summary(view, stock, files),
        charts=charts,
        table=_help_table(view, stock, files),
        empty="No loss, so nothing would spare one.",
    )


def _stock_bars(view: View, stock: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        _bar(
            f"{view.material(r['material'])}: {view.segment(r['segment'])}, "
            f"{view.region(r['region'])}",
            r,
            SECTOR_COLOURS.get(str(r["sector"]), SERIES_COLOURS[-1]),
            sector=str(r["sector"]),
            region=str(r["region"]),
        )
        for r in stock.to_dict("records")
    ]


def _licence_bars(view: View, files: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        _bar(_licence(view, r), r, SERIES_COLOURS[0], region=str(r["destination"]))
        for r in files.to_dict("records")
    ]


def _licence(view: View, row: dict[Any, Any]) -> str:
    """Name a class of licence."""
    return (
        f"{control_name(view, row['control'])}; {view.region(row['exporter'])} to "
        f"{view.region(row['destination'])}, {row['end_use']}"
    )


def _bar(name: str, row: dict[Any, Any], colour: str, **meta: str) -> dict[str, Any]:
    label = "<br>".join(literal(line) for line in wrap(name, LABEL_WIDTH))
    more = f"{formatting.amount(float(row['tonnes']) * 1000.0)} kg"
    bar = go.Bar(
        x=rounded([float(row["usd"]) / 1e6]),
        y=[label],
        orientation="h",
        marker={"color": colour},
        customdata=[literal(more)],
        hovertemplate="%{y}<br>%{customdata}: up to USD %{x:,.3~r} million<extra></extra>",
    )
    return trace(bar, **meta)


def _layout() -> dict[str, Any]:
    drawn = figure.base(
        80 + 52 * MOST_BARS,
        barmode="overlay",
        bargap=0.45,
        xaxis=figure.value_axis("million USD"),
        yaxis={
            "type": "category", "autorange": "reversed", "automargin": True, "showgrid": False,
        },
    )  # fmt: skip
    drawn["margin"] = {**figure.MARGIN, "t": 12}
    return drawn


def _help_summary(view: View, stock: pd.DataFrame, files: pd.DataFrame) -> str:
    said = []
    if len(stock):
        r = stock.iloc[0]
        kilograms = formatting.amount(float(r["tonnes"]) * 1000.0)
        said.append(
            f"One more week of {within(view.material(r['material']))} ({kilograms} kg) with "
            f"{within(view.segment(r['segment']))} in {place(view.region(r['region']))} would "
            f"spare up to {formatting.money(float(r['usd']))}."
        )
    if len(files):
        r = files.iloc[0]
        kilograms = formatting.amount(float(r["tonnes"]) * 1000.0)
        said.append(
            f"A tenth more licences for {r['end_use']} buyers in "
            f"{place(view.region(r['destination']))} ({kilograms} kg of "
            f"{within(control_name(view, r['control']))}) would spare up to "
            f"{formatting.money(float(r['usd']))}."
        )
    return " ".join(said) or "No loss, so nothing would spare one."


def _help_table(view: View, stock: pd.DataFrame, files: pd.DataFrame) -> Table:
    more = [
        ("One more week of stock", f"{view.material(r['material'])}: {view.segment(r['segment'])}",
         str(r["region"]), str(r["sector"]), r)
        for r in stock.to_dict("records")
    ] + [
        ("A tenth more licences", f"{control_name(view, r['control'])}, {r['end_use']}, from "
         f"{view.region(r['exporter'])}", str(r["destination"]), "", r)
        for r in files.to_dict("records")
    ]  # fmt: skip
    rows = [
        [
            Cell(what),
            Cell(of_what),
            Cell(view.region(region)),
            number_cell(
                formatting.amount(float(r["tonnes"]) * 1000.0, 3), float(r["tonnes"]) * 1000.0
            ),
            number_cell(formatting.money(float(r["usd"]), 3), float(r["usd"])),
        ]
        for what, of_what, region, _, r in more
    ]
    heads = ("Measure", "Of what", "Where", "How much, kg", "Spares at most")
    csv = (*heads[:-1], "Spares at most, USD")
    places = tuple((sector, region) for _, _, region, sector, _ in more)
    return Table(heads, rows, csv=csv, places=places)
