"""Files and folders: written whole or not at all, locked, shipped with the program, as shown.

A process that is killed at any moment leaves the old result or the new one. What it had begun is
hidden beside the target (`.<name>.<random>.part`) and cleared away by the next that writes there.
"""

from __future__ import annotations

import ctypes
import errno
import filecmp
import glob
import hashlib
import importlib.resources
import json
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from supplychain.errors import Busy, InvalidInput, problem

SECONDS_TO_WAIT = 30.0
"""How long to wait for another process that writes the same target."""

SECONDS_TO_KEEP = 3600.0
"""A file begun longer ago than this was left by a process that was killed."""

Shipped = Literal["data", "scenarios", "reports"]

PLAIN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._+=,@-]{0,229}$"
"""A name that is one part of a path and nothing else: no separator, no way up, not hidden."""

SCENARIO_NAME = r"^[A-Za-z0-9][A-Za-z0-9._+=,@:-]{0,999}$"
"""The name of a scenario, changed or not; `folder_name` makes one part of a path of it."""

RESERVED_NAMES = ("data", "fitted", "index.html", "latest", "store")
"""What has a meaning of its own in a results folder: no scenario, ensemble or report is so named.

A run has no such id either."""


LONGEST_FOLDER = 100
"""A longer name is cut, and the start of its sha256 put after it."""


def folder_name(name: str) -> str:
    """What the folder of a scenario, or a file named after some, is called.

    A plain name is its own. In that of a changed scenario the signs go that mean something to a
    file system or to readers of tables, which take `key=value` in a path for a column.

    >>> folder_name("no-truce"), folder_name("no-truce+opening_cover@sector:auto=0.5ratio")
    ('no-truce', 'no-truce+opening_cover@sector-auto-0.5ratio')
    """
    plain = re.sub(r"[:=/]", "-", name)
    if len(plain) <= LONGEST_FOLDER or plain == name:
        return plain
    return f"{plain[: LONGEST_FOLDER - 13]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def inside(folder: Path, *names: str) -> Path:
    """Return the path of a name in a folder: the one place that joins a name to a results folder.

    A second name lies in the folder of the first.

    Raises:
        InvalidInput: the path would lie anywhere else; the problem names it.
    """
    whole = str(folder.absolute())
    if "\\" in whole and any(mark in whole for mark in "[*?"):
        message = "a backslash beside one of [ * ? in its path cannot be told to DuckDB."
        found = problem("SETUP-114", message, file=whole, hint="Name another folder with --out.")
        raise InvalidInput("Nothing was written.", [found])
    for name in names:
        lies = re.fullmatch(PLAIN_NAME, name) and "\n" not in name
        if not lies or (folder / name).parent.resolve() != folder.resolve():
            message = f"{name[:80]!r} cannot be a name in this folder."
            hint = "The record or definition that holds it did not come from this program."
            found = problem("SETUP-113", message, file=folder.as_posix(), hint=hint)
            raise InvalidInput("Nothing was written.", [found])
        folder = folder / name
    return folder


Staying = Callable[[Path], Iterable[str]]
"""The files of a folder, by relative path, that stay when it is replaced or removed."""


def _nothing(_folder: Path) -> Iterable[str]:
    return ()


def refuse_in_the_way(target: Path, *, folder: bool) -> None:
    """Refuse a target that is a link, or a file where a folder is to be, or the other way round.

    Links are not followed: what they lead to may be anybody's. The same goes for the lock beside a
    folder.

    Raises:
        InvalidInput: something of another kind lies there.
    """
    if target.is_symlink():
        message = "this is a link, which is not written through."
        hint = "Remove the link, or name the place that it leads to."
        found = problem("SETUP-115", message, file=target.as_posix(), hint=hint)
    elif target.exists() and not (target.is_dir() if folder else target.is_file()):
        message = f"this is no {'folder' if folder else 'file'}, and is not replaced."
        hint = "Move it away, or name another place."
        found = problem("SETUP-105", message, file=target.as_posix(), hint=hint)
    elif folder:
        refuse_in_the_way(_lock_of(target), folder=False)
        return
    else:
        return
    raise InvalidInput("Nothing was written.", [found])


def content_of(file: Path) -> bytes:
    """The bytes of a file; whatever has no end, or waits for somebody to write, is none.

    Raises:
        OSError: it is missing, cannot be read, or is a folder, a pipe or a device.
    """
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "it is no file", str(file))
    return file.read_bytes()


def _lock_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.lock")


@contextmanager
def whole_folder(
    target: Path, wait: float = SECONDS_TO_WAIT, staying: Staying = _nothing
) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends without an error it replaces `target`.

    On any exception, Ctrl-C among them, the target stays as it was and nothing else is left.
    What `staying` names of the old folder is in the new one too, unless that has its own.

    Raises:
        InvalidInput: the target is a link or a file.
        Busy: another process has been writing the same target for `wait` seconds.
        OSError: the folder cannot be written; its `filename` always says where.
    """
    refuse_in_the_way(target, folder=True)
    with _named(target), alone(target, wait):
        _tidy(target)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        part.mkdir()
        try:
            yield part
            for name in staying(target) if target.is_dir() else ():
                _carry(target / name, part / name)
            _replace(part, target)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _carry(file: Path, place: Path) -> None:
    """Have a file in a second place, without a copy where the file system can."""
    if place.exists() or place.is_symlink():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, place, follow_symlinks=False)
    except OSError:
        shutil.copy2(file, place, follow_symlinks=False)


def remove_parts(target: Path, staying: Staying, wait: float = SECONDS_TO_WAIT) -> bool:
    """Remove a folder but for the files that stay; return whether all of it is gone.

    Raises:
        Busy: another process has been writing it for `wait` seconds.
        OSError: it cannot be removed.
    """
    with whole_folder(target, wait, staying):
        pass
    left = any(target.iterdir())
    if not left:
        remove_folder(target, wait)
    return not left


def remove_folder(target: Path, wait: float = SECONDS_TO_WAIT) -> None:
    """Remove a folder: it is there or gone, never half.

    Raises:
        Busy: another process has been writing it for `wait` seconds.
        OSError: it cannot be removed.
    """
    with _named(target), alone(target, wait):
        _tidy(target)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        target.rename(part)
        shutil.rmtree(part)


def sweep(place: Path) -> int:
    """Remove what killed processes began in a folder longer than an hour ago; return the bytes."""
    freed = 0
    for part in place.glob(".*.part"):
        if part.is_dir() and time.time() - part.stat().st_mtime > SECONDS_TO_KEEP:
            freed += sum(file.stat().st_size for file in part.rglob("*") if file.is_file())
            shutil.rmtree(part)
    return freed


@contextmanager
def whole_file(target: Path, *, same_stays: bool = False) -> Iterator[Path]:
    """Give the path of a file to write; when the block ends without an error it becomes `target`.

    Of two that write at once the last one wins, whole. With `same_stays` a target that has the same
    bytes already is left alone, its time of writing too.

    Raises:
        InvalidInput: the target is a link or no file.
        OSError: the file cannot be written; its `filename` always says where.
    """
    refuse_in_the_way(target, folder=False)
    with _named(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in _parts(target):
            if time.time() - left.stat().st_mtime > SECONDS_TO_KEEP:
                left.unlink(missing_ok=True)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            yield part
            if not (same_stays and target.exists() and filecmp.cmp(part, target, shallow=False)):
                part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def write_json(content: Mapping[str, Any], file: Path) -> None:
    """Write plain values as JSON; a number that is not finite is a fault, never NaN on disk."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")


@contextmanager
def _named(target: Path) -> Iterator[None]:
    """Give an error of the operating system the place that a full disk leaves out."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(target)
        raise


@contextmanager
def alone(target: Path, wait: float) -> Iterator[None]:
    """Hold the lock of a target.

    Raises:
        InvalidInput: something else lies where the lock is to be.
        Busy: another process has been writing the target for `wait` seconds.
    """
    busy = f"Another process is writing {target.as_posix()}. "
    busy += "Wait for it, or name another folder with --out."
    with holding(_lock_of(target), wait, busy):
        yield


@contextmanager
def holding(file: Path, wait: float, busy: str) -> Iterator[None]:
    """Hold a lock; the operating system frees it when a holder is killed.

    Raises:
        InvalidInput: something else lies where the lock is to be.
        Busy: another process has held it for `wait` seconds; `busy` is what is said.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    refuse_in_the_way(file, folder=False)
    lock = FileLock(file, timeout=wait)
    try:
        lock.acquire()
    except Timeout as error:
        raise Busy(busy) from error
    try:
        yield
    finally:
        lock.release()


def _tidy(target: Path) -> None:
    """Clear away what killed processes left, and take back a target caught between two names."""
    old = _old(target)
    if old.exists() and not target.exists():
        old.rename(target)
    for left in [old, *_parts(target)]:
        if left.is_dir():
            shutil.rmtree(left)


def _parts(target: Path) -> list[Path]:
    """What was begun for a target and is not, or not yet, in its place."""
    return sorted(target.parent.glob(f".{glob.escape(target.name)}.*.part"))


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _replace(part: Path, target: Path) -> None:
    """Put `part` in the place of `target` in one step, where the file system has such a step."""
    if not target.exists():
        part.rename(target)
    elif not _exchange(part, target):
        target.rename(_old(target))
        part.rename(target)
        shutil.rmtree(_old(target))


def _exchange(one: Path, other: Path) -> bool:
    """Let two paths change places at once; False where the system cannot (Linux can)."""
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    failed: int = library.renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange)
    return failed == 0


def shipped(kind: Shipped) -> Path:
    """Return the shipped folder: inside an installed wheel, or at the root of a checkout.

    Raises:
        FileNotFoundError: the installation has no such folder.
    """
    inside = importlib.resources.files("supplychain") / "_shipped" / kind
    if inside.is_dir():
        return Path(str(inside))
    root = Path(__file__).resolve().parent.parent
    if (root / "pyproject.toml").is_file() and (root / kind).is_dir():
        return root / kind
    raise FileNotFoundError(f"This installation has no folder {kind}; install it again.")


def shown(path: Path) -> str:
    """Return a path as the user would write it: relative where it lies below the working folder."""
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        return path.relative_to(Path.cwd()).as_posix()
    return path.as_posix()


def expanded(word: str) -> Path:
    """A path of a file or definition, `~` being the home of its user.

    Raises:
        InvalidInput: there is no such user, or it is no path.
    """
    try:
        if "\0" not in word:
            return Path(word).expanduser()
        message = "a path has no zero byte."
    except RuntimeError:
        message = f"{word.partition('/')[0]} is no user of this machine."
    raise InvalidInput("The path cannot be used.", [problem("SETUP-104", message, file=word)])


def probe(out: Path) -> None:
    """Make sure, before a long solve, that results can be written; nothing is left behind.

    Raises:
        OSError: the folder, or the one that it would be made in, cannot be written.
    """
    import tempfile

    whole = out.absolute()
    there = next(folder for folder in (whole, *whole.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"x" * 4096)
        with FileLock(there / f".supplychain-{secrets.token_hex(4)}.lock", timeout=0.0) as lock:
            Path(lock.lock_file).unlink(missing_ok=True)
    except NotImplementedError as error:  # what filelock makes of ENOSYS
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK), str(out)) from error
    except OSError as error:
        error.filename = str(out)
        raise
