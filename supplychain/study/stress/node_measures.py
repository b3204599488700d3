"""What of a solved world the stress test keeps, as arrays by customer, stock and week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from supplychain.results.firm_tables import weeks_behind
from supplychain.solve.allocation import CONTRACTS
from supplychain.solve.solution import Solution

Array = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]

EMPTY_WEEKS = 1e-3
"""Less than so many weeks of need on a shelf is none: what the solver's tolerance leaves."""


def measures_of(solution: Solution, frames: Mapping[str, DataFrame]) -> Arrays:
    """What is kept of a world.

    Args:
        solution: the solved world.
        frames: its result tables.

    Returns:
        planned, lost: [customer, week] units; value: [customer] USD lost for good;
        planned_value: [customer] USD planned; needed, held: [cover, week] and [cover] weeks of
        need, as `weeks_needed` and on the shelf at the start; pivots: of all windows.
    """
    network, weeks = solution.realised.network, solution.realised.weeks
    shape = len(network.customers), weeks
    short = frames["shortfall"]
    planned, lost, usd = (
        short[name].to_numpy(dtype=np.float64).reshape(shape)
        for name in ("planned", "lost", "lost_value_usd")
    )
    worth = np.array([c.value_added_usd_per_unit for c in network.customers])
    return {
        "planned": planned,
        "lost": lost,
        "value": usd.sum(axis=1),
        "planned_value": planned.sum(axis=1) * worth,
        "needed": weeks_needed(solution),
        "held": weeks_held(solution),
        "pivots": np.array(sum(window.iterations for window in solution.windows)),
    }


def weeks_needed(solution: Solution) -> Array:
    """[cover, week] weeks of need on the shelf at the start that would have carried to the week.

    Where firms differ, it is how far supply has fallen behind (`results.firm_tables`), on top of
    what was held over the mean of their stocks. Where they are alike, what was drawn from the
    shelf, and what was lost by those whose shelf was emptied.
    """
    network, mean = solution.realised.network, solution.realised.inputs.cover_mean
    spread = np.array([network.customers[c.customer].cover_spread for c in network.covers])
    differ = (mean > 0.0) & (spread > 0.0) & (solution.allocation == CONTRACTS)
    behind = weeks_behind(solution)
    above = np.maximum(weeks_held(solution) - mean, 0.0)[:, None]
    fallen = np.where(behind > 0.0, above + behind, 0.0)
    told = np.where(differ[:, None], fallen, drawn_and_lost(solution))
    found: Array = np.maximum.accumulate(np.maximum(told, 0.0), axis=1)
    return found


def drawn_and_lost(solution: Solution) -> Array:
    """[cover, week] weeks drawn from a shelf since the start, and of plan lost, net of made up.

    By how much arrivals have fallen behind a full plan. Where the shelf is never empty the loss is
    due to something else, and what was drawn is all.

    On a chain without inflow: stock over use until it is used up, then one more week each week.
    """
    network = solution.realised.network
    owner = [c.customer for c in network.covers]
    need = _need(solution)
    left = np.divide(solution.history.cover, need, out=np.zeros_like(need), where=need > 0.0)
    held = weeks_held(solution)[:, None]
    missing = (solution.history.lost.sum(axis=1) - solution.history.made_up)[owner]
    plan = _plan_share(solution)[owner]
    share = np.divide(missing, plan, out=np.zeros_like(plan), where=plan > 0.0)
    emptied = left.min(axis=1, keepdims=True) <= EMPTY_WEEKS
    short = np.where(emptied, np.cumsum(share, axis=1), 0.0)
    found: Array = np.where(need > 0.0, held - left + short, 0.0)
    return found


def weeks_held(solution: Solution) -> Array:
    """[cover] weeks of need on the shelf at the start."""
    need = _need(solution)[:, 0]
    held: Array = np.divide(
        solution.realised.opening_cover, need, out=np.zeros_like(need), where=need > 0.0
    )
    return held


def _need(solution: Solution) -> Array:
    """[cover, week] t of need in a week, at that week's plan."""
    network = solution.realised.network
    usual = np.array([c.need_t_per_week for c in network.covers], dtype=np.float64)
    found: Array = usual[:, None] * _plan_share(solution)[[c.customer for c in network.covers]]
    return found


def _plan_share(solution: Solution) -> Array:
    """[customer, week] plan against the usual plan of the base year."""
    network, weeks = solution.realised.network, solution.realised.weeks
    usual = np.array([c.plan_per_week for c in network.customers])[:, None]
    found: Array = solution.realised.inputs.plan[:, :weeks] / usual
    return found
