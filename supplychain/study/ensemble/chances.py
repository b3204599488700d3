"""Estimates from a sample with the interval around each: chances, means, tails, quantiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from supplychain.study.ensemble.losses import Floats, Integers

LEVEL = 0.95
"""Every interval holds with this probability."""

RESAMPLES = 1000
TAIL = 0.05
"""The part of the futures that makes the tail: the worst one in twenty."""

Weights = NDArray[np.float32]


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
