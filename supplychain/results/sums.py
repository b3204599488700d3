"""Checksums of a run's tables: what was written, and whether it is still that."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TABLES = "tables"


def sealed(record: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The record of a run whose tables have just been written, with their sums and the time.

    `written` is UTC; `sums` holds the sha256 of each file of tables by the table's name.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {**record, "written": now, "sums": table_sums(folder)}


def table_sums(folder: Path) -> dict[str, str]:
    """The sha256 of every table in the folder of a run."""
    files = sorted((folder / TABLES).glob("*.parquet"))
    return {file.stem: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def damaged_tables(record: Mapping[str, Any], folder: Path) -> list[Path]:
    """Name the files of tables that are not as the record says they were written, or are gone."""
    found = table_sums(folder)
    wanted: Mapping[str, str] = record.get("sums", {})
    return [
        folder / TABLES / f"{name}.parquet"
        for name, written in wanted.items()
        if found.get(name) != written
    ]
