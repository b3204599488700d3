"""What is on shelves, in stock and under way when a horizon starts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supplychain.case.applied_changes import covers_of
from supplychain.errors import InvalidInput, nearest
from supplychain.network.entities import Network
from supplychain.scenario.scenario import Scenario
from supplychain.scenario.scenario_checks import at

Array = NDArray[np.float64]

SHELF_WEEKS = 0.2
"""A customer has at least this much on its shelf at the start, however long its goods travel."""


def cover_weeks(network: Network, scenario: Scenario) -> tuple[float, ...]:
    """Weeks of pipeline and shelf per cover, after the scenario's changes."""
    weeks = [c.opening_weeks for c in network.covers]
    for change in scenario.changes:
        if change.what == "opening_cover":
            for row in covers_of(network, change):
                usual = network.covers[row].opening_weeks
                weeks[row] = change.value * (usual if change.unit == "ratio" else 1.0)
    return tuple(weeks)


def transit_weeks(network: Network) -> tuple[float, ...]:
    """Weeks on the way per cover, weighed by where the customer usually buys; 0 if nowhere."""
    amount: dict[int, float] = defaultdict(float)
    weeks: dict[int, float] = defaultdict(float)
    for d in network.deliveries:
        amount[d.cover] += d.usual_t_per_week
        weeks[d.cover] += d.usual_t_per_week * d.transit_weeks
    return tuple(
        weeks[i] / amount[i] if amount[i] > 0.0 else 0.0 for i in range(len(network.covers))
    )


def opening_cover(network: Network, scenario: Scenario) -> tuple[float, ...]:
    """T on the shelf per cover: pipeline and shelf less what is on the way, at least 0.2 weeks."""
    weeks = zip(cover_weeks(network, scenario), transit_weeks(network), strict=True)
    return tuple(
        max(both - way, SHELF_WEEKS) * cover.need_t_per_week
        for cover, (both, way) in zip(network.covers, weeks, strict=True)
    )


def opening_stock(network: Network, scenario: Scenario) -> tuple[float, ...]:
    """T in stock per place, after the scenario's changes.

    Raises:
        InvalidInput: a change names a region and material that nothing is held of.
    """
    stock = list(network.opening_stock)
    for change in scenario.changes:
        if change.what != "opening_stock":
            continue
        place = (change.place("region"), change.place("material"))
        if place not in network.place_index:
            materials = [m for region, m in network.places if region == place[0]]
            message = f"{place[0]} holds no {place[1]}: nothing there makes, uses or sells it."
            hint = nearest(place[1], materials)
            found = at(change.origin, "SCEN-406", message, hint, "where")
            raise InvalidInput("The scenario is not valid.", [found])
        stock[network.place_index[place]] = change.value
    return tuple(stock)


def past_trade(network: Network, shares: Array) -> tuple[Array, Array]:
    """What departed in the weeks before the start, as many as the longest way takes.

    Args:
        network: the network.
        shares: [class, week] share of usual trade that licences let through in those weeks.

    Returns:
        [arc, week] t into the region's stock, and [delivery, week] t to customers.
    """
    weeks = max((a.transit_weeks for a in network.arcs), default=0) or 1
    recent = np.ones((shares.shape[0], weeks))
    known = min(weeks, shares.shape[1])
    recent[:, weeks - known :] = shares[:, shares.shape[1] - known :]
    through_arcs = np.ones((len(network.arcs), weeks))
    through_deliveries = np.ones((len(network.deliveries), weeks))
    for row, k in enumerate(network.classes):
        for a in k.arcs:
            through_arcs[a] = np.minimum(through_arcs[a], recent[row])
        for d in k.deliveries:
            through_deliveries[d] = np.minimum(through_deliveries[d], recent[row])
    feed = np.array([a.usual_feed_t_per_week for a in network.arcs])[:, None]
    delivered = np.array([d.usual_t_per_week for d in network.deliveries])[:, None]
    return feed * through_arcs, delivered * through_deliveries


@dataclass
class Pipeline:
    """What has departed and is not yet there, by absolute week of arrival."""

    place: Array
    cover: Array

    def from_week(self, week: int) -> tuple[Array, Array]:
        """Arrivals from a week on."""
        return self.place[:, week:], self.cover[:, week:]


def opening_pipeline(
    network: Network, weeks: int, past_arcs: Array, past_deliveries: Array
) -> Pipeline:
    """Goods in transit and in process at the start: what departed in the weeks before.

    Lines ran at their usual rate; arcs and deliveries departed as the past says, [object, week] up
    to the start, which is usual trade unless a licence queue already held it back.
    """
    span = weeks + _longest_lag(network)
    place = np.zeros((len(network.places), span))
    cover = np.zeros((len(network.covers), span))
    for line in network.lines:
        for material, amount in line.makes:
            at = network.place_index[line.region, material]
            place[at, : line.lead_weeks] += amount * line.usual_t_per_week
    for i, arc in enumerate(network.arcs):
        if arc.feeds:
            at = network.place_index[arc.destination, arc.material]
            lag = arc.transit_weeks
            place[at, :lag] += past_arcs[i, -lag:] if lag else 0.0
    for i, delivery in enumerate(network.deliveries):
        lag = delivery.transit_weeks
        cover[delivery.cover, :lag] += past_deliveries[i, -lag:] if lag else 0.0
    return Pipeline(place, cover)


def _longest_lag(network: Network) -> int:
    lags = [x.lead_weeks for x in network.lines] + [a.transit_weeks for a in network.arcs]
    return max(lags, default=0) + 1
