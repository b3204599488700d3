"""Windows that were solved before: scenarios share their past, and none of it is solved twice.

The simplex method may end in another of several equal optima when it starts elsewhere, so that an
answer is that of a window *after certain windows*. Its key is the chain of their contents: what is
found under a key is what solving would give, whichever scenarios were solved before, and in which
process.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, fields

import numpy as np

from supplychain.model.window import Window
from supplychain.network.grid import Grid
from supplychain.solve.outcome import Answer
from supplychain.solve.programme import Start

MOST = 64
"""Windows kept, about two megabytes each; the one not asked for longest goes first."""


@dataclass(frozen=True)
class Known:
    """An answer, and where it ended."""

    answer: Answer
    end: Start | None


class Past:
    """The latest windows by their chain."""

    def __init__(self, most: int = MOST) -> None:
        """Keep up to `most` windows."""
        self.most = most
        self._known: OrderedDict[bytes, Known] = OrderedDict()

    def find(self, chain: bytes) -> Answer | None:
        """The answer at the end of a chain, if it is known."""
        if chain not in self._known:
            return None
        self._known.move_to_end(chain)
        return self._known[chain].answer

    def start_after(self, chain: bytes) -> Start | None:
        """Where to start after a chain; None at the beginning of one."""
        return self._known[chain].end if chain else None

    def keep(self, chain: bytes, answer: Answer, end: Start | None) -> None:
        """Remember an answer."""
        self._known[chain] = Known(answer, end)
        while len(self._known) > self.most:
            self._known.popitem(last=False)


def link(chain: bytes, grid: Grid, window: Window) -> bytes:
    """The key of a window that follows the windows of a chain on a grid."""
    digest = hashlib.sha256(chain)
    digest.update(repr(grid.lengths).encode())
    for field in fields(window):
        amounts = np.ascontiguousarray(getattr(window, field.name), dtype=np.float64)
        digest.update(f"{field.name} {amounts.shape}".encode())
        digest.update(amounts.tobytes())
    return digest.digest()
