"""Chances, tails and their intervals, and whether the members are enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.special import betaincinv

from supplychain.ensemble.member_losses import Floats, Integers, Losses

PARTS = (8, 4, 2, 1)
CLOSE = 0.1
"""An amount is sure enough when its interval reaches no further than this part of it."""
CLOSE_CHANCE = 0.05
"""A chance is sure enough when its interval reaches no further than so many hundredths."""
IN_THE_TAIL = 5
"""At least so many futures make a tail."""

COLUMNS = ("statistic", "n", "estimate", "low", "high", "needed", "verdict")
Estimate = tuple[float, float, float]

LEVEL = 0.95
"""Every interval holds with this probability."""

RESAMPLES = 1000
TAIL = 0.05
"""The part of the futures that makes the tail: the worst one in twenty."""

Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Statistic:
    """A number that the futures give: its name, its value by member, and how to estimate it.

    `fewest` futures are needed before an interval means anything.
    """

    name: str
    values: Floats
    estimate: Callable[[Floats, int], Estimate]
    chance: bool = False
    fewest: int = 8
    counted: str = "futures"


def statistics(losses: Losses) -> list[Statistic]:
    """The numbers of the headline."""
    total = losses.total[:, -1, -1]
    stops = losses.first_stop[:, -1, -1] < len(losses.weeks)
    both = np.intersect1d(losses.members, losses.held_members)
    drawn = total[np.searchsorted(losses.members, both)]
    gap = drawn - losses.held[np.searchsorted(losses.held_members, both), -1]
    return [
        Statistic("expected loss", total, _mean),
        Statistic("tail loss", total, _tail, fewest=IN_THE_TAIL * round(1 / TAIL)),
        Statistic("chance of a stop", stops.astype(float), _chance, chance=True),
        Statistic("value of the truce", gap, _mean, counted="pairs"),
    ]


def _mean(values: Floats, seed: int) -> Estimate:
    low, high = interval(means(values, resamples(len(values), seed)))
    return float(values.mean()), float(low), float(high)


def _tail(values: Floats, seed: int) -> Estimate:
    weights = resamples(len(values), seed)
    low, high = interval(tail_means(values, weights))
    return tail_mean(values), float(low), float(high)


def _chance(values: Floats, _seed: int) -> Estimate:
    hits = np.array([round(values.sum())])
    low, high = jeffreys(hits, len(values))
    return float(values.mean()), float(low[0]), float(high[0])


def enough(losses: Losses, seed: int) -> DataFrame:
    """Each estimate from the first n futures with its interval, and a verdict.

    Intervals are bootstrap percentiles, for a chance Jeffreys'. They take the futures as drawn one
    by one: where these fill the space evenly (Sobol points, Latin hypercube) the true error is
    smaller, so the interval is on the safe side. `verdict` says in words whether all of the futures
    are enough, on the row with all; `needed` is how many would be, were the error to fall with the
    root of their number.
    """
    rows = [row for statistic in statistics(losses) for row in _rows(statistic, seed)]
    return DataFrame(rows, columns=COLUMNS)


def _rows(statistic: Statistic, seed: int) -> list[dict[str, Any]]:
    count = len(statistic.values)
    sizes = sorted({count // part for part in PARTS if count // part >= statistic.fewest})
    rows = []
    for size in sizes:
        found = statistic.estimate(statistic.values[:size], seed)
        rows.append(dict(zip(COLUMNS, (statistic.name, size, *found, 0, ""), strict=True)))
    if rows:
        rows[-1] |= _verdict(rows[-1], statistic)
    return rows


def _verdict(row: Mapping[str, Any], statistic: Statistic) -> dict[str, Any]:
    estimate = row["estimate"]
    reach = max(row["high"] - estimate, estimate - row["low"])
    allowed = CLOSE_CHANCE if statistic.chance else CLOSE * abs(estimate)
    needed = required(reach, allowed, row["n"])
    said = in_words(estimate, reach, needed, row["n"], chance=statistic.chance)
    return {"needed": needed, "verdict": said.replace("futures", statistic.counted)}


def required(reach: float, allowed: float, count: int) -> int:
    """How many futures bring an interval to what is allowed: its reach falls with their root.

    >>> required(0.2, 0.1, 1000), required(0.05, 0.1, 1000), required(0.0, 0.0, 1000)
    (4000, 250, 1000)
    """
    if allowed <= 0:
        return count
    return math.ceil(count * (reach / allowed) ** 2)


def in_words(estimate: float, reach: float, needed: int, count: int, *, chance: bool) -> str:
    """Say whether the futures are enough.

    >>> in_words(0.4, 0.03, 360, 1000, chance=True)
    'Enough, within 3 points.'
    >>> in_words(2e9, 5e8, 6250, 1000, chance=False)
    'Not enough, within 25 %; about 6,300 futures would bring it to 10 %.'
    >>> in_words(0.0, 0.0, 1000, 1000, chance=False)
    'Zero in every future.'
    """
    if estimate == 0 and reach == 0:
        return "Zero in every future."
    close = reach * 100 if chance else reach / abs(estimate) * 100 if estimate else math.inf
    unit = "points" if chance else "%"
    if not math.isfinite(close):
        return "Not enough, the estimate is zero and its interval is not."
    said = f"within {close:.2g} {unit}" if close < 100 else f"within {close:.0f} {unit}"
    if needed <= count:
        return f"Enough, {said}."
    goal = f"{100 * (CLOSE_CHANCE if chance else CLOSE):.0f} {unit}"
    step = 10 ** max(0, len(str(needed)) - 2)
    size = math.ceil(needed / step) * step
    return f"Not enough, {said}; about {size:,.0f} futures would bring it to {goal}."


def jeffreys(hits: Integers, count: int) -> tuple[Floats, Floats]:
    """Interval of a chance after so many hits in so many independent trials.

    Jeffreys' interval: quantiles of Beta(hits + 1/2, misses + 1/2), closed at 0 and at 1 (Brown,
    Cai and DasGupta 2001, doi:10.1214/ss/1009213286).

    >>> low, high = jeffreys(np.array([0, 5, 10]), 10)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.224, 0.783], [0.217, 0.776, 1.0])
    """
    edge = (1 - LEVEL) / 2
    low = np.where(hits == 0, 0.0, betaincinv(hits + 0.5, count - hits + 0.5, edge))
    high = np.where(hits == count, 1.0, betaincinv(hits + 0.5, count - hits + 0.5, 1 - edge))
    return low, high


def resamples(count: int, seed: int, times: int = RESAMPLES) -> Weights:
    """How often each of so many members is in each of so many samples drawn with replacement.

    Index: resample, member.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=times)
    return drawn.astype(np.float32)


def tail_means(values: Floats, weights: Weights, tail: float = TAIL) -> Floats:
    """Mean of the worst part of the futures in each resample.

    The member on the edge counts with the part of it that is in (Rockafellar and Uryasev 2002,
    doi:10.1016/S0378-4266(02)00271-6).

    Args:
        values: loss by member.
        weights: how often each member is in each resample; index resample, member.
        tail: part of the futures that makes the tail.

    >>> tail_means(np.arange(100.0), np.ones((1, 100), np.float32)).tolist()
    [97.0]
    """
    order = np.argsort(-values, kind="stable")
    size = tail * len(values)
    worst = order[: int(4 * size) + 60]  # resamples hold the whole tail in these but for a freak
    counted = weights[:, worst]
    filled = np.cumsum(counted, axis=1, dtype=np.float64)
    if filled[:, -1].min() < size:
        worst, counted = order, weights[:, order]
        filled = np.cumsum(counted, axis=1, dtype=np.float64)
    taken = np.clip(size - (filled - counted), 0.0, counted)
    found: Floats = taken @ values[worst] / size
    return found


def tail_mean(values: Floats, tail: float = TAIL) -> float:
    """Mean of the worst part of the futures."""
    return float(tail_means(values, np.ones((1, len(values)), np.float32), tail)[0])


def means(values: Floats, weights: Weights) -> Floats:
    """Mean in each resample, by column of `values`."""
    found: Floats = weights.astype(np.float64) @ values / len(values)
    return found


def interval(estimates: Floats) -> tuple[Floats, Floats]:
    """Percentile interval of estimates over resamples, which are the first index."""
    edge = (1 - LEVEL) / 2
    low, high = np.quantile(estimates, [edge, 1 - edge], axis=0)
    return low, high
