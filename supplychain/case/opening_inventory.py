"""What is on shelves, in stock and under way when a horizon starts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supplychain.case.applied_changes import covers_of
from supplychain.case.past import Past
from supplychain.dataset.overlay import Change as CellChange
from supplychain.errors import InvalidInput, nearest
from supplychain.network.entities import Network
from supplychain.scenario.scenario import Change, Scenario, week_index
from supplychain.scenario.scenario_checks import at
from supplychain.units import WEEKS_PER_YEAR

Array = NDArray[np.float64]

OPENING = ("opening_cover", "shelf_cover")
"""The changes of what a customer holds at the start."""


def cover_weeks(network: Network, scenario: Scenario) -> tuple[float, ...]:
    """Weeks of pipeline and shelf per cover, after the scenario's changes."""
    weeks = [c.opening_weeks for c in network.covers]
    transit = transit_weeks(network)
    for change in scenario.changes:
        for row in covers_of(network, change) if change.what in OPENING else ():
            usual = network.covers[row].opening_weeks
            if change.what == "shelf_cover":
                usual = max(usual - transit[row], network.assumptions["least_shelf_weeks"])
            weeks[row] = change.value * (usual if change.unit == "ratio" else 1.0)
            weeks[row] += transit[row] if change.what == "shelf_cover" else 0.0
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


def short_opening(
    network: Network, scenario: Scenario, overlays: Sequence[CellChange]
) -> list[str]:
    """A sentence for each change or overlay that sets an opening cover below the usual transit."""
    weeks, transit = cover_weeks(network, scenario), transit_weeks(network)
    asked = [
        (
            f"{c.what} of {c.value:g} {'weeks' if c.unit == 'week' else 'times the usual'}",
            covers_of(network, c),
        )
        for c in scenario.changes
        if c.what == "opening_cover"
    ]
    rows = {
        (network.customers[c.customer].name, c.material): i for i, c in enumerate(network.covers)
    }
    for cell in overlays:
        key = tuple(cell.key.split(", "))
        if cell.table == "covers" and cell.column == "value" and key[-1] == "opening_cover":
            reached = [rows[key[0], key[1]]] if key[:2] in rows else []
            asked.append((f"{' '.join(key)} of the overlay", reached))
    return [
        text
        for words, reached in asked
        if (text := _below_transit(network, words, reached, weeks, transit))
    ]


def _below_transit(
    network: Network,
    words: str,
    reached: Sequence[int],
    weeks: Sequence[float],
    transit: Sequence[float],
) -> str:
    short = [i for i in reached if weeks[i] < transit[i]]
    if not short:
        return ""
    worst = max(short, key=lambda i: transit[i] - weeks[i])
    cover = network.covers[worst]
    stocks = f"{len(short)} stocks, as for" if len(short) > 1 else "one stock,"
    return (
        f"{words} is less than the usual transit for {stocks} "
        f"{network.customers[cover.customer].name}, {cover.material}: goods at sea alone last "
        f"{transit[worst]:.1f} weeks; the shelf starts at "
        f"{network.assumptions['least_shelf_weeks']:g} weeks. Stock on the shelf is shelf_cover."
    )


def opening_cover(
    network: Network, scenario: Scenario, past: Past | None = None, growth: Array | None = None
) -> tuple[float, ...]:
    """T on the shelf per cover: what the past left, or what the data and the scenario say.

    A scenario that sets an opening says what is on the shelf at its start, whatever its past;
    what it adds comes on top of either.
    Weeks are those of the plans of the start: [customer] `growth` against the base year, or 1.
    """
    shelf = shelf_weeks(network, scenario)
    plans = np.ones(len(network.customers)) if growth is None else growth
    need = [float(c.need_t_per_week * plans[c.customer]) for c in network.covers]
    held = [weeks * t for weeks, t in zip(shelf, need, strict=True)]
    if past is not None:
        stated = {r for c in scenario.changes if c.what in OPENING for r in covers_of(network, c)}
        held = [held[i] if i in stated else float(left) for i, left in enumerate(past.cover)]
    for change in scenario.changes:
        for row in covers_of(network, change) if change.what == "added_cover" else ():
            held[row] += change.value * need[row]
    return tuple(held)


def shelf_weeks(network: Network, scenario: Scenario) -> tuple[float, ...]:
    """Weeks on the shelf per cover: pipeline and shelf, less what is on the way.

    At least `least_shelf_weeks`, however long the goods travel.
    """
    least = network.assumptions["least_shelf_weeks"]
    weeks = zip(cover_weeks(network, scenario), transit_weeks(network), strict=True)
    return tuple(max(both - way, least) for both, way in weeks)


def target_weeks(network: Network, scenario: Scenario) -> Array:
    """[cover] weeks that a customer wants on its shelf.

    A scenario that changes the opening or the shelf speaks of a policy: what is held is also what
    is wanted, unless the scenario changes the target as well.
    """
    target = np.array([c.target_weeks for c in network.covers])
    shelf = shelf_weeks(network, scenario)
    for change in sorted(scenario.changes, key=lambda change: change.what == "target_cover"):
        for row in covers_of(network, change) if change.what in (*OPENING, "target_cover") else ():
            usual = network.covers[row].target_weeks
            own = change.value * (usual if change.unit == "ratio" else 1.0)
            target[row] = shelf[row] if change.what in OPENING else own
    return target


def spread_weeks(network: Network, scenario: Scenario) -> Array:
    """[cover] weeks around which the firms' stocks are spread: what is held, up to the target.

    Only where goods cross a border under some control; elsewhere firms are taken as alike.
    """
    mean = np.minimum(shelf_weeks(network, scenario), target_weeks(network, scenario))
    mean[[i for i in range(len(mean)) if i not in network.licensed_covers]] = 0.0
    return mean


def opening_stock(
    network: Network, scenario: Scenario, past: Past | None = None
) -> tuple[float, ...]:
    """T in stock per place: what the past left, or the data say, after the scenario's changes.

    Raises:
        InvalidInput: a change names a region and material that nothing is held of.
    """
    stock = list(network.opening_stock) if past is None else past.stock.tolist()
    for change in scenario.changes:
        if change.what != "opening_stock":
            continue
        stock[place_of(network, change)] = change.value
    return tuple(stock)


def place_of(network: Network, change: Change) -> int:
    """Position of the region and material that a change of stock or supply names.

    Raises:
        InvalidInput: nothing is held of it.
    """
    place = (change.place("region"), change.place("material"))
    if place not in network.place_index:
        materials = [m for region, m in network.places if region == place[0]]
        message = f"{place[0]} holds no {place[1]}: nothing there makes, uses or sells it."
        hint = nearest(place[1], materials)
        found = at(change.origin, "SCEN-406", message, hint, "where")
        raise InvalidInput("The scenario is not valid.", [found])
    return network.place_index[place]


def weeks_under_way(network: Network) -> int:
    """Weeks of the longest way, at least one."""
    return max((a.transit_weeks for a in network.arcs), default=0) or 1


def past_trade(
    network: Network, shares: Array, feeds: Array, deliveries: Array
) -> tuple[Array, Array]:
    """What departed in the weeks before the start, as many as the longest way takes.

    Args:
        network: the network.
        shares: [class, week] share of usual trade that licences let through in those weeks.
        feeds: [arc, week] usual trade into stocks against the base year, in the weeks returned.
        deliveries: [delivery, week] usual trade against the base year, in those weeks.

    Returns:
        [arc, week] t into the region's stock, and [delivery, week] t to customers.
    """
    weeks = weeks_under_way(network)
    recent = np.ones((shares.shape[0], weeks))
    known = min(weeks, shares.shape[1])
    recent[:, weeks - known :] = shares[:, shares.shape[1] - known :]
    through_arcs = np.ones((len(network.arcs), weeks))
    through_deliveries = np.ones((len(network.deliveries), weeks))
    for row, k in enumerate(network.categories):
        for a in k.arcs:
            through_arcs[a] = np.minimum(through_arcs[a], recent[row])
        for d in k.deliveries:
            through_deliveries[d] = np.minimum(through_deliveries[d], recent[row])
    feed = np.array([a.usual_feed_t_per_week for a in network.arcs])[:, None]
    feed = feed * feeds
    delivered = np.array([d.usual_t_per_week for d in network.deliveries])[:, None]
    delivered = delivered * deliveries
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
    network: Network, weeks: int, past_arcs: Array, past_deliveries: Array, past_runs: Array
) -> Pipeline:
    """Goods in transit and in process at the start: what departed in the weeks before.

    Lines ran at one rate, [line] t per week; arcs and deliveries departed as the past says,
    [object, week] up to the start, which is usual trade unless a licence queue already held it
    back.
    """
    span = weeks + _longest_lag(network)
    place = np.zeros((len(network.places), span))
    cover = np.zeros((len(network.covers), span))
    for line, run in zip(network.lines, past_runs, strict=True):
        for material, amount in line.makes:
            at = network.place_index[line.region, material]
            place[at, : line.lead_weeks] += amount * run
    for i, arc in enumerate(network.arcs):
        if arc.feeds:
            at = network.place_index[arc.destination, arc.material]
            lag = arc.transit_weeks
            place[at, :lag] += past_arcs[i, -lag:] if lag else 0.0
    for i, delivery in enumerate(network.deliveries):
        lag = delivery.transit_weeks
        cover[delivery.cover, :lag] += past_deliveries[i, -lag:] if lag else 0.0
    return Pipeline(place, cover)


def pipeline_of(past: Past, weeks: int, network: Network) -> Pipeline:
    """Goods in transit and in process at the start: what a solved past has sent off."""
    span = weeks + _longest_lag(network)
    known = min(span, past.place_arrivals.shape[1])
    place = np.zeros((len(network.places), span))
    cover = np.zeros((len(network.covers), span))
    place[:, :known] = past.place_arrivals[:, :known]
    cover[:, :known] = past.cover_arrivals[:, :known]
    return Pipeline(place, cover)


def added_goods(
    network: Network, scenario: Scenario, changes: Sequence[Change], growth: Array
) -> dict[str, float]:
    """Material to the tonnes that changes put on top over the horizon, on shelves and in stocks.

    Args:
        network: the network.
        scenario: whose horizon it is.
        changes: those that are asked about.
        growth: [customer] plan of the first week against the base year.
    """
    found: dict[str, float] = defaultdict(float)
    for change in changes:
        if change.what == "added_cover":
            for cover in (network.covers[row] for row in covers_of(network, change)):
                need = cover.need_t_per_week * growth[cover.customer]
                found[cover.material] += float(change.value * need)
        elif change.what == "added_supply":
            weeks = supply_weeks(scenario, change)
            length = max(weeks.stop - weeks.start, 0)
            found[change.place("material")] += length * change.value / WEEKS_PER_YEAR
    return dict(found)


def supply_weeks(scenario: Scenario, change: Change) -> slice:
    """The weeks of the horizon in which a supply from outside arrives."""
    first = week_index(scenario.start, change.start) if change.start else 0
    last = week_index(scenario.start, change.end) if change.end else scenario.weeks
    return slice(max(first, 0), min(last, scenario.weeks))


def add_supply(pipeline: Pipeline, network: Network, scenario: Scenario) -> None:
    """Let what a scenario supplies from outside arrive in its weeks of the horizon, t per week.

    Raises:
        InvalidInput: a change names a region and material that nothing is held of.
    """
    for change in scenario.changes:
        if change.what == "added_supply":
            weeks = supply_weeks(scenario, change)
            pipeline.place[place_of(network, change), weeks] += change.value / WEEKS_PER_YEAR


def _longest_lag(network: Network) -> int:
    lags = [x.lead_weeks for x in network.lines] + [a.transit_weeks for a in network.arcs]
    return max(lags, default=0) + 1
