"""Where to start a window that is far from the one before it: the ends of windows solved before.

When a regime begins or ends, the last basis is worth little, and a window solved afresh takes ten
times as long as one that goes on. Many cases that differ in their numbers alone meet the same few
turns: so a few reference cases are solved once, and a window far from its predecessor starts from
the most alike of theirs. An answer then depends on its window, on those before it in its case and
on the references, on nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from supplychain.model.window import Window
from supplychain.solve.programme import Start, difference

Packed = Mapping[str, NDArray[Any]]
"""A Start as arrays, to be sent to another process or kept on disk."""

NEAR = 0.1
"""Up to this share of licence grants changed, a window goes on from the one before it."""
STATUSES = tuple(highspy.HighsBasisStatus(number) for number in range(5))


@dataclass(frozen=True)
class Starts:
    """Ends of reference windows on one grid of one network's structure."""

    ends: Sequence[Start]

    def choose(self, window: Window, before: Start | None) -> Start | None:
        """The end of the window before while licences are much the same, else the most alike end.

        Of equally alike ones the first; None only if there is nothing to choose from.
        """
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
