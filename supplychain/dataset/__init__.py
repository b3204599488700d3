"""Room `dataset`: a folder of CSV files becomes `Tables`, checked rows with their sources."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supplychain.dataset.closing import Closure, closure
    from supplychain.dataset.crosscheck import check
    from supplychain.dataset.docs import data_dictionary
    from supplychain.dataset.overlay import Change
    from supplychain.dataset.paths import shipped
    from supplychain.dataset.read import read_tables
    from supplychain.dataset.schema import TABLES, schema_listing
    from supplychain.dataset.tables import Tables
    from supplychain.dataset.year import BASE_YEAR

_HOMES = {
    "BASE_YEAR": "year",
    "Change": "overlay",
    "Closure": "closing",
    "TABLES": "schema",
    "Tables": "tables",
    "check": "crosscheck",
    "closure": "closing",
    "data_dictionary": "docs",
    "read_tables": "read",
    "schema_listing": "schema",
    "shipped": "paths",
}

__all__ = [
    "BASE_YEAR",
    "TABLES",
    "Change",
    "Closure",
    "Tables",
    "check",
    "closure",
    "data_dictionary",
    "read_tables",
    "schema_listing",
    "shipped",
]


def __getattr__(name: str) -> object:
    """Import a part of the room when it is first used, so that --help never pays for pandas."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
