"""What goes to standard error: words for a person, or one JSON object a line for a machine.

With `--log-format json` each step of a command is a line, and so are notes, problems and the end:
`{"time": "2026-11-23T05:00:03.120Z", "level": "info", "step": "solve", "what": "truce",
"seconds": 12.3}`. Progress bars are off then. In words, steps are said with `-v`.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from time import perf_counter

from supplychain.cli.answer import plain
from supplychain.cli.options import Common, LogFormat, Logged
from supplychain.errors import Problem

LOGGER = logging.getLogger("supplychain")


class JsonLines(logging.Formatter):
    """One JSON object a line; what is not said as a step is a note."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line, never NaN."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        found = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "step": getattr(record, "step", "note"),
            "what": getattr(record, "what", record.getMessage()),
            **getattr(record, "fields", {}),
        }
        return json.dumps(plain(found), ensure_ascii=False, allow_nan=False)


def listen(options: Common) -> None:
    """Send the notes of the library to standard error, as many as -q and -v ask for."""
    as_json = getattr(options, "log_format", None) == LogFormat.json
    level = logging.ERROR if options.quiet else logging.WARNING - 10 * min(options.verbose, 2)
    set_up(as_json, min(level, logging.INFO) if as_json and not options.quiet else level)


def set_up(as_json: bool, level: int) -> None:
    """Speak in words or JSON lines; worker processes get both from the one that starts them."""
    LOGGER.setLevel(level)
    LOGGER.propagate = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else logging.Formatter("%(message)s"))
    LOGGER.handlers = [handler]


def listen_early(words: Sequence[str]) -> None:
    """Speak as a command line asks for before it is parsed, so that its faults are said so too."""
    pairs = {f"{one}={other}" for one, other in pairwise([*words, ""])} | {*words}
    listen(Logged(log_format=LogFormat("json" if "--log-format=json" in pairs else "text")))


def structured() -> bool:
    """Whether standard error is JSON lines, so that nothing else may be written there."""
    return any(isinstance(handler.formatter, JsonLines) for handler in LOGGER.handlers)


@contextmanager
def step(name: str, what: str, **fields: object) -> Iterator[dict[str, object]]:
    """Log a step when it is over, with its seconds; the block may add fields to what it is given.

    A step that ends in an error is logged as one and the error goes on.
    """
    started = perf_counter()
    found = dict(fields)
    try:
        yield found
    except BaseException as error:
        found["error"] = type(error).__name__
        say(name, what, found, seconds=perf_counter() - started, level=logging.ERROR)
        raise
    say(name, what, found, seconds=perf_counter() - started)


def say(
    name: str,
    what: str,
    fields: Mapping[str, object] | None = None,
    *,
    seconds: float | None = None,
    level: int = logging.INFO,
) -> None:
    """Log one step that is over."""
    timed = {} if seconds is None else {"seconds": round(seconds, 3)}
    words = f"{name}: {what}" + ("" if seconds is None else f" ({seconds:.1f} s)")
    extra = {"step": name, "what": what, "fields": {**timed, **(fields or {})}}
    LOGGER.log(level if structured() else logging.INFO, "%s", words, extra=extra)


def announce(text: str, *, quiet: bool = False, prefix: str = "") -> None:
    """Say something that is no step: a note in a log of JSON lines, else a line of words."""
    if structured():
        say("note", text)
    elif not quiet:
        print(f"{prefix}{text}", file=sys.stderr, flush=True)


def say_problems(problems: Iterable[Problem]) -> None:
    """Log each problem as a line of its own, with code and place."""
    for found in problems:
        fields = {k: v for k, v in found.as_json().items() if v is not None and k != "message"}
        say("problem", found.message, fields, level=logging.ERROR)


def say_end(words: str, code: int, started: float, trail: str = "") -> None:
    """Log how a command ended; `trail` is the traceback of an error, if it is wanted."""
    level = logging.INFO if code == 0 else logging.ERROR
    fields = {"exit_code": int(code), **({"traceback": trail} if trail else {})}
    say("end", words, fields, seconds=perf_counter() - started, level=level)
