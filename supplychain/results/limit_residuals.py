"""Every limit on what moves and is made, as it came true, held against the result tables.

Planners may have believed otherwise when they decided: what became history keeps to the world.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from supplychain.network.entities import AIR, Delivery, Network
from supplychain.solve.solution import Solution

Array = NDArray[np.float64]
Weeks = NDArray[np.int64]


class Series:
    """The tables as weekly arrays by key, zero where a table has no row."""

    def __init__(self, tables: Mapping[str, DataFrame], weeks: int) -> None:
        """Index `flows`, `stocks`, `production` and `output` by their keys."""
        order = sorted(set(tables["stocks"]["week"]))
        self.position = {week: i for i, week in enumerate(order)}
        self.weeks = weeks
        trade = ["material", "origin", "destination", "customer"]
        self.flows = self._read(tables["flows"], trade, "tonnes")
        self.by_air = self._read(tables["air_flows"], trade, "tonnes")
        self.stocks = self._read(tables["stocks"], ["region", "material", "customer"], "tonnes")
        self.runs = self._read(tables["production"], ["line"], "tonnes")
        self.other_uses = self._read(tables["other_uses"], ["region", "material"], "tonnes")
        self.output = self._read(tables["output"], ["customer", "recipe"], "produced")

    def delivered(self, network: Network, delivery: Delivery) -> Array:
        """[week] t that left for a customer by the delivery's own mode."""
        customer = network.customers[delivery.customer]
        key = (delivery.material, delivery.origin, customer.region, customer.name)
        flown = self.by_air[key]
        return flown if delivery.mode == AIR else self.flows[key] - flown

    def _read(self, table: DataFrame, keys: list[str], amount: str) -> dict[tuple[str, ...], Array]:
        found: dict[tuple[str, ...], Array] = defaultdict(lambda: np.zeros(self.weeks))
        for key, part in table.groupby(keys):
            at = [self.position[w] for w in part["week"]]
            series = np.zeros(self.weeks)
            series[at] = part[amount].to_numpy()
            found[tuple(str(k) for k in key)] = series
        return found


def by_period(weekly: Array, ends: Weeks) -> Array:
    """[object, period] sums of weeks, or of a column that holds every object's weeks in turn."""
    starts = np.concatenate([[0], ends[:-1] + 1])
    rows = np.ascontiguousarray(weekly).reshape(-1, int(ends[-1]) + 1)
    summed: Array = np.add.reduceat(rows, starts, axis=1)
    return summed


def limit_residuals(
    solution: Solution, series: Series, shortfall: DataFrame, ends: Weeks
) -> dict[str, float]:
    """Largest amount over its limit in a period, by what is limited.

    Tonnes and weeks of the customer's usual plan, relative to the limit or one of them.
    """
    network, inputs = solution.realised.network, solution.realised.inputs
    weeks = slice(0, solution.realised.weeks)
    feed = np.zeros((len(network.arcs), series.weeks))
    for i, a in enumerate(network.arcs):
        if a.feeds:
            feed[i] = series.flows[a.material, a.origin, a.destination, ""]
    delivered = np.array([series.delivered(network, d) for d in network.deliveries])
    delivered = delivered.reshape(len(network.deliveries), series.weeks)
    carried = feed.copy()
    np.add.at(carried, [d.arc for d in network.deliveries], delivered)
    usual = np.array([[c.plan_per_week] for c in network.customers])
    plan = inputs.plan[:, weeks] / usual
    overtime = np.array([[c.overtime_share * (c.make_up_weeks > 0)] for c in network.customers])
    owner = [r.customer for r in network.recipes]
    made = np.array(
        [series.output[network.customers[r.customer].name, r.name] for r in network.recipes]
    )
    recipes = inputs.recipe_limit[:, weeks] * ((1.0 + overtime) * plan)[owner]
    made_up = shortfall["made_up"].to_numpy().reshape(usual.shape[0], -1)
    return {
        "feeds": _over(feed, inputs.feed_limit[:, weeks], ends),
        "deliveries": _over(delivered, inputs.delivery_limit[:, weeks], ends),
        "arcs": _over(carried, inputs.arc_limit[:, weeks], ends),
        "recipes": _over(made / usual[owner], recipes, ends),
        "overtime": _over(made_up / usual, overtime * plan, ends),
    }


def _over(amounts: Array, limits: Array, ends: Weeks) -> float:
    """Largest excess in a period, relative to the limit or to one of its unit."""
    limits = np.where(np.isfinite(limits), limits, np.finfo(np.float64).max / limits.shape[1])
    used, most = by_period(amounts, ends), by_period(limits, ends)
    return float(((used - most) / np.maximum(most, 1.0)).max(initial=0.0))
