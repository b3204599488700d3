"""The figure of an ensemble's hazards: how likely the regime is to change, on how few events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supplychain.report import words
from supplychain.report.ensemble_view import EnsembleView, chance_words, interval_cells
from supplychain.report.figure import (
    SERIES_COLOURS,
    Cell,
    Chart,
    Figure,
    Table,
    literal,
    number_cell,
)
from supplychain.report.figures_ensemble_sure import dots_of, sideways

OPEN_ROWS = 10
"""A longer table is opened when asked for."""

NO_PATH = "No path of the regime was drawn: every future has the timeline of the base scenario."


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
        f"On {words.day(end['day'])} {' or '.join(map(view.state, end['from_states']))} turn into "
        f"{view.state(end['to_state'])} with a chance of {chance_words(end['chance'])}: "
        f"{words.plain(end['why'])}."
        for end in plan.get("expiries") or []
    ]
    return " ".join(["Besides there are dated ends.", *told]) if told else ""


def _hazard_table(view: EnsembleView, rows: Sequence[dict[Any, Any]]) -> Table:
    cells = [
        [
            Cell(view.state(row["from_state"])),
            Cell(view.state(row["to_state"])),
            number_cell(f"{float(row['events']):g}", float(row["events"])),
            number_cell(words.amount(row["weeks_at_risk"]), row["weeks_at_risk"]),
            number_cell(chance_words(row["hazard_per_week"]), row["hazard_per_week"]),
            *interval_cells(row, chance_words),
            Cell(words.plain(row["source_events"]).replace(";", ", ")),
        ]
        for row in sorted(rows, key=lambda row: -float(row["events"]))
    ]
    heads = (
        "From", "To", "Events", "Weeks at risk", "Chance a week", "9 of 10: from", "to",
        "Which events",
    )  # fmt: skip
    csv = (*heads[:4], *(f"{head}, share" for head in heads[4:7]), heads[7])
    return Table(heads, cells, _dated_ends(view), csv=csv)
