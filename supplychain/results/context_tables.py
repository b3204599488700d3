"""What a reader needs beside the numbers: the dated story of a run, and the names of its codes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pandas import DataFrame

from supplychain.dataset import Tables
from supplychain.dataset.table_types import ANY
from supplychain.network.entities import Network
from supplychain.scenario.scenario import Change, Scenario, Setting

COLUMNS = ["scenario", "kind", "announced", "effective", "until", "title", "why", "source"]
BEFORE = timedelta(days=548)
"""Events are told from a year and a half before the start."""

NAMED = {
    "regions": ("region", "name"),
    "segments": ("segment", "sector", "name", "unit"),
    "elements": ("element", "name"),
    "controls": ("control", "name"),
    "regimes": ("regime", "name"),
    "sources": ("source", "title", "url"),
}
"""Tables of the data that go along with a run, and which of their columns."""


def timeline(scenario: Scenario, tables: Tables) -> DataFrame:
    """The `timeline` table: kind is regime, change or event; dates are ISO, blank if open."""
    names = {
        **dict(zip(tables["regimes"]["regime"], tables["regimes"]["name"], strict=True)),
        **dict(zip(tables["controls"]["control"], tables["controls"]["name"], strict=True)),
        **dict(zip(tables["regions"]["region"], tables["regions"]["name"], strict=True)),
    }
    rows: list[dict[str, Any]] = []
    for entry in (e for e in scenario.timeline if e.effective < scenario.end):
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
        if _outside(change, scenario):
            continue
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


def _outside(change: Change, scenario: Scenario) -> bool:
    """Whether a change holds on no day of the horizon."""
    late = change.start is not None and change.start >= scenario.end
    return late or (change.end is not None and change.end <= scenario.start)


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


def dictionaries(tables: Tables, network: Network) -> dict[str, DataFrame]:
    """The dictionary tables of a run, by name."""
    found = {name: tables[name][list(columns)].copy() for name, columns in NAMED.items()}
    prices = {m.name: m.price_usd_per_kg for m in network.materials.values()}
    materials = tables["materials"][["material", "name", "stage"]].copy()
    materials["price_usd_per_kg"] = [prices[m] for m in materials["material"]]
    content = tables["material_content"][["material", "element", "value"]]
    found["materials"] = materials
    found["material_content"] = content.rename(columns={"value": "content"}).copy()
    columns = ["customer", "sector", "segment", "region", "unit", "end_use"]
    columns.append("value_added_usd_per_unit")
    rows = [[c.name, *(getattr(c, name) for name in columns[1:])] for c in network.customers]
    found["customers"] = DataFrame(rows, columns=columns)
    return found
