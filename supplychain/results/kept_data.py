"""The data of past runs, kept by content as CSV folders: `<out>/store/data/<hash>/`."""

from __future__ import annotations

from pathlib import Path

from supplychain.dataset import TABLES, Tables, read_tables
from supplychain.errors import InvalidInput
from supplychain.results.folder import whole_folder
from supplychain.results.kept import STORE

LETTERS = 16
"""So many letters of the hash name the folder."""


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
    if kept_data(out, tables.hash) is None:
        with whole_folder(folder) as part:
            for name in tables:
                frame = tables[name][list(TABLES[name].header)]
                frame.to_csv(part / f"{name}.csv", index=False, lineterminator="\n")
    return folder


def kept_data(out: Path, data: str) -> Tables | None:
    """Read the data of a hash back, or return None where they are gone or damaged."""
    folder = data_folder(out, data)
    if not folder.is_dir():
        return None
    try:
        found = read_tables(folder)
    except InvalidInput:
        return None
    return found if found.hash == data else None
