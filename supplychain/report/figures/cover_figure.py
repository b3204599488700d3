"""The figure of how much cover customers have left."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.formatting import place
from supplychain.report import figure
from supplychain.report.figure import (
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
from supplychain.report.run_view import View, filled, groups, once_a_view, ranked

FULL = 1.25
"""The colour scale ends here: a quarter over the target is not told from more."""
KEYS = ["customer", "material"]
COMING = "weeks_under_way"
COLUMNS = ["sector", "region", "week", "customer", "material", "cover", "target", "part", COMING]


@once_a_view
def customer_cover(view: View) -> pd.DataFrame:
    """Least cover of each sector and region by week, against its target.

    Cover is in weeks, as is what is under way; `part` is the cover's share of the target (where the
    run does not tell targets: of the cover in the first week). The row is
    that of the material and customer with the least part.
    """
    frame = view.table("stocks")
    frame = frame[filled(frame, "customer") & frame["weeks_of_cover"].notna()]
    if frame.empty:
        return pd.DataFrame(columns=COLUMNS)
    frame = frame.assign(
        sector=frame["customer"].map(view.customer_sectors), cover=frame["weeks_of_cover"]
    )
    if COMING not in frame:  # a run of before they were told apart
        frame = frame.assign(**{COMING: 0.0})
    targets = view.table("targets")[[*KEYS, "target_weeks"]]
    if len(targets):
        frame = frame.merge(targets.rename(columns={"target_weeks": "target"}), on=KEYS)
    else:
        opening = frame[frame["week"] == frame["week"].min()][[*KEYS, "cover"]]
        frame = frame.merge(opening.rename(columns={"cover": "target"}), on=KEYS)
    frame = frame[frame["target"] > 0]
    frame = frame.assign(part=frame["cover"] / frame["target"])
    keys = ["sector", "region", "week"]
    ordered = frame.sort_values([*keys, "part", *KEYS], kind="stable")
    return ordered.drop_duplicates(keys)[COLUMNS].reset_index(drop=True)


def aim(view: View) -> str:
    """What cover is measured against, in words."""
    known = len(view.table("targets"))
    return "their target" if known else "what they held in the first week"


def cover(view: View) -> Figure:
    """Cover left by region and week against its target, for one sector at a time."""
    frame = customer_cover(view)
    sectors = [s for s in view.sectors if (frame["sector"] == s).any()]
    traces = [_map(view, frame[frame["sector"] == sector], sector) for sector in sectors]
    lost = pd.Series(
        {s: float(view.worldwide.get(s, {}).get("lost_value_usd", 0.0)) for s in sectors}
    )
    opens_at = ranked(lost)[0] if len(lost) and lost.max() > 0 else ""
    drawn = figure.base(
        110 + 30 * max(1, len(view.regions)),
        xaxis=figure.week_axis(view, showgrid=False),
        yaxis=figure.rows_axis(),
        **figure.turn_marks(view),
    )
    return Figure(
        id="cover",
        title="Stock on customers' shelves",
        caption=(
            f"Stock on the shelf in weeks of plan, as a share of {aim(view)}, by region: of "
            "the material and customer that stands worst. Goods at sea lie on no shelf and are "
            "not in it; pointing at a week tells them apart. At 0 % the line stops unless goods "
            "arrive in the week. "
            f"{figure.turn_words(view)}"
        ),
        unit=f"% of {aim(view).replace('their ', 'the ').replace('they', 'customers')}",
        summary=_summary(view, frame),
        charts=[Chart(traces, drawn)],
        table=_table(view, frame),
        choices=figure.sector_choice(view, view.sectors if traces else [], opens_at),
        empty="This run has no stocks of customers to show.",
    )


def _map(view: View, frame: pd.DataFrame, sector: str) -> dict[str, Any]:
    regions = [r for r in view.regions if (frame["region"] == r).any()]
    told = [
        literal(
            f"{formatting.amount(float(r['cover']))} weeks left of "
            f"{formatting.amount(float(r['target']))}{_coming(r)}: "
            f"{view.material(r['material'])}, {view.customer(r['customer'])}"
        )
        for r in frame.to_dict("records")
    ]
    frame = frame.assign(told=told)
    wide = frame.pivot(index="region", columns="week", values="part")
    wide = wide.reindex(index=regions, columns=view.weeks) * 100
    hover = frame.pivot(index="region", columns="week", values="told")
    hover = hover.reindex(index=regions, columns=view.weeks).fillna("")
    marks = go.Heatmap(
        x=view.weeks,
        y=[literal(view.region(r)) for r in regions],
        z=[rounded(wide.loc[r], 3) for r in regions],
        customdata=[list(hover.loc[r]) for r in regions],
        zmin=0,
        zmax=FULL * 100,
        ygap=2,
        xhoverformat=WEEK_HOVER,
        hovertemplate="<b>%{y}</b>, %{x}<br>%{z:.2~r} %<br>%{customdata}<extra></extra>",
        colorbar={"title": {"text": "%"}, "thickness": 10, "len": 0.9},
    )
    return trace(marks, sector=sector, scale="cover", rows=regions)


def _coming(row: Mapping[Hashable, Any]) -> str:
    weeks = float(row[COMING])
    return f", {formatting.amount(weeks)} more under way" if weeks > 0.0 else ""


def _summary(view: View, frame: pd.DataFrame) -> str:
    if frame.empty:
        return "The run tells nothing of customers' stocks."
    low = frame[frame["part"] < 0.5].sort_values(["week", "sector", "region"], kind="stable")
    if low.empty:
        return f"No group of customers falls below half of {aim(view)}."
    first = low.iloc[0]
    pairs = low.drop_duplicates(["sector", "region"])
    count = "1 pair" if len(pairs) == 1 else f"{len(pairs)} pairs"
    fall = "falls" if len(pairs) == 1 else "fall"
    return (
        f"{count} of sector and region {fall} below half of {aim(view)}; the first is "
        f"{view.sector(first['sector']).lower()} in {place(view.region(first['region']))}, "
        f"in the week of {formatting.day(first['week'])} ({view.material(first['material'])})."
    )


def _table(view: View, frame: pd.DataFrame) -> Table:
    rows, places = [], []
    for (sector, region), part in groups(frame, "sector", "region"):
        places.append((sector, region))
        least = part.sort_values(["part", "week"], kind="stable").iloc[0]
        rows.append(
            [
                Cell(view.sector(sector)),
                Cell(view.region(region)),
                number_cell(formatting.share(float(least["part"])), float(least["part"])),
                number_cell(formatting.amount(float(least["cover"])), float(least["cover"])),
                number_cell(formatting.amount(float(least["target"])), float(least["target"])),
                date_cell(str(least["week"])),
                Cell(view.material(least["material"])),
                Cell(view.segment(str(least["customer"]).rpartition("-")[0])),
            ]
        )
    heads = (
        "Sector", "Region", "Least", "Weeks left", "Weeks held", "In the week of", "Material",
        "Customers",
    )  # fmt: skip
    held = "target" if aim(view) == "their target" else "first week"
    note = f"Least: share of {aim(view)}. Weeks left and held ({held}): of that material."
    csv = (*heads[:2], "Least, share", *heads[3:])
    return Table(heads, rows, note=note, csv=csv, places=tuple(places))
