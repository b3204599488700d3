"""Drawn paths against the laws they should follow, in closed form."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.dataset import Tables
from supplychain.dataset.schema_policy import STATES
from supplychain.ensemble.regime_paths import (
    PER_SPELL,
    Expiry,
    Hazard,
    Multiplier,
    PathPlan,
    Step,
    Switching,
    Uniforms,
    draw_hazards,
    draw_path,
    first_break,
    make_switching,
    pair,
    weeks_until,
)

WEEKS, DRAWS = 60, 4000
LEAVE, RETURN = 0.05, 0.1
SIGMAS = 4.5
"""Of a binomial count: of 60 weeks at once, one in some 2,500 seeds would be off; it is fixed."""

OUT, HOME = "tightened", "general-licence"
RATES = {pair(one, other): 0.0 for one in STATES for other in STATES if one != other} | {
    pair(HOME, OUT): LEAVE,
    pair(OUT, HOME): RETURN,
}


def plan(expiries: tuple[Expiry, ...] = (), hazards: str = "sampled") -> PathPlan:
    return PathPlan(HOME, (), hazards, 0.5, 8.0, (), expiries)


def switching(expiries: tuple[Expiry, ...] = (), weeks: tuple[int, ...] = ()) -> Switching:
    regimes = {state: ((state, 1.0),) for state in STATES}
    return Switching(plan(expiries), WEEKS, (), regimes, weeks)


def expiry(chance: float, to: str = OUT) -> Expiry:
    return Expiry(date(2027, 1, 4), (HOME,), to, chance, "it ends", "assumption")


def paths(process: Switching, rates: dict[str, float] = RATES) -> list[tuple[Step, ...]]:
    stream = np.random.default_rng(7)
    return [
        draw_path(
            process,
            rates,
            Uniforms(
                stream.random(),
                stream.random((WEEKS, PER_SPELL)),
                stream.random(len(process.expiries)),
            ),
        )
        for _ in range(DRAWS)
    ]


def alike(count: int, probability: float) -> bool:
    """Whether a count of `DRAWS` is what a probability gives, within the binomial bound."""
    spread = math.sqrt(DRAWS * probability * (1 - probability))
    return abs(count - DRAWS * probability) <= SIGMAS * spread + 1e-9


def state_at(path: tuple[Step, ...], week: int) -> str:
    return next(step.state for step in reversed(path) if step.week <= week)


@given(
    uniform=st.floats(0.0, 1.0, exclude_min=True, exclude_max=True),
    hazard=st.floats(1e-6, 5.0),
    week=st.integers(0, 500),
)
def test_a_spell_is_the_inverse_of_its_survival(uniform: float, hazard: float, week: int) -> None:
    """K > k exactly where u >= 1 - exp(-h k), so that P(K > k) = exp(-h k)."""
    edge = -math.expm1(-hazard * week)
    if abs(uniform - edge) > 1e-12:
        assert (weeks_until(uniform, hazard) > week) == (uniform > edge)


def test_a_spell_lasts_a_week_at_least_and_for_ever_without_a_hazard() -> None:
    assert weeks_until(1e-12, 3.0) == 1.0
    assert weeks_until(0.999, 0.0) == math.inf


def test_the_start_survives_as_its_hazard_says() -> None:
    """Two states: P(no change up to week k) = exp(-h k)."""
    drawn = paths(switching())
    for week in range(1, WEEKS):
        held = sum(len(path) == 1 or path[1].week > week for path in drawn)
        assert alike(held, math.exp(-LEAVE * week)), week


def test_two_states_are_taken_as_the_markov_chain_says() -> None:
    """P(out in week t) = a / (a + b) (1 - (1 - a - b)^t), a and b the weekly chances."""
    drawn = paths(switching())
    a, b = -math.expm1(-LEAVE), -math.expm1(-RETURN)
    for week in range(0, WEEKS, 3):
        out = sum(state_at(path, week) == OUT for path in drawn)
        assert alike(out, a / (a + b) * (1 - (1 - a - b) ** week)), week


def test_the_next_state_is_in_proportion_to_the_hazards() -> None:
    rates = {**RATES, pair(HOME, OUT): 0.3, pair(HOME, "slow"): 0.9}
    drawn = [path for path in paths(switching(), rates) if len(path) > 1]
    assert len(drawn) == DRAWS
    assert alike(sum(path[1].state == "slow" for path in drawn), 0.75)


def test_an_expiry_strikes_with_its_chance_those_who_hold_out_until_then() -> None:
    """P(no change up to week k) = exp(-h k) (1 - p) from the week of the expiry on."""
    drawn = paths(switching((expiry(0.3),), (20,)))
    for week in (5, 19, 20, 21, 40):
        held = sum(len(path) == 1 or path[1].week > week for path in drawn)
        assert alike(held, math.exp(-LEAVE * week) * (0.7 if week >= 20 else 1.0)), week


def test_an_expiry_leads_where_it_says_and_spares_other_states() -> None:
    still = dict.fromkeys(RATES, 0.0)
    drawn = paths(switching((expiry(1.0, "embargo"),), (20,)), still)
    assert set(drawn) == {(Step(0, HOME, HOME), Step(20, "embargo", "embargo"))}
    away = Switching(
        PathPlan("slow", (), "point", 0.5, 8.0, (), (expiry(1.0),)),
        WEEKS,
        (),
        {state: ((state, 1.0),) for state in STATES},
        (20,),
    )
    assert set(paths(away, still)) == {(Step(0, "slow", "slow"),)}


def test_an_expiry_outside_the_horizon_never_strikes() -> None:
    still = dict.fromkeys(RATES, 0.0)
    for week in (-3, 0, WEEKS):
        assert all(len(p) == 1 for p in paths(switching((expiry(1.0),), (week,)), still))


def test_regimes_stand_for_a_state_in_proportion_to_their_shares() -> None:
    process = switching()
    regimes = {**process.regimes, OUT: (("mild", 0.25), ("hard", 0.75))}
    process = Switching(process.plan, WEEKS, (), regimes, ())
    always = {**RATES, pair(HOME, OUT): 50.0}
    drawn = paths(process, always)
    assert alike(sum(path[1].regime == "mild" for path in drawn), 0.25)


def test_a_path_ends_with_the_horizon_and_changes_state_at_each_step() -> None:
    for path in paths(switching(), dict.fromkeys(RATES, 0.2)):
        weeks = [step.week for step in path]
        assert weeks == sorted(set(weeks))
        assert weeks[-1] < WEEKS
        assert all(a.state != b.state for a, b in pairwise(path))


def test_a_milder_state_is_no_break() -> None:
    assert first_break((Step(0, HOME, HOME), Step(4, "open", "open"))) is None
    assert first_break((Step(0, "slow", "x"), Step(4, HOME, "y"), Step(9, "embargo", "z"))) == 9


HAZARDS = tuple(
    Hazard(one, other, 0, 0.0, 2.0 if (one, other) == (HOME, OUT) else 0.1, 50.0, 0.04, 0, 1, ())
    for one in STATES
    for other in STATES
    if one != other
)


def drawn_hazards(kind: str, multipliers: tuple[Multiplier, ...] = ()) -> list[dict[str, float]]:
    process = Switching(PathPlan(HOME, (), kind, 0.5, 8.0, multipliers, ()), WEEKS, HAZARDS, {}, ())
    stream = np.random.default_rng(3)
    grid = (np.arange(DRAWS) + 0.5) / DRAWS
    return [draw_hazards(process, dict.fromkeys(STATES, at), stream) for at in grid]


def test_sampled_hazards_have_the_moments_of_their_posterior() -> None:
    """Gamma(2, 50) for the pair that was seen, Gamma(0.1, 50) for one that was not."""
    found = drawn_hazards("sampled")
    for name, shape in ((pair(HOME, OUT), 2.0), (pair(HOME, "embargo"), 0.1)):
        values = np.array([hazards[name] for hazards in found])
        assert values.mean() == pytest.approx(shape / 50, rel=0.1)
        assert values.var() == pytest.approx(shape / 50**2, rel=0.3)


def test_sampled_hazards_let_the_start_survive_as_the_mixture_says() -> None:
    """A Gamma(a, b) hazard gives P(K > k) = (b / (b + k))^a (Lomax)."""
    whole = np.array(
        [sum(h[pair(HOME, s)] for s in STATES if s != HOME) for h in drawn_hazards("sampled")]
    )
    for week in (4, 13, 26, 52):
        assert np.exp(-whole * week).mean() == pytest.approx((50 / (50 + week)) ** 2.4, rel=2e-3)


def test_point_hazards_are_the_means_and_multipliers_multiply() -> None:
    twice = Multiplier(HOME, OUT, 2.0, "an election", "assumption")
    (first, *_), (plain, *_) = drawn_hazards("point", (twice,)), drawn_hazards("point")
    assert plain[pair(HOME, OUT)] == 0.04
    assert first[pair(HOME, OUT)] == 0.08
    assert {k: v for k, v in first.items() if v != 0.08} == {
        k: v for k, v in plain.items() if k != pair(HOME, OUT)
    }


def test_a_multiplier_of_nothing_closes_a_way() -> None:
    never = Multiplier(HOME, OUT, 0.0, "ruled out", "assumption")
    assert {h[pair(HOME, OUT)] for h in drawn_hazards("sampled", (never,))} == {0.0}


def test_a_process_takes_its_record_regimes_and_dates_from_the_data(tables: Tables) -> None:
    made = make_switching(
        PathPlan("open", ("metals",), "point", 0.5, 8.0, (), (expiry(0.5),)),
        tables,
        date(2026, 12, 7),
        WEEKS,
    )
    assert made.expiries == (4,)
    assert made.regimes["tightened"] == (("embargo", 0.25), ("slow", 0.75))
    seen = [h for h in made.hazards if h.events]
    assert [(h.pair, h.weeks_at_risk) for h in seen] == [("open>slow", 13.0)]
