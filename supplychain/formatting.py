"""Numbers, money, dates and names as text, and plain values for JSON.

Pure functions. A number's precision is its meaning: two digits in a sentence, three in a table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

Row = TypeVar("Row")

MOST_LISTED = 100
"""So many rows of what may be endless (the cells that overlays change) are listed where one reads;
what has all is named."""
NO_LOSS = 1e-4
"""Shares of plan below this are called no loss: 0.01 %."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

UNCOUNTED = {"t": "tonnes of goods", "MW": "MW", "aircraft": "aircraft"}
"""Units of output that do not take an s after a number."""


def _digits(value: float, digits: int) -> str:
    """Write a value below 1,000 with so many significant digits, without trailing zeros."""
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def significant(value: float, digits: int) -> float:
    """Round to so many significant digits.

    >>> significant(2113482.7, 2)
    2100000.0
    >>> significant(0, 2)
    0.0
    """
    if value == 0 or not math.isfinite(value):
        return 0.0
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def amount(value: float, digits: int = 2) -> str:
    """Write an amount with thousands separated and no more digits than it deserves.

    >>> amount(2113482.7), amount(48231), amount(999_960), amount(87.3), amount(0.0421)
    ('2.1 million', '48,000', '1 million', '87', '0.042')
    """
    rounded = significant(value, digits)
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if abs(rounded) >= size:
            return f"{_digits(rounded / size, digits)} {word}"
    if abs(rounded) >= 1000:
        return f"{rounded:,.0f}"
    return _digits(rounded, digits)


def money(usd: float, digits: int = 2) -> str:
    """Write an amount of US dollars.

    >>> money(31_422_000_000), money(0), money(-1_250)
    ('USD 31 billion', 'USD 0', '-USD 1,200')
    """
    sign = "-" if significant(usd, digits) < 0 else ""
    return f"{sign}USD {amount(abs(usd), digits)}"


def money_range(low: float, high: float) -> str:
    """Write a range of US dollars.

    >>> money_range(1.1e9, 2.34e9), money_range(9e8, 1.2e9), money_range(0.0, 0.0)
    ('USD 1.1 to 2.3 billion', 'USD 900 million to 1.2 billion', 'USD 0')
    >>> money_range(-2e6, 3e6)
    '-USD 2 million to USD 3 million'
    """
    if low < 0:
        return f"{money(low)} to {money(high)}"
    first, last = amount(low), amount(high)
    if first == last:
        return f"USD {first}"
    number, _, size = first.partition(" ")
    return f"USD {number if last.endswith(f' {size}') else first} to {last}"


def share(value: float) -> str:
    """Write a share of plan as a percentage.

    >>> share(0.0432), share(0.43), share(0.000004), share(0), share(1)
    ('4.3 %', '43 %', 'under 0.01 %', '0 %', '100 %')
    """
    if value == 0:
        return "0 %"
    if abs(value) < NO_LOSS:
        return "under 0.01 %"
    return f"{_digits(significant(value * 100, 2), 2)} %"


def tight_share(value: float) -> str:
    """Write a share where there is little room.

    >>> tight_share(0.000004)
    '< 0.01 %'
    """
    return share(value).replace("under ", "< ")


def points(value: float) -> str:
    """Write a difference of two shares in percentage points, with its sign.

    >>> points(0.031), points(-0.0004), points(0)
    ('+3.1 points', '-0.04 points', 'no difference')
    """
    if abs(value) < NO_LOSS:
        return "no difference"
    return f"{'+' if value > 0 else '-'}{_digits(significant(abs(value) * 100, 2), 2)} points"


def signed_money(usd: float) -> str:
    """Write a difference in US dollars with its sign.

    >>> signed_money(2.1e9), signed_money(-5e6), signed_money(0)
    ('+USD 2.1 billion', '-USD 5 million', 'no difference')
    """
    if abs(usd) < 1:
        return "no difference"
    return f"{'+' if usd > 0 else '-'}{money(abs(usd))}"


def units_of(unit: str, value: float) -> str:
    """Write the unit of an output after its amount.

    >>> units_of("shop visit", 2.0), units_of("vehicle", 1.0), units_of("aircraft", 5)
    ('shop visits', 'vehicle', 'aircraft')
    """
    if unit in UNCOUNTED:
        return UNCOUNTED[unit]
    return unit if value == 1 or unit.endswith("s") else f"{unit}s"


def day(iso: object) -> str:
    """Write an ISO date as people write it; nothing for a missing one.

    >>> day("2026-11-16"), day(None), day("")
    ('16 November 2026', '', '')
    """
    when = as_date(iso)
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}" if when else ""


def short_day(iso: object) -> str:
    """Write an ISO date shortly, for tables and axes.

    >>> short_day("2026-11-16")
    '16 Nov 2026'
    """
    when = as_date(iso)
    return f"{when.day} {MONTHS[when.month - 1][:3]} {when.year}" if when else ""


def as_date(value: object) -> date | None:
    """Read an ISO date (or the start of an ISO timestamp); None for anything missing.

    >>> as_date("2026-11-16T00:00:00"), as_date(float("nan"))
    (datetime.date(2026, 11, 16), None)
    """
    if value is None or isinstance(value, float):
        return None
    text = str(value)[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def weeks_between(start: object, end: object) -> int | None:
    """Count whole weeks from one date to another.

    >>> weeks_between("2026-09-28", "2026-11-16")
    7
    """
    first, last = as_date(start), as_date(end)
    return (last - first).days // 7 if first and last else None


def week_end(iso: str, weeks: int = 1) -> str:
    """Return the ISO date of the Sunday that ends so many weeks from a Monday.

    >>> week_end("2026-09-28", 4)
    '2026-10-25'
    """
    start = as_date(iso)
    return (start + timedelta(days=7 * weeks - 1)).isoformat() if start else ""


def listing(parts: Sequence[str]) -> str:
    """Join words as in speech.

    >>> listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"]), listing([])
    ('a', 'a and b', 'a, b and c', '')
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def plain(value: object) -> str:
    """Write any value of the run record on one line: mappings and lists without brackets.

    >>> plain({"site": "lynas-kuantan", "weeks": [1, 2]}), plain(None), plain(True), plain(0.5)
    ('site lynas-kuantan, weeks 1 and 2', '', 'yes', '0.5')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(item)}".strip() for key, item in value.items())
    if isinstance(value, list | tuple):
        return listing([plain(item) for item in value])
    return str(value)


def number(value: float) -> str:
    """Write an input as it was given: up to six digits, thousands separated.

    >>> number(0.5), number(12000.0), number(1e-9), number(3.14159265)
    ('0.5', '12,000', '1e-09', '3.14159')
    """
    if value != 0 and abs(value) < 1e-4:
        return f"{value:.3g}"
    return f"{float(f'{value:.6g}'):,.10g}"


FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Years in which a date of an input or record may lie."""


def in_calendar(day: date) -> date:
    """Return a date, if it is one with which weeks can be counted.

    Raises:
        ValueError: its year lies outside `FIRST_YEAR` to `LAST_YEAR`.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"a year from {FIRST_YEAR} to {LAST_YEAR} is wanted")
    return day


_HIDDEN = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""What a reader does not see, or what has a terminal or page do something; not tab and newline."""


def visible(text: str) -> str:
    r"""Show control characters as what they are, wherever a text leaves the program.

    >>> print(visible("\x1b[31mred \u202egnp\ud800 é"))
    \x1b[31mred \u202egnp\ud800 é
    """
    return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def visible_json(text: str) -> str:
    r"""The same inside a JSON text, which stays one.

    >>> print(visible_json('["\u202e"]'))
    ["\u202e"]
    """
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


FORMULA = ("=", "+", "-", "@")
"""How formulas begin; spreadsheets take a text of a CSV file for one."""


def no_formula(text: str, mark: str = "'") -> str:
    """Keep a text from being run by a spreadsheet that opens it, by a mark before it.

    >>> no_formula("=1+1"), no_formula("-"), no_formula("a=b")
    ("'=1+1", '-', 'a=b')
    """
    return f"{mark}{text}" if len(text) > 1 and text.startswith(FORMULA) else text


UNBROKEN = re.compile(
    rf"(?<=USD) (?=\d)|(?<=\d) (?=%|million\b|billion\b|(?:{'|'.join(m[:3] for m in MONTHS)}))"
    rf"|(?<=[a-z]) (?=\d{{4}}\b)"
)


def unbroken(text: str) -> str:
    """Keep a number and its unit, or the parts of a date, on one line.

    >>> unbroken("USD 3 million or 4 % on 4 April 2025").count("\u00a0")
    5
    """
    return UNBROKEN.sub("\u00a0", text)


def place(name: str) -> str:
    """Give a region its article where speech does.

    >>> place("United States"), place("Rest of world"), place("Japan")
    ('the United States', 'the rest of the world', 'Japan')
    """
    if name.startswith("United "):
        return f"the {name}"
    return "the rest of the world" if name == "Rest of world" else name


def within(name: str) -> str:
    """Write the name of a thing small inside a sentence, unless it is an abbreviation.

    >>> within("Yttria coating material"), within("NdFeB magnets without heavies"), within("")
    ('yttria coating material', 'NdFeB magnets without heavies', '')
    """
    first = name.split(" ", 1)[0]
    return name[:1].lower() + name[1:] if first[1:] == first[1:].lower() else name


def counted(number: int, word: str) -> str:
    """Write a number with its word, in the plural where it is not one.

    >>> counted(1, "table"), counted(1200, "table")
    ('1 table', '1,200 tables')
    """
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def the_first(rows: Sequence[Row], rest: str, in_all: int = 0) -> tuple[Sequence[Row], str]:
    """The rows of a long list that are shown, and what is said of those that are not.

    Args:
        rows: all of them, or those that are known.
        rest: how the sentence goes on after "N more".
        in_all: how many there are, if more than are known.

    >>> the_first(range(102), " are in a table.")[1], the_first([1], " are in a table.")
    ('2 more are in a table.', ([1], ''))
    """
    shown = rows[:MOST_LISTED]
    left = max(len(rows), in_all) - len(shown)
    return shown, f"{left:,} more{rest}" if left else ""


def json_value(value: object) -> object:
    """Turn a value into what JSON knows; what is not a number becomes null, never NaN.

    >>> json_value({"a": (1.0, float("nan")), 2: Path("x/y")})
    {'a': [1.0, None], '2': 'x/y'}
    """
    if value is None or isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): json_value(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(entry) for entry in value]
    if isinstance(value, set | frozenset):
        return sorted((json_value(entry) for entry in value), key=str)
    return _foreign_value(value)


def _foreign_value(value: object) -> object:
    """Turn numbers and dates of other libraries into plain ones, without importing those."""
    if type(value).__name__ in {"NaTType", "NAType"}:
        return None
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return json_value(value.tolist())
    return value.as_posix() if isinstance(value, Path) else str(value)
