"""Many solves: run, compare, attribute, hindcast, reconcile."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supplychain.study.comparison import Comparison, compare
    from supplychain.study.reconciliation import reconcile
    from supplychain.study.run_request import RunRequest
    from supplychain.study.solve_scenario import World, open_world, run_scenario

_HOMES = {
    "Comparison": "comparison",
    "RunRequest": "run_request",
    "World": "solve_scenario",
    "compare": "comparison",
    "open_world": "solve_scenario",
    "reconcile": "reconciliation",
    "run_scenario": "solve_scenario",
}

__all__ = [
    "Comparison",
    "RunRequest",
    "World",
    "compare",
    "open_world",
    "reconcile",
    "run_scenario",
]


def __getattr__(name: str) -> object:
    """Import a part of the room when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
