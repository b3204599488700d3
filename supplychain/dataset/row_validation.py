"""Cells and rows against the schema: problems, or typed records."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from supplychain.dataset.csv_reader import Row, TextFolder
from supplychain.dataset.overlay import repeated
from supplychain.dataset.schema import TABLES
from supplychain.dataset.table_types import ANY, SOURCE_SEPARATOR, Column, Quantity, Table
from supplychain.errors import Problem, nearest, problem
from supplychain.formatting import in_calendar
from supplychain.units import CANONICAL, UNITS, UnknownUnit, convert, dimension_of

Record = dict[str, Any]
"""One row with typed values by column, and `_file` and `_line` for messages."""

WITHOUT_RANGE = ("measured", "reported")
"""The kinds whose low and high may be blank."""

Known = Mapping[str, Collection[str]]
"""The keys of each table that has a key of one column and could be read."""

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)|#n/a|#div/0!", re.IGNORECASE)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
SHAPES = {
    "identifier": (
        re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII),
        "Use small letters, digits and single hyphens.",
    ),
    "code": (re.compile(r"[A-Z][A-Z0-9]*", re.ASCII), "Use capital letters, as EUR."),
}

Records = Mapping[str, Sequence[Record]]
"""The typed rows of each table."""

TOLERANCE = 1e-6
"""Relative slack of every comparison of sums."""


def known_keys(text: TextFolder) -> Known:
    """Collect the keys of every table that other tables can refer to and that could be read."""
    return {
        table.name: dict.fromkeys(row.cells[table.key[0]] for row in text.rows[table.name])
        for table in TABLES.values()
        if len(table.key) == 1 and table.name in text.rows.keys() - text.unreadable
    }


def type_rows(
    table: Table, rows: Sequence[Row], known: Known
) -> tuple[list[Record], list[Problem]]:
    """Check and convert every row; numbers come out in the canonical unit of their quantity."""
    problems: list[Problem] = []
    records = [_type_row(table, row, known, problems.append) for row in rows]
    problems.extend(repeated(table, rows))
    return records, problems


def _type_row(table: Table, row: Row, known: Known, report: Callable[[Problem], None]) -> Record:
    record: Record = {}
    quantity: Quantity | None = table.quantity("")
    for column in table.columns:
        if column.name not in row.cells:
            continue
        cell = Cell(row, column, known, report)
        if column.kind == "date":
            record[column.name] = read_date(cell)
            continue
        record[column.name] = read_word(cell)
        if column.name == table.quantity_column and cell.word:
            quantity = read_quantity(cell, table)
    if table.numbers:
        record.update(_type_number(table, row, known, report, quantity))
    return {**record, "_file": row.file, "_line": row.line}


def _type_number(
    table: Table,
    row: Row,
    known: Known,
    report: Callable[[Problem], None],
    quantity: Quantity | None,
) -> Record:
    """Check and convert the number block of a row."""
    block = table.all_columns[len(table.columns) :]
    cells = {c.name: Cell(row, c, known, report) for c in block if c.name in row.cells}
    unit = read_unit(cells["unit"], quantity) if "unit" in cells else ""
    record: Record = {}
    for name, cell in cells.items():
        if name == "unit":
            continue
        record[name] = read_number(cell) if cell.column.kind == "number" else read_word(cell)
        if quantity is not None and unit and isinstance(record[name], float):
            check_bounds(cell, record[name], quantity, unit)
    _check_range(record, cells)
    if quantity is not None and unit:
        for name in ("value", "low", "high", "raw"):
            if record.get(name) is not None:
                record[name] = convert(record[name], unit, quantity.unit)
        record["unit"] = quantity.unit
    return _ordered(record, block)


def _check_range(record: Record, cells: Mapping[str, Cell]) -> None:
    """Ask for low <= value <= high, and for both where the number is not measured or reported."""
    value, low, high = (record.get(name) for name in ("value", "low", "high"))
    kind = record.get("kind", "")
    for name, end in (("low", low), ("high", high)):
        if name in cells and not cells[name].word and kind and kind not in WITHOUT_RANGE:
            message = f"blank, but the number is {kind}."
            cells[name].fault("DATA-302", message, "Write how far it may be off.")
        if value is None or end is None:
            continue
        if (name == "low" and value < end) or (name == "high" and value > end):
            side = "above" if name == "low" else "below"
            message = f"{cells[name].word} is {side} the value {cells['value'].word}."
            cells[name].fault("DATA-209", message, "low <= value <= high must hold.")


def _ordered(record: Record, block: Sequence[Column]) -> Record:
    return {column.name: record.get(column.name) for column in block}


@dataclass(frozen=True)
class Cell:
    """A cell on its way to a value: where it stands, and where problems go."""

    row: Row
    column: Column
    known: Known
    report: Callable[[Problem], None]

    @property
    def word(self) -> str:
        """The text of the cell."""
        return self.row.cells.get(self.column.name, "")

    def fault(self, code: str, message: str, hint: str = "") -> None:
        """Report a problem at this cell."""
        self.report(
            problem(
                code,
                message,
                file=self.row.file,
                line=self.row.line,
                column=self.column.name,
                hint=hint,
            )
        )


def read_word(cell: Cell) -> str:
    """Check a cell of text, a choice, an identifier, a reference or sources; return it."""
    column, word = cell.column, cell.word
    if not word:
        if column.required and column.kind == "sources":
            cell.fault(
                "DATA-310", "no source. Each number needs one.", "Add its key in sources.csv."
            )
        elif column.required:
            hint = f"Fill it in ({column.description}), or delete the row if it is gone."
            cell.fault("DATA-201", "blank.", hint)
    elif column.kind == "sources":
        _check_sources(cell)
    elif column.refers_to:
        _check_reference(cell)
    elif column.choices and word not in column.choices:
        code = "DATA-301" if column.name == "kind" else "DATA-112"
        hint = nearest(word, column.choices) or f"Use one of {', '.join(column.choices)}."
        cell.fault(code, f'"{word}" is not a {column.name.replace("_", " ")}.', hint)
    elif column.kind in SHAPES and not SHAPES[column.kind][0].fullmatch(word):
        cell.fault("DATA-113", f'"{word}" is not a good identifier.', SHAPES[column.kind][1])
    return word


def _check_reference(cell: Cell) -> None:
    column, word = cell.column, cell.word
    if column.wildcard and word == ANY:
        return
    known = cell.known.get(column.refers_to)
    if known is not None and word not in known:
        words = [*known, ANY] if column.wildcard else known
        hint = nearest(word, words) or f"Add it to {column.refers_to}.csv, or correct the word."
        cell.fault("DATA-104", f'"{word}" is not in {column.refers_to}.csv.', hint)


def _check_sources(cell: Cell) -> None:
    known = cell.known.get(cell.column.refers_to)
    for word in (part.strip() for part in cell.word.split(SOURCE_SEPARATOR)):
        if known is not None and word not in known:
            hint = nearest(word, known) or "Add a row for it to sources.csv."
            cell.fault("DATA-311", f'"{word}" is not in sources.csv.', hint)


def read_date(cell: Cell) -> date | None:
    """Read a date, year-month-day; None for a blank that may be."""
    word = cell.word
    if not word:
        if cell.column.required:
            cell.fault("DATA-201", "blank.", f"Fill it in ({cell.column.description}).")
        return None
    try:
        if DATE.fullmatch(word):
            return in_calendar(date.fromisoformat(word))
    except ValueError:
        pass
    cell.fault("DATA-208", f'"{word}" is not a date.', "Write year-month-day, as 2025-04-04.")
    return None


def read_number(cell: Cell) -> float | None:
    """Read a number as written; None for a blank or a fault."""
    word = cell.word
    if not word:
        if cell.column.required:
            hint = "Write the number, or delete the row if there is no such thing."
            cell.fault("DATA-201", "blank.", hint)
        return None
    if NUMBER.fullmatch(word) and math.isfinite(float(word)):
        return float(word)
    if NUMBER.fullmatch(word) or NOT_FINITE.fullmatch(word):
        hint = "Write a finite number, or delete the row if it is not known."
        cell.fault("DATA-203", f'"{word}" is not finite.', hint)
        return None
    hint = "Write digits with a point for decimals and nothing between the thousands, as 1234.5."
    cell.fault("DATA-202", f'"{word}" is not a number.', hint)
    return None


def read_unit(cell: Cell, quantity: Quantity | None) -> str:
    """Check that a unit exists and measures the quantity; return it, or a blank for a fault."""
    word = cell.word
    if not word:
        cell.fault("DATA-201", "blank.", "Write the unit of this row's numbers.")
        return ""
    if word not in UNITS:
        hint = nearest(word, UNITS) or f"The units are: {', '.join(UNITS)}."
        cell.fault("DATA-204", f'"{word}" is not a unit.', hint)
        return ""
    if quantity is None:
        return ""
    wanted = dimension_of(quantity.unit)
    if dimension_of(word) != wanted:
        fitting = [unit for unit, spec in UNITS.items() if spec.dimension == wanted]
        message = f'"{word}" does not measure a {wanted}.'
        cell.fault("DATA-205", message, f"Use one of {', '.join(fitting)}.")
        return ""
    return word


def read_quantity(cell: Cell, table: Table) -> Quantity | None:
    """Find what a row's number means; None, and a problem, where the table has no such quantity."""
    quantity = table.quantity(cell.word)
    if quantity is None:
        names = [q.name for q in table.quantities]
        hint = nearest(cell.word, names) or f"Use one of {', '.join(names)}."
        cell.fault("DATA-114", f'"{cell.word}" is not a quantity of {table.file}.', hint)
        return None
    stem, follows = quantity.pattern
    known = cell.known.get(follows)
    if known is not None and cell.word[len(stem) :] not in known:
        word = cell.word[len(stem) :]
        cell.fault("DATA-104", f'"{word}" is not in {follows}.csv.', nearest(word, known))
    return quantity


def check_bounds(cell: Cell, value: float, quantity: Quantity, unit: str) -> None:
    """Refuse a number outside of what its quantity allows."""
    try:
        canonical = convert(value, unit, quantity.unit)
    except UnknownUnit:  # a fault of the unit's own cell
        return
    name = quantity.name or cell.column.name
    if canonical < quantity.lower:
        message = f"{cell.word} {unit} is below {quantity.lower:g}, the least that {name} can be."
        cell.fault("DATA-206", message, "Correct the number or its unit.")
    elif canonical > quantity.upper * (1 + 1e-12):
        limit = f"{quantity.upper:g} {CANONICAL[dimension_of(quantity.unit)]}"
        message = f"{cell.word} {unit} is above {limit}, the most that {name} can be."
        cell.fault("DATA-207", message, "Correct the number or its unit.")


@dataclass(frozen=True)
class CrossCheck:
    """A check across tables; it runs only if all the tables it reads are sound."""

    reads: tuple[str, ...]
    find: Callable[[Records], Iterator[Problem]]


def at(record: Record, code: str, column: str, message: str, hint: str = "") -> Problem:
    """Make a problem at a row."""
    file, line = str(record["_file"]), int(record["_line"])
    return problem(code, message, file=file, line=line, column=column, hint=hint)


def elsewhere(record: Record, other: Record) -> str:
    """Where another row stands that a problem is also about, if it is in another file."""
    if record["_file"] == other["_file"]:
        return ""
    return f" (row {other['_line']} of {other['_file']})"


def words(records: Sequence[Record], *columns: str) -> dict[tuple[str, ...], Record]:
    """Index rows by the words of some columns; the first row of each wins."""
    found: dict[tuple[str, ...], Record] = {}
    for record in records:
        found.setdefault(tuple(record[column] for column in columns), record)
    return found


def quantity_of(
    records: Sequence[Record], quantity: str, *keys: str
) -> dict[tuple[str, ...], Record]:
    """Index the rows of one quantity by the words of some columns."""
    return words([record for record in records if record["quantity"] == quantity], *keys)
