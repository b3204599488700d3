"""Run command lines inside the test's own process, from a folder of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from supplychain.cli.main import run_and_flush

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"


@dataclass(frozen=True)
class Said:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output; nothing else may be there."""
        found: dict[str, Any] = json.loads(self.out, parse_constant=_no_constant)
        return found


def _no_constant(word: str) -> object:
    raise AssertionError(f"{word} is not JSON")


Command = Callable[..., Said]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Call it with the words after `supplychain`; paths are relative to `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("SUPPLYCHAIN_WORKERS", "1")  # the ends of a band in this process too

    def call(*words: str) -> Said:
        code = run_and_flush(words)
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return call
