"""The closed table of units and the only conversions there are.

A unit is a text such as `kt/a` or `USD/kg`. Each belongs to a dimension and has a factor to the
dimension's canonical unit. Units outside the table are refused: a general unit library reads `kt`
as knots and `ton` as the short ton of 907 kg, silently wrong in exactly this field.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from supplychain.errors import nearest

WEEKS_PER_YEAR = 365.25 / 7
"""Weeks in a mean year, 52.18."""


@dataclass(frozen=True)
class Unit:
    """A unit's dimension and its factor to the dimension's canonical unit."""

    dimension: str
    factor: float


UNITS: dict[str, Unit] = {
    "t": Unit("mass", 1.0),
    "kt": Unit("mass", 1000.0),
    "kg": Unit("mass", 0.001),
    "t/a": Unit("mass per year", 1.0),
    "kt/a": Unit("mass per year", 1000.0),
    "kg/a": Unit("mass per year", 0.001),
    "t/week": Unit("mass per year", WEEKS_PER_YEAR),
    "t/t": Unit("mass ratio", 1.0),
    "kg/t": Unit("mass ratio", 0.001),
    "week": Unit("time", 1.0),
    "day": Unit("time", 1.0 / 7.0),
    "working_day": Unit("time", 1.0 / 5.0),
    "month": Unit("time", WEEKS_PER_YEAR / 12.0),
    "year": Unit("time", WEEKS_PER_YEAR),
    "share": Unit("share", 1.0),
    "%": Unit("share", 0.01),
    "ratio": Unit("ratio", 1.0),
    "1": Unit("ratio", 1.0),
    "USD/kg": Unit("price", 1.0),
    "USD/t": Unit("price", 0.001),
    "kg/unit": Unit("intensity", 1.0),
    "g/unit": Unit("intensity", 0.001),
    "t/unit": Unit("intensity", 1000.0),
    "unit/a": Unit("plan", 1.0),
    "k unit/a": Unit("plan", 1000.0),
    "unit/week": Unit("plan", WEEKS_PER_YEAR),
    "unit/month": Unit("plan", 12.0),
    "USD/unit": Unit("value", 1.0),
    "k USD/unit": Unit("value", 1e3),
    "M USD/unit": Unit("value", 1e6),
    "date": Unit("date", 1.0),
}

CANONICAL: dict[str, str] = {
    "mass": "t",
    "mass per year": "t/a",
    "mass ratio": "t/t",
    "time": "week",
    "share": "share",
    "ratio": "ratio",
    "price": "USD/kg",
    "intensity": "kg/unit",
    "plan": "unit/a",
    "value": "USD/unit",
    "date": "date",
}


class UnknownUnit(ValueError):
    """The unit is not in the table, or belongs to another dimension than the one wanted."""


def dimension_of(unit: str) -> str:
    """Return the dimension of a unit.

    Raises:
        UnknownUnit: the unit is not in the table; the message names the nearest one.
    """
    if unit not in UNITS:
        raise UnknownUnit(f'"{unit}" is not a unit. {nearest(unit, UNITS)}'.strip())
    return UNITS[unit].dimension


def convert(value: float, unit: str, to: str) -> float:
    """Convert a value between two units of one dimension.

    >>> convert(2.0, "kt/a", "t/a")
    2000.0
    >>> convert(6.0, "USD/t", "USD/kg")
    0.006
    >>> convert(14.0, "day", "week")
    2.0

    Raises:
        UnknownUnit: a unit is unknown or the two measure different things.
    """
    if dimension_of(unit) != dimension_of(to):
        known = ", ".join(u for u, spec in UNITS.items() if spec.dimension == dimension_of(to))
        raise UnknownUnit(f'"{unit}" does not measure a {dimension_of(to)}; use one of {known}.')
    if unit == to:
        return value
    return value * UNITS[unit].factor / UNITS[to].factor


SPOKEN: dict[str, str] = {
    "weeks": "week",
    "days": "day",
    "working day": "working_day",
    "working days": "working_day",
    "months": "month",
    "years": "year",
    "percent": "%",
    "per week": "unit/week",
    "a week": "unit/week",
    "/week": "unit/week",
    "per month": "unit/month",
    "a month": "unit/month",
    "/month": "unit/month",
    "per year": "unit/a",
    "a year": "unit/a",
    "/year": "unit/a",
    "/a": "unit/a",
    "kg": "kg/unit",
    "g": "g/unit",
    "kg per unit": "kg/unit",
    "g per unit": "g/unit",
    "USD": "USD/unit",
    "USD per unit": "USD/unit",
    "k USD": "k USD/unit",
    "M USD": "M USD/unit",
}
"""How people write some units; read by `read_amount` alone, never in the columns of the data."""

_AMOUNT = re.compile(
    r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(?P<unit>\D.*)?"
)


def read_amount(text: str, to: str) -> float:
    """Read a number with its unit as a person writes it, in the unit `to`; bare, it is in `to`.

    Between `per` and the time may stand what is counted, as in "1,000 cars per week".

    >>> read_amount("60 %", "share"), read_amount("2.5 weeks", "week")
    (0.6, 2.5)
    >>> read_amount("1,000 cars per month", "unit/a")
    12000.0

    Raises:
        ValueError: it is no finite number, or its unit is unknown or measures something else.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or not any(c.isdigit() for c in found["number"]):
        raise ValueError(f'"{text}" does not begin with a number.')
    value = float(found["number"].replace(",", ""))
    if not math.isfinite(value):
        raise ValueError(f'"{text}" is not finite.')
    unit = _spoken(" ".join((found["unit"] or to).split()), to)
    return convert(value, unit, to)


def _spoken(words: str, to: str) -> str:
    """The unit that some words mean; of a plan the last two say it, what is counted comes first."""
    if words in UNITS and not (dimension_of(to) == "intensity" and words in SPOKEN):
        return words
    if words in SPOKEN and SPOKEN[words] in UNITS:
        return SPOKEN[words]
    if dimension_of(to) == "plan":
        rate = re.search(r"(?:per|a) (?:week|month|year)$|/ ?(?:week|month|year|a)$", words)
        if rate:
            return SPOKEN[rate[0].replace("/ ", "/")]
    return words


def per_week(value_per_year: float) -> float:
    """Turn an amount per year into an amount per week.

    >>> round(per_week(52.18), 3)
    1.0
    """
    return value_per_year / WEEKS_PER_YEAR
