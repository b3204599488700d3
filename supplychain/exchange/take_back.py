"""Turn an edited workbook into an overlay folder: only the rows that differ, checked first."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from supplychain.dataset.columns import Column, Table
from supplychain.dataset.overlay import Change, lay_rows, named, repeated
from supplychain.dataset.read import check_text, read_tables, read_text
from supplychain.dataset.schema import TABLES
from supplychain.dataset.text import Row
from supplychain.errors import InvalidInput, problem
from supplychain.exchange.data_book import Numbers
from supplychain.exchange.data_sheets import Sheets, read_sheets
from supplychain.exchange.numbers import same
from supplychain.results.folder import whole_folder


@dataclass(frozen=True)
class Edited:
    """What a workbook changes: whole rows by table, and every changed cell."""

    rows: Mapping[str, Sequence[Row]]
    changes: Sequence[Change]
    notes: Sequence[str]


def read_numbers(folder: Path | None, overlays: Sequence[Path] = ()) -> Numbers:
    """Read and check a data folder, numbers as written; the shipped one if none is given.

    Raises:
        InvalidInput: carries every problem of the data.
    """
    tables = read_tables(folder, overlays)
    text, _ = read_text(folder, overlays)
    return Numbers(text.rows, tables.hash, tables.folder, tables.overlays)


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


def _refuse_other_data(sheets: Sheets, numbers: Numbers) -> None:
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
        for name, rows in found.rows.items():
            table = TABLES[name]
            with (part / table.file).open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, table.header, lineterminator="\n")
                writer.writeheader()
                writer.writerows(row.cells for row in rows)
    return [target / TABLES[name].file for name in found.rows]
