"""docs/company.md: its worked example, command by command, on the data that ship."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from supplychain.company.definition import KEYS
from tests.cli.conftest import Command, command

__all__ = ["command"]

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "company.md").read_text(encoding="utf-8")


def test_the_worked_example(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two weeks of a year without a past: the page tells of the firm, and nothing stays of it."""
    monkeypatch.setenv("SUPPLYCHAIN_START", "2025-01-06")
    monkeypatch.setenv("SUPPLYCHAIN_WEEKS", "2")
    for name, body in re.findall(r"```yaml (\S+)\n(.+?)```", TEXT, re.DOTALL):
        (tmp_path / name).write_text(body)
    lines = [
        line
        for block in re.findall(r"```sh\n(.+?)```", TEXT, re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(lines) < 10
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "supplychain"
        if words[0] == "run":
            words.append("--no-band")
        said = command(*words)
        assert said.code == 0, said.err
    for out, weeks in (("reports/out", 3.0), ("six-weeks", 6.0)):
        folder = tmp_path / out / "no-truce"
        (company,) = json.loads((folder / "run.json").read_text())["headline"]["companies"]
        assert company["title"] == "Northern Motors"
        assert [s["shelf_weeks"] for s in company["stocks"]] == pytest.approx([weeks] * 2)
        usual = {b["origin"]: b["usual_share"] for b in company["bought"]}
        assert usual == pytest.approx({"CHN": 0.6, "JPN": 0.3, "EUR": 0.1})
        assert "Northern Motors" in (folder / "report.html").read_text(encoding="utf-8")
    assert not (tmp_path / "companies" / "northern-motors").exists()


def test_every_key_is_in_its_table() -> None:
    table = TEXT.split("\n| key |")[1].split("\n\n")[0].splitlines()[2:]
    assert {row.split("`")[1] for row in table} == set(KEYS)
