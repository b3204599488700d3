"""Periods and what lags become on them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.network.grid import Grid, arrival_shares, make_grid, over_periods

grids = st.lists(st.integers(1, 5), min_size=1, max_size=8).map(lambda x: Grid(tuple(x)))
lags = st.integers(0, 12)


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
