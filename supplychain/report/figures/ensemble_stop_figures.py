"""Figures of an ensemble: chances of a stop, states of the regime and their hazards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.ensemble.member_losses import ALL_REGIONS, ALL_SECTORS
from supplychain.report import figure
from supplychain.report.ensemble_view import (
    EnsembleView,
    by_place,
    chance_words,
    interval_cells,
    mark,
    odds,
    places,
)
from supplychain.report.figure import (
    SERIES_COLOURS,
    SERIES_DASHES,
    WEEK_HOVER,
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
from supplychain.report.figures.ensemble_loss_figures import HEIGHT, colour
from supplychain.report.run_view import groups

STATE_COLOURS = ("#56a0d3", "#0072b2", "#e0b040", "#d98a4a", "#c24f00", "#7a2c00")
HEAT = (0.02, 0.1, 0.25, 0.5, 0.75)
"""From these chances on a cell is one shade darker."""

OPEN_ROWS = 10
"""A longer table is opened when asked for."""

NO_PATH = "No path of the regime was drawn: every future has the timeline of the base scenario."


def chance_table(view: EnsembleView) -> Table:
    """The chance that a line stops within the horizon, by region and sector."""
    sectors = [*view.sectors, ALL_SECTORS]
    rows = []
    for region in [*view.regions, ALL_REGIONS]:
        code = "" if region == ALL_REGIONS else region
        cells = [Cell(view.region(region), region=code)]
        for sector in sectors:
            row = view.stops.get((sector, region))
            cells.append(Cell("") if row is None else _chance_cell(row, sector, code))
        rows.append(cells)
    heads = ("Region", *(view.sector(sector) for sector in sectors))
    csv = ("Region", *(f"{head}, chance of a stop" for head in heads[1:]))
    return Table(heads, rows, csv=csv)


def _chance_cell(row: Any, sector: str, region: str) -> Cell:
    chance = float(row["probability"])
    heat = sum(chance >= level for level in HEAT)
    code = "" if sector == ALL_SECTORS else sector
    return Cell(chance_words(chance), heat=heat, value=f"{chance:g}", sector=code, region=region)


def stopping(view: EnsembleView) -> Figure:
    """The chance that a line has stopped by a date, by sector, for all regions or one."""
    table = view.table("stopping")
    traces = [
        _rising(view, rows.sort_values("week"), sector, region)
        for (sector, region), rows in groups(table, "sector", "region")
        if float(rows["probability"].max()) > 0
    ]
    order = {sector: i for i, sector in enumerate(["", *view.sectors])}
    traces.sort(key=lambda t: (t["meta"]["region"], order[t["meta"]["sector"]]))
    drawn = _shares_by_week(view, top=101)
    return Figure(
        id="stopping",
        title="When a line has stopped",
        caption=(
            "Share of the futures in which a line has stopped (lost more of a week's plan than "
            "stop_threshold) at least once by the end of that week. A line that starts again still "
            "counts as stopped once. The hover gives the 95 % interval (Jeffreys)."
        ),
        unit="% of futures",
        summary=_stop_summary(view, table),
        charts=[Chart(traces, drawn)],
        table=_stop_table(view, table),
        choices=[places(view)[1]],
        empty="No line stops in any future.",
    )


def _shares_by_week(view: EnsembleView, top: int) -> dict[str, Any]:
    """The layout of shares of the futures by week, from 0 to `top` %."""
    axis = figure.value_axis("% of futures", ticksuffix=" %", range=[0, top])
    return figure.lines_by_week(view, axis, HEIGHT)


def _rising(view: EnsembleView, rows: pd.DataFrame, sector: str, region: str) -> dict[str, Any]:
    every = sector == ALL_SECTORS
    dash = "solid" if every else SERIES_DASHES[1 + view.sectors.index(sector) % 5]
    spans = [
        f"{chance_words(low)} to {chance_words(high)}"
        for low, high in zip(rows["low"], rows["high"], strict=True)
    ]
    line = go.Scatter(
        x=[str(week)[:10] for week in rows["week"]],
        y=rounded(rows["probability"] * 100, 3),
        mode="lines",
        name=literal("Any sector" if every else view.sector(sector)),
        line={"color": colour(sector), "dash": dash, "width": 3.5 if every else 2.5},
        customdata=spans,
        xhoverformat=WEEK_HOVER,
        hovertemplate="%{y:.3~r} % (%{customdata})",
    )
    return trace(line, **mark(sector, region))


def half_by(rows: pd.DataFrame) -> str:
    """The week by which half of the stops of the horizon have begun; empty without a stop."""
    ordered = rows.sort_values("week")
    end = float(ordered["probability"].max())
    if end <= 0:
        return ""
    return str(ordered.loc[ordered["probability"] >= end / 2, "week"].iloc[0])[:10]


def _stop_summary(view: EnsembleView, table: pd.DataFrame) -> str:
    whole = table[(table["sector"] == ALL_SECTORS) & (table["region"] == ALL_REGIONS)]
    end = float(view.stops[ALL_SECTORS, ALL_REGIONS]["probability"])
    if end <= 0:
        return f"No line stops in any of the {view.solved:,} futures."
    return (
        f"Some line stops within the {len(view.weeks)} weeks in {odds(end)}; half of these "
        f"first stops have come by the week of {formatting.day(half_by(whole))}."
    )


def _stop_table(view: EnsembleView, table: pd.DataFrame) -> Table:
    """The chance by four dates, for every sector and region."""
    count = len(view.weeks)
    dates = [view.weeks[max(0, round(count * part / 4) - 1)] for part in (1, 2, 3, 4)]
    days = table["week"].astype(str).str[:10]
    by_date = [by_place(table[days == date]) for date in dates]
    keys = [
        (s, r)
        for s in [ALL_SECTORS, *view.sectors]
        for r in [ALL_REGIONS, *view.regions]
        if (s, r) in by_date[-1]
    ]
    rows = []
    for key in keys:
        chances = [float(found[key]["probability"]) for found in by_date]
        cells = [number_cell(chance_words(chance), chance) for chance in chances]
        rows.append([Cell(view.sector(key[0])), Cell(view.region(key[1])), *cells])
    heads = ("Sector", "Region", *(f"By {formatting.short_day(date)}" for date in dates))
    marks = [mark(*key) for key in keys]
    where = tuple((found["sector"], found["region"]) for found in marks)
    note = "Chance that a line has stopped by the end of the week of that Monday."
    return Table(heads, rows, note=note, places=where)


def paths(view: EnsembleView) -> Figure:
    """The share of futures in each state of the regime, week by week."""
    shares = state_shares(view)
    traces = [
        trace(
            go.Scatter(
                x=view.weeks,
                y=rounded(shares[state] * 100, 3),
                mode="lines",
                stackgroup="one",
                name=literal(view.state(state)),
                line={"width": 0.5, "color": STATE_COLOURS[i % len(STATE_COLOURS)]},
                fillcolor=STATE_COLOURS[i % len(STATE_COLOURS)],
                xhoverformat=WEEK_HOVER,
                hovertemplate="%{y:.3~r} %",
            )
        )
        for i, state in spread(view.states)
    ]
    drawn = _shares_by_week(view, top=100)
    return Figure(
        id="paths",
        title="What becomes of the truce",
        caption=(
            "Share of the futures that are in each state of the regime, from the mildest below to "
            "the harshest on top. Drawn week by week with the hazards of the next figure."
        ),
        unit="% of futures",
        summary=_path_summary(view, shares),
        charts=[Chart(traces, drawn)],
        table=_path_table(view, shares),
        empty=NO_PATH,
    )


def spread(states: Sequence[str]) -> list[tuple[int, str]]:
    """Give each state the place of its colour, so that few states differ as much as they can.

    >>> spread(["calm", "embargo"])
    [(0, 'calm'), (5, 'embargo')]
    """
    last = len(STATE_COLOURS) - 1
    steps = max(1, len(states) - 1)
    return [(round(i * last / steps), state) for i, state in enumerate(states)]


def state_shares(view: EnsembleView) -> pd.DataFrame:
    """Share of solved futures in each state: index week of the horizon, columns states."""
    members = view.table("members")
    solved = members.loc[members["status"] == "solved", "member"]
    rows = view.table("paths")
    rows = rows[rows["member"].isin(solved)].sort_values(["member", "week"])
    weeks = len(view.weeks)
    moves = {state: np.zeros(weeks + 1) for state in view.states}
    until = rows.groupby("member")["week"].shift(-1).fillna(weeks).clip(upper=weeks)
    begin = rows["week"].clip(upper=weeks)
    for state, first, last in zip(rows["state"], begin, until, strict=True):
        moves[str(state)][int(first)] += 1
        moves[str(state)][int(last)] -= 1
    counts = {state: np.cumsum(steps)[:weeks] for state, steps in moves.items()}
    return pd.DataFrame(counts, index=view.weeks) / max(1, len(solved))


def _path_summary(view: EnsembleView, shares: pd.DataFrame) -> str:
    if shares.empty or not len(shares.columns):
        return NO_PATH
    first = view.table("members").loc[lambda t: t["status"] == "solved", "first_break_week"]
    broken = float(first.notna().mean())
    last = shares.iloc[-1].sort_values(ascending=False, kind="stable")
    ends = [f"{view.state(s)} in {chance_words(float(p))}" for s, p in last.items() if p >= 0.005]
    return (
        f"The starting regime is left for a worse one in {odds(broken)}. At the end the futures "
        f"are split: {formatting.listing(ends)}."
    )


def _path_table(view: EnsembleView, shares: pd.DataFrame) -> Table:
    rows = [
        [
            Cell(formatting.short_day(week), value=str(week)),
            *(number_cell(chance_words(float(p)), float(p)) for p in shares.loc[week]),
        ]
        for week in shares.index[::4]
    ]
    heads = ("Week", *(view.state(state) for state in shares.columns))
    return Table(heads, rows, note="Share of futures in each state.")


def hazards(view: EnsembleView) -> Figure:
    """How likely the regime is to change in a week, and on how few events that rests."""
    table = view.table("hazards")
    rows: list[dict[Any, Any]] = table.to_dict("records")
    seen = [row for row in rows if row["events"] > 0]
    names = [literal(f"{_step(view, row)} ({_events(row['events'])})") for row in seen]
    dots = dots_of(
        names,
        [100 * row["hazard_per_week"] for row in seen],
        [100 * row["low"] for row in seen],
        [100 * row["high"] for row in seen],
        colours=[SERIES_COLOURS[0]] * len(seen),
        hover="%{x:.3~r} % a week (%{customdata})",
        said=[f"{chance_words(row['low'])} to {chance_words(row['high'])}" for row in seen],
    )
    drawn = sideways(len(seen), "% a week", ticksuffix=" %")
    return Figure(
        id="hazards",
        title="How likely the regime is to change",
        caption=(
            "The chance that the regime goes from one state to another in a week, estimated from "
            "the dated timeline in the data: events over the weeks in which they could have "
            "happened. The bar holds 9 of 10: 5 to 95 %. With so few events it spans a factor of "
            "several: these are the weakest numbers of the page. Changes that never happened on "
            "record are not drawn; the table has what is assumed of them."
        ),
        unit="% a week",
        summary=_hazard_summary(rows),
        charts=[Chart([dots] if seen else [], drawn, wide=True)],
        table=_hazard_table(view, rows),
        empty=NO_PATH,
        open=len(rows) <= OPEN_ROWS,
    )


def _step(view: EnsembleView, row: dict[Any, Any]) -> str:
    return f"{view.state(row['from_state'])} to {view.state(row['to_state'])}"


def _events(count: Any) -> str:
    """Count events in words.

    >>> _events(0), _events(1), _events(3.0)
    ('no event', '1 event', '3 events')
    """
    number = round(float(count))
    return "no event" if number == 0 else f"{number} event{'' if number == 1 else 's'}"


def _hazard_summary(rows: Sequence[dict[Any, Any]]) -> str:
    if not rows:
        return NO_PATH
    events = sum(round(float(row["events"])) for row in rows)
    watched = max(float(row["weeks_at_risk"]) for row in rows)
    never = sum(round(float(row["events"])) == 0 for row in rows)
    unseen = (
        f" {never} of these kinds never happened on record: their odds are assumed, not counted."
        if never
        else ""
    )
    return (
        f"{len(rows)} kinds of change rest on {_events(events)} together; the state that was "
        f"watched longest was so for {watched:,.0f} weeks.{unseen}"
    )


def _dated_ends(view: EnsembleView) -> str:
    """Say what may end on a day that is known."""
    plan = (view.record.get("definition") or {}).get("paths") or {}
    told = [
        f"On {formatting.day(end['day'])} "
        f"{' or '.join(map(view.state, end['from_states']))} turn into "
        f"{view.state(end['to_state'])} with a chance of {chance_words(end['chance'])}: "
        f"{formatting.plain(end['why'])}."
        for end in plan.get("expiries") or []
    ]
    return " ".join(["Besides there are dated ends.", *told]) if told else ""


def _hazard_table(view: EnsembleView, rows: Sequence[dict[Any, Any]]) -> Table:
    cells = [
        [
            Cell(view.state(row["from_state"])),
            Cell(view.state(row["to_state"])),
            number_cell(f"{float(row['events']):g}", float(row["events"])),
            number_cell(formatting.amount(row["weeks_at_risk"]), row["weeks_at_risk"]),
            number_cell(chance_words(row["hazard_per_week"]), row["hazard_per_week"]),
            *interval_cells(row, chance_words),
            Cell(formatting.plain(row["source_events"]).replace(";", ", ")),
        ]
        for row in sorted(rows, key=lambda row: -float(row["events"]))
    ]
    heads = (
        "From", "To", "Events", "Weeks at risk", "Chance a week", "9 of 10: from", "to",
        "Which events",
    )  # fmt: skip
    csv = (*heads[:4], *(f"{head}, share" for head in heads[4:7]), heads[7])
    return Table(heads, cells, _dated_ends(view), csv=csv)
