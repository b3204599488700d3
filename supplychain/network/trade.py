"""Who usually buys from where: regional trade shared out to the customers of a region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from supplychain.dataset import Tables
from supplychain.network.kinds import Arc, Cover, Customer, Delivery


def usual_deliveries(
    tables: Tables,
    arcs: Sequence[Arc],
    customers: Sequence[Customer],
    covers: Sequence[Cover],
) -> tuple[Delivery, ...]:
    """One delivery for every cover and every arc that brings its material into its region.

    A customer with rows in `sourcing` buys by those shares; what is left of each arc is shared out
    to the other customers by need, so every one of them has the mix of what is left.
    """
    into: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, arc in enumerate(arcs):
        if arc.final:
            into[arc.destination, arc.material].append(i)
    own = _sourcing(tables)
    flights = _flights(tables)
    found: list[Delivery] = []
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, cover in enumerate(covers):
        groups[customers[cover.customer].region, cover.material].append(i)
    for (region, material), members in sorted(groups.items()):
        lanes = into[region, material]
        special = [i for i in members if (customers[covers[i].customer].name, material) in own]
        left = {a: arcs[a].usual_t_per_week for a in lanes}
        for i in special:
            shares = own[customers[covers[i].customer].name, material]
            for a in lanes:
                usual = shares.get(arcs[a].origin, 0.0) * covers[i].need_t_per_week
                left[a] -= usual
                found += _deliveries(arcs, a, covers[i], i, usual, flights)
        total = sum(max(amount, 0.0) for amount in left.values())
        for i in members:
            if i in special:
                continue
            for a in lanes:
                share = max(left[a], 0.0) / total if total > 0.0 else 0.0
                usual = share * covers[i].need_t_per_week
                found += _deliveries(arcs, a, covers[i], i, usual, flights)
    return tuple(sorted(found, key=lambda d: (d.material, d.origin, d.customer, d.mode)))


USUAL, AIR = "usual", "air"
Flights = dict[tuple[str, str, str], tuple[int, float]]
"""(material, origin, destination) to weeks and USD per tonne by air."""


def _deliveries(
    arcs: Sequence[Arc], a: int, cover: Cover, index: int, usual: float, flights: Flights
) -> list[Delivery]:
    """The delivery by the usual mode, and the one by air where the lane and the price allow it."""
    arc = arcs[a]
    by_sea = Delivery(
        material=cover.material,
        origin=arc.origin,
        customer=cover.customer,
        mode=USUAL,
        arc=a,
        cover=index,
        usual_t_per_week=usual,
        trade_t_per_week=usual,
        transit_weeks=arc.transit_weeks,
        freight_usd_per_t=arc.freight_usd_per_t,
    )
    flight = flights.get((arc.material, arc.origin, arc.destination))
    if flight is None or flight[0] >= arc.transit_weeks:
        return [by_sea]
    weeks, freight = flight
    by_air = replace(
        by_sea, mode=AIR, usual_t_per_week=0.0, transit_weeks=weeks, freight_usd_per_t=freight
    )
    return [by_sea, by_air]


def _flights(tables: Tables) -> Flights:
    """Lanes with an air transit, for every material whose price is worth flying (assumption)."""
    lanes: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in tables.records("lanes"):
        lanes[str(row["origin"]), str(row["destination"])][str(row["quantity"])] = float(
            row["value"]
        )
    least = tables.assumption("air_freight_least_price")
    prices = tables.values("material_numbers", "price")
    return {
        (material, origin, destination): (round(lane["air_transit"]), lane["air_freight"])
        for (material,), price in sorted(prices.items())
        if price >= least
        for (origin, destination), lane in sorted(lanes.items())
        if "air_transit" in lane
    }


def _sourcing(tables: Tables) -> dict[tuple[str, str], dict[str, float]]:
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in tables.records("sourcing"):
        found[str(row["customer"]), str(row["material"])][str(row["origin"])] = float(row["value"])
    return dict(found)
