"""A run as pages see it: tables with their columns, names, orders and sums."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Protocol, TypeVar

import pandas as pd

from supplychain import formatting
from supplychain.dataset.schema_demand import SECTORS
from supplychain.runs.run_schema import TABLE_COLUMNS, WORLD
from supplychain.scenario.scenario import past_from

RECIPE_NAMES = {
    "normal": "the normal recipe",
    "thrifted": "magnets with less of the scarce elements",
    "assembled-abroad": "motors bought whole",
    "ferrite": "ferrite in place of rare-earth magnets",
    "magnet-free": "designs without magnets",
    "magnet-free-traction": "traction motors without magnets",
    "light-traction": "traction magnets without dysprosium and terbium",
}
"""How a recipe is called inside a sentence; one not named here keeps its own name."""


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
        return pd.DataFrame(columns=list(TABLE_COLUMNS[name]))

    @property
    def record(self) -> Mapping[str, Any]:
        """The run record."""
        return self.run.record

    @cached_property
    def scenario(self) -> Mapping[str, Any]:
        """The scenario as resolved."""
        found: Mapping[str, Any] = self.record.get("scenario", {})
        return found

    @cached_property
    def worked_out(self) -> dict[str, Any]:
        """What `once_a_view` found, by the function that finds it."""
        return {}

    @cached_property
    def proven_values(self) -> pd.DataFrame:
        """The marginal values that one more kilogram is proven to be worth."""
        frame = self.table("marginal_values")
        return frame[frame["one_more"] == "yes"] if "one_more" in frame else frame

    @cached_property
    def sources(self) -> Mapping[str, Mapping[Hashable, Any]]:
        """Title and address of each source, by its key."""
        return {str(r["source"]): r for r in self.table("sources").to_dict("records")}

    @property
    def past_from(self) -> str:
        """The Monday from which the past was solved, ISO; "" where it was not."""
        return past_from(self.scenario)

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
        return SECTORS.get(str(sector), readable(sector).capitalize())

    def recipe(self, recipe: object) -> str:
        """What a recipe is called inside a sentence."""
        return RECIPE_NAMES.get(str(recipe), readable(recipe))

    def assumption(self, name: str) -> float:
        """The value of an assumption of the run; 0 where its record has none of that name."""
        rows = self.record.get("assumptions") or ()
        return next((float(r["value"]) for r in rows if r.get("assumption") == name), 0.0)

    @property
    def stop_share(self) -> float:
        """Share of a week's plan beyond which a line has stopped (`stop_threshold`)."""
        return self.assumption("stop_threshold")

    @property
    def stop_words(self) -> str:
        """What a stop is, in words."""
        made = formatting.share(1.0 - self.stop_share)
        return f"the first week in which a segment makes less than {made} of the week's plan"

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
        return [s for s in SECTORS if s in present] + sorted(present - set(SECTORS))

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

    @cached_property
    def segment_sectors(self) -> dict[str, str]:
        """The sector of each segment."""
        frame = self.table("customers")
        return dict(zip(frame["segment"].astype(str), frame["sector"].astype(str), strict=True))

    def customer(self, customer: object) -> str:
        """The name of a customer: its segment and its region."""
        segment, _, code = str(customer).rpartition("-")
        return f"{self.segment(segment)}, {self.region(code.upper())}"

    def headline(self, sector: str) -> Mapping[str, Any]:
        """What the record says of one sector."""
        sectors: Mapping[str, Any] = self.record.get("headline", {}).get("sectors", {})
        found: Mapping[str, Any] = sectors.get(sector, {})
        return found


Found = TypeVar("Found")


def once_a_view(work: Callable[[View], Found]) -> Callable[[View], Found]:
    """Let a function find something once a view; its callers share it and must not change it."""
    name = f"{work.__module__}.{work.__qualname__}"

    @wraps(work)
    def found(view: View) -> Found:
        if name not in view.worked_out:
            view.worked_out[name] = work(view)
        return view.worked_out[name]

    return found


def readable(identifier: object) -> str:
    """Write an identifier as words.

    >>> readable("ndpr-oxide")
    'ndpr oxide'
    """
    return str(identifier).replace("-", " ").replace("_", " ")


def text(value: object) -> str:
    """Return a cell as text; a missing one is empty."""
    return formatting.plain(value)


def totals(frame: pd.DataFrame, keys: list[str], amounts: list[str]) -> pd.DataFrame:
    """Sum amounts by keys, in the order of the keys.

    >>> frame = pd.DataFrame({"region": ["b", "a", "b"], "tonnes": [1.0, 2.0, 3.0]})
    >>> totals(frame, ["region"], ["tonnes"]).to_dict("records")
    [{'region': 'a', 'tonnes': 2.0}, {'region': 'b', 'tonnes': 4.0}]
    """
    return frame.groupby(keys, sort=True)[amounts].sum().reset_index()


def groups(frame: pd.DataFrame, *keys: str) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    """Yield the rows of each combination of keys, in order, with the keys as text.

    >>> frame = pd.DataFrame({"region": ["b", "a", "b"], "tonnes": [1.0, 2.0, 3.0]})
    >>> [(key, len(rows)) for key, rows in groups(frame, "region")]
    [(('a',), 1), (('b',), 2)]
    """
    for key, rows in frame.groupby(list(keys), sort=True):
        parts = key if isinstance(key, tuple) else (key,)
        yield tuple(str(part) for part in parts), rows


def filled(frame: pd.DataFrame, column: str) -> pd.Series[bool]:
    """Say which rows have a text in the column (blank and missing both mean none).

    >>> filled(pd.DataFrame({"customer": ["x", "", None]}), "customer").to_list()
    [True, False, False]
    """
    return frame[column].fillna("").astype(str) != ""


def ranked(series: pd.Series[float]) -> list[str]:
    """Return the labels of a series, largest value first, equal ones by name.

    >>> ranked(pd.Series({"b": 2.0, "c": 1.0, "a": 2.0}))
    ['a', 'b', 'c']
    """
    ordered = series.sort_index().sort_values(ascending=False, kind="stable")
    return [str(label) for label in ordered.index]
