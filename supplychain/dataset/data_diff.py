"""How two data folders differ, cell by cell; each may be of another version of the schema."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from supplychain.dataset.schema import TABLES

Row = Mapping[str, str]
Plain = Mapping[str, Sequence[Row]]
"""Rows by table, every cell as the text that it is."""

NUMBERS = ("value", "low", "high", "raw")


@dataclass(frozen=True)
class CellDifference:
    """One cell in which two data folders differ.

    A row that only one of them has is one entry: `column` is blank, and old or new is None. `unit`
    and `source` are those of the newer row, or of the older where the newer has none.
    """

    table: str
    key: str
    column: str
    old: str | None
    new: str | None
    unit: str = ""
    source: str = ""

    def as_json(self) -> dict[str, str | None]:
        """The difference as plain values."""
        return asdict(self)


def read_plain(folder: Path) -> Plain:
    """Read the tables of a folder as text, whatever schema they were written by."""
    found = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            found[file.stem] = list(csv.DictReader(lines))
    return found


def data_diff(old: Plain, new: Plain) -> list[CellDifference]:
    """List every cell in which the newer rows differ from the older, in the order of the schema.

    A table that only one of them has differs by all its rows.
    """
    names = [*TABLES, *sorted({*old, *new} - {*TABLES})]
    found: list[CellDifference] = []
    for name in names:
        one, other = old.get(name, ()), new.get(name, ())
        key = _key(name, one or other)
        found.extend(_differences(name, _by(one, key), _by(other, key), key))
    return found


def _key(table: str, rows: Sequence[Row]) -> tuple[str, ...]:
    """The key of a table as the schema has it, or else every column before its number."""
    columns = list(rows[0]) if rows else []
    known = TABLES[table].key if table in TABLES else ()
    if known and set(known) <= set(columns):
        return known
    return tuple(columns[: columns.index("value")] if "value" in columns else columns[:1])


def _by(rows: Sequence[Row], key: Sequence[str]) -> dict[tuple[str, ...], Row]:
    return {tuple(row.get(column, "") for column in key): row for row in rows}


def _differences(
    table: str, old: Mapping[tuple[str, ...], Row], new: Mapping[tuple[str, ...], Row],
    key: Sequence[str],
) -> Iterator[CellDifference]:  # fmt: skip
    for place in sorted({*old, *new}):
        before, after = old.get(place), new.get(place)
        row = after or before or {}
        named, source = ", ".join(place), row.get("source") or ""
        if before is None or after is None:
            whole = [None if side is None else _whole(side, key) for side in (before, after)]
            yield CellDifference(table, named, "", whole[0], whole[1], "", source)
            continue
        for column in {**after, **before}:
            a, b = (_text(side.get(column) or "") for side in (before, after))
            if a != b:
                unit = row.get("unit", "") if column in NUMBERS else ""
                yield CellDifference(table, named, column, a, b, unit, source)


def _whole(row: Row, key: Sequence[str]) -> str:
    """A row in a few words: its number with the unit, or what it says beside its key."""
    if row.get("value"):
        return f"{_text(row['value'])} {row.get('unit') or ''}".strip()
    told = [cell for column, cell in row.items() if column not in (*key, "source")]
    return ", ".join(cell for cell in told if cell) or "there"


def _text(cell: str) -> str:
    """A cell as it is shown; numbers to nine digits, however they were written.

    >>> _text("0.30000000000000004"), _text("1200.0"), _text(""), _text("CHN")
    ('0.3', '1200', '', 'CHN')
    """
    try:
        return f"{float(cell):.9g}"
    except ValueError:
        return cell
