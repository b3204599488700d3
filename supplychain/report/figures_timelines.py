"""The timelines of several runs above one another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import plotly.graph_objects as go

from supplychain.report import axes, words
from supplychain.report.figure import Cell, Chart, Figure, Table, literal, trace
from supplychain.report.figures_timeline import COLOURS, KINDS, entries
from supplychain.report.view import View

LOOK_BACK_WEEKS = 26
Entry = dict[str, str]


def own_entries(views: Sequence[View]) -> list[list[Entry]]:
    """Per run its regimes and changes: those near or in the horizon, and those not all share."""
    known = [[e for e in entries(view) if e["kind"] != "event"] for view in views]
    shared = set.intersection(*({_key(e) for e in run} for run in known)) if known else set()
    starts = [start for view in views if (start := words.as_date(view.start))]
    since = (min(starts) - timedelta(weeks=LOOK_BACK_WEEKS)).isoformat() if starts else ""
    return [[e for e in run if _key(e) not in shared or _date(e) >= since] for run in known]


def _key(entry: Entry) -> tuple[str, ...]:
    return (entry["kind"], entry["announced"], entry["effective"], entry["title"])


def _date(entry: Entry) -> str:
    return entry["effective"] or entry["announced"]


def timelines(views: Sequence[View]) -> Figure:
    """The regimes of each run above one another, announced and effective, on one time axis."""
    found = own_entries(views)
    traces: list[dict[str, Any]] = []
    named: set[str] = set()
    for row, known in enumerate(found):
        for kind in ("regime", "change"):
            dated = [e for e in known if e["kind"] == kind]
            for key, symbol in (("announced", "circle-open"), ("effective", "diamond")):
                points = [e for e in dated if e[key]]
                if not points:
                    continue
                legend = key == "effective" and kind not in named
                named |= {kind} if legend else set()
                traces.append(_points(points, row, key, symbol, legend=legend))
    height = 130 + 44 * len(views)
    drawn = axes.base(
        height,
        showlegend=True,
        legend=axes.legend(height),
        xaxis={
            "type": "date",
            "automargin": True,
            "tickformat": "%b\n%Y",
            "range": _span(views, found),
        },
        yaxis={
            "tickmode": "array",
            "tickvals": list(range(len(views))),
            "ticktext": [literal(view.name) for view in views],
            "range": [len(views) - 0.5, -0.5],
            "automargin": True,
            "zeroline": False,
        },
    )
    drawn["margin"] = {**axes.MARGIN, "t": 72}
    return Figure(
        id="timelines",
        title="What happens when, in each scenario",
        caption=(
            "Regimes and changes of each scenario on one time axis: an open circle where "
            "something is announced, a diamond where it takes effect. What all scenarios share "
            "and lies far before the start is left out."
        ),
        unit="date",
        summary=_summary(views),
        charts=[Chart(traces, drawn)],
        table=_table(views, found),
        empty="No scenario has a dated entry of its own.",
        open=True,
    )


def _span(views: Sequence[View], found: list[list[Entry]]) -> list[str] | None:
    """From the first entry or week to the last week, with a little room."""
    dates = [e[key] for known in found for e in known for key in ("announced", "effective")]
    dates = sorted(date for date in dates if words.as_date(date))
    weeks = sorted(week for view in views for week in view.weeks)
    if not weeks:
        return None
    first = words.as_date(min([*dates, *weeks]))
    assert first is not None
    return [(first - timedelta(weeks=2)).isoformat(), weeks[-1]]


def _points(
    points: list[Entry], row: int, key: str, symbol: str, *, legend: bool
) -> dict[str, Any]:
    kind = points[0]["kind"]
    marks = go.Scatter(
        x=[e[key] for e in points],
        y=[row] * len(points),
        mode="markers",
        name=KINDS[kind],
        legendgroup=kind,
        showlegend=legend,
        marker={"symbol": symbol, "size": 12, "color": COLOURS[kind], "line": {"width": 2}},
        customdata=[literal(f"{e['title']}: {key}") for e in points],
        hovertemplate="%{customdata}<br>%{x|%-d %B %Y}<extra></extra>",
    )
    return trace(marks)


def _summary(views: Sequence[View]) -> str:
    told = []
    for view in views:
        turns = [f"{t.title} from {words.day(t.effective)}" for t in axes.turns(view)]
        told.append(f"{view.name}: {words.listing(turns) or 'no change of regime'}")
    return f"{'; '.join(told)}."


def _table(views: Sequence[View], found: list[list[Entry]]) -> Table:
    rows = [
        [
            Cell(view.name, repeat=i > 0),
            Cell(e["title"]),
            Cell(words.short_day(e["announced"])),
            Cell(words.short_day(e["effective"])),
            Cell(e["why"]),
        ]
        for view, known in zip(views, found, strict=True)
        for i, e in enumerate(known)
    ]
    heads = ("Scenario", "What", "Announced", "Effective", "Why")
    return Table(heads, rows, title="All entries")
