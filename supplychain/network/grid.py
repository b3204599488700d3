"""Periods of a window, and what a lag of some weeks becomes on them.

The laws are written over periods: whole weeks, each with a start and a length. A lag in weeks is
resolved once, here, into the shares of a period's departures that arrive in each later period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat


@dataclass(frozen=True)
class Grid:
    """The lengths in weeks of the consecutive periods of a window, first period first."""

    lengths: tuple[int, ...]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """First week of each period, counted from the window's start."""
        starts = [0]
        for length in self.lengths[:-1]:
            starts.append(starts[-1] + length)
        return tuple(starts)

    @property
    def periods(self) -> range:
        """Period numbers, 0 first."""
        return range(len(self.lengths))

    @property
    def weeks(self) -> int:
        """Weeks in the window."""
        return sum(self.lengths)

    def period_of(self, week: int) -> int | None:
        """Period that holds a week, or None past the window's end."""
        for period, start in enumerate(self.starts):
            if start <= week < start + self.lengths[period]:
                return period
        return None


def make_grid(weeks: int, weekly: int, far: int, between: Sequence[tuple[int, int]] = ()) -> Grid:
    """Weekly periods first, then longer ones; the last is cut where the window ends.

    Args:
        weeks: length of the window.
        weekly: how many periods of one week it begins with.
        far: length of the last periods, as many as fit.
        between: (length, how many) of the periods between the weekly and the far ones.

    >>> make_grid(weeks=14, weekly=4, far=4).lengths
    (1, 1, 1, 1, 4, 4, 2)
    >>> make_grid(weeks=16, weekly=2, far=8, between=[(2, 1), (4, 1)]).lengths
    (1, 1, 2, 4, 8)
    """
    wanted = chain(
        repeat(1, weekly), *(repeat(length, count) for length, count in between), repeat(far)
    )
    lengths: list[int] = []
    rest = weeks
    while rest > 0:
        lengths.append(min(next(wanted), rest))
        rest -= lengths[-1]
    return Grid(tuple(lengths))


def arrival_shares(grid: Grid, lag: int) -> tuple[tuple[tuple[int, float], ...], ...]:
    """For each period, the (later period, share) pairs in which its departures arrive.

    Departures are even over a period's weeks. What arrives after the window's end is in no pair, so
    the shares of a late period sum to less than one.

    >>> arrival_shares(Grid((1, 1, 4)), lag=1)
    (((1, 1.0),), ((2, 1.0),), ((2, 0.75),))
    """
    shares: list[tuple[tuple[int, float], ...]] = []
    for start, length in zip(grid.starts, grid.lengths, strict=True):
        weeks: dict[int, int] = {}
        for week in range(start, start + length):
            period = grid.period_of(week + lag)
            if period is not None:
                weeks[period] = weeks.get(period, 0) + 1
        shares.append(tuple((p, n / length) for p, n in sorted(weeks.items())))
    return tuple(shares)


def over_periods(grid: Grid, weekly: Sequence[float]) -> list[float]:
    """Sum a weekly series over the periods of a grid.

    >>> over_periods(Grid((1, 2)), [1.0, 2.0, 3.0])
    [1.0, 5.0]
    """
    return [
        sum(weekly[start : start + length])
        for start, length in zip(grid.starts, grid.lengths, strict=True)
    ]
