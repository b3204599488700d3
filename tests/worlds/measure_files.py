"""Measures for the tiny world."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

from supplychain.scenario.measure_sets import Cost, Measure, MeasureSet
from supplychain.scenario.scenario import Change, Foresight, Origin, Scenario
from supplychain.study.measure_plan import Point
from supplychain.study.measure_ranking import (
    Amount,
    Asked,
    FirstStop,
    Ranked,
    Ranking,
    Solved,
)
from supplychain.study.run_request import RunRequest

WHY = "why: a reason\n        source: assumption"


def measure(
    name: str, change: str, cost: str = "{value: 1e6, low: 5e5, high: 2e6, unit: USD"
) -> str:
    """One measure of one change; `change` is kind@where=value unit."""
    what, _, rest = change.partition("@")
    where, _, amount = rest.partition("=")
    value, _, unit = amount.partition(" ")
    return (
        f"  - name: {name}\n    title: The measure {name}\n    changes:\n"
        f"      - what: {what}\n        where: {{{where}}}\n        value: {value}\n"
        f"        unit: {unit}\n        {WHY}\n"
        f"    cost:\n      - {cost}, kind: assumed, source: assumption, note: a guess}}\n"
    )


def write_measures(folder: Path, *measures: str, name: str = "mine") -> Path:
    """Write a set of measures into a folder of scenarios."""
    path = folder / "measures" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"name: {name}\ntitle: What could be done\nmeasures:\n{''.join(measures)}")
    return path


def headline(lost: dict[tuple[str, str], float], first: str | None) -> dict[str, Any]:
    """A headline with losses by sector and region, USD; every loss begins in one week."""
    sectors: dict[str, Any] = {}
    for (sector, region), usd in lost.items():
        one = sectors.setdefault(sector, {"lost_value_usd": 0.0, "avoided_by": [], "by_region": {}})
        one["lost_value_usd"] += usd
        one["by_region"][region] = {"lost_value_usd": usd, "first_week": first if usd else None}
    return {"sectors": sectors}


def made_ranking(name: str = "no-truce") -> Ranking:
    """Three measures: one that helps, one that costs nothing, one that makes it worse."""
    origin = Origin("made.yaml", 1, 1)
    costs = {"shelf": (2e6, 1e6, 4e6), "gift": (0.0, 0.0, 0.0), "haste": (5e6, 5e6, 9e6)}
    losses = {"shelf": 3e8, "gift": 9e8, "haste": 1.2e9}
    day = date(2026, 11, 30)
    change = Change(
        "added_cover", (("sector", "auto"),), None, None, None, 4.0, "week", "w", "assumption",
        origin,
    )  # fmt: skip
    measures = {
        key: Measure(
            key, f"Measure <{key}>", (change,),
            (Cost(*costs[key], "USD", "assumed", "assumption", "a guess"),), origin,
        )
        for key in costs
    }  # fmt: skip
    scenario = Scenario(name, "It lapses", day, 104, Foresight("rolling", 40, 4), (), (), (), "x")
    asked = Asked(
        RunRequest(name), scenario, MeasureSet("made", "Made", "x", tuple(measures.values())),
        math.inf, 4, Path("out"),
    )  # fmt: skip
    base = Solved((), f"{name}-id", headline({("auto", "EUR"): 1e9}, "2027-02-01"), fresh=True)
    ranked = []
    for key, measure in measures.items():
        after = headline({("auto", "EUR"): losses[key]}, "2027-03-01")
        amount = Amount(*costs[key])
        kept = 1e9 - losses[key]
        stop = FirstStop("auto", "EUR", "2027-02-01", "2027-03-01") if kept > 0 else None
        solved = Solved((key,), key, after, fresh=True)
        ranked.append(Ranked(measure, amount, {}, solved, kept, {"auto": kept}, stop, 0.0))
    ranked.sort(key=lambda one: -one.per_usd.central)
    plan = (Point(("gift",), 0.0, 9e8), Point(("shelf", "gift"), 2e6, 2.5e8))
    edge = (Point((), 0.0, 9e8), Point(("shelf", "gift"), 2e6, 2.5e8))
    return Ranking(
        asked, base, tuple(ranked), (), plan, edge, {"EUR": "Europe"}, {"solved": 6, "kept": 0}
    )
