"""Reports of a definition on disk: a folder a day, the latest, retention, the lock."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from supplychain.errors import Busy, InvalidInput
from supplychain.files import remove_folder, whole_file, whole_folder
from supplychain.runs.records import read_report_record
from supplychain.scheduled_reports.report_schema import RetentionPart

LATEST = "latest"
RECORD = "report.json"
PART = ".part"
"""How the names end of what is begun and not yet in its place."""
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-(\d+))?")

LOCK, HOLDER = ".making.lock", ".making.json"
SECONDS_TO_WAIT = 60.0
"""How long the second of two waits for the first, unless told otherwise."""

notes = logging.getLogger("supplychain.scheduled_reports")


@dataclass(frozen=True)
class Past:
    """A report that was made: its folder and what its report.json holds."""

    folder: Path
    record: Mapping[str, Any]

    @property
    def day(self) -> date:
        """The day that it was made for."""
        return date.fromisoformat(self.record["date"])

    @property
    def number(self) -> int:
        """Reports of a definition are counted from 1 in the order in which they were made."""
        return int(self.record["number"])

    @property
    def key(self) -> str:
        """Its name by content."""
        return str(self.record["key"])

    def whole(self) -> bool:
        """Whether every file is as it was written and no form is missing."""
        sums, found = self.record["files"], sums_of(self.folder)
        there = {name: found.get(name) for name in sums}
        return not self.record["missing_forms"] and there == dict(sums)


def past_reports(folder: Path) -> tuple[list[Past], list[Path]]:
    """Read the reports in the folder of a definition, in the order in which they were made.

    Returns:
        The reports, and the dated folders that hold none that can be read.
    """
    found: list[Past] = []
    damaged: list[Path] = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not _DATED.fullmatch(place.name) or not place.is_dir():
            continue
        past = _read(place)
        if past is None:
            damaged.append(place)
        else:
            found.append(past)
    return sorted(found, key=lambda past: past.number), damaged


def _read(place: Path) -> Past | None:
    try:
        return Past(place, read_report_record(place / RECORD))
    except (OSError, InvalidInput):
        return None


def latest_report(folder: Path) -> Past | None:
    """What lies at `latest/`."""
    return _read(folder / LATEST)


def free_folder(folder: Path, day: date) -> Path:
    """The folder for one more report of a day: `2026-11-22`, then `2026-11-22-2`."""
    taken = {place.name for place in folder.iterdir()} if folder.is_dir() else set()
    names: Iterator[str] = (f"{day}-{i}" if i > 1 else str(day) for i in range(1, len(taken) + 2))
    return folder / next(name for name in names if name not in taken)


def sums_of(folder: Path) -> dict[str, str]:
    """The sha256 of every file in the folder of a report but its report.json, by relative path."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file != folder / RECORD
    }


def foreign_files(folder: Path) -> list[str]:
    """The files in the folder of a report that the program did not write; none where unknown."""
    past = _read(folder)
    return [] if past is None else [n for n in sums_of(folder) if n not in past.record["files"]]


def publish(past: Past) -> None:
    """Make `latest/` a copy of a report, in one step.

    Raises:
        Busy: another process is writing it.
        OSError: it cannot be written.
    """
    with whole_folder(past.folder.parent / LATEST, staying=foreign_files) as part:
        for name in (*past.record["files"], RECORD):
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(past.folder / name, part / name)


def is_published(past: Past) -> bool:
    """Whether `latest/` is a whole copy of a report."""
    there = latest_report(past.folder.parent)
    return there is not None and there.record == past.record and there.whole()


def prune(pasts: Sequence[Past], newest: Past, rule: RetentionPart, day: date) -> list[Path]:
    """Remove the reports that a definition does not keep; the newest always stays.

    A clock that jumps ahead takes nothing within the number of reports that are kept.

    Returns:
        The folders that are gone.
    """
    gone = []
    for past in pasts[: -rule.reports]:
        if past == newest:
            continue
        if rule.days is None or past.day < day - timedelta(days=rule.days):
            remove_folder(past.folder)
            past.folder.with_name(f".{past.folder.name}.lock").unlink(missing_ok=True)
            gone.append(past.folder)
    return gone


def tidy(folder: Path) -> None:
    """Clear away what killed processes began; only for who holds the folder."""
    for left in folder.glob(f".*{PART}"):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)


@contextmanager
def holding(folder: Path, wait: float = SECONDS_TO_WAIT) -> Iterator[None]:
    """Hold the reports of a definition while the block runs.

    The operating system frees the lock of a process that dies; what that process left is taken
    over.

    Raises:
        Busy: another process has held it for `wait` seconds; the message says which, since when.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0.0)
    except Timeout:
        if wait > 0.0:
            notes.warning(
                "%s is being made by %s; waiting for it, %.0f seconds at most.",
                folder.name,
                holder_words(folder),
                wait,
            )
        _wait(lock, folder, wait)
    try:
        if (folder / HOLDER).exists():
            notes.warning(
                "%s was being made by %s, which ended without a word; taken over.",
                folder.name,
                holder_words(folder),
            )
        with whole_file(folder / HOLDER) as part:
            part.write_text(json.dumps(_me()) + "\n", encoding="utf-8")
        yield
    finally:
        (folder / HOLDER).unlink(missing_ok=True)
        lock.release()


def _wait(lock: FileLock, folder: Path, wait: float) -> None:
    try:
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise Busy(
            f"{folder.name} is being made by {holder_words(folder)}. Try again later, or give "
            "--wait more seconds."
        ) from error


def _me() -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": now}


def holder_words(folder: Path) -> str:
    """Say who holds the reports of a definition: process, machine, since when."""
    try:
        found = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
        return f"process {found['pid']} on {found['host']} since {found['since']}"
    except (FileNotFoundError, json.JSONDecodeError, KeyError, TypeError):
        return "another process"
