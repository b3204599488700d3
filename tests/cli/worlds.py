"""Runs made by hand, small enough to see at a glance what a command should say of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from supplychain.runs.run_schema import Run

UNITS = {"auto": "vehicle", "munitions": "weapon"}
WEEKS = ("2026-12-07", "2027-01-11", "2027-06-07")


def made_run(name: str, lost: dict[tuple[str, str], float], folder: Path | None = None) -> Run:
    """A run that loses a share of a plan of 1,000 units worth 2 million USD each, by place."""
    rows = []
    for sector, unit in UNITS.items():
        regions = [(r, share) for (s, r), share in lost.items() if s == sector]
        world = sum(share for _, share in regions) / max(len(regions), 1)
        for region, share in [*regions, ("WORLD", world)]:
            plan = 1000.0 * (len(regions) if region == "WORLD" else 1)
            first, worst, recovered = WEEKS if share > 0.02 else ("", "", "")
            rows.append(
                {
                    "scenario": name,
                    "sector": sector,
                    "region": region,
                    "unit": unit,
                    "planned": plan,
                    "lost": plan * share,
                    "lost_share": share,
                    "lost_for_good": plan * share,
                    "lost_for_good_share": share,
                    "lost_value_usd": plan * share * 2e6,
                    "first_firm_week": first,
                    "first_firm_region": "USA" if first else "",
                    "first_firm_segment": sector if first else "",
                    "first_week": first,
                    "weeks_to_first_loss": 4.0 if first else None,
                    "worst_week": worst,
                    "recovered_week": recovered if region != "USA" else "",
                }
            )
    indicators = pd.DataFrame(rows)
    regions_table = pd.DataFrame(
        {"region": ["CHN", "EUR", "USA"], "name": ["China", "Europe", "United States"]}
    )
    record = {
        "id": f"{name}-id",
        "scenario": {
            "name": name,
            "title": f"The title of {name}",
            "horizon": {"start": "2026-09-28", "weeks": 104},
            "foresight": {"mode": "rolling"},
            "timeline": [],
            "changes": [],
        },
        "foresight": "rolling",
        "allocation": "contracts",
        "versions": {"supplychain": "0.1.0"},
        "data": {"hash": "0" * 64},
        "solver": {"status": "optimal"},
        "seconds": {"read": 1.0},
        "peak_memory_mb": 500.0,
        "headline": {
            "sectors": sectors(indicators),
            "bound_most": "What bound most were licences for ndfeb-heavy from China.",
        },
    }
    return Run(record, {"indicators": indicators, "regions": regions_table}, folder)


def sectors(table: pd.DataFrame) -> dict[str, object]:
    """The headline of the table."""
    found: dict[str, object] = {}
    for sector, rows in table.groupby("sector"):
        places = {
            row["region"]: {
                "lost": row["lost"],
                "unit": row["unit"],
                "lost_share": row["lost_share"],
                "lost_for_good": row["lost_for_good"],
                "lost_for_good_share": row["lost_for_good_share"],
                "lost_value_usd": row["lost_value_usd"],
                "first_week": row["first_week"] or None,
            }
            for row in rows.to_dict("records")
        }
        world = places.pop("WORLD")
        found[str(sector)] = {**world, "by_region": places}
    return found


TRUCE = {
    ("auto", "USA"): 0.01,
    ("auto", "EUR"): 0.0,
    ("auto", "CHN"): 0.0,
    ("munitions", "USA"): 0.05,
}
NO_TRUCE = {
    ("auto", "USA"): 0.1,
    ("auto", "EUR"): 0.2,
    ("auto", "CHN"): 0.0,
    ("munitions", "USA"): 0.3,
}
