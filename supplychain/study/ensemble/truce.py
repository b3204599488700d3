"""The value of the truce: what the same futures lose more than with the starting regime held."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame
from scipy.special import stdtrit

from supplychain.study.ensemble import chances
from supplychain.study.ensemble.losses import Floats, Losses

FEWEST_PAIRS = 2
COLUMNS = (
    "sector", "mean_usd", "low", "high", "pairs", "standard_error", "correlation", "bootstrap_low",
    "bootstrap_high", "unpaired_standard_error",
)  # fmt: skip


def truce_value(losses: Losses, seed: int) -> DataFrame:
    """Mean of paired differences, path as drawn less starting regime held, by sector.

    Both arms of a pair have the same inputs, so what the inputs do cancels out: the variance of the
    difference is that of the two arms less twice their covariance. `low` and `high` are Student's
    t interval of the mean of the pairs; `bootstrap_low` and `bootstrap_high` are percentiles over
    resampled pairs, which need no symmetry and are the safer ones where few futures differ.
    `unpaired_standard_error` is what as many futures drawn apart would have given.
    """
    both = np.intersect1d(losses.members, losses.held_members)
    if len(both) < FEWEST_PAIRS:
        return DataFrame(columns=COLUMNS)
    drawn = losses.total[np.searchsorted(losses.members, both), :, -1]
    held = losses.held[np.searchsorted(losses.held_members, both)]
    weights = chances.resamples(len(both), seed)
    rows = [
        _row(sector, drawn[:, s], held[:, s], weights) for s, sector in enumerate(losses.sectors)
    ]
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


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's correlation; not a number where one of the two does not vary.

    >>> correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])).__round__(6)
    1.0
    """
    spread = float(one.std() * other.std())
    if spread == 0:
        return float("nan")
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread)
