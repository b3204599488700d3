"""A path of regimes as entries of a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from supplychain.dataset import Tables
from supplychain.regime.kinds import Entry, Origin, Setting
from supplychain.regime.path import Step

SOURCE = "assumption"
ORIGIN = Origin("the drawn path", 0, 0)


def entries_of(path: Sequence[Step], start: date, tables: Tables) -> tuple[Entry, ...]:
    """The entries by which a path becomes part of a scenario's timeline.

    Each step is announced and takes effect on the Monday of its week: nobody sees it coming. A
    regime with a companion in regime_states.csv brings it along, for that one control.

    Args:
        path: steps whose weeks count from 0 at `start`.
        start: the Monday of week 0.
        tables: checked data.
    """
    rows = {(str(r["state"]), str(r["regime"])): r for r in tables.records("regime_states")}
    found: list[Entry] = []
    for step in path:
        row = rows[step.state, step.regime]
        day = start + timedelta(weeks=step.week)
        exporter = str(row["exporter"])
        why = f"the drawn path enters the state {step.state}"
        found.append(_entry(day, Setting(step.regime, exporter), why))
        if row["companion_control"]:
            special = Setting(str(row["companion_regime"]), exporter, str(row["companion_control"]))
            found.append(_entry(day, special, f"{why}, and this goes with it"))
    return tuple(found)


def _entry(day: date, setting: Setting, why: str) -> Entry:
    return Entry(day, day, setting, why, SOURCE, ORIGIN)
