"""The annex of marginal values: what one more kilogram would spare and one less would cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.formatting import within
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
    "spare. It is marginal: it holds for the next kilogram, not for a large amount, so nothing is "
    "multiplied by it. Values that one more kilogram is not proven to spare, because several plans "
    "are equally good, are left out, and so are customers who need less than a kilogram a week. It "
    "is not a price that anybody pays."
)

LEAST_NEED_T = 1e-3
"""Customers who need less of a material in a week are in no headline: a kilogram is no margin."""


def placed_values(view: View) -> pd.DataFrame:
    """Marginal values above zero with `place`: a sector's customers, a region or a licence."""
    frame = view.proven_values
    frame = frame[filled(frame, "material") & (frame["usd_per_kg"] > 0)]
    frame = _of_size(view, frame)
    sector = frame["customer"].map(view.customer_sectors)
    place = sector.where(filled(frame, "customer"), "region")
    return frame.assign(place=place.where(frame["law"] != LICENCE, "licence"))


def _of_size(view: View, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows but those of customers who need less than a kilogram a week."""
    needs = view.table("targets")
    small = needs[needs["need_t_per_week"].astype(float) < LEAST_NEED_T]
    left_out = set(zip(small["customer"], small["material"], strict=True))
    whose = zip(frame["customer"], frame["material"], strict=True)
    large = pd.Series([key not in left_out for key in whose], index=frame.index, dtype=bool)
    return frame[large]


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
    """The weeks with the highest values: what one more spares and what one less costs."""
    frame = frame.fillna({"customer": "", "region": ""})
    keys = ["place", "region", "customer", "material"]
    order = frame.sort_values(["usd_per_kg", *keys, "week"], ascending=[False, *[True] * 5])
    best = order.drop_duplicates(keys).head(LONGEST_TABLE).to_dict("records")
    rows = [
        [
            Cell(what(view, str(r["place"]), r["material"])),
            Cell(view.customer(r["customer"]) if r["customer"] else view.region(r["region"])),
            Cell(PLACES.get(str(r["place"]), "With a customer")),
            number_cell(formatting.short_day(r["week"])),
            number_cell(formatting.amount(float(r["usd_per_kg"]), 3), float(r["usd_per_kg"])),
            number_cell(_one_less(r)),
        ]
        for r in best
    ]
    places = tuple(
        (str(r["place"]) if str(r["place"]) not in PLACES else "", str(r["region"])) for r in best
    )
    note = (
        f"USD per kg; the {LONGEST_TABLE} highest, each in its dearest week. One less costs at "
        "least what one more spares; where more is not proven, it may cost more."
    )
    heads = ("Of what", "Where", "At", "Week", "One more spares", "One less costs")
    csv = (*heads[:4], "One more spares, USD per kg", "One less costs, USD per kg")
    return Table(heads, rows, note=note, csv=csv, places=places)


def _one_less(row: dict[Any, Any]) -> str:
    """What one kilogram less costs: just that where it is proven, else at least that."""
    said = formatting.amount(float(row["usd_per_kg"]), 3)
    return said if row.get("one_less") == "yes" else f"{said} or more"
