"""Stand-ins for `regime.case.Case`: the numbers of a world without any scenario file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np

from supplychain.case.weekly_inputs import Numbers
from supplychain.network.entities import Network

START = date(2026, 9, 28)


def column(values: Sequence[float], span: int) -> Any:
    return np.array(values, dtype=float)[:, None] * np.ones((1, span))


def usual_numbers(network: Network, span: int, recipes: float = 0.0) -> Numbers:
    """No licences, everything at its base-year size; other recipes up to a share of their limit."""
    n = network
    return Numbers(
        line_capacity=column([x.capacity_t_per_week for x in n.lines], span),
        plan=column([c.plan_per_week for c in n.customers], span),
        recipe_limit=column(
            [1.0 if r.name == "normal" else recipes * r.max_share for r in n.recipes], span
        ),
        arc_limit=column([1.3 * a.usual_t_per_week for a in n.arcs], span),
        delivery_limit=column(
            [d.trade_t_per_week * n.customers[d.customer].surge for d in n.deliveries], span
        ),
        granted=np.full((len(n.classes), span), np.inf),
        valid=np.zeros((len(n.classes), span)),
    )


def blocked(numbers: Numbers, weeks: tuple[int, int], share: float = 0.0) -> Numbers:
    """From the first week to the last no licence, or a share of what was usual is granted."""
    granted = numbers.granted.copy()
    granted[:, slice(*weeks)] = share
    return replace(numbers, granted=granted)


def make_case(
    network: Network,
    known: Numbers,
    weeks: int = 26,
    window: int = 20,
    step: int = 4,
    *,
    surprise: Numbers | None = None,
    from_week: int = 0,
    opening: float = 1.0,
) -> Any:
    """A case that starts from usual trade.

    `surprise` is what planners believe before `from_week`, when they learn of `known`. `opening`
    scales the stocks that regions and customers hold at the start.
    """
    n = network
    pipeline = [
        sum(d.usual_t_per_week * d.transit_weeks for d in n.deliveries if d.cover == i)
        for i in range(len(n.covers))
    ]
    weeks_held = [max(c.target_weeks, c.opening_weeks) * c.need_t_per_week for c in n.covers]
    shelf = [
        max(w - (p if c.opening_weeks else 0.0), 0.0)
        for w, p, c in zip(weeks_held, pipeline, n.covers, strict=True)
    ]
    span = known.plan.shape[1]
    none = np.zeros((len(n.classes), span))
    queue = {"applied": none, "granted": known.granted, "pending": none, "valid": known.valid}

    def believed(week: int) -> Numbers:
        return surprise if surprise is not None and week < from_week else known

    return SimpleNamespace(
        network=n,
        scenario=SimpleNamespace(name="made-up"),
        start=START,
        weeks=weeks,
        window_weeks=window,
        decisions=tuple(range(0, weeks, step)),
        opening_cover=[opening * x for x in shelf],
        opening_stock=[opening * x for x in n.opening_stock],
        opening_licences=[0.0] * len(n.classes),
        past_arcs=column([a.usual_feed_t_per_week for a in n.arcs], 26),
        past_deliveries=column([d.usual_t_per_week for d in n.deliveries], 26),
        believed=believed,
        known=lambda: known,
        licence_series=lambda: queue,
        first_effective=START,
    )
