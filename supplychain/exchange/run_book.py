"""A run as a workbook: a readme first, then one sheet for each table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pandas import DataFrame

from supplychain.exchange.meanings import DAY, TABLES, TEXT, Meaning, in_order, meaning
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
from supplychain.results.run import Run

NUMBER_WIDTH = 14


def write_run_book(run: Run, target: Path) -> None:
    """Write a run's workbook, whole; the same run gives the same bytes.

    Raises:
        InvalidInput: XlsxWriter is not installed, or a table has more rows than a sheet holds.
        OSError: the file cannot be written.
    """
    content = run_book(run)
    with whole_file(target) as part:
        part.write_bytes(content)


def run_book(run: Run) -> bytes:
    """Return a run's workbook as bytes.

    Raises:
        InvalidInput: XlsxWriter is not installed, or a table has more rows than a sheet holds.
    """

    def fill(book: Book) -> None:
        names = in_order(list(run.tables))
        put_readme(book, readme(run, names), (26, 26, 22, 90))
        for name in names:
            put_table(book, name, run.tables[name])

    return book_bytes(fill)


def put_table(book: Book, name: str, table: DataFrame) -> None:
    """Write one table as a sheet: names, units, rows.

    Raises:
        InvalidInput: the table has more rows than a sheet holds.
    """
    sheet = book.sheet(name)
    known = [meaning(name, str(column)) for column in table.columns]
    headings = [
        Heading(str(column), m.unit) for column, m in zip(table.columns, known, strict=True)
    ]
    put_headings(book, sheet, headings, len(table))
    cells = [_cells(table[column], m) for column, m in zip(table.columns, known, strict=True)]
    wide = widths(headings, [(str(c) for c in column if isinstance(c, str)) for column in cells])
    for at, (column, found) in enumerate(zip(cells, known, strict=True)):
        look = book.look(found.look)
        sheet.set_column(at, at, wide[at] if found.look == TEXT else max(wide[at], NUMBER_WIDTH))
        for row, value in enumerate(column, start=HEADINGS):
            put(sheet, row, at, value, look)


def _cells(column: pd.Series[Any], known: Meaning) -> list[object]:
    """The values of a column as a sheet takes them: dates as dates, nothing where they miss."""
    values = [
        None if missing else v for v, missing in zip(column.tolist(), column.isna(), strict=True)
    ]
    if known.look == DAY:
        return [day(value) if isinstance(value, str) else value for value in values]
    return values


def readme(run: Run, names: list[str]) -> Iterator[Line]:
    """The first sheet: what ran, with what, and what each sheet and column holds."""
    record = run.record
    scenario: Mapping[str, Any] = record["scenario"]
    yield Line((f"{run.scenario}: {scenario.get('title') or run.scenario}",), "title")
    yield Line(
        ("A result of a model, not a forecast. Amounts are by week unless said otherwise.",), "text"
    )
    yield Line()
    yield from (Line((what, said), "text") for what, said in _facts(record) if said)
    yield Line()
    yield Line(("sheet", "rows", "", "what it holds"), "head")
    for name in names:
        yield Line((name, f"{len(run.tables[name]):,}", "", TABLES.get(name, "")), link=name)
    yield Line()
    yield Line(("sheet", "column", "unit", "what it holds"), "head")
    for name in names:
        for column in run.tables[name].columns:
            known = meaning(name, str(column))
            yield Line((name, str(column), known.unit, known.text))
    yield Line()
    yield Line(("What is simplified",), "head")
    yield from (Line((note,), "text") for note in record.get("notes", ()))


def _facts(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What ran, in a few words each."""
    horizon = record["scenario"].get("horizon", {})
    yield "scenario", str(record["scenario"]["name"])
    yield "run", str(record["id"])
    yield "from", str(horizon.get("start", ""))
    yield "weeks", str(horizon.get("weeks", ""))
    yield "foresight", str(record.get("foresight", ""))
    yield "allocation", str(record.get("allocation", ""))
    yield "data hash", str(record["data"]["hash"])
    yield "overlays", ", ".join(record["data"].get("overlays", ()))
    yield "version", f"supplychain {record['versions']['supplychain']}"
    yield "what bound most", str(record["headline"].get("bound_most", ""))
