"""One process at a time makes a report; who holds it is said to the others."""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from supplychain.errors import Busy
from supplychain.results.folder import whole_file

LOCK, HOLDER = ".making.lock", ".making.json"
SECONDS_TO_WAIT = 60.0
"""How long the second of two waits for the first, unless told otherwise."""

notes = logging.getLogger("supplychain.periodic")


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
