"""The numbers of an ensemble that a record and `--json` give: safe as JSON, never not a number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pandas import DataFrame

from supplychain.study.ensemble.drivers import NOISE, PAWN
from supplychain.study.ensemble.losses import ALL_REGIONS, ALL_SECTORS

FIRST_DRIVERS = 5


def headline(tables: Mapping[str, DataFrame]) -> dict[str, Any]:
    """Expected and tail loss, chance of a stop, value of the truce, drivers, and whether enough.

    Amounts are USD over the horizon; chances are shares; intervals hold with 95 %.

    Args:
        tables: those that `summarise` gives.
    """
    final = tables["stopping"]
    final = final[final["week"] == final["week"].max()]
    stops = {(r["sector"], r["region"]): r for r in _rows(final)}
    losses = {(r["sector"], r["region"]): r for r in _rows(tables["expected"])}
    sectors = sorted({sector for sector, _ in losses if sector != ALL_SECTORS})
    return {
        "horizon_end_week": str(final["week"].iloc[0]),
        "all": _place(losses, stops, ALL_SECTORS, ALL_REGIONS),
        "sectors": {
            sector: {
                **_place(losses, stops, sector, ALL_REGIONS),
                "by_region": {
                    region: _place(losses, stops, sector, region)
                    for at, region in sorted(losses)
                    if at == sector and region != ALL_REGIONS
                },
            }
            for sector in sectors
        },
        "truce_value": {row["sector"]: _truce(row) for row in _rows(tables["truce_value"])},
        "drivers": _drivers(tables.get("drivers", DataFrame())),
        "enough": [
            {key: row[key] for key in ("statistic", "n", "estimate", "low", "high", "needed")}
            | {"verdict": row["verdict"]}
            for row in _rows(tables["enough"])
            if row["verdict"]
        ],
    }


def _rows(table: DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values: no numpy numbers, and None for what is not a number."""
    rows = table.to_dict("records")
    return [{str(key): plain(value) for key, value in row.items()} for row in rows]


def plain(value: Any) -> Any:
    """Turn a cell into what JSON knows.

    >>> import numpy as np
    >>> plain(np.float64("nan")), plain(np.int64(3)), plain("a")
    (None, 3, 'a')
    """
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _place(
    losses: Mapping[tuple[str, str], Mapping[str, Any]],
    stops: Mapping[tuple[str, str], Mapping[str, Any]],
    sector: str,
    region: str,
) -> dict[str, Any]:
    lost, stop = losses[sector, region], stops[sector, region]
    return {
        "mean_usd": lost["mean_usd"],
        "mean_share": lost["mean_share"],
        "mean_interval_usd": [lost["low"], lost["high"]],
        "p95_usd": lost["p95_usd"],
        "tail_mean_usd": lost["tail_mean_usd"],
        "tail_interval_usd": [lost["tail_low"], lost["tail_high"]],
        "chance_of_stop": stop["probability"],
        "chance_interval": [stop["low"], stop["high"]],
    }


def _truce(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "mean_usd": row["mean_usd"],
        "interval_usd": [
            min(row["low"], row["bootstrap_low"]),
            max(row["high"], row["bootstrap_high"]),
        ],
        "bootstrap_interval_usd": [row["bootstrap_low"], row["bootstrap_high"]],
        "t_interval_usd": [row["low"], row["high"]],
        "pairs": row["pairs"],
        "pairs_with_a_stop": row["stops"],
        "pairs_with_a_stop_if_held": row["held_stops"],
        "with_all_futures_usd": row["all_usd"],
        "with_all_futures_interval_usd": [row["all_low"], row["all_high"]],
    }


def _drivers(table: DataFrame) -> list[dict[str, Any]]:
    """The first drivers of the loss of all sectors that stand out from chance."""
    if table.empty:
        return []
    rows = table[(table["output"] == f"loss/{ALL_SECTORS}") & (table["method"] == PAWN)]
    rows = rows[(rows["input"] != NOISE) & rows["above_noise"].astype(bool)]
    first = _rows(rows.sort_values("rank").head(FIRST_DRIVERS))
    return [{key: row[key] for key in ("input", "index", "low", "high")} for row in first]
