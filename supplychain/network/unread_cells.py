"""Cells of an overlay that no run reads, with what wins over them; numbers that are rounded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from supplychain.dataset import TABLES, Tables
from supplychain.dataset.overlay import Change
from supplychain.network.entities import AIR, Network

READ_ELSEWHERE: Mapping[str, str] = {
    "closure_targets": "the closure of data check reads it, and no run",
    "observations": "hindcasts are held against it, and no run reads it",
    "regime_states": "ensembles draw by it, and no run reads it",
}
ASSUMED_ELSEWHERE: Mapping[str, str] = {
    "german_share_of_european_imports": "hindcasts read it, and no run",
    "controlled_magnet_share": "the fit reads it, and no run",
    "fit_refill_weeks": "the fit reads it, and no run",
    "statutory_review_working_days": "the docs quote it; files take the review of their regime",
}
LISTED = 5
"""Rounded numbers that are named, of each quantity."""
RANGES = ("low", "high", "raw")
WHOLE: Mapping[tuple[str, str], Callable[[float], int]] = {
    ("lanes", "transit"): round,
    ("lanes", "air_transit"): round,
    ("process_numbers", "lead_time"): round,
    ("assumptions", "weekly_periods"): int,
    ("assumptions", "two_week_periods"): int,
    ("assumptions", "four_week_periods"): int,
    ("assumptions", "far_period_weeks"): int,
    ("assumptions", "perfect_weekly_periods"): int,
    ("assumptions", "perfect_period_weeks"): int,
}
"""Quantities of which the model takes whole numbers, and how."""


def unread_cells(tables: Tables, network: Network) -> list[str]:
    """A sentence for each kind of changed cell that changes nothing in a run."""
    if not tables.changes:
        return []
    reasons = Reasons(tables, network)
    moved = {(c.table, c.key) for c in tables.changes if c.column == "value"}
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for change in tables.changes:
        if change.new is None:
            continue
        reason = ""
        if change.column == "value":
            reason = reasons.of(change)
        elif change.column in RANGES and (change.table, change.key) not in moved:
            reason = "ensembles and reconciliation read it, and no run"
        if reason:
            found[change.table, change.column, reason].append(change.key)
    return [
        f"{table}, {column} of {keys[0]}{_more(len(keys))}: {reason}."
        for (table, column, reason), keys in found.items()
    ]


def rounded_numbers(tables: Tables) -> list[str]:
    """A sentence for each quantity of which the model takes another, whole number."""
    found = []
    for (table, quantity), whole in WHOLE.items():
        rows = [
            (" to ".join(key) or quantity, value, whole(value))
            for key, value in tables.values(table, quantity).items()
            if value != whole(value)
        ]
        if rows:
            told = ", ".join(f"{key} {value:g} as {counts}" for key, value, counts in rows[:LISTED])
            more = f" and {len(rows) - LISTED} more" if len(rows) > LISTED else ""
            found.append(f"{table}, {quantity}, counted in whole weeks: {told}{more}.")
    return found


def _more(count: int) -> str:
    return f" and {count - 1} more" if count > 1 else ""


class Reasons:
    """Why a changed value is not read."""

    def __init__(self, tables: Tables, network: Network) -> None:
        """Index what is used."""
        self.network = network
        customers = network.customers
        names = [c.name for c in customers]
        self.bought = {(names[c.customer], c.material) for c in network.covers}
        self.needed = {(names[c.customer], c.material) for c in network.covers if c.need_t_per_week}
        key = TABLES["fitted_parameters"].key
        self.fitted = {
            ", ".join(str(row[word]) for word in key) for row in tables.records("fitted_parameters")
        }
        self.ways = {(a.origin, a.destination) for a in network.arcs}
        self.flown = {
            (d.origin, customers[d.customer].region) for d in network.deliveries if d.mode == AIR
        }

    def of(self, change: Change) -> str:
        """The reason in words; blank where the value is read."""
        if change.table in READ_ELSEWHERE:
            return READ_ELSEWHERE[change.table]
        return next(self._found(change.table, change.key, change.key.split(", ")), "")

    def _found(self, table: str, key: str, words: list[str]) -> Iterator[str]:
        first = tuple(words[:2])
        if table == "assumptions" and key in ASSUMED_ELSEWHERE:
            yield ASSUMED_ELSEWHERE[key]
        if table == "regime_parameters" and key in self.fitted:
            yield "the row of the same key in fitted_parameters holds instead"
        if table == "stocks" and first not in self.network.place_index:
            yield "nothing in the region makes, uses or sells the material, so none is held"
        if table == "covers" and first not in self.needed:
            yield "the normal recipe of the customer does not use the material"
        if table == "sourcing" and first not in self.bought:
            yield "no recipe of the customer uses the material"
        if table == "lanes" and first not in self.ways:
            yield "no arc takes the lane"
        if table == "lanes" and words[2].startswith("air_") and first not in self.flown:
            yield "nothing that customers buy over it is dear enough, or quicker by air"
