"""What a process is asked to do for an ensemble, and what it keeps open between two askings."""

from __future__ import annotations

import hashlib
import pickle
import zlib
from dataclasses import dataclass
from typing import Any

from supplychain.study.ensemble.futures import Futures, Setup
from supplychain.study.ensemble.references import Turns
from supplychain.study.ensemble.sample import Member


@dataclass(frozen=True)
class MemberTask:
    """Solve one member."""

    member: Member
    arms: tuple[str, ...]


@dataclass(frozen=True)
class ReferenceTask:
    """Solve the reference futures with one first turn."""

    turns: Turns


Task = MemberTask | ReferenceTask

_open: dict[str, Futures] = {}
"""At most one: the ensemble that this process works for, by the digest of its setup."""


def packed(setup: Setup) -> bytes:
    """A setup as bytes for other processes."""
    return zlib.compress(pickle.dumps(setup), level=3)


def digest_of(payload: bytes) -> str:
    """A name for a payload by its content."""
    return hashlib.sha256(payload).hexdigest()


def open_payload(payload: bytes) -> None:
    """Make this process ready for the tasks of one ensemble."""
    name = digest_of(payload)
    if name not in _open:
        _open.clear()
        _open[name] = Futures(pickle.loads(zlib.decompress(payload)))


def do(name: str, task: Task) -> Any:
    """Do a task of the ensemble that was opened before."""
    futures = _open[name]
    if isinstance(task, ReferenceTask):
        return futures.references(task.turns)
    return futures.solve(task.member, task.arms)


def do_with(payload: bytes, name: str, task: Task) -> Any:
    """Do a task in a process that may not have opened the ensemble yet."""
    open_payload(payload)
    return do(name, task)
