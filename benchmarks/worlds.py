"""Worlds for the benchmark: more customers, and many scenarios with one past."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from supplychain.case.case import Case
from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.network.entities import Network


def with_customers(network: Network, times: int) -> Network:
    """Split every customer into equal parts with their own stocks, recipes and deliveries."""
    n = network
    count = len(n.customers)
    customers = [
        replace(c, name=f"{c.name}-{k}", plan_per_week=c.plan_per_week / times)
        for k in range(times)
        for c in n.customers
    ]
    recipes = [replace(r, customer=r.customer + k * count) for k in range(times) for r in n.recipes]
    covers = [
        replace(c, customer=c.customer + k * count, need_t_per_week=c.need_t_per_week / times)
        for k in range(times)
        for c in n.covers
    ]
    deliveries = [
        replace(
            d,
            customer=d.customer + k * count,
            cover=d.cover + k * len(n.covers),
            usual_t_per_week=d.usual_t_per_week / times,
            trade_t_per_week=d.trade_t_per_week / times,
        )
        for k in range(times)
        for d in n.deliveries
    ]
    categories = [
        replace(
            x,
            deliveries=tuple(d + k * len(n.deliveries) for k in range(times) for d in x.deliveries),
        )
        for x in n.categories
    ]
    return replace(
        n,
        customers=tuple(customers),
        recipes=tuple(recipes),
        covers=tuple(covers),
        deliveries=tuple(deliveries),
        categories=tuple(categories),
    )


class Varied:
    """A case in which authorities grant another share from the week of an announcement on."""

    def __init__(self, case: Case, share: float, from_week: int) -> None:
        """Wrap a case; everything else is its own."""
        self._case, self._share, self._from = case, share, from_week

    def __getattr__(self, name: str) -> Any:
        """Whatever is not varied."""
        return getattr(self._case, name)

    def believed(self, week: int) -> WeeklyInputs:
        """What planners believe, with fewer or more licences once they know."""
        numbers = self._case.believed(week)
        if week < self._from:
            return numbers
        granted = numbers.granted.copy()
        granted[:, self._from :] *= self._share
        bound = np.isfinite(granted)
        valid = np.where(bound, np.maximum(numbers.valid, granted), numbers.valid)
        return replace(numbers, granted=granted, valid=valid)
