"""A folder of CSV files to `Tables`: checked rows with their sources."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supplychain.dataset.data_closure import Closure, closure
    from supplychain.dataset.overlay import Change
    from supplychain.dataset.schema import BASE_YEAR, TABLES, schema_listing
    from supplychain.dataset.tables import Tables, check, read_tables

_HOMES = {
    "BASE_YEAR": "schema",
    "Change": "overlay",
    "Closure": "data_closure",
    "TABLES": "schema",
    "Tables": "tables",
    "check": "tables",
    "closure": "data_closure",
    "read_tables": "tables",
    "schema_listing": "schema",
}

__all__ = [
    "BASE_YEAR",
    "TABLES",
    "Change",
    "Closure",
    "Tables",
    "check",
    "closure",
    "read_tables",
    "schema_listing",
]


def __getattr__(name: str) -> object:
    """Import a part of the room when it is first used, so that --help never pays for pandas."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
