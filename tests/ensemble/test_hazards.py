"""Hazards from dated spells: what is counted, and the posterior."""

from __future__ import annotations

from datetime import date

import pytest
from scipy.stats import gamma

from supplychain.dataset import Tables, read_tables
from supplychain.dataset.schema_policy import STATES
from supplychain.ensemble.regime_paths import (
    Hazard,
    Spell,
    changes,
    estimate,
    read_spells,
    weeks_at_risk,
)

A, B, C, D = date(2025, 1, 6), date(2025, 3, 17), date(2025, 5, 26), date(2025, 8, 4)
"""Ten weeks apart each."""


def spell(track: str, state: str, begins: date, until: date, event: str = "") -> Spell:
    return Spell(track, state, begins, until, event)


TWO_TRACKS = (
    spell("metals", "open", A, C),
    spell("metals", "slow", C, D, "announcement"),
    spell("magnets", "open", B, C),
    spell("magnets", "slow", C, D, "announcement"),
)


def by_pair(found: tuple[Hazard, ...]) -> dict[str, Hazard]:
    return {hazard.pair: hazard for hazard in found}


def test_a_week_counts_once_however_many_tracks_are_in_the_state() -> None:
    assert weeks_at_risk(TWO_TRACKS, "open") == 20.0
    assert weeks_at_risk(TWO_TRACKS, "slow") == 10.0
    assert weeks_at_risk(TWO_TRACKS, "embargo") == 0.0


def test_weeks_apart_add_up() -> None:
    apart = (spell("metals", "open", A, B), spell("magnets", "open", C, D))
    assert weeks_at_risk(apart, "open") == 20.0


def test_a_decision_on_two_tracks_counts_once() -> None:
    assert changes(TWO_TRACKS) == {("open", "slow"): ("announcement",)}


def test_changes_without_a_decision_on_record_count_each() -> None:
    apart = (
        spell("metals", "open", A, B),
        spell("metals", "slow", B, C),
        spell("magnets", "open", A, C),
        spell("magnets", "slow", C, D),
    )
    assert changes(apart)["open", "slow"] == ("magnets 2025-05-26", "metals 2025-03-17")


def test_the_last_spell_of_a_track_is_cut_off_and_no_event() -> None:
    assert estimate(TWO_TRACKS, 0.5, 8.0)
    assert all(pair[0] != "slow" for pair in changes(TWO_TRACKS))


def test_the_posterior_is_that_of_the_conjugate_prior() -> None:
    found = by_pair(estimate(TWO_TRACKS, 0.5, 8.0))
    seen, unseen = found["open>slow"], found["embargo>open"]
    assert (seen.events, seen.weeks_at_risk) == (1, 20.0)
    assert seen.hazard_per_week == pytest.approx((1 + 0.1) / (20 + 8))
    posterior = gamma(1.1, scale=1 / 28)
    assert (seen.low, seen.high) == pytest.approx((posterior.ppf(0.05), posterior.ppf(0.95)))
    assert (unseen.events, unseen.hazard_per_week) == (0, pytest.approx(0.1 / 8))


def test_every_pair_of_states_has_its_hazard() -> None:
    found = estimate(TWO_TRACKS, 0.5, 8.0)
    assert len(by_pair(found)) == len(found) == len(STATES) * (len(STATES) - 1)


def test_leaving_a_state_at_all_has_the_whole_prior() -> None:
    out = [h for h in estimate(TWO_TRACKS, 0.5, 8.0) if h.from_state == "open"]
    assert sum(h.shape for h in out) == pytest.approx(1.5)
    assert {h.rate for h in out} == {28.0}


def test_tracks_can_be_chosen(tables: Tables) -> None:
    assert [s.state for s in read_spells(tables, ["metals"])] == ["open", "slow"]
    assert read_spells(tables, []) == ()
    assert read_spells(tables) == read_spells(tables, ["metals"])


@pytest.fixture(scope="module")
def shipped() -> dict[str, Hazard]:
    return by_pair(estimate(read_spells(read_tables()), 0.5, 8.0))


def test_the_shipped_record_says_how_few_events_there_are(shipped: dict[str, Hazard]) -> None:
    counted = {pair: hazard.events for pair, hazard in shipped.items() if hazard.events}
    assert counted == {
        "open>suspended": 2,
        "suspended>slow": 2,
        "slow>general-licence": 2,
        "general-licence>tightened": 2,
        "tightened>general-licence": 1,
    }


def test_the_truce_of_busan_counts_once(shipped: dict[str, Hazard]) -> None:
    assert shipped["tightened>general-licence"].source_events == ("us-cn-busan",)


def test_an_embargo_rests_on_the_prior_alone(shipped: dict[str, Hazard]) -> None:
    into = [h for h in shipped.values() if "embargo" in (h.from_state, h.to_state)]
    assert sum(h.events for h in into) == 0
    assert all(h.low < 1e-6 for h in into)
