"""A start of the horizon in words, relative to the day on which a report is made."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

WEEK = timedelta(weeks=1)
HINT = (
    "Write this monday, next monday, last monday, monday in 4 weeks, first monday of next month "
    "(or quarter, or year), or a date such as 2026-09-28."
)

_AFTER = re.compile(r"monday (in|before) (\d{1,3}) weeks?")
_FIRST = re.compile(r"first monday of (this|next|last) (month|quarter|year)")


def read_moment(words: str) -> Callable[[date], date]:
    """Read words such as `next monday`; what comes back turns the day of a report into a start.

    >>> sunday = date(2026, 11, 22)
    >>> [str(read_moment(f"{which} monday")(sunday)) for which in ("last", "this", "next")]
    ['2026-11-09', '2026-11-16', '2026-11-23']
    >>> str(read_moment("monday in 4 weeks")(sunday))
    '2026-12-14'
    >>> str(read_moment("first monday of next quarter")(sunday))
    '2027-01-04'
    >>> str(read_moment("2026-09-28")(sunday))
    '2026-09-28'

    Raises:
        ValueError: these are not such words; the message says what is wanted.
    """
    plain = " ".join(words.lower().split())
    shifts = {"last monday": -1, "this monday": 0, "next monday": 1}
    if plain in shifts:
        return lambda day: monday_of(day) + shifts[plain] * WEEK
    if found := _AFTER.fullmatch(plain):
        weeks = int(found[2]) * (1 if found[1] == "in" else -1)
        return lambda day: monday_of(day) + weeks * WEEK
    if found := _FIRST.fullmatch(plain):
        shift = {"last": -1, "this": 0, "next": 1}[found[1]]
        months = {"month": 1, "quarter": 3, "year": 12}[found[2]]
        return lambda day: _first_monday(day, months, shift)
    return _fixed(plain)


def _fixed(words: str) -> Callable[[date], date]:
    try:
        day = date.fromisoformat(words)
    except ValueError as error:
        raise ValueError("no such words are known") from error
    if day != monday_of(day):
        raise ValueError(f"this is not a Monday; the one before it is {monday_of(day)}")
    return lambda _day: day


def monday_of(day: date) -> date:
    """The Monday of the week that a day is in.

    >>> str(monday_of(date(2026, 11, 22))), str(monday_of(date(2026, 11, 23)))
    ('2026-11-16', '2026-11-23')
    """
    return day - timedelta(days=day.weekday())


def _first_monday(day: date, months: int, shift: int) -> date:
    """The first Monday of the span of months that holds a day, or of one before or after it."""
    begun = day.year * 12 + (day.month - 1) // months * months + shift * months
    first = date(begun // 12, begun % 12 + 1, 1)
    return first + timedelta(days=-first.weekday() % 7)
