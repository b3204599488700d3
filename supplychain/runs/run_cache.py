"""Runs and data kept by content, so that nothing is solved twice."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from supplychain.errors import InvalidInput
from supplychain.files import inside, whole_folder

if TYPE_CHECKING:
    from supplychain.dataset import Tables
    from supplychain.dataset.data_diff import Plain
    from supplychain.runs.run_schema import Run


STORE = "store"

LETTERS = 16
"""So many letters of the hash name the folder."""

SUMS = ".sums.json"
"""The sha256 of each file; hidden, so that the folder is a data folder like any other."""


def kept_folder(out: Path, run: str) -> Path:
    """Where the run of an id is kept, whether or not it is there."""
    return inside(out / STORE, run)


def find_kept(out: Path, run: str) -> Path | None:
    """Return the folder of a run kept under a results folder, or None if it is not there.

    A folder whose record cannot be read, or is that of another run, is not there.
    """
    from supplychain.runs.records import read_run_record

    folder = kept_folder(out, run)
    try:
        record = read_run_record(folder)
    except (FileNotFoundError, NotADirectoryError, InvalidInput):
        return None
    return folder if record["id"] == run else None


def damaged(folder: Path) -> list[Path]:
    """Name the tables of a run that are not as they were written, or are gone."""
    from supplychain.runs.provenance import damaged_tables
    from supplychain.runs.records import read_run_record

    return damaged_tables(read_run_record(folder), folder)


def keep(run: Run, out: Path) -> Path:
    """Write a run where it is kept, in place of what is there.

    Raises:
        Busy: another process is writing the same run.
        OSError: the folder cannot be written.
    """
    from supplychain.runs.run_folder import staying
    from supplychain.runs.run_store import write_run

    key = str(run.record["id"])
    folder = kept_folder(out, key)
    with whole_folder(folder, staying=staying(key)) as part:
        write_run(replace(run, folder=folder), part)
    return folder


def data_folder(out: Path, data: str) -> Path:
    """Where the data of a hash are kept, whether or not they are there."""
    return inside(out / STORE / "data", data[:LETTERS])


def keep_data(tables: Tables, out: Path) -> Path:
    """Write tables as a data folder, overlays laid over, unless they are kept already.

    Raises:
        Busy: another process is writing the same.
        OSError: the folder cannot be written.
    """
    from supplychain.dataset import TABLES

    folder = data_folder(out, tables.hash)
    if not _whole(folder):
        with whole_folder(folder) as part:
            for name in tables:
                frame = tables[name][list(TABLES[name].header)]
                frame.to_csv(part / f"{name}.csv", index=False, lineterminator="\n")
            (part / SUMS).write_text(json.dumps(_sums(part), indent=1) + "\n", encoding="utf-8")
    return folder


def kept_data(out: Path, data: str) -> Tables | None:
    """Read the data of a hash back to solve with them.

    Returns:
        The tables, or None where they are gone, damaged, or of a version that reads otherwise.
    """
    from supplychain.dataset import read_tables

    folder = data_folder(out, data)
    if not _whole(folder):
        return None
    try:
        found = read_tables(folder)
    except InvalidInput:
        return None
    return found if found.hash == data else None


def kept_rows(out: Path, data: str) -> Plain | None:
    """Read the rows of the data of a hash to compare them; None where they are gone or damaged."""
    from supplychain.dataset.data_diff import read_plain

    folder = data_folder(out, data)
    return read_plain(folder) if _whole(folder) else None


def _whole(folder: Path) -> bool:
    """Whether every file is as it was written."""
    try:
        wanted = json.loads((folder / SUMS).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError, UnicodeDecodeError):
        return False
    return bool(wanted == _sums(folder))


def _sums(folder: Path) -> dict[str, str]:
    files = sorted(folder.glob("*.csv"))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
