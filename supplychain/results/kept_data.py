"""The data of past runs, kept by content as CSV folders: `<out>/store/data/<hash>/`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from supplychain.dataset import TABLES, Tables, read_tables
from supplychain.dataset.difference import Plain, read_plain
from supplychain.errors import InvalidInput
from supplychain.results.folder import whole_folder
from supplychain.results.kept import STORE

LETTERS = 16
"""So many letters of the hash name the folder."""

SUMS = ".sums.json"
"""The sha256 of each file; hidden, so that the folder is a data folder like any other."""


def data_folder(out: Path, data: str) -> Path:
    """Where the data of a hash are kept, whether or not they are there."""
    return out / STORE / "data" / data[:LETTERS]


def keep_data(tables: Tables, out: Path) -> Path:
    """Write tables as a data folder, overlays laid over, unless they are kept already.

    Raises:
        Busy: another process is writing the same.
        OSError: the folder cannot be written.
    """
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
