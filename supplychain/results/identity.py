"""Names of runs by their content, known before anything is solved."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from supplychain import __version__

LIBRARIES = ("pandas", "pyomo", "highspy", "plotly", "numpy", "scipy")
"""Libraries whose versions a record names."""

DECISIVE = ("pyomo", "highspy")
"""Libraries that make and solve the programme: with another version of one, it is another run."""


def run_id(scenario: Mapping[str, Any], data: str, foresight: str, allocation: str) -> str:
    """Name a run by everything its numbers follow from; nothing needs to be solved for it.

    Args:
        scenario: the resolved scenario, as `Scenario.as_json` gives it.
        data: the hash of the data with their overlays, as `Tables.hash` gives it.
        foresight: rolling or perfect.
        allocation: value, proportional or priority.
    """
    return identity(
        {
            "scenario": scenario,
            "data": data,
            "foresight": foresight,
            "allocation": allocation,
            "versions": decisive_versions(),
        }
    )


def identity(content: Mapping[str, Any]) -> str:
    """A short name by content: equal content, equal name; the order of keys plays no part.

    >>> identity({"a": 1, "b": 2}) == identity({"b": 2, "a": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def decisive_versions() -> dict[str, str]:
    """Versions of this program and of the libraries that numbers follow from."""
    return {"supplychain": __version__, **{name: version(name) for name in DECISIVE}}


def versions() -> dict[str, str]:
    """Versions of Python, of this program and of what it computes with."""
    return {
        "supplychain": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }
