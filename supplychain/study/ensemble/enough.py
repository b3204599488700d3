"""Whether the futures are enough: the same estimates from an eighth, a quarter, half, and all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import DataFrame

from supplychain.study.ensemble import chances
from supplychain.study.ensemble.losses import Floats, Losses

PARTS = (8, 4, 2, 1)
CLOSE = 0.1
"""An amount is sure enough when its interval reaches no further than this part of it."""
CLOSE_CHANCE = 0.05
"""A chance is sure enough when its interval reaches no further than so many hundredths."""
IN_THE_TAIL = 5
"""At least so many futures make a tail."""

COLUMNS = ("statistic", "n", "estimate", "low", "high", "needed", "verdict")
Estimate = tuple[float, float, float]


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
        Statistic("tail loss", total, _tail, fewest=IN_THE_TAIL * round(1 / chances.TAIL)),
        Statistic("chance of a stop", stops.astype(float), _chance, chance=True),
        Statistic("value of the truce", gap, _mean, counted="pairs"),
    ]


def _mean(values: Floats, seed: int) -> Estimate:
    low, high = chances.interval(chances.means(values, chances.resamples(len(values), seed)))
    return float(values.mean()), float(low), float(high)


def _tail(values: Floats, seed: int) -> Estimate:
    weights = chances.resamples(len(values), seed)
    low, high = chances.interval(chances.tail_means(values, weights))
    return chances.tail_mean(values), float(low), float(high)


def _chance(values: Floats, _seed: int) -> Estimate:
    hits = np.array([round(values.sum())])
    low, high = chances.jeffreys(hits, len(values))
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
