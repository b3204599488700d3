"""Every table of a run, from the history of its solution.

Weeks are the ISO dates of their Mondays. Rows that are exactly zero in every amount are left out of
`flows`, `marginal_values` and `licences`; a missing row there means nothing happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from supplychain.dataset import Tables
from supplychain.dataset.table_types import ANY
from supplychain.network.entities import AIR, USUAL, Arc, Delivery, Network
from supplychain.scenario.scenario import Scenario, Setting
from supplychain.solve.solution import Solution

Array = NDArray[np.float64]
TINY = 1e-9
"""Tonnes below this are the solver's noise: the feasibility tolerance."""

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


def build_tables(solution: Solution) -> dict[str, DataFrame]:
    """Every table of a run, by name (columns as docs/interface.md lists them)."""
    return {
        "shortfall": shortfall(solution),
        "flows": flows(solution),
        "air_flows": air_flows(solution),
        "stocks": stocks(solution),
        "licences": licences(solution),
        "marginal_values": marginal_values(solution),
        "production": production(solution),
        "output": output(solution),
        "usual_flows": usual_flows(solution),
        "targets": targets(solution),
    }


def mondays(solution: Solution) -> list[str]:
    """ISO dates of the horizon's Mondays."""
    start = solution.case.start
    return [(start + timedelta(weeks=w)).isoformat() for w in range(solution.case.weeks)]


def shortfall(solution: Solution) -> DataFrame:
    """Planned, produced and lost output of every customer and week, in its own unit."""
    network = solution.case.network
    scale = np.array([c.plan_per_week for c in network.customers])[:, None]
    lost = solution.history.lost.sum(axis=1) * scale
    produced = np.zeros_like(lost)
    for i, recipe in enumerate(network.recipes):
        produced[recipe.customer] += solution.history.output[i]
    produced *= scale
    planned = produced + lost
    value = np.array([c.value_added_usd_per_unit for c in network.customers])[:, None]
    return _long(
        solution,
        {
            "sector": [c.sector for c in network.customers],
            "segment": [c.segment for c in network.customers],
            "region": [c.region for c in network.customers],
        },
        {"planned": planned, "produced": produced, "lost": lost, "lost_value_usd": lost * value},
        after_week={"unit": [c.unit for c in network.customers]},
    )


def flows(solution: Solution) -> DataFrame:
    """Departures: feeding arcs (customer blank) and deliveries, t in the week."""
    network = solution.case.network
    feeding = [i for i, a in enumerate(network.arcs) if a.feeds]
    arcs = [network.arcs[i] for i in feeding]
    by_sea = [i for i, d in enumerate(network.deliveries) if d.mode == USUAL]
    delivered = solution.history.delivery.copy()
    for air, sea in _twins(solution).items():
        delivered[sea] += delivered[air]
    tonnes = np.vstack([solution.history.flow[feeding], delivered[by_sea]])
    keys = _trade_keys(solution, [network.deliveries[i] for i in by_sea], arcs)
    return _nonzero(_long(solution, keys, {"tonnes": tonnes}), ["tonnes"])


def air_flows(solution: Solution) -> DataFrame:
    """The part of `flows` that went by air, t in the week."""
    network = solution.case.network
    by_air = [i for i, d in enumerate(network.deliveries) if d.mode == AIR]
    keys = _trade_keys(solution, [network.deliveries[i] for i in by_air])
    return _nonzero(
        _long(solution, keys, {"tonnes": solution.history.delivery[by_air]}), ["tonnes"]
    )


def _trade_keys(
    solution: Solution, deliveries: Sequence[Delivery], arcs: Sequence[Arc] = ()
) -> dict[str, list[str]]:
    customers = solution.case.network.customers
    return {
        "material": [a.material for a in arcs] + [d.material for d in deliveries],
        "origin": [a.origin for a in arcs] + [d.origin for d in deliveries],
        "destination": [a.destination for a in arcs]
        + [customers[d.customer].region for d in deliveries],
        "customer": [""] * len(arcs) + [customers[d.customer].name for d in deliveries],
    }


def _twins(solution: Solution) -> dict[int, int]:
    """Each delivery by air to its twin by the usual mode."""
    deliveries = solution.case.network.deliveries
    by_sea = {
        (d.material, d.origin, d.customer): i for i, d in enumerate(deliveries) if d.mode == USUAL
    }
    return {
        i: by_sea[d.material, d.origin, d.customer]
        for i, d in enumerate(deliveries)
        if d.mode == AIR
    }


def usual_flows(solution: Solution) -> DataFrame:
    """The same flows in the base year, t per week."""
    network = solution.case.network
    rows = [
        (a.material, a.origin, a.destination, "", a.usual_feed_t_per_week)
        for a in network.arcs
        if a.feeds
    ] + [
        (
            d.material,
            d.origin,
            network.customers[d.customer].region,
            network.customers[d.customer].name,
            d.usual_t_per_week,
        )
        for d in network.deliveries
    ]
    columns = ["material", "origin", "destination", "customer", "tonnes_per_week"]
    return DataFrame([r for r in rows if r[-1] > 0.0], columns=columns)


def stocks(solution: Solution) -> DataFrame:
    """What regions (customer blank) and customers hold at the end of each week.

    Weeks of cover: tonnes over the usual weekly throughput of the place or need of the customer;
    blank where that is zero.
    """
    network = solution.case.network
    need = [c.need_t_per_week for c in network.covers]
    through = [
        stock / network.materials[material].stock_cover_weeks
        if network.materials[material].stock_cover_weeks
        else 0.0
        for (_, material), stock in zip(network.places, network.usual_stock, strict=True)
    ]
    keys = {
        "material": [m for _, m in network.places] + [c.material for c in network.covers],
        "region": [r for r, _ in network.places]
        + [network.customers[c.customer].region for c in network.covers],
        "customer": [""] * len(network.places)
        + [network.customers[c.customer].name for c in network.covers],
    }
    tonnes = np.vstack([solution.history.stock, solution.history.cover])
    weekly = np.array([*through, *need])[:, None]
    weeks = np.divide(tonnes, weekly, out=np.full_like(tonnes, np.nan), where=weekly > 0.0)
    return _long(solution, keys, {"tonnes": tonnes, "weeks_of_cover": weeks})


def licences(solution: Solution) -> DataFrame:
    """The queue of every licence class and what of it was used, t in the week."""
    network, weeks = solution.case.network, solution.case.weeks
    series = solution.case.licence_series()
    granted = series["granted"][:, :weeks]
    bound = np.isfinite(granted)
    used = licences_used(solution)
    left = solution.history.licence_left
    before = np.hstack([np.array(solution.case.opening_licences)[:, None], left[:, :-1]])
    amounts = {
        "applied_t": series["applied"][:, :weeks],
        "granted_t": np.where(bound, granted, 0.0),
        "used_t": np.where(bound, used, 0.0),
        "pending_t": series["pending"][:, :weeks],
        "expired_t": np.where(bound, np.maximum(before + granted - used - left, 0.0), 0.0),
    }
    keys = {
        "control": [k.control for k in network.classes],
        "exporter": [k.exporter for k in network.classes],
        "destination": [k.destination for k in network.classes],
        "end_use": [k.end_use for k in network.classes],
    }
    table = _long(solution, keys, amounts)
    return _nonzero(table[bound.ravel()], list(amounts))


def licences_used(solution: Solution) -> Array:
    """[class, week] t shipped under each class."""
    network, history = solution.case.network, solution.history
    used = np.zeros((len(network.classes), solution.case.weeks))
    for i, licence in enumerate(network.classes):
        used[i] += history.flow[list(licence.arcs)].sum(axis=0)
        used[i] += history.delivery[list(licence.deliveries)].sum(axis=0)
    return used


def marginal_values(solution: Solution) -> DataFrame:
    """What one more kilogram would save, USD: duals, marginal and not what is paid."""
    network, history = solution.case.network, solution.history
    customers = network.customers
    blocks = [
        ("region_balance", [(r, "", m) for r, m in network.places], history.region_balance),
        (
            "customer_balance",
            [
                (customers[c.customer].region, customers[c.customer].name, c.material)
                for c in network.covers
            ],
            history.customer_balance,
        ),
        (
            "licence_balance",
            [(k.destination, "", f"{k.control}/{k.exporter}/{k.end_use}") for k in network.classes],
            -history.licence_balance,
        ),
    ]
    frames = [
        _long(
            solution,
            {
                "law": [law] * len(keys),
                "region": [k[0] for k in keys],
                "customer": [k[1] for k in keys],
                "material": [k[2] for k in keys],
            },
            {"usd_per_kg": values * 1000.0},
        )
        for law, keys, values in blocks
    ]
    table = pd.concat(frames, ignore_index=True)
    return table[table["usd_per_kg"].abs() > 1e-6].reset_index(drop=True)


def production(solution: Solution) -> DataFrame:
    """What every line starts in the week, and could have, t of run."""
    network = solution.case.network
    capacity = solution.case.known().line_capacity[:, : solution.case.weeks]
    keys = {
        name: [getattr(x, name) for x in network.lines]
        for name in ("site", "region", "process", "stage")
    }
    return _long(
        solution,
        {"line": [x.name for x in network.lines], **keys},
        {"tonnes": solution.history.run, "capacity_tonnes": capacity},
    )


def output(solution: Solution) -> DataFrame:
    """Output of every customer by recipe, in its own unit."""
    network = solution.case.network
    customers = [network.customers[r.customer] for r in network.recipes]
    scale = np.array([c.plan_per_week for c in customers])[:, None]
    return _long(
        solution,
        {
            "customer": [c.name for c in customers],
            "recipe": [r.name for r in network.recipes],
            "unit": [c.unit for c in customers],
        },
        {"produced": solution.history.output * scale},
    )


def targets(solution: Solution) -> DataFrame:
    """What customers want on the shelf: weeks of need, and the need in t per week."""
    network = solution.case.network
    rows = [
        (c.material, customer.region, customer.name, c.target_weeks, c.need_t_per_week)
        for c in network.covers
        for customer in [network.customers[c.customer]]
    ]
    columns = ["material", "region", "customer", "target_weeks", "need_t_per_week"]
    return DataFrame(rows, columns=columns)


def _long(
    solution: Solution,
    keys: dict[str, list[str]],
    amounts: dict[str, Array],
    after_week: dict[str, list[str]] | None = None,
) -> DataFrame:
    """Arrays [object, week] to rows, object by object, week by week."""
    weeks = mondays(solution)
    count = len(next(iter(keys.values())))
    columns: dict[str, object] = {"scenario": [solution.case.scenario.name] * (count * len(weeks))}
    for name, values in keys.items():
        columns[name] = _repeat(values, len(weeks))
    columns["week"] = weeks * count
    for name, values in (after_week or {}).items():
        columns[name] = _repeat(values, len(weeks))
    for name, array in amounts.items():
        columns[name] = array[:, : len(weeks)].ravel()
    return DataFrame(columns)


def _repeat(values: Sequence[str], times: int) -> list[str]:
    return [value for value in values for _ in range(times)]


def _nonzero(table: DataFrame, amounts: list[str]) -> DataFrame:
    return table[(table[amounts].abs() > TINY).any(axis=1)].reset_index(drop=True)


def timeline(scenario: Scenario, tables: Tables) -> DataFrame:
    """The `timeline` table: kind is regime, change or event; dates are ISO, blank if open."""
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


def dictionaries(tables: Tables, network: Network) -> dict[str, DataFrame]:
    """The dictionary tables of a run, by name."""
    found = {name: tables[name][list(columns)].copy() for name, columns in NAMED.items()}
    prices = {m.name: m.price_usd_per_kg for m in network.materials.values()}
    materials = tables["materials"][["material", "name", "stage"]].copy()
    materials["price_usd_per_kg"] = [prices[m] for m in materials["material"]]
    content = tables["material_content"][["material", "element", "value"]]
    found["materials"] = materials
    found["material_content"] = content.rename(columns={"value": "content"}).copy()
    found["customers"] = DataFrame(
        [(c.name, c.sector, c.segment, c.region, c.unit, c.end_use) for c in network.customers],
        columns=["customer", "sector", "segment", "region", "unit", "end_use"],
    )
    return found
