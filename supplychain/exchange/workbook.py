"""What every workbook shares: looks, widths, links and numbers of cells."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from supplychain.dataset.row_validation import NUMBER
from supplychain.errors import InvalidInput, problem
from supplychain.formatting import visible
from supplychain.optional_dependencies import WRITER, need

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet


README = "readme"
HEADINGS = 2
"""Rows above the data: the names of the columns, and below each its unit or meaning."""

MOST_ROWS = 1_048_576
"""Rows that a sheet holds."""

LONGEST_TEXT = 32_767
"""Characters that a cell holds."""

FIRST_DAY = date(1900, 3, 1)
"""Before it spreadsheets disagree about dates; earlier ones are written as text."""

MADE = datetime(2000, 1, 1)
"""Stands in every workbook as its date, so that the same rows give the same bytes."""

WIDEST, NARROWEST, LOOKED_AT = 60, 8, 200

LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "bottom": 1, "valign": "top"},
    "meaning": {"italic": True, "font_color": "#595959", "text_wrap": True, "valign": "top"},
    "text": {},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "link": {"font_color": "#0563C1", "underline": 1, "valign": "top"},
    "date": {"num_format": "yyyy-mm-dd"},
    "locked": {"bg_color": "#F2F2F2"},
    "locked date": {"bg_color": "#F2F2F2", "num_format": "yyyy-mm-dd"},
    "open": {"locked": False, "bg_color": "#FFF9E5"},
    "open date": {"locked": False, "bg_color": "#FFF9E5", "num_format": "yyyy-mm-dd"},
}
"""The looks by name; a number format such as `0.0` is a look too."""

DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""


class Book:
    """A workbook that is being filled, with its looks by name."""

    def __init__(self, workbook: Workbook) -> None:
        """Begin with an empty workbook."""
        self.workbook = workbook
        self._looks: dict[str, Format] = {}

    def look(self, name: str) -> Format:
        """Return the look of a name in `LOOKS`, or of a number format."""
        if name not in self._looks:
            self._looks[name] = self.workbook.add_format(LOOKS.get(name, {"num_format": name}))
        return self._looks[name]

    def sheet(self, name: str) -> Worksheet:
        """Add a sheet at the end."""
        return self.workbook.add_worksheet(name)


def book_bytes(fill: Callable[[Book], None]) -> bytes:
    """Return a whole workbook as bytes, the same for the same content.

    Raises:
        InvalidInput: XlsxWriter is not installed, or a sheet or cell cannot hold what it should.
    """
    need(WRITER, "writing a workbook")
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = Workbook(stream, options)
    workbook.set_properties({"created": MADE})
    fill(Book(workbook))
    workbook.close()
    return stream.getvalue()


def put(sheet: Worksheet, row: int, column: int, value: object, look: Format) -> None:
    """Write one cell; text stays text whatever it begins with, and what is missing stays blank.

    Raises:
        InvalidInput: a text is longer than a cell holds.
    """
    if isinstance(value, str) and value:
        if len(value) > LONGEST_TEXT:
            message = f"{sheet.get_name()}: a text of {len(value):,} characters does not fit."
            hint = f"A cell holds {LONGEST_TEXT:,}. Shorten it, or export CSV."
            raise InvalidInput(message, [problem("BOOK-109", message, hint=hint)])
        sheet.write_string(row, column, visible(value), look)
    elif isinstance(value, date):
        _put_date(sheet, row, column, value, look)
    elif isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value, look)
    else:
        sheet.write_blank(row, column, None, look)


def _put_date(sheet: Worksheet, row: int, column: int, value: date, look: Format) -> None:
    if value < FIRST_DAY:
        sheet.write_string(row, column, value.isoformat(), look)
    else:
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), look)


def day(word: str) -> date | str:
    """Return a date out of year-month-day, or the word itself where it is none."""
    try:
        return date.fromisoformat(word) if len(word) == len("2026-09-28") else word
    except ValueError:
        return word


@dataclass(frozen=True)
class Heading:
    """The name of a column, and what stands below it: a unit or a meaning."""

    name: str
    below: str


def put_headings(
    book: Book, sheet: Worksheet, headings: Sequence[Heading], rows: int, keys: int = 0
) -> None:
    """Write the two heading rows, freeze them with the first `keys` columns, and set the filter.

    Raises:
        InvalidInput: the rows are more than a sheet holds.
    """
    if rows + HEADINGS > MOST_ROWS:
        message = f"{sheet.get_name()}: {rows:,} rows are more than a sheet holds."
        raise InvalidInput(message, [problem("BOOK-108", message, hint="Export CSV instead.")])
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading.name, book.look("head"))
        put(sheet, 1, column, heading.below, book.look("meaning"))
    sheet.freeze_panes(HEADINGS, keys)
    sheet.autofilter(HEADINGS - 1, 0, max(HEADINGS - 1 + rows, HEADINGS), len(headings) - 1)


def widths(headings: Sequence[Heading], columns: Sequence[Iterable[str]]) -> list[int]:
    """Return the width of each column: its longest text among the first rows, within reason."""
    found = []
    for heading, cells in zip(headings, columns, strict=True):
        longest = max(
            (len(cell) for _, cell in zip(range(LOOKED_AT), cells, strict=False)), default=0
        )
        found.append(min(max(longest, len(heading.name) + 3, NARROWEST), WIDEST))
    return found


@dataclass(frozen=True)
class Line:
    """One line of the readme: its cells, its look, and the sheet that the first cell leads to."""

    cells: tuple[str, ...] = ()
    look: str = "wrapped"
    link: str = ""


def put_readme(book: Book, lines: Iterable[Line], columns: Sequence[int]) -> Worksheet:
    """Write the first sheet; `columns` are the widths in characters."""
    sheet = book.sheet(README)
    sheet.hide_gridlines(2)
    for column, width in enumerate(columns):
        sheet.set_column(column, column, width)
    for row, line in enumerate(lines):
        for column, cell in enumerate(line.cells):
            put(sheet, row, column, cell, book.look(line.look))
        if line.link:
            target = f"internal:'{line.link}'!A1"
            sheet.write_url(row, 0, target, book.look("link"), line.cells[0])
    return sheet


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

    A whole number beyond all floats stays one in words, so that it is refused with its place.

    >>> text_of(10**400)
    '1.00000000000000e+400'
    """
    held = Decimal(value) if isinstance(value, int) and abs(value) > sys.float_info.max else value
    return f"{held:.{DIGITS}g}"


def same(one: str, other: str) -> bool:
    """Whether two texts are one number to a spreadsheet.

    >>> same("1.50", "1.5"), same("2", "2.0001"), same("", "0")
    (True, False, False)
    """
    first, second = number_of(one), number_of(other)
    if first is None or second is None:
        return one == other
    return float(text_of(first)) == float(text_of(second))
