"""What happens to single firms: how many stand still, what stock carries one through.

The firms of a customer differ in their stock of a material (`case.stock_distribution`). How far
supply has fallen behind follows from what is left on the shelf; it is worked out here, from the
history, and not in the programme.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from supplychain.case.stock_distribution import behind_of, layers, share_out
from supplychain.model.window import layer_shares
from supplychain.network.entities import Network
from supplychain.solve.allocation import CONTRACTS
from supplychain.solve.solution import Solution

Array = NDArray[np.float64]

MARKS = {
    "thinnest_first_week": "thinnest_firms",
    "quarter_first_week": 0.25,
    "half_first_week": 0.5,
}
"""Columns of `firms` that date a standstill, and whose: a share of output, or the assumption."""


def firm_tables(solution: Solution) -> dict[str, DataFrame]:
    """The tables `firms`, `cover_needed` and `recipes_used` of a solved case."""
    behind = weeks_behind(solution)
    return {
        "firms": firms(solution, behind),
        "cover_needed": cover_needed(solution, behind),
        "recipes_used": recipes_used(solution),
    }


def weeks_behind(solution: Solution) -> Array:
    """[cover, week] weeks of need that supply has fallen behind: D.

    Where firms are alike it is what they took off the shelf, and what they did not make while it
    was empty: so much stock would have carried them through. Elsewhere supply cannot fall behind
    by more than the weeks that have gone by, nor in a week by more than that week. Below the
    lowest layer, where nearly all firms are out of stock, what is left no longer tells how far:
    those bounds do.
    """
    network, weeks = solution.realised.network, solution.realised.weeks
    mean = _mean_stock(solution)
    held = solution.history.cover
    spread = _spread(network)[:, None] * np.ones((1, weeks))
    left = np.divide(held, mean, out=np.ones_like(held), where=mean > 0.0)
    weeks_held = _mean_weeks(solution)[:, None]
    past = solution.realised.past
    gone_by = np.arange(1.0, weeks + 1.0) + (past.weeks if past else 0)
    found = behind_of(left, spread) * weeks_held
    lowest = layers(_spread(network), layer_shares(network))[:, -2:-1]
    told: Array = np.where(left < lowest, np.minimum(found, gone_by), found)
    for week in range(1, weeks):
        most = np.where(left[:, week] < lowest[:, 0], told[:, week - 1] + 1.0, np.inf)
        told[:, week] = np.minimum(told[:, week], most)
    alike = _spread(network) == 0.0
    told[alike] = _used_and_missed(solution, left, weeks_held)[alike]
    return told


EMPTY = 1e-3
"""A shelf with less than this share of its usual stock is empty."""


def _used_and_missed(solution: Solution, left: Array, weeks_held: Array) -> Array:
    """[cover, week] weeks of need taken off the shelf, and not made since while it was empty."""
    history = solution.history
    plan = _plan(solution)
    net = history.lost.sum(axis=1) - history.made_up
    missed = np.divide(net, plan, out=np.zeros_like(net), where=plan > 0.0)
    owner = [c.customer for c in solution.realised.network.covers]
    while_empty = np.cumsum(np.where(left < EMPTY, missed[owner], 0.0), axis=1)
    used = np.maximum(1.0 - left, 0.0) * weeks_held
    found: Array = used + np.maximum(while_empty, 0.0)
    return found


def short_of_stock(solution: Solution, behind: Array) -> Array:
    """[customer, week] share of output whose firms have used up their stock of some material.

    They make what arrives: at the rate of need all of the plan, in a squeeze less, or nothing.
    """
    network = solution.realised.network
    mean = _mean_weeks(solution)
    share = np.zeros((len(network.customers), behind.shape[1]))
    spread = _spread(network)
    for i, cover in enumerate(network.covers):
        if mean[i] > 0.0 and spread[i] > 0.0:
            out = share_out(behind[i] / mean[i], np.array(spread[i]))
            share[cover.customer] = np.maximum(share[cover.customer], out)
    return share


def firms(solution: Solution, behind: Array) -> DataFrame:
    """Share of output whose firms are out of stock, and that stands still, week by week.

    One row a customer and week in which some are out. The first weeks are of the whole horizon,
    blank if never: in which the thinnest firms (`thinnest_firms` of output), a quarter, and half of
    output are out of stock.
    """
    network = solution.realised.network
    share = short_of_stock(solution, behind)
    missing = _missing(solution)
    when = mondays(solution)
    rows = []
    for i, c in enumerate(network.customers):
        firsts = {}
        for name, mark in MARKS.items():
            least = network.assumptions[mark] if isinstance(mark, str) else mark
            over = np.flatnonzero(share[i] >= least)
            firsts[name] = when[int(over[0])] if len(over) else ""
        rows += [
            {
                "scenario": solution.realised.scenario.name,
                "sector": c.sector,
                "segment": c.segment,
                "region": c.region,
                "week": when[week],
                "share_short": float(share[i, week]),
                "share_standing": float(missing[i, week]),
                **firsts,
            }
            for week in np.flatnonzero(share[i] > LEAST_SHARE)
        ]
    columns = ["scenario", "sector", "segment", "region", "week", "share_short", "share_standing"]
    columns += MARKS
    return DataFrame(rows, columns=columns)


def _mean_weeks(solution: Solution) -> Array:
    """[cover] weeks around which firms' stocks are spread; 0 where a rule lets them be pooled."""
    mean = solution.realised.inputs.cover_mean
    return mean if solution.allocation == CONTRACTS else np.zeros_like(mean)


def _plan(solution: Solution) -> Array:
    """[customer, week] weeks of the usual plan that were planned."""
    history = solution.history
    made = np.zeros_like(history.made_up)
    for i, r in enumerate(solution.realised.network.recipes):
        made[r.customer] += history.output[i]
    plan: Array = made + history.lost.sum(axis=1) - history.made_up
    return plan


def _missing(solution: Solution) -> Array:
    """[customer, week] share of the week's plan that is not made."""
    net = solution.history.lost.sum(axis=1) - solution.history.made_up
    plan = _plan(solution)
    share: Array = np.divide(np.maximum(net, 0.0), plan, out=np.zeros_like(net), where=plan > 0.0)
    return share


LEAST_SHARE = 1e-4
"""Shares below this are left out of `firms`: a distribution's tail, no firm."""


def cover_needed(solution: Solution, behind: Array) -> DataFrame:
    """Weeks of stock on the shelf with which a firm gets through to a week; a row where it is some.

    `share_of_firms_through` is the share of the customer's output whose firms held that much.
    """
    network = solution.realised.network
    mean = _mean_weeks(solution)
    spread = _spread(network)
    when = mondays(solution)
    parts = []
    worst = np.maximum.accumulate(behind, axis=1)
    for i, cover in enumerate(network.covers):
        c = network.customers[cover.customer]
        if worst[i, -1] <= 1e-6 or mean[i] <= 0.0:
            continue
        out = share_out(worst[i] / mean[i], np.array(spread[i]))
        parts.append(
            DataFrame(
                {
                    "scenario": solution.realised.scenario.name,
                    "segment": c.segment,
                    "region": c.region,
                    "material": cover.material,
                    "week": when,
                    "weeks_needed": worst[i],
                    "share_of_firms_through": 1.0 - out,
                }
            )
        )
    columns = ["scenario", "segment", "region", "material", "week", "weeks_needed"]
    columns.append("share_of_firms_through")
    return pd.concat(parts, ignore_index=True) if parts else DataFrame(columns=columns)


def recipes_used(solution: Solution) -> DataFrame:
    """How output was made where not by the normal recipe: share of the plan, and its extra cost."""
    network, history = solution.realised.network, solution.history
    when = mondays(solution)
    rows = []
    plan = _plan(solution)
    for i, r in enumerate(network.recipes):
        if r.name == "normal":
            continue
        c = network.customers[r.customer]
        for week in np.flatnonzero(history.output[i] > 1e-6):
            made_so = float(history.output[i, week])
            rows.append(
                {
                    "scenario": solution.realised.scenario.name,
                    "segment": c.segment,
                    "region": c.region,
                    "week": when[week],
                    "recipe": r.name,
                    "share": made_so / max(float(plan[r.customer, week]), 1e-12),
                    "extra_cost_usd": made_so * c.plan_per_week * r.extra_cost_usd_per_unit,
                }
            )
    columns = ["scenario", "segment", "region", "week", "recipe", "share", "extra_cost_usd"]
    return DataFrame(rows, columns=columns)


def mondays(solution: Solution) -> list[str]:
    """ISO dates of the horizon's Mondays."""
    start = solution.realised.start
    return [(start + timedelta(weeks=w)).isoformat() for w in range(solution.realised.weeks)]


def _spread(network: Network) -> Array:
    return np.array([network.customers[c.customer].cover_spread for c in network.covers])


def _mean_stock(solution: Solution) -> Array:
    """[cover, week] t around which the firms' stocks are spread, at that week's plan."""
    network = solution.realised.network
    plan = _plan(solution)
    need = np.array([c.need_t_per_week for c in network.covers])
    owner = [c.customer for c in network.covers]
    found: Array = (_mean_weeks(solution) * need)[:, None] * plan[owner]
    return found
