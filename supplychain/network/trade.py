"""Who usually buys from where: regional trade shared out to the customers of a region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

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
                found.append(_delivery(arcs, a, covers[i], i, usual))
        total = sum(max(amount, 0.0) for amount in left.values())
        for i in members:
            if i in special:
                continue
            for a in lanes:
                share = max(left[a], 0.0) / total if total > 0.0 else 0.0
                found.append(_delivery(arcs, a, covers[i], i, share * covers[i].need_t_per_week))
    return tuple(sorted(found, key=lambda d: (d.material, d.origin, d.customer)))


def _delivery(arcs: Sequence[Arc], a: int, cover: Cover, index: int, usual: float) -> Delivery:
    return Delivery(
        material=cover.material,
        origin=arcs[a].origin,
        customer=cover.customer,
        arc=a,
        cover=index,
        usual_t_per_week=usual,
        transit_weeks=arcs[a].transit_weeks,
    )


def _sourcing(tables: Tables) -> dict[tuple[str, str], dict[str, float]]:
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in tables["sourcing"].itertuples(index=False):
        found[str(row.customer), str(row.material)][str(row.origin)] = float(row.value)
    return dict(found)
