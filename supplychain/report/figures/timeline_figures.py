"""Figures of dates, announced and effective: of one run, and of several beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import plotly.graph_objects as go

from supplychain import formatting
from supplychain.report import figure
from supplychain.report.figure import Cell, Chart, Figure, Table, literal, trace
from supplychain.report.page_tables import source_cell
from supplychain.report.run_view import View, text

KINDS = {"regime": "Regime", "change": "Change in this run", "event": "Event"}
COLOURS = {"regime": "#d55e00", "change": "#0072b2", "event": "#8a8f98"}
LOOK_BACK_WEEKS = {"regime": 80, "change": 80, "event": 26}
"""Entries that took effect longer before the start are in the table, not in the figure."""
LONGEST_OPEN_TABLE = 12

TIMELINES_LOOK_BACK_WEEKS = 26
Entry = dict[str, str]


def entries(view: View) -> list[dict[str, str]]:
    """Entries of the timeline in order of effect, each with its letter if it has one."""
    letters = {(turn.effective, turn.title): turn.letter for turn in figure.turns(view)}
    found = []
    for row in view.table("timeline").to_dict("records"):
        entry = {str(key): text(value) for key, value in row.items()}
        for key in ("announced", "effective"):
            entry[key] = entry[key][:10]
        regime = entry["kind"] == "regime"
        entry["letter"] = letters.get((entry["effective"], entry["title"]), "") if regime else ""
        found.append(entry)
    return sorted(
        found, key=lambda e: (e["effective"] or e["announced"], e["announced"], e["title"])
    )


def _recent(view: View, entry: dict[str, str]) -> bool:
    start = formatting.as_date(view.start)
    when = formatting.as_date(entry["effective"]) or formatting.as_date(entry["announced"])
    if start is None or when is None:
        return when is not None
    last = formatting.as_date(view.weeks[-1]) if view.weeks else None
    return when >= start - timedelta(weeks=LOOK_BACK_WEEKS.get(entry["kind"], 80)) and (
        last is None or when <= last
    )


def _label(entry: dict[str, str], longest: int) -> str:
    title = entry["title"]
    cut = title if len(title) <= longest else title[: longest - 1].rstrip() + "…"
    return literal(f"{entry['letter']}: {cut}" if entry["letter"] else cut)


def _marks(kind: str, rows: list[tuple[int, dict[str, str]]]) -> list[dict[str, Any]]:
    """Announced (open circle), effective (diamond) and a line between, for one kind of entry."""
    colour = COLOURS.get(kind, COLOURS["event"])
    hover = "%{customdata}<br>%{x|%-d %B %Y}"
    bars_x: list[str | None] = []
    bars_y: list[int | None] = []
    for place, entry in rows:
        if entry["announced"] and entry["effective"]:
            bars_x += [entry["announced"], entry["effective"], None]
            bars_y += [place, place, None]
    line = go.Scatter(
        x=bars_x, y=bars_y, mode="lines", line={"color": colour, "width": 2}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip
    drawn = [trace(line)] if bars_x else []
    for key, symbol in (("announced", "circle-open"), ("effective", "diamond")):
        dated = [(place, entry) for place, entry in rows if entry[key]]
        points = go.Scatter(
            x=[entry[key] for _, entry in dated],
            y=[place for place, _ in dated],
            mode="markers",
            name=KINDS.get(kind, kind),
            showlegend=key == "effective",
            marker={"symbol": symbol, "size": 11, "color": colour, "line": {"width": 2}},
            customdata=[literal(f"{entry['title']}: {key}") for _, entry in dated],
            hovertemplate=hover + "<extra></extra>",
        )
        if dated:
            drawn.append(trace(points))
    return drawn


def timeline(view: View) -> Figure:
    """Regimes, changes and events by date of announcement and of effect."""
    known = entries(view)
    shown = [entry for entry in known if _recent(view, entry)]
    traces: list[dict[str, Any]] = []
    for kind in sorted({entry["kind"] for entry in shown}, key=lambda k: (k != "regime", k)):
        traces += _marks(kind, [(i, e) for i, e in enumerate(shown) if e["kind"] == kind])
    places = list(range(len(shown)))
    drawn = figure.base(
        130 + 26 * max(1, len(shown)),
        showlegend=True,
        legend=figure.legend(130 + 26 * max(1, len(shown))),
        xaxis={"type": "date", "automargin": True, "tickformat": "%b\n%Y"},
        yaxis={
            "tickmode": "array",
            "tickvals": places,
            "ticktext": [_label(entry, 62) for entry in shown],
            "autorange": False,
            "range": [len(shown) - 0.4, -0.6],
            "automargin": True,
            "zeroline": False,
        },
        **_horizon(view),
    )
    drawn["margin"] = {**figure.MARGIN, "t": 72}
    older = len(known) - len(shown)
    rest = f" {older} earlier or later entries are in the table only." if older else ""
    return Figure(
        id="timeline",
        title="What happens when",
        caption=(
            "Each line is a regime, a change made by this scenario or an event: an open circle "
            "where it is announced, a diamond where it takes effect. The shaded part is the "
            f"horizon of the run.{rest}"
        ),
        unit="date",
        summary=_summary(view, known),
        charts=[
            Chart(
                traces,
                drawn,
                narrow={
                    "yaxis.ticktext": [_label(entry, 22) for entry in shown],
                },
            )
        ],
        table=_table(view, known),
        empty="The timeline of this run is empty.",
        open=len(known) <= LONGEST_OPEN_TABLE,
    )


def _horizon(view: View) -> dict[str, Any]:
    if not view.weeks:
        return {}
    shade = {
        "type": "rect", "xref": "x", "yref": "paper", "x0": view.weeks[0],
        "x1": formatting.week_end(view.weeks[-1]), "y0": 0, "y1": 1, "fillcolor": "#8a8f98",
        "opacity": 0.12, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
    return {"shapes": [shade]}


def _summary(view: View, known: list[dict[str, str]]) -> str:
    turns = figure.turns(view)
    if not turns:
        in_force = [e for e in known if e["kind"] == "regime"]
        if not in_force:
            return "No regime changes within the horizon."
        return f"No regime changes within the horizon; in force is: {in_force[-1]['title']}."
    told = [f"{turn.title} from {formatting.day(turn.effective)}" for turn in turns]
    count = "1 change" if len(turns) == 1 else f"{len(turns)} changes"
    return f"{count} of regime within the horizon: {formatting.listing(told)}."


def _table(view: View, known: list[dict[str, str]]) -> Table:
    rows = [
        [
            Cell((f"{e['letter']}: " if e["letter"] else "") + e["title"]),
            Cell(KINDS.get(e["kind"], e["kind"])),
            Cell(formatting.short_day(e["announced"])),
            Cell(formatting.short_day(e["effective"])),
            Cell(formatting.short_day(e.get("until"))),
            Cell(e["why"]),
            source_cell(view, e["source"]),
        ]
        for e in known
    ]
    heads = ("What", "Kind", "Announced", "Effective", "Until", "Why", "Source")
    return Table(heads, rows, title="All entries")


def own_entries(views: Sequence[View]) -> list[list[Entry]]:
    """Per run its regimes and changes: those near or in the horizon, and those not all share."""
    known = [[e for e in entries(view) if e["kind"] != "event"] for view in views]
    shared = set.intersection(*({_key(e) for e in run} for run in known)) if known else set()
    starts = [start for view in views if (start := formatting.as_date(view.start))]
    since = (min(starts) - timedelta(weeks=TIMELINES_LOOK_BACK_WEEKS)).isoformat() if starts else ""
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
    drawn = figure.base(
        height,
        showlegend=True,
        legend=figure.legend(height),
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
    drawn["margin"] = {**figure.MARGIN, "t": 72}
    return Figure(
        id="timelines",
        title="What happens when, in each scenario",
        caption=(
            "Regimes and changes of each scenario on one time axis: an open circle where "
            "something is announced, a diamond where it takes effect. What all scenarios share "
            "and lies far before the start is left out."
        ),
        unit="date",
        summary=_timelines_summary(views),
        charts=[Chart(traces, drawn)],
        table=_timelines_table(views, found),
        empty="No scenario has a dated entry of its own.",
        open=True,
    )


def _span(views: Sequence[View], found: list[list[Entry]]) -> list[str] | None:
    """From the first entry or week to the last week, with a little room."""
    dates = [e[key] for known in found for e in known for key in ("announced", "effective")]
    dates = sorted(date for date in dates if formatting.as_date(date))
    weeks = sorted(week for view in views for week in view.weeks)
    if not weeks:
        return None
    first = formatting.as_date(min([*dates, *weeks]))
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


def _timelines_summary(views: Sequence[View]) -> str:
    told = []
    for view in views:
        turns = [f"{t.title} from {formatting.day(t.effective)}" for t in figure.turns(view)]
        told.append(f"{view.name}: {formatting.listing(turns) or 'no change of regime'}")
    return f"{'; '.join(told)}."


def _timelines_table(views: Sequence[View], found: list[list[Entry]]) -> Table:
    rows = [
        [
            Cell(view.name, repeat=i > 0),
            Cell(e["title"]),
            Cell(formatting.short_day(e["announced"])),
            Cell(formatting.short_day(e["effective"])),
            Cell(e["why"]),
        ]
        for view, known in zip(views, found, strict=True)
        for i, e in enumerate(known)
    ]
    heads = ("Scenario", "What", "Announced", "Effective", "Why")
    return Table(heads, rows, title="All entries")
