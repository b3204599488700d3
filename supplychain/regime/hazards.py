"""Hazards of leaving a state of the export regime, from the dated spells and a weak prior.

A change from state i to state j is taken as a Poisson event with a constant weekly hazard. With n
events in T weeks spent in i, and a Gamma prior of shape a and rate b, the hazard's posterior is
Gamma(n + a, T + b) (conjugate prior of the Poisson process; Gelman et al., Bayesian Data Analysis,
3rd ed., section 2.6). The prior of a state stands for `prior_events` changes in `prior_weeks`, the
events spread evenly over the other states, so that the posterior of leaving the state at all is
Gamma(N + prior_events, T + prior_weeks) with N all its events: half an event is Jeffreys' shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from supplychain.dataset import Tables
from supplychain.dataset.schema_paths import STATES

INTERVAL = (0.05, 0.95)
"""Quantiles that bound the interval of 90 %."""

DAYS = 7.0


@dataclass(frozen=True)
class Spell:
    """A state of one track from a day to the day before `until`."""

    track: str
    state: str
    begins: date
    until: date
    event: str
    """The decision that began it; blank if none is on record."""


@dataclass(frozen=True)
class Hazard:
    """What is known of the change from one state to another; a row of the table `hazards`."""

    from_state: str
    to_state: str
    events: int
    """Decisions counted; one that moved several tracks alike counts once."""
    weeks_at_risk: float
    """Weeks in which at least one track was in `from_state`."""
    shape: float
    """Of the Gamma posterior."""
    rate: float
    """Of the Gamma posterior, in weeks."""
    hazard_per_week: float
    """Mean of the posterior."""
    low: float
    high: float
    """The 5 and 95 % quantiles of the posterior, a week."""
    source_events: tuple[str, ...]
    """Keys of events.csv; "track date" where a change has none."""

    @property
    def pair(self) -> str:
        """As "general-licence>tightened"."""
        return pair(self.from_state, self.to_state)


def pair(from_state: str, to_state: str) -> str:
    """The name of a change of state.

    >>> pair("open", "slow")
    'open>slow'
    """
    return f"{from_state}>{to_state}"


def read_spells(tables: Tables, tracks: Iterable[str] | None = None) -> tuple[Spell, ...]:
    """Read the spells of some tracks, or of all, by track and date."""
    wanted = None if tracks is None else set(tracks)
    return tuple(
        Spell(
            track=str(row["track"]),
            state=str(row["state"]),
            begins=row["begins"],
            until=row["until"],
            event=str(row["event"] or ""),
        )
        for row in tables.records("regime_spells")
        if wanted is None or row["track"] in wanted
    )


def weeks_at_risk(spells: Iterable[Spell], state: str) -> float:
    """Weeks in which at least one track was in a state.

    A week counts once, as a decision does: two tracks under one desk are not two desks.
    """
    days = 0
    covered = date.min
    for begins, until in sorted((s.begins, s.until) for s in spells if s.state == state):
        days += max((until - max(begins, covered)).days, 0)
        covered = max(covered, until)
    return days / DAYS


def changes(spells: Sequence[Spell]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The decisions behind each change of state that happened, each decision once."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    ordered = sorted(spells, key=lambda s: (s.track, s.begins))
    for before, after in pairwise(ordered):
        if before.track == after.track:
            decision = after.event or f"{after.track} {after.begins.isoformat()}"
            found.setdefault((before.state, after.state), {})[decision] = None
    return {pair: tuple(sorted(decisions)) for pair, decisions in found.items()}


def estimate(
    spells: Sequence[Spell], prior_events: float, prior_weeks: float
) -> tuple[Hazard, ...]:
    """The hazard of every change between two states, with those that never happened.

    Args:
        spells: the history that counts.
        prior_events: changes out of each state that the prior stands for.
        prior_weeks: weeks in each state that the prior stands for; above zero.
    """
    from scipy.special import gammaincinv

    happened = changes(spells)
    found: list[Hazard] = []
    for state in STATES:
        at_risk = weeks_at_risk(spells, state)
        rate = at_risk + prior_weeks
        for other in STATES:
            if other == state:
                continue
            decisions = happened.get((state, other), ())
            shape = len(decisions) + prior_events / (len(STATES) - 1)
            low, high = (float(gammaincinv(shape, q)) / rate for q in INTERVAL)
            found.append(
                Hazard(
                    from_state=state,
                    to_state=other,
                    events=len(decisions),
                    weeks_at_risk=at_risk,
                    shape=shape,
                    rate=rate,
                    hazard_per_week=shape / rate,
                    low=low,
                    high=high,
                    source_events=decisions,
                )
            )
    return tuple(found)
