"""The figure of how many weeks of cover customers have left."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain.report import axes, words
from supplychain.report.figure import (
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
from supplychain.report.frames import filled, groups
from supplychain.report.view import View

MOST_WEEKS = 26.0
"""The colour scale ends here: more than half a year of cover is not told apart."""


def customer_cover(view: View) -> pd.DataFrame:
    """Least cover of each sector and region by week: of its scarcest material and customer.

    Columns: sector, region, week, cover (weeks), material, customer and target (weeks, missing
    where the run does not tell).
    """
    frame = view.table("stocks")
    frame = frame[filled(frame, "customer") & frame["weeks_of_cover"].notna()]
    if frame.empty:
        return pd.DataFrame(
            columns=["sector", "region", "week", "cover", "material", "customer", "target"]
        )
    frame = frame.assign(
        sector=frame["customer"].map(view.customer_sectors),
        target=frame["target_weeks"] if "target_weeks" in frame else float("nan"),
        cover=frame["weeks_of_cover"],
    )
    keys = ["sector", "region", "week"]
    ordered = frame.sort_values([*keys, "cover", "customer", "material"], kind="stable")
    return ordered.groupby(keys, as_index=False).first()


def cover(view: View) -> Figure:
    """Weeks of cover left by region and week, for one sector at a time."""
    frame = customer_cover(view)
    traces: list[dict[str, Any]] = []
    sectors = [s for s in view.sectors if (frame["sector"] == s).any()]
    for sector in sectors:
        traces.append(_map(view, frame[frame["sector"] == sector], sector))
    drawn = axes.base(
        110 + 30 * max(1, len(view.regions)),
        xaxis=axes.week_axis(view, showgrid=False),
        yaxis={
            "type": "category", "autorange": "reversed", "automargin": True, "showgrid": False,
        },
        **axes.turn_marks(view),
    )  # fmt: skip
    return Figure(
        id="cover",
        title="Cover left with customers",
        caption=(
            "Weeks that customers could go on at their plan with what they hold, by region: of "
            "the scarcest material of the customer that has least. The scale ends at "
            f"{MOST_WEEKS:.0f} weeks. {axes.turn_words(view)}"
        ),
        unit="weeks of cover",
        summary=_summary(view, frame),
        charts=[Chart(traces, drawn)],
        table=_table(view, frame),
        choices=axes.sector_choice(view, sectors),
        empty="This run has no stocks of customers to show.",
    )


def _map(view: View, frame: pd.DataFrame, sector: str) -> dict[str, Any]:
    regions = [r for r in view.regions if (frame["region"] == r).any()]
    wide = frame.pivot(index="region", columns="week", values="cover")
    wide = wide.reindex(index=regions, columns=view.weeks)
    scarce = frame.assign(
        words=[
            _cell_words(view, material, target)
            for material, target in zip(frame["material"], frame["target"], strict=True)
        ]
    ).pivot(index="region", columns="week", values="words")
    scarce = scarce.reindex(index=regions, columns=view.weeks).fillna("")
    marks = go.Heatmap(
        x=view.weeks,
        y=[literal(view.region(r)) for r in regions],
        z=[rounded(wide.loc[r], 3) for r in regions],
        customdata=[list(scarce.loc[r]) for r in regions],
        zmin=0,
        zmax=min(MOST_WEEKS, max(4.0, float(frame["cover"].max()))),
        ygap=2,
        xhoverformat=WEEK_HOVER,
        hovertemplate=(
            "<b>%{y}</b>, %{x}<br>%{z:.2~r} weeks of cover<br>%{customdata}<extra></extra>"
        ),
        colorbar={"title": {"text": "weeks"}, "thickness": 10, "len": 0.9},
    )
    return trace(marks, sector=sector, scale="cover")


def _cell_words(view: View, material: object, target: float) -> str:
    aim = "" if pd.isna(target) else f", target {words.amount(float(target))} weeks"
    return literal(f"scarcest: {view.material(material)}{aim}")


def _summary(view: View, frame: pd.DataFrame) -> str:
    if frame.empty:
        return "The run tells nothing of customers' stocks."
    least = frame.sort_values(["cover", "week", "sector", "region"], kind="stable").iloc[0]
    if least["cover"] >= 1:
        return (
            f"No group of customers falls below {words.amount(float(least['cover']))} weeks of "
            "cover."
        )
    empty = frame[frame["cover"] < 1].drop_duplicates(["sector", "region"])
    first = empty.sort_values(["week", "sector", "region"], kind="stable").iloc[0]
    pairs = "pair" if len(empty) == 1 else "pairs"
    return (
        f"{len(empty)} {pairs} of sector and region fall below one week of cover; the first is "
        f"{view.sector(first['sector']).lower()} in {view.region(first['region'])}, in the week "
        f"of {words.day(first['week'])} ({view.material(first['material'])})."
    )


def _table(view: View, frame: pd.DataFrame) -> Table:
    rows = []
    for (sector, region), part in groups(frame, "sector", "region"):
        ordered = part.sort_values("week")
        least = ordered.sort_values("cover", kind="stable").iloc[0]
        target = least["target"]
        rows.append(
            [
                Cell(view.sector(sector)),
                Cell(view.region(region)),
                number_cell(words.amount(float(ordered["cover"].iloc[0]))),
                number_cell(words.amount(float(least["cover"]))),
                Cell(words.short_day(least["week"])),
                Cell(view.material(least["material"])),
                number_cell("" if pd.isna(target) else words.amount(float(target))),
            ]
        )
    heads = (
        "Sector", "Region", "Cover at the start", "Least cover", "In the week of",
        "Scarcest material then", "Target",
    )  # fmt: skip
    return Table(heads, rows, note="Weeks of cover.")
