"""Weekly limits of lines, plans, recipes, arcs and deliveries: arrays [object, week].

`LimitContext` says over which weeks, how far users have come in adapting, and which changes act.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from supplychain.case.applied_changes import (
    arcs_of,
    covers_of,
    customers_of,
    lines_of,
    recipes_of,
)
from supplychain.case.growth import Growth
from supplychain.case.qualification import Progress, qualified_share
from supplychain.dataset import BASE_YEAR
from supplychain.network.entities import USUAL, Network, Recipe
from supplychain.scenario.scenario import Change, week_index

Array = NDArray[np.float64]

CAPACITY_CHANGES = ("site_capacity", "line_capacity", "stage_capacity")


@dataclass(frozen=True)
class LimitContext:
    """What limits depend on, beside the network."""

    start: date
    span: int
    progress: Progress
    changes: Sequence[Change]
    in_force: Mapping[str, Array]
    """Control to [week] 1 where it is in force for some buyer."""
    growth: Growth
    """Over the weeks of the span."""

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

    def head_start(
        self, kind: str, reach: Callable[[Network, Change], list[int]], network: Network, size: int
    ) -> Array:
        """[object] weeks by which the changes of a kind bring objects ahead."""
        weeks = np.zeros(size)
        for change in self.changes:
            if change.what == kind:
                weeks[reach(network, change)] += change.value
        return weeks


def arc_shares(network: Network, context: LimitContext) -> Array:
    """[arc, week] share of the base year's trade that a lane still carries: lanes end by the data.

    A scenario that begins before the base year has the lanes of the base year throughout.
    """
    shares = np.ones((len(network.arcs), context.span))
    for i, a in enumerate(network.arcs):
        for day, share in a.changes:
            first = max(week_index(context.start, day), 0)
            if context.start >= BASE_YEAR[0]:
                shares[i, first:] = share
    return shares


def line_capacity(network: Network, context: LimitContext) -> Array:
    """T of run per week: nothing before a line's start, then its start share, growing to all.

    Lines of a stage that grows as a whole have that on top.

    A scenario that begins before the base year has the lines of the base year, fully grown: the
    network is that of the base year, whatever the date.
    """
    days = np.array([(context.start - x.start).days for x in network.lines])
    ahead = context.head_start("line_head_start", lines_of, network, len(network.lines))
    age = (days / 7.0 + ahead)[:, None] + np.arange(context.span)[None, :]
    if context.start < BASE_YEAR[0]:
        age[[x.start <= BASE_YEAR[1] for x in network.lines]] = np.inf
    ramp = np.maximum([x.ramp_weeks for x in network.lines], 1e-9)[:, None]
    first = np.array([x.start_share for x in network.lines])[:, None]
    share = np.where(age < 0.0, 0.0, first + (1.0 - first) * np.clip(age / ramp, 0.0, 1.0))
    capacity: Array = share * np.array([x.capacity_t_per_week for x in network.lines])[:, None]
    capacity *= context.growth.capacity
    base = capacity.copy()
    for kind in CAPACITY_CHANGES:
        context.set_over(capacity, kind, lines_of, network, base)
    return capacity


def plan(network: Network, context: LimitContext) -> Array:
    """Units per week that customers plan: grown since the base year, then changed."""
    usual = np.array([c.plan_per_week for c in network.customers])
    values: Array = usual[:, None] * context.growth.customers
    context.set_over(values, "plan", customers_of, network, values.copy())
    return values


def recipe_limit(network: Network, context: LimitContext) -> Array:
    """Share of a plan that may use a recipe: 1 for normal, the others after their lead and ramp.

    Lead and ramp count in weeks in which a material of the normal recipe is short, and in those of
    a head start.
    """
    shortage: dict[int, Array] = {}
    for r in network.recipes:
        if r.name == "normal":
            c = network.customers[r.customer]
            counts = [context.progress.of_user(m, c.region, c.end_use) for m, _ in r.needs]
            shortage[r.customer] = np.max([*counts, np.zeros(context.span)], axis=0)
    ahead = context.head_start("recipe_head_start", recipes_of, network, len(network.recipes))
    limits = np.ones((len(network.recipes), context.span))
    for i, r in enumerate(network.recipes):
        if r.name != "normal":
            ready = qualified_share(shortage[r.customer] + ahead[i], r.lead_weeks, r.ramp_weeks)
            limits[i] = r.max_share * ready * open_share(r, context)
    context.set_over(limits, "recipe_share", recipes_of, network, np.ones_like(limits))
    return limits


def open_share(recipe: Recipe, context: LimitContext) -> Array:
    """[week] share of a recipe that no control closes."""
    left = np.ones(context.span)
    for control, since, share in recipe.closed_by:
        first = max(week_index(context.start, since), 0)
        acts = context.in_force.get(control, np.zeros(context.span))[first:]
        left[first:] = np.minimum(left[first:], 1.0 - share * acts)
    return left


def delivery_limit(network: Network, context: LimitContext, recipes: Array) -> Array:
    """T per week that may leave an origin for a customer.

    Before requalification: usual trade x the customer's surge; what another recipe needs beyond
    the normal one may come from where the region usually buys it. After it, over the ramp, every
    origin may also serve the requalified share of the customer's need: parts are approved one by
    one, so no new maker comes to serve them all. A maker in the customer's own region that it buys
    from already needs no requalification for that share: who makes it at home can make more.
    """
    ramp = network.assumptions["arc_growth_ramp"]
    approved = network.assumptions["requalified_share"]
    extra = _extra_need(network, recipes, context.growth.customers)
    mix = _usual_mix(network)
    ahead = context.head_start("maker_head_start", covers_of, network, len(network.covers))
    limits = np.zeros((len(network.deliveries), context.span))
    for i, d in enumerate(network.deliveries):
        customer = network.customers[d.customer]
        weeks = context.progress.of_user(d.material, customer.region, customer.end_use)
        weeks = weeks + ahead[d.cover]
        at_home = d.origin == customer.region and d.trade_t_per_week > 0.0
        opened = 1.0 if at_home else qualified_share(weeks, customer.requalification_weeks, ramp)
        need = network.covers[d.cover].need_t_per_week * context.growth.customers[d.customer]
        own = d.trade_t_per_week * context.growth.deliveries[i] + mix[d.arc] * extra[d.cover]
        whole = need + extra[d.cover]
        limits[i] = customer.surge * own + opened * approved * whole
    return limits * arc_shares(network, context)[[d.arc for d in network.deliveries]]


def feed_limit(network: Network, context: LimitContext) -> Array:
    """T per week that may leave on an arc into the destination's stock.

    Usual trade x surge; after the material's requalification, over the ramp, up to what the
    destination's lines can take at full capacity, or all that usually comes, x surge.
    """
    surge, ramp = network.assumptions["surge_upstream"], network.assumptions["arc_growth_ramp"]
    wanted = _feed_wanted(network)
    limits = np.zeros((len(network.arcs), context.span))
    for i, a in enumerate(network.arcs):
        if a.feeds:
            requalified = network.materials[a.material].requalification_weeks
            opened = qualified_share(context.progress.of_maker(a.material), requalified, ramp)
            own = a.usual_feed_t_per_week * context.growth.feeds[i]
            whole = np.maximum(wanted[a.destination, a.material], own)
            limits[i] = surge * (own + opened * (whole - own))
    return limits * arc_shares(network, context)


def arc_limit(network: Network, context: LimitContext) -> Array:
    """T per week that may leave on an arc in all; no limit but where a change sets one."""
    limits = np.full((len(network.arcs), context.span), np.inf)
    usual = np.array([a.usual_t_per_week for a in network.arcs])
    base: Array = usual[:, None] * context.growth.arcs
    context.set_over(limits, "arc_limit", arcs_of, network, base)
    return limits


def usual_purchases(
    network: Network, context: LimitContext, plans: Array, runs: Array
) -> tuple[Array, Array]:
    """[arc, week] t that makers, and [delivery, week] t that customers, usually buy per week.

    A customer's purchases follow its plan. What lines with off-take contracts make beyond what they
    usually did is bought by the customers of their own region, in proportion to need; each buys
    that much less elsewhere.
    """
    carried = arc_shares(network, context)
    ratio = plans / np.array([[c.plan_per_week] for c in network.customers])
    owner = [d.customer for d in network.deliveries]
    cover = np.array([d.cover for d in network.deliveries], dtype=np.int64)
    ratio /= context.growth.customers
    usual = np.array([[d.usual_t_per_week] for d in network.deliveries]) * ratio[owner]
    usual *= context.growth.deliveries
    usual *= carried[[d.arc for d in network.deliveries]]
    total = np.zeros((len(network.covers), context.span))
    np.add.at(total, cover, usual)
    bought = _contracted(network, context, runs, total)
    home = np.array(
        [
            d.mode == USUAL and d.origin == network.customers[d.customer].region
            for d in network.deliveries
        ],
        dtype=bool,
    )[:, None]
    count = np.zeros((len(network.covers), 1))
    np.add.at(count, cover, home.astype(float))
    bought = np.where(count > 0.0, bought, 0.0)
    left = np.divide(total - bought, total, out=np.ones_like(total), where=total > 0.0)
    usual = usual * left[cover] + np.where(home, bought[cover], 0.0)
    feed = np.array([[a.usual_feed_t_per_week] for a in network.arcs]) * context.growth.feeds
    return feed * carried, usual


def contracted_run(network: Network, capacity: Array, growth: Array) -> Array:
    """[line, week] t of run that makers keep up, within capacity.

    What contracts or a price floor take as the line ramps, and the usual run of steady stages,
    which grows as [line, week] `growth` says.
    """
    contracts = np.array([[x.offtake_share] for x in network.lines]) * capacity
    usual = np.array([[x.usual_t_per_week if x.is_steady else 0.0] for x in network.lines])
    usual = usual * growth
    found: Array = np.minimum(np.maximum(contracts, usual), capacity)
    return found


def _contracted(network: Network, context: LimitContext, runs: Array, total: Array) -> Array:
    """[cover, week] t of the region's own contracted product beyond what was usually made."""
    made: dict[tuple[str, str], Array] = {}
    for i, x in enumerate(network.lines):
        more = np.maximum(runs[i] - x.usual_t_per_week * context.growth.lines[i], 0.0)
        for material, amount in x.makes:
            if x.offtake_share > 0.0 and more.any():
                key = (x.region, material)
                made[key] = made.get(key, np.zeros_like(more)) + amount * more
    need: dict[tuple[str, str], Array] = {}
    where = [(network.customers[c.customer].region, c.material) for c in network.covers]
    for i, key in enumerate(where):
        need[key] = need.get(key, np.zeros(total.shape[1])) + total[i]
    bought = np.zeros_like(total)
    for i, key in enumerate(where):
        if key in made:
            share = np.divide(total[i], need[key], out=np.zeros_like(total[i]), where=need[key] > 0)
            bought[i] = np.minimum(share * made[key], total[i])
    return bought


def _extra_need(network: Network, recipes: Array, growth: Array) -> Array:
    """[cover, week] t that allowed recipes need beyond the normal recipe's need."""
    where = {(c.customer, c.material): i for i, c in enumerate(network.covers)}
    extra = np.zeros((len(network.covers), recipes.shape[1]))
    for i, r in enumerate(network.recipes):
        for material, kg in r.needs:
            row = where[r.customer, material]
            grown = recipes[i] * growth[r.customer]
            need = kg / 1000.0 * network.customers[r.customer].plan_per_week * grown
            if r.name != "normal":
                usual = network.covers[row].need_t_per_week * grown
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
