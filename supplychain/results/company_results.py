"""What a run means for each of a planner's own firms: its stop, its stock, where it bought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pandas import DataFrame

from supplychain.case.opening_inventory import target_weeks
from supplychain.dataset import Tables
from supplychain.network.entities import USUAL, Customer
from supplychain.results.indicators import Values, headline, indicators
from supplychain.runs.run_schema import WORLD
from supplychain.solve.solution import Solution


def company_results(
    tables: Tables, solution: Solution, frames: Mapping[str, DataFrame], values: Values
) -> list[dict[str, Any]]:
    """One entry a company: what it loses, the stock that it has and needs, and what it bought.

    Losses are measured as those of a sector in a region; weeks of stock are of its need, on the
    shelf; shares are of what it buys of a material, as usual and over the horizon.
    """
    network = solution.realised.network
    own = {str(row["company"]): str(row["segment"]) for row in tables.records("companies")}
    names = dict(zip(tables["segments"]["segment"], tables["segments"]["name"], strict=True))
    return [
        {
            "company": c.segment,
            "title": str(names[c.segment]),
            "customer": c.name,
            "carved_from": own[c.segment],
            "sector": c.sector,
            "region": c.region,
            **_losses(c, solution, frames, values),
            "stocks": list(_stocks(c, solution, frames["cover_needed"])),
            "bought": list(_bought(c, solution, frames["flows"])),
        }
        for c in network.customers
        if c.segment in own
    ]


def _losses(
    c: Customer, solution: Solution, frames: Mapping[str, DataFrame], values: Values
) -> dict[str, Any]:
    case = solution.realised
    shortfall, firms = (
        frame[(frame["segment"] == c.segment) & (frame["region"] == c.region)]
        for frame in (frames["shortfall"], frames["firms"])
    )
    threshold = case.network.assumptions["stop_threshold"]
    table = indicators(shortfall, values, case.first_effective, firms, threshold)
    (row,) = table[table["region"] != WORLD].to_dict("records")
    found: dict[str, Any] = headline(table, {})[c.sector]["by_region"][c.region]
    return {**found, "recovered_week": row["recovered_week"] or None}


def _stocks(c: Customer, solution: Solution, needed: DataFrame) -> Iterator[dict[str, Any]]:
    """By material: weeks that it wants on the shelf, and with which it would have come through."""
    case = solution.realised
    target = target_weeks(case.network, case.scenario)
    rows = needed[(needed["segment"] == c.segment) & (needed["region"] == c.region)]
    most = rows.groupby("material")["weeks_needed"].max()
    for i, cover in enumerate(case.network.covers):
        if case.network.customers[cover.customer] == c and cover.need_t_per_week > 0.0:
            yield {
                "material": cover.material,
                "shelf_weeks": float(target[i]),
                "weeks_needed": float(most.get(cover.material, 0.0)),
            }


def _bought(c: Customer, solution: Solution, flows: DataFrame) -> Iterator[dict[str, Any]]:
    """By material and origin: the usual share of its purchases, and that over the horizon."""
    network = solution.realised.network
    rows = flows[flows["customer"] == c.name]
    tonnes = rows.groupby(["material", "origin"])["tonnes"].sum()
    total = rows.groupby("material")["tonnes"].sum()
    need = {
        cover.material: cover.need_t_per_week
        for cover in network.covers
        if network.customers[cover.customer] == c and cover.need_t_per_week > 0.0
    }
    for d in network.deliveries:
        if network.customers[d.customer] != c or d.mode != USUAL or d.material not in need:
            continue
        share = tonnes.get((d.material, d.origin), 0.0) / max(total.get(d.material, 0.0), 1e-12)
        usual = d.usual_t_per_week / need[d.material]
        if usual > 0.0 or share > LEAST_SHARE:
            yield {
                "material": d.material,
                "origin": d.origin,
                "usual_share": float(usual),
                "share": float(share),
            }


LEAST_SHARE = 1e-4
"""An origin that serves less than this share of a company is not told."""
