"""A window: its periods, the state it opens with, and the numbers it reads.

Structure (indices, coefficients) comes from the network and the grid; every dated number is here,
in arrays whose first axis is the position of the object in the network.

The laws are written over periods: whole weeks, each with a start and a length. A lag in weeks is
resolved once, here, into the shares of a period's departures that arrive in each later period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from supplychain.case.stock_distribution import layers, slopes
from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.network.entities import Network

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class State:
    """What is held and under way when a window starts. Tonnes."""

    week: int
    stock: Array
    """[place]"""
    cover: Array
    """[cover]"""
    place_arrivals: Array
    """[place, weeks from now] from departures and runs of the past."""
    cover_arrivals: Array
    """[cover, weeks from now] deliveries under way."""
    licence_left: Array
    """[end user] granted and not yet used, still valid."""
    behind: Array
    """[customer] weeks of plan lost before that can still be made up."""


@dataclass(frozen=True)
class Window:
    """Limits, right-hand sides and costs of one window, by object and period."""

    run_limit: Array
    """[line, period] t of run."""
    flow_limit: Array
    """[arc, period] t into the region's stock."""
    usual_feed: Array
    """[arc, period] t into the region's stock at no premium, and below which buyers fall short."""
    delivery_limit: Array
    """[delivery, period] t."""
    usual_delivery: Array
    """[delivery, period] t at no premium, and below which the customer falls short."""
    arc_limit_t: Array
    """[arc, period] t in all; inf where no change of the scenario sets a limit."""
    contracted: Array
    """[line, period] t of run that contracts take."""
    output_limit: Array
    """[recipe, period] weeks of usual plan."""
    lost_limit: Array
    """[customer, step, period] weeks of usual plan."""
    made_up_limit: Array
    """[customer, period] weeks of usual plan that can be made on top."""
    depleted_limit: Array
    """[cover, layer, period] t in each layer of the firms' stocks, at the lowest plan so far: firms
    whose plan grows hold no less than before, and have lost nothing by it."""
    left_limit: Array
    """[end user, period] t of unused licences at its end that the next week can still use."""
    supply: Array
    """[place, period] t: opening stock (first period) and arrivals from the past, less what uses
    outside the model usually take."""
    other_use: Array
    """[place, period] t that uses outside the model usually take."""
    cover_supply: Array
    """[cover, period] the same for customers' own stocks."""
    plan: Array
    """[customer, period] weeks of usual plan."""
    behind_at_start: Array
    """[customer, period] weeks of usual plan that can still be made up; in the first period."""
    granted: Array
    """[end user, period] t; the first includes what was left before; inf = no licence needed."""
    cover_goal: Array
    """[cover, period] t wanted on the shelf."""
    firm_mean: Array
    """[cover, period] t below which firms begin to run out: the sum of the layers."""
    frontier: Array
    """[cover, period] t that stood still before the window, below zero; -inf: firms all alike."""
    closing_cover: Array
    """[cover] t that a customer wants to hold and to have under way at the end."""
    loss_cost: Array
    """[customer, step, period] million USD per week of usual plan lost."""
    made_up_cost: Array
    """[customer, period] million USD per week of usual plan made up; below zero."""
    closing_cost: Array
    """[cover] million USD per tonne that a customer ends the window short."""
    short_trade_cost: Array
    """[arc, 1] million USD per tonne below the usual trade, in any period."""
    short_purchase_cost: Array
    """[delivery, 1] million USD per tonne below the usual purchase, in any period."""
    short_run_cost: Array
    """[line, 1] million USD per tonne of run below what contracts take, in any period."""


@dataclass(frozen=True)
class LossRule:
    """How lost output is weighed: convex steps, the allocation's weight, the discount factor.

    `later` is the factor per week by which planners discount a later loss: the chance that the
    shortage is over by then. 1 under perfect foresight.
    """

    shares: tuple[float, ...]
    weights: tuple[float, ...]
    customer_weight: tuple[float, ...]
    later: float
    at_stake: float
    """What a customer short at the window's end is charged: this share of the value added that the
    missing goods stand for, at least their replacement. 0 under perfect foresight."""


def make_window(
    network: Network, grid: Grid, numbers: WeeklyInputs, state: State, rule: LossRule
) -> Window:
    """Read the numbers of a window that starts in `state.week` off the weekly series."""
    weeks = slice(state.week, state.week + grid.weeks)
    plan_share = numbers.plan[:, weeks] / _column([c.plan_per_week for c in network.customers])
    plan = _sums(grid, plan_share)
    owner = [r.customer for r in network.recipes]
    overtime = _column([c.overtime_share if c.make_up_weeks else 0.0 for c in network.customers])
    need = np.array([c.need_t_per_week for c in network.covers])
    covered = np.array([c.customer for c in network.covers])
    shares = np.array(rule.shares)
    kept = _still_usable(numbers)
    granted = _sums(grid, numbers.granted[:, weeks])
    granted[:, 0] += np.minimum(state.licence_left, kept[:, state.week])
    supply = _sums(grid, _padded(state.place_arrivals, grid.weeks))
    supply[:, 0] += state.stock
    other_use = np.zeros_like(supply)
    if network.other_use:
        other_use = _column(list(network.other_use)) * np.array(grid.lengths)[None, :]
    cover_supply = _sums(grid, _padded(state.cover_arrivals, grid.weeks))
    cover_supply[:, 0] += state.cover
    mean_plan = plan / np.array(grid.lengths)
    spread = firm_layers(network, numbers.cover_mean)
    lowest_plan = np.minimum.accumulate(mean_plan, axis=1)[covered]
    depleted = spread[:, :, None] * lowest_plan[:, None, :]
    behind = np.zeros_like(plan)
    behind[:, 0] = state.behind
    barred = _barred(network, granted)
    trade, purchase, run = short_purchase_costs(network)
    return Window(
        run_limit=_sums(grid, numbers.line_capacity[:, weeks]),
        flow_limit=np.where(barred[0], 0.0, _sums(grid, numbers.feed_limit[:, weeks])),
        usual_feed=_sums(grid, numbers.usual_feed[:, weeks]),
        delivery_limit=np.where(barred[1], 0.0, _sums(grid, numbers.delivery_limit[:, weeks])),
        usual_delivery=_sums(grid, numbers.usual_delivery[:, weeks]),
        arc_limit_t=_sums(grid, numbers.arc_limit[:, weeks]),
        contracted=_sums(grid, numbers.contracted_run[:, weeks]),
        output_limit=_sums(
            grid, numbers.recipe_limit[:, weeks] * ((1.0 + overtime) * plan_share)[owner]
        ),
        lost_limit=shares[None, :, None] * plan[:, None, :],
        made_up_limit=overtime * plan,
        depleted_limit=depleted,
        left_limit=_ends(grid, kept[:, state.week + 1 : state.week + grid.weeks + 1]),
        supply=supply - other_use,
        other_use=other_use,
        cover_supply=cover_supply,
        plan=plan,
        behind_at_start=behind,
        granted=granted,
        cover_goal=(need * numbers.cover_target)[:, None] * mean_plan[covered],
        firm_mean=depleted.sum(axis=1),
        frontier=_frontier(network, state, depleted, numbers.cover_mean, mean_plan.shape[1]),
        closing_cover=closing_cover_goal(network, numbers.cover_target)
        * numbers.plan_growth[covered, state.week + grid.weeks - 1],
        loss_cost=_loss_cost(network, grid, rule),
        made_up_cost=_made_up_cost(network, grid, rule),
        closing_cost=closing_cost(network, rule),
        short_trade_cost=trade,
        short_purchase_cost=purchase,
        short_run_cost=run,
    )


def _barred(network: Network, granted: Array) -> tuple[Flags, Flags]:
    """[arc, period] and [delivery, period] whether no licence can be there for it.

    Nothing was left, granted to its end user or to any so far: a limit of zero, so that not even
    the solver's tolerance leaves.
    """
    so_far = np.cumsum(granted, axis=1)
    arcs = np.zeros((len(network.arcs), granted.shape[1]), dtype=bool)
    deliveries = np.zeros((len(network.deliveries), granted.shape[1]), dtype=bool)
    for i, user in enumerate(network.end_users):
        none = so_far[i] <= 0.0
        if user.pool is not None:
            none &= so_far[user.pool] <= 0.0
        arcs[list(user.arcs)] |= none
        deliveries[list(user.deliveries)] |= none
    return arcs, deliveries


def _still_usable(numbers: WeeklyInputs) -> Array:
    """[class, week] t of older licences that can be used in a week: neither expired nor revoked.

    What is valid at a week's end less what the week itself granted. The last week is repeated once,
    so that the end of the last period has a week after it.
    """
    granted = np.where(np.isfinite(numbers.granted), numbers.granted, 0.0)
    kept = np.minimum(np.maximum(numbers.valid - granted, 0.0), _before(numbers.valid))
    return np.hstack([kept, kept[:, -1:]])


def _before(valid: Array) -> Array:
    """The week before; unlimited before the first."""
    return np.hstack([np.full((valid.shape[0], 1), np.inf), valid[:, :-1]])


def _loss_cost(network: Network, grid: Grid, rule: LossRule) -> Array:
    """Million USD per week of usual plan lost, by customer, step and period."""
    value = np.array(
        [c.plan_per_week * c.value_added_usd_per_unit / 1e6 for c in network.customers]
    )
    value = value * np.array(rule.customer_weight)
    middle = np.array(grid.starts) + (np.array(grid.lengths) - 1) / 2.0
    later = rule.later**middle
    return value[:, None, None] * np.array(rule.weights)[None, :, None] * later[None, None, :]


def _made_up_cost(network: Network, grid: Grid, rule: LossRule) -> Array:
    """Million USD per week of usual plan made up, by customer and period; below zero.

    What is made up is half the time limit late, in the mean.
    """
    value = np.array(
        [
            c.plan_per_week * c.value_added_usd_per_unit / 1e6 * c.share_kept_late
            for c in network.customers
        ]
    )
    value = value * np.array(rule.customer_weight)
    middle = np.array(grid.starts) + (np.array(grid.lengths) - 1) / 2.0
    later = rule.later**middle
    return -value[:, None] * later[None, :]


def firm_layers(network: Network, mean_weeks: Array) -> Array:
    """[cover, layer] t in each layer of the firms' stocks at the usual plan, highest first."""
    shares = layer_shares(network)
    owners = [network.customers[c.customer] for c in network.covers]
    bounds = layers(np.array([c.cover_spread for c in owners], dtype=np.float64), shares)
    need = np.array([c.need_t_per_week for c in network.covers], dtype=np.float64)
    widths = (bounds[:, :-1] - bounds[:, 1:]) * (mean_weeks * need)[:, None]
    firms_differ = np.array([c.cover_spread > 0.0 for c in owners], dtype=bool)
    found: Array = np.where(firms_differ[:, None], widths, 0.0)
    return found


def layer_shares(network: Network) -> list[float]:
    """Shares of output that stand still at the tangent points of the loss frontier, rising."""
    known = network.assumptions
    return sorted(v for k, v in known.items() if k.startswith("firm_layer_"))


def used_up(limit: Array, cover: Array) -> Array:
    """[cover, layer] t of each layer that is gone when so much is left; the highest goes first.

    >>> used_up(np.array([[2.0, 1.0]]), np.array([0.5])).tolist()
    [[2.0, 0.5]]
    """
    above = np.cumsum(limit, axis=1) - limit
    gone = limit.sum(axis=1) - cover
    return np.clip(gone[:, None] - above, 0.0, limit)


def _frontier(
    network: Network, state: State, depleted: Array, mean_weeks: Array, periods: int
) -> Array:
    """[cover, period] the right-hand side of the loss frontier; -inf where firms are all alike."""
    need = np.array([c.need_t_per_week for c in network.covers], dtype=np.float64)
    behind = np.array([state.behind[c.customer] for c in network.covers], dtype=np.float64)
    gone = used_up(depleted[:, :, 0], state.cover) @ slopes(layer_shares(network))
    alike = (mean_weeks <= 0.0) | (depleted[:, :, 0].sum(axis=1) <= 0.0)
    right = np.where(alike, -np.inf, need * behind - gone)
    return np.repeat(right[:, None], periods, axis=1)


def closing_cover_goal(network: Network, target_weeks: Array) -> Array:
    """Target stock of each customer and what is usually under way to it in the base year, t."""
    goal = np.array([c.need_t_per_week for c in network.covers], dtype=np.float64) * target_weeks
    for d in network.deliveries:
        goal[d.cover] += d.usual_t_per_week * d.transit_weeks
    return goal


def closing_cost(network: Network, rule: LossRule) -> Array:
    """Million USD per tonne missing at the end: replacement, or a share of what it makes."""
    replacement = network.assumptions["closing_stock_value"]
    costs = []
    for cover in network.covers:
        c = network.customers[cover.customer]
        price = network.materials[cover.material].price_usd_per_kg * 1e-3 * replacement
        made = c.plan_per_week * c.value_added_usd_per_unit / 1e6
        stake = made / cover.need_t_per_week if cover.need_t_per_week else 0.0
        costs.append(max(price, rule.at_stake * stake))
    return np.array(costs, dtype=np.float64)


def short_purchase_costs(network: Network) -> tuple[Array, Array, Array]:
    """Million USD per tonne short of usual trade, usual purchases and contracts; each [object, 1].

    A share of the price, with freight where goods travel.
    """
    share = network.assumptions["usual_purchase_shortfall"]
    price = {name: x.price_usd_per_kg * 1e-3 for name, x in network.materials.items()}
    paid = [price[a.material] + a.freight_usd_per_t / 1e6 for a in network.arcs]
    made = [sum(amount * price[w] * share for w, amount in x.makes) for x in network.lines]
    return (
        _column([p * share for p in paid]),
        _column([paid[d.arc] * share for d in network.deliveries]),
        _column(made),
    )


def _column(values: list[float]) -> Array:
    return np.array(values, dtype=np.float64)[:, None]


def _padded(weekly: Array, weeks: int) -> Array:
    """Cut or extend a weekly series with zeros to the window's length."""
    out = np.zeros((weekly.shape[0], weeks))
    known = min(weeks, weekly.shape[1])
    out[:, :known] = weekly[:, :known]
    return out


def _sums(grid: Grid, weekly: Array) -> Array:
    """Sum weeks into periods along the last axis."""
    return np.add.reduceat(weekly, grid.starts, axis=1)


def _ends(grid: Grid, weekly: Array) -> Array:
    """The value in the last week of each period."""
    return weekly[:, np.array(grid.starts) + np.array(grid.lengths) - 1]


@dataclass(frozen=True)
class Grid:
    """The lengths in weeks of the consecutive periods of a window, first period first."""

    lengths: tuple[int, ...]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """First week of each period, counted from the window's start."""
        starts = [0]
        for length in self.lengths[:-1]:
            starts.append(starts[-1] + length)
        return tuple(starts)

    @property
    def periods(self) -> range:
        """Period numbers, 0 first."""
        return range(len(self.lengths))

    @property
    def weeks(self) -> int:
        """Weeks in the window."""
        return sum(self.lengths)

    def period_of(self, week: int) -> int | None:
        """Period that holds a week, or None past the window's end."""
        for period, start in enumerate(self.starts):
            if start <= week < start + self.lengths[period]:
                return period
        return None


def make_grid(weeks: int, weekly: int, far: int, between: Sequence[tuple[int, int]] = ()) -> Grid:
    """Weekly periods first, then longer ones; the last is cut where the window ends.

    Args:
        weeks: length of the window.
        weekly: how many periods of one week it begins with.
        far: length of the last periods, as many as fit.
        between: (length, how many) of the periods between the weekly and the far ones.

    >>> make_grid(weeks=14, weekly=4, far=4).lengths
    (1, 1, 1, 1, 4, 4, 2)
    >>> make_grid(weeks=16, weekly=2, far=8, between=[(2, 1), (4, 1)]).lengths
    (1, 1, 2, 4, 8)
    """
    wanted = chain(
        repeat(1, weekly), *(repeat(length, count) for length, count in between), repeat(far)
    )
    lengths: list[int] = []
    rest = weeks
    while rest > 0:
        lengths.append(min(next(wanted), rest))
        rest -= lengths[-1]
    return Grid(tuple(lengths))


def arrival_shares(grid: Grid, lag: int) -> tuple[tuple[tuple[int, float], ...], ...]:
    """For each period, the (later period, share) pairs in which its departures arrive.

    Departures are even over a period's weeks. What arrives after the window's end is in no pair, so
    the shares of a late period sum to less than one.

    >>> arrival_shares(Grid((1, 1, 4)), lag=1)
    (((1, 1.0),), ((2, 1.0),), ((2, 0.75),))
    """
    shares: list[tuple[tuple[int, float], ...]] = []
    for start, length in zip(grid.starts, grid.lengths, strict=True):
        weeks: dict[int, int] = {}
        for week in range(start, start + length):
            period = grid.period_of(week + lag)
            if period is not None:
                weeks[period] = weeks.get(period, 0) + 1
        shares.append(tuple((p, n / length) for p, n in sorted(weeks.items())))
    return tuple(shares)


def over_periods(grid: Grid, weekly: Sequence[float]) -> list[float]:
    """Sum a weekly series over the periods of a grid.

    >>> over_periods(Grid((1, 2)), [1.0, 2.0, 3.0])
    [1.0, 5.0]
    """
    return [
        sum(weekly[start : start + length])
        for start, length in zip(grid.starts, grid.lengths, strict=True)
    ]
