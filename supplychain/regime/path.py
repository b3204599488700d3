"""Paths of regimes: which state of the export regime holds from which week on, and their odds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from supplychain.dataset.schema_paths import STATES

__all__ = ["STATES", "Expiry", "Multiplier", "PathPlan", "Step", "first_break", "severity"]


@dataclass(frozen=True)
class Step:
    """From a week on, counted from 0 at the horizon's start, a state holds under a regime."""

    week: int
    state: str
    regime: str
    """The row of regimes.csv that stands for the state on this path."""


@dataclass(frozen=True)
class Multiplier:
    """A factor on the hazard of going from one state to another."""

    from_state: str
    to_state: str
    factor: float
    why: str
    source: str


@dataclass(frozen=True)
class Expiry:
    """A dated chance: if one of `from_states` holds as the day comes, `to_state` may follow it."""

    day: date
    """Felt from the first week whose Monday is on or after it."""
    from_states: tuple[str, ...]
    to_state: str
    chance: float
    """Probability, between 0 and 1."""
    why: str
    source: str


@dataclass(frozen=True)
class PathPlan:
    """How regime paths are drawn (see `supplychain.regime.switching`)."""

    start: str
    """The state in week 0."""
    tracks: tuple[str, ...]
    """Tracks of regime_spells.csv whose history counts."""
    hazards: str
    """"sampled" (each member draws its hazards from their posterior) or "point"."""
    prior_events: float
    """Changes out of each state that the prior stands for, spread evenly over the other states."""
    prior_weeks: float
    """Weeks in each state that the prior stands for."""
    multipliers: tuple[Multiplier, ...] = ()
    expiries: tuple[Expiry, ...] = ()


def severity(state: str) -> int:
    """The place of a state in `STATES`: 0 is the mildest.

    >>> severity("open") < severity("slow") < severity("embargo")
    True
    """
    return STATES.index(state)


def first_break(path: Sequence[Step]) -> int | None:
    """The week in which the starting state is first left for a harder one; None if never.

    A change to a milder state is no break, and what follows it is measured against the start still.

    >>> steps = [Step(0, "general-licence", "x"), Step(5, "open", "y"), Step(9, "slow", "z")]
    >>> first_break(steps)
    9
    """
    start = severity(path[0].state)
    return next((step.week for step in path[1:] if severity(step.state) > start), None)
