"""Results kept by content: `<out>/store/<id>/`, the same run once whoever asks for it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from supplychain.results.identity import run_id

if TYPE_CHECKING:
    from supplychain.results.run import Run

__all__ = ["STORE", "damaged", "find_kept", "keep", "kept_folder", "run_id"]

STORE = "store"


def kept_folder(out: Path, run: str) -> Path:
    """Where the run of an id is kept, whether or not it is there."""
    return out / STORE / run


def find_kept(out: Path, run: str) -> Path | None:
    """Return the folder of a run kept under a results folder, or None if it is not there.

    A folder whose record cannot be read, or is that of another run, is not there.
    """
    folder = kept_folder(out, run)
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError, UnicodeDecodeError):
        return None
    return folder if isinstance(record, dict) and record.get("id") == run else None


def damaged(folder: Path) -> list[Path]:
    """Name the tables of a run that are not as they were written, or are gone."""
    from supplychain.results.sums import damaged_tables

    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return damaged_tables(record, folder)


def keep(run: Run, out: Path) -> Path:
    """Write a run where it is kept, in place of what is there.

    Raises:
        Busy: another process is writing the same run.
        OSError: the folder cannot be written.
    """
    from supplychain.results.folder import whole_folder
    from supplychain.results.store import write_run

    folder = kept_folder(out, str(run.record["id"]))
    with whole_folder(folder) as part:
        write_run(replace(run, folder=folder), part)
    return folder
