"""Scenarios beside a base: what each loses, and the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pandas import DataFrame

from supplychain.results.run import Run

KEYS = ["sector", "region"]
MEASURES = ["lost", "lost_share", "lost_value_usd", "first_week"]


@dataclass(frozen=True)
class Comparison:
    """A base run, the others, and the tables that set them side by side."""

    base: Run
    others: tuple[Run, ...]
    sectors: DataFrame
    """sector, region, unit, scenario, lost, lost_share, lost_value_usd, first_week, and the
    differences to the base: lost_difference, lost_share_difference, lost_value_difference_usd."""
    inputs: DataFrame
    """what, scenario, base value, other value: inputs that are not the same."""


def compare(base: Run, others: Sequence[Run]) -> Comparison:
    """Set runs beside a base run."""
    table = pd.concat([_beside(base, run) for run in (base, *others)], ignore_index=True)
    return Comparison(base, tuple(others), table, inputs_that_differ(base, others))


def _beside(base: Run, run: Run) -> DataFrame:
    wanted = ["scenario", *KEYS, "unit", *MEASURES]
    mine = run.tables["indicators"][wanted]
    theirs = base.tables["indicators"][[*KEYS, "lost", "lost_share", "lost_value_usd"]]
    both = mine.merge(theirs, on=KEYS, how="left", suffixes=("", "_base"))
    both["lost_difference"] = both["lost"] - both["lost_base"]
    both["lost_share_difference"] = both["lost_share"] - both["lost_share_base"]
    both["lost_value_difference_usd"] = both["lost_value_usd"] - both["lost_value_usd_base"]
    return both.drop(columns=["lost_base", "lost_share_base", "lost_value_usd_base"])


def inputs_that_differ(base: Run, others: Sequence[Run]) -> DataFrame:
    """Timeline entries, changes, foresight, allocation and data that are not the base's."""
    mine = _inputs(base)
    rows: list[dict[str, Any]] = []
    for run in others:
        theirs = _inputs(run)
        for what in sorted({*mine, *theirs}):
            if mine.get(what) != theirs.get(what):
                rows.append(
                    {
                        "what": what,
                        "scenario": run.scenario,
                        "base": mine.get(what, "-"),
                        "other": theirs.get(what, "-"),
                    }
                )
    return DataFrame(rows, columns=["what", "scenario", "base", "other"])


def _inputs(run: Run) -> dict[str, str]:
    scenario = run.record["scenario"]
    found = {
        "data": str(run.record["data"]["hash"])[:12],
        "allocation": str(run.record["allocation"]),
        **{f"horizon {k}": str(v) for k, v in scenario["horizon"].items()},
        **{f"foresight {k}": str(v) for k, v in scenario["foresight"].items()},
    }
    for entry in scenario["timeline"]:
        put = ", ".join(f"{k} {v}" for k, v in sorted(entry["set"].items()) if v)
        found[f"from {entry['effective']}: {put}"] = str(entry["why"])
    for change in scenario["changes"]:
        where = ", ".join(f"{k} {v}" for k, v in sorted(change["where"].items()))
        found[f"{change['what']} ({where})"] = f"{change['value']} {change['unit']}"
    return found
