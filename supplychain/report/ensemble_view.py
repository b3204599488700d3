"""An ensemble seen by the report: its tables, its names and orders, and odds in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from supplychain import formatting
from supplychain.dataset.schema_demand import SECTORS
from supplychain.dataset.schema_policy import STATES
from supplychain.ensemble.member_losses import ALL_REGIONS, ALL_SECTORS
from supplychain.report.figure import Cell, Choice, number_cell
from supplychain.report.run_view import View, readable
from supplychain.runs.run_schema import Run

COLUMNS: dict[str, tuple[str, ...]] = {
    "members": ("member", "status", "reason", "first_break_week", "arm_pairs"),
    "inputs": ("member", "input", "group", "position", "value", "unit"),
    "paths": ("member", "week", "state", "regime"),
    "hazards": (
        "from_state", "to_state", "events", "weeks_at_risk", "hazard_per_week", "low", "high",
        "source_events",
    ),
    "drivers": ("output", "input", "method", "index", "low", "high", "rank", "above_noise"),
    "morris": ("output", "input", "method", "index", "low", "high", "rank", "mu", "sigma"),
    "truce_value": ("sector", "mean_usd", "low", "high", "pairs"),
}  # fmt: skip
"""Tables that an ensemble may lack; such a one is read as empty."""

STATE_WORDS = {
    "open": "no controls",
    "general-licence": "general licences",
    "slow": "slow licences",
    "tightened": "tightened controls",
    "suspended": "suspended licences",
    "embargo": "embargo",
}
"""States of the regime as they stand inside a sentence."""


@dataclass(frozen=True)
class EnsembleView(View):
    """The tables of an ensemble and how to name what is in them."""

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the ensemble, or an empty one with its columns."""
        if name in COLUMNS and name not in self.run.tables:
            return pd.DataFrame(columns=list(COLUMNS[name]))
        return super().table(name)

    @property
    def name(self) -> str:
        """The ensemble's name."""
        return str(self._said("name") or "ensemble")

    @property
    def title(self) -> str:
        """The ensemble's title, or its name where it has none."""
        return str(self._said("title") or self.name)

    @property
    def base(self) -> str:
        """The name of the scenario whose futures these are."""
        found = self._said("scenario") or ""
        return str(found.get("name", "") if isinstance(found, Mapping) else found)

    def _said(self, key: str) -> Any:
        definition = self.record.get("definition") or {}
        return self.record.get(key) or definition.get(key)

    @property
    def start(self) -> str:
        """ISO date of the first Monday of the horizon."""
        return self.weeks[0] if self.weeks else ""

    @cached_property
    def weeks(self) -> list[str]:
        """ISO dates of the Mondays of the horizon, in order."""
        return sorted(str(week)[:10] for week in self.table("stopping")["week"].unique())

    @cached_property
    def sectors(self) -> list[str]:
        """Sectors in the order of the page, without "all"."""
        present = {str(s) for s in self.table("expected")["sector"]} - {ALL_SECTORS}
        return [s for s in SECTORS if s in present] + sorted(present - set(SECTORS))

    @cached_property
    def regions(self) -> list[str]:
        """Regions with customers, in the order of the dictionary, without "ALL"."""
        present = {str(r) for r in self.table("expected")["region"]} - {ALL_REGIONS}
        known = [str(r) for r in self.table("regions")["region"] if str(r) in present]
        return known + sorted(present - set(known))

    @cached_property
    def solved(self) -> int:
        """How many futures were solved."""
        return int((self.table("members")["status"] == "solved").sum())

    @cached_property
    def expected(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """(sector, region) to its row of the table of expected losses."""
        return by_place(self.table("expected"))

    @cached_property
    def stops(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """(sector, region) to the chance that a line has stopped by the end of the horizon."""
        table = self.table("stopping")
        return by_place(table[table["week"].astype(str).str[:10] == self.weeks[-1]])

    def sector(self, sector: object) -> str:
        """The name of a sector, or of all of them."""
        return "All sectors" if str(sector) == ALL_SECTORS else super().sector(sector)

    def region(self, code: object) -> str:
        """The name of a region, or of all of them."""
        return "All regions" if str(code) == ALL_REGIONS else super().region(code)

    def state(self, state: object) -> str:
        """A state of the regime in words."""
        return state_words(state)

    def loses(self, sector: str, region: str = ALL_REGIONS) -> bool:
        """Whether a loss worth naming is expected, or a line stops in any future."""
        found = self.expected.get((sector, region))
        if found is None:
            return False
        stops = self.stops[sector, region]["probability"] > 0
        return bool(stops or found["mean_share"] >= formatting.NO_LOSS)

    @cached_property
    def states(self) -> list[str]:
        """The states that futures were in, from the mildest to the harshest."""
        present = {str(state) for state in self.table("paths")["state"].unique()}
        order = {state: i for i, state in enumerate(STATES)}
        return sorted(present, key=lambda s: (order.get(s, len(order)), s))


def of(record: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> EnsembleView:
    """See an ensemble by its record and tables."""
    return EnsembleView(Run(record=dict(record), tables=dict(tables)))


def by_place(table: pd.DataFrame) -> dict[tuple[str, str], Mapping[str, Any]]:
    """(sector, region) to the row."""
    rows: list[dict[str, Any]] = [
        {str(k): v for k, v in row.items()} for row in table.to_dict("records")
    ]
    return {(str(row["sector"]), str(row["region"])): row for row in rows}


def state_words(state: object) -> str:
    """Write a state of the regime inside a sentence.

    >>> state_words("general-licence"), state_words("half-open")
    ('general licences', 'half open')
    """
    return STATE_WORDS.get(str(state), readable(state))


def places(view: EnsembleView) -> tuple[Choice, Choice]:
    """Lists of sectors and of regions, each with all of them first."""
    sectors = tuple((code, view.sector(code)) for code in view.sectors)
    regions = tuple((code, view.region(code)) for code in view.regions)
    return (
        Choice("sector", "Sector", (("", view.sector(ALL_SECTORS)), *sectors)),
        Choice("region", "Region", (("", view.region(ALL_REGIONS)), *regions)),
    )


def mark(sector: str, region: str = ALL_REGIONS) -> dict[str, str]:
    """The options of the lists for which something is shown."""
    return {
        "sector": "" if sector == ALL_SECTORS else sector,
        "region": "" if region == ALL_REGIONS else region,
    }


def odds(chance: float) -> str:
    """Say a chance as planners do.

    >>> odds(0.58), odds(0.05), odds(0.013), odds(0.0), odds(1.0)
    ('58 of 100 futures', '1 of 20 futures', '1 of 77 futures', 'no future', 'every future')
    >>> odds(0.997), odds(0.3), odds(0.004)
    ('more than 99 of 100 futures', '30 of 100 futures', '1 of 250 futures')
    """
    if chance <= 0:
        return "no future"
    if chance >= 1:
        return "every future"
    if chance > 0.99:
        return "more than 99 of 100 futures"
    if chance <= 0.105:
        return f"1 of {formatting.significant(1 / chance, 2):,.0f} futures"
    return f"{100 * chance:.0f} of 100 futures"


def chance_words(chance: float) -> str:
    """Write a chance where there is little room.

    >>> chance_words(0.583), chance_words(0.0039), chance_words(0.0), chance_words(0.997)
    ('58 %', '0.4 %', '0 %', '> 99 %')
    >>> chance_words(4.7e-16)
    '< 0.01 %'
    """
    if 0 < chance < formatting.NO_LOSS:
        return "< 0.01 %"
    if 0 < chance < 0.01:
        return f"{100 * formatting.significant(chance, 1):g} %"
    if 0.99 < chance < 1:
        return "> 99 %"
    return formatting.share(chance)


def between(low: float, high: float) -> str:
    """Write an interval of US dollars.

    >>> between(1.1e9, 2.34e9), between(9e8, 1.2e9), between(0.0, 0.0)
    ('USD 1.1 to 2.3 billion', 'USD 900 million to 1.2 billion', 'USD 0')
    >>> between(-2e6, 3e6)
    '-USD 2 million to USD 3 million'
    """
    return formatting.money_range(low, high)


def wider(row: Mapping[Any, Any]) -> tuple[float, float]:
    """The interval of the value of the truce: as far as the wider of its two goes, each way.

    >>> wider({"low": -1.0, "high": 3.0, "bootstrap_low": 0.5, "bootstrap_high": 4.0})
    (-1.0, 4.0)
    """
    low = min(float(row["low"]), float(row["bootstrap_low"]))
    return low, max(float(row["high"]), float(row["bootstrap_high"]))


INTERVAL = ("95 % sure: from", "to")
"""Heads of the two columns of an interval."""


def interval_cells(
    row: Mapping[Any, Any], write: Callable[[float], str], low: str = "low", high: str = "high"
) -> list[Cell]:
    """The two ends of an interval as cells."""
    return [number_cell(write(float(row[end])), float(row[end])) for end in (low, high)]
