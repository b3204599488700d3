"""A path of regimes: which state of the export regime holds from which week on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from supplychain.dataset.schema_paths import STATES


@dataclass(frozen=True)
class Step:
    """From a week on, counted from 0 at the horizon's start, a state holds under a regime."""

    week: int
    state: str
    regime: str
    """The row of regimes.csv that stands for the state on this path."""


def severity(state: str) -> int:
    """The place of a state in `STATES`: 0 is the mildest.

    >>> severity("open") < severity("slow") < severity("embargo")
    True
    """
    return STATES.index(state)


def first_break(path: Sequence[Step]) -> int | None:
    """The week in which the starting state is first left for a harder one; None if never.

    >>> steps = [Step(0, "general-licence", "x"), Step(5, "open", "y"), Step(9, "slow", "z")]
    >>> first_break(steps)
    9
    """
    start = severity(path[0].state)
    return next((step.week for step in path[1:] if severity(step.state) > start), None)
