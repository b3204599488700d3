"""What a run rests on: ids by content, checksums, versions, memory."""

from __future__ import annotations

import hashlib
import json
import platform
import resource
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from supplychain import __version__

LIBRARIES = ("pandas", "pyomo", "highspy", "plotly", "numpy", "scipy")
"""Libraries whose versions a record names."""

DECISIVE = ("pyomo", "highspy")
"""Libraries that make and solve the programme: with another version of one, it is another run."""

TABLES = "tables"

CODE = (".py", ".j2", ".css", ".js")
"""How files end that results and pages follow from."""


def run_id(scenario: Mapping[str, Any], data: str, foresight: str, allocation: str) -> str:
    """Name a run by everything its numbers follow from; nothing needs to be solved for it.

    Args:
        scenario: the resolved scenario, as `Scenario.as_json` gives it.
        data: the hash of the data with their overlays, as `Tables.hash` gives it.
        foresight: rolling or perfect.
        allocation: contracts, value, proportional or priority.
    """
    return identity(
        {
            "scenario": scenario,
            "data": data,
            "foresight": foresight,
            "allocation": allocation,
            "versions": decisive_versions(),
        }
    )


def identity(content: Mapping[str, Any]) -> str:
    """A short name by content: equal content, equal name; the order of keys plays no part.

    >>> identity({"a": 1, "b": 2}) == identity({"b": 2, "a": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def decisive_versions() -> dict[str, str]:
    """Versions of this program and of the libraries that numbers follow from."""
    return {"supplychain": __version__, **{name: version(name) for name in DECISIVE}}


def versions() -> dict[str, str]:
    """Versions of Python, of this program and of what it computes with."""
    return {
        "supplychain": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


@cache
def program_sum() -> str:
    """The sha256 of every file of this program's code, templates and styles."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    for file in sorted(package.rglob("*")):
        if file.suffix in CODE and file.is_file():
            digest.update(f"{file.relative_to(package).as_posix()} ".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def sealed(record: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The record of a run whose tables have just been written, with their sums and the time.

    `written` is UTC; `sums` holds the sha256 of each file of tables by the table's name.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {**record, "written": now, "sums": table_sums(folder)}


def table_sums(folder: Path) -> dict[str, str]:
    """The sha256 of every table in the folder of a run; what is no file is none."""
    files = sorted(file for file in (folder / TABLES).glob("*.parquet") if file.is_file())
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


def peak_memory_mb() -> float:
    """The most memory this process has held so far, MB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1e6 if sys.platform == "darwin" else 1e3)
