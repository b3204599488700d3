"""Stand-ins for `case.case.Case`: the numbers of a world without any scenario file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np

from supplychain.case.case import by_end_user
from supplychain.case.opening_inventory import opening_pipeline
from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.case.weekly_limits import contracted_run
from supplychain.network.entities import Network

START = date(2026, 9, 28)


def column(values: Sequence[float], span: int) -> Any:
    return np.array(values, dtype=float)[:, None] * np.ones((1, span))


def usual_numbers(network: Network, span: int, recipes: float = 0.0) -> WeeklyInputs:
    """No licences, everything at its base-year size; other recipes up to a share of their limit.

    Firms' stocks are spread around the target where a customer's firms differ at all.
    """
    n = network
    capacity = column([x.capacity_t_per_week for x in n.lines], span)
    return WeeklyInputs(
        line_capacity=capacity,
        plan=column([c.plan_per_week for c in n.customers], span),
        plan_growth=np.ones((len(n.customers), span)),
        recipe_limit=column(
            [1.0 if r.name == "normal" else recipes * r.max_share for r in n.recipes], span
        ),
        feed_limit=column([1.3 * a.usual_t_per_week for a in n.arcs], span),
        delivery_limit=column(
            [d.trade_t_per_week * n.customers[d.customer].surge for d in n.deliveries], span
        ),
        arc_limit=np.full((len(n.arcs), span), np.inf),
        usual_feed=column([a.usual_feed_t_per_week for a in n.arcs], span),
        usual_delivery=column([d.usual_t_per_week for d in n.deliveries], span),
        contracted_run=contracted_run(n, capacity, np.ones_like(capacity)) if n.lines else capacity,
        granted=np.full((len(n.end_users), span), np.inf),
        valid=np.zeros((len(n.end_users), span)),
        cover_target=np.array([c.target_weeks for c in n.covers]),
        cover_mean=spread_around(n),
    )


def spread_around(network: Network) -> Any:
    """[cover] weeks around which firms' stocks are spread: the target, under a control."""
    reached = network.licensed_covers
    return np.array([c.target_weeks * (i in reached) for i, c in enumerate(network.covers)])


def per_user(network: Network, by_class: Any, transferable: float = 0.0) -> Any:
    """[end user, ...] of [class, ...]: what classes have, split by usual trade."""
    amounts = np.array(by_class, dtype=float)
    return by_end_user(network, amounts, np.full(amounts.shape, transferable))


def of_class(network: Network, by_user: Any) -> Any:
    """[class, week] sums over the end users of a class."""
    found = np.zeros((len(network.categories), by_user.shape[1]))
    np.add.at(found, [u.category for u in network.end_users], by_user)
    return found


def blocked(numbers: WeeklyInputs, weeks: tuple[int, int], share: float = 0.0) -> WeeklyInputs:
    """From the first week to the last so many tonnes a week are granted to each end user."""
    granted = numbers.granted.copy()
    granted[:, slice(*weeks)] = share
    return replace(numbers, granted=granted)


def make_case(
    network: Network,
    known: WeeklyInputs,
    weeks: int = 26,
    window: int = 20,
    step: int = 4,
    *,
    surprise: WeeklyInputs | None = None,
    from_week: int = 0,
    opening: float = 1.0,
    transferable: float = 0.0,
) -> Any:
    """A case that starts from usual trade.

    `surprise` is what planners believe before `from_week`, when they learn of `known`. `opening`
    scales the stocks that regions and customers hold at the start. `transferable` is the share of
    a class's licences that names no end user: `known` should be split by it (`per_user`).
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
    none = np.zeros((len(n.categories), span))
    queue = {
        "applied": none,
        "granted": of_class(n, known.granted),
        "pending": none,
        "valid": of_class(n, known.valid),
        "transferable": none + transferable,
        "named": np.array([[u.share] for u in n.end_users]).reshape(-1, 1) * np.ones((1, span)),
    }

    def believed(week: int) -> WeeklyInputs:
        return surprise if surprise is not None and week < from_week else known

    past_arcs = column([a.usual_feed_t_per_week for a in n.arcs], 26)
    past_deliveries = column([d.usual_t_per_week for d in n.deliveries], 26)
    past_runs = np.array([x.usual_t_per_week for x in n.lines])
    return SimpleNamespace(
        network=n,
        scenario=SimpleNamespace(name="made-up"),
        start=START,
        weeks=weeks,
        window_weeks=window,
        decisions=tuple(range(0, weeks, step)),
        opening_cover=[opening * x for x in shelf],
        opening_stock=[opening * x for x in n.opening_stock],
        opening_licences=[0.0] * len(n.end_users),
        past=None,
        past_arcs=past_arcs,
        past_deliveries=past_deliveries,
        past_runs=past_runs,
        pipeline=lambda: opening_pipeline(n, weeks, past_arcs, past_deliveries, past_runs),
        believed=believed,
        known=lambda: known,
        licence_series=lambda: queue,
        licence_binding=dict,
        input_changes=list,
        first_effective=START,
        step_weeks=step,
        idle_entries=list,
    )
