"""The weekly regime-switching process: hazards of one future, and its path by inverse transform.

In each week the state is left for another with the chance 1 - exp(-h), h being the sum of the
hazards out of it. The weeks K until then follow P(K > k) = exp(-h k), so that one uniform number u
gives K = floor(-ln(1 - u) / h) + 1; a second one chooses the next state in proportion to the
hazards, a third the regime that stands for it in proportion to its share. What holds for weeks thus
hangs on few numbers, each of them smooth in its effect.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from supplychain.dataset import Tables
from supplychain.dataset.schema_paths import STATES
from supplychain.regime.hazards import Hazard, estimate, pair, read_spells
from supplychain.regime.kinds import week_index
from supplychain.regime.path import PathPlan, Step

Array = NDArray[np.float64]

PER_SPELL = 3
"""Uniform numbers that a spell takes: its length, the next state, the next regime."""


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
