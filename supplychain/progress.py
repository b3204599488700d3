"""What a long command says on standard error: a log of steps, progress bars.

With `--log-format json` each step of a command is a line, and so are notes, problems and the end:
`{"time": "2026-11-23T05:00:03.120Z", "level": "info", "step": "solve", "what": "truce",
"seconds": 12.3}`. Progress bars are off then. In words, steps are said with `-v`.
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, TextIO

from supplychain.errors import Problem
from supplychain.formatting import json_value, visible, visible_json

LOGGER = logging.getLogger("supplychain")

SECONDS_BETWEEN_LINES = 10.0


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
        return visible_json(json.dumps(json_value(found), ensure_ascii=False, allow_nan=False))


class Words(logging.Formatter):
    """One line of words, with what files hold shown as it is."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        return visible(super().format(record))


def set_up(as_json: bool, level: int) -> None:
    """Speak in words or JSON lines; worker processes get both from the one that starts them."""
    LOGGER.setLevel(level)
    LOGGER.propagate = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else Words("%(message)s"))
    LOGGER.handlers = [handler]


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
        with libraries_aside():
            yield found
    except BaseException as error:
        found["error"] = type(error).__name__
        say(name, what, found, seconds=perf_counter() - started, level=logging.ERROR)
        raise
    say(name, what, found, seconds=perf_counter() - started)


@contextmanager
def libraries_aside() -> Iterator[None]:
    """Send what libraries write to standard output to standard error, from C too: it is ours alone.

    Nothing happens where a process has no such streams.
    """
    with _standard_output_to(2):
        yield


@contextmanager
def libraries_unheard() -> Iterator[None]:
    """Drop what libraries write to standard output, from C too."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        with _standard_output_to(nowhere):
            yield
    finally:
        os.close(nowhere)


@contextmanager
def _standard_output_to(stream: int) -> Iterator[None]:
    try:
        kept = os.dup(1)
    except OSError:
        yield
        return
    try:
        _flush()
        os.dup2(stream, 1)
        yield
    finally:
        _flush()
        os.dup2(kept, 1)
        os.close(kept)


def _flush() -> None:
    """See off what Python and the C library hold back of standard output."""
    if sys.stdout is not None:
        sys.stdout.flush()
    ctypes.CDLL(None).fflush(None)


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
        print(visible(f"{prefix}{text}"), file=sys.stderr, flush=True)


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


class Progress:
    """Call it with what is done, what there is to do, and words for the step it is at.

    Made for `with`: leaving takes the bar away. `quiet` shows nothing at all.
    """

    def __init__(self, title: str, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        """Show nothing yet; the bar appears with the first call."""
        self.title = title
        self.stream = sys.stderr if stream is None else stream
        self.quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._last = -SECONDS_BETWEEN_LINES
        self._began: tuple[float, float] | None = None

    def __enter__(self) -> Progress:
        """Start."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: float, total: float, words: str = "") -> None:
        """Show that `done` of `total` is done and what comes now."""
        if self.quiet or structured():
            return
        if self.stream.isatty():
            self._draw(done, total, words)
            return
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            share = f" {100 * done / total:.0f} %" if total else ""
            left = self._left(now, done, total)
            line = " ".join(filter(None, [f"{self.title}:{share}{left}", words]))
            print(visible(line), file=self.stream, flush=True)

    def _left(self, now: float, done: float, total: float) -> str:
        """How long the rest takes if it goes on as it went since the first call."""
        if self._began is None:
            self._began = now, done
        began, before = self._began
        if not done > before or not total:
            return ""
        seconds = (now - began) * (total - done) / (done - before)
        return f", about {_duration(seconds)} left"

    def _draw(self, done: float, total: float, words: str) -> None:
        if self._bar is None:
            self._bar, self._task = _bar(visible(self.title), self.stream)
        self._bar.update(self._task, completed=done, total=total, words=visible(words))


class Steps:
    """Progress of several steps one after the other: called with done, to do and the step's name.

    Words after a comma are what the step is at.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        """Show nothing yet."""
        self.quiet = quiet
        self._title = ""
        self._shown: Progress | None = None

    def __enter__(self) -> Steps:
        """Start."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Take the bar away."""
        self.close()

    def close(self) -> None:
        """Take the bar of the last step away."""
        if self._shown is not None:
            self._shown.__exit__()
        self._shown = None

    def __call__(self, done: int, total: int, words: str) -> None:
        """Show that `done` of `total` is done in the step that `words` begins with."""
        title, _, more = words.partition(", ")
        if title != self._title or self._shown is None:
            self.close()
            self._title, self._shown = title, Progress(title, quiet=self.quiet)
        self._shown(done, total, more)


def _duration(seconds: float) -> str:
    """Seconds as a reader says them.

    >>> _duration(42.3), _duration(125.0), _duration(7300.0)
    ('42 s', '2 min', '2 h 2 min')
    """
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60.0)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _bar(title: str, stream: TextIO) -> tuple[Any, Any]:
    """Make rich's bar, which costs too much to import for commands without one."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    bar = Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}", markup=False),
        console=Console(file=stream, markup=False, highlight=False),
        transient=True,
    )
    bar.start()
    return bar, bar.add_task(title, total=None, words="")


def hush_libraries() -> None:
    """Keep Pyomo from writing to standard output, where an end from outside meets it at work.

    What it would say there comes as an exception too.
    """
    logging.getLogger("pyomo").setLevel(logging.CRITICAL + 1)
