"""The year that the data describe."""

from __future__ import annotations

from datetime import date

BASE_YEAR = date(2024, 1, 1), date(2024, 12, 31)
"""Its first and last day."""
