"""What went wrong, in the words and with the exit code that the interface publishes."""

from __future__ import annotations

import errno
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from supplychain.errors import ExitCode, InvalidInput, Problem, SupplychainError, describe, problem


class Terminated(BaseException):
    """The process was told to end (SIGTERM); raised so that everything open is tidied up."""


@dataclass(frozen=True)
class Failure:
    """A failed command: its exit code, the words for a person, and the problems for a program."""

    code: ExitCode
    text: str
    problems: tuple[Problem, ...]


_SET_UP: dict[int, tuple[str, str, str]] = {
    errno.EACCES: ("SETUP-101", "no permission.", "Change the permission, or name another folder."),
    errno.EPERM: ("SETUP-101", "no permission.", "Change the permission, or name another folder."),
    errno.EROFS: ("SETUP-102", "the disk can only be read.", "Name another folder with --out."),
    errno.ENOSPC: ("SETUP-103", "the disk is full.", "Free some space, or name another folder."),
    errno.EDQUOT: ("SETUP-103", "the disk quota is used up.", "Free some space there."),
    errno.EFBIG: ("SETUP-103", "a file gets larger than is allowed here.", "Raise the limit."),
    errno.ENOENT: ("SETUP-104", "there is no such file or folder.", "Check the path."),
    errno.ENOTDIR: ("SETUP-105", "part of this path is a file.", "Name a folder."),
    errno.EISDIR: ("SETUP-105", "this is a folder.", "Name a file."),
    errno.EEXIST: ("SETUP-106", "this exists already.", "Remove it, or name another."),
    errno.ENAMETOOLONG: ("SETUP-107", "the name is too long.", "Choose a shorter one."),
    errno.EMFILE: ("SETUP-108", "too many files are open.", "Raise the limit: ulimit -n 4096."),
    errno.EIO: ("SETUP-109", "the disk does not answer.", "Check the disk."),
}


def failure_of(error: BaseException, closing: str = "") -> Failure:
    """Say what an exception means to the user.

    `closing` is the sentence after a list of problems, such as "Nothing was solved.".
    """
    if isinstance(error, SupplychainError):
        return _known(error, closing)
    if isinstance(error, KeyboardInterrupt):
        return _ended(ExitCode.INTERRUPTED, "Interrupted.")
    if isinstance(error, Terminated):
        return _ended(ExitCode.TERMINATED, "Terminated.")
    if isinstance(error, OSError) and error.errno in _SET_UP:
        return _set_up(error.errno, str(error.filename or ""))
    if _of_duckdb(error) and "No space left" in str(error):
        return _set_up(errno.ENOSPC, "")
    if isinstance(error, MemoryError):
        text = "The memory of this machine is used up. Fewer --workers or --weeks need less."
        return Failure(ExitCode.INVALID, text, (problem("SETUP-110", text),))
    return _fault(error)


def _known(error: SupplychainError, closing: str) -> Failure:
    """An error that the program raised on purpose."""
    if not error.problems:
        found = (problem(f"SUPPLYCHAIN-{error.code.value}", error.message),)
        return Failure(error.code, "\n".join(filter(None, [error.message, closing])), found)
    text = describe(error.problems, closing)
    if not isinstance(error, InvalidInput) and error.message:
        text = f"{error.message}\n{text}"
    return Failure(error.code, text, error.problems)


def _ended(code: ExitCode, word: str) -> Failure:
    text = f"{word} Nothing half written was left behind."
    return Failure(code, text, (problem(f"SUPPLYCHAIN-{code.value}", text),))


def _set_up(number: int, file: str) -> Failure:
    """The operating system refused; say where and what to do."""
    code, message, hint = _SET_UP[number]
    found = (problem(code, message, file=file, hint=hint),)
    return Failure(
        ExitCode.INVALID, describe(found, "Nothing half written was left behind."), found
    )


def _of_duckdb(error: BaseException) -> bool:
    """Whether the error comes from duckdb, asked without importing duckdb."""
    duckdb = sys.modules.get("duckdb")
    return duckdb is not None and isinstance(error, duckdb.Error)


def _fault(error: BaseException) -> Failure:
    """A fault in the program: one line with the place in our own code."""
    words = " ".join(str(error).split())
    what = f"{type(error).__name__}: {words}" if words else type(error).__name__
    text = f"A fault in the program: {what}{_place(error)}."
    hint = "Repeat the command with --debug for the traceback and report it."
    return Failure(ExitCode.FAULT, f"{text} {hint}", (problem("FAULT", text, hint=hint),))


def _place(error: BaseException) -> str:
    """The innermost line of this package that the error passed, as " (file, line n)"."""
    here = Path(__file__).resolve().parents[1]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(here):
            return f" ({path.relative_to(here.parent).as_posix()}, line {frame.lineno})"
    return ""
