"""The data as a workbook for a planner, with a list of choices where a cell has one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supplychain import __version__
from supplychain.dataset.csv_reader import Row
from supplychain.dataset.schema import TABLES
from supplychain.dataset.table_types import ANY, Column, Table
from supplychain.exchange.workbook import (
    HEADINGS,
    Book,
    Heading,
    Line,
    book_bytes,
    day,
    for_cell,
    put,
    put_headings,
    put_readme,
    text_of,
    widths,
)
from supplychain.files import whole_file
from supplychain.units import CANONICAL, UNITS, UnknownUnit, convert, dimension_of

HASH = "data hash"
"""The word in the readme beside the fingerprint of the data that the workbook was made from."""

SPARE = 25
"""Open rows below each table, for rows that are not there yet."""

LOCKED = ("raw", "unit")
"""Columns besides the key that a planner leaves alone: the rules of a number count in its unit."""

LISTS = "lists"
"""The hidden sheet with the longer lists of words."""

SHORT = 255
"""Characters that a list written into the rule itself may have."""

NUMBERS = ("value", "low", "high")
"""The columns of a number that a planner changes."""

Rule = dict[str, Any]


@dataclass(frozen=True)
class WeeklyInputs:
    """What goes into the workbook: rows by table as text, and where they come from."""

    rows: Mapping[str, Sequence[Row]]
    hash: str
    folder: str
    overlays: tuple[str, ...] = ()


def write_data_book(numbers: WeeklyInputs, target: Path) -> None:
    """Write the planner's workbook, whole; the same rows give the same bytes.

    Raises:
        InvalidInput: XlsxWriter is not installed, or a text or table does not fit.
        OSError: the file cannot be written.
    """
    content = data_book(numbers)
    with whole_file(target) as part:
        part.write_bytes(content)


def data_book(numbers: WeeklyInputs) -> bytes:
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


def _readme(numbers: WeeklyInputs) -> Iterator[Line]:
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


class Choices:
    """The lists of words of one workbook, each written once."""

    def __init__(self, book: Book, rows: Mapping[str, Sequence[Row]]) -> None:
        """Remember the rows by table; the sheet of lists is made by `write`."""
        self._book = book
        self._rows = rows
        self._lists: dict[tuple[str, ...], str] = {}

    def rule(self, table: Table, column: Column) -> Rule | None:
        """The drop-down of a column, or None where any text will do."""
        if column.refers_to:
            words = [
                row.cells[TABLES[column.refers_to].key[0]] for row in self._rows[column.refers_to]
            ]
            hint = f"A word of the sheet {column.refers_to}."
            if column.kind == "sources":
                hint += " Several are joined with ; without a blank."
            return self._list([*words, ANY] if column.wildcard else words, hint, strict=False)
        if column.choices:
            return self._list(column.choices, "One of the words of the list.")
        if column.kind == "unit":
            return self._list(_units(table), "A unit that measures this quantity.")
        if column.name == table.quantity_column:
            present = (row.cells[column.name] for row in self._rows[table.name])
            fixed = (q.name for q in table.quantities if not q.pattern[1])
            return self._list(dict.fromkeys([*fixed, *present]), "A quantity of this table.")
        if column.kind == "date":
            return _message({"validate": "any"}, "Year-month-day, as 2026-11-10.")
        return None

    def _list(self, words: Iterable[str], hint: str, *, strict: bool = True) -> Rule:
        found = tuple(words)
        inline = len(",".join(found)) <= SHORT and not any("," in word for word in found)
        source: object = list(found)
        if not inline:
            source = self._lists.setdefault(found, self._range(len(self._lists), len(found)))
        if not found:
            return _message({"validate": "any"}, hint)
        kind = "stop" if strict else "warning"
        return _message({"validate": "list", "source": source, "error_type": kind}, hint)

    @staticmethod
    def _range(place: int, length: int) -> str:
        from xlsxwriter.utility import xl_range_abs

        return f"={LISTS}!{xl_range_abs(0, place, max(length - 1, 0), place)}"

    def write(self) -> None:
        """Add the hidden sheet that holds the longer lists."""
        sheet = self._book.sheet(LISTS)
        for column, words in enumerate(self._lists):
            for row, word in enumerate(words):
                sheet.write_string(row, column, word)
        sheet.hide()


def _units(table: Table) -> list[str]:
    dimensions = {dimension_of(quantity.unit) for quantity in table.quantities}
    return [unit for unit, spec in UNITS.items() if spec.dimension in dimensions]


def limits(table: Table, row: Row) -> tuple[float, float, str]:
    """The least and the most that the numbers of a row can be, in the row's own unit."""
    quantity = table.quantity(row.cells.get(table.quantity_column, ""))
    unit = row.cells.get("unit", "")
    if quantity is None:
        return -math.inf, math.inf, unit
    try:
        low, high = (convert(x, quantity.unit, unit) for x in (quantity.lower, quantity.upper))
    except UnknownUnit:  # a checked folder has none
        return -math.inf, math.inf, unit
    return low, high, unit


def number_rule(low: float, high: float, unit: str) -> Rule:
    """The rule of a cell that holds a number between two limits."""
    where = f"in {unit}" if unit else "in the unit beside it"
    if math.isfinite(high):
        rule: Rule = {"criteria": "between", "minimum": text_of(low), "maximum": text_of(high)}
        return _decimal(rule, f"A number from {low:g} to {high:g}, {where}.")
    least = low if math.isfinite(low) else -1e300
    said = f"A number from {low:g}, {where}." if math.isfinite(low) else f"A number, {where}."
    return _decimal({"criteria": ">=", "value": text_of(least)}, said)


def _decimal(rule: Rule, hint: str) -> Rule:
    return _message({"validate": "decimal", **rule}, hint)


def _message(rule: Rule, hint: str) -> Rule:
    """Say what fits when the cell is chosen, and again when something else is entered."""
    said = {"input_message": hint, "show_input": True}
    return {**rule, **said, "error_title": "This does not fit", "error_message": hint}


def blocks(
    table: Table, rows: Sequence[Row]
) -> dict[tuple[float, float, str], list[tuple[int, int]]]:
    """Group the rows of a sheet by limits and unit: first and last row of each run."""
    found: dict[tuple[float, float, str], list[tuple[int, int]]] = {}
    before: tuple[float, float, str] | None = None
    for at, row in enumerate(rows, start=HEADINGS):
        here = limits(table, row)
        runs = found.setdefault(here, [])
        if here == before:
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
        before = here
    return found
