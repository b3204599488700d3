"""What the changes of a scenario reach: objects of the network, with old and new values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from supplychain.dataset.table_types import ANY
from supplychain.network.entities import Customer, Network
from supplychain.policy.licence_queue import Rules
from supplychain.scenario.change_types import KINDS
from supplychain.scenario.scenario import Calendar, Change, Scenario, change_weeks

Record = dict[str, object]


def lines_of(network: Network, change: Change) -> list[int]:
    """Positions of the lines a change of capacity reaches."""
    return [
        i
        for i, x in enumerate(network.lines)
        if _fits(
            change,
            {
                "line": x.name,
                "site": x.site,
                "stage": x.stage,
                "process": x.process,
                "region": x.region,
            },
        )
    ]


def customers_of(network: Network, change: Change) -> list[int]:
    """Positions of the customers a change reaches; its other keys do not count."""
    return [i for i, c in enumerate(network.customers) if _fits(change, customer_words(c))]


def covers_of(network: Network, change: Change) -> list[int]:
    """Positions of the customers' stocks a change reaches."""
    customers = set(customers_of(network, change))
    return [
        i
        for i, c in enumerate(network.covers)
        if c.customer in customers and _fits(change, {"material": c.material})
    ]


def recipes_of(network: Network, change: Change) -> list[int]:
    """Positions of the recipes a change reaches."""
    customers = set(customers_of(network, change))
    return [
        i
        for i, r in enumerate(network.recipes)
        if r.customer in customers and _fits(change, {"recipe": r.name})
    ]


def arcs_of(network: Network, change: Change) -> list[int]:
    """Positions of the arcs a change reaches."""
    return [
        i
        for i, a in enumerate(network.arcs)
        if _fits(
            change,
            {"material": a.material, "origin": a.origin, "destination": a.destination},
        )
    ]


def customer_words(customer: Customer) -> dict[str, str]:
    """What a change can name a customer by."""
    return {
        "customer": customer.name,
        "segment": customer.segment,
        "sector": customer.sector,
        "region": customer.region,
        "end_use": customer.end_use,
    }


def _fits(change: Change, words: Mapping[str, str]) -> bool:
    return all(words[key] == word for key, word in change.where if key in words)


def changed_inputs(
    network: Network, scenario: Scenario, calendar: Calendar, rules: Rules
) -> list[Record]:
    """List old -> new: one record for each number, or for each change that is itself a share."""
    found: list[Record] = []
    for change in scenario.changes:
        if change.what in ("opening_cover", "target_cover", "shelf_cover"):
            found.extend(_covers(network, change))
        elif change.what == "opening_stock":
            place = (change.place("region"), change.place("material"))
            held = network.opening_stock[network.place_index[place]]
            found.append(_record(change, dict(change.where), held, change.value, "t"))
        elif change.what == "licence":
            found.extend(_licences(network, change, calendar, rules))
        else:
            old = None if change.what in ("arc_limit", "recipe_share") else 1.0
            old = 0.0 if KINDS[change.what].adds else old
            found.append(_record(change, dict(change.where), old, change.value, change.unit))
    return found


def _covers(network: Network, change: Change) -> Iterator[Record]:
    for row in covers_of(network, change):
        cover = network.covers[row]
        old = cover.opening_weeks if change.what == "opening_cover" else cover.target_weeks
        new = change.value * (old if change.unit == "ratio" else 1.0)
        name = customer_words(network.customers[cover.customer])["customer"]
        yield _record(change, {"customer": name, "material": cover.material}, old, new, "week")


def _licences(
    network: Network, change: Change, calendar: Calendar, rules: Rules
) -> Iterator[Record]:
    """One record for all classes treated alike, with the value in the change's first week."""
    wanted = {key: change.place(key) for key in ("control", "destination", "end_use")}
    name = change.place("parameter")
    seen: set[tuple[str, str, str]] = set()
    for row, k in enumerate(network.categories):
        own = (k.control, k.destination, k.end_use)
        fits = all(w in (ANY, mine) for w, mine in zip(wanted.values(), own, strict=True))
        if fits and own not in seen:
            seen.add(own)
            where = dict(zip(("control", "destination", "end_use"), own, strict=True))
            first = change_weeks(change, calendar).start
            old = float(getattr(rules, name)[row, min(first, calendar.weeks - 1)])
            yield _record(change, {"parameter": name, **where}, old, change.value, change.unit)


def _record(
    change: Change, where: dict[str, str], old: float | None, new: float, unit: str
) -> Record:
    return {
        "what": change.what,
        "where": where,
        "when": {
            "from": change.start.isoformat() if change.start else None,
            "to": change.end.isoformat() if change.end else None,
        },
        "old": old,
        "new": new,
        "unit": unit,
        "why": change.why,
        "source": change.source,
    }
