"""Solved pasts kept on disk by what they follow from, so that no past is solved twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from supplychain.runs import kept_arrays
from supplychain.runs.kept_arrays import Arrays, code_sum
from supplychain.runs.provenance import decisive_versions, identity

ROOMS = ("dataset", "network", "scenario", "policy", "case", "model", "solve")
"""Rooms whose code a past follows from."""

NAMES = ("name", "title", "extends", "file")
"""Keys of a scenario that no number follows from; a key that is new counts."""


def past_key(part: Mapping[str, Any], data: str, allocation: str) -> str:
    """Name a part of a past by all that it follows from; names, reasons and sources do not count.

    Args:
        part: the part as a scenario of its own, as `Scenario.as_json` gives it.
        data: the hash of the data with their overlays.
        allocation: the rule by which its scarce goods were shared.
    """
    return identity(
        {
            "part": _without_reasons({k: v for k, v in part.items() if k not in NAMES}),
            "data": data,
            "allocation": allocation,
            "versions": decisive_versions(),
            "code": code_sum(ROOMS),
        }
    )


def kept_or_solved(key: str, solve: Callable[[], Arrays]) -> Arrays:
    """The arrays of a past, from the cache or solved and kept there."""
    return kept_arrays.kept_or_made("pasts", key, solve, "The solved past")


def _without_reasons(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {k: _without_reasons(v) for k, v in content.items() if k not in ("why", "source")}
    return [_without_reasons(part) for part in content] if isinstance(content, list) else content
