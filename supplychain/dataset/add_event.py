"""An event and its source written into a data folder: both rows, checked, or none."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from supplychain.dataset.schema import TABLES
from supplychain.dataset.tables import read_tables
from supplychain.errors import InvalidInput
from supplychain.files import alone, shown, whole_file


def add_rows(
    folder: Path, event: Mapping[str, str], source: Mapping[str, str], *, write: bool = True
) -> dict[str, str]:
    """Add a row to events.csv, in the order of its key, and one to sources.csv if there is one.

    The whole folder is checked with the new rows before anything is written. The source is written
    first: a process that is killed between the two leaves a source too many and no event half told.

    Args:
        folder: the data folder.
        event: the cells of the event by column; what is not given is blank.
        source: the cells of its source, empty if sources.csv has it.
        write: whether to write, or only to check.

    Returns:
        File name to the row that it gets, in the order in which they are written.

    Raises:
        InvalidInput: the folder with the rows has problems; all of them.
        Busy: another process is writing the folder.
    """
    with alone(folder, WAIT):
        texts: dict[str, str] = {}
        rows: dict[str, str] = {}
        for table, cells in (("sources", source), ("events", event)):
            if cells:
                file = TABLES[table].file
                texts[file], rows[file] = _with_row(folder / file, table, cells)
        with tempfile.TemporaryDirectory() as room:
            copy = Path(room) / folder.resolve().name
            shutil.copytree(folder, copy)
            for file, text in texts.items():
                (copy / file).write_text(text, encoding="utf-8", newline="")
            _check(copy, folder)
        for file, text in texts.items() if write else ():
            with whole_file(folder / file) as part:
                part.write_text(text, encoding="utf-8", newline="")
    return rows


WAIT = 30.0
"""Seconds to wait for another process that writes the same folder."""


def _check(copy: Path, folder: Path) -> None:
    """Check the copy of a folder; problems name the folder itself."""
    try:
        read_tables(copy)
    except InvalidInput as error:
        found = [
            replace(p, file=p.file.replace(copy.as_posix(), shown(folder), 1))
            for p in error.problems
        ]
        raise InvalidInput(error.message, found) from None


def _with_row(path: Path, table: str, cells: Mapping[str, str]) -> tuple[str, str]:
    """The text of a file with one more row, and the row; the other rows keep every byte.

    Events stand in the order of their key: the row comes before the first with a larger one.
    Sources come as they were found: it is the last.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = file.read().splitlines(keepends=True)
    header = next(csv.reader(lines[:1]))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([cells.get(name, "") for name in header])
    row = out.getvalue()
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    at = len(lines)
    if table == "events":
        key, reader = TABLES[table].key[0], csv.reader(lines)
        column = next(reader).index(key)
        begins = reader.line_num
        for cells_there in reader:
            if cells_there and cells_there[column] > cells[key]:
                at = begins
                break
            begins = reader.line_num
    lines.insert(at, row)
    return "".join(lines), row.rstrip("\n")
