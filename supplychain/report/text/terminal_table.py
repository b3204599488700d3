"""Plain tables and numbers for a terminal."""

from __future__ import annotations

import math
import os
import secrets
import shutil
import sys
import textwrap
from collections.abc import Sequence
from itertools import zip_longest
from typing import Literal

from supplychain.formatting import visible

Side = Literal["<", ">"]

NONE = "-"
"""Stands where there is nothing to say: no loss, no date."""

UNBROKEN = "\u00a0"
"""A blank at which no line ends; it is printed as any blank."""

LONGEST_WORD = 24
"""A longer word, a path for one, may be broken where the terminal is narrow."""


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], sides: str = "", width: int | None = None
) -> str:
    """Lay out rows under a head, two blanks apart, no wider than `width`.

    `sides` has `<` or `>` for each column (left without it). Where the table is too wide, heads and
    the text columns go on over several lines, the widest first; numbers and words are never cut.

    >>> print(table(["region", "lost"], [["CHN", "1,200"], ["USA", "7"]], "<>"))
    region   lost
    ------  -----
    CHN     1,200
    USA         7
    """
    side = sides.ljust(len(head), "<")
    wanted = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    widths = _fitted(wanted, _least(head, rows, side), terminal_width() if width is None else width)
    lines = [*_lines(head, widths, side, heading=True), ["-" * w for w in widths]]
    for row in rows:
        lines += _lines(row, widths, side)
    return "\n".join(_line(line, widths, side) for line in lines)


def fits(head: Sequence[str], rows: Sequence[Sequence[str]], sides: str = "") -> bool:
    """Whether the table can be laid out within the width of the terminal."""
    least = _least(head, rows, sides.ljust(len(head), "<"))
    return sum(least) + 2 * (len(least) - 1) <= terminal_width()


def _least(head: Sequence[str], rows: Sequence[Sequence[str]], side: str) -> list[int]:
    """Width that each column needs: its longest number, or its longest word."""
    return [
        max(_needed(head[i], "<"), *(_needed(row[i], side[i]) for row in rows), 1)
        for i in range(len(head))
    ]


def _needed(cell: str, side: str) -> int:
    words = [cell] if side == ">" else [word[:LONGEST_WORD] for word in cell.split(" ")]
    return max(len(word) for word in words)


def _fitted(wanted: Sequence[int], least: Sequence[int], width: int) -> list[int]:
    """Narrow the columns, the widest first, until the table fits or none can get narrower."""
    widths = list(wanted)
    while sum(widths) + 2 * (len(widths) - 1) > width:
        spare = [i for i, w in enumerate(widths) if w > least[i]]
        if not spare:
            break
        widths[max(spare, key=lambda i: widths[i])] -= 1
    return widths


def _lines(
    row: Sequence[str], widths: Sequence[int], side: str, *, heading: bool = False
) -> list[list[str]]:
    """A row as the lines that it takes; numbers stand in the first."""
    cells = [
        textwrap.wrap(cell, w, break_on_hyphens=False) or [""]
        if len(cell) > w and (heading or s == "<")
        else [cell]
        for cell, w, s in zip(row, widths, side, strict=True)
    ]
    return [list(line) for line in zip_longest(*cells, fillvalue="")]


def _line(cells: Sequence[str], widths: Sequence[int], side: str) -> str:
    laid = [
        cell.rjust(w) if s == ">" else cell.ljust(w)
        for cell, w, s in zip(cells, widths, side, strict=True)
    ]
    return "  ".join(laid).replace(UNBROKEN, " ").rstrip()


def terminal_width() -> int:
    """Columns of the terminal; as good as endless where the output goes elsewhere."""
    if not sys.stdout.isatty():
        return 10_000
    return shutil.get_terminal_size().columns


_MARK = secrets.token_hex(8)
"""What no file can hold, because nobody knows it before."""


def spoken(text: str) -> str:
    """A text as it goes to a terminal: what files hold as it is, our own headings bold."""
    shown = visible(text)
    return shown.replace(f"\\x1b{_MARK}1", "\x1b[1m").replace(f"\\x1b{_MARK}0", "\x1b[0m")


def bold(text: str) -> str:
    """Make a heading stand out on a terminal that shows it, unless NO_COLOR is set."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain or not sys.stdout.isatty() else f"\x1b{_MARK}1{text}\x1b{_MARK}0"


def amount(value: float | None) -> str:
    """Write an amount with thousands separated; small ones keep two significant digits.

    >>> amount(1234567.8), amount(3.14159), amount(0.0123), amount(0.0), amount(None)
    ('1,234,568', '3.1', '0.012', '0', '-')
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 1:
        return f"{value:,.1f}"
    return f"{value:.2g}" if abs(value) >= 0.001 else f"{value:.1e}"


def million(value: float | None) -> str:
    """Write USD as million USD.

    >>> million(1.25e9), million(2.5e4), million(0.0), million(None)
    ('1,250', '0.03', '0', '-')
    """
    if value is None or not math.isfinite(value):
        return NONE
    scaled = value / 1e6
    if scaled == 0:
        return "0"
    return f"{scaled:,.0f}" if abs(scaled) >= 10 else f"{scaled:,.2f}"


def percent(share: float | None) -> str:
    """Write a share in per cent.

    >>> percent(0.1234), percent(0.00004), percent(0.0), percent(None)
    ('12.3 %', '<0.1 %', '0 %', '-')
    """
    if share is None or not math.isfinite(share):
        return NONE
    if share == 0:
        return "0 %"
    if abs(share) < 0.001:
        return "<0.1 %" if share > 0 else ">-0.1 %"
    return f"{share * 100:.1f} %"


def signed(text: str) -> str:
    """Put a plus before a difference that is more than nothing.

    >>> signed("1,200"), signed("-3"), signed("0"), signed("-")
    ('+1,200', '-3', '0', '-')
    """
    return text if text[0] in "-<>+" or text in {"0", "0 %"} else f"+{text}"
