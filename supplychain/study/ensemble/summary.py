"""What the futures of an ensemble say together: fans, chances, tails, and how sure each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from pandas import DataFrame

from supplychain.results.store import write_tables
from supplychain.study.ensemble import chances, drivers
from supplychain.study.ensemble.enough import enough
from supplychain.study.ensemble.known import read_known
from supplychain.study.ensemble.losses import Losses, Tables, opened, read_losses
from supplychain.study.ensemble.truce import truce_value

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
USD, SHARE = "usd", "share"
MOST_LEVELS = 250
"""At most so many points make an exceedance curve; the worst futures are always among them."""


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
        drivers.need_sensitivity()
    with opened(tables) as connection:
        losses = read_losses(connection)
        known = read_known(connection, losses, seed) if with_drivers else None
    weights = chances.resamples(len(losses.members), seed)
    found = {
        "fans": fans(losses),
        "stopping": stopping(losses),
        "exceedance": exceedance(losses),
        "expected": expected(losses, weights),
        "truce_value": truce_value(losses, seed),
        "enough": enough(losses, seed),
    }
    if known is not None:
        found["drivers"] = drivers.drivers(losses, known, seed)
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

    A line stops when it first loses over 2 % of the plan of a week. Sector "all" and region "ALL"
    count a stop in any of them.
    """
    count, weeks = len(losses.members), len(losses.weeks)
    parts = []
    for s, r in losses.pairs:
        firsts = np.bincount(losses.first_stop[:, s, r], minlength=weeks + 1)
        hits = np.cumsum(firsts)[:weeks]
        low, high = chances.jeffreys(hits, count)
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
        low, high = chances.jeffreys(hits[kept], count)
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


def expected(losses: Losses, weights: chances.Weights) -> DataFrame:
    """Mean loss over all weeks, and the mean of the worst 5 % of futures, by sector and region.

    Intervals are percentiles over resamples of the futures.
    """
    total = losses.total
    rows = []
    for s, r in losses.pairs:
        values = total[:, s, r]
        low, high = chances.interval(chances.means(values, weights))
        tail_low, tail_high = chances.interval(chances.tail_means(values, weights))
        rows.append(
            {
                "sector": losses.sectors[s],
                "region": losses.regions[r],
                "mean_usd": values.mean(),
                "low": low,
                "high": high,
                "tail_mean_usd": chances.tail_mean(values),
                "tail_low": tail_low,
                "tail_high": tail_high,
                "p95_usd": np.quantile(values, 1 - chances.TAIL),
                "mean_share": values.mean() / losses.planned[s, r] if losses.planned[s, r] else 0.0,
            }
        )
    return DataFrame(rows).sort_values(["sector", "region"], ignore_index=True)
