"""Whether the lanes carry what an overlay's `sourcing` says that customers buy over them."""

from __future__ import annotations

from collections import defaultdict

from supplychain.dataset import Tables
from supplychain.network.entities import USUAL, Network

ROUNDING = 1e-6


def overfull_lanes(tables: Tables, network: Network) -> list[str]:
    """A sentence for each lane over which an overlay sources more than it usually carries.

    What is sourced is the sum, over all customers with rows of their own, of share x need.
    """
    moved = set()
    for change in tables.changes:
        if change.table == "sourcing" and change.column == "value":
            customer, material, origin = change.key.split(", ")
            region = next((c.region for c in network.customers if c.name == customer), "")
            moved.add((material, origin, region))
    found = []
    for arc, amount in sorted(sourced_over(tables, network).items()):
        lane = network.arcs[arc]
        carries = lane.usual_t_per_week
        asked = (lane.material, lane.origin, lane.destination) in moved
        if asked and amount > carries * (1.0 + ROUNDING):
            found.append(
                f"sourcing of {lane.material} from {lane.origin} to {lane.destination} asks for "
                f"{amount:.3g} t a week, and the lane usually carries {carries:.3g}: customers "
                "cannot get more than it carries, or others lose what they buy."
            )
    return found


def sourced_over(tables: Tables, network: Network) -> dict[int, float]:
    """T a week that customers with rows of their own in `sourcing` buy, by index of the arc."""
    own = {(str(r["customer"]), str(r["material"])) for r in tables.records("sourcing")}
    sourced: dict[int, float] = defaultdict(float)
    for delivery in network.deliveries:
        name = network.customers[delivery.customer].name
        if delivery.mode == USUAL and (name, delivery.material) in own:
            sourced[delivery.arc] += delivery.usual_t_per_week
    return sourced
