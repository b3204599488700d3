"""Progress goes to standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import io

import pytest

from supplychain import progress
from supplychain.progress import Progress


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_lines_come_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 5.0, 9.9, 10.0, 12.0, 21.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(times))
    stream = io.StringIO()
    with Progress("truce", stream=stream) as show:
        for week in range(6):
            show(week, 104)
    assert stream.getvalue() == (
        "truce: 0 %\ntruce: 3 %, about 6 min left\ntruce: 5 %, about 7 min left\n"
    )


def test_quiet_shows_nothing() -> None:
    stream = io.StringIO()
    with Progress("truce", quiet=True, stream=stream) as show:
        show(1, 2)
    assert stream.getvalue() == ""


def test_a_terminal_has_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    with Progress("truce [bold]", stream=stream) as show:
        show(1, 2, "week [3]")
        show(2, 2, "week [4]")
    drawn = stream.getvalue()
    assert "truce [bold]" in drawn
    assert "week [4]" in drawn
    assert drawn.endswith("\x1b[2K")
