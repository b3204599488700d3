"""Report records made by hand, small enough to see what a page or feed should say of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOST = {"truce": 0.6e9, "no-truce": 34.1e9}


def losses(usd: float, first_week: str | None = "2027-01-11") -> dict[str, Any]:
    """The headline of a scenario that loses nine tenths in munitions."""
    shares = {"auto": 0.1, "munitions": 0.9}
    return {
        sector: {
            "lost": 1.0,
            "unit": "unit",
            "lost_share": share * usd / 1e11,
            "lost_for_good": 1.0,
            "lost_for_good_share": share * usd / 1e11,
            "lost_value_usd": share * usd,
            "first_week": first_week if usd and sector == "munitions" else None,
            "by_region": {},
        }
        for sector, share in shares.items()
    }


def record(
    name: str = "weekly",
    day: str = "2026-11-23",
    number: int = 1,
    lost: Mapping[str, float] = LOST,
    **other: Any,
) -> dict[str, Any]:
    """What report.json holds, as far as its reader asks."""
    since = {"date": "2026-11-16", "folder": "2026-11-16", "number": number - 1, "key": "k"}
    return {
        "schema": "supplychain/report/1",
        "definition": name,
        "title": f"The {name}",
        "date": day,
        "number": number,
        "key": f"{name}{number}",
        "sentence": f"Nothing moved in number {number}.",
        "runs": [{"scenario": scenario, "id": f"{scenario}{number}"} for scenario in lost],
        "headline": {scenario: losses(usd) for scenario, usd in lost.items()},
        "changed": {"since": since if number > 1 else None, "inputs": [], "results": []},
        "alerts": [],
        "backfill": False,
        "missing_forms": [],
        "written": f"{day}T05:00:12+00:00",
        "base": next(iter(lost)),
        "settings": {},
        "data": {"hash": "d" * 64, "folder": "", "overlays": []},
        "versions": {"supplychain": "0.1.0"},
        "scenarios": {
            scenario: {"name": scenario, "horizon": {"start": "2026-09-28", "weeks": 104}}
            for scenario in lost
        },
        "files": {"brief.md": "0", "brief.json": "0", "report.html": "0", "truce.xlsx": "0"},
        **other,
    }


ALERT = {
    "name": "europe-auto-stops-sooner",
    "scenario": "no-truce",
    "sector": "auto",
    "region": "EUR",
    "measure": "first_week",
    "old": "2027-02-01",
    "new": "2027-01-11",
    "said": "no-truce: auto in EUR first stops 3 weeks earlier.",
    "why": "",
}


def put(out: Path, found: Mapping[str, Any], folder: str = "") -> Path:
    """Write a record where a report would be."""
    place = out / found["definition"] / (folder or found["date"])
    place.mkdir(parents=True)
    (place / "report.json").write_text(json.dumps(found))
    for name in found["files"]:
        (place / name).touch()
    return place
