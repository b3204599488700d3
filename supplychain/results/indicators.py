"""Per sector and region: what is lost, from which week, the worst week, and when it is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame

from supplychain.runs.run_schema import STOP_SHARE, VALUE_UNIT, WORLD, sector_units


def indicators(
    shortfall: DataFrame, values: dict[tuple[str, str, str], float], since: date | None
) -> DataFrame:
    """The `indicators` table, one row per sector and region and one per sector for the WORLD.

    Args:
        shortfall: the table of that name.
        values: (sector, segment, region) to value added in USD per unit.
        since: when the first control of the horizon takes effect, or None.
    """
    rows = [
        _row(str(sector), str(region), part, values, unit, since)
        for sector, unit in sector_units(shortfall).items()
        for region, part in _by_region(shortfall[shortfall["sector"] == sector])
    ]
    table = DataFrame(rows)
    table.insert(0, "scenario", shortfall["scenario"].iloc[0])
    return table


def _by_region(rows: DataFrame) -> Iterable[tuple[str, DataFrame]]:
    yield WORLD, rows
    for region, part in rows.groupby("region"):
        yield str(region), part


def _row(
    sector: str,
    region: str,
    part: DataFrame,
    values: dict[tuple[str, str, str], float],
    unit: str,
    since: date | None,
) -> dict[str, Any]:
    worth = part["planned"] * _worth(part, values)
    weekly = (
        part.assign(worth=worth)
        .groupby("week")[["planned", "lost", "worth", "lost_value_usd"]]
        .sum()
    )
    if unit == VALUE_UNIT:
        planned, lost = weekly["worth"] / 1e6, weekly["lost_value_usd"] / 1e6
    else:
        planned, lost = weekly["planned"], weekly["lost"]
    share = (lost / planned.where(planned > 0.0)).fillna(0.0)
    first = _first(share)
    return {
        "sector": sector,
        "region": region,
        "unit": unit,
        "planned": float(planned.sum()),
        "lost": float(lost.sum()),
        "lost_share": float(lost.sum() / planned.sum()) if planned.sum() else 0.0,
        "lost_value_usd": float(weekly["lost_value_usd"].sum()),
        "first_week": first,
        "weeks_to_first_loss": _weeks_between(since, first),
        "worst_week": str(share.idxmax()) if first else "",
        "recovered_week": _recovered(share) if first else "",
    }


def _worth(part: DataFrame, values: dict[tuple[str, str, str], float]) -> pd.Series[float]:
    keys = zip(part["sector"], part["segment"], part["region"], strict=True)
    return pd.Series([values[key] for key in keys], index=part.index)


def _first(share: pd.Series[float]) -> str:
    over = share[share > STOP_SHARE]
    return str(over.index[0]) if len(over) else ""


def _recovered(share: pd.Series[float]) -> str:
    """The first week after the last one over the threshold, blank if the horizon ends before."""
    last = int(np.flatnonzero(share.to_numpy() > STOP_SHARE)[-1])
    return str(share.index[last + 1]) if last + 1 < len(share) else ""


def _weeks_between(since: date | None, first: str) -> float | None:
    if since is None or not first:
        return None
    return (date.fromisoformat(first) - since).days / 7.0


def headline(table: DataFrame) -> dict[str, Any]:
    """The sectors of the headline as `--json` gives them, from the `indicators` table."""
    sectors: dict[str, Any] = {}
    for sector, rows in table.groupby("sector"):
        world = rows[rows["region"] == WORLD].iloc[0]
        sectors[str(sector)] = {
            "lost_value_usd": float(world["lost_value_usd"]),
            "lost_share": float(world["lost_share"]),
            "first_week": world["first_week"] or None,
            "by_region": {
                str(row["region"]): {
                    "lost": float(row["lost"]),
                    "unit": str(row["unit"]),
                    "lost_share": float(row["lost_share"]),
                    "lost_value_usd": float(row["lost_value_usd"]),
                    "first_week": row["first_week"] or None,
                }
                for row in rows[rows["region"] != WORLD].to_dict("records")
            },
        }
    return sectors
