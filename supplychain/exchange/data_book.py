"""The data as a planner's workbook: keys locked, numbers open, with limits and drop-downs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from supplychain import __version__
from supplychain.dataset.columns import Column, Table
from supplychain.dataset.schema import TABLES
from supplychain.dataset.text import Row
from supplychain.exchange.choices import NUMBERS, Choices, Rule, blocks, number_rule
from supplychain.exchange.numbers import for_cell
from supplychain.exchange.sheets import (
    HEADINGS,
    Book,
    Heading,
    Line,
    book_bytes,
    day,
    put,
    put_headings,
    put_readme,
    widths,
)
from supplychain.results.folder import whole_file
from supplychain.units import CANONICAL, UNITS

HASH = "data hash"
"""The word in the readme beside the fingerprint of the data that the workbook was made from."""

SPARE = 25
"""Open rows below each table, for rows that are not there yet."""

LOCKED = ("raw", "unit")
"""Columns besides the key that a planner leaves alone: the rules of a number count in its unit."""


@dataclass(frozen=True)
class Numbers:
    """What goes into the workbook: rows by table as text, and where they come from."""

    rows: Mapping[str, Sequence[Row]]
    hash: str
    folder: str
    overlays: tuple[str, ...] = ()


def write_data_book(numbers: Numbers, target: Path) -> None:
    """Write the planner's workbook, whole; the same rows give the same bytes.

    Raises:
        InvalidInput: XlsxWriter is not installed, or a text or table does not fit.
        OSError: the file cannot be written.
    """
    content = data_book(numbers)
    with whole_file(target) as part:
        part.write_bytes(content)


def data_book(numbers: Numbers) -> bytes:
    """Return the planner's workbook as bytes; numbers are in the unit beside them.

    Raises:
        InvalidInput: XlsxWriter is not installed, or a text or table does not fit.
    """

    def fill(book: Book) -> None:
        put_readme(book, _readme(numbers), (24, 26, 30, 90)).protect("", _MAY)
        choices = Choices(book, numbers.rows)
        for table in TABLES.values():
            _put_table(book, table, numbers.rows[table.name], choices)
        choices.write()

    return book_bytes(fill)


_MAY = {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True}
"""What stays possible on a protected sheet; there is no password."""


def _put_table(book: Book, table: Table, rows: Sequence[Row], choices: Choices) -> None:
    """One table: headings, its rows, open rows below, and what may be entered where."""
    sheet = book.sheet(table.name)
    headings = [Heading(c.name, _below(table, c)) for c in table.all_columns]
    put_headings(book, sheet, headings, len(rows) + SPARE, keys=len(table.key))
    texts = [[row.cells.get(c.name, "") for row in rows] for c in table.all_columns]
    wide = widths(headings, texts)
    first, last = HEADINGS + len(rows), HEADINGS + len(rows) + SPARE - 1
    for at, column in enumerate(table.all_columns):
        sheet.set_column(at, at, wide[at])
        closed = column.name in table.key or (column.name in LOCKED)
        shade = f"{'locked' if closed else 'open'}{' date' if column.kind == 'date' else ''}"
        for row, word in enumerate(texts[at], start=HEADINGS):
            put(sheet, row, at, _value(column, word), book.look(shade))
        open_look = book.look("open date" if column.kind == "date" else "open")
        for row in range(first, last + 1):
            put(sheet, row, at, None, open_look)
        rule = choices.rule(table, column)
        if rule is not None:
            sheet.data_validation(HEADINGS, at, last, at, rule)
    for area, rule in _number_rules(table, rows, first, last):
        sheet.data_validation(*area[0], {**rule, "other_cells": [list(a) for a in area[1:]]})
    if rows:
        sheet.ignore_errors({"number_stored_as_text": f"A{HEADINGS + 1}:Z{last + 1}"})
    sheet.protect("", _MAY)


Area = tuple[int, int, int, int]


def _number_rules(
    table: Table, rows: Sequence[Row], first: int, last: int
) -> Iterator[tuple[list[Area], Rule]]:
    """The limits of value, low and high: by row where it is known what the number means."""
    if not table.numbers:
        return
    left = table.header.index(NUMBERS[0])
    right = table.header.index(NUMBERS[-1])
    for (low, high, unit), runs in blocks(table, rows).items():
        yield [(top, left, end, right) for top, end in runs], number_rule(low, high, unit)
    least = min(quantity.lower for quantity in table.quantities)
    yield [(first, left, last, right)], number_rule(least, math.inf, "")


def _value(column: Column, word: str) -> object:
    """A cell as a sheet takes it: a number, a date, or the text as it is."""
    if column.kind == "number":
        value = for_cell(word)
        return word if value is None else value
    return day(word) if column.kind == "date" else word


def _below(table: Table, column: Column) -> str:
    """What stands under the name of a column."""
    if column.name in table.key:
        return f"{column.description} (key)"
    if column.name in NUMBERS:
        return f"{column.description}; in the unit of the row"
    return column.description


def _readme(numbers: Numbers) -> Iterator[Line]:
    """The first sheet: how to use the workbook, what it is made from, what the sheets hold."""
    yield Line(("The numbers of the model, for planners",), "title")
    yield from (Line((said,), "text") for said in _HOW)
    yield Line()
    yield Line((HASH, numbers.hash))
    yield Line(("data", Path(numbers.folder).name))
    yield Line(("overlays", ", ".join(Path(o).name for o in numbers.overlays) or "none"))
    yield Line(("version", f"supplychain {__version__}"))
    yield Line()
    yield Line(("sheet", "rows", "key", "what it holds"), "head")
    for table in TABLES.values():
        count = f"{len(numbers.rows[table.name]):,}"
        yield Line((table.name, count, ", ".join(table.key), table.description), link=table.name)
    yield Line()
    yield Line(("dimension", "in the model", "may be written in"), "head")
    for dimension, unit in CANONICAL.items():
        fitting = [u for u, spec in UNITS.items() if spec.dimension == dimension]
        yield Line((dimension, unit, ", ".join(fitting)))
    yield Line()
    yield Line(("sheet", "quantity", "unit in the model", "what it holds"), "head")
    for table in TABLES.values():
        for quantity in table.quantities:
            yield Line((table.name, quantity.name, quantity.unit, quantity.description))


_HOW = (
    "Yellow cells may be changed; grey ones say which row it is. Sheets are protected, without a "
    "password.",
    "Each number stands beside its range, unit, kind and source. Say in note why you changed it, "
    "and name a source.",
    f"The last {SPARE} rows of each sheet are open for rows that are not there yet. No row can be "
    "removed here.",
    "Then: supplychain data import FILE. It makes a folder with the changed rows only; name it "
    "with --overlay.",
    "The result of a formula is taken as it was saved by the spreadsheet program.",
)
