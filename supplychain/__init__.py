"""Rare-earth supply disruption: how much output is lost, where, from when, why, what helps.

For notebooks: `import supplychain as sc`, then `sc.run`, `sc.read`, `sc.compare`, `sc.ensemble`.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

DOOR = ("compare", "read", "run")
"""Functions of `notebook.door`; `ensemble` is the room of that name, which can be called."""


def __getattr__(name: str) -> object:
    """Import what a notebook uses when it is first used."""
    if name == "ensemble":
        return import_module("supplychain.ensemble")
    if name not in DOOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("supplychain.notebook.door"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *DOOR, "ensemble"])
