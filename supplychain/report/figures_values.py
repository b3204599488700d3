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
    Figure,
    Table,
    literal,
    number_cell,
    rounded,
    trace,
)
from supplychain.report.frames import filled, ranked
from supplychain.report.view import View

MOST_LINES = 7
LONGEST_TABLE = 40
CAVEAT = (
    "A marginal value says what loss and cost one more kilogram at that place and week would "
    "spare. It is marginal: it holds for the next kilogram, not for a large amount. Where "
    "several answers are equally good it is one value of a range. It is not a price that "
    "anybody pays."
)


def material_values(view: View) -> pd.DataFrame:
    """Highest marginal value of each material by week, over all laws and places (USD/kg)."""
    frame = view.table("marginal_values")
    frame = frame[filled(frame, "material") & (frame["usd_per_kg"] > 0)]
    return frame.groupby(["material", "week"], sort=True)[["usd_per_kg"]].max().reset_index()


def marginal_values(view: View) -> Figure:
    """The dearest materials at the margin, by week."""
    frame = material_values(view)
    dearest = ranked(frame.groupby("material")["usd_per_kg"].max())
    traces: list[dict[str, Any]] = []
    for i, material in enumerate(dearest[:MOST_LINES]):
        series = frame[frame["material"] == material].set_index("week")["usd_per_kg"]
        line = go.Scatter(
            x=view.weeks,
            y=rounded(series.reindex(view.weeks), 3),
            mode="lines",
            name=literal(view.material(material)),
            line={"color": SERIES_COLOURS[i], "dash": SERIES_DASHES[i], "width": 2.5},
            xhoverformat=WEEK_HOVER,
            hovertemplate="USD %{y:,.3~r} per kg",
        )
        traces.append(trace(line))
    drawn = axes.base(
        400,
        showlegend=True,
        legend=axes.legend(),
        hovermode="x unified",
        xaxis=axes.week_axis(view),
        yaxis={
            **axes.value_axis("USD per kg"),
            "type": "log",
            "rangemode": "normal",
            "dtick": 1,
            "exponentformat": "none",
        },
        **axes.turn_marks(view),
    )
    drawn["margin"] = {**axes.MARGIN, "t": 96}
    return Figure(
        id="marginal-values",
        title="What one more kilogram would be worth",
        caption=(
            f"Highest marginal value of each material at any place, by week, for the "
            f"{MOST_LINES} materials with the highest peaks; each step of the axis is ten times "
            f"the one below. {CAVEAT} {axes.turn_words(view)}"
        ),
        unit="USD per kg",
        summary=_summary(view, frame),
        charts=[Chart(traces, drawn, narrow={"margin.t": 44 + 19 * len(traces)})],
        table=_table(view),
        empty="No material has a marginal value in this run.",
    )


def _summary(view: View, frame: pd.DataFrame) -> str:
    if frame.empty:
        return "No material has a marginal value in this run."
    top = frame.sort_values(["usd_per_kg", "week"], ascending=[False, True], kind="stable").iloc[0]
    return (
        f"One more kilogram of {view.material(top['material'])} would be worth most: up to "
        f"USD {words.amount(float(top['usd_per_kg']))}, in the week of {words.day(top['week'])}."
    )


def _table(view: View) -> Table:
    frame = view.table("marginal_values")
    frame = frame[frame["usd_per_kg"] > 0].fillna({"customer": "", "region": "", "material": ""})
    keys = ["law", "region", "customer", "material"]
    best = frame.groupby(keys, as_index=False)["usd_per_kg"].agg(["max", "mean"])
    best = best.sort_values(["max", *keys], ascending=[False, True, True, True, True])
    rows = [
        [
            Cell(view.material(r["material"])),
            Cell(view.customer(r["customer"]) if r["customer"] else view.region(r["region"])),
            Cell(str(r["law"]).replace("_", " ")),
            number_cell(words.amount(float(r["max"]), 3)),
            number_cell(words.amount(float(r["mean"]), 3)),
        ]
        for r in best.head(LONGEST_TABLE).to_dict("records")
    ]
    note = f"USD per kg; the {LONGEST_TABLE} highest. Mean: over weeks in which it is above zero."
    return Table(("Material", "Where", "Law", "Highest", "Mean"), rows, note=note)
