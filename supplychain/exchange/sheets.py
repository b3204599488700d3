"""What every workbook shares: looks, headings, cells that stay what they are, the first sheet."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from supplychain.errors import InvalidInput, problem
from supplychain.results.needed import WRITER, need

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
        sheet.write_string(row, column, value, look)
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
