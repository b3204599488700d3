"""Arrays kept on disk by what they follow from: solved pasts, compiled structures."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from supplychain import progress
from supplychain.errors import InvalidInput
from supplychain.files import content_of, whole_file

Arrays = Mapping[str, NDArray[Any]]

PLACE = "SUPPLYCHAIN_CACHE"
"""Environment variable that says where arrays are kept."""

SUM = "sum"


def cache_folder() -> Path:
    """Where arrays are kept: SUPPLYCHAIN_CACHE, or the user's folder for caches."""
    named = os.environ.get(PLACE)
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("supplychain")


@cache
def code_sum(rooms: Sequence[str]) -> str:
    """The sha256 of the source files of some rooms."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    for room in rooms:
        for file in sorted((package / room).glob("*.py")):
            digest.update(f"{room}/{file.name} ".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def find(kind: str, key: str) -> dict[str, NDArray[Any]] | None:
    """Read kept arrays; None where they are not there, or not as they were written."""
    try:
        content = io.BytesIO(content_of(_file(kind, key)))
        with np.load(content, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
    except (OSError, ValueError, EOFError, BadZipFile):
        return None
    written = arrays.pop(SUM, np.array(""))
    return arrays if str(written) == _sum(arrays) else None


def keep(kind: str, key: str, arrays: Arrays, what: str, most: int | None = None) -> None:
    """Write arrays; where that cannot be done, it is said of `what`, and nothing is lost.

    Of a kind the `most` that were used last stay, or all.
    """
    try:
        with whole_file(_file(kind, key)) as part, part.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays, **{SUM: np.array(_sum(arrays))})
    except (OSError, InvalidInput) as error:
        why = error.problems[0].message if isinstance(error, InvalidInput) else error.strerror
        progress.announce(
            f"{what} cannot be kept in {cache_folder()} ({why}); the next run makes it "
            f"again. {PLACE} names another folder."
        )
        return
    if most is not None:
        _thin_out(kind, most)


@contextmanager
def making(kind: str, key: str) -> Iterator[None]:
    """Let one process at a time make what is kept; others wait for it and find it."""
    try:
        _file(kind, key).parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(_file(kind, key).with_suffix(".lock"))
        lock.acquire()
    except (OSError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        lock.release()


def kept_or_made(
    kind: str, key: str, make: Callable[[], Arrays], what: str, most: int | None = None
) -> Arrays:
    """Arrays as they were kept, or made and kept now.

    Args:
        kind: the folder they lie in.
        key: a name by all that they follow from.
        make: gives them anew.
        what: what they are, to begin a sentence with.
        most: so many of a kind stay, those used last; None for all.
    """
    found: Arrays | None = find(kind, key)
    if found is None:
        with making(kind, key):
            found = find(kind, key)  # another process may have made it meanwhile
            if found is None:
                found = make()
                keep(kind, key, found, what, most)
    elif most is not None:
        with suppress(OSError):
            os.utime(_file(kind, key))  # used last
    return found


def _thin_out(kind: str, most: int) -> None:
    """Take away the files of a kind that were used longest ago."""
    with suppress(OSError):  # another process thins out as well
        files = sorted(_file(kind, "*").parent.glob("*.npz"), key=lambda file: file.stat().st_mtime)
        for file in files[: max(len(files) - most, 0)]:
            file.unlink(missing_ok=True)
            file.with_suffix(".lock").unlink(missing_ok=True)


def _file(kind: str, key: str) -> Path:
    return cache_folder() / kind / f"{key}.npz"


def _sum(arrays: Arrays) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
