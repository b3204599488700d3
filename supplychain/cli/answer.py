"""What a command hands back, and how it is written: words for a person or one JSON object."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supplychain.errors import ExitCode, Problem


@dataclass(frozen=True)
class Answer:
    """The outcome of a command that did its work.

    `text` is for a person; `data` is the same for a program. `code` other than DONE says that the
    work was done but something asked for did not hold; `problems` then says what.
    """

    text: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    artifacts: Sequence[Path] = ()
    warnings: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    complaint: str = ""
    """The problems in words for a person; blank: message and hint of each."""
    code: ExitCode = ExitCode.DONE


def envelope(
    command: str,
    code: int,
    *,
    data: Mapping[str, object] | None = None,
    artifacts: Iterable[Path] = (),
    warnings: Iterable[str] = (),
    problems: Iterable[Problem] = (),
) -> str:
    """Write the one object that `--json` prints, as text.

    The schema's name joins the words of the command: `data check` gives `supplychain/data-check/1`.
    """
    whole = {
        "schema": f"supplychain/{command.replace(' ', '-') or 'usage'}/1",
        "ok": code == ExitCode.DONE,
        "command": command,
        "exit_code": int(code),
        "data": data,
        "artifacts": [path.as_posix() for path in artifacts],
        "warnings": list(warnings),
        "errors": [problem.as_json() for problem in problems],
    }
    return json.dumps(plain(whole), allow_nan=False, indent=2)


def plain(value: object) -> object:
    """Turn a value into what JSON knows; what is not a number becomes null, never NaN.

    >>> plain({"a": (1.0, float("nan")), 2: Path("x/y")})
    {'a': [1.0, None], '2': 'x/y'}
    """
    if value is None or isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(entry) for entry in value), key=str)
    return _foreign(value)


def _foreign(value: object) -> object:
    """Turn numbers and dates of other libraries into plain ones, without importing those."""
    if type(value).__name__ in {"NaTType", "NAType"}:
        return None
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return plain(value.tolist())
    return value.as_posix() if isinstance(value, Path) else str(value)
