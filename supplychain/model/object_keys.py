"""The objects of a network by their index tuples, as the programme and its explanations count them.

Without Pyomo: whoever reads a compiled programme needs them, and not the model.
"""

from __future__ import annotations

from typing import Any

from supplychain.network.entities import Network

Index = tuple[Any, ...]


def names(network: Network) -> dict[str, list[Index]]:
    """The index tuples of every kind of object, in the network's order."""
    customers = [c.name for c in network.customers]
    return {
        "place": list(network.places),
        "line": [(x.name,) for x in network.lines],
        "arc": [(a.material, a.origin, a.destination) for a in network.arcs],
        "customer": [(c,) for c in customers],
        "recipe": [(customers[r.customer], r.name) for r in network.recipes],
        "cover": [(customers[c.customer], c.material) for c in network.covers],
        "delivery": [
            (d.material, d.origin, customers[d.customer], d.mode) for d in network.deliveries
        ],
        "class": [(c.control, c.exporter, c.destination, c.end_use) for c in network.categories],
        "user": [
            (k.control, k.exporter, k.destination, k.end_use, u.name)
            for u in network.end_users
            for k in [network.categories[u.category]]
        ],
    }
