"""Which objects of the network a change of a scenario reaches, by position."""

from __future__ import annotations

from collections.abc import Mapping

from supplychain.network.kinds import Customer, Network
from supplychain.regime.kinds import Change


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
