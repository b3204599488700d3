"""From tables to a network, with the usual sourcing of every customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from supplychain.dataset import BASE_YEAR, TABLES, Tables
from supplychain.network.entities import (
    AIR,
    USUAL,
    Arc,
    Cover,
    Customer,
    Delivery,
    Line,
    Material,
    Network,
    Recipe,
)
from supplychain.network.growth_paths import growing_customers, growing_lines
from supplychain.network.licence_categories import licence_categories
from supplychain.units import per_week

Numbers = dict[Any, dict[str, float]]


def build_network(tables: Tables, since: date = BASE_YEAR[1]) -> Network:
    """Turn checked tables into the network; controls that ended before `since` are no part of it.

    Every amount per year becomes one per week at base-year level; transit and lead times become
    whole weeks. Objects are sorted by their identifying words.
    """
    materials = _materials(tables)
    lines = growing_lines(tables, _lines(tables))
    final = frozenset(tables["intensities"]["material"])
    arcs = _arcs(tables, final, lines)
    customers = growing_customers(tables, _customers(tables))
    recipes = _recipes(tables, customers)
    covers = _covers(tables, customers, recipes)
    deliveries = usual_deliveries(tables, arcs, customers, covers)
    arcs = _with_feed(arcs, deliveries)
    places = _places(lines, arcs)
    throughput = _throughput(lines, arcs)
    usual = tuple(throughput[place] * materials[place[1]].stock_cover_weeks for place in places)
    special = _special_stocks(tables)
    return Network(
        regions=dict(
            sorted(zip(tables["regions"]["region"], tables["regions"]["name"], strict=True))
        ),
        elements=tuple(sorted(tables["elements"]["element"])),
        materials=materials,
        lines=lines,
        arcs=arcs,
        customers=customers,
        recipes=recipes,
        covers=covers,
        deliveries=deliveries,
        categories=licence_categories(tables, arcs, customers, deliveries, since),
        places=places,
        opening_stock=tuple(
            stock + special.get(place, 0.0) for place, stock in zip(places, usual, strict=True)
        ),
        usual_stock=usual,
        sector_segments=_sector_segments(tables),
        assumptions=dict(
            sorted(
                zip(
                    tables["assumptions"]["assumption"],
                    map(float, tables["assumptions"]["value"]),
                    strict=True,
                )
            )
        ),
        data_hash=tables.hash,
        other_use=_other_use(tables, lines, arcs, deliveries, places),
    )


def in_order(tables: Tables, name: str) -> list[dict[str, Any]]:
    """A table's rows by key, whatever order its file or frame has."""
    key = TABLES[name].key
    return sorted(tables.records(name), key=lambda row: tuple(str(row[column]) for column in key))


def quantities(tables: Tables, table: str, key: str) -> Numbers:
    """Read a number table into {key: {quantity: value}}."""
    found: Numbers = defaultdict(dict)
    frame = tables[table]
    for name, quantity, value in zip(frame[key], frame["quantity"], frame["value"], strict=True):
        found[name][quantity] = float(value)
    return found


def _materials(tables: Tables) -> dict[str, Material]:
    numbers = quantities(tables, "material_numbers", "material")
    content: Numbers = defaultdict(dict)
    for row in tables.records("material_content"):
        content[row["material"]][str(row["element"])] = float(row["value"])
    return {
        row["material"]: Material(
            name=str(row["material"]),
            stage=str(row["stage"]),
            price_usd_per_kg=numbers[row["material"]]["price"],
            requalification_weeks=numbers[row["material"]]["requalification"],
            stock_cover_weeks=numbers[row["material"]]["stock_cover"],
            content=dict(sorted(content[row["material"]].items())),
        )
        for row in in_order(tables, "materials")
    }


def _lines(tables: Tables) -> tuple[Line, ...]:
    sites = tables["sites"].set_index("site")["region"]
    stages = tables["processes"].set_index("process")["stage"]
    numbers = quantities(tables, "line_numbers", "line")
    process = quantities(tables, "process_numbers", "process")
    recipe: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for row in in_order(tables, "process_flows"):
        recipe[str(row["process"]), str(row["role"])].append(
            (str(row["material"]), float(row["value"]))
        )
    return tuple(
        Line(
            name=str(row["line"]),
            site=str(row["site"]),
            region=str(sites[row["site"]]),
            process=str(row["process"]),
            stage=str(stages[row["process"]]),
            lead_weeks=round(process[row["process"]]["lead_time"]),
            cost_usd_per_kg=process[row["process"]]["cost"],
            capacity_t_per_week=per_week(numbers[row["line"]]["capacity"]),
            usual_t_per_week=per_week(numbers[row["line"]]["usual_run"]),
            start=row["start"],
            ramp_weeks=numbers[row["line"]]["ramp"],
            start_share=numbers[row["line"]]["start_share"],
            needs=tuple(recipe[str(row["process"]), "needs"]),
            makes=tuple(recipe[str(row["process"]), "makes"]),
            offtake_share=numbers[row["line"]].get("offtake", 0.0),
        )
        for row in in_order(tables, "lines")
    )


def _arcs(tables: Tables, final: frozenset[str], lines: tuple[Line, ...]) -> tuple[Arc, ...]:
    wanted = {(x.region, material) for x in lines for material, _ in x.needs}
    lanes: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in tables.records("lanes"):
        lanes[str(row["origin"]), str(row["destination"])][str(row["quantity"])] = float(
            row["value"]
        )
    changes: dict[tuple[str, str, str], list[tuple[date, float]]] = defaultdict(list)
    for row in in_order(tables, "arc_changes"):
        changes[str(row["material"]), str(row["origin"]), str(row["destination"])].append(
            (row["start"], float(row["value"]))
        )
    return tuple(
        Arc(
            material=str(row["material"]),
            origin=str(row["origin"]),
            destination=str(row["destination"]),
            transit_weeks=round(lanes[row["origin"], row["destination"]]["transit"]),
            usual_t_per_week=per_week(float(row["value"])),
            usual_feed_t_per_week=0.0,
            freight_usd_per_t=lanes[row["origin"], row["destination"]]["freight"],
            final=row["material"] in final,
            feeds=row["origin"] != row["destination"]
            and ((row["destination"], row["material"]) in wanted or row["material"] not in final),
            changes=tuple(changes[row["material"], row["origin"], row["destination"]]),
        )
        for row in in_order(tables, "arcs")
    )


def _with_feed(arcs: tuple[Arc, ...], deliveries: tuple[Delivery, ...]) -> tuple[Arc, ...]:
    """Set each feeding arc's usual trade into the region's stock: what is not delivered."""
    delivered: dict[int, float] = defaultdict(float)
    for delivery in deliveries:
        delivered[delivery.arc] += delivery.usual_t_per_week
    return tuple(
        replace(arc, usual_feed_t_per_week=max(arc.usual_t_per_week - delivered[i], 0.0))
        if arc.feeds
        else arc
        for i, arc in enumerate(arcs)
    )


def _customers(tables: Tables) -> tuple[Customer, ...]:
    segments = tables["segments"].set_index("segment")
    segment = quantities(tables, "segment_numbers", "segment")
    numbers = quantities(tables, "customer_numbers", "customer")
    return tuple(
        Customer(
            name=str(row["customer"]),
            segment=str(row["segment"]),
            sector=str(segments.loc[row["segment"], "sector"]),
            region=str(row["region"]),
            unit=str(segments.loc[row["segment"], "unit"]),
            end_use=str(segments.loc[row["segment"], "end_use"]),
            plan_per_week=per_week(numbers[row["customer"]]["plan"]),
            value_added_usd_per_unit=numbers[row["customer"]]["value_added"],
            requalification_weeks=segment[row["segment"]]["requalification"],
            surge=segment[row["segment"]]["surge"],
            cover_spread=segment[row["segment"]]["cover_spread"],
            make_up_weeks=segment[row["segment"]]["make_up"],
            overtime_share=segment[row["segment"]]["overtime"],
            late_cost_per_week=segment[row["segment"]]["late_cost"],
        )
        for row in in_order(tables, "customers")
    )


def _recipes(tables: Tables, customers: tuple[Customer, ...]) -> tuple[Recipe, ...]:
    needs: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for row in in_order(tables, "intensities"):
        if row["value"] > 0.0:
            needs[str(row["segment"]), str(row["recipe"])].append(
                (str(row["material"]), float(row["value"]))
            )
    limits: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in tables.records("recipes"):
        limits[str(row["segment"])][str(row["recipe"])][str(row["quantity"])] = float(row["value"])
    closed: dict[tuple[str, str], list[tuple[str, date, float]]] = defaultdict(list)
    for row in in_order(tables, "recipe_rules"):
        closed[str(row["segment"]), str(row["recipe"])].append(
            (str(row["control"]), row["since"], float(row["value"]))
        )
    found: list[Recipe] = []
    for index, customer in enumerate(customers):
        segment = customer.segment
        found.append(Recipe(index, "normal", tuple(needs[segment, "normal"]), 1.0, 0.0, 0.0, 0.0))
        for name, limit in sorted(limits[segment].items()):
            found.append(
                Recipe(
                    customer=index,
                    name=name,
                    needs=tuple(needs.get((segment, name), ())),
                    max_share=limit["max_share"],
                    lead_weeks=limit["lead_time"],
                    ramp_weeks=limit["ramp"],
                    extra_cost_usd_per_unit=limit["extra_cost"],
                    closed_by=tuple(closed[segment, name]),
                )
            )
    return tuple(found)


def _covers(
    tables: Tables, customers: tuple[Customer, ...], recipes: tuple[Recipe, ...]
) -> tuple[Cover, ...]:
    weeks: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in tables.records("covers"):
        weeks[str(row["customer"]), str(row["material"])][str(row["quantity"])] = float(
            row["value"]
        )
    needs: dict[tuple[int, str], float] = {}
    for recipe in recipes:
        for material, kg in recipe.needs:
            need = kg / 1000.0 * customers[recipe.customer].plan_per_week
            if recipe.name == "normal":
                needs[recipe.customer, material] = need
            else:
                needs.setdefault((recipe.customer, material), 0.0)
    return tuple(
        Cover(
            customer=customer,
            material=material,
            need_t_per_week=need,
            opening_weeks=weeks[customers[customer].name, material]["opening_cover"]
            if need
            else 0.0,
            target_weeks=weeks[customers[customer].name, material]["target_cover"] if need else 0.0,
        )
        for (customer, material), need in sorted(needs.items())
    )


def _places(lines: tuple[Line, ...], arcs: tuple[Arc, ...]) -> tuple[tuple[str, str], ...]:
    places = {(x.region, m) for x in lines for m, _ in (*x.needs, *x.makes)}
    places |= {(a.origin, a.material) for a in arcs}
    places |= {(a.destination, a.material) for a in arcs if a.feeds}
    return tuple(sorted(places))


def _throughput(lines: tuple[Line, ...], arcs: tuple[Arc, ...]) -> dict[tuple[str, str], float]:
    """Tonnes per week that usually enter each (region, material)."""
    through: dict[tuple[str, str], float] = defaultdict(float)
    for x in lines:
        for material, amount in x.makes:
            through[x.region, material] += amount * x.usual_t_per_week
    for a in arcs:
        if a.feeds:
            through[a.destination, a.material] += a.usual_feed_t_per_week
    return through


def _other_use(
    tables: Tables,
    lines: tuple[Line, ...],
    arcs: tuple[Arc, ...],
    deliveries: tuple[Delivery, ...],
    places: tuple[tuple[str, str], ...],
) -> tuple[float, ...]:
    """T per week that usually comes to a place and that nobody in the model takes.

    Up to `other_use_share` of what comes: glass, capacitors and the like. What is left over beyond
    that is no use but unsold by-product.
    """
    net: dict[tuple[str, str], float] = defaultdict(float)
    for x in lines:
        for material, amount in x.makes:
            net[x.region, material] += amount * x.usual_t_per_week
        for material, amount in x.needs:
            net[x.region, material] -= amount * x.usual_t_per_week
    for a in arcs:
        if a.feeds:
            net[a.origin, a.material] -= a.usual_feed_t_per_week
            net[a.destination, a.material] += a.usual_feed_t_per_week
    for d in deliveries:
        net[d.origin, d.material] -= d.usual_t_per_week
    through = _throughput(lines, arcs)
    most = tables.assumption("other_use_share")
    return tuple(
        net[place] if 0.0 < net[place] <= OTHER_USE_SLACK * most * through[place] else 0.0
        for place in places
    )


OTHER_USE_SLACK = 1.0 + 1e-6
"""The base year closes to this: a share that is just reached counts as within it."""


def _special_stocks(tables: Tables) -> dict[tuple[str, str], float]:
    frame = tables["stocks"]
    return {
        (str(r), str(m)): float(v)
        for r, m, v in zip(frame["region"], frame["material"], frame["value"], strict=True)
    }


def _sector_segments(tables: Tables) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in tables.records("segments"):
        found[str(row["sector"])].append(str(row["segment"]))
    return {sector: tuple(names) for sector, names in sorted(found.items())}


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
