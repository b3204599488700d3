"""Runs with a whole record, as the program writes them, and one small table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from supplychain.runs.run_schema import Run


def sector(usd: float) -> dict[str, Any]:
    """What a sector loses, in the world alone."""
    loss = {"lost": 1.0, "unit": "vehicle", "lost_share": 0.1, "lost_value_usd": usd,
            "lost_for_good": 1.0, "lost_for_good_share": 0.1, "first_week": None,
            "first_firm": None}  # fmt: skip
    return {**loss, "avoided_by": [], "by_region": {"USA": dict(loss)}}


SECTORS: Mapping[str, Any] = {"auto": sector(2e9), "other": sector(5e8)}


def whole_run(name: str, key: str, loss: float = 1.0) -> Run:
    """A run whose record has every field that a reader asks for."""
    record: dict[str, Any] = {
        "id": key,
        "scenario": {"name": name, "title": f"The {name}", "extends": [],
                     "horizon": {"start": "2026-09-28", "weeks": 20},
                     "foresight": {"mode": "rolling"}, "timeline": [], "changes": []},
        "foresight": "rolling",
        "allocation": "value",
        "data": {"hash": "d" * 64, "overlays": [], "changes": []},
        "versions": {"supplychain": "0.1.0"},
        "solver": {"status": "optimal"},
        "checks": [{"name": "mass", "residual": 0.0, "tolerance": 1e-6, "ok": True}],
        "headline": {"sectors": SECTORS, "bound_most": "Nothing bound."},
        "seconds": {"solve": 1.0},
        "peak_memory_mb": 500.0,
    }  # fmt: skip
    return Run(record, {"flows": pd.DataFrame({"tonnes": [loss]})})
