"""Scenarios beside a base: what each loses, and the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd
from pandas import DataFrame

from supplychain.regime.difference import ABSENT, Difference, words_diff
from supplychain.results.run import Run

KEYS = ["sector", "region"]
MEASURES = ["lost", "lost_share", "lost_value_usd", "first_week"]


class RunLike(Protocol):
    """A run of which the record is enough."""

    @property
    def record(self) -> Mapping[str, Any]:
        """What run.json holds."""


@dataclass(frozen=True)
class Comparison:
    """A base run, the others, and the tables that set them side by side."""

    base: Run
    others: tuple[Run, ...]
    sectors: DataFrame
    """sector, region, unit, scenario, lost, lost_share, lost_value_usd, first_week, and the
    differences to the base: lost_difference, lost_share_difference, lost_value_difference_usd."""
    inputs: DataFrame
    """what, scenario, base value, other value, why, source: inputs that are not the same."""


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


COLUMNS = ["what", "scenario", "base", "other", "why", "source"]


def inputs_that_differ(base: RunLike, others: Sequence[RunLike]) -> DataFrame:
    """What each other run changes against the base: old, new, reason and source.

    Horizon, foresight, timeline and changes as `scenario diff` lists them, then allocation, data
    and the rows that overlays change.
    """
    rows: list[dict[str, Any]] = []
    for run in others:
        name = str(run.record["scenario"]["name"])
        for d in (*words_diff(base.record["scenario"], run.record["scenario"]), *_data(base, run)):
            rows.append(
                {
                    "what": d.what,
                    "scenario": name,
                    "base": d.one,
                    "other": d.other,
                    "why": d.why,
                    "source": d.source,
                }
            )
    return DataFrame(rows, columns=COLUMNS)


def _data(base: RunLike, run: RunLike) -> Iterator[Difference]:
    """Allocation, the hash of the data, and the cells that one of the two overlays."""
    settings = [
        ("allocation", *(str(r.record.get("allocation", ABSENT)) for r in (base, run))),
        ("data", *(str(r.record["data"]["hash"])[:12] for r in (base, run))),
    ]
    yield from (Difference(what, a, b) for what, a, b in settings if a != b)
    mine, theirs = (_cells(r) for r in (base, run))
    for cell in [*theirs, *(c for c in mine if c not in theirs)]:
        old = mine[cell].get("new") if cell in mine else theirs[cell].get("old")
        new = theirs[cell].get("new") if cell in theirs else mine[cell].get("old")
        if old != new:
            overlay = theirs.get(cell, mine.get(cell, {})).get("overlay")
            why = f"overlay {overlay}" if overlay else ""
            yield Difference(f"data {' '.join(cell)}", _shown(old), _shown(new), why)


def _cells(run: RunLike) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """What overlays change, by table, key and column."""
    changes = run.record["data"].get("changes", ())
    names = ("table", "key", "column")
    return {tuple(str(c[n]) for n in names if n in c): c for c in changes}


def _shown(value: object) -> str:
    return ABSENT if value is None else str(value)
