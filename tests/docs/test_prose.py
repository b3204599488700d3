"""Lines of prose can be read in any editor and compared in any diff."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.test_links import ROOT, pages

LONGEST = 99
UNBREAKABLE = re.compile(r" {4}|\||\[?!\[")
"""How code, a row of a table and a picture begin: they stay on one line."""


def too_long(text: str) -> list[int]:
    """Numbers of the lines of prose that are longer than they may be."""
    found, fenced = [], False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and len(line) > LONGEST and not UNBREAKABLE.match(line):
            found.append(number)
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_lines_of_prose_are_under_a_hundred_characters(page: Path) -> None:
    assert too_long(page.read_text(encoding="utf-8")) == []


def test_a_long_line_is_found_unless_it_cannot_break() -> None:
    long = "word " * 20
    fine = ["a", "b " * 49, f"| {long} |", f"    {long}", f"[![{long}](a.png)](b.md)"]
    text = "\n".join([*fine, long, "```", long, "```", f"- {long}"])
    assert too_long(text) == [6, 10]
