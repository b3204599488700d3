"""A solved run, several, or an ensemble as one self-contained HTML page."""

from __future__ import annotations

from supplychain.report.compare import compare_page, write_compare_page
from supplychain.report.ensemble import ensemble_page, write_ensemble_page
from supplychain.report.page import run_page, write_run_page

__all__ = [
    "compare_page",
    "ensemble_page",
    "run_page",
    "write_compare_page",
    "write_ensemble_page",
    "write_run_page",
]
