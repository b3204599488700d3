"""How far a long command is: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, TextIO

from supplychain.cli.log import structured

SECONDS_BETWEEN_LINES = 10.0


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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
            print(line, file=self.stream, flush=True)

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
            self._bar, self._task = _bar(self.title, self.stream)
        self._bar.update(self._task, completed=done, total=total, words=words)


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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self.close()

    def close(self) -> None:
        """Take the bar of the last step away."""
        if self._shown is not None:
            self._shown.__exit__(None, None, None)
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
