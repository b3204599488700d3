"""What a run is, where runs lie; to find, compare and prune them, without a solver."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supplychain.runs.catalogue import find_run, open_catalogue
    from supplychain.runs.run_schema import Run
    from supplychain.runs.run_store import read_run, write_run

_HOMES = {
    "Run": "run_schema",
    "find_run": "catalogue",
    "open_catalogue": "catalogue",
    "read_run": "run_store",
    "write_run": "run_store",
}

__all__ = [
    "Run",
    "find_run",
    "open_catalogue",
    "read_run",
    "write_run",
]


def __getattr__(name: str) -> object:
    """Import a part of the room when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
