"""The value of the truce: what the same futures lose more than with the starting regime held."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.special import stdtrit

from supplychain.study.ensemble import chances
from supplychain.study.ensemble.losses import Floats, Losses

FEWEST_PAIRS, FEWEST_TO_REFINE = 2, 20
COLUMNS = (
    "sector", "mean_usd", "low", "high", "pairs", "standard_error", "correlation", "bootstrap_low",
    "bootstrap_high", "unpaired_standard_error", "all_usd", "all_low", "all_high",
    "stops", "held_stops",
)  # fmt: skip


def truce_value(losses: Losses, seed: int) -> DataFrame:
    """Mean of paired differences, path as drawn less starting regime held, by sector.

    Both arms of a pair have the same inputs, so what the inputs do cancels out: the variance of the
    difference is that of the two arms less twice their covariance. `low` and `high` are Student's
    t interval of the mean of the pairs; `bootstrap_low` and `bootstrap_high` are percentiles over
    resampled pairs, which need no symmetry and are the safer ones where few futures differ.
    `unpaired_standard_error` is what as many futures drawn apart would have given.

    `all_usd` uses the futures without a pair too: what all lose, less what the regime held would
    lose, which the pairs tell by regression on what they lose as drawn (double sampling, Cochran
    1977, chapter 12). `all_low` and `all_high` are percentiles over resampled futures. Blank (not a
    number) with fewer than twenty pairs.

    `stops` and `held_stops` count the pairs in which a line stops as drawn, and with the regime
    held.
    """
    both = np.intersect1d(losses.members, losses.held_members)
    if len(both) < FEWEST_PAIRS:
        return DataFrame(columns=COLUMNS)
    here, there = (np.searchsorted(m, both) for m in (losses.members, losses.held_members))
    drawn, held = losses.total[here, :, -1], losses.held[there]
    stops = (losses.first_stop[here, :, -1] < len(losses.weeks)).sum(axis=0)
    held_stops = losses.held_stops[there].sum(axis=0)
    weights = chances.resamples(len(both), seed)
    every = chances.resamples(len(losses.members), seed)
    rows = []
    for s, sector in enumerate(losses.sectors):
        row = _row(sector, drawn[:, s], held[:, s], weights)
        in_all = losses.total[:, s, -1]
        row |= _refined(in_all, np.isin(losses.members, both), held[:, s], every)
        rows.append(row | {"stops": int(stops[s]), "held_stops": int(held_stops[s])})
    return DataFrame(rows).sort_values("sector", ignore_index=True)


def _row(sector: str, drawn: Floats, held: Floats, weights: chances.Weights) -> dict[str, object]:
    pairs = len(drawn)
    gap = drawn - held
    error = float(gap.std(ddof=1)) / np.sqrt(pairs)
    reach = stdtrit(pairs - 1, 1 - (1 - chances.LEVEL) / 2) * error
    low, high = chances.interval(chances.means(gap, weights))
    apart = np.sqrt((drawn.var(ddof=1) + held.var(ddof=1)) / pairs)
    return {
        "sector": sector,
        "mean_usd": gap.mean(),
        "low": gap.mean() - reach,
        "high": gap.mean() + reach,
        "pairs": pairs,
        "standard_error": error,
        "correlation": correlation(drawn, held),
        "bootstrap_low": low,
        "bootstrap_high": high,
        "unpaired_standard_error": apart,
    }


def _refined(
    drawn: Floats, paired: NDArray[np.bool_], held: Floats, weights: chances.Weights
) -> dict[str, object]:
    """The value of the truce from all futures, with its interval."""
    names = ("all_usd", "all_low", "all_high")
    if paired.sum() < FEWEST_TO_REFINE:
        return dict.fromkeys(names, float("nan"))
    once = np.ones((1, len(drawn)), np.float32)
    estimate = refined(drawn, paired, held, once)[0]
    low, high = chances.interval(refined(drawn, paired, held, weights))
    return dict(zip(names, (estimate, low, high), strict=True))


def refined(
    drawn: Floats, paired: NDArray[np.bool_], held: Floats, weights: chances.Weights
) -> Floats:
    """Mean loss of all futures less that with the regime held, in each resample.

    Args:
        drawn: loss as drawn by member.
        paired: whether a member was solved with the regime held too.
        held: loss with the regime held of those that were.
        weights: how often each member is in each resample; index resample, member.
    """
    inside = weights[:, paired].astype(float)
    size = np.maximum(inside.sum(axis=1), 1.0)
    centre = drawn[paired].mean()
    one, other = drawn[paired] - centre, held - held.mean()
    mean_one, mean_other = inside @ one / size, inside @ other / size
    spread = inside @ one**2 / size - mean_one**2
    joint = inside @ (one * other) / size - mean_one * mean_other
    slope = np.divide(joint, spread, where=spread > 0, out=np.zeros_like(joint))
    every = chances.means(drawn, weights)
    found: Floats = every - (held.mean() + mean_other + slope * (every - centre - mean_one))
    return found


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's correlation; not a number where one of the two does not vary.

    >>> correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])).__round__(6)
    1.0
    """
    spread = float(one.std() * other.std())
    if spread == 0:
        return float("nan")
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread)
