"""A workbook that a planner edited becomes an overlay, or a list of problems."""

from __future__ import annotations

import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from supplychain.dataset.csv_reader import Row, header_problems
from supplychain.dataset.overlay import Change, lay_rows, named, repeated, write_rows
from supplychain.dataset.schema import TABLES
from supplychain.dataset.table_types import Column, Table
from supplychain.dataset.tables import check_text, read_tables, read_text
from supplychain.errors import InvalidInput, Problem, nearest, problem
from supplychain.exchange.data_workbook import HASH, LISTS, WeeklyInputs
from supplychain.exchange.workbook import HEADINGS, README, same, text_of
from supplychain.files import shown, whole_folder
from supplychain.optional_dependencies import READER, need

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet


BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, ParseError,
    EOFError, IndexError, OverflowError, RecursionError, NotImplementedError, struct.error,
)  # fmt: skip
"""What openpyxl raises over a file that is no workbook, or half of one."""

LARGEST = 100_000_000
"""Bytes of a workbook unpacked; that of the shipped data has a twentieth of it."""
MOST_PARTS = 1_000
MOST_ROWS, MOST_COLUMNS = 100_000, 100
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,9})[\"']")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"'][A-Z]+\d+:([A-Z]{1,3})(\d{1,9})[\"']")

NO_WORKBOOK = "Save it as an Excel workbook (.xlsx) without a password."


@dataclass(frozen=True)
class Edited:
    """What a workbook changes: whole rows by table, and every changed cell."""

    rows: Mapping[str, Sequence[Row]]
    changes: Sequence[Change]
    notes: Sequence[str]


def read_numbers(folder: Path | None, overlays: Sequence[Path] = ()) -> WeeklyInputs:
    """Read and check a data folder, numbers as written; the shipped one if none is given.

    Raises:
        InvalidInput: carries every problem of the data.
    """
    tables = read_tables(folder, overlays)
    text, _ = read_text(folder, overlays)
    return WeeklyInputs(text.rows, tables.hash, tables.folder, tables.overlays)


def edited(path: Path, folder: Path | None, overlays: Sequence[Path] = ()) -> Edited:
    """Compare a workbook with the data that it was made from, and check what comes out.

    Raises:
        InvalidInput: carries every problem of the file, its sheets and cells, and of the data as
            they would be.
    """
    numbers = read_numbers(folder, overlays)
    sheets = read_sheets(path)
    _refuse_other_data(sheets, numbers)
    rows: dict[str, list[Row]] = {}
    for name, found in sheets.rows.items():
        changed = list(_changed(TABLES[name], numbers.rows[name], found, sheets))
        if changed:
            rows[name] = changed
    changes = _checked(folder, overlays, rows, sheets)
    if sheets.problems:
        problems = sorted(set(sheets.problems))
        raise InvalidInput(f"{sheets.file} cannot be imported.", problems)
    return Edited(rows, changes, tuple(sheets.notes))


def _refuse_other_data(sheets: Sheets, numbers: WeeklyInputs) -> None:
    """Refuse a workbook that was made from other data: old numbers would look like changes.

    Raises:
        InvalidInput: the fingerprint in its readme is another, or not there.
    """
    if sheets.hash == numbers.hash:
        return
    over = f" with {', '.join(numbers.overlays)}" if numbers.overlays else ""
    base = f"{numbers.folder}{over} ({numbers.hash[:12]})"
    hint = "Name that data with --data and --overlay, or export again and move your changes over."
    message = f"was made from other data ({sheets.hash[:12]}) than {base}."
    if not sheets.hash:
        message = "does not say which data it was made from: the readme has no data hash."
    raise InvalidInput(message, [problem("BOOK-104", message, file=sheets.file, hint=hint)])


def _changed(
    table: Table, below: Sequence[Row], found: Sequence[Row], sheets: Sheets
) -> Iterator[Row]:
    """The rows of a sheet that are new or differ; what stayed keeps the text of the data."""
    if not set(table.key) <= set(sheets.columns[table.name]):  # a problem of the sheet already
        return
    sheets.problems.extend(sheets.at_cell(p) for p in repeated(table, found))
    old = {row.key(table): row for row in below}
    seen = set()
    for row in found:
        key = row.key(table)
        seen.add(key)
        before = old.get(key)
        cells = {c.name: _cell(c, before, row) for c in table.all_columns}
        if before is None or any(cells[name] != before.cells.get(name, "") for name in cells):
            yield Row(row.file, row.line, cells)
    missing = [key for key in old if key not in seen]
    if missing:
        count = "1 row is" if len(missing) == 1 else f"{len(missing):,} rows are"
        first = named(table, missing[0])
        sheets.problems.append(
            problem(
                "BOOK-105",
                f"{count} not in the sheet {table.name}; the first is {first}.",
                file=sheets.file,
                hint="Put its key back. To remove a row, write an overlay by hand (docs/data.md).",
            )
        )


def _cell(column: Column, before: Row | None, row: Row) -> str:
    """The word of a cell; that of the data where the cell is missing or holds the same number."""
    old = "" if before is None else before.cells.get(column.name, "")
    new = row.cells.get(column.name, old)
    return old if column.kind == "number" and same(old, new) else new


def _checked(
    folder: Path | None,
    overlays: Sequence[Path],
    rows: Mapping[str, Sequence[Row]],
    sheets: Sheets,
) -> list[Change]:
    """Check the data with the changed rows laid over; problems go to their cells."""
    text, _ = read_text(folder, overlays)
    changes = lay_rows(text, rows, sheets.file)
    try:
        check_text(text, sheets.file)
    except InvalidInput as wrong:
        known = {p.path for p in sheets.problems if p.path}
        placed = (sheets.at_cell(p) for p in wrong.problems)
        sheets.problems.extend(p for p in placed if not p.path or p.path not in known)
    return changes


def write_overlay(found: Edited, target: Path) -> list[Path]:
    """Write the changed rows as an overlay folder, whole; return its files.

    Raises:
        OSError: the folder cannot be written.
    """
    with whole_folder(target) as part:
        files = write_rows(found.rows, part)
    return [target / file for file in files]


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
    refuse_too_large(path, result.file)
    book = load_book(path, result.file, values=False)
    saved: Workbook | None = None
    if any(_has_formula(book[name]) for name in book.sheetnames if name in TABLES):
        saved = load_book(path, result.file, values=True)
    result.hash = _hash(book)
    others = [name for name in book.sheetnames if name not in (*TABLES, README, LISTS)]
    for table in TABLES.values():
        if table.name in book.sheetnames:
            values = None if saved is None else saved[table.name]
            _read_sheet(table, book[table.name], values, result)
        elif not table.optional:
            hint = f"{nearest(table.name, others)} Give the sheet its name back."
            message = f"the sheet {table.name} is missing."
            result.problems.append(
                problem("BOOK-102", message, file=result.file, hint=hint.strip())
            )
    result.notes.extend(f'The sheet "{name}" is no table; it was left out.' for name in others)
    return result


def refuse_too_large(path: Path, file: str) -> None:
    """Refuse a workbook that is a bomb, or has cells so far out that reading takes for ever.

    Raises:
        InvalidInput: it is no file, or unpacks to more than is read, or a cell or merged range
            lies beyond the rows and columns that are.
    """
    if path.exists() and not path.is_file():
        what = "is a folder" if path.is_dir() else "is no file"
        found = problem("BOOK-101", f"cannot be opened: it {what}.", file=file)
        raise InvalidInput(f"{file} cannot be opened.", [found])
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            large = sum(part.file_size for part in parts) > LARGEST or len(parts) > MOST_PARTS
            sheets = [p for p in parts if p.filename.startswith("xl/worksheets/")]
            far = None if large else _far_out(packed.read(part) for part in sheets)
    except OSError as error:
        found = problem("BOOK-101", f"cannot be opened: {error.strerror}.", file=file)
        raise InvalidInput(f"{file} cannot be opened.", [found]) from error
    except BROKEN as error:
        found = problem("BOOK-101", "is not a workbook.", file=file, hint=NO_WORKBOOK)
        raise InvalidInput(f"{file} is not a workbook.", [found]) from error
    if large:
        message = f"unpacks to more than {LARGEST // 10**6} MB or {MOST_PARTS:,} parts."
        hint = "A workbook of this program is far smaller: export it again."
    elif far:
        message = f"has a cell at {far}, beyond the {MOST_ROWS:,} rows and {MOST_COLUMNS} columns."
        hint = "Delete the rows or columns out there, or part the merged cells."
    else:
        return
    raise InvalidInput(message, [problem("BOOK-110", message, file=file, hint=hint)])


def _far_out(sheets: Iterator[bytes]) -> str | None:
    """The first cell that is named beyond what is read, as XFD1048576; none is None."""
    for content in sheets:
        for letters, row in [*_CELL.findall(content), *_MERGED.findall(content)]:
            column = 0
            for letter in letters:
                column = 26 * column + letter - ord("A") + 1
            if int(row) > MOST_ROWS or column > MOST_COLUMNS:
                return f"{letters.decode()}{int(row)}"
    return None


def load_book(path: Path, file: str, *, values: bool) -> Workbook:
    """Open a workbook, with its formulas or with their values.

    Raises:
        InvalidInput: it cannot be opened, or is no workbook.
    """
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
    heads = {cell.column_letter: word_of(cell) for cell in sheet[1] if cell.value is not None}
    letters = {name: letter for letter, name in reversed(heads.items())}
    result.columns[table.name] = letters
    found = list(header_problems(list(heads.values()), table, place, False))
    result.problems.extend(result.at_cell(each) for each in found)
    for merged in sheet.merged_cells.ranges:
        if merged.max_row > HEADINGS:
            where = f"{table.name}!{merged.coord.split(':', maxsplit=1)[0]}"
            message = f"the cells {merged.coord} are merged: which row the value is of is not said."
            hint = "Part them, and write each row's own value."
            result.problems.append(
                problem("BOOK-111", message, file=result.file, path=where, hint=hint)
            )
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
        return word_of(cell)
    kept = saved[cell.coordinate] if saved is not None else None
    if kept is not None and kept.value is not None:
        return word_of(kept)
    where = f"{table.name}!{cell.coordinate}"
    hint = "Open the workbook in a spreadsheet program and save it there, or write the number."
    message = "a formula whose result was not saved."
    result.problems.append(
        problem("BOOK-103", message, file=result.file, line=cell.row, path=where, hint=hint)
    )
    return ""


def word_of(cell: Cell) -> str:
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
