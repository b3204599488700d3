"""Problems, exceptions and exit codes; what an error of the operating system means to a user."""

from __future__ import annotations

import errno
import re
import sys
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum
from pathlib import Path

IN_WORKBOOK = re.compile(r"\w+![A-Z]+\d+", re.ASCII)
"""A cell of a workbook, as covers!E14."""


class ExitCode(IntEnum):
    """How the command ends; part of the published interface (see docs/interface.md)."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    INVALID = 3
    NOT_SOLVED = 4
    PARTIAL = 5
    CHECK_FAILED = 6
    NOTHING_MATCHED = 7
    BUSY = 75
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: a stable code, the place, what it is, and the remedy.

    `file` is the path as the user knows it; `line` counts from 1, a CSV's header being 1;
    `column` is a column's name in a table and a character position in a text file; `path` is the
    dotted key inside a scenario, or the cell of a workbook as `covers!E14`.
    """

    file: str
    line: int
    column: str | int
    code: str
    message: str
    hint: str = ""
    path: str = ""

    @property
    def place(self) -> str:
        """Where it is: "row 27, column destination", "line 4, column 47" or "covers!E14"."""
        if IN_WORKBOOK.fullmatch(self.path):
            return self.path
        if not self.line:
            return f"column {self.column}" if self.column else ""
        if isinstance(self.column, int):
            return f"line {self.line}, column {self.column}"
        return f"row {self.line}, column {self.column}" if self.column else f"row {self.line}"

    def as_json(self) -> dict[str, object]:
        """The shape of an entry of `errors` in `--json`."""
        return {
            "code": self.code,
            "file": self.file or None,
            "line": self.line or None,
            "column": self.column if self.column != "" else None,
            "path": self.path or None,
            "message": self.message,
            "hint": self.hint or None,
        }


def problem(
    code: str,
    message: str,
    *,
    file: str = "",
    line: int = 0,
    column: str | int = "",
    hint: str = "",
    path: str = "",
) -> Problem:
    """Make a problem by keyword, with only what is known of the place."""
    return Problem(file, line, column, code, message, hint, path)


class SupplychainError(Exception):
    """Something the user can act on; never a traceback. `code` becomes the exit code."""

    code = ExitCode.FAULT

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        """Keep the summary sentence and every problem found."""
        super().__init__(message)
        self.message = message
        self.problems: tuple[Problem, ...] = tuple(problems)


class InvalidInput(SupplychainError):
    """Data, scenario, configuration or set-up is wrong; nothing was solved or written."""

    code = ExitCode.INVALID


class NotSolved(SupplychainError):
    """The programme had no answer: infeasible, unbounded or stopped; the reason is in words."""

    code = ExitCode.NOT_SOLVED


class Partial(SupplychainError):
    """Some members or forms failed, the rest is saved."""

    code = ExitCode.PARTIAL


class CheckFailed(SupplychainError):
    """A check that the user asked for did not hold."""

    code = ExitCode.CHECK_FAILED


class NothingMatched(SupplychainError):
    """No scenario, run or row matches what was asked for."""

    code = ExitCode.NOTHING_MATCHED


class Busy(SupplychainError):
    """Another process holds the lock."""

    code = ExitCode.BUSY


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a sentence naming the known word closest to `word`, or an empty string.

    >>> nearest("EUU", ["EUR", "USA"])
    'Nearest: "EUR".'
    """
    found = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f'Nearest: "{found[0]}".' if found else ""


def describe(problems: Sequence[Problem], closing: str = "Nothing was solved.") -> str:
    """Write problems file by file, as a user reads them, with a closing sentence.

    >>> p = problem("DATA-201", "blank.", file="data/arcs.csv", line=31, column="value")
    >>> print(describe([p]))
    1 problem in data/arcs.csv
      DATA-201  row 31, column value: blank.
    Nothing was solved.
    """
    lines: list[str] = []
    for file in dict.fromkeys(p.file for p in sorted(problems)):
        here = sorted(p for p in problems if p.file == file)
        plural = "problem" if len(here) == 1 else "problems"
        lines.append(f"{len(here)} {plural}" + (f" in {file}" if file else ""))
        for p in here:
            place = f"{p.place}: " if p.place else ""
            hint = f" {p.hint}" if p.hint else ""
            lines.append(f"  {p.code}  {place}{p.message}{hint}")
    return "\n".join([*lines, closing]) if closing else "\n".join(lines)


class Terminated(BaseException):
    """The process was told to end (SIGTERM); raised so that everything open is tidied up."""


_ended_by: list[ExitCode] = []
"""What was told to this process from outside, the first first."""


SOLVING = "HiGHS"
"""Name of the thread in which the solver works: an end from outside looks for it."""


def note_end(code: ExitCode) -> None:
    """Remember that the process was told to end; whatever breaks afterwards breaks by that."""
    _ended_by.append(code)


def was_ended() -> bool:
    """Whether the process was told to end."""
    return bool(_ended_by)


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
    errno.ENOLCK: (
        "SETUP-117",
        "this file system knows no locks.",
        "Name a folder on another with --out.",
    ),
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
    if _ended_by:  # a library turned the end from outside into an error of its own
        word = "Interrupted." if _ended_by[0] == ExitCode.INTERRUPTED else "Terminated."
        return _ended(_ended_by[0], word)
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
    here = Path(__file__).resolve().parent
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(here):
            return f" ({path.relative_to(here.parent).as_posix()}, line {frame.lineno})"
    return ""
