"""Weekly limits of lines, plans, recipes, arcs and deliveries: arrays [object, week].

`Outlook` says over which weeks, how far users have come in adapting, and which changes act.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from supplychain.case.applied_changes import arcs_of, customers_of, lines_of, recipes_of
from supplychain.case.qualification import Progress, advanced
from supplychain.dataset import BASE_YEAR
from supplychain.network.entities import USUAL, Network
from supplychain.scenario.scenario import Change, week_index

Array = NDArray[np.float64]

CAPACITY_CHANGES = ("site_capacity", "line_capacity", "stage_capacity")


@dataclass(frozen=True)
class Outlook:
    """What limits depend on, beside the network."""

    start: date
    span: int
    progress: Progress
    changes: Sequence[Change]

    def weeks(self, change: Change) -> slice:
        """The weeks in which a change holds."""
        first = week_index(self.start, change.start) if change.start else 0
        last = week_index(self.start, change.end) if change.end else self.span
        return slice(max(first, 0), max(last, 0))

    def set_over(
        self,
        values: Array,
        kind: str,
        reach: Callable[[Network, Change], list[int]],
        network: Network,
        base: Array,
    ) -> None:
        """Let every change of a kind set its objects to value x base in its weeks."""
        for change in self.changes:
            if change.what == kind:
                weeks = self.weeks(change)
                for row in reach(network, change):
                    values[row, weeks] = change.value * base[row, weeks]


def line_capacity(network: Network, outlook: Outlook) -> Array:
    """T of run per week: nothing before a line's start, then its start share, growing to all.

    A scenario that begins before the base year has the lines of the base year, fully grown: the
    network is that of the base year, whatever the date.
    """
    days = np.array([(outlook.start - x.start).days for x in network.lines])
    age = days[:, None] / 7.0 + np.arange(outlook.span)[None, :]
    if outlook.start < BASE_YEAR[0]:
        age[[x.start <= BASE_YEAR[1] for x in network.lines]] = np.inf
    ramp = np.maximum([x.ramp_weeks for x in network.lines], 1e-9)[:, None]
    first = np.array([x.start_share for x in network.lines])[:, None]
    share = np.where(age < 0.0, 0.0, first + (1.0 - first) * np.clip(age / ramp, 0.0, 1.0))
    capacity: Array = share * np.array([x.capacity_t_per_week for x in network.lines])[:, None]
    base = capacity.copy()
    for kind in CAPACITY_CHANGES:
        outlook.set_over(capacity, kind, lines_of, network, base)
    return capacity


def plan(network: Network, outlook: Outlook) -> Array:
    """Units per week that customers plan."""
    usual = np.array([c.plan_per_week for c in network.customers])
    values: Array = np.repeat(usual[:, None], outlook.span, axis=1)
    outlook.set_over(values, "plan", customers_of, network, values.copy())
    return values


def recipe_limit(network: Network, outlook: Outlook) -> Array:
    """Share of a plan that may use a recipe: 1 for normal, the others after their lead and ramp.

    Lead and ramp count in weeks in which a material of the normal recipe is short.
    """
    pressed: dict[int, Array] = {}
    for r in network.recipes:
        if r.name == "normal":
            c = network.customers[r.customer]
            counts = [outlook.progress.of_user(m, c.region, c.end_use) for m, _ in r.needs]
            pressed[r.customer] = np.max([*counts, np.zeros(outlook.span)], axis=0)
    limits = np.ones((len(network.recipes), outlook.span))
    for i, r in enumerate(network.recipes):
        if r.name != "normal":
            ready = advanced(pressed[r.customer], r.lead_weeks, r.ramp_weeks)
            limits[i] = r.max_share * ready
    outlook.set_over(limits, "recipe_share", recipes_of, network, np.ones_like(limits))
    return limits


def delivery_limit(network: Network, outlook: Outlook, recipes: Array) -> Array:
    """T per week that may leave an origin for a customer.

    Before requalification: usual trade x the customer's surge; what another recipe needs beyond
    the normal one may come from where the region usually buys it. After it, over the ramp, every
    origin may also serve the requalified share of the customer's need: parts are approved one by
    one, so no new maker comes to serve them all. A maker in the customer's own region that it buys
    from already needs no requalification for that share: who makes it at home can make more.
    """
    ramp = network.assumptions["arc_growth_ramp"]
    approved = network.assumptions["requalified_share"]
    extra = _extra_need(network, recipes)
    mix = _usual_mix(network)
    limits = np.zeros((len(network.deliveries), outlook.span))
    for i, d in enumerate(network.deliveries):
        customer = network.customers[d.customer]
        weeks = outlook.progress.of_user(d.material, customer.region, customer.end_use)
        at_home = d.origin == customer.region and d.trade_t_per_week > 0.0
        opened = 1.0 if at_home else advanced(weeks, customer.requalification_weeks, ramp)
        own = d.trade_t_per_week + mix[d.arc] * extra[d.cover]
        whole = network.covers[d.cover].need_t_per_week + extra[d.cover]
        limits[i] = customer.surge * own + opened * approved * whole
    return limits


def arc_limit(network: Network, outlook: Outlook, deliveries: Array) -> Array:
    """T per week that may leave on an arc, into the region's stock and to its customers.

    Feed: usual trade x surge; after the material's requalification, over the ramp, up to what the
    destination's lines can take at full capacity, or all that usually comes, x surge. To this are
    added the limits of the arc's deliveries.
    """
    surge, ramp = network.assumptions["surge_upstream"], network.assumptions["arc_growth_ramp"]
    wanted = _feed_wanted(network)
    limits = np.zeros((len(network.arcs), outlook.span))
    for i, a in enumerate(network.arcs):
        if a.feeds:
            requalified = network.materials[a.material].requalification_weeks
            opened = advanced(outlook.progress.of_maker(a.material), requalified, ramp)
            own = a.usual_feed_t_per_week
            whole = max(wanted[a.destination, a.material], own)
            limits[i] = surge * (own + opened * (whole - own))
    for i, d in enumerate(network.deliveries):
        if d.mode == USUAL:
            limits[d.arc] += deliveries[i]
    usual = np.array([a.usual_t_per_week for a in network.arcs])
    base: Array = np.repeat(usual[:, None], outlook.span, axis=1)
    outlook.set_over(limits, "arc_limit", arcs_of, network, base)
    return limits


def _extra_need(network: Network, recipes: Array) -> Array:
    """[cover, week] t that allowed recipes need beyond the normal recipe's need."""
    where = {(c.customer, c.material): i for i, c in enumerate(network.covers)}
    extra = np.zeros((len(network.covers), recipes.shape[1]))
    for i, r in enumerate(network.recipes):
        for material, kg in r.needs:
            row = where[r.customer, material]
            need = kg / 1000.0 * network.customers[r.customer].plan_per_week * recipes[i]
            if r.name != "normal":
                usual = network.covers[row].need_t_per_week * recipes[i]
                extra[row] += np.maximum(need - usual, 0.0)
    return extra


def _usual_mix(network: Network) -> list[float]:
    """Per arc: its share of what usually comes into its region; even where nothing does."""
    total: dict[tuple[str, str], float] = defaultdict(float)
    count: dict[tuple[str, str], int] = defaultdict(int)
    for a in network.arcs:
        total[a.destination, a.material] += a.usual_t_per_week
        count[a.destination, a.material] += 1
    return [
        a.usual_t_per_week / total[a.destination, a.material]
        if total[a.destination, a.material] > 0.0
        else 1.0 / count[a.destination, a.material]
        for a in network.arcs
    ]


def _feed_wanted(network: Network) -> dict[tuple[str, str], float]:
    """Per (region, material): the larger of what usually comes and what its lines can take."""
    comes: dict[tuple[str, str], float] = defaultdict(float)
    taken: dict[tuple[str, str], float] = defaultdict(float)
    for a in network.arcs:
        comes[a.destination, a.material] += a.usual_feed_t_per_week
    for x in network.lines:
        for material, amount in x.needs:
            most = max(x.capacity_t_per_week, x.usual_t_per_week)
            taken[x.region, material] += amount * most
    return defaultdict(float, {k: max(comes[k], taken[k]) for k in {*comes, *taken}})
