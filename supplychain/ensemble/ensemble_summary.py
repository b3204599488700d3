"""Sums of an ensemble: fans by week, exceedance of losses, value of the truce."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame
from scipy.special import stdtrit

from supplychain.ensemble import estimates, sensitivity
from supplychain.ensemble.estimates import enough
from supplychain.ensemble.member_losses import Floats, Losses, Tables, opened, read_losses
from supplychain.ensemble.sensitivity import read_known
from supplychain.runs.run_store import write_tables

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
USD, SHARE = "usd", "share"
MOST_LEVELS = 250
"""At most so many points make an exceedance curve; the worst futures are always among them."""

FEWEST_PAIRS, FEWEST_TO_REFINE = 2, 20
COLUMNS = (
    "sector", "mean_usd", "low", "high", "pairs", "standard_error", "correlation", "bootstrap_low",
    "bootstrap_high", "unpaired_standard_error", "all_usd", "all_low", "all_high",
    "stops", "held_stops",
)  # fmt: skip


def summarise(tables: Tables, seed: int, *, with_drivers: bool = True) -> dict[str, DataFrame]:
    """Sum up an ensemble from its tables; the same tables and seed give the same rows.

    Args:
        tables: the folder of the Parquet files, or the tables `members`, `inputs`, `paths` and
            `losses` as frames.
        seed: of resamples and of the made-up inputs that tell noise.
        with_drivers: also find what drives the losses, for which SALib is needed.

    Raises:
        InvalidInput: no member was solved, rows are missing, or SALib is not installed.
    """
    if with_drivers:
        sensitivity.need_sensitivity()
    with opened(tables) as connection:
        losses = read_losses(connection)
        known = read_known(connection, losses, seed) if with_drivers else None
    weights = estimates.resamples(len(losses.members), seed)
    found = {
        "fans": fans(losses),
        "stopping": stopping(losses),
        "exceedance": exceedance(losses),
        "expected": expected(losses, weights),
        "truce_value": truce_value(losses, seed),
        "enough": enough(losses, seed),
    }
    if known is not None:
        found["drivers"] = sensitivity.drivers(losses, known, seed)
    return found


def add_summary(folder: Path, seed: int, *, with_drivers: bool = True) -> dict[str, DataFrame]:
    """Sum up the tables in a folder and write what was found beside them.

    Raises:
        InvalidInput: as `summarise`.
        OSError: the disk is full.
    """
    found = summarise(folder, seed, with_drivers=with_drivers)
    write_tables(found, folder)
    return found


def fans(losses: Losses) -> DataFrame:
    """Quantiles and mean over the futures of what is lost in each week.

    `measure` is "usd", value added lost in the week, or "share", its part of the week's plan.
    Quantiles interpolate between the two nearest futures.
    """
    parts = []
    for measure, array in ((SHARE, losses.share), (USD, losses.usd)):
        levels = np.quantile(array, list(QUANTILES.values()), axis=0)
        middle = array.mean(axis=0, dtype=np.float64)
        for s, r in losses.pairs:
            columns = {name: levels[i, s, r] for i, name in enumerate(QUANTILES)}
            where = {"sector": losses.sectors[s], "region": losses.regions[r]}
            parts.append({**where, "measure": measure, **columns, "mean": middle[s, r]})
    return _by_week(losses, parts, ["measure"])


def stopping(losses: Losses) -> DataFrame:
    """The chance that a line has stopped by the end of each week, with Jeffreys' interval.

    A line stops when it first loses more of a week's plan than `stop_threshold`. Sector "all" and
    region "ALL" count a stop in any of them.
    """
    count, weeks = len(losses.members), len(losses.weeks)
    parts = []
    for s, r in losses.pairs:
        firsts = np.bincount(losses.first_stop[:, s, r], minlength=weeks + 1)
        hits = np.cumsum(firsts)[:weeks]
        low, high = estimates.jeffreys(hits, count)
        where = {"sector": losses.sectors[s], "region": losses.regions[r]}
        parts.append({**where, "probability": hits / count, "low": low, "high": high})
    return _by_week(losses, parts, [])


def _by_week(losses: Losses, parts: Sequence[Mapping[str, object]], more: list[str]) -> DataFrame:
    """Make one row a week of parts whose columns are arrays over weeks."""
    repeated = [DataFrame({"week": losses.weeks, **part}) for part in parts]
    keys = ["sector", "region", *more, "week"]
    table = pd.concat(repeated, ignore_index=True)
    rest = [name for name in table.columns if name not in keys]
    return table[[*keys, *rest]].sort_values(keys, ignore_index=True)


def exceedance(losses: Losses) -> DataFrame:
    """The chance that a sector loses at least so much over all weeks, with Jeffreys' interval.

    Levels are losses that occur; with many futures not each of them, but all of the worst.
    """
    count = len(losses.members)
    total = losses.total[:, :, -1]
    parts = []
    for s, sector in enumerate(losses.sectors):
        levels, counts = np.unique(-total[:, s], return_counts=True)
        hits = np.cumsum(counts)
        kept = _thinned(len(levels))
        low, high = estimates.jeffreys(hits[kept], count)
        columns = {"loss_usd": -levels[kept], "probability": hits[kept] / count}
        parts.append(DataFrame({"sector": sector, **columns, "low": low, "high": high}))
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["sector", "loss_usd"], ignore_index=True)


def _thinned(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Places to keep of so many levels, the worst first: all near the tail, ever fewer behind."""
    if count <= MOST_LEVELS:
        return np.arange(count)
    places = np.geomspace(1, count, MOST_LEVELS).round().astype(np.int64) - 1
    return np.unique(places)


def expected(losses: Losses, weights: estimates.Weights) -> DataFrame:
    """Mean loss over all weeks, and the mean of the worst 5 % of futures, by sector and region.

    Intervals are percentiles over resamples of the futures.
    """
    total = losses.total
    rows = []
    for s, r in losses.pairs:
        values = total[:, s, r]
        low, high = estimates.interval(estimates.means(values, weights))
        tail_low, tail_high = estimates.interval(estimates.tail_means(values, weights))
        rows.append(
            {
                "sector": losses.sectors[s],
                "region": losses.regions[r],
                "mean_usd": values.mean(),
                "low": low,
                "high": high,
                "tail_mean_usd": estimates.tail_mean(values),
                "tail_low": tail_low,
                "tail_high": tail_high,
                "p95_usd": np.quantile(values, 1 - estimates.TAIL),
                "mean_share": values.mean() / losses.planned[s, r] if losses.planned[s, r] else 0.0,
            }
        )
    return DataFrame(rows).sort_values(["sector", "region"], ignore_index=True)


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
    weights = estimates.resamples(len(both), seed)
    every = estimates.resamples(len(losses.members), seed)
    rows = []
    for s, sector in enumerate(losses.sectors):
        row = _row(sector, drawn[:, s], held[:, s], weights)
        in_all = losses.total[:, s, -1]
        row |= _refined(in_all, np.isin(losses.members, both), held[:, s], every)
        rows.append(row | {"stops": int(stops[s]), "held_stops": int(held_stops[s])})
    return DataFrame(rows).sort_values("sector", ignore_index=True)


def _row(sector: str, drawn: Floats, held: Floats, weights: estimates.Weights) -> dict[str, object]:
    pairs = len(drawn)
    gap = drawn - held
    error = float(gap.std(ddof=1)) / np.sqrt(pairs)
    reach = stdtrit(pairs - 1, 1 - (1 - estimates.LEVEL) / 2) * error
    low, high = estimates.interval(estimates.means(gap, weights))
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
    drawn: Floats, paired: NDArray[np.bool_], held: Floats, weights: estimates.Weights
) -> dict[str, object]:
    """The value of the truce from all futures, with its interval."""
    names = ("all_usd", "all_low", "all_high")
    if paired.sum() < FEWEST_TO_REFINE:
        return dict.fromkeys(names, float("nan"))
    once = np.ones((1, len(drawn)), np.float32)
    estimate = refined(drawn, paired, held, once)[0]
    low, high = estimates.interval(refined(drawn, paired, held, weights))
    return dict(zip(names, (estimate, low, high), strict=True))


def refined(
    drawn: Floats, paired: NDArray[np.bool_], held: Floats, weights: estimates.Weights
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
    every = estimates.means(drawn, weights)
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
