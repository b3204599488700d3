"""Room `regime`: controls, licences and scenarios become the weekly numbers of one world."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supplychain.regime.case import Case, build_case
    from supplychain.regime.change_kinds import KINDS
    from supplychain.regime.difference import Difference, scenario_diff
    from supplychain.regime.document import scenario_schema
    from supplychain.regime.finder import ScenarioFile, available, find_scenario
    from supplychain.regime.kinds import Scenario
    from supplychain.regime.scenario import load_scenario

_HOMES = {
    "KINDS": "change_kinds",
    "Case": "case",
    "Difference": "difference",
    "Scenario": "kinds",
    "ScenarioFile": "finder",
    "available": "finder",
    "build_case": "case",
    "find_scenario": "finder",
    "load_scenario": "scenario",
    "scenario_diff": "difference",
    "scenario_schema": "document",
}

__all__ = [
    "KINDS",
    "Case",
    "Difference",
    "Scenario",
    "ScenarioFile",
    "available",
    "build_case",
    "find_scenario",
    "load_scenario",
    "scenario_diff",
    "scenario_schema",
]


def __getattr__(name: str) -> object:
    """Import a part of the room when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
