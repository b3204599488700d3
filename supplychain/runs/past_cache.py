"""Solved pasts kept on disk by what they follow from, so that no past is solved twice."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from supplychain import progress
from supplychain.files import whole_file
from supplychain.runs.provenance import decisive_versions, identity

Arrays = Mapping[str, NDArray[Any]]

PLACE = "SUPPLYCHAIN_CACHE"
"""Environment variable that says where kept pasts lie."""

ROOMS = ("dataset", "network", "scenario", "policy", "case", "model", "solve")
"""Rooms whose code a past follows from."""

NAMES = ("name", "title", "extends", "file")
"""Keys of a scenario that no number follows from; a key that is new counts."""

SUM = "sum"


def cache_folder() -> Path:
    """Where kept pasts lie: SUPPLYCHAIN_CACHE, or the user's folder for caches."""
    named = os.environ.get(PLACE)
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("supplychain")


def past_key(part: Mapping[str, Any], data: str, allocation: str) -> str:
    """Name a part of a past by all that it follows from; names, reasons and sources do not count.

    Args:
        part: the part as a scenario of its own, as `Scenario.as_json` gives it.
        data: the hash of the data with their overlays.
        allocation: the rule by which its scarce goods were shared.
    """
    return identity(
        {
            "part": _without_reasons({k: v for k, v in part.items() if k not in NAMES}),
            "data": data,
            "allocation": allocation,
            "versions": decisive_versions(),
            "code": code_sum(),
        }
    )


@cache
def code_sum() -> str:
    """The sha256 of the source files of ROOMS."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    for room in ROOMS:
        for file in sorted((package / room).glob("*.py")):
            digest.update(f"{room}/{file.name} ".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def find_past(key: str) -> dict[str, NDArray[Any]] | None:
    """Read the arrays of a kept past; None where it is not there, or not as it was written."""
    try:
        with _file(key).open("rb") as file, np.load(file, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
    except (OSError, ValueError, EOFError, BadZipFile):
        return None
    written = arrays.pop(SUM, np.array(""))
    return arrays if str(written) == _sum(arrays) else None


def keep_past(key: str, arrays: Arrays) -> None:
    """Write the arrays of a past; where that cannot be done, it is said, and nothing is lost."""
    try:
        with whole_file(_file(key)) as part, part.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays, **{SUM: np.array(_sum(arrays))})
    except OSError as error:
        progress.announce(
            f"The solved past cannot be kept in {cache_folder()} ({error.strerror}); the next run "
            f"solves it again. {PLACE} names another folder."
        )


@contextmanager
def solving(key: str) -> Iterator[None]:
    """Let one process at a time solve a past; others wait for it and find it kept."""
    try:
        _file(key).parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(_file(key).with_suffix(".lock"))
        lock.acquire()
    except (OSError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        lock.release()


def kept_or_solved(key: str, solve: Callable[[], Arrays]) -> Arrays:
    """The arrays of a past, from the cache or solved and kept there."""
    found: Arrays | None = find_past(key)
    if found is not None:
        return found
    with solving(key):
        found = find_past(key)  # another process may have solved it meanwhile
        if found is None:
            found = solve()
            keep_past(key, found)
    return found


def _file(key: str) -> Path:
    return cache_folder() / "pasts" / f"{key}.npz"


def _sum(arrays: Arrays) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _without_reasons(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {k: _without_reasons(v) for k, v in content.items() if k not in ("why", "source")}
    return [_without_reasons(part) for part in content] if isinstance(content, list) else content
