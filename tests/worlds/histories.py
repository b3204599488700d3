"""What two histories do not have in common, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supplychain.solve.solution import History


def unlike(short: History, whole: History) -> list[str]:
    """Names of the arrays of `short` that are not the first weeks of those of `whole`."""
    there = dict(_arrays(whole))
    return [
        name
        for name, array in _arrays(short)
        if np.ascontiguousarray(there[name][..., : short.weeks]).tobytes() != array.tobytes()
    ]


def _arrays(history: History) -> Iterator[tuple[str, NDArray[Any]]]:
    for field in fields(History):
        if field.name not in ("weeks", "costs", "proven", "proven_less"):
            yield field.name, getattr(history, field.name)
    for law, flags in history.proven.items():
        yield f"proven {law}", flags
    for law, flags in history.proven_less.items():
        yield f"proven less {law}", flags
