"""Figures of measures: what each keeps, the frontier, and what would help on a run's page."""

from __future__ import annotations

import math
from dataclasses import replace
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from supplychain import formatting
from supplychain.report import figure
from supplychain.report.figure import (
    SERIES_COLOURS,
    Cell,
    Chart,
    Figure,
    Table,
    dots_of,
    literal,
    number_cell,
    rounded,
    sideways,
    trace,
)
from supplychain.report.measures_view import (
    money_of,
    per_dollar_words,
    stop_words,
    summary,
    titles,
)
from supplychain.report.run_view import View
from supplychain.study.measure_plan import Point
from supplychain.study.measure_ranking import Ranked, Ranking

HELPS = "what-helps"
TITLE = "What would help"
LABEL_WIDTH = 38
ROW = 46
"""Pixels of a measure."""
WORSE, BETTER = "#d55e00", SERIES_COLOURS[0]


def ranking(found: Ranking) -> Figure:
    """Value kept per dollar with its range, and value kept, the most per dollar first."""
    ranked = list(found.ranked)
    worth = [one for one in ranked if _drawable(one)]
    charts = [
        Chart([_dots(worth)] if worth else [], _rows(len(worth), "USD kept per USD", "log"),
              "Kept per dollar"),
        Chart([_bars(ranked)] if ranked else [], _rows(len(ranked), "million USD"), "Kept in all"),
    ]  # fmt: skip
    return Figure(
        id="measures",
        title="What each measure keeps",
        caption=(
            "Each measure is solved alone, by the settings of the base: what it keeps is the "
            "difference of two runs, below zero where it makes matters worse. Left: by the "
            "central cost, with the range that the range of the cost gives; each step of the axis "
            "is ten times the one before; only measures that keep something. Right: value added "
            "kept over the horizon. Values do not add up."
        ),
        unit="USD of value added per USD of cost; million USD",
        summary=_ranking_words(found),
        charts=charts,
        table=_ranking_table(found),
        empty="No measure was solved.",
        open=True,
    )


def _ranking_words(found: Ranking) -> str:
    """How many measures help, alone, and how many make it worse."""
    helping = sum(one.kept_usd > 0.0 for one in found.ranked)
    worse = sum(one.kept_usd < 0.0 for one in found.ranked)
    said = f"Of {formatting.counted(len(found.ranked), 'measure')} {helping} keep something alone"
    return f"{said}, {worse} make it worse." if worse else f"{said}."


def _drawable(one: Ranked) -> bool:
    worth = one.per_usd
    return one.kept_usd > 0.0 and math.isfinite(worth.high) and worth.low > 0.0


def _label(one: Ranked) -> str:
    return "<br>".join(literal(line) for line in wrap(one.measure.title, LABEL_WIDTH))


def _dots(worth: list[Ranked]) -> dict[str, Any]:
    return dots_of(
        [_label(one) for one in worth],
        [one.per_usd.central for one in worth],
        [one.per_usd.low for one in worth],
        [one.per_usd.high for one in worth],
        colours=[BETTER] * len(worth),
        hover="USD %{customdata}",
        said=[per_dollar_words(one) for one in worth],
    )


def _bars(ranked: list[Ranked]) -> dict[str, Any]:
    bars = go.Bar(
        x=rounded([one.kept_usd / 1e6 for one in ranked]),
        y=[_label(one) for one in ranked],
        orientation="h",
        marker={"color": [WORSE if one.kept_usd < 0 else BETTER for one in ranked]},
        customdata=[literal(money_of(one.cost)) for one in ranked],
        hovertemplate="%{y}<br>keeps USD %{x:,.3~r} million for %{customdata}<extra></extra>",
    )
    return trace(bars)


def _rows(rows: int, title: str, kind: str = "linear") -> dict[str, Any]:
    drawn = sideways(rows, title, type=kind, rangemode="normal")
    drawn["height"] = 90 + ROW * max(2, rows)
    drawn["margin"] = {**figure.MARGIN, "t": 12}
    if kind == "log":
        drawn["xaxis"]["dtick"] = 1
    return drawn


def _ranking_table(found: Ranking) -> Table:
    rows = [
        [
            Cell(one.measure.title),
            number_cell(formatting.money(one.cost.central), one.cost.central),
            number_cell(money_of(one.cost)),
            number_cell(formatting.money(one.kept_usd, 3), one.kept_usd),
            number_cell(per_dollar_words(one)),
            Cell(stop_words(one.first_stop, found)),
            number_cell(formatting.signed_money(one.recipes_usd), one.recipes_usd),
        ]
        for one in found.ranked
    ]
    heads = ("Measure", "Costs", "Range", "Keeps", "Kept per dollar, range",
             "First stop where most is kept", "Other recipes cost")  # fmt: skip
    csv = ("Measure", "Costs, USD", "Range", "Keeps, USD", *heads[4:6], "Other recipes, USD")
    note = (
        "Other recipes: what all customers pay more (or less) than in the base for designs that "
        "save materials; it is no part of the cost."
    )
    return Table(heads, rows, note=note, csv=csv)


def frontier(found: Ranking) -> Figure:
    """The least loss found for each budget, of all combinations that were solved."""
    points = list(found.frontier)
    end = max([p.cost_usd for p in points], default=0.0) * 1.1 or 1.0
    steps = [*points, Point((), end, points[-1].lost_usd)] if points else []
    line = go.Scatter(
        x=rounded([p.cost_usd / 1e6 for p in steps]),
        y=rounded([p.lost_usd / 1e9 for p in steps]),
        mode="lines+markers",
        line={"shape": "hv", "color": BETTER, "width": 2.5},
        marker={"size": [9] * len(points) + [0]},
        customdata=[literal(titles(p.measures, found)) for p in points] + [""],
        hovertemplate="USD %{x:,.3~r} million: USD %{y:,.4~r} billion lost<br>%{customdata}"
        "<extra></extra>",
    )
    drawn = figure.base(
        360,
        xaxis=figure.value_axis("budget, million USD", rangemode="nonnegative"),
        yaxis=figure.value_axis("lost, billion USD", rangemode="normal"),
    )
    return Figure(
        id="frontier",
        title="Budget against loss",
        caption=(
            "Each dot is a solved combination that no cheaper one beats; between dots the money "
            "buys nothing more. Costs are the central ones, their ranges are in the table. The "
            "axis of losses does not begin at zero. What was not tried may do better."
        ),
        unit="million USD of cost; billion USD of value added lost",
        summary=_frontier_words(found),
        charts=[Chart([trace(line)] if points else [], drawn)],
        table=points_table(found.frontier, found),
        empty="Nothing was solved.",
        open=True,
    )


def _frontier_words(found: Ranking) -> str:
    first, last = found.frontier[0], found.frontier[-1]
    if first is last:
        return "No combination that was solved loses less than none at all."
    return (
        f"From {formatting.money(first.lost_usd, 3)} without measures the loss falls to "
        f"{formatting.money(last.lost_usd, 3)} for {formatting.money(last.cost_usd)}."
    )


def points_table(points: tuple[Point, ...], found: Ranking) -> Table:
    """Combinations with their costs and what is lost under them."""
    rows = [
        [
            Cell(titles(point.measures, found)),
            number_cell(formatting.money(point.cost_usd), point.cost_usd),
            number_cell(money_of(found.cost_of(point.measures))),
            number_cell(formatting.money(point.lost_usd, 3), point.lost_usd),
            number_cell(
                formatting.money(found.base.lost_usd - point.lost_usd, 3),
                found.base.lost_usd - point.lost_usd,
            ),
        ]
        for point in points
    ]
    heads = ("With", "Costs", "Range", "Lost", "Kept")
    return Table(heads, rows, csv=("With", "Costs, USD", "Range", "Lost, USD", "Kept, USD"))


def what_helps(view: View, found: Ranking | None = None) -> Figure:
    """What was solved to help, on the page of a run; without that no lever is named."""
    if found is not None:
        made = ranking(found)
        return replace(made, id=HELPS, title=TITLE, summary=summary(found), open=False)
    losing = any(row["lost_value_usd"] > 0.0 for row in view.worldwide.values())
    said = (
        "No measure has been solved on this run, so none is named here: a marginal value times an "
        f"amount can be more than is lost. `supplychain measures {view.name}` solves candidates."
    )
    return Figure(
        id=HELPS,
        title=TITLE,
        caption="Only measures that were solved on top of the run are shown.",
        unit="USD of value added kept",
        summary=said if losing else "No loss, so nothing would spare one.",
        charts=[],
        table=Table((), []),
        empty="Nothing is drawn before measures are solved." if losing else "There is no loss.",
    )
