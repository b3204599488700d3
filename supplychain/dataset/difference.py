"""How two data folders differ, cell by cell, in the units of the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import pandas as pd

from supplychain.dataset.columns import Table
from supplychain.dataset.rows import Record
from supplychain.dataset.schema import TABLES
from supplychain.dataset.tables import Tables


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


def data_diff(old: Tables, new: Tables) -> list[CellDifference]:
    """List every cell in which the newer tables differ from the older, in the order of the schema.

    Each side may lack tables that the other has.
    """
    found: list[CellDifference] = []
    for name in TABLES:
        if name in old.frames and name in new.frames and same(old[name], new[name]):
            continue
        rows = [_rows(name, tables) for tables in (old, new)]
        found.extend(_differences(TABLES[name], *rows))
    return found


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables say the same; where they were read plays no part."""
    return one[_said(one)].equals(other[_said(other)])


def _said(frame: pd.DataFrame) -> list[str]:
    return [str(column) for column in frame.columns if not str(column).startswith("_")]


def _rows(name: str, tables: Tables) -> dict[tuple[str, ...], Record]:
    if name not in tables.frames:
        return {}
    key = TABLES[name].key
    return {tuple(str(row[column]) for column in key): row for row in tables.records(name)}


def _differences(
    table: Table, old: dict[tuple[str, ...], Record], new: dict[tuple[str, ...], Record]
) -> Iterator[CellDifference]:
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        row = after or before or {}
        named = ", ".join(key)
        about = (_text(row.get("unit")) or "", _text(row.get("source")) or "")
        if before is None or after is None:
            yield CellDifference(
                table.name, named, "", _whole(table, before), _whole(table, after), *about
            )
            continue
        for column in table.header:
            cells = [_text(side.get(column)) for side in (before, after)]
            if cells[0] != cells[1]:
                unit = about[0] if column in ("value", "low", "high", "raw") else ""
                yield CellDifference(
                    table.name, named, column, cells[0] or "", cells[1] or "", unit, about[1]
                )


def _whole(table: Table, row: Record | None) -> str | None:
    """A row in a few words: its number with the unit, or what it says beside its key."""
    if row is None:
        return None
    if table.numbers:
        return f"{_text(row['value'])} {_text(row['unit']) or ''}".strip()
    told = [_text(row.get(name)) for name in table.header if name not in (*table.key, "source")]
    return ", ".join(text for text in told if text) or "yes"


def _text(value: object) -> str | None:
    """A cell as text: numbers to nine digits, dates as ISO.

    >>> _text(0.30000000000000004), _text(1200.0), _text(None), _text("CHN")
    ('0.3', '1200', None, 'CHN')
    """
    if value is None:
        return None
    return f"{value:.9g}" if isinstance(value, float) else str(value)
