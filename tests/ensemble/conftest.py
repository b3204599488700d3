"""The tiny world."""

from __future__ import annotations

from scenario_files import tables

__all__ = ["tables"]
