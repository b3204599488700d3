"""What the checks across tables share: rows by table, and problems placed at a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from supplychain.dataset.rows import Record
from supplychain.errors import Problem, problem

Records = Mapping[str, Sequence[Record]]
"""The typed rows of each table."""

TOLERANCE = 1e-6
"""Relative slack of every comparison of sums."""


@dataclass(frozen=True)
class CrossCheck:
    """A check across tables; it runs only if all the tables it reads are sound."""

    reads: tuple[str, ...]
    find: Callable[[Records], Iterator[Problem]]


def at(record: Record, code: str, column: str, message: str, hint: str = "") -> Problem:
    """Make a problem at a row."""
    file, line = str(record["_file"]), int(record["_line"])
    return problem(code, message, file=file, line=line, column=column, hint=hint)


def elsewhere(record: Record, other: Record) -> str:
    """Where another row stands that a problem is also about, if it is in another file."""
    if record["_file"] == other["_file"]:
        return ""
    return f" (row {other['_line']} of {other['_file']})"


def words(records: Sequence[Record], *columns: str) -> dict[tuple[str, ...], Record]:
    """Index rows by the words of some columns; the first row of each wins."""
    found: dict[tuple[str, ...], Record] = {}
    for record in records:
        found.setdefault(tuple(record[column] for column in columns), record)
    return found


def quantity_of(
    records: Sequence[Record], quantity: str, *keys: str
) -> dict[tuple[str, ...], Record]:
    """Index the rows of one quantity by the words of some columns."""
    return words([record for record in records if record["quantity"] == quantity], *keys)
