"""The tiny world, and scenario files written on the spot."""

from __future__ import annotations

from scenario_files import faults, load, network, tables, write

__all__ = ["faults", "load", "network", "tables", "write"]
