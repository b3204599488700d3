"""The dated story of a run: regimes, changes of numbers and the events in the data."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pandas import DataFrame

from supplychain.dataset import Tables
from supplychain.regime.case import Case
from supplychain.regime.kinds import Setting
from supplychain.regime.policy import ANY

COLUMNS = ["scenario", "kind", "announced", "effective", "until", "title", "why", "source"]
BEFORE = timedelta(days=548)
"""Events are told from a year and a half before the start."""


def timeline(case: Case, tables: Tables) -> DataFrame:
    """The `timeline` table: kind is regime, change or event; dates are ISO, blank if open."""
    scenario = case.scenario
    names = {
        **dict(zip(tables["regimes"]["regime"], tables["regimes"]["name"], strict=True)),
        **dict(zip(tables["controls"]["control"], tables["controls"]["name"], strict=True)),
        **dict(zip(tables["regions"]["region"], tables["regions"]["name"], strict=True)),
    }
    rows: list[dict[str, Any]] = []
    for entry in scenario.timeline:
        rows.append(
            {
                "kind": "regime",
                "announced": entry.announced.isoformat(),
                "effective": entry.effective.isoformat(),
                "until": "",
                "title": _regime_title(entry.setting, names),
                "why": entry.why,
                "source": entry.source,
            }
        )
    for change in scenario.changes:
        where = ", ".join(f"{key} {word}" for key, word in change.where)
        start = change.start or scenario.start
        rows.append(
            {
                "kind": "change",
                "announced": (change.announced or start).isoformat(),
                "effective": start.isoformat(),
                "until": change.end.isoformat() if change.end else "",
                "title": f"{change.what} of {where}: {change.value:g} {change.unit}",
                "why": change.why,
                "source": change.source,
            }
        )
    rows += _events(tables, scenario.start - BEFORE, scenario.end)
    table = DataFrame(rows, columns=COLUMNS)
    table["scenario"] = scenario.name
    return table.sort_values(["effective", "kind", "title"], kind="stable", ignore_index=True)


def _regime_title(setting: Setting, names: dict[str, str]) -> str:
    """A regime and what it is applied to, in the names of the data."""
    scope = [names.get(word, word) for word in setting.scope[1:] if word != ANY]
    title = names.get(setting.regime, setting.regime)
    return f"{title} ({', '.join(scope)})" if scope else title


def _events(tables: Tables, first: date, last: date) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for row in tables.records("events"):
        effective = row["effective"] or row["announced"]
        if first <= effective < last:
            found.append(
                {
                    "kind": "event",
                    "announced": (row["announced"] or effective).isoformat(),
                    "effective": effective.isoformat(),
                    "until": row["until"].isoformat() if row["until"] else "",
                    "title": row["name"],
                    "why": row["effect"] or "",
                    "source": row["source"] or "",
                }
            )
    return found
