"""Where to start a window that is far from the one before it: the ends of windows solved before.

When a regime begins or ends, the last basis is worth little, and a window solved afresh takes ten
times as long as one that goes on. Many cases that differ in their numbers alone meet the same few
turns: so a few reference cases are solved once, and a window far from its predecessor starts from
the most alike of theirs. An answer then depends on its window, on those before it in its case and
on the references, on nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from supplychain.model.window import Window
from supplychain.solve.standard_form import Array

Packed = Mapping[str, NDArray[Any]]
"""A Start as arrays, to be sent to another process or kept on disk."""

NEAR = 0.1
"""Up to this share of licence grants changed, a window goes on from the one before it."""
STATUSES = tuple(highspy.HighsBasisStatus(number) for number in range(5))

Basis = Any
"""HiGHS's own: which columns and rows are basic or at a limit."""

JUMP = 0.35
"""Share of licence grants (by class and period) that are new, gone, or changed by more than half,
from which a window is solved afresh: from so far away a warm start takes longer."""

SHELF_PERIODS, SHELF_CHANGE, SHELF_WEIGHT = 4, 0.3, 0.5
"""A stock is different if its first periods differ by more than this share; and what the share of
such stocks counts beside that of licences. Measured on the pivots of ensembles' members."""


@dataclass(frozen=True)
class WarmStarts:
    """Ends of reference windows on one grid of one network's structure."""

    ends: Sequence[Start]
    by_week: Mapping[int, Start] = field(default_factory=dict)
    """Ends of a base that differs in few numbers, by the week in which its windows begin."""

    def choose(self, window: Window, before: Start | None, week: int = 0) -> Start | None:
        """The base's end in that week, or that of the window before, or else the most alike end.

        The first two while licences are much the same. Of equally alike ones the first; None only
        if there is nothing to choose from.
        """
        beside = self.by_week.get(week)
        if beside is not None and difference(beside.granted, window.granted) <= NEAR:
            return beside
        if before is not None and difference(before.granted, window.granted) <= NEAR:
            return before
        ends = [before, *self.ends] if before is not None else list(self.ends)
        return min(ends, key=lambda end: end.distance(window), default=None)


def pack(start: Start) -> dict[str, NDArray[Any]]:
    """Turn a Start into arrays."""
    basis = start.basis
    return {
        "columns": np.array([int(status) for status in basis.col_status], dtype=np.int8),
        "rows": np.array([int(status) for status in basis.row_status], dtype=np.int8),
        "granted": start.granted,
        "shelf": start.shelf,
    }


def unpack(packed: Packed) -> Start:
    """Turn arrays into a Start again."""
    basis = highspy.HighsBasis()
    basis.col_status = [STATUSES[number] for number in packed["columns"]]
    basis.row_status = [STATUSES[number] for number in packed["rows"]]
    basis.valid = True
    basis.alien = False
    return Start(basis, packed["granted"], packed["shelf"])


@dataclass(frozen=True)
class Start:
    """Where the last window ended, to start the next one from."""

    basis: Basis
    granted: Array
    """[class, period] t, as in Window: tells how far away the next window is."""
    shelf: Array
    """[cover] t that customers hold or get in the first periods, as `shelf_of` a window."""

    def is_near(self, window: Window) -> bool:
        """Whether a window's licences are much the same."""
        return difference(self.granted, window.granted) < JUMP

    def distance(self, window: Window) -> float:
        """How far away a window is: share of licence grants and of stocks that are different."""
        held = shelf_of(window)
        changed = np.abs(self.shelf - held) > SHELF_CHANGE * np.maximum(self.shelf, held)
        shelves = float(changed.mean()) if changed.size else 0.0
        return difference(self.granted, window.granted) + SHELF_WEIGHT * shelves


def difference(one: Array, other: Array) -> float:
    """Share of licence grants, by class and period, that are new, gone, or changed by half.

    All of them where the periods are not the same.
    """
    if one.shape != other.shape:
        return 1.0
    either = np.maximum(one, other)
    with np.errstate(invalid="ignore"):
        change = np.abs(one - other)
    changed = np.isfinite(either) & (change > 0.5 * either)
    changed |= np.isinf(one) != np.isinf(other)
    return float(changed.mean()) if changed.size else 0.0


def shelf_of(window: Window) -> Array:
    """[cover] t on customers' shelves and under way to them in the first periods of a window."""
    supply: Array = window.cover_supply[:, :SHELF_PERIODS].sum(axis=1)
    return supply
