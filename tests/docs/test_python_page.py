"""docs/python.md: every block runs, in order, as a reader would type it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "python.md"


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_every_block_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "notebook"}
    found = blocks()
    assert len(found) >= 6
    for number, block in enumerate(found, 1):
        exec(compile(block, f"{PAGE.name}, block {number}", "exec"), names)
    said = capsys.readouterr().out
    assert 'Nearest: "horizon.weeks"' in said
    losses = names["embargo"].tables["indicators"]  # type: ignore[attr-defined]
    assert losses.loc[losses["sector"] == "auto", "lost"].sum() > 0.0
    assert (tmp_path / "embargo-short" / "report.html").stat().st_size > 100_000


def test_the_door_opens_in_a_fresh_interpreter() -> None:
    """Names are imported when they are first used: a notebook's first line must do."""
    code = (
        "import sys, supplychain.study\n"
        "assert 'pyomo' not in sys.modules\n"
        "from supplychain.study import RunRequest, compare, open_world, run_scenario\n"
        "print(RunRequest('truce').allocation)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""
    assert ended.stdout == "contracts\n"
