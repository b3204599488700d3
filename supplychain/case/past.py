"""What a solved past leaves: stocks, goods under way, licences, output that is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """What planners had decided for the first weeks after a past, and do not decide again."""

    weeks: int
    amounts: Mapping[str, Array]
    """Series of a history by name: [object, week], `lost` is [customer, step, week]."""
    costs: Mapping[str, Array]
    """Named costs: [week] million USD."""


@dataclass(frozen=True)
class Past:
    """The world at the end of a history, in the order of the network's objects."""

    key: str
    """What it follows from: two pasts of one key are the same to the last bit."""
    weeks: int
    """Weeks since the history's first Monday."""
    stock: Array
    """[place] t."""
    cover: Array
    """[cover] t on the shelf."""
    place_arrivals: Array
    """[place, weeks from its end] t that arrive from departures and runs of the past."""
    cover_arrivals: Array
    """[cover, weeks from its end] t of deliveries under way."""
    licence_left: Array
    """[end user] t granted, not used and still valid."""
    lost: Array
    """[customer, week of the past] weeks of the usual plan not made when planned."""
    made_up: Array
    """[customer, week of the past] weeks of the usual plan made on top of a week's plan."""
    decisions: tuple[int, ...]
    """Weeks of the past in which planners decided."""
    plan: Plan | None = None
    """What was decided beyond its end; None where planners decide in the first week after it."""
    start: Mapping[str, NDArray[Any]] = field(default_factory=dict, compare=False, repr=False)
    """Where the last window ended, for the first one after it to start from."""

    def drawn(self, cover_ratio: Array, stock_ratio: Array) -> Past:
        """The same past where stocks are larger or smaller than the data say: planned anew.

        Args:
            cover_ratio: [cover] what customers hold over what the data say.
            stock_ratio: [place] the same for regions.
        """
        cover, stock = self.cover * cover_ratio, self.stock * stock_ratio
        return replace(self.unplanned(), cover=cover, stock=stock)

    def unplanned(self) -> Past:
        """The same past for a world of other numbers, in which planners decide at once."""
        return replace(self, plan=None)
