"""Output made up later: nothing twice, the oldest loss first, within the limits of time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import drawn
import numpy as np
import pytest
from cases import make_case, usual_numbers
from hypothesis import given
from hypothesis import strategies as st

from supplychain.network.entities import Network
from supplychain.solve.make_up import made_up_of, still_behind
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.solution import empty_history

WEEKS = 12
series = st.lists(st.integers(0, 5).map(float), min_size=WEEKS, max_size=WEEKS).map(np.array)
limits = st.integers(0, WEEKS).map(float)
decisions = st.sets(st.integers(1, WEEKS - 1)).map(lambda x: [0, *sorted(x)])


@given(lost=series, made=series, limit=limits, when=decisions)
def test_nothing_is_made_up_twice(lost: Any, made: Any, limit: float, when: list[int]) -> None:
    found, late, rest = made_up_of(lost, made, limit, when)
    assert (found >= 0.0).all()
    assert (found <= lost).all()
    assert found.sum() <= made.sum()
    assert rest <= lost.sum() - found.sum()
    assert (np.cumsum(found) >= 0.0).all()
    assert (late[found == 0.0] == 0.0).all()
    assert (late >= found).all(), "what is made up is a week late at least"


@given(lost=series, made=series)
def test_the_oldest_loss_is_made_up_first(lost: Any, made: Any) -> None:
    """Without a limit of time: no loss is made up while an older one is not whole."""
    found, _, rest = made_up_of(lost, made, 99.0, [0])
    short = np.flatnonzero(found < lost)
    if len(short):
        assert found[short[0] + 1 :].sum() <= made.sum()
    assert rest == pytest.approx(lost.sum() - found.sum())
    before = 0.0
    for week in range(WEEKS):
        before += lost[week - 1] if week else 0.0
        assert found[:week].sum() <= before


@given(lost=series, made=series, limit=limits)
def test_what_is_too_old_when_planners_decide_is_lost_for_good(
    lost: Any, made: Any, limit: float
) -> None:
    """They decide every week: a loss is made up within the limit or never."""
    found, late, _ = made_up_of(lost, made, limit, range(WEEKS))
    assert (late <= limit * found + 1e-9).all()


def test_by_hand() -> None:
    """3 lost in week 0, 2 in week 2; 1 made in week 1, 4 in week 3: a week late, three, and one."""
    lost, made = np.array([3.0, 0.0, 2.0, 0.0]), np.array([0.0, 1.0, 0.0, 4.0])
    found, late, rest = made_up_of(lost, made, 26.0, [0])
    assert found.tolist() == [3.0, 0.0, 2.0, 0.0]
    assert late.tolist() == [1.0 * 1.0 + 2.0 * 3.0, 0.0, 2.0 * 1.0, 0.0]
    assert rest == 0.0


def test_a_limit_acts_when_planners_decide() -> None:
    """A loss three weeks old is given up in week 4, when they look, and not in week 3."""
    lost, made = np.array([3.0, 0, 0, 0, 0]), np.array([0, 0, 0, 1.0, 1.0])
    assert made_up_of(lost, made, 2.0, [0, 4])[0].tolist() == [1.0, 0, 0, 0, 0]
    assert made_up_of(lost, made, 2.0, [0, 3])[0].tolist() == [0.0] * 5
    assert made_up_of(lost, made, 2.0, [0])[0].tolist() == [2.0, 0, 0, 0, 0]


def maker(make_up: float) -> Network:
    found = drawn.shelf()
    customer = replace(
        found.customers[0], make_up_weeks=make_up, overtime_share=0.25, late_cost_per_week=0.01
    )
    return replace(found, customers=(customer,))


@pytest.mark.parametrize(("make_up", "behind"), [(26.0, 0.5), (3.0, 0.2), (0.0, 0.0)])
def test_what_is_still_behind(make_up: float, behind: float) -> None:
    """0.4 lost in week 0, of which 0.1 is made up in week 2, and 0.2 in week 1: seen in week 4."""
    network = maker(make_up)
    history = empty_history(network, 8, 2)
    history.lost[0, 0, :2] = [0.4, 0.2]
    history.made_up[0, 2] = 0.1
    found = still_behind(network, history, (0, 4), 4)
    assert found.tolist() == [pytest.approx(behind)]
    assert still_behind(network, history, (0, 4), 0).tolist() == [0.0]


def squeezed(make_up: float) -> Any:
    """No magnets for weeks 0 to 3, plenty later; a quarter more than planned can be made."""
    network = maker(make_up)
    network = replace(network, lines=drawn.works().lines, places=(("A", "magnet"),))
    numbers = usual_numbers(network, 40)
    numbers.line_capacity[:, :4] = 0.0
    numbers.line_capacity[:, 4:] = 50.0
    numbers.delivery_limit[:] = 50.0
    case = make_case(network, numbers, weeks=20, window=16, step=4, opening=0.0)
    case.past_deliveries[:] = 0.0
    return Solver(network).solve(case, "rolling", "value")


def test_losses_are_made_up_by_overtime_once_goods_are_there() -> None:
    """Four weeks lost; 0.25 a week more from week 4: all is made up in the 16 weeks left."""
    history = squeezed(26.0).history
    assert history.lost.sum(axis=(0, 1))[:4].tolist() == pytest.approx([1.0] * 4)
    assert history.made_up[0, 4:].tolist() == pytest.approx([0.25] * 16)
    assert history.output[0, 4:].tolist() == pytest.approx([1.25] * 16)


def test_losses_that_nobody_can_make_up_stay_lost() -> None:
    history = squeezed(0.0).history
    assert float(history.made_up.sum()) == 0.0
    assert float(history.output.max()) == pytest.approx(1.0)


def test_after_the_limit_of_time_overtime_ends() -> None:
    """A limit of 8 weeks: in week 12 even the last loss, of week 3, is older."""
    solution = squeezed(8.0)
    made = solution.history.made_up[0]
    assert made[4:12].tolist() == pytest.approx([0.25] * 8)
    assert made[12:].tolist() == pytest.approx([0.0] * 8)
