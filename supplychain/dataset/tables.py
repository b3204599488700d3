"""Tables of a data folder: read, checked as a whole, known by the hash of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from supplychain.dataset.consistency import cross_problems
from supplychain.dataset.csv_reader import Row, TextFolder, read_folder
from supplychain.dataset.overlay import Change, lay_over, lay_rows
from supplychain.dataset.row_validation import Record, known_keys, type_rows
from supplychain.dataset.schema import TABLES
from supplychain.errors import InvalidInput, Problem
from supplychain.files import shipped, shown


@dataclass(frozen=True)
class Tables:
    """Checked tables by name.

    Each is a DataFrame sorted by its key, with the columns of the schema; numbers are in the
    canonical unit of their quantity, a blank low or high is NaN and a blank date NaT. `_file` and
    `_line` say where a row was read. The frames are shared: copy one before changing it.
    """

    frames: Mapping[str, pd.DataFrame]
    hash: str
    folder: str
    overlays: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return one table."""
        return self.frames[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the tables in the order of the schema."""
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)

    def records(self, name: str) -> list[Record]:
        """Return a table's rows as dictionaries in the order of its key; what is blank is None.

        Lists and dictionaries are the caller's own.
        """
        if name not in self._records:
            self._records[name] = self._read_records(name)
        return [row.copy() for row in self._records[name]]

    @cached_property
    def _records(self) -> dict[str, list[Record]]:
        """Rows by table, as far as they were asked for."""
        return {}

    def _read_records(self, name: str) -> list[Record]:
        dates = [c.name for c in TABLES[name].all_columns if c.kind == "date"]
        rows = []
        for found in self.frames[name].to_dict("records"):
            row: Record = {str(k): None if pd.isna(v) else v for k, v in found.items()}
            row.update({k: row[k].date() for k in dates if row[k] is not None})
            rows.append(row)
        return rows

    def values(self, name: str, quantity: str = "") -> dict[tuple[str, ...], float]:
        """Return the numbers of one quantity by key, the quantity's own column left out.

        A table that holds one quantity only needs no `quantity`. The unit is the canonical one.

        Raises:
            KeyError: the table has no such quantity.
        """
        table = TABLES[name]
        if table.quantity(quantity) is None:
            raise KeyError(f"{name} has no quantity {quantity!r}")
        frame = self.frames[name]
        keys = [column for column in table.key if column != table.quantity_column]
        if table.quantity_column:
            frame = frame[frame[table.quantity_column] == quantity]
        columns = [frame[column].tolist() for column in keys]
        words = zip(*columns, strict=True) if columns else [()] * len(frame)
        return {tuple(k): float(v) for k, v in zip(words, frame["value"].tolist(), strict=True)}

    def assumption(self, name: str) -> float:
        """Return one scalar of the table `assumptions`.

        Raises:
            KeyError: there is no row of that name.
        """
        return self.values("assumptions", name)[()]


def frame_of(name: str, records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the typed DataFrame of a table out of its checked rows, sorted by key."""
    table = TABLES[name]
    columns: dict[str, Any] = {}
    ordered = sorted(records, key=lambda record: tuple(record[column] for column in table.key))
    for column in table.all_columns:
        cells = [record[column.name] for record in ordered]
        if column.kind == "number":
            columns[column.name] = pd.Series(cells, dtype="float64")
        elif column.kind == "date":
            columns[column.name] = pd.Series(pd.to_datetime(cells), dtype="datetime64[us]")
        else:
            columns[column.name] = pd.Series(cells, dtype="str")
    columns["_file"] = pd.Series([record["_file"] for record in ordered], dtype="str")
    columns["_line"] = pd.Series([record["_line"] for record in ordered], dtype="int64")
    return pd.DataFrame(columns)


def content_hash(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return the sha256 of what the tables say: the order of rows and the files play no part.

    An optional table without rows says nothing.
    """
    digest = hashlib.sha256()
    for name in sorted(name for name in tables if tables[name] or not TABLES[name].optional):
        rows = [
            {k: v.isoformat() if isinstance(v, date) else v for k, v in record.items()}
            for record in tables[name]
        ]
        lines = sorted(
            json.dumps({k: v for k, v in row.items() if k[0] != "_"}, sort_keys=True)
            for row in rows
        )
        digest.update("\n".join([name, *lines, ""]).encode())
    return digest.hexdigest()


def read_tables(folder: Path | str | None = None, overlays: Sequence[Path | str] = ()) -> Tables:
    """Read and check every table of a folder; nothing is written.

    Args:
        folder: the data folder; the shipped one if not given.
        overlays: folders with only the rows that differ, laid over one after the other.

    Raises:
        InvalidInput: carries every problem of every file, within rows and across tables.
    """
    place = Path(folder) if folder is not None else shipped("data")
    text, changes = read_text(place, overlays)
    names = [shown(Path(overlay)) for overlay in overlays]
    return _checked(text, changes, place, names, f"the data folder {shown(place)}")


def tables_with(
    rows: Mapping[str, Sequence[Row]],
    name: str,
    folder: Path | str | None = None,
    overlays: Sequence[Path | str] = (),
) -> Tables:
    """Read a folder with rows laid over it that are in no file yet, as an overlay called `name`.

    Raises:
        InvalidInput: carries every problem, those of the rows among them.
    """
    place = Path(folder) if folder is not None else shipped("data")
    text, changes = read_text(place, overlays)
    changes.extend(lay_rows(text, rows, name))
    return _checked(text, changes, place, [*map(str, overlays), name], name)


def _checked(
    text: TextFolder, changes: Sequence[Change], place: Path, overlays: Sequence[str], where: str
) -> Tables:
    """Check what was read, and make tables of it."""
    records = check_text(text, where)
    return Tables(
        frames={name: frame_of(name, records[name]) for name in TABLES},
        hash=content_hash(records),
        folder=shown(place),
        overlays=tuple(overlays),
        changes=tuple(changes),
    )


def read_text(
    folder: Path | None, overlays: Sequence[Path | str] = ()
) -> tuple[TextFolder, list[Change]]:
    """Read a data folder as text, numbers as written, with overlays laid over it.

    Nothing is raised: what is wrong is kept with the text. The shipped folder if none is given.
    """
    place = folder if folder is not None else shipped("data")
    text = read_folder(place)
    changes: list[Change] = []
    if place.is_dir():
        for overlay in overlays:
            changes.extend(lay_over(text, Path(overlay)))
    return text, changes


def check_text(text: TextFolder, where: str) -> dict[str, list[Record]]:
    """Check every row by itself, against the keys of other tables, and across tables.

    `where` names the data in the summary, as "the data folder data".

    Raises:
        InvalidInput: carries every problem, those found on reading among them.
    """
    records = _typed(text)
    sound = {name: rows for name, rows in records.items() if name not in text.spoilt}
    text.problems.extend(cross_problems(sound))
    if text.problems:
        count = len(text.problems)
        summary = f"{count} problem{'s' if count > 1 else ''} in {where}"
        raise InvalidInput(summary, sorted(text.problems))
    return records


def _typed(text: TextFolder) -> dict[str, list[Record]]:
    """Check every row by itself and against the keys of other tables."""
    known = known_keys(text)
    records: dict[str, list[Record]] = {}
    for name, rows in text.rows.items():
        records[name], problems = type_rows(TABLES[name], rows, known)
        text.spoil(name, *problems)
    return records


def check(tables: Tables) -> list[Problem]:
    """Run every check across tables.

    Returns:
        The problems, sorted by file and row; none for tables that `read_tables` returned.
    """
    return cross_problems({name: tables.records(name) for name in tables})
