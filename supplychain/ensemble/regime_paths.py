"""Hazards of regimes estimated from the record, and paths drawn from them.

In each week the state is left for another with the chance 1 - exp(-h), h being the sum of the
hazards out of it. The weeks K until then follow P(K > k) = exp(-h k), so that one uniform number u
gives K = floor(-ln(1 - u) / h) + 1; a second one chooses the next state in proportion to the
hazards, a third the regime that stands for it in proportion to its share. What holds for weeks thus
hangs on few numbers, each of them smooth in its effect.

A change from state i to state j is taken as a Poisson event with a constant weekly hazard. With n
events in T weeks spent in i, and a Gamma prior of shape a and rate b, the hazard's posterior is
Gamma(n + a, T + b) (conjugate prior of the Poisson process; Gelman et al., Bayesian Data Analysis,
3rd ed., section 2.6). The prior of a state stands for `prior_events` changes in `prior_weeks`, the
events spread evenly over the other states, so that the posterior of leaving the state at all is
Gamma(N + prior_events, T + prior_weeks) with N all its events: half an event is Jeffreys' shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from supplychain.dataset import Tables
from supplychain.dataset.schema_policy import STATES
from supplychain.scenario.scenario import Entry, Origin, Setting, week_index

Array = NDArray[np.float64]

PER_SPELL = 3
"""Uniform numbers that a spell takes: its length, the next state, the next regime."""

INTERVAL = (0.05, 0.95)
"""Quantiles that bound the interval of 90 %."""

DAYS = 7.0

SOURCE = "assumption"
ORIGIN = Origin("the drawn path", 0, 0)


@dataclass(frozen=True)
class Switching:
    """All that drawing a path takes; the same for every member."""

    plan: PathPlan
    weeks: int
    hazards: tuple[Hazard, ...]
    regimes: Mapping[str, tuple[tuple[str, float], ...]]
    """State to the regimes that stand for it, with their shares."""
    expiries: tuple[int, ...]
    """The week of each expiry of the plan, counted from 0 at the horizon's start."""


@dataclass(frozen=True)
class Uniforms:
    """The uniform numbers in (0, 1) of one member."""

    regime: float
    """For the regime of the starting state."""
    spells: Array
    """[spell, PER_SPELL]; as many spells as there are weeks are enough."""
    expiries: Array
    """One for each expiry of the plan."""


def make_switching(plan: PathPlan, tables: Tables, start: date, weeks: int) -> Switching:
    """Estimate the hazards of a plan and place its expiries on a horizon."""
    spells = read_spells(tables, plan.tracks)
    return Switching(
        plan=plan,
        weeks=weeks,
        hazards=estimate(spells, plan.prior_events, plan.prior_weeks),
        regimes=state_regimes(tables),
        expiries=tuple(week_index(start, expiry.day) for expiry in plan.expiries),
    )


def state_regimes(tables: Tables) -> dict[str, tuple[tuple[str, float], ...]]:
    """The regimes that stand for each state, with their shares, by name."""
    found: dict[str, list[tuple[str, float]]] = {}
    for row in tables.records("regime_states"):
        found.setdefault(str(row["state"]), []).append((str(row["regime"]), float(row["value"])))
    return {state: tuple(regimes) for state, regimes in found.items()}


def draw_hazards(
    switching: Switching, quantiles: Mapping[str, float], stream: np.random.Generator
) -> dict[str, float]:
    """The weekly hazards of one future by "from>to".

    With `hazards: sampled` the hazard of leaving a state is the given quantile of its posterior,
    Gamma(sum of shapes, rate), and the split over the next states is Dirichlet(shapes): together
    they are independent draws from the posteriors of the pairs.

    Args:
        switching: the process.
        quantiles: state to a number in (0, 1).
        stream: the member's own random numbers, for the split.
    """
    from scipy.special import gammaincinv

    factors = {(m.from_state, m.to_state): m.factor for m in switching.plan.multipliers}
    found: dict[str, float] = {}
    for state in STATES:
        out = [h for h in switching.hazards if h.from_state == state]
        shapes = np.array([h.shape for h in out])
        if switching.plan.hazards == "point":
            drawn = np.array([h.hazard_per_week for h in out])
        else:
            parts = stream.standard_gamma(shapes)
            whole = float(gammaincinv(shapes.sum(), quantiles[state])) / out[0].rate
            drawn = whole * parts / parts.sum()
        for hazard, value in zip(out, drawn.tolist(), strict=True):
            factor = factors.get((hazard.from_state, hazard.to_state), 1.0)
            found[hazard.pair] = value * factor
    return found


def weeks_until(uniform: float, hazard: float) -> float:
    """Weeks until a change, a whole number from 1: the inverse of P(K > k) = exp(-hazard k).

    >>> weeks_until(0.5, 0.1)
    7.0
    >>> weeks_until(0.5, 0.0)
    inf
    """
    if hazard <= 0.0:
        return math.inf
    return math.floor(-math.log1p(-uniform) / hazard) + 1.0


def draw_path(
    switching: Switching, hazards: Mapping[str, float], uniforms: Uniforms
) -> tuple[Step, ...]:
    """Draw the path of one future; it ends with the horizon.

    An expiry is tried in its week if one of its states holds since an earlier week and does not
    end in that very week of itself.
    """
    plan = switching.plan
    state, week = plan.start, 0
    steps = [Step(0, state, _pick(switching.regimes[state], uniforms.regime))]
    for length, choice, regime in uniforms.spells:
        rates = [(other, hazards[pair(state, other)]) for other in STATES if other != state]
        change = week + weeks_until(float(length), sum(rate for _, rate in rates))
        lapse = _lapse(switching, state, week, change, uniforms.expiries)
        if lapse is not None:
            week, state = lapse
        elif change < switching.weeks:
            week, state = int(change), _pick(rates, float(choice))
        else:
            break
        steps.append(Step(week, state, _pick(switching.regimes[state], float(regime))))
    return tuple(steps)


def _lapse(
    switching: Switching, state: str, week: int, change: float, uniforms: Array
) -> tuple[int, str] | None:
    """Week and state of the first expiry that strikes between two weeks, both left out."""
    tried = zip(switching.expiries, switching.plan.expiries, uniforms, strict=True)
    for day, expiry, uniform in sorted(tried, key=lambda one: one[0]):
        in_time = week < day < min(change, switching.weeks)
        if in_time and state in expiry.from_states and uniform < expiry.chance:
            return day, expiry.to_state
    return None


def _pick(choices: Sequence[tuple[str, float]], uniform: float) -> str:
    """Choose a word in proportion to its weight."""
    total = sum(weight for _, weight in choices)
    passed = 0.0
    for word, weight in choices:
        passed += weight
        if uniform * total < passed:
            return word
    return choices[-1][0]


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
    """How regime paths are drawn (see `supplychain.ensemble.regime_paths`)."""

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


def entries_of(path: Sequence[Step], start: date, tables: Tables) -> tuple[Entry, ...]:
    """The entries by which a path becomes part of a scenario's timeline.

    Each step is announced and takes effect on the Monday of its week: nobody sees it coming. A
    regime with a companion in regime_states.csv brings it along, for that one control.

    Args:
        path: steps whose weeks count from 0 at `start`.
        start: the Monday of week 0.
        tables: checked data.
    """
    rows = {(str(r["state"]), str(r["regime"])): r for r in tables.records("regime_states")}
    found: list[Entry] = []
    for step in path:
        row = rows[step.state, step.regime]
        day = start + timedelta(weeks=step.week)
        exporter = str(row["exporter"])
        why = f"the drawn path enters the state {step.state}"
        found.append(_entry(day, Setting(step.regime, exporter), why))
        if row["companion_control"]:
            special = Setting(str(row["companion_regime"]), exporter, str(row["companion_control"]))
            found.append(_entry(day, special, f"{why}, and this goes with it"))
    return tuple(found)


def _entry(day: date, setting: Setting, why: str) -> Entry:
    return Entry(day, day, setting, why, SOURCE, ORIGIN)
