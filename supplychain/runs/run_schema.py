"""What a run is: its record and tables, with unit and meaning of every column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pandas import DataFrame

from supplychain.dataset.schema_demand import SECTORS

AMOUNT, SMALL, SHARE, MONEY = "#,##0.0", "#,##0.000", "0.0%", "#,##0"
TEXT, DAY = "text", "date"

WORLD = "WORLD"
VALUE_UNIT = "million USD"

TABLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "shortfall": (
        "scenario", "sector", "segment", "region", "week", "unit", "planned", "produced", "lost",
        "lost_for_good", "made_up", "lost_value_usd", "late_cost_usd",
    ),
    "indicators": (
        "scenario", "sector", "region", "unit", "planned", "lost", "lost_share", "lost_for_good",
        "lost_for_good_share", "lost_value_usd", "first_firm_week", "first_firm_region",
        "first_firm_segment", "first_week", "weeks_to_first_loss", "worst_week", "recovered_week",
    ),
    "flows": ("scenario", "material", "origin", "destination", "customer", "week", "tonnes"),
    "usual_flows": ("material", "origin", "destination", "customer", "tonnes_per_week"),
    "stocks": (
        "scenario", "material", "region", "customer", "week", "tonnes", "weeks_of_cover",
        "tonnes_under_way", "weeks_under_way",
    ),
    "licences": (
        "scenario", "control", "exporter", "destination", "end_use", "end_user", "week",
        "applied_t", "granted_t", "used_t", "pending_t", "expired_t",
    ),
    "firms": (
        "scenario", "sector", "segment", "region", "week", "share_short", "share_standing",
        "thinnest_first_week",
        "quarter_first_week", "half_first_week",
    ),
    "cover_needed": (
        "scenario", "segment", "region", "material", "week", "weeks_needed",
        "share_of_firms_through",
    ),
    "recipes_used": (
        "scenario", "segment", "region", "week", "recipe", "share", "extra_cost_usd",
    ),
    "output": ("scenario", "customer", "recipe", "unit", "week", "produced"),
    "marginal_values": (
        "scenario", "law", "region", "customer", "material", "week", "usd_per_kg",
        "one_more", "one_less",
    ),
    "timeline": ("scenario", "kind", "announced", "effective", "title", "why", "source"),
    "targets": ("material", "region", "customer", "target_weeks", "need_t_per_week"),
    "regions": ("region", "name"),
    "materials": ("material", "name", "stage"),
    "segments": ("segment", "name"),
    "customers": (
        "customer", "sector", "segment", "region", "unit", "end_use", "value_added_usd_per_unit",
    ),
    "controls": ("control", "name"),
    "elements": ("element", "name"),
    "material_content": ("material", "element", "content"),
    "sources": ("source", "title", "url"),
    "data_changes": (
        "table", "key", "action", "column", "old", "new", "overlay", "file", "line",
    ),
}  # fmt: skip
"""Tables the page reads; one that a run does not have is read as empty."""

VALUE, PROPORTIONAL, PERFECT = "value", "proportional", "perfect"
BAND_ENDS = (VALUE, PROPORTIONAL)
"""The allocations between which the truth lies: goods pooled, and shared by usual shares."""
BAND_TABLES = {"shortfall": "band_shortfall", "indicators": "band_indicators"}
"""Tables of the other runs that are kept with a run, and their names there."""


@dataclass(frozen=True)
class Meaning:
    """A column: its unit (blank for text), how it is shown, and what it says."""

    unit: str
    look: str
    text: str


TABLES: dict[str, str] = {
    "indicators": "What each sector loses, by region and in the world, and when.",
    "shortfall": "Planned, produced and lost output of each customer, week by week.",
    "firms": "Share of each customer's firms that stand still, weeks in which some do.",
    "cover_needed": "With how many weeks of stock on the shelf a firm gets through to a week.",
    "recipes_used": "Output by other recipes than the normal one, week by week.",
    "stocks": "What regions and customers hold on the shelf at each week's end, and what comes.",
    "licences": "The queue for licences, week by week; weeks without any are left out.",
    "flows": "What departs, by every mode; weeks without any are left out.",
    "air_flows": "The part of the flows that went by air.",
    "other_uses": "What uses outside the model took from regions' stocks.",
    "production": "What each line starts in a week, and what it could have.",
    "output": "The output of each customer by recipe.",
    "marginal_values": "What one more kilogram would save; marginal, not what is paid.",
    "timeline": "Regimes, changes of numbers and events, by date.",
    "usual_flows": "The flows of the base year.",
    "targets": "What customers want on the shelf.",
    "customers": "The customers: a segment in a region.",
    "segments": "Kinds of finished goods.",
    "materials": "What is traded or stored.",
    "material_content": "How much of each element a material holds.",
    "elements": "Names of the elements.",
    "regions": "Names of the regions.",
    "controls": "Names of the export controls.",
    "regimes": "Names of the ways to apply them.",
    "sources": "Where the numbers of the data come from.",
    "data_changes": "Cells of the data that overlays changed.",
}
"""The tables of a run in the order in which a planner meets them."""

ROW_UNIT = "that of the column unit"

COLUMNS: dict[str, Meaning] = {
    "scenario": Meaning("", TEXT, "name of the scenario"),
    "sector": Meaning("", TEXT, f"one of {', '.join(SECTORS)}"),
    "segment": Meaning("", TEXT, "kind of finished good"),
    "region": Meaning("", TEXT, "code of the region; WORLD is the sum of the sector"),
    "week": Meaning("date", DAY, "the Monday of the week"),
    "unit": Meaning("", TEXT, "what the amounts of the row are counted in"),
    "planned": Meaning(ROW_UNIT, AMOUNT, "planned output"),
    "produced": Meaning(ROW_UNIT, AMOUNT, "output"),
    "lost": Meaning(ROW_UNIT, AMOUNT, "output that is not made when planned"),
    "lost_share": Meaning("share", SHARE, "lost over planned"),
    "lost_for_good": Meaning(ROW_UNIT, AMOUNT, "of lost, what is not made later either"),
    "lost_for_good_share": Meaning("share", SHARE, "lost for good over planned"),
    "made_up": Meaning(ROW_UNIT, AMOUNT, "made on top of plan, for what was lost before"),
    "lost_value_usd": Meaning("USD", MONEY, "value added of what is lost for good"),
    "late_cost_usd": Meaning("USD", MONEY, "what being late costs, by the week of the loss"),
    "first_week": Meaning("date", DAY, "first week with a stop; blank if none"),
    "first_firm_week": Meaning("date", DAY, "first week of the thinnest firms; blank if none"),
    "first_firm_region": Meaning("", TEXT, "code of the region in which they are"),
    "first_firm_segment": Meaning("", TEXT, "their segment"),
    "share_short": Meaning("share", SHARE, "of output, of firms whose own stock is used up"),
    "share_standing": Meaning("share", SHARE, "of the week's plan that is not made"),
    "thinnest_first_week": Meaning("date", DAY, "first week of the thinnest firms; blank if none"),
    "quarter_first_week": Meaning("date", DAY, "first week in which a quarter of firms stands"),
    "half_first_week": Meaning("date", DAY, "first week in which half of the firms stand"),
    "weeks_needed": Meaning(
        "week", AMOUNT, "weeks of need on the shelf to get through to the week"
    ),
    "share_of_firms_through": Meaning("share", SHARE, "of output, of firms that held so much"),
    "share": Meaning("share", SHARE, "of the week's plan"),
    "extra_cost_usd": Meaning("USD", MONEY, "what it costs more than by the normal recipe"),
    "end_user": Meaning("", TEXT, "segment whose licences they are; any: of no user by name"),
    "value_added_usd_per_unit": Meaning("USD", MONEY, "value added of a unit of output"),
    "weeks_to_first_loss": Meaning(
        "week", AMOUNT, "from the first week that a new control rules to first_week"
    ),
    "worst_week": Meaning("date", DAY, "week of the largest share lost"),
    "recovered_week": Meaning(
        "date", DAY, "first week after the last one with a stop; blank if the horizon ends before"
    ),
    "material": Meaning("", TEXT, "name of the material"),
    "origin": Meaning("", TEXT, "region from which it departs"),
    "destination": Meaning("", TEXT, "region to which it goes"),
    "customer": Meaning("", TEXT, "name of the customer; blank for a region's own stock"),
    "tonnes": Meaning("t", AMOUNT, "amount in the week"),
    "weeks_of_cover": Meaning(
        "week",
        AMOUNT,
        "tonnes on the shelf over the usual weekly throughput or need; blank without a use",
    ),
    "tonnes_under_way": Meaning(
        "t", AMOUNT, "sent off to here, or in process here, and there after the week's end"
    ),
    "weeks_under_way": Meaning(
        "week", AMOUNT, "tonnes_under_way over the same weekly amount; blank without a use"
    ),
    "control": Meaning("", TEXT, "name of the export control"),
    "exporter": Meaning("", TEXT, "region whose licences they are"),
    "end_use": Meaning("", TEXT, "civil or military"),
    "applied_t": Meaning("t", SMALL, "wanted in the week"),
    "granted_t": Meaning("t", SMALL, "becomes usable in the week"),
    "used_t": Meaning("t", SMALL, "shipped under the class"),
    "pending_t": Meaning("t", SMALL, "files that wait at the week's end"),
    "expired_t": Meaning("t", SMALL, "lapsed or revoked unused"),
    "law": Meaning("", TEXT, "the balance that the value belongs to"),
    "usd_per_kg": Meaning("USD/kg", "#,##0.00", "what one more kilogram would save"),
    "one_more": Meaning(
        "", TEXT, "yes: one more kilogram is proven to save that; no: it saves that at most"
    ),
    "one_less": Meaning(
        "", TEXT, "yes: one kilogram less is proven to cost that; no: it costs that at least"
    ),
    "line": Meaning("", TEXT, "a process at a site"),
    "site": Meaning("", TEXT, "where the line stands"),
    "process": Meaning("", TEXT, "what the line does"),
    "stage": Meaning("", TEXT, "place in the chain"),
    "capacity_tonnes": Meaning("t", AMOUNT, "what the line could have started in the week"),
    "recipe": Meaning("", TEXT, "normal, or another way to make the good"),
    "kind": Meaning("", TEXT, "regime, change or event"),
    "announced": Meaning("date", DAY, "when it was made known"),
    "effective": Meaning("date", DAY, "when it takes effect"),
    "until": Meaning("date", DAY, "when it ends; blank if open"),
    "title": Meaning("", TEXT, "what it is"),
    "why": Meaning("", TEXT, "the reason"),
    "source": Meaning("", TEXT, "key in sources, or assumption"),
    "tonnes_per_week": Meaning("t/week", SMALL, "usual departures"),
    "target_weeks": Meaning("week", AMOUNT, "weeks of need wanted on the shelf"),
    "need_t_per_week": Meaning("t/week", SMALL, "need of the customer"),
    "name": Meaning("", TEXT, "name in reports"),
    "price_usd_per_kg": Meaning("USD/kg", "#,##0.00", "price in the base year"),
    "element": Meaning("", TEXT, "short name of the element"),
    "content": Meaning("t/t", "0.0000", "t of the element per t of the material"),
    "regime": Meaning("", TEXT, "name of the way to apply controls"),
    "url": Meaning("", TEXT, "address"),
    "table": Meaning("", TEXT, "table of the data"),
    "key": Meaning("", TEXT, "words that name the row"),
    "action": Meaning("", TEXT, "replaced, added or removed"),
    "column": Meaning("", TEXT, "column of the cell"),
    "overlay": Meaning("", TEXT, "folder of the overlay"),
    "measure": Meaning("", TEXT, "first_week, lost_share or lost_value_usd"),
    "old": Meaning("", TEXT, "as it was in the last report"),
    "new": Meaning("", TEXT, "as it is now"),
}

_OTHERWISE: dict[tuple[str, str], Meaning] = {
    ("stocks", "tonnes"): Meaning("t", AMOUNT, "amount at the end of the week"),
    ("production", "tonnes"): Meaning("t", AMOUNT, "t of run started in the week"),
    ("flows", "customer"): Meaning("", TEXT, "buyer; blank for what goes to a region's stock"),
    ("marginal_values", "material"): Meaning(
        "", TEXT, "name of the material; for a licence control/exporter/end use"
    ),
    ("shortfall", "region"): Meaning("", TEXT, "code of the region"),
    ("sources", "title"): Meaning("", TEXT, "author, title, year"),
    ("data_changes", "old"): Meaning("", TEXT, "as the data have it; blank for an added row"),
    ("data_changes", "new"): Meaning("", TEXT, "as the overlay has it; blank if removed"),
    ("data_changes", "file"): Meaning("", TEXT, "file of the overlay"),
    ("data_changes", "line"): Meaning("", "0", "line in that file"),
    ("alerts", "name"): Meaning("", TEXT, "what the definition calls it"),
    ("alerts", "said"): Meaning("", TEXT, "what holds, in words"),
    ("alerts", "why"): Meaning("", TEXT, "what to do about it, or whom to ask"),
    ("changed_inputs", "kind"): Meaning(
        "", TEXT, "data, event, parameter, scenario, definition or version"
    ),
    ("changed_inputs", "what"): Meaning("", TEXT, "table, row and column, or part of a scenario"),
    ("changed_inputs", "scenarios"): Meaning("", TEXT, "where it is one of scenarios: which"),
    ("changed_results", "moved"): Meaning(
        "that of the measure; weeks for first_week", AMOUNT, "new less old"
    ),
}


def meaning(table: str, column: str) -> Meaning:
    """Return the unit and meaning of a column of a table; one that is not known shows as it is."""
    known = _OTHERWISE.get((table, column)) or COLUMNS.get(column)
    return known or Meaning("", TEXT, "")


def table_attributes(name: str, table: DataFrame, record: Mapping[str, Any]) -> dict[str, Any]:
    """What a table of a run says of itself: its run, data and program; units, meanings and dates.

    `units` and `meanings` are by column, `dates` are the columns that hold dates.
    """
    known = {str(column): meaning(name, str(column)) for column in table.columns}
    return {
        "table": name,
        "description": TABLES.get(name, ""),
        "run": record["id"],
        "scenario": record["scenario"]["name"],
        "data": record["data"]["hash"],
        "version": record["versions"]["supplychain"],
        "units": {column: found.unit for column, found in known.items() if found.look != DAY},
        "meanings": {column: found.text for column, found in known.items()},
        "dates": [column for column, found in known.items() if found.look == DAY],
    }


def in_order(tables: list[str]) -> list[str]:
    """Sort tables as `TABLES` lists them; others come last, by name."""
    places = {name: place for place, name in enumerate(TABLES)}
    return sorted(tables, key=lambda name: (places.get(name, len(places)), name))


@dataclass(frozen=True)
class Run:
    """One solved scenario. `record` is what run.json holds, `tables` the tables by name.

    `folder` is where it lies on disk, None if it was not written.
    """

    record: Mapping[str, Any]
    tables: Mapping[str, DataFrame] = field(repr=False)
    folder: Path | None = None

    @property
    def scenario(self) -> str:
        """The scenario's name."""
        return str(self.record["scenario"]["name"])

    @property
    def headline(self) -> Mapping[str, Any]:
        """The headline of the record: per sector what is lost, where and from when."""
        found: Mapping[str, Any] = self.record["headline"]
        return found


def sector_units(shortfall: DataFrame) -> dict[str, str]:
    """The unit of each sector's sums: its segments' own unit, or value where units differ."""
    found: dict[str, str] = {}
    for sector, rows in shortfall.groupby("sector"):
        units = sorted(set(rows["unit"]))
        found[str(sector)] = units[0] if len(units) == 1 else VALUE_UNIT
    return found


def summary(run: Run) -> dict[str, Any]:
    """A run as an entry of `runs` in `run --json`."""
    return {
        "scenario": run.scenario,
        "id": run.record["id"],
        "folder": str(run.folder) if run.folder else None,
        "status": run.record["solver"]["status"],
        "seconds": dict(run.record["seconds"]),
        "peak_memory_mb": run.record["peak_memory_mb"],
        "headline": run.record["headline"],
    }
