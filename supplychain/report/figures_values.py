"""The figure of marginal values: what one more kilogram would be worth."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain.report import axes, words
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
from supplychain.report.figures_licences import control_name
from supplychain.report.frames import filled, groups, ranked
from supplychain.report.view import View
from supplychain.results.spoken import within

MOST_LINES = 7
LONGEST_TABLE = 40
LICENCE = "licence_balance"
PLACES = {"region": "In the stock of a region", "licence": "Licence for a kilogram"}
CAVEAT = (
    "A marginal value says what loss and cost one more kilogram at that place and week would "
    "spare. It is marginal: it holds for the next kilogram, not for a large amount. Where "
    "several answers are equally good it is one value of a range. It is not a price that "
    "anybody pays."
)


def placed_values(view: View) -> pd.DataFrame:
    """Marginal values above zero with `place`: a sector's customers, a region or a licence."""
    frame = view.table("marginal_values")
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
    frame = placed_values(view)
    frame = frame.fillna({"region": ""})
    each = pd.concat([frame.assign(region=""), frame[frame["region"] != ""]], ignore_index=True)
    keys = ["place", "region", "material", "week"]
    peaks = each.groupby(keys)["usd_per_kg"].max().reset_index()
    traces: list[dict[str, Any]] = []
    for (place, region), rows in groups(peaks, "place", "region"):
        for i, material in enumerate(ranked(rows.groupby("material")["usd_per_kg"].max())):
            if i == MOST_LINES:
                break
            here = rows[rows["material"] == material]
            traces.append(_line(view, place, region, material, i, here))
    places = [p for p in (*view.sectors, *PLACES) if p in view.sectors or p in set(frame["place"])]
    opens_at = _opens_at(view, places)
    drawn = axes.base(
        420,
        showlegend=True,
        legend=axes.legend(420),
        hovermode="x unified",
        xaxis=axes.week_axis(view),
        yaxis={
            **axes.value_axis("USD per kg"),
            "type": "log",
            "rangemode": "normal",
            "dtick": 1,
        },
        **axes.turn_marks(view),
    )
    drawn["margin"] = {**axes.MARGIN, "t": 96}
    options = tuple((p, PLACES.get(p, f"With customers: {view.sector(p)}")) for p in places)
    choice = Choice("place", "One more kilogram", options, selected=opens_at)
    return Figure(
        id="marginal-values",
        title="What one more kilogram would be worth",
        caption=(
            "Highest marginal value of each material at any such place, by week, for the "
            f"{MOST_LINES} materials with the highest peaks; each step of the axis is ten times "
            f"the one below. {CAVEAT} {axes.turn_words(view)}"
        ),
        unit="USD per kg",
        summary=_summary(view, frame, places[opens_at] if places else ""),
        charts=[Chart(traces, drawn, narrow={"margin.t": 44 + 19 * MOST_LINES})],
        table=_table(view, frame),
        choices=[choice, axes.region_choice(view)] if traces else [],
        empty="No material has a marginal value in this run.",
    )


def _opens_at(view: View, places: list[str]) -> int:
    """The place shown first: the sector that loses most value."""
    lost = {p: float(view.worldwide.get(p, {}).get("lost_value_usd", 0.0)) for p in places}
    return places.index(max(places, key=lambda p: lost[p])) if places else 0


def _line(
    view: View, place: str, region: str, material: str, i: int, rows: pd.DataFrame
) -> dict[str, Any]:
    series = rows.set_index("week")["usd_per_kg"].reindex(view.weeks)
    line = go.Scatter(
        x=view.weeks,
        y=rounded(series, 3),
        mode="lines",
        name=literal(what(view, place, material)),
        line={"color": SERIES_COLOURS[i], "dash": SERIES_DASHES[i], "width": 2.5},
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
        f"{words.amount(float(top['usd_per_kg']))}, in the week of {words.day(top['week'])}."
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
            number_cell(words.amount(float(r["max"]), 3), float(r["max"])),
            number_cell(words.amount(float(r["mean"]), 3), float(r["mean"])),
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
