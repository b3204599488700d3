"""Which flows need which licence: the scope of every control, expanded over the network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from supplychain.dataset import Tables
from supplychain.network.entities import Arc, Customer, Delivery, LicenceCategory

ANY = "ANY"
UPSTREAM_END_USE = "civil"
"""Goods before the final stage are declared civil: who uses them in the end is not tracked."""


def licence_categories(
    tables: Tables,
    arcs: Sequence[Arc],
    customers: Sequence[Customer],
    deliveries: Sequence[Delivery],
    since: date,
) -> tuple[LicenceCategory, ...]:
    """One class per control, exporter, destination and end use that some flow falls under.

    Trade inside a region needs no licence. A flow may fall under several controls. Controls that
    ended before `since` have no class.
    """
    gone = ended(tables, since)
    scopes = [
        (
            str(r["control"]),
            str(r["material"]),
            str(r["exporter"]),
            str(r["destination"]),
            str(r["end_use"]),
        )
        for r in tables.records("control_scope")
        if str(r["control"]) not in gone
    ]
    arc_members: dict[tuple[str, str, str, str], set[int]] = defaultdict(set)
    delivery_members: dict[tuple[str, str, str, str], set[int]] = defaultdict(set)
    usual: dict[tuple[str, str, str, str], float] = defaultdict(float)
    for control, material, exporter, destination, end_use in scopes:
        for i, arc in enumerate(arcs):
            if not arc.feeds or not _covers(arc, material, exporter, destination):
                continue
            if end_use in (ANY, UPSTREAM_END_USE):
                arc_members[control, arc.origin, arc.destination, UPSTREAM_END_USE].add(i)
        for i, delivery in enumerate(deliveries):
            customer = customers[delivery.customer]
            if not _covers(arcs[delivery.arc], material, exporter, destination):
                continue
            if end_use in (ANY, customer.end_use):
                key = (control, delivery.origin, customer.region, customer.end_use)
                delivery_members[key].add(i)
    keys = sorted(set(arc_members) | set(delivery_members))
    for key in keys:
        usual[key] = sum(arcs[i].usual_feed_t_per_week for i in sorted(arc_members[key]))
        usual[key] += sum(deliveries[i].usual_t_per_week for i in sorted(delivery_members[key]))
    return tuple(
        LicenceCategory(
            *key,
            arcs=tuple(sorted(arc_members[key])),
            deliveries=tuple(sorted(delivery_members[key])),
            usual_t_per_week=usual[key],
        )
        for key in keys
    )


def ended(tables: Tables, since: date) -> frozenset[str]:
    """The controls that ended before a day."""
    rows = tables.records("controls")
    return frozenset(str(r["control"]) for r in rows if r["until"] and r["until"] < since)


def _covers(arc: Arc, material: str, exporter: str, destination: str) -> bool:
    return (
        arc.material == material
        and arc.origin != arc.destination
        and exporter in (ANY, arc.origin)
        and destination in (ANY, arc.destination)
    )
