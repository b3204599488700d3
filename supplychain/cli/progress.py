"""How far a long command is: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, TextIO

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
        if self.quiet:
            return
        if self.stream.isatty():
            self._draw(done, total, words)
            return
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            share = f" {100 * done / total:.0f} %" if total else ""
            line = " ".join(filter(None, [f"{self.title}:{share}", words]))
            print(line, file=self.stream, flush=True)

    def _draw(self, done: float, total: float, words: str) -> None:
        if self._bar is None:
            self._bar, self._task = _bar(self.title, self.stream)
        self._bar.update(self._task, completed=done, total=total, words=words)


def _bar(title: str, stream: TextIO) -> tuple[Any, Any]:
    """Make rich's bar, which costs too much to import for commands without one."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    bar = Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[words]}", markup=False),
        console=Console(file=stream, markup=False, highlight=False),
        transient=True,
    )
    bar.start()
    return bar, bar.add_task(title, total=None, words="")
