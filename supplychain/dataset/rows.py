"""Check the rows of one table against its schema and turn their text into values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from supplychain.dataset.cells import (
    Cell,
    Known,
    check_bounds,
    read_date,
    read_number,
    read_quantity,
    read_unit,
    read_word,
)
from supplychain.dataset.columns import Column, Quantity, Table
from supplychain.dataset.overlay import repeated
from supplychain.dataset.schema import TABLES
from supplychain.dataset.text import Row, TextFolder
from supplychain.errors import Problem
from supplychain.units import convert

Record = dict[str, Any]
"""One row with typed values by column, and `_file` and `_line` for messages."""

WITHOUT_RANGE = ("measured", "reported")
"""The kinds whose low and high may be blank."""


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
