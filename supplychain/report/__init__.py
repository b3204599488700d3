"""A solved run, several, or an ensemble as one self-contained HTML page."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supplychain.report.pages.compare_page import compare_page, write_compare_page
    from supplychain.report.pages.ensemble_page import ensemble_page, write_ensemble_page
    from supplychain.report.pages.run_page import run_page, write_run_page

_HOMES = {
    "compare_page": "pages.compare_page",
    "ensemble_page": "pages.ensemble_page",
    "run_page": "pages.run_page",
    "write_compare_page": "pages.compare_page",
    "write_ensemble_page": "pages.ensemble_page",
    "write_run_page": "pages.run_page",
}

__all__ = [
    "compare_page",
    "ensemble_page",
    "run_page",
    "write_compare_page",
    "write_ensemble_page",
    "write_run_page",
]


def __getattr__(name: str) -> object:
    """Import a part of the room when it is first used: charts are slow to load."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
