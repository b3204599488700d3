"""One run folder as the catalogue knows it: what its record says, and what is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from supplychain.results.sums import TABLES, damaged_tables

RECORD = "run.json"


@dataclass(frozen=True)
class Entry:
    """A run folder. `problem` says what is wrong with it, in words; the rest may be blank then.

    `written` is seconds since 1970 UTC, `lost_value_usd` the value added lost in the world over the
    horizon, `size` what the folder takes in bytes.
    """

    folder: Path
    id: str = ""
    scenario: str = ""
    title: str = ""
    written: float = 0.0
    start: str = ""
    weeks: int = 0
    foresight: str = ""
    allocation: str = ""
    data: str = ""
    version: str = ""
    lost_value_usd: float | None = None
    size: int = 0
    problem: str = ""

    def as_json(self) -> dict[str, object]:
        """The shape of an entry of `runs` in `runs list --json`."""
        words = {**asdict(self), "folder": self.folder.as_posix(), "problem": self.problem or None}
        return {**words, "written": utc(self.written)}


def utc(seconds: float) -> str:
    """Write a time as UTC to the second.

    >>> utc(0.0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fingerprint(folder: Path) -> str:
    """What changes when a file of a run changes: names, sizes and times of its files, as one word.

    Raises:
        OSError: the folder cannot be read.
    """
    said = []
    for file in _files(folder):
        state = file.stat()
        said.append(f"{file.name} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def read_entry(folder: Path) -> Entry:
    """Read a run folder; a damaged one is an entry with a problem.

    Raises:
        OSError: the folder cannot be read.
    """
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    file = folder / RECORD
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        entry = _entry(record, folder, size, file.stat().st_mtime)
    except (json.JSONDecodeError, UnicodeDecodeError) as broken:
        return Entry(folder, size=size, problem=f"{RECORD} is not whole: {broken}")
    except (KeyError, TypeError, ValueError, AttributeError) as broken:
        return Entry(folder, size=size, problem=f"{RECORD} is no record of a run: {broken!r}")
    return entry


def _entry(record: Mapping[str, Any], folder: Path, size: int, changed: float) -> Entry:
    scenario = record["scenario"]
    horizon = scenario.get("horizon", {})
    hurt = [path.stem for path in damaged_tables(record, folder)]
    problem = f"tables not as they were written, or gone: {', '.join(hurt)}" if hurt else ""
    written = record.get("written")
    return Entry(
        folder=folder,
        id=str(record["id"]),
        scenario=str(scenario["name"]),
        title=str(scenario.get("title", "")),
        written=datetime.fromisoformat(written).timestamp() if written else changed,
        start=str(horizon.get("start", "")),
        weeks=int(horizon.get("weeks", 0)),
        foresight=str(record.get("foresight", "")),
        allocation=str(record.get("allocation", "")),
        data=str(record.get("data", {}).get("hash", "")),
        version=str(record.get("versions", {}).get("supplychain", "")),
        lost_value_usd=_lost(record),
        size=size,
        problem=problem,
    )


def _lost(record: Mapping[str, Any]) -> float | None:
    """The value added lost in all sectors, USD."""
    sectors = record.get("headline", {}).get("sectors")
    return sum(float(s["lost_value_usd"] or 0.0) for s in sectors.values()) if sectors else None


def _files(folder: Path) -> list[Path]:
    return [folder / RECORD, *sorted((folder / TABLES).glob("*.parquet"))]
