"""Read an edited workbook back as rows of text that know their sheet and row."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from supplychain.dataset.columns import Table
from supplychain.dataset.paths import shown
from supplychain.dataset.schema import TABLES
from supplychain.dataset.text import Row, header_problems
from supplychain.errors import InvalidInput, Problem, nearest, problem
from supplychain.exchange.choices import LISTS
from supplychain.exchange.data_book import HASH
from supplychain.exchange.numbers import text_of
from supplychain.exchange.sheets import HEADINGS, README
from supplychain.results.needed import READER, need

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, ParseError,
    EOFError,
)  # fmt: skip
"""What openpyxl raises over a file that is no workbook, or half of one."""

NO_WORKBOOK = "Save it as an Excel workbook (.xlsx) without a password."


@dataclass
class Sheets:
    """What a workbook holds: rows by table, the hash of its data, problems, notes.

    `columns` says at which letter each column of a sheet stands.
    """

    file: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    hash: str = ""
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def place(self, table: str) -> str:
        """How the rows of a sheet name their file: "plan.xlsx, sheet covers"."""
        return f"{self.file}, sheet {table}"

    def at_cell(self, found: Problem) -> Problem:
        """Give a problem of a row or column of a sheet the cell in which it stands."""
        for table, letters in self.columns.items():
            if found.file == self.place(table):
                letter = letters.get(str(found.column), "A")
                cell = f"{table}!{letter}{found.line or 1}"
                return replace(found, file=self.file, path=cell)
        return found


def read_sheets(path: Path) -> Sheets:
    """Read every sheet that is a table; problems of cells are kept, not raised.

    Raises:
        InvalidInput: openpyxl is not installed, or the file cannot be opened or is no workbook.
    """
    need(READER, "reading a workbook")
    result = Sheets(shown(path))
    book = _load(path, result.file, values=False)
    saved: Workbook | None = None
    if any(_has_formula(book[name]) for name in book.sheetnames if name in TABLES):
        saved = _load(path, result.file, values=True)
    result.hash = _hash(book)
    others = [name for name in book.sheetnames if name not in (*TABLES, README, LISTS)]
    for table in TABLES.values():
        if table.name in book.sheetnames:
            values = None if saved is None else saved[table.name]
            _read_sheet(table, book[table.name], values, result)
        else:
            hint = f"{nearest(table.name, others)} Give the sheet its name back."
            message = f"the sheet {table.name} is missing."
            result.problems.append(
                problem("BOOK-102", message, file=result.file, hint=hint.strip())
            )
    result.notes.extend(f'The sheet "{name}" is no table; it was left out.' for name in others)
    return result


def _load(path: Path, file: str, *, values: bool) -> Workbook:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        content = path.open("rb")
    except OSError as error:
        found = problem("BOOK-101", f"cannot be opened: {error.strerror}.", file=file)
        raise InvalidInput(f"{file} cannot be opened.", [found]) from error
    try:
        with content, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what openpyxl does not keep on writing
            return load_workbook(content, data_only=values)
    except (*BROKEN, InvalidFileException, OSError) as error:
        found = problem("BOOK-101", "is not a workbook.", file=file, hint=NO_WORKBOOK)
        raise InvalidInput(f"{file} is not a workbook.", [found]) from error


def _has_formula(sheet: Worksheet) -> bool:
    return any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def _hash(book: Workbook) -> str:
    """The fingerprint in the readme, or a blank."""
    if README not in book.sheetnames:
        return ""
    for row in book[README].iter_rows(max_col=2, values_only=True):
        if row[0] == HASH:
            return str(row[1] or "").strip()
    return ""


def _read_sheet(table: Table, sheet: Worksheet, saved: Worksheet | None, result: Sheets) -> None:
    """Read one sheet: the names in its first row, then the rows below the two headings."""
    place = result.place(table.name)
    heads = {cell.column_letter: _plain(cell) for cell in sheet[1] if cell.value is not None}
    letters = {name: letter for letter, name in reversed(heads.items())}
    result.columns[table.name] = letters
    found = list(header_problems(list(heads.values()), table, place, False))
    result.problems.extend(result.at_cell(each) for each in found)
    rows = []
    for cells in sheet.iter_rows(min_row=HEADINGS + 1):
        words = {}
        for cell in cells:
            name = heads.get(cell.column_letter) if hasattr(cell, "column_letter") else None
            if name is not None:
                words[name] = _word(table, cell, saved, result)
        if any(words.values()):
            rows.append(Row(place, cells[0].row, words))
    result.rows[table.name] = rows


def _word(table: Table, cell: Cell, saved: Worksheet | None, result: Sheets) -> str:
    """The text of a cell, that of a formula as it was saved."""
    if cell.data_type != "f":
        return _plain(cell)
    kept = saved[cell.coordinate] if saved is not None else None
    if kept is not None and kept.value is not None:
        return _plain(kept)
    where = f"{table.name}!{cell.coordinate}"
    hint = "Open the workbook in a spreadsheet program and save it there, or write the number."
    message = "a formula whose result was not saved."
    result.problems.append(
        problem("BOOK-103", message, file=result.file, line=cell.row, path=where, hint=hint)
    )
    return ""


def _plain(cell: Cell) -> str:
    """The value of a cell as the text that a CSV file would hold."""
    from openpyxl.utils.escape import unescape

    value = cell.value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return text_of(value)
    if isinstance(value, datetime):
        whole = value.time() == time(0)
        return value.date().isoformat() if whole else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else unescape(str(value)).strip()
