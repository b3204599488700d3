"""Every table of a run, from the history of its solution.

Weeks are the ISO dates of their Mondays. Rows that are exactly zero in every amount are left out of
`flows`, `marginal_values` and `licences`; a missing row there means nothing happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from supplychain.case.case import by_end_user
from supplychain.network.entities import AIR, USUAL, Arc, Delivery
from supplychain.results.firm_tables import firm_tables, mondays
from supplychain.solve.allocation import licences_under
from supplychain.solve.make_up import made_up_of, with_past
from supplychain.solve.solution import Solution, dispatches

Array = NDArray[np.float64]
TINY = 1e-9
"""Tonnes below this are the solver's noise: the feasibility tolerance."""


def build_tables(solution: Solution) -> dict[str, DataFrame]:
    """Every table of a run, by name (columns as docs/interface.md lists them)."""
    return {
        "shortfall": shortfall(solution),
        "flows": flows(solution),
        "air_flows": air_flows(solution),
        "stocks": stocks(solution),
        "licences": licences(solution),
        "marginal_values": marginal_values(solution),
        "production": production(solution),
        "output": output(solution),
        "usual_flows": usual_flows(solution),
        "targets": targets(solution),
        "other_uses": other_uses(solution),
        **firm_tables(solution),
    }


def shortfall(solution: Solution) -> DataFrame:
    """Planned, produced and lost output of every customer and week, in its own unit.

    `lost` is what was not made when planned; of it `lost_for_good` was not made later either, by
    the end of the horizon. `made_up` is made on top of a week's plan. Value counts what is lost for
    good; `late_cost_usd` is what being late cost, by the week of the loss.
    """
    network = solution.realised.network
    scale = np.array([c.plan_per_week for c in network.customers])[:, None]
    lost = solution.history.lost.sum(axis=1) * scale
    produced = np.zeros_like(lost)
    for i, recipe in enumerate(network.recipes):
        produced[recipe.customer] += solution.history.output[i]
    produced *= scale
    made_up = solution.history.made_up * scale
    planned = produced + lost - made_up
    value = np.array([c.value_added_usd_per_unit for c in network.customers])[:, None]
    recovered, late = np.zeros_like(lost), np.zeros_like(lost)
    past = solution.realised.past
    all_lost, all_made, decisions = with_past(solution.history, solution.decisions, past)
    before = past.weeks if past else 0
    for i, c in enumerate(network.customers):
        if all_made[i, before:].any():
            found = made_up_of(
                all_lost[i] * scale[i], all_made[i] * scale[i], c.make_up_weeks, decisions
            )
            recovered[i], late[i] = found[0][before:], found[1][before:]
    late *= value * np.array([c.late_cost_per_week for c in network.customers])[:, None]
    for_good = np.maximum(lost - recovered, 0.0)
    return _long(
        solution,
        {
            "sector": [c.sector for c in network.customers],
            "segment": [c.segment for c in network.customers],
            "region": [c.region for c in network.customers],
        },
        {
            "planned": planned,
            "produced": produced,
            "lost": lost,
            "lost_for_good": for_good,
            "made_up": made_up,
            "lost_value_usd": for_good * value,
            "late_cost_usd": late,
        },
        after_week={"unit": [c.unit for c in network.customers]},
    )


def flows(solution: Solution) -> DataFrame:
    """Departures: feeding arcs (customer blank) and deliveries, t in the week."""
    network = solution.realised.network
    feeding = [i for i, a in enumerate(network.arcs) if a.feeds]
    arcs = [network.arcs[i] for i in feeding]
    by_sea = [i for i, d in enumerate(network.deliveries) if d.mode == USUAL]
    delivered = solution.history.delivery.copy()
    for air, sea in _twins(solution).items():
        delivered[sea] += delivered[air]
    tonnes = np.vstack([solution.history.flow[feeding], delivered[by_sea]])
    keys = _trade_keys(solution, [network.deliveries[i] for i in by_sea], arcs)
    return _nonzero(_long(solution, keys, {"tonnes": tonnes}), ["tonnes"])


def air_flows(solution: Solution) -> DataFrame:
    """The part of `flows` that went by air, t in the week."""
    network = solution.realised.network
    by_air = [i for i, d in enumerate(network.deliveries) if d.mode == AIR]
    keys = _trade_keys(solution, [network.deliveries[i] for i in by_air])
    return _nonzero(
        _long(solution, keys, {"tonnes": solution.history.delivery[by_air]}), ["tonnes"]
    )


def _trade_keys(
    solution: Solution, deliveries: Sequence[Delivery], arcs: Sequence[Arc] = ()
) -> dict[str, list[str]]:
    customers = solution.realised.network.customers
    return {
        "material": [a.material for a in arcs] + [d.material for d in deliveries],
        "origin": [a.origin for a in arcs] + [d.origin for d in deliveries],
        "destination": [a.destination for a in arcs]
        + [customers[d.customer].region for d in deliveries],
        "customer": [""] * len(arcs) + [customers[d.customer].name for d in deliveries],
    }


def _twins(solution: Solution) -> dict[int, int]:
    """Each delivery by air to its twin by the usual mode."""
    deliveries = solution.realised.network.deliveries
    by_sea = {
        (d.material, d.origin, d.customer): i for i, d in enumerate(deliveries) if d.mode == USUAL
    }
    return {
        i: by_sea[d.material, d.origin, d.customer]
        for i, d in enumerate(deliveries)
        if d.mode == AIR
    }


def usual_flows(solution: Solution) -> DataFrame:
    """The same flows in the base year, t per week."""
    network = solution.realised.network
    rows = [
        (a.material, a.origin, a.destination, "", a.usual_feed_t_per_week)
        for a in network.arcs
        if a.feeds
    ] + [
        (
            d.material,
            d.origin,
            network.customers[d.customer].region,
            network.customers[d.customer].name,
            d.usual_t_per_week,
        )
        for d in network.deliveries
    ]
    columns = ["material", "origin", "destination", "customer", "tonnes_per_week"]
    return DataFrame([r for r in rows if r[-1] > 0.0], columns=columns)


def other_uses(solution: Solution) -> DataFrame:
    """What uses outside the model took from a region's stock in the week, t."""
    network = solution.realised.network
    usual = np.array(network.other_use or [0.0] * len(network.places))[:, None]
    keys = {
        "material": [m for _, m in network.places],
        "region": [r for r, _ in network.places],
    }
    return _nonzero(
        _long(solution, keys, {"tonnes": usual - solution.history.short_other}), ["tonnes"]
    )


def stocks(solution: Solution) -> DataFrame:
    """What regions (customer blank) and customers hold at the end of each week.

    Weeks of cover: tonnes over the usual weekly throughput of the place or need of the customer;
    blank where that is zero. What is under way lies on no shelf and stands apart.
    """
    network = solution.realised.network
    need = [c.need_t_per_week for c in network.covers]
    through = [
        stock / network.materials[material].stock_cover_weeks
        if network.materials[material].stock_cover_weeks
        else 0.0
        for (_, material), stock in zip(network.places, network.usual_stock, strict=True)
    ]
    keys = {
        "material": [m for _, m in network.places] + [c.material for c in network.covers],
        "region": [r for r, _ in network.places]
        + [network.customers[c.customer].region for c in network.covers],
        "customer": [""] * len(network.places)
        + [network.customers[c.customer].name for c in network.covers],
    }
    tonnes = np.vstack([solution.history.stock, solution.history.cover])
    weekly = np.array([*through, *need])[:, None]
    coming = np.vstack(under_way(solution))

    def in_weeks(amounts: Array) -> Array:
        found: Array = np.full_like(amounts, np.nan)
        np.divide(amounts, weekly, out=found, where=weekly > 0.0)
        return found

    amounts = {
        "tonnes": tonnes,
        "weeks_of_cover": in_weeks(tonnes),
        "tonnes_under_way": coming,
        "weeks_under_way": in_weeks(coming),
    }
    return _long(solution, keys, amounts)


def under_way(solution: Solution) -> tuple[Array, Array]:
    """[place, week] and [cover, week] t that come after the week's end: on the way, in process."""
    case = solution.realised
    place, cover = (_after(a, case.weeks) for a in (case.pipeline.place, case.pipeline.cover))
    for sent in dispatches(case.network, solution.history):
        (place if sent.to == "place" else cover)[sent.row] += _of_last(sent.tonnes, sent.lag)
    return place, cover


def _after(arrivals: Array, weeks: int) -> Array:
    """[object, week] what arrives after each of the first weeks."""
    from_week: Array = np.cumsum(arrivals[:, ::-1], axis=1)[:, ::-1]
    return from_week[:, 1 : weeks + 1].copy()


def _of_last(series: Array, weeks: int) -> Array:
    """The sum of the last `weeks` weeks, this one among them, by week; none is 0."""
    return np.convolve(series, np.ones(weeks))[: len(series)] if weeks else np.zeros(len(series))


def licences(solution: Solution) -> DataFrame:
    """The queue of every end user and what of its licences was used, t in the week.

    Files are handed in for a class as a whole; each end user's part is by usual trade. What may be
    used by any end user (`any`) names none; under `value` and its like that is all.
    """
    network, weeks = solution.realised.network, solution.realised.weeks
    series = solution.realised.licences
    granted = by_end_user(network, series["granted"], series["transferable"], series["named"])
    granted = licences_under(network, granted[:, :weeks], solution.allocation)
    opening = np.array(solution.realised.opening_licences)
    opening = licences_under(network, opening, solution.allocation)
    bound = np.isfinite(granted)
    used = licences_used(solution)
    share = series["named"][:, :weeks]
    row = [u.category for u in network.end_users]
    left = solution.history.licence_left
    before = np.hstack([opening[:, None], left[:, :-1]])
    amounts = {
        "applied_t": series["applied"][row, :weeks] * share,
        "granted_t": np.where(bound, granted, 0.0),
        "used_t": np.where(bound, used, 0.0),
        "pending_t": series["pending"][row, :weeks] * share,
        "expired_t": np.where(bound, np.maximum(before + granted - used - left, 0.0), 0.0),
    }
    categories = [network.categories[u.category] for u in network.end_users]
    keys = {
        "control": [k.control for k in categories],
        "exporter": [k.exporter for k in categories],
        "destination": [k.destination for k in categories],
        "end_use": [k.end_use for k in categories],
        "end_user": [u.name for u in network.end_users],
    }
    table = _long(solution, keys, amounts)
    return _nonzero(table[bound.ravel()], list(amounts))


def licences_used(solution: Solution) -> Array:
    """[end user, week] t shipped under each user's licences; the pool's with what others took."""
    network, history = solution.realised.network, solution.history
    used = np.zeros((len(network.end_users), solution.realised.weeks))
    for i, user in enumerate(network.end_users):
        used[i] += history.flow[list(user.arcs)].sum(axis=0)
        used[i] += history.delivery[list(user.deliveries)].sum(axis=0)
        if user.pool is not None:
            used[i] -= history.transfer[i]
            used[user.pool] += history.transfer[i]
    return used


def marginal_values(solution: Solution) -> DataFrame:
    """What one more kilogram would save, USD: duals, marginal and not what is paid.

    `one_more` is "yes" where one more kilogram is proven to save just that, elsewhere it saves that
    at most; `one_less` where one less is proven to cost just that, elsewhere it costs that at
    least (`solve.one_more`).
    """
    network, history = solution.realised.network, solution.history
    customers = network.customers
    blocks = [
        ("region_balance", [(r, "", m) for r, m in network.places], history.region_balance),
        (
            "customer_balance",
            [
                (customers[c.customer].region, customers[c.customer].name, c.material)
                for c in network.covers
            ],
            history.customer_balance,
        ),
        (
            "licence_balance",
            [
                (k.destination, "", f"{k.control}/{k.exporter}/{k.end_use}/{u.name}")
                for u in network.end_users
                for k in [network.categories[u.category]]
            ],
            -history.licence_balance,
        ),
    ]
    frames = [
        _long(
            solution,
            {
                "law": [law] * len(keys),
                "region": [k[0] for k in keys],
                "customer": [k[1] for k in keys],
                "material": [k[2] for k in keys],
            },
            {
                "usd_per_kg": values * 1000.0,
                "one_more": np.where(history.proven[law], "yes", "no"),
                "one_less": np.where(history.proven_less[law], "yes", "no"),
            },
        )
        for law, keys, values in blocks
    ]
    table = pd.concat(frames, ignore_index=True)
    return table[table["usd_per_kg"].abs() > 1e-6].reset_index(drop=True)


def production(solution: Solution) -> DataFrame:
    """What every line starts in the week, and could have, t of run."""
    network = solution.realised.network
    capacity = solution.realised.inputs.line_capacity[:, : solution.realised.weeks]
    keys = {
        name: [getattr(x, name) for x in network.lines]
        for name in ("site", "region", "process", "stage")
    }
    return _long(
        solution,
        {"line": [x.name for x in network.lines], **keys},
        {"tonnes": solution.history.run, "capacity_tonnes": capacity},
    )


def output(solution: Solution) -> DataFrame:
    """Output of every customer by recipe, in its own unit."""
    network = solution.realised.network
    customers = [network.customers[r.customer] for r in network.recipes]
    scale = np.array([c.plan_per_week for c in customers])[:, None]
    return _long(
        solution,
        {
            "customer": [c.name for c in customers],
            "recipe": [r.name for r in network.recipes],
            "unit": [c.unit for c in customers],
        },
        {"produced": solution.history.output * scale},
    )


def targets(solution: Solution) -> DataFrame:
    """What customers want on the shelf: weeks of need, and the need in t per week."""
    network = solution.realised.network
    rows = [
        (c.material, customer.region, customer.name, c.target_weeks, c.need_t_per_week)
        for c in network.covers
        for customer in [network.customers[c.customer]]
    ]
    columns = ["material", "region", "customer", "target_weeks", "need_t_per_week"]
    return DataFrame(rows, columns=columns)


def _long(
    solution: Solution,
    keys: dict[str, list[str]],
    amounts: Mapping[str, NDArray[Any]],
    after_week: dict[str, list[str]] | None = None,
) -> DataFrame:
    """Arrays [object, week] to rows, object by object, week by week."""
    weeks = mondays(solution)
    count = len(next(iter(keys.values())))
    columns: dict[str, object] = {
        "scenario": [solution.realised.scenario.name] * (count * len(weeks))
    }
    for name, values in keys.items():
        columns[name] = _repeat(values, len(weeks))
    columns["week"] = weeks * count
    for name, values in (after_week or {}).items():
        columns[name] = _repeat(values, len(weeks))
    for name, array in amounts.items():
        columns[name] = array[:, : len(weeks)].ravel()
    return DataFrame(columns)


def _repeat(values: Sequence[str], times: int) -> list[str]:
    return [value for value in values for _ in range(times)]


def _nonzero(table: DataFrame, amounts: list[str]) -> DataFrame:
    return table[(table[amounts].abs() > TINY).any(axis=1)].reset_index(drop=True)
