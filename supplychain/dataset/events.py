"""The dated history that the data know: which events, and how old the last one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from supplychain.dataset.tables import Tables
from supplychain.formatting import counted, day

DAYS_A_WEEK = 7


@dataclass(frozen=True)
class AsOf:
    """The last event that was announced."""

    event: str
    name: str
    date: date


def as_of(tables: Tables) -> AsOf | None:
    """The event that was announced last; of one day the last by name. None without any."""
    rows = sorted(tables.records("events"), key=lambda row: (row["announced"], row["event"]))
    if not rows:
        return None
    return AsOf(str(rows[-1]["event"]), str(rows[-1]["name"]), rows[-1]["announced"])


def stale(tables: Tables, start: date) -> list[str]:
    """A warning where a start lies further from the last event than `events_stale_after` weeks."""
    known = as_of(tables)
    if known is None:
        return []
    days = (start - known.date).days
    if days <= tables.assumption("events_stale_after") * DAYS_A_WEEK:
        return []
    weeks = counted(days // DAYS_A_WEEK, "week")
    return [
        f"the last event that the data know is of {day(known.date.isoformat())}, {weeks} before "
        "the start: what happened since is not in it. supplychain data add-event takes it up; "
        "docs/keeping-current.md says how."
    ]


def as_of_json(tables: Tables, start: date) -> dict[str, str] | None:
    """The field `as_of` of run.json; `stale` is the warning, or blank."""
    known = as_of(tables)
    if known is None:
        return None
    words = {"event": known.event, "name": known.name, "date": known.date.isoformat()}
    return {**words, "stale": "".join(stale(tables, start))}


def events_since(tables: Tables, first: date | None = None) -> list[dict[str, Any]]:
    """Events by the day of their announcement, each with the lowest confidence of its sources.

    Args:
        tables: checked data.
        first: only those announced or effective on or after this day.
    """
    trust = {row["source"]: row["confidence"] or "" for row in tables.records("sources")}
    found = []
    for row in sorted(tables.records("events"), key=lambda row: (row["announced"], row["event"])):
        if first is None or max(row["announced"], row["effective"]) >= first:
            told = [trust.get(key.strip(), "") for key in str(row["source"]).split(";")]
            kinds = [kind for kind in told if kind] or [""]
            plain = {name: value for name, value in row.items() if not name.startswith("_")}
            found.append({**plain, "confidence": min(kinds, key=RANKS.index)})
    return found


RANKS = ("", "low", "medium", "high")
"""Confidence in a source, the least first; blank where it is not told."""
