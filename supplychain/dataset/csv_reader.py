"""Read a folder of CSV files as text: rows that know their place, and what is wrong with files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supplychain.dataset.schema import TABLES
from supplychain.dataset.table_types import Table
from supplychain.errors import Problem, nearest, problem
from supplychain.files import shown

PACKAGE = "datapackage.json"

REMOVE = "remove"
"""The column that only overlays may have."""

DEFINITION = "company.yaml"
"""What a planner said of a company; it lies beside the rows that are made of it."""

LOSES_ROWS = ("DATA-102", "DATA-105", "DATA-106", "DATA-107")
"""Problems of a file after which some of its rows are not known."""


@dataclass(frozen=True, eq=False)
class Row:
    """One row as text, with the file and the row number (header = 1) it came from."""

    file: str
    line: int
    cells: Mapping[str, str]

    def key(self, table: Table) -> tuple[str, ...]:
        """The words of the table's key, blank where a column is missing."""
        return tuple(self.cells.get(column, "") for column in table.key)


@dataclass
class TextFolder:
    """The tables of a folder as text, the problems found, and the tables that those spoil.

    A spoilt table is unfit for the checks across tables; one of which rows or keys could not be
    read at all says nothing about which words are known.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)

    def spoil(self, table: str, *problems: Problem) -> None:
        """Record problems of a table."""
        self.problems.extend(problems)
        for found in problems:
            self.spoilt.add(table)
            missing_key = found.code == "DATA-108" and found.column in TABLES[table].key
            if found.code in LOSES_ROWS or missing_key:
                self.unreadable.add(table)


def read_folder(folder: Path, *, overlay: bool = False) -> TextFolder:
    """Read every table of a folder as text; an overlay need not hold them all."""
    result = TextFolder()
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        result.problems.append(
            problem(
                "DATA-101",
                f"the folder {what}.",
                file=shown(folder),
                hint="Give a folder that holds the CSV tables.",
            )
        )
        return result
    try:
        names = sorted(entry.name for entry in folder.iterdir() if not entry.is_dir())
    except OSError as error:
        result.problems.append(
            problem("DATA-105", f"cannot be listed: {error.strerror}.", file=shown(folder))
        )
        return result
    result.problems.extend(_unknown_files(folder, names))
    for table in TABLES.values():
        if table.file in names:
            rows, problems = read_table(folder / table.file, table, overlay=overlay)
            result.rows[table.name] = rows
            result.spoil(table.name, *problems)
        elif table.optional and not overlay:
            result.rows[table.name] = []
        elif not overlay:
            missing = problem(
                "DATA-102",
                "the file is missing.",
                file=shown(folder / table.file),
                hint=f"A table without rows still needs its header: {','.join(table.header)}",
            )
            result.spoil(table.name, missing)
    return result


def _unknown_files(folder: Path, names: Sequence[str]) -> Iterator[Problem]:
    """Name each file that is no table.

    Hidden and lock files, a README, a definition of a company may be there, and a package:
    datapackage.json is for other tools and is not read.
    """
    known = {table.file for table in TABLES.values()}
    for name in names:
        if (
            name in known
            or name in (DEFINITION, PACKAGE)
            or name.startswith((".", "~"))
            or name.upper().startswith("README")
        ):
            continue
        yield problem(
            "DATA-103",
            f'"{name}" is not a table.',
            file=shown(folder / name),
            hint=f"{nearest(name, known)} Rename the file or move it elsewhere.".strip(),
        )


LARGEST = 200_000_000
"""Bytes of a table; the largest that ships has a two-hundredth of it."""


def read_table(
    path: Path, table: Table, *, overlay: bool = False
) -> tuple[list[Row], list[Problem]]:
    """Read one CSV file as text.

    Returns:
        The rows that are well formed, and the problems of the file as such: encoding, quoting,
        columns, rows of the wrong length.
    """
    file = shown(path)
    if not path.is_file() or path.stat().st_size > LARGEST:
        what = f"is larger than {LARGEST // 10**6} MB." if path.is_file() else "is no file."
        return [], [problem("DATA-105", what, file=file)]
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return [], [problem("DATA-105", f"cannot be opened: {error.strerror}.", file=file)]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        hint = 'Save it as "CSV UTF-8".'
        return [], [problem("DATA-106", "is not UTF-8 text.", file=file, line=line, hint=hint)]
    records, problems = _records(content, file)
    if not records:
        if not problems:
            hint = f"The first row is: {','.join(table.header)}"
            problems.append(problem("DATA-107", "the file is empty.", file=file, line=1, hint=hint))
        return [], problems
    header = [cell.strip() for cell in records[0]]
    problems.extend(header_problems(header, table, file, overlay))
    rows: list[Row] = []
    for line, record in enumerate(records[1:], start=2):
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        if len(cells) == len(header):
            pairs = list(zip(header, cells, strict=True))
            rows.append(Row(file, line, dict(reversed(pairs))))  # of twin columns the first
        else:
            message = f"{len(cells)} cells, but the header has {len(header)}."
            hint = 'Put a text that holds a comma between double quotes, as "a, b".'
            problems.append(problem("DATA-107", message, file=file, line=line, hint=hint))
    return rows, problems


def _records(content: str, file: str) -> tuple[list[list[str]], list[Problem]]:
    """Split text into records; stops at the first one that is not CSV."""
    records: list[list[str]] = []
    try:
        if "\0" in content:
            raise csv.Error("it holds a zero byte")
        records.extend(csv.reader(io.StringIO(content, newline=""), strict=True))
    except csv.Error as error:
        line = len(records) + 1
        hint = "Save it from a spreadsheet as CSV."
        message = f"is not a CSV file: {error}."
        return [], [problem("DATA-107", message, file=file, line=line, hint=hint)]
    return records, []


def header_problems(
    header: Sequence[str], table: Table, file: str, overlay: bool
) -> Iterator[Problem]:
    """Compare a header with the schema."""
    known = (*table.header, REMOVE) if overlay else table.header
    for other, name in ((";", "semicolon"), ("\t", "tab")):
        if len(header) == 1 and other in header[0]:
            hint = "Save it with a comma between the cells."
            message = f"the cells are separated by a {name}."
            yield problem("DATA-107", message, file=file, line=1, hint=hint)
            return
    for name in dict.fromkeys(header):
        if name not in known:
            hint = nearest(name, known) or f"The columns are: {', '.join(known)}."
            message = f'"{name}" is not a column of {table.file}.'
            yield problem("DATA-109", message, file=file, line=1, column=name, hint=hint)
        elif header.count(name) > 1:
            message = f"the column is there {header.count(name)} times."
            hint = "Keep one of them."
            yield problem("DATA-109", message, file=file, line=1, column=name, hint=hint)
    for name in table.header:
        if name not in header:
            hint = f"It holds: {table.column(name).description}."
            message = "the column is missing."
            yield problem("DATA-108", message, file=file, line=1, column=name, hint=hint)
