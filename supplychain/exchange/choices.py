"""What a planner may enter in a cell: drop-downs and limits, as spreadsheets check them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from supplychain.dataset.columns import ANY, Column, Table
from supplychain.dataset.schema import TABLES
from supplychain.dataset.text import Row
from supplychain.exchange.numbers import text_of
from supplychain.exchange.sheets import HEADINGS, Book
from supplychain.units import UNITS, UnknownUnit, convert, dimension_of

LISTS = "lists"
"""The hidden sheet with the longer lists of words."""

SHORT = 255
"""Characters that a list written into the rule itself may have."""

NUMBERS = ("value", "low", "high")
"""The columns of a number that a planner changes."""

Rule = dict[str, Any]


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
