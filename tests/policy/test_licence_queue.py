from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.policy.licence_queue import (
    Licences,
    Rules,
    favourable,
    run_queue,
    usual_shipping,
)

PLAIN = {
    "in_force": 1.0,
    "gap": 0.0,
    "review": 1.0,
    "approval_share": 1.0,
    "returned_share": 0.0,
    "throughput": 10.0,
    "validity": 26.0,
    "general_share": 0.0,
    "surge": 1.0,
    "keep_pending": 1.0,
    "keep_issued": 1.0,
    "transferable_share": 0.0,
}


def rules(weeks: int, changed: tuple[int, ...] = (), **weekly: Any) -> Rules:
    """One class; a number holds in every week, a list gives week by week."""
    rows = {
        name: np.broadcast_to(np.array(weekly.get(name, usual), dtype=float), (1, weeks)).copy()
        for name, usual in PLAIN.items()
    }
    flags = np.zeros((1, weeks), dtype=bool)
    flags[0, list(changed)] = True
    return Rules(changed=flags, **rows)


def queue(
    weeks: int, changed: tuple[int, ...] = (), usual: float = 10.0, **weekly: Any
) -> Licences:
    return run_queue(np.array([usual]), rules(weeks, changed, **weekly))


def test_instant_review_grants_what_is_asked() -> None:
    out = queue(3)
    assert out.granted[0].tolist() == [10.0, 10.0, 10.0]
    assert out.pending[0].tolist() == [0.0, 0.0, 0.0]


def test_a_three_week_review_by_hand() -> None:
    out = queue(3, review=3.0)
    # half of what is examined and half of what is examined already passes on: of 10 handed in
    # 2.5 are decided at once, 2.5 wait examined, 5 are being examined; then 5, then 6.875
    assert out.granted[0] == pytest.approx([2.5, 5.0, 6.875])
    assert out.pending[0] == pytest.approx([7.5, 12.5, 15.625])


def test_a_file_takes_the_review_on_average() -> None:
    for review in (1.0, 2.0, 6.0, 9.0, 18.0):
        once = queue(400, review=review, surge=[1.0] + [0.0] * 399)
        weeks = np.arange(400) + 1.0
        assert float(once.granted[0] @ weeks) / 10.0 == pytest.approx(review, rel=1e-6)


def test_few_files_are_decided_before_half_their_review() -> None:
    once = queue(400, review=18.0, surge=[1.0] + [0.0] * 399)
    first = np.cumsum(once.granted[0]) / 10.0
    assert first[2] < 0.07
    assert 0.15 < first[8] < 0.35
    assert 0.55 < first[17] < 0.7


def test_a_longer_review_meets_new_files_only() -> None:
    out = queue(5, changed=(3,), review=[3.0, 3.0, 3.0, 9.0, 9.0])
    same = queue(5, review=3.0, surge=[1.0, 1.0, 1.0, 0.0, 0.0])
    late = queue(2, review=9.0)
    assert out.granted[0, 3:] == pytest.approx(same.granted[0, 3:] + late.granted[0])


def test_a_shorter_review_clears_what_is_pending() -> None:
    out = queue(3, changed=(2,), review=[9.0, 9.0, 1.0])
    assert out.pending[0, 2] == pytest.approx(0.0)
    assert float(out.granted[0].sum()) == pytest.approx(30.0)


def test_a_returned_file_is_decided_on_again_not_examined_anew() -> None:
    out = queue(
        3,
        changed=(1,),
        review=3.0,
        approval_share=[0.0, 1.0, 1.0],
        returned_share=1.0,
        surge=[1.0, 0.0, 0.0],
    )
    # 5 are examined in week 0, no one says yes; then half of 5 + 2.5, and half of 3.75 + 1.25
    assert out.granted[0] == pytest.approx([0.0, 3.75, 2.5])


def test_a_file_handed_in_under_refusal_is_refused_later_too() -> None:
    out = queue(2, changed=(1,), review=1.0, approval_share=[0.5, 1.0], returned_share=0.0, gap=1.0)
    assert out.granted[0] == pytest.approx([0.0, 15.0])
    assert out.refused[0] == pytest.approx([0.0, 5.0])


def test_refused_and_returned_by_hand() -> None:
    out = queue(2, approval_share=0.6, returned_share=0.5)
    # week 0: 10 decided, 6 approved, 2 back, 2 refused; week 1: 12 decided
    assert out.granted[0] == pytest.approx([6.0, 7.2])
    assert out.returned[0] == pytest.approx([2.0, 2.4])
    assert out.refused[0] == pytest.approx([2.0, 2.4])
    assert out.pending[0] == pytest.approx([2.0, 2.4])


def test_nothing_is_decided_in_the_gap_and_its_last_week_counts_in_part() -> None:
    out = queue(4, gap=2.5)
    assert out.granted[0].tolist() == [0.0, 0.0, 15.0, 25.0]


def test_the_gap_counts_from_the_control_not_from_a_new_regime() -> None:
    out = queue(4, changed=(2,), gap=[0.0, 0.0, 2.0, 2.0])
    assert out.granted[0].tolist() == [10.0, 10.0, 10.0, 10.0]


def test_with_everything_returned_grants_run_at_the_throughput() -> None:
    out = queue(200, review=4.0, approval_share=0.25, returned_share=1.0, throughput=0.5)
    assert out.granted[0, 50:] == pytest.approx(5.0)


def test_a_general_share_passes_without_review() -> None:
    out = queue(2, general_share=0.4, approval_share=0.0)
    assert out.waived[0].tolist() == [4.0, 4.0]
    assert out.granted[0].tolist() == [0.0, 0.0]
    assert out.usable[0].tolist() == [4.0, 4.0]


def test_licences_lapse_after_their_validity() -> None:
    out = queue(5, validity=2.0)
    assert out.valid[0].tolist() == [10.0, 20.0, 20.0, 20.0, 20.0]


def test_a_regime_change_revokes_and_drops() -> None:
    weekly = {
        "review": 4.0,
        "keep_pending": 0.5,
        "keep_issued": 0.0,
        "approval_share": [1, 1, 0, 0],
    }
    out = queue(4, changed=(2,), **weekly)
    before = out.pending[0, 1]
    assert out.withdrawn[0].tolist() == [0.0, 0.0, before / 2, 0.0]
    assert out.revoked[0, 2] == pytest.approx(out.valid[0, 1])
    assert out.valid[0, 2:].tolist() == [0.0, 0.0]


def test_the_first_week_of_a_control_is_no_change_of_regime() -> None:
    out = queue(3, changed=(1,), in_force=[0, 1, 1], keep_pending=0.0, keep_issued=0.0)
    assert out.granted[0].tolist() == [0.0, 10.0, 10.0]


def test_without_a_control_trade_is_free() -> None:
    out = queue(3, in_force=[0, 1, 0], review=5.0)
    assert np.isinf(out.usable[0]).tolist() == [True, False, True]
    assert out.pending[0, 2] == 0.0
    assert out.valid[0, 2] == 0.0
    assert out.withdrawn[0, 2] == pytest.approx(out.pending[0, 1])


def test_usual_shipping_leaves_what_is_granted_beyond_it() -> None:
    licences = queue(4, surge=1.5, validity=2.0)
    left, shipped = usual_shipping(np.array([10.0]), licences, 4)
    assert shipped[0].tolist() == [10.0] * 4
    assert left[0] == pytest.approx(20.0)
    blocked = queue(4, approval_share=0.0)
    left, shipped = usual_shipping(np.array([10.0]), blocked, 4)
    assert (left[0], shipped[0].tolist()) == (0.0, [0.0] * 4)


def test_classes_do_not_touch_each_other() -> None:
    two = Rules(
        **{
            f.name: np.vstack([getattr(rules(30), f.name), getattr(rules(30, review=7.0), f.name)])
            for f in fields(Rules)
        }
    )
    both = run_queue(np.array([10.0, 3.0]), two)
    assert both.granted[0] == pytest.approx(queue(30).granted[0])
    assert both.granted[1] == pytest.approx(queue(30, usual=3.0, review=7.0).granted[0])


WEEKS = 40
share = st.floats(0.0, 1.0)
regime = st.fixed_dictionaries(
    {
        "in_force": st.sampled_from([0.0, 1.0, 1.0, 1.0]),
        "gap": st.floats(0.0, 12.0),
        "review": st.floats(0.0, 20.0),
        "approval_share": share,
        "returned_share": share,
        "throughput": st.floats(0.0, 2.0),
        "validity": st.floats(1.0, 60.0),
        "general_share": share,
        "surge": st.floats(0.0, 1.5),
        "keep_pending": share,
        "keep_issued": share,
        "transferable_share": share,
    }
)


@st.composite
def histories(draw: st.DrawFn) -> Rules:
    """Up to four regimes one after the other."""
    regimes = draw(st.lists(regime, min_size=1, max_size=4))
    starts = sorted({0, *draw(st.lists(st.integers(1, WEEKS - 1), max_size=len(regimes) - 1))})
    weekly = {
        name: [regimes[sum(s <= w for s in starts) - 1][name] for w in range(WEEKS)]
        for name in PLAIN
    }
    return rules(WEEKS, tuple(starts[1:]), **weekly)


@settings(max_examples=150, deadline=None)
@given(histories(), st.floats(0.0, 100.0))
def test_nothing_is_lost_or_made_twice(history: Rules, usual: float) -> None:
    out = run_queue(np.array([usual]), history)
    came = np.cumsum(out.applied[0])
    went = np.cumsum(out.granted[0] + out.refused[0] + out.withdrawn[0]) + out.pending[0]
    assert came == pytest.approx(went, abs=1e-6)
    assert (np.cumsum(out.granted[0]) <= came + 1e-6).all()
    for name in (
        "applied",
        "returned",
        "granted",
        "waived",
        "refused",
        "withdrawn",
        "pending",
        "valid",
    ):
        assert (getattr(out, name)[0] >= -1e-9).all(), name


@settings(max_examples=150, deadline=None)
@given(histories(), st.floats(0.0, 100.0))
def test_no_more_is_granted_than_is_approved_in_the_end_of_what_is_handed_in(
    history: Rules, usual: float
) -> None:
    out = run_queue(np.array([usual]), history)
    good = np.cumsum(favourable(history)[0] * out.applied[0])
    assert (np.cumsum(out.granted[0]) <= good + 1e-6).all()
    settled = out.granted[0] + out.refused[0]
    assert (settled <= history.throughput[0] * usual + 1e-6).all()


@settings(max_examples=100, deadline=None)
@given(histories(), st.floats(0.0, 100.0))
def test_denied_stays_denied(history: Rules, usual: float) -> None:
    denied = Rules(
        **{
            **{f.name: getattr(history, f.name) for f in fields(Rules)},
            "approval_share": np.zeros((1, WEEKS)),
            "general_share": np.zeros((1, WEEKS)),
            "in_force": np.ones((1, WEEKS)),
        }
    )
    out = run_queue(np.array([usual]), denied)
    assert (out.usable == 0.0).all()
    assert (out.valid == 0.0).all()


@settings(max_examples=100, deadline=None)
@given(histories(), st.floats(0.1, 100.0))
def test_what_is_valid_was_granted_within_its_validity(history: Rules, usual: float) -> None:
    out = run_queue(np.array([usual]), history)
    got = out.granted[0] + out.waived[0]
    for week in range(WEEKS):
        recent = [
            got[w]
            for w in range(week + 1)
            if w + max(round(float(history.validity[0, w])), 1) > week
        ]
        assert out.valid[0, week] <= sum(recent) + 1e-6


EASING = {
    "review": lambda value, more: value / (1.0 + 3.0 * more),
    "throughput": lambda value, more: value + more,
    "approval_share": lambda value, more: value + more * (1.0 - value),
    "general_share": lambda value, more: value + more * (1.0 - value),
    "validity": lambda value, more: value + 20.0 * more,
}
"""What grants more: the parameter, and how much of it."""


@pytest.mark.parametrize("name", EASING)
@settings(max_examples=200, deadline=None)
@given(histories(), share, st.integers(0, WEEKS - 1), st.integers(1, WEEKS))
def test_easing_never_lets_less_through_up_to_any_week(
    name: str, history: Rules, more: float, first: int, weeks: int
) -> None:
    """Whatever the regimes before and after: over some weeks, one parameter is eased."""
    eased = getattr(history, name).copy()
    eased[:, first : first + weeks] = EASING[name](eased[:, first : first + weeks], more)
    hard, soft = (
        run_queue(np.array([10.0]), rules) for rules in (history, replace(history, **{name: eased}))
    )
    usable = [np.cumsum(out.granted[0] + out.waived[0]) for out in (hard, soft)]
    assert (usable[0] <= usable[1] + 1e-6).all()


@pytest.mark.parametrize("review", [9.0, 12.0, 18.0])
def test_a_longer_clock_is_seen_where_throughput_leaves_room(review: float) -> None:
    """A practice of six weeks in its steady state; then the clock is longer, for new files."""
    usual = queue(60, review=6.0, approval_share=0.7, returned_share=0.95)
    slower = queue(
        60, (30,), review=[6.0] * 30 + [review] * 30, approval_share=0.7, returned_share=0.95
    )
    missing = np.cumsum(usual.granted[0] - slower.granted[0])
    assert missing[29] == pytest.approx(0.0)
    assert float(missing[-1]) > 0.5 * (review - 6.0) * 10.0


def test_the_queue_takes_growing_trade_as_files_of_that_week() -> None:
    """Steady growth is what files handed in, grants and the throughput follow; nothing is lost."""
    treated = rules(60, review=4.0, throughput=0.9, surge=1.2)
    grown = np.linspace(10.0, 20.0, 60)[None, :]
    out = run_queue(grown, treated)
    assert out.applied[0] == pytest.approx(1.2 * grown[0])
    assert (out.granted[0] <= 0.9 * grown[0] + 1e-9).all()
    assert out.granted[0, -1] == pytest.approx(0.9 * grown[0, -1])
    handed = np.cumsum(out.applied - out.granted - out.refused - out.withdrawn, axis=1)
    assert out.pending == pytest.approx(handed)
