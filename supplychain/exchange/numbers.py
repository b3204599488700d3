"""Numbers on their way between the text of a CSV file and the cell of a sheet."""

from __future__ import annotations

import math

from supplychain.dataset.cells import NUMBER

DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""


def number_of(word: str) -> float | None:
    """Return the number that a text of a data folder holds, or None where it is no number.

    >>> number_of("1.50"), number_of("1e3"), number_of("1,5"), number_of("")
    (1.5, 1000.0, None, None)
    """
    value = float(word) if NUMBER.fullmatch(word) else math.nan
    return value if math.isfinite(value) else None


def for_cell(word: str) -> float | None:
    """Return the number of a text with as many digits as a spreadsheet keeps; None if it is none.

    Rounded here and not by each program in turn, which may end one digit apart.

    >>> for_cell("0.30000000000000004"), for_cell("")
    (0.3, None)
    """
    value = number_of(word)
    return None if value is None else float(text_of(value))


def text_of(value: float) -> str:
    """Write a number from a cell as a data folder does: whole, with a point, nothing to spare.

    >>> text_of(77.0), text_of(0.1 + 0.2), text_of(1234567.25), text_of(1e-7)
    ('77', '0.3', '1234567.25', '1e-07')
    """
    return f"{value:.{DIGITS}g}"


def same(one: str, other: str) -> bool:
    """Whether two texts are one number to a spreadsheet.

    >>> same("1.50", "1.5"), same("2", "2.0001"), same("", "0")
    (True, False, False)
    """
    first, second = number_of(one), number_of(other)
    if first is None or second is None:
        return one == other
    return float(text_of(first)) == float(text_of(second))
