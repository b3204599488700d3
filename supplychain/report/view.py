"""What a page needs to know of a run beside its tables: names, orders, totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from supplychain.report import words

SECTOR_NAMES = {
    "auto": "Auto",
    "aerospace": "Aerospace",
    "munitions": "Munitions",
    "semiconductor": "Semiconductors",
    "other": "Other users",
}
"""Sectors in the order of the page; a sector not named here follows under its own name."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "shortfall": (
        "scenario", "sector", "segment", "region", "week", "unit", "planned", "produced", "lost",
        "lost_value_usd",
    ),
    "indicators": (
        "scenario", "sector", "region", "unit", "planned", "lost", "lost_share", "lost_value_usd",
        "first_week", "weeks_to_first_loss", "worst_week", "recovered_week",
    ),
    "flows": ("scenario", "material", "origin", "destination", "customer", "week", "tonnes"),
    "usual_flows": ("material", "origin", "destination", "customer", "tonnes_per_week"),
    "stocks": ("scenario", "material", "region", "customer", "week", "tonnes", "weeks_of_cover"),
    "licences": (
        "scenario", "control", "exporter", "destination", "end_use", "week", "applied_t",
        "granted_t", "used_t", "pending_t", "expired_t",
    ),
    "marginal_values": (
        "scenario", "law", "region", "customer", "material", "week", "usd_per_kg",
    ),
    "timeline": ("scenario", "kind", "announced", "effective", "title", "why", "source"),
    "targets": ("material", "region", "customer", "target_weeks", "need_t_per_week"),
    "regions": ("region", "name"),
    "materials": ("material", "name", "stage"),
    "segments": ("segment", "name"),
    "customers": ("customer", "sector", "segment", "region", "unit", "end_use"),
    "controls": ("control", "name"),
    "elements": ("element", "name"),
    "material_content": ("material", "element", "content"),
    "sources": ("source", "title", "url"),
}  # fmt: skip
"""Tables the page reads; one that a run does not have is read as empty."""


WORLD = "WORLD"
"""The region of the rows of `indicators` that count all regions together."""


class RunLike(Protocol):
    """A run as the results room keeps it."""

    @property
    def record(self) -> Mapping[str, Any]:
        """What run.json holds."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The tidy tables by name."""


@dataclass(frozen=True)
class View:
    """A run seen by the report: its record, its tables, and how to name things."""

    run: RunLike

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the run, or an empty one with its columns."""
        if name in self.run.tables:
            return self.run.tables[name]
        return pd.DataFrame(columns=list(COLUMNS[name]))

    @property
    def record(self) -> Mapping[str, Any]:
        """The run record."""
        return self.run.record

    @cached_property
    def scenario(self) -> Mapping[str, Any]:
        """The scenario as resolved."""
        found: Mapping[str, Any] = self.record.get("scenario", {})
        return found

    @property
    def name(self) -> str:
        """The scenario's name."""
        return str(self.scenario.get("name", "run"))

    @property
    def title(self) -> str:
        """The scenario's title, or its name where it has none."""
        return str(self.scenario.get("title") or self.name)

    @property
    def start(self) -> str:
        """ISO date of the first Monday of the horizon."""
        return str(self.scenario.get("horizon", {}).get("start", ""))[:10]

    @cached_property
    def weeks(self) -> list[str]:
        """ISO dates of the Mondays of the horizon, in order."""
        return sorted(str(w) for w in self.table("shortfall")["week"].unique())

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for table, key in (
            ("regions", "region"), ("materials", "material"), ("segments", "segment"),
            ("elements", "element"),
        ):  # fmt: skip
            frame = self.table(table)
            found[key] = {
                str(row[key]): text(row.get("name")) or readable(row[key])
                for row in frame.to_dict("records")
            }
        return found

    def region(self, code: object) -> str:
        """The name of a region."""
        return self._names["region"].get(str(code), str(code))

    def material(self, material: object) -> str:
        """The name of a material."""
        return self._names["material"].get(str(material), readable(material))

    def segment(self, segment: object) -> str:
        """The name of a segment."""
        return self._names["segment"].get(str(segment), readable(segment))

    def element(self, element: object) -> str:
        """The name of an element."""
        return self._names["element"].get(str(element), str(element))

    def sector(self, sector: object) -> str:
        """The name of a sector."""
        return SECTOR_NAMES.get(str(sector), readable(sector).capitalize())

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """The indicators by sector and region, without the rows for the world."""
        frame = self.table("indicators")
        return frame[frame["region"] != WORLD].reset_index(drop=True)

    @cached_property
    def worldwide(self) -> dict[str, Mapping[str, Any]]:
        """The indicators of each sector over all regions."""
        frame = self.table("indicators")
        rows = frame[frame["region"] == WORLD].to_dict("records")
        return {str(row["sector"]): {str(k): v for k, v in row.items()} for row in rows}

    @cached_property
    def sectors(self) -> list[str]:
        """Sectors in the order of the page."""
        present = {str(s) for s in self.table("indicators")["sector"].unique()}
        return [s for s in SECTOR_NAMES if s in present] + sorted(present - set(SECTOR_NAMES))

    @cached_property
    def regions(self) -> list[str]:
        """Regions with customers, in the order of the dictionary."""
        present = {str(r) for r in self.indicators["region"].unique()}
        known = [str(r) for r in self.table("regions")["region"] if str(r) in present]
        return known + sorted(present - set(known))

    @cached_property
    def customer_sectors(self) -> dict[str, str]:
        """The sector of each customer."""
        frame = self.table("customers")
        return dict(zip(frame["customer"].astype(str), frame["sector"].astype(str), strict=True))

    def customer(self, customer: object) -> str:
        """The name of a customer: its segment and its region."""
        segment, _, code = str(customer).rpartition("-")
        return f"{self.segment(segment)}, {self.region(code.upper())}"

    def headline(self, sector: str) -> Mapping[str, Any]:
        """What the record says of one sector."""
        sectors: Mapping[str, Any] = self.record.get("headline", {}).get("sectors", {})
        found: Mapping[str, Any] = sectors.get(sector, {})
        return found


def readable(identifier: object) -> str:
    """Write an identifier as words.

    >>> readable("ndpr-oxide")
    'ndpr oxide'
    """
    return str(identifier).replace("-", " ").replace("_", " ")


def text(value: object) -> str:
    """Return a cell as text; a missing one is empty."""
    return words.plain(value)
