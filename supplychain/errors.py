"""Problems as users meet them, the exceptions that carry them, and the published exit codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum

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
