"""Balances and limits recomputed from the result tables, by other code than the programme's.

Each check gives the largest residual relative to what flows through the place; a residual over the
tolerance means that the tables do not add up, and no report is written from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from supplychain.case.case import by_end_user
from supplychain.case.opening_inventory import Pipeline
from supplychain.case.stock_distribution import slopes
from supplychain.errors import SupplychainError
from supplychain.model.window import Grid, firm_layers, layer_shares, used_up
from supplychain.network.entities import LicenceCategory, Network
from supplychain.results.limit_residuals import Series, by_period, limit_residuals
from supplychain.solve.allocation import CONTRACTS, licences_under
from supplychain.solve.make_up import still_behind
from supplychain.solve.solution import Solution

Array = NDArray[np.float64]
Weeks = NDArray[np.int64]
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Check:
    """One recomputed law: the largest relative residual and whether it is within tolerance."""

    name: str
    residual: float
    tolerance: float = TOLERANCE

    @property
    def ok(self) -> bool:
        """Whether the tables obey the law."""
        return bool(self.residual <= self.tolerance)


def verify(solution: Solution, tables: Mapping[str, DataFrame]) -> list[Check]:
    """Recompute every balance and limit of a run from its tables."""
    weeks = solution.realised.weeks
    ends = _period_ends(solution.grid, weeks, solution.foresight)
    series = Series(tables, weeks)
    pipeline = solution.realised.pipeline
    return [
        Check("mass in every region", region_residual(solution, series, pipeline, ends)),
        Check("mass at every customer", customer_residual(solution, series, pipeline, ends)),
        Check("planned = produced + lost", plan_residual(solution, tables["shortfall"], ends)),
        Check("lost = made up + lost for good", later_residual(solution, tables["shortfall"])),
        Check("runs within capacity", capacity_residual(tables["production"], ends)),
        *(
            Check(f"{what} within what came true", over)
            for what, over in limit_residuals(solution, series, tables["shortfall"], ends).items()
        ),
        Check("shipped within licences", licence_residual(solution, series, ends)),
        Check(
            "used within each end user's licences",
            user_residual(solution, tables["licences"], ends),
        ),
        Check("firms without stock stand still", frontier_residual(solution, tables)),
        Check("licences used = shipped", used_residual(solution, series, tables["licences"])),
        Check("mass of every element", max(element_residuals(solution, series, pipeline).values())),
        Check("objective = sum of its costs", cost_residual(solution)),
    ]


def refuse_broken(solution: Solution, tables: Mapping[str, DataFrame], what: str) -> None:
    """Refuse tables that do not obey the laws; `what` names them in the message.

    Raises:
        SupplychainError: with each check that does not hold.
    """
    broken = [check for check in verify(solution, tables) if not check.ok]
    if broken:
        said = "; ".join(f"{c.name}: {c.residual:.3g} over {c.tolerance:g}" for c in broken)
        raise SupplychainError(f"{what} do not add up: {said}.")


def _period_ends(grid: Grid, weeks: int, foresight: str) -> Weeks:
    """Weeks in which levels are solved for, not drawn between: period ends, or every week."""
    if foresight != "perfect":
        return np.arange(weeks)
    ends: Weeks = np.array(grid.starts) + np.array(grid.lengths) - 1
    return ends[ends < weeks]


def _later(series: Array, lag: int) -> Array:
    return np.concatenate([np.zeros(min(lag, len(series))), series[: max(len(series) - lag, 0)]])


def region_residual(solution: Solution, series: Series, pipeline: Pipeline, ends: Weeks) -> float:
    """Largest relative gap between a region's stock and all that came and went before."""
    network, weeks = solution.realised.network, solution.realised.weeks
    net: dict[tuple[str, str], Array] = {
        place: pipeline.place[i, :weeks].copy() for i, place in enumerate(network.places)
    }
    through = {place: np.abs(amount).sum() for place, amount in net.items()}

    def book(place: tuple[str, str], amount: Array) -> None:
        net[place] = net[place] + amount
        through[place] += np.abs(amount).sum()

    for line in network.lines:
        run = series.runs[(line.name,)]
        for material, amount in line.makes:
            book((line.region, material), amount * _later(run, line.lead_weeks))
        for material, amount in line.needs:
            book((line.region, material), -amount * run)
    for place, tonnes in list(series.other_uses.items()):
        book((place[0], place[1]), -tonnes)
    transit = {(a.origin, a.destination): a.transit_weeks for a in network.arcs}
    for (material, origin, destination, customer), tonnes in list(series.flows.items()):
        book((origin, material), -tonnes)
        if not customer:
            book((destination, material), _later(tonnes, transit[origin, destination]))
    worst = 0.0
    for i, place in enumerate(network.places):
        expected = solution.realised.opening_stock[i] + np.cumsum(net[place])
        gap = np.abs(expected - series.stocks[place[0], place[1], ""])[ends].max()
        worst = max(worst, float(gap / max(through[place], 1.0)))
    return worst


def customer_residual(solution: Solution, series: Series, pipeline: Pipeline, ends: Weeks) -> float:
    """Largest relative gap between a customer's stock and all that came and was used before."""
    network, weeks = solution.realised.network, solution.realised.weeks
    used = _used(network, series)
    worst = 0.0
    arrived: dict[int, Array] = defaultdict(lambda: np.zeros(weeks))
    for d in network.deliveries:
        tonnes = series.delivered(network, d)
        arrived[d.cover] = arrived[d.cover] + _later(tonnes, d.transit_weeks)
    for i, cover in enumerate(network.covers):
        customer = network.customers[cover.customer]
        gone = used[cover.customer, cover.material]
        net = pipeline.cover[i, :weeks] + arrived[i] - gone
        expected = solution.realised.opening_cover[i] + np.cumsum(net)
        held = series.stocks[customer.region, cover.material, customer.name]
        worst = max(worst, float(np.abs(expected - held)[ends].max() / max(gone.sum(), 1.0)))
    return worst


def _used(network: Network, series: Series) -> dict[tuple[int, str], Array]:
    """(customer, material) to tonnes used per week."""
    used: dict[tuple[int, str], Array] = defaultdict(lambda: np.zeros(series.weeks))
    for recipe in network.recipes:
        made = series.output[network.customers[recipe.customer].name, recipe.name]
        for material, kg in recipe.needs:
            key = (recipe.customer, material)
            used[key] = used[key] + kg / 1000.0 * made
    return used


def plan_residual(solution: Solution, shortfall: DataFrame, ends: Weeks) -> float:
    """Largest gap in a period between the plan of the case and produced + lost, relative to it."""
    plan = solution.realised.inputs.plan[:, : solution.realised.weeks]
    either = shortfall["produced"] + shortfall["lost"] - shortfall["made_up"]
    made = by_period(either.to_numpy(), ends)
    stated = by_period(shortfall["planned"].to_numpy(), ends)
    wanted = by_period(plan.ravel(), ends)
    gap = np.maximum(np.abs(made - wanted), np.abs(stated - wanted))
    return float((gap / np.maximum(wanted, wanted.mean(axis=1, keepdims=True)).clip(1e-12)).max())


def later_residual(solution: Solution, shortfall: DataFrame) -> float:
    """Largest gap between what a customer lost, made up and lost for good, against its plan.

    What is lost for good is part of each week's loss, and is what the value counts. What is made up
    may also be what a solved past left behind.
    """
    network = solution.realised.network
    customers = network.customers
    value = np.array([[c.value_added_usd_per_unit] for c in customers])
    named = ("planned", "lost", "lost_for_good", "made_up", "lost_value_usd")
    planned, lost, for_good, made_up, money = (
        shortfall[name].to_numpy().reshape(len(customers), -1) for name in named
    )
    outside = np.maximum(np.maximum(for_good - lost, -for_good).max(axis=1), 0.0)
    scale = np.array([c.plan_per_week for c in customers])
    owed = still_behind(network, solution.history, [], 0, solution.realised.past) * scale
    later = (lost - for_good - made_up).sum(axis=1)
    later = np.maximum(np.maximum(later, -later - owed), 0.0)
    priced = np.abs(money / value - for_good).max(axis=1)
    gap = np.maximum(np.maximum(outside, later), priced)
    found: float = float((gap / np.maximum(planned.sum(axis=1), 1e-12)).max())
    return found


def capacity_residual(production: DataFrame, ends: Weeks) -> float:
    """Largest run over capacity in a period, relative to the capacity or one tonne."""
    run = by_period(production["tonnes"].to_numpy(), ends)
    capacity = by_period(production["capacity_tonnes"].to_numpy(), ends)
    return float(((run - capacity) / np.maximum(capacity, 1.0)).max())


def licence_residual(solution: Solution, series: Series, ends: Weeks) -> float:
    """Largest shipment over the licences left and valid, relative to all that were granted.

    Weeks without a control are free; a licence that is not used lapses with its validity.
    """
    network, weeks = solution.realised.network, solution.realised.weeks
    queue = solution.realised.licences
    opening = np.zeros(len(network.categories))
    for user, left in zip(network.end_users, solution.realised.opening_licences, strict=True):
        opening[user.category] += left
    shipped = np.vstack([_shipped(network, series, k) for k in network.categories])
    return _over(queue["granted"], queue["valid"], opening, shipped, weeks, ends)


def user_residual(solution: Solution, licences: DataFrame, ends: Weeks) -> float:
    """Largest use of licences over those that name the end user, or any, are left and valid."""
    case, weeks = solution.realised, solution.realised.weeks
    queue = case.licences
    granted, valid, opening = (
        licences_under(case.network, amounts, solution.allocation)
        for amounts in (
            by_end_user(case.network, queue["granted"], queue["transferable"], queue["named"]),
            by_end_user(case.network, queue["valid"], queue["transferable"], queue["named"]),
            np.array(case.opening_licences),
        )
    )
    order = sorted(set(licences["week"]))
    start = case.start
    used = np.zeros((len(case.network.end_users), weeks))
    at = {}
    for i, user in enumerate(case.network.end_users):
        k = case.network.categories[user.category]
        at[k.control, k.exporter, k.destination, k.end_use, user.name] = i
    when = {week: (date.fromisoformat(week) - start).days // 7 for week in order}
    keys = ("control", "exporter", "destination", "end_use", "end_user")
    rows = zip(*(licences[c].astype(str) for c in keys), strict=True)
    for key, week, tonnes in zip(rows, licences["week"], licences["used_t"], strict=True):
        used[at[key], when[week]] = tonnes
    return _over(granted, valid, opening, used, weeks, ends)


def _over(
    granted: Array, valid: Array, opening: Array, used: Array, weeks: int, ends: Weeks
) -> float:
    """Largest use over what is granted, left and valid, relative to all that was granted."""
    most = valid[:, :weeks][:, ends]
    fresh = by_period(np.ascontiguousarray(granted[:, :weeks]).ravel(), ends)
    gone = by_period(np.ascontiguousarray(used).ravel(), ends)
    worst = 0.0
    for i, left in enumerate(opening.astype(float)):
        total = max(float(fresh[i][np.isfinite(fresh[i])].sum()), 1.0)
        for period, amount in enumerate(fresh[i]):
            left += float(amount - gone[i, period])
            worst = max(worst, -left / total)
            left = max(min(left, float(most[i, period])), 0.0)
    return worst


def frontier_residual(solution: Solution, tables: Mapping[str, DataFrame]) -> float:
    """Largest output that stocks say must have stood still and was made all the same.

    In t of need, relative to all that is needed or one tonne. Over the committed weeks of each
    window: what firms lose net of what is made up is at least the rise of the loss frontier.
    """
    case, network = solution.realised, solution.realised.network
    if solution.allocation != CONTRACTS or solution.foresight == "perfect":
        return 0.0
    plan = [[c.plan_per_week] for c in network.customers]
    shape = (len(network.customers), case.weeks)
    table = tables["shortfall"]
    net = (table["lost"] - table["made_up"]).to_numpy().reshape(shape) / plan
    share = table["planned"].to_numpy().reshape(shape) / plan
    held = tables["stocks"]["tonnes"].to_numpy().reshape(-1, case.weeks)[len(network.places) :]
    rate = slopes(layer_shares(network))
    width = firm_layers(network, case.inputs.cover_mean)
    worst = 0.0
    for begin, end in pairwise([*solution.decisions, case.weeks]):
        for i in sorted(network.licensed_covers):
            cover = network.covers[i]
            who = cover.customer
            scale = np.minimum.accumulate(share[who, begin:end])
            layer = width[i][None, :] * scale[:, None]
            before = held[i, begin - 1] if begin else case.opening_cover[i]
            gone = used_up(layer, held[i, begin:end]) @ rate
            start = used_up(layer[:1], np.array([before])) @ rate
            need = cover.need_t_per_week
            gap = gone - start[0] - need * np.cumsum(net[who, begin:end])
            worst = max(worst, float(gap.max()) / max(need * case.weeks, 1.0))
    return worst


def used_residual(solution: Solution, series: Series, licences: DataFrame) -> float:
    """Largest gap between what a class used by its table and what left under it while in force."""
    network, weeks = solution.realised.network, solution.realised.weeks
    bound = np.isfinite(solution.realised.licences["granted"][:, :weeks])
    used = licences.groupby(["control", "exporter", "destination", "end_use"])["used_t"].sum()
    worst = 0.0
    for i, k in enumerate(network.categories):
        shipped = float(_shipped(network, series, k)[bound[i]].sum())
        stated = float(used.get((k.control, k.exporter, k.destination, k.end_use), 0.0))
        worst = max(worst, abs(stated - shipped) / max(shipped, 1.0))
    return worst


def _shipped(network: Network, series: Series, licence: LicenceCategory) -> Array:
    """[week] t that left under a class."""
    shipped = np.zeros(series.weeks)
    for a in licence.arcs:
        arc = network.arcs[a]
        shipped = shipped + series.flows[arc.material, arc.origin, arc.destination, ""]
    for d in licence.deliveries:
        shipped = shipped + series.delivered(network, network.deliveries[d])
    return shipped


def element_residuals(solution: Solution, series: Series, pipeline: Pipeline) -> dict[str, float]:
    """Per element: mined and held at the start against used, held at the end and lost on the way.

    Relative to what was mined and held at the start.
    """
    network = solution.realised.network
    weeks = solution.realised.weeks
    came, went = (Tally(network, dict.fromkeys(network.elements, 0.0)) for _ in range(2))
    for i, (_, material) in enumerate(network.places):
        came.add(material, solution.realised.opening_stock[i] + pipeline.place[i].sum())
        went.add(material, solution.history.stock[i, -1])
    for i, cover in enumerate(network.covers):
        came.add(cover.material, solution.realised.opening_cover[i] + pipeline.cover[i].sum())
        went.add(cover.material, solution.history.cover[i, -1])
    for (_, material), tonnes in _used(network, series).items():
        went.add(material, tonnes.sum())
    for (_, material), tonnes in series.other_uses.items():
        went.add(material, tonnes.sum())
    _book_lines(network, series, came, went)
    _book_under_way(network, series, weeks, went)
    _uncount_late_arrivals(network, pipeline, weeks, went)
    gap = {e: abs(came.tonnes[e] - went.tonnes[e]) for e in network.elements}
    return {e: gap[e] / came.tonnes[e] for e in network.elements if came.tonnes[e] > 0.0}


@dataclass(frozen=True)
class Tally:
    """Tonnes of each element on one side of the balance of the horizon."""

    network: Network
    tonnes: dict[str, float]

    def add(self, material: str, tonnes: float) -> None:
        """Count what a material holds."""
        for element, share in self.network.materials[material].content.items():
            self.tonnes[element] += share * float(tonnes)


def _book_lines(network: Network, series: Series, came: Tally, went: Tally) -> None:
    """What lines mine comes, what a process takes in and does not make is lost."""
    for line in network.lines:
        run = float(series.runs[(line.name,)].sum())
        for material, amount in line.needs:
            went.add(material, amount * run)
        for material, amount in line.makes:
            if line.needs:
                went.add(material, -amount * run)
            else:
                came.add(material, amount * run)


def _book_under_way(network: Network, series: Series, weeks: int, went: Tally) -> None:
    """Goods that departed or began within the horizon and are not there at its end."""
    moving = [
        (a.material, a.transit_weeks, series.flows[a.material, a.origin, a.destination, ""])
        for a in network.arcs
    ] + [(d.material, d.transit_weeks, series.delivered(network, d)) for d in network.deliveries]
    for material, transit, tonnes in moving:
        went.add(material, tonnes[max(weeks - transit, 0) :].sum())
    for line in network.lines:
        late = series.runs[(line.name,)][max(weeks - line.lead_weeks, 0) :].sum()
        for material, amount in line.makes:
            went.add(material, amount * late)


def _uncount_late_arrivals(network: Network, pipeline: Pipeline, weeks: int, went: Tally) -> None:
    """Opening pipeline that lands after the horizon is still under way at its end."""
    for i, (_, material) in enumerate(network.places):
        went.add(material, pipeline.place[i, weeks:].sum())
    for i, cover in enumerate(network.covers):
        went.add(cover.material, pipeline.cover[i, weeks:].sum())


def cost_residual(solution: Solution) -> float:
    """Largest relative gap between a window's objective and the sum of its named costs."""
    gaps = [
        abs(a.objective - sum(a.costs.values())) / max(abs(a.objective), 1.0)
        for a in solution.windows
    ]
    return max(gaps, default=0.0)
