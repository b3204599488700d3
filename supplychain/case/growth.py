"""How far plans, and the trade and runs that serve them, are from the base year, week by week.

A plan grows from 1 in the middle of the base year to the multiple of each later middle of a year,
by the same rate in every week between, and stays after the last. What usually flows follows what
it serves: a place sends on as much more as those take who draw on it, and a line that makes
several goods follows the mean of their growth by value. Goods leave as much earlier as they travel.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from supplychain.network.entities import Network
from supplychain.network.growth_paths import multiples
from supplychain.scenario.scenario import CENTRAL, HIGH, LOW, Calendar

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """Multiples of the base year [object, week], over the weeks of a calendar."""

    customers: Array
    """Plans."""
    deliveries: Array
    """Usual trade, as it leaves."""
    feeds: Array
    """[arc, week] usual trade into the destination's stock, as it leaves."""
    arcs: Array
    """[arc, week] usual trade in all."""
    lines: Array
    """Usual runs."""
    capacity: Array
    """[line, week] capacity, beside start and ramp."""
    licensed: Array
    """[class, week] usual trade, t per week."""
    user_shares: Array
    """[end user, week] part of what its class is granted."""

    def since(self, week: int) -> Growth:
        """The same from a week of the calendar on."""
        return Growth(*(getattr(self, name)[:, week:] for name in self.__dataclass_fields__))


def growth_over(network: Network, demand: str, calendar: Calendar) -> Growth:
    """The growth of a network under a demand of a scenario; all ones at the base year.

    Args:
        network: the network.
        demand: base, low, central or high: which end of the paths of demand_growth plans take.
        calendar: the weeks.
    """
    paths = [*(c.growth for c in network.customers), *(x.growth for x in network.lines)]
    moving = any(value != 1.0 for path in paths for value in (*path.low, *path.central, *path.high))
    if demand not in (LOW, CENTRAL, HIGH) or not moving:
        return _still(network, calendar.weeks)
    lag = max((a.transit_weeks for a in network.arcs), default=0)
    first = calendar.start - timedelta(weeks=calendar.before)
    mondays = [first + timedelta(weeks=week) for week in range(calendar.weeks + lag)]
    plans = np.array([multiples(c.growth, demand, mondays) for c in network.customers])
    places, lines = _up_the_chain(network, plans.reshape(len(network.customers), len(mondays)))
    weeks = calendar.weeks

    def leaving(series: Array, transit: int) -> Array:
        return series[transit : transit + weeks]

    deliveries = np.array([leaving(plans[d.customer], d.transit_weeks) for d in network.deliveries])
    feeds = np.array(
        [
            leaving(places[network.place_index[a.destination, a.material]], a.transit_weeks)
            if a.feeds
            else np.ones(weeks)
            for a in network.arcs
        ]
    )
    capacity = np.array([multiples(x.growth, CENTRAL, mondays[:weeks]) for x in network.lines])
    deliveries = deliveries.reshape(len(network.deliveries), weeks)
    feeds = feeds.reshape(len(network.arcs), weeks)
    return _with_trade(
        network, plans[:, :weeks], deliveries, feeds, lines[:, :weeks],
        capacity.reshape(len(network.lines), weeks),
    )  # fmt: skip


def _still(network: Network, weeks: int) -> Growth:
    def ones(objects: int) -> Array:
        return np.ones((objects, weeks))

    usual = np.array([[k.usual_t_per_week] for k in network.categories]).reshape(-1, 1)
    shares = np.array([[u.share] for u in network.end_users]).reshape(-1, 1)
    return Growth(
        customers=ones(len(network.customers)),
        deliveries=ones(len(network.deliveries)),
        feeds=ones(len(network.arcs)),
        arcs=ones(len(network.arcs)),
        lines=ones(len(network.lines)),
        capacity=ones(len(network.lines)),
        licensed=np.repeat(usual, weeks, axis=1),
        user_shares=np.repeat(shares, weeks, axis=1),
    )


def _up_the_chain(network: Network, plans: Array) -> tuple[Array, Array]:
    """[place, week] growth of what is taken from each place, and [line, week] of usual runs.

    Linear equations in the places: what a place sends on grows by the mean of those who take it,
    each weighed by what it usually takes. A place that nobody takes from stays.
    """
    count = len(network.places)
    index = network.place_index
    weights = np.zeros((count, count))
    outside = np.zeros((count, plans.shape[1]))
    taken = np.zeros(count)
    for d in network.deliveries:
        place = index[d.origin, d.material]
        outside[place] += d.usual_t_per_week * plans[d.customer]
        taken[place] += d.usual_t_per_week
    for a in network.arcs:
        if a.feeds:
            place = index[a.origin, a.material]
            weights[place, index[a.destination, a.material]] += a.usual_feed_t_per_week
            taken[place] += a.usual_feed_t_per_week
    makes = [_by_value(network, i) for i in range(len(network.lines))]
    for x, shares in zip(network.lines, makes, strict=True):
        for material, amount in x.needs:
            place = index[x.region, material]
            taken[place] += amount * x.usual_t_per_week
            for made, share in shares:
                weights[place, made] += amount * x.usual_t_per_week * share
    for place, amount in enumerate(network.other_use):
        outside[place] += amount
        taken[place] += amount
    used = taken > 0.0
    weights[used] /= taken[used, None]
    outside[used] /= taken[used, None]
    outside[~used] = 1.0
    weights[~used] = 0.0
    places = np.linalg.solve(np.eye(count) - weights, outside).astype(np.float64)
    lines = np.ones((len(network.lines), plans.shape[1]))
    for i, shares in enumerate(makes):
        if shares:
            rows, parts = [place for place, _ in shares], [share for _, share in shares]
            lines[i] = np.array(parts) @ places[rows]
    return places, lines


def _by_value(network: Network, line: int) -> list[tuple[int, float]]:
    """The places of what a line makes, with the share of each in the value of it all."""
    x = network.lines[line]
    value = {m: amount * network.materials[m].price_usd_per_kg for m, amount in x.makes}
    total = sum(value.values())
    return [
        (network.place_index[x.region, m], v / total if total > 0.0 else 1.0 / len(value))
        for m, v in value.items()
    ]


def _with_trade(
    network: Network, plans: Array, deliveries: Array, feeds: Array, lines: Array, capacity: Array
) -> Growth:
    """Add what is summed over deliveries and feeds: arcs, licence classes and their users."""
    weeks = plans.shape[1]
    sold = np.array([[d.usual_t_per_week] for d in network.deliveries]).reshape(-1, 1) * deliveries
    fed = np.array([[a.usual_feed_t_per_week] for a in network.arcs]).reshape(-1, 1) * feeds
    total: dict[int, Array] = defaultdict(lambda: np.zeros(weeks))
    for i, d in enumerate(network.deliveries):
        total[d.arc] = total[d.arc] + sold[i]
    arcs = np.ones((len(network.arcs), weeks))
    for i, a in enumerate(network.arcs):
        if a.usual_t_per_week > 0.0:
            arcs[i] = (total[i] + fed[i]) / a.usual_t_per_week
    licensed = np.zeros((len(network.categories), weeks))
    for row, k in enumerate(network.categories):
        licensed[row] = sold[list(k.deliveries)].sum(axis=0) + fed[list(k.arcs)].sum(axis=0)
    shares = np.zeros((len(network.end_users), weeks))
    for row, user in enumerate(network.end_users):
        own = sold[list(user.deliveries)].sum(axis=0) + fed[list(user.arcs)].sum(axis=0)
        whole = licensed[user.category]
        usual = np.full(weeks, user.share)
        shares[row] = np.divide(own, whole, out=usual, where=whole > 0.0) if user.share else 0.0
    return Growth(plans, deliveries, feeds, arcs, lines, capacity, licensed, shares)
