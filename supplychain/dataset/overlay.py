"""Lay a planner's own rows over the tables, as text and before any check, and note every change."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from supplychain.dataset.carving import carved_rows
from supplychain.dataset.csv_reader import REMOVE, Row, TextFolder, read_folder
from supplychain.dataset.schema import TABLES
from supplychain.dataset.table_types import Table
from supplychain.errors import Problem, nearest, problem
from supplychain.files import shown


@dataclass(frozen=True)
class Change:
    """One cell that an overlay changed.

    `old` is None for a row that was added, `new` is None for a row that was removed.
    """

    table: str
    key: str
    action: str
    column: str
    old: str | None
    new: str | None
    overlay: str
    file: str
    line: int

    def as_json(self) -> dict[str, object]:
        """The shape of an entry of `changes` in run.json and in `data diff --json`."""
        return asdict(self)


def lay_over(base: TextFolder, overlay: Path) -> list[Change]:
    """Replace, add and remove the rows of `base` that an overlay folder names.

    Problems of the overlay are added to those of the base.

    Returns:
        Every changed cell, in the order of the schema and of the overlay's rows.
    """
    folder = read_folder(overlay, overlay=True)
    base.problems.extend(folder.problems)
    base.spoilt.update(folder.spoilt)
    base.unreadable.update(folder.unreadable)
    if not folder.rows and not folder.problems:
        hint = "It holds files such as arcs.csv, with only the rows that differ."
        base.problems.append(
            problem("DATA-503", "the overlay holds no table.", file=shown(overlay), hint=hint)
        )
    return lay_rows(base, folder.rows, shown(overlay))


def lay_rows(base: TextFolder, above: Mapping[str, Sequence[Row]], overlay: str) -> list[Change]:
    """Lay rows by table over those of `base`, as those of an overlay with that name.

    What a company among them makes is taken from the customer that it is carved out of. Problems
    are added to those of the base.

    Returns:
        Every changed cell.
    """
    changes: list[Change] = []
    carved = {row.key(TABLES[COMPANIES]) for row in base.rows.get(COMPANIES, ())}
    for name, rows in above.items():
        table = TABLES[name]
        base.spoil(name, *_remove_problems(rows), *repeated(table, rows))
        merged, made, problems = _merge(table, base.rows.get(name, []), rows, overlay)
        base.rows[name] = merged
        base.spoil(name, *problems)
        changes.extend(made)
    for row in above.get(COMPANIES, ()):
        if row.cells.get(REMOVE) != "yes" and row.key(TABLES[COMPANIES]) not in carved:
            changes.extend(lay_rows(base, carved_rows(base, row), overlay))
    return changes


COMPANIES = "companies"
"""The table that says which firms are carved out of which customers."""


def write_rows(rows: Mapping[str, Sequence[Row]], folder: Path) -> list[str]:
    """Write rows by table as the CSV files of an overlay; return the names of the files."""
    for name, found in rows.items():
        with (folder / TABLES[name].file).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, TABLES[name].header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(row.cells for row in found)
    return [TABLES[name].file for name in rows]


def repeated(table: Table, rows: Sequence[Row]) -> Iterator[Problem]:
    """Name the rows of a table whose key an earlier row has."""
    seen: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = row.key(table)
        first = seen.setdefault(key, row)
        if first is not row and all(key):
            where = f"row {first.line}" + (f" of {first.file}" if first.file != row.file else "")
            yield problem(
                "DATA-111",
                f"{named(table, key)} is already in {where}.",
                file=row.file,
                line=row.line,
                column=table.key[-1],
                hint="Delete one of the two.",
            )


def named(table: Table, key: Sequence[str]) -> str:
    """Write a key in words.

    >>> named(TABLES["arcs"], ("ore-loparite", "CHN", "EUR"))
    'material "ore-loparite", origin "CHN", destination "EUR"'
    """
    return ", ".join(f'{column} "{word}"' for column, word in zip(table.key, key, strict=True))


def _remove_problems(rows: Sequence[Row]) -> Iterator[Problem]:
    for row in rows:
        word = row.cells.get(REMOVE, "")
        if word not in ("", "yes"):
            yield problem(
                "DATA-502",
                f'"{word}" is neither yes nor blank.',
                file=row.file,
                line=row.line,
                column=REMOVE,
                hint="Write yes to remove the row of this key.",
            )


def _merge(
    table: Table, below: Sequence[Row], above: Sequence[Row], overlay: str
) -> tuple[list[Row], list[Change], list[Problem]]:
    """Lay the rows `above` over those `below`, matched by key."""
    rows: dict[object, Row] = {}
    for row in below:
        key = row.key(table)
        rows[row if key in rows else key] = row
    changes: list[Change] = []
    problems: list[Problem] = []
    for row in above:
        key = row.key(table)
        old = rows.get(key)
        if row.cells.get(REMOVE) != "yes":
            cells = {name: word for name, word in row.cells.items() if name != REMOVE}
            rows[key if all(key) else row] = Row(row.file, row.line, cells)
            changes.extend(_changes(table, old, row, overlay))
        elif old is not None:
            del rows[key]
            changes.extend(_changes(table, old, row, overlay))
        else:
            known = [" ".join(other.key(table)) for other in below]
            problems.append(
                problem(
                    "DATA-501",
                    f"there is no row with {named(table, key)} to remove.",
                    file=row.file,
                    line=row.line,
                    column=REMOVE,
                    hint=nearest(" ".join(key), known),
                )
            )
    return list(rows.values()), changes, problems


def _changes(table: Table, old: Row | None, new: Row, overlay: str) -> Iterator[Change]:
    """List the cells in which a row of an overlay differs from the one it meets."""
    removed = new.cells.get(REMOVE) == "yes"
    action = "removed" if removed else "replaced" if old is not None else "added"
    for column in table.header:
        before = None if old is None else old.cells.get(column, "")
        after = None if removed else new.cells.get(column, "")
        if column in table.key or (before or "") == (after or ""):
            continue
        key = ", ".join(new.key(table))
        yield Change(table.name, key, action, column, before, after, overlay, new.file, new.line)
