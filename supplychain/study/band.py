"""How far the answer depends on how planners decide: the same scenario with other planners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from supplychain.results.indicators import WORLD
from supplychain.results.run import Run
from supplychain.study.run import Progress, RunRequest, World, run_scenario

PERFECT, PROPORTIONAL = "perfect", "proportional"
TABLES = {"shortfall": "band_shortfall", "indicators": "band_indicators"}
"""Tables of the other runs that are kept with a run, and their names there."""


def band_requests(run: Run, request: RunRequest) -> dict[str, RunRequest]:
    """The runs that make the band: everything known beforehand, and sharing by usual shares."""
    found = {}
    if run.record["foresight"] != PERFECT:
        found[PERFECT] = replace(request, foresight=PERFECT)
    if run.record["allocation"] != PROPORTIONAL:
        found[PROPORTIONAL] = replace(request, allocation=PROPORTIONAL)
    return found


def with_band(
    run: Run, request: RunRequest, world: World, on_progress: Progress | None = None
) -> Run:
    """Solve the same scenario with other planners and keep what they lose with the run.

    Raises:
        NotSolved: one of them has no answer.
    """
    made = {
        kind: run_scenario(asked, on_progress, world)
        for kind, asked in band_requests(run, request).items()
    }
    return add_band(run, made)


def add_band(run: Run, made: Mapping[str, Run]) -> Run:
    """Put the losses of other runs of the same scenario beside those of a run."""
    tables = dict(run.tables)
    for own, name in TABLES.items():
        parts = [_named(kind, other.tables[own]) for kind, other in made.items()]
        if parts:
            tables[name] = pd.concat(parts, ignore_index=True)
    ways = {kind: _way(other) for kind, other in made.items()}
    own_way = str(run.record["foresight"])
    losses = {own_way: _losses(run), **{kind: _losses(other) for kind, other in made.items()}}
    sectors = {
        sector: {**words, "band": {way: found[sector] for way, found in losses.items()}}
        for sector, words in run.headline["sectors"].items()
    }
    headline = {**run.headline, "sectors": sectors}
    return replace(run, record={**run.record, "headline": headline, "band": ways}, tables=tables)


def _named(kind: str, table: pd.DataFrame) -> pd.DataFrame:
    named = table.copy()
    named.insert(1, "kind", kind)
    return named


def _way(run: Run) -> dict[str, Any]:
    """What run.json keeps of a run that made a band."""
    kept = ("id", "foresight", "allocation", "solver", "checks", "seconds")
    return {name: run.record[name] for name in kept}


def _losses(run: Run) -> dict[str, float]:
    rows = run.tables["indicators"]
    rows = rows[rows["region"] == WORLD]
    return dict(zip(rows["sector"].astype(str), rows["lost_value_usd"].astype(float), strict=True))
