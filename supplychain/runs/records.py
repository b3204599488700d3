"""Records read back from disk: JSON with limits on size, depth and range, checked by a shape.

Whoever sends a results folder may have changed them, so that nothing past this reader asks again
whether a field is there or what it holds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from supplychain.errors import InvalidInput, Problem, problem
from supplychain.runs.record_shapes import EnsembleShape, MemberShape, ReportShape, RunShape

RUN_RECORD = "run.json"

LARGEST_FILE = 64_000_000
"""Bytes; the largest that the program writes is a hundredth of it."""
DEEPEST = 30
LARGEST_NUMBER = 1e18
"""Above every amount a record holds: value added of a horizon is below 1e15 USD."""
MOST_DIGITS = 40
MOST_FAULTS = 3
"""So many faults of a file are named; more help nobody."""

Faults = list[tuple[str, str]]
"""The dotted field (blank: the file) and what is wrong with it."""


def read_run_record(folder: Path) -> dict[str, Any]:
    """Read the record of the run in a folder.

    Raises:
        InvalidInput: it is not whole, or a field of it is not what a run has.
        OSError: it cannot be read.
    """
    return read_record(folder / RUN_RECORD, RunShape, "RUN-102", "Run the scenario again.")


def read_report_record(file: Path) -> dict[str, Any]:
    """Read the record of a scheduled report.

    Raises:
        InvalidInput: it is not whole, or a field of it is not what a report has.
        OSError: it cannot be read.
    """
    return read_record(file, ReportShape, "RUN-105", "Make the report again: supplychain report.")


def read_member_record(file: Path) -> dict[str, Any]:
    """Read what is kept of a member of an ensemble.

    Raises:
        InvalidInput: it is not whole, or a field of it is not what a member has.
        OSError: it cannot be read.
    """
    return read_record(file, MemberShape, "ENS-609", SOLVED_AGAIN)


def read_ensemble_record(file: Path) -> dict[str, Any]:
    """Read the record of an ensemble.

    Raises:
        InvalidInput: it is not whole, or a field of it is not what an ensemble has.
        OSError: it cannot be read.
    """
    return read_record(file, EnsembleShape, "ENS-609", SOLVED_AGAIN)


SOLVED_AGAIN = "It is made again."


def read_record(file: Path, shape: type[BaseModel], code: str, hint: str) -> dict[str, Any]:
    """Read a record that has a shape, as the plain values that it holds.

    `code` and `hint` are those of the problem if it does not.

    Raises:
        InvalidInput: it is too large, no JSON, or a field is missing, of another kind or out of
            range; the problems name file and field.
        OSError: it cannot be read.
    """
    found, faults = _parsed(file)
    if not faults:
        faults = list(_of_shape(found, shape))
    if faults:
        raise InvalidInput(
            f"{file.name} cannot be used.",
            [_problem(file, field, what, code, hint) for field, what in faults[:MOST_FAULTS]],
        )
    return found


def in_short(error: InvalidInput) -> str:
    """The faults of a record on one line, without file and remedy."""
    return "; ".join(found.message.rstrip(".") for found in error.problems)


def _problem(file: Path, field: str, what: str, code: str, hint: str) -> Problem:
    place = f"{file.name}, {field}" if field else file.name
    return problem(code, f"{place}: {what}.", file=file.as_posix(), hint=hint, path=field)


def _parsed(file: Path) -> tuple[dict[str, Any], Faults]:
    size = file.stat().st_size
    if not file.is_file():
        return {}, [("", "it is no file")]
    if size > LARGEST_FILE:
        return {}, [("", f"{size:,} bytes are more than a record has")]
    try:
        found = json.loads(
            file.read_bytes().decode("utf-8"), parse_int=_whole, parse_constant=_no_number
        )
    except UnicodeDecodeError:
        return {}, [("", "it is no UTF-8 text")]
    except RecursionError:
        return {}, [("", "its parts are nested too deep")]
    except json.JSONDecodeError as broken:
        return {}, [("", f"it is not whole: {broken}")]
    except _OutOfRangeError as broken:
        return {}, [("", str(broken))]
    if not isinstance(found, dict):
        return {}, [("", "it holds no fields")]
    return found, list(_beyond_limits(found, ""))


class _OutOfRangeError(Exception):
    """A number that cannot be read at all."""


def _whole(word: str) -> int:
    if len(word) > MOST_DIGITS:
        raise _OutOfRangeError(f"it holds a number of {len(word):,} digits")
    return int(word)


def _no_number(word: str) -> NoReturn:
    raise _OutOfRangeError(f"it holds {word}, which is no number")


def _beyond_limits(value: object, place: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """What is nested too deep, out of range, or no text that can be written."""
    if depth > DEEPEST:
        yield place, "its parts are nested too deep"
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _beyond_limits(key, place, depth + 1)
            yield from _beyond_limits(part, f"{place}.{key}" if place else key, depth + 1)
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from _beyond_limits(part, f"{place}.{i}", depth + 1)
    elif isinstance(value, int | float):
        if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
            yield place, "its number is out of range"
    elif isinstance(value, str) and not _writable(value):
        yield place, "its text holds half a character"


def _writable(text: str) -> bool:
    """Whether a text is Unicode; JSON can say half of a pair."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _of_shape(found: dict[str, Any], shape: type[BaseModel]) -> Iterator[tuple[str, str]]:
    try:
        shape.model_validate(found, strict=True)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            field = ".".join(str(part) for part in fault["loc"])
            yield field, _WORDS.get(fault["type"], fault["msg"])


_WORDS = {
    "missing": "it is missing",
    "string_type": "a text is wanted",
    "int_type": "a whole number is wanted",
    "float_type": "a number is wanted",
    "bool_type": "true or false is wanted",
    "dict_type": "fields are wanted",
    "model_type": "fields are wanted",
    "list_type": "a list is wanted",
    "string_pattern_mismatch": "it cannot be the name of a file",
}
