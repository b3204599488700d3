"""Made-up ensembles in the shape of real ones: members, inputs, paths, losses, hazards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc

from supplychain.dataset.schema_demand import SECTORS

Floats = NDArray[np.float64]

REGIONS = {
    "CHN": "China", "USA": "United States", "EUR": "Europe", "JPN": "Japan", "KOR": "Korea",
    "IND": "India", "ROW": "Rest of world",
}  # fmt: skip
START = date(2026, 9, 28)
INPUTS = {
    "stock_weeks": ("stocks", "week", 2.0, 10.0),
    "stock_weeks_military": ("stocks", "week", 8.0, 30.0),
    "review_weeks": ("", "week", 6.0, 26.0),
    "surge_upstream": ("", "ratio", 1.0, 1.4),
    "holding_cost": ("", "USD/kg", 0.5, 1.5),
}
STATES = ("general-licence", "slow", "suspended", "embargo")


def mondays(weeks: int) -> list[str]:
    return [(START + timedelta(weeks=w)).isoformat() for w in range(weeks)]


def frames(
    lost: Floats,
    held: Floats | None = None,
    planned: float = 1e9,
    failed: Mapping[int, str] | None = None,
    sectors: tuple[str, ...] = tuple(SECTORS),
    regions: tuple[str, ...] = tuple(REGIONS),
) -> dict[str, pd.DataFrame]:
    """Tables of an ensemble from losses in USD; index member, sector, region, week."""
    failed = failed or {}
    kept = [m for m in range(len(lost)) if m not in failed]
    losses = [arm_rows("path", lost, kept, planned, sectors, regions)]
    pairs = [] if held is None else [m for m in range(len(held)) if m not in failed]
    if held is not None:
        losses.append(arm_rows("held", held, pairs, planned, sectors, regions))
    members = pd.DataFrame(
        {
            "member": range(len(lost)),
            "status": ["failed" if m in failed else "solved" for m in range(len(lost))],
            "reason": [failed.get(m, "") for m in range(len(lost))],
            "first_break_week": pd.array([None] * len(lost), dtype="Int64"),
            "arm_pairs": [m in pairs for m in range(len(lost))],
        }
    )
    blank_inputs = pd.DataFrame(
        columns=["member", "input", "group", "position", "value", "unit"]
    ).astype({"member": "int64", "position": "float64", "value": "float64"})
    blank_paths = pd.DataFrame(columns=["member", "week", "state", "regime"]).astype(
        {"member": "int64", "week": "int64"}
    )
    return {
        "members": members,
        "inputs": blank_inputs,
        "paths": blank_paths,
        "losses": pd.concat(losses, ignore_index=True),
    }


def arm_rows(
    arm: str,
    lost: Floats,
    kept: list[int],
    planned: float,
    sectors: tuple[str, ...],
    regions: tuple[str, ...],
) -> pd.DataFrame:
    shape = (len(kept), *lost.shape[1:])
    m, s, r, w = (index.ravel() for index in np.indices(shape))
    values = lost[kept].ravel()
    return pd.DataFrame(
        {
            "member": np.array(kept, dtype=np.int64)[m] if kept else m,
            "arm": arm,
            "sector": np.array(sectors)[s],
            "region": np.array(regions)[r],
            "week": np.array(mondays(shape[3]))[w],
            "planned_value_usd": planned,
            "lost_value_usd": values,
            "lost_share": values / planned,
            "stopped": values / planned > 0.02,
        }
    )


def input_rows(points: Floats) -> pd.DataFrame:
    """One row per member and input; inputs of a group share their column of the points."""
    groups = list(dict.fromkeys(spec[0] or name for name, spec in INPUTS.items()))
    parts = []
    for name, (group, unit, low, high) in INPUTS.items():
        position = points[:, groups.index(group or name)]
        parts.append(
            pd.DataFrame(
                {
                    "member": range(len(points)),
                    "input": name,
                    "group": group,
                    "position": position,
                    "value": low + (high - low) * position,
                    "unit": unit,
                }
            )
        )
    rows = pd.concat(parts, ignore_index=True)
    return rows.sort_values(["member", "input"], ignore_index=True)


def truce_collapse(
    count: int = 256, weeks: int = 52, seed: int = 7, failed: Mapping[int, str] | None = None
) -> dict[str, pd.DataFrame]:
    """An ensemble in which stocks and the week of the break decide what is lost."""
    groups = list(dict.fromkeys(spec[0] or name for name, spec in INPUTS.items()))
    points = qmc.Sobol(len(groups) + 2, rng=seed).random(count)
    hazard = 0.02
    first = np.floor(np.log1p(-points[:, -1]) / np.log1p(-hazard)).astype(int) + 1
    harsh = points[:, -2]
    stock = points[:, groups.index("stocks")]
    slow = points[:, groups.index("review_weeks")]
    t = np.arange(weeks)
    begin = first + 2 + np.round(10 * stock).astype(int)
    ramp = np.clip((t[None, :] - begin[:, None]) / 12, 0, 1) * (0.4 + 0.6 * harsh)[:, None]
    depth = np.array([0.3, 0.15, 0.6, 0.0, 0.1])[:, None] * np.array(
        [0.0, 0.9, 1.0, 0.6, 0.5, 0.2, 0.3]
    )
    queue = 0.006 * slow[:, None, None, None] * depth[None, :, :, None] * np.ones(weeks)
    plan = 4e8
    broken = ramp[:, None, None, :] * depth[None, :, :, None]
    lost = (broken + queue) * plan
    tables = frames(lost, queue[: count // 8] * plan, plan, failed)
    tables["members"]["first_break_week"] = pd.array(
        [int(f) if f < weeks else None for f in first], dtype="Int64"
    )
    tables["inputs"] = input_rows(points)
    tables["paths"] = path_rows(first, harsh, weeks)
    tables["hazards"] = hazards()
    tables["regions"] = pd.DataFrame(list(REGIONS.items()), columns=["region", "name"])
    return tables


def path_rows(first: NDArray[np.int64], harsh: Floats, weeks: int) -> pd.DataFrame:
    rows: list[tuple[int, int, str, str]] = []
    for member, (week, how) in enumerate(zip(first, harsh, strict=True)):
        rows.append((member, 0, STATES[0], "truce"))
        if week < weeks:
            state = STATES[1 + min(2, int(how * 3))]
            rows.append((member, int(week), state, f"regime-{state}"))
    return pd.DataFrame(rows, columns=["member", "week", "state", "regime"])


def hazards() -> pd.DataFrame:
    rows = [
        ("general-licence", "slow", 1, 54.0, 0.0185, 0.002, 0.067, "2026-01 truce practice"),
        ("general-licence", "suspended", 0, 54.0, 0.006, 0.0, 0.045, ""),
        ("slow", "tightened", 2, 28.0, 0.071, 0.015, 0.2, "2025-04-04; 2025-10-09"),
        ("tightened", "suspended", 1, 4.0, 0.25, 0.03, 0.7, "2025-11-10"),
    ]
    columns = [
        "from_state", "to_state", "events", "weeks_at_risk", "hazard_per_week", "low", "high",
        "source_events",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def record(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What ensemble.json says of it."""
    members = tables["members"]
    solved = int((members["status"] == "solved").sum())
    return {
        "name": "truce-collapse",
        "title": "When the truce breaks, and how hard",
        "scenario": {"name": "truce"},
        "n": len(members),
        "sampler": "sobol",
        "seed": 7,
        "counts": {"solved": solved, "failed": len(members) - solved},
        "data_hash": "3f9a1c0d2b7e",
        "versions": {"supplychain": "0.1.0", "scipy": "1.17.1"},
    }
