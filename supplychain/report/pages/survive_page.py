"""The page of a stress test: the costliest nodes, node by sector, stock needed by week."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.dataset.schema_demand import SECTORS
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
from supplychain.report.pages.html_page import render

if TYPE_CHECKING:
    from supplychain.study.stress_test import StressTest

MOST = 20
"""Nodes that are drawn; the tables have all."""
CURVES = 5
"""Customers whose stock is drawn for a node: those that lose most."""
LABEL = 34
"""Letters of a node's name in a figure."""


def node_name(row: dict[Any, Any]) -> str:
    """A node in words: "Lynas Kuantan (site)"."""
    return f"{row['name']} ({row['kind']})"


def shortened(name: str) -> str:
    """A name that fits beside a figure.

    >>> shortened("Bayan Obo (site)"), len(shortened("x" * 99))
    ('Bayan Obo (site)', 34)
    """
    return name if len(name) <= LABEL else f"{name[: LABEL - 1]}…"


def hurting(found: StressTest) -> pd.DataFrame:
    """Nodes that cost output or stop somebody, the largest loss first."""
    rows = found.nodes
    return rows[(rows["lost_value_usd"] > 0.0) | rows["weeks_to_survive"].notna()]


def matrix(found: StressTest) -> Figure:
    """Weeks that each sector survives each node: those that hurt, the largest loss first."""
    rows = hurting(found)
    drawn = rows.head(MOST).to_dict("records")
    sectors = [s for s in SECTORS if (found.sectors["sector"] == s).any()]
    cells = found.sectors.set_index(["node", "sector"])
    names = [literal(shortened(node_name(r))) for r in drawn]
    survive = [[cells.loc[(r["node"], s), "weeks_to_survive"] for s in sectors] for r in drawn]
    told = [
        [
            literal(
                f"{survival(cells.loc[(r['node'], s), 'weeks_to_survive'], found.weeks)}, "
                f"{formatting.money(float(cells.loc[(r['node'], s), 'lost_value_usd']))} lost"
            )
            for s in sectors
        ]
        for r in drawn
    ]
    marks = go.Heatmap(
        x=[SECTORS[s] for s in sectors],
        y=names,
        z=[rounded([found.weeks if pd.isna(v) else v for v in line]) for line in survive],
        customdata=told,
        zmin=0,
        zmax=found.weeks,
        xgap=2,
        ygap=2,
        hovertemplate="<b>%{y}</b><br>%{x}: %{customdata}<extra></extra>",
        colorbar={"title": {"text": "weeks"}, "thickness": 10, "len": 0.9},
    )
    layout = figure.base(
        110 + 26 * max(2, len(drawn)),
        xaxis={"type": "category", "side": "top", "automargin": True, "showgrid": False},
        yaxis=figure.rows_axis(),
    )
    return Figure(
        id="matrix",
        title="Weeks each sector survives",
        caption=(
            f"Weeks from the break to the first stop of any customer of the sector; blue: no "
            f"stop in {found.weeks} weeks. At most {MOST} nodes, those that cost most."
        ),
        unit="weeks",
        summary=_matrix_summary(found, rows),
        charts=[Chart([trace(marks, scale="cover")] if drawn else [], layout)],
        table=_matrix_table(found, rows, sectors, cells),
        empty="No node that was broken stops anybody or costs output.",
    )


def survival(weeks: Any, horizon: int) -> str:
    """Time to survive in words.

    >>> survival(4.0, 52), survival(None, 52)
    ('stops after 4 weeks', 'no stop in 52 weeks')
    """
    if weeks is None or pd.isna(weeks):
        return f"no stop in {horizon} weeks"
    return f"stops after {formatting.counted(int(weeks), 'week')}"


def _matrix_summary(found: StressTest, rows: pd.DataFrame) -> str:
    stopping = rows[rows["weeks_to_survive"].notna()]
    if stopping.empty:
        return f"No customer stops within {found.weeks} weeks, whichever node breaks."
    first = stopping.sort_values("rank_by_first_stop", kind="stable").iloc[0].to_dict()
    return (
        f"{formatting.counted(len(stopping), 'node')} of {len(found.nodes)} stop somebody. The "
        f"soonest is {node_name(first)}: {found.customer(str(first['first_customer']))} "
        f"{survival(first['weeks_to_survive'], found.weeks)}."
    )


def _matrix_table(
    found: StressTest, rows: pd.DataFrame, sectors: list[str], cells: pd.DataFrame
) -> Table:
    lines = [
        [
            Cell(node_name(r)),
            *(_weeks_cell(cells.loc[(r["node"], s), "weeks_to_survive"]) for s in sectors),
        ]
        for r in rows.to_dict("records")
    ]
    heads = ("Node", *(f"{SECTORS[s]}, weeks" for s in sectors))
    return Table(heads, lines, note=f"Blank: no stop in {found.weeks} weeks.")


def _weeks_cell(weeks: Any) -> Cell:
    return number_cell("") if pd.isna(weeks) else number_cell(f"{weeks:.0f}", float(weeks))


def losses(found: StressTest) -> Figure:
    """What each node costs by sector, the costliest first."""
    rows = hurting(found)
    drawn = rows[rows["lost_value_usd"] > 0.0].head(MOST).to_dict("records")
    names = [literal(shortened(node_name(r))) for r in drawn]
    traces = []
    for sector in SECTORS:
        part = found.sectors[found.sectors["sector"] == sector].set_index("node")
        lost = part["lost_value_usd"].clip(lower=0.0)
        values = [float(lost[r["node"]]) / 1e9 for r in drawn if r["node"] in lost]
        if not any(values):
            continue
        bars = go.Bar(
            x=rounded(values),
            y=names,
            orientation="h",
            name=SECTORS[sector],
            marker={"color": figure.SECTOR_COLOURS[sector]},
            hovertemplate="%{y}: USD %{x:.3~r} billion<extra>" + SECTORS[sector] + "</extra>",
        )
        traces.append(trace(bars))
    height = 130 + 26 * max(2, len(drawn))
    layout = figure.base(
        height,
        barmode="stack",
        showlegend=True,
        legend=figure.legend(height),
        xaxis=figure.value_axis("USD billion"),
        yaxis=figure.rows_axis(),
    )
    layout["margin"] = {**figure.MARGIN, "t": 64}
    return Figure(
        id="losses",
        title="What each node costs",
        caption=(
            "Value added lost for good over the horizon beyond what is lost without the break, by "
            f"sector. At most {MOST} nodes; the table has all that hurt."
        ),
        unit="billion USD",
        summary=_loss_summary(rows),
        charts=[Chart(traces, layout)],
        table=_loss_table(found, rows),
        empty="No node that was broken costs output.",
    )


def _loss_summary(rows: pd.DataFrame) -> str:
    costly = rows[rows["lost_value_usd"] > 0.0]
    if costly.empty:
        return "No node that was broken costs output."
    first = costly.iloc[0].to_dict()
    return (
        f"{node_name(first)} costs most: {formatting.money(float(first['lost_value_usd']))}, "
        f"{formatting.share(float(first['lost_share']))} of all planned value added."
    )


def _loss_table(found: StressTest, rows: pd.DataFrame) -> Table:
    lines = [
        [
            number_cell(str(r["rank"])),
            Cell(node_name(r)),
            number_cell(formatting.money(float(r["lost_value_usd"])), float(r["lost_value_usd"])),
            number_cell(formatting.share(float(r["lost_share"])), float(r["lost_share"])),
            number_cell(str(r["customers_stopped"])),
            _weeks_cell(r["weeks_to_survive"]),
            date_cell(str(r["first_stop"])),
            Cell(found.customer(str(r["first_customer"])) if r["first_customer"] else ""),
            _weeks_cell(r["weeks_to_recover"]),
        ]
        for r in rows.to_dict("records")
    ]
    heads = (
        "Rank", "Node", "Lost", "Share of plan", "Customers stopped", "Survive, weeks",
        "First stop", "Who stops first", "Recover, weeks",
    )  # fmt: skip
    note = (
        "Recover: weeks from the reopening until nobody stands any more; blank where nobody "
        "stopped, or somebody still stands at the end."
    )
    return Table(heads, lines, note=note)


def stock_curves(found: StressTest) -> Figure:
    """Stock that would have carried customers to each week, one node at a time."""
    frame = found.stock_needed
    order = [r for r in hurting(found).to_dict("records") if (frame["node"] == r["node"]).any()]
    order = order[:MOST]
    traces: list[dict[str, Any]] = []
    for r in order:
        part = frame[frame["node"] == r["node"]]
        for i, name in enumerate(_worst(found, str(r["node"]))):
            rows = part[part["customer"] == name]
            if rows.empty:
                continue
            held = float(rows["weeks_held"].iloc[0])
            line = go.Scatter(
                x=list(rows["week"]),
                y=rounded(rows["weeks_needed"]),
                name=literal(found.customer(name)),
                mode="lines",
                line={"color": SERIES_COLOURS[i], "dash": SERIES_DASHES[i], "width": 2.5},
                xhoverformat=WEEK_HOVER,
                hovertemplate=(
                    f"%{{y:.3~r}} weeks of {literal(found.material(rows['material'].iloc[0]))}, "
                    f"{formatting.amount(held)} held<extra>%{{fullData.name}}</extra>"
                ),
            )
            traces.append(trace(line, node=str(r["node"])))
    height = 380
    layout = figure.base(
        height,
        showlegend=True,
        legend=figure.legend(height),
        xaxis={"type": "date", "automargin": True, "tickformat": "%b\n%Y"},
        yaxis=figure.value_axis("weeks of need"),
    )
    layout["margin"] = {**figure.MARGIN, "t": 96}
    options = tuple((str(r["node"]), node_name(r)) for r in order)
    return Figure(
        id="stock-needed",
        title="Stock that would have carried them through",
        caption=(
            "Weeks of need on the shelf when the node breaks with which a customer gets through to "
            "the week, of the material that it comes to lack most. Those customers that lose most."
        ),
        unit="weeks of need",
        summary=_stock_summary(found, order),
        charts=[Chart(traces, layout)],
        table=_stock_table(found, [str(r["node"]) for r in order]),
        choices=[Choice("node", "When this breaks", options)] if options else [],
        empty="Nobody stops, so that no more stock was needed.",
    )


def _worst(found: StressTest, node: str) -> list[str]:
    """Customers that a node stops, those that lose most first."""
    rows = found.customers[
        (found.customers["node"] == node) & found.customers["weeks_to_survive"].notna()
    ]
    rows = rows.sort_values("lost_value_usd", ascending=False, kind="stable")
    return [str(name) for name in rows["customer"].head(CURVES)]


def _stock_summary(found: StressTest, order: list[dict[Any, Any]]) -> str:
    if not order:
        return "Nobody stops, so that no more stock was needed."
    node = order[0]
    rows = found.customers[found.customers["node"] == node["node"]]
    row = rows.sort_values("lost_value_usd", ascending=False, kind="stable").iloc[0]
    return (
        f"When {node_name(node)} breaks, {found.customer(str(row['customer']))} would have needed "
        f"{formatting.amount(float(row['weeks_needed']))} weeks of "
        f"{found.material(row['material'])}; it held {formatting.amount(float(row['weeks_held']))}."
    )


def _stock_table(found: StressTest, nodes: list[str]) -> Table:
    named = {str(r["node"]): node_name(r) for r in found.nodes.to_dict("records")}
    lines = []
    for node in nodes:
        rows = found.customers[found.customers["node"] == node]
        for name in _worst(found, node):
            (row,) = rows[rows["customer"] == name].to_dict("records")
            lines.append(
                [
                    Cell(named[node]),
                    Cell(found.customer(name)),
                    _weeks_cell(row["weeks_to_survive"]),
                    _weeks_cell(row["weeks_to_recover"]),
                    Cell(found.material(row["material"])),
                    number_cell(formatting.amount(row["weeks_held"]), row["weeks_held"]),
                    number_cell(formatting.amount(row["weeks_needed"]), row["weeks_needed"]),
                ]
            )
    heads = (
        "Node", "Customer", "Survives, weeks", "Recovers, weeks", "Short of", "Held, weeks",
        "Needed, weeks",
    )  # fmt: skip
    return Table(heads, lines)


def survive_page(found: StressTest) -> str:
    """Write the page as one HTML text."""
    figures = [losses(found), matrix(found), stock_curves(found)]
    return render(
        "survive.html.j2",
        figures,
        name=f"survive-{found.scenario}",
        title=found.title,
        summary=_summary(found),
        notes=_notes(found),
        unsolved=[f"{one.node.title}: {one.reason}" for one in found.unsolved],
    )


def _summary(found: StressTest) -> str:
    left = "nothing" if found.share == 0.0 else f"{formatting.share(found.share)} of what it does"
    who = f" Customers: {', '.join(found.who)}." if found.who else ""
    nodes = formatting.counted(len(found.nodes), "node")
    weeks = formatting.counted(found.break_weeks, "week")
    return (
        f"{nodes} broken one at a time from {formatting.day(found.start)}: each is left with "
        f"{left} for {weeks}.{who}"
    )


def _notes(found: StressTest) -> list[str]:
    return [
        f"The horizon has {found.weeks} weeks. Planners know when the node reopens, from the day "
        "it breaks.",
        "A customer stops in a week in which it misses more of its plan than without the break, by "
        "more than the share that counts as a stop.",
        "Other makers are sought while licences are short, and not because one maker or one lane "
        "stands still: a long break of those is told on the hard side.",
    ]


def write_survive_page(found: StressTest, path: Path) -> None:
    """Write the page to a file."""
    path.write_text(survive_page(found), encoding="utf-8", newline="\n")
