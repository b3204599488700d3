"""Numbers read back from the words of a page."""

from __future__ import annotations

import re

SCALE = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


def number(text: str) -> float:
    found = re.match(r"([\d,.]*\d) ?(million|billion|trillion)?", text)
    assert found
    return float(found[1].replace(",", "")) * SCALE[found[2] or ""]


def close(said: float, real: float) -> bool:
    """Two significant digits never differ by more than 5 %."""
    return abs(said - real) <= 0.051 * abs(real)
