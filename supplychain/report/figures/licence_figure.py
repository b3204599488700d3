"""The figure of licences applied for, granted, used and pending."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.report import figure
from supplychain.report.figure import (
    WEEK_HOVER,
    Cell,
    Chart,
    Choice,
    Figure,
    Table,
    number_cell,
    rounded,
    trace,
)
from supplychain.report.run_view import View, groups, once_a_view, ranked, totals

AMOUNTS = ["applied_t", "granted_t", "used_t", "pending_t", "expired_t"]
TABLE_KEYS = ("control", "end_use", "end_user")
ANY = "any"
"""The end user of licences that name none."""
LEAST_TONNES = 0.01
"""End users that apply for less, over the horizon, are left out of the table."""
LINES = {
    "applied_t": ("Applied for", "#8a8f98", "dot"),
    "granted_t": ("Granted", "#0072b2", "solid"),
    "used_t": ("Used", "#009e73", "dash"),
}


def licence_totals(view: View) -> pd.DataFrame:
    """Licences by control, destination and week over all end users; "" is all destinations."""
    frame = view.table("licences")
    each = totals(frame, ["control", "destination", "week"], AMOUNTS)
    every = totals(frame, ["control", "week"], AMOUNTS)
    found = pd.concat([every.assign(destination=""), each], ignore_index=True)
    return found.sort_values(["control", "destination", "week"], ignore_index=True)


def licences(view: View) -> Figure:
    """Tonnes applied for, granted, used a week, and tonnes pending, for a control and buyer."""
    frame = licence_totals(view)
    flows: list[dict[str, Any]] = []
    queue: list[dict[str, Any]] = []
    active: list[str] = []
    for (control, destination), rows in groups(frame, "control", "destination"):
        if float(rows[["applied_t", "pending_t"]].sum().sum()) <= 0:
            continue
        if control not in active:
            active.append(control)
        series = rows.set_index("week").reindex(view.weeks)
        flows += _flows(series, control, destination)
        queue.append(_queue(series, control, destination))
    marks = figure.turn_marks(view)
    drawn = []
    for unit in ("tonnes a week", "tonnes"):
        one = figure.base(
            320,
            hovermode="x unified",
            xaxis=figure.week_axis(view),
            yaxis=figure.value_axis(unit),
            **marks,
        )
        drawn.append(one)
    drawn[0].update(showlegend=True, legend=figure.legend())
    for one in drawn:
        one["margin"] = {**figure.MARGIN, "t": 64}
    most = frame[frame["destination"] == ""].groupby("control")["pending_t"].sum()
    opens_at = active.index(ranked(most[active])[0]) if active else 0
    choice = Choice(
        "control", "Control", tuple((c, control_name(view, c)) for c in active), selected=opens_at
    )
    seen = sorted({*frame["destination"], *view.regions} - {""}, key=lambda d: view.region(d))
    buyers = (("", "All destinations"), *((d, view.region(d)) for d in seen))
    return Figure(
        id="licences",
        title="Licences applied for, granted and pending",
        caption=(
            "What the licence queue of each control does: tonnes of goods for which exporters "
            "apply, get and use licences in a week, and beside them the tonnes that wait for a "
            "decision. Use can exceed what is granted in a week while earlier licences last. "
            f"{figure.turn_words(view)}"
        ),
        unit="tonnes a week; tonnes pending",
        summary=_summary(frame),
        charts=[Chart(flows, drawn[0], "Each week"), Chart(queue, drawn[1], "Waiting")],
        table=_table(view, frame),
        choices=[choice, Choice("destination", "Destination", buyers)] if active else [],
        empty="No licence is applied for in this run.",
    )


def control_name(view: View, control: object) -> str:
    """The name of a control: from its table where the run has one, else its identifier."""
    return _control_names(view).get(str(control), str(control))


@once_a_view
def _control_names(view: View) -> dict[str, str]:
    frame = view.table("controls")
    return dict(zip(frame["control"].astype(str), frame["name"].astype(str), strict=True))


def _flows(series: pd.DataFrame, control: str, destination: str) -> list[dict[str, Any]]:
    drawn = []
    for column, (name, colour, dash) in LINES.items():
        line = go.Scatter(
            x=list(series.index),
            y=rounded(series[column], 3),
            mode="lines",
            name=name,
            line={"color": colour, "dash": dash, "width": 2.5},
            xhoverformat=WEEK_HOVER,
            hovertemplate="%{y:,.3~r} t",
        )
        drawn.append(trace(line, control=control, destination=destination))
    return drawn


def _queue(series: pd.DataFrame, control: str, destination: str) -> dict[str, Any]:
    area = go.Scatter(
        x=list(series.index),
        y=rounded(series["pending_t"], 3),
        mode="lines",
        name="Pending",
        fill="tozeroy",
        line={"color": "#d55e00", "width": 2},
        fillcolor="rgba(213,94,0,0.25)",
        xhoverformat=WEEK_HOVER,
        hovertemplate="%{y:,.3~r} t",
    )
    return trace(area, control=control, destination=destination)


def _summary(frame: pd.DataFrame) -> str:
    total = frame[frame["destination"] == ""]
    applied, granted = float(total["applied_t"].sum()), float(total["granted_t"].sum())
    if applied <= 0:
        return "No licence is applied for in this run."
    waiting = total.groupby("week")["pending_t"].sum().sort_index()
    return (
        f"Licences for {formatting.amount(applied)} tonnes are applied for and for "
        f"{formatting.amount(granted)} tonnes granted. Most is pending in the week of "
        f"{formatting.day(waiting.idxmax())}: {formatting.amount(float(waiting.max()))} tonnes."
    )


def _user(view: View, end_use: str, user: str) -> str:
    """An end user in words: its segment, or for whom the licences are that name none."""
    if not end_use:
        return "All end users"
    return f"Any {end_use} user" if user == ANY else f"{view.segment(user)} ({end_use})"


def _table(view: View, frame: pd.DataFrame) -> Table:
    """Sums by control and destination, and over all destinations by end user."""
    rows, places = [], []
    users = totals(view.table("licences"), [*TABLE_KEYS, "week"], AMOUNTS)
    found = {(*key, "", ""): part for key, part in groups(frame, "control", "destination")}
    for (control, end_use, user), part in groups(users, *TABLE_KEYS):
        found[control, "", end_use, user] = part
    for (control, destination, end_use, user), part in sorted(found.items(), key=lambda i: i[0]):
        applied = float(part["applied_t"].sum())
        if applied <= LEAST_TONNES:
            continue
        places.append((view.segment_sectors.get(user, ""), destination))
        granted = float(part["granted_t"].sum())
        numbers = [applied, granted, float(part["used_t"].sum()), float(part["expired_t"].sum())]
        rows.append(
            [
                Cell(control_name(view, control)),
                Cell(view.region(destination) if destination else "All destinations"),
                Cell(_user(view, end_use, user)),
                *(number_cell(formatting.amount(n, 3), n) for n in numbers),
                number_cell(
                    formatting.amount(float(part["pending_t"].max()), 3),
                    float(part["pending_t"].max()),
                ),
                number_cell(formatting.share(granted / applied), granted / applied),
            ]
        )
    heads = (
        "Control", "Destination", "End user", "Applied for, t", "Granted, t", "Used, t",
        "Expired, t", "Most pending, t", "Granted of applied",
    )  # fmt: skip
    csv = (*heads[:-1], "Granted of applied, share")
    note = (
        "Sums over the horizon. A licence names its end user; what is left over for any user is "
        "counted apart."
    )
    return Table(heads, rows, note=note, csv=csv, places=tuple(places))
