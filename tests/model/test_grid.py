"""Periods and what lags become on them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.model.window import Grid, arrival_shares, make_grid, over_periods

grids = st.lists(st.integers(1, 5), min_size=1, max_size=8).map(lambda x: Grid(tuple(x)))
lags = st.integers(0, 12)
blocks = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 4)), max_size=3)
"""(length, how many) of the periods between the weekly and the far ones."""


@given(grid=grids, lag=lags)
def test_what_does_not_arrive_is_what_is_under_way_at_the_end(grid: Grid, lag: int) -> None:
    """Shares sum to one, less the part of the period whose arrival lies after the end."""
    for start, length, pairs in zip(
        grid.starts, grid.lengths, arrival_shares(grid, lag), strict=True
    ):
        late = sum(1 for week in range(start, start + length) if week + lag >= grid.weeks)
        assert sum(share for _, share in pairs) == pytest.approx(1.0 - late / length)


@given(grid=grids, lag=lags)
def test_nothing_arrives_before_it_departs(grid: Grid, lag: int) -> None:
    for sent, pairs in enumerate(arrival_shares(grid, lag)):
        periods = [period for period, _ in pairs]
        assert periods == sorted(set(periods))
        assert all(period >= sent for period in periods)
        assert all(0.0 < share <= 1.0 for _, share in pairs)


@given(grid=grids, lag=lags)
def test_mean_delay_is_the_lag_where_all_arrives(grid: Grid, lag: int) -> None:
    """Week by week: an even departure of a period arrives on the weeks a lag later."""
    weekly = arrival_shares(Grid((1,) * grid.weeks), lag)
    for start, length, pairs in zip(
        grid.starts, grid.lengths, arrival_shares(grid, lag), strict=True
    ):
        arrived = [0.0] * grid.weeks
        for week in range(start, start + length):
            for at, share in weekly[week]:
                arrived[at] += share / length
        assert dict(pairs) == pytest.approx(
            {p: x for p, x in enumerate(over_periods(grid, arrived)) if x > 0.0}
        )


def test_weekly_periods_make_a_lag_a_shift() -> None:
    assert arrival_shares(Grid((1, 1, 1, 1)), 2) == (((2, 1.0),), ((3, 1.0),), (), ())


@given(weeks=st.integers(1, 120), weekly=st.integers(0, 20), far=st.integers(1, 6))
def test_grid_covers_the_window(weeks: int, weekly: int, far: int) -> None:
    grid = make_grid(weeks, weekly, far)
    assert grid.weeks == weeks
    assert all(length == 1 for length in grid.lengths[: min(weekly, weeks)])
    assert all(0 < length <= far for length in grid.lengths[weekly:])
    for week in range(weeks):
        period = grid.period_of(week)
        assert period is not None
        assert grid.starts[period] <= week < grid.starts[period] + grid.lengths[period]
    assert grid.period_of(weeks) is None
    assert grid.period_of(-1) is None


@given(weeks=st.integers(1, 120), weekly=st.integers(0, 20), between=blocks, far=st.integers(1, 12))
def test_grid_with_periods_between_covers_the_window(
    weeks: int, weekly: int, between: list[tuple[int, int]], far: int
) -> None:
    """Block after block in the order given, the far ones as often as they fit, the last one cut."""
    grid = make_grid(weeks, weekly, far, between)
    wanted = [1] * weekly + [length for length, count in between for _ in range(count)]
    wanted += [far] * weeks
    last = len(grid.lengths) - 1
    assert grid.weeks == weeks
    assert list(grid.lengths[:last]) == wanted[:last]
    assert 0 < grid.lengths[last] <= wanted[last]
    assert [grid.period_of(week) for week in grid.starts] == list(grid.periods)


@given(weeks=st.integers(1, 120), weekly=st.integers(0, 20), between=blocks, more=st.integers(0, 5))
def test_periods_never_get_shorter_but_for_a_cut_last_one(
    weeks: int, weekly: int, between: list[tuple[int, int]], more: int
) -> None:
    longest = max((length for length, _ in between), default=1)
    lengths = make_grid(weeks, weekly, longest + more, sorted(between)).lengths[:-1]
    assert list(lengths) == sorted(lengths)


def test_grid_by_hand() -> None:
    """40 weeks: eight, two of two, three of four, and 16 weeks are left for periods of eight."""
    between = [(2, 2), (4, 3)]
    assert make_grid(40, 8, 8, between).lengths == (1,) * 8 + (2, 2, 4, 4, 4, 8, 8)
    assert make_grid(15, 8, 8, between).lengths == (1,) * 8 + (2, 2, 3)
    assert make_grid(5, 8, 8, between).lengths == (1,) * 5
