"""Faults that are the user's: code 3 in words, never a fault of the program, at once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import TINY, Command
from tests.cli.projects import CALM
from tests.cli.reports import make_reports

DIGITS = "9" * 5000
DEEP = "a: " + "[" * 1000 + "]" * 1000
BLOCK = "\n".join(" " * i + "a:" for i in range(1000))


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_reports(tmp_path)


ASKED = {
    "year 1": ["run", "calm", "--start", "0001-01-01"],
    "year 9999": ["report", "tiny", "--date", "9999-12-31"],
    "nobody's home": ["run", "calm", "--data", "~nobody-here/x"],
    "a root as a workbook": ["data", "import", "/"],
    "a folder as a workbook": ["data", "import", "scenarios"],
    "an odd dask": ["ensemble", "odds", "--executor", "dask:foo://x"],
}


@pytest.mark.parametrize("what", ASKED)
def test_words_that_cannot_be(command: Command, project: Path, what: str) -> None:
    if "ensemble" in ASKED[what]:
        from tests.ensemble.definitions import write
        from tests.ensemble.setups import TEXT

        shutil.rmtree(project / "scenarios")
        (project / "supplychain.toml").unlink()
        write(project, TEXT)
    said = command(*ASKED[what])
    assert said.code == 3, said.err
    assert "fault in the program" not in said.err


SETTINGS = {
    "not UTF-8": b'out = "caf\xe9"\n',
    "digits": f"weeks = {DIGITS}\n".encode(),
    "digits as text": f'weeks = "{DIGITS}"\n'.encode(),
    "deep": b"x = " + b"[" * 5000 + b"]" * 5000,
    "year 1": b"start = 0001-01-01\n",
    "zero byte": b'out = "a\\u0000b"\n',
    "nobody": b'data = "~nobody-here/x"\n',
}


@pytest.mark.parametrize("what", SETTINGS)
def test_settings_that_cannot_be(command: Command, project: Path, what: str) -> None:
    (project / "supplychain.toml").write_bytes(SETTINGS[what])
    said = command("run", "calm")
    assert said.code == 3, said.err
    assert "SETTINGS-10" in said.err


SCENARIOS = {
    "half a character": CALM.replace("Nothing happens", '"\\ud800"'),
    "half a character as a key": CALM + '"\\ud800": 1\n',
    "year 9999": CALM.replace("2026-09-28, weeks", "9999-12-27, weeks"),
    "effective in 9999": CALM.replace("effective: 2026-09-28", "effective: 9999-12-31"),
    "deep": DEEP,
    "deep in blocks": BLOCK,
    "digits": CALM.replace("weeks: 20", f"weeks: {DIGITS}"),
    "large": CALM + "# " + "x" * 5_000_000,
    "store": CALM.replace("name: calm", "name: store"),
}


@pytest.mark.parametrize("what", SCENARIOS)
def test_scenarios_that_cannot_be(command: Command, project: Path, what: str) -> None:
    name = "store" if what == "store" else "calm"
    (project / "scenarios" / f"{name}.yaml").write_text(SCENARIOS[what])
    said = command("run", name)
    assert said.code == 3, said.err
    assert "SCEN-" in said.err
    said.err.encode("utf-8")


@pytest.mark.parametrize("kind", ["fifo", "device", "year", "digits"])
def test_tables_that_cannot_be(command: Command, project: Path, kind: str) -> None:
    shutil.copytree(TINY, project / "numbers")
    table = project / "numbers" / "events.csv"
    text = table.read_text()
    table.unlink()
    if kind == "fifo":
        os.mkfifo(table)
    elif kind == "device":
        table.symlink_to("/dev/zero")
    elif kind == "digits":
        table.write_text(text)
        arcs = project / "numbers" / "arcs.csv"
        arcs.write_text(re.sub(r",\d+,", f",{DIGITS},", arcs.read_text(), count=1))
    else:
        head, first, *rest = text.splitlines()
        table.write_text("\n".join([head, first.replace("20", "99", 1), *rest]))
    said = command("data", "check", "--data", "numbers")
    assert said.code == 3, said.err
    assert "DATA-" in said.err


@pytest.mark.parametrize("name", ["a-", "a--b", "-a", "a" * 61, "store", "A", "a b", "a/b", ""])
def test_a_new_scenario_has_a_name_that_is_taken_later(
    command: Command, project: Path, name: str
) -> None:
    before = sorted(p.name for p in (project / "scenarios").iterdir())
    said = command("scenario", "new", "--", name)
    assert said.code in (2, 3), said.err
    assert sorted(p.name for p in (project / "scenarios").iterdir()) == before


def test_closed_standard_output_is_3_in_words() -> None:
    line = f"exec {sys.executable} -m supplychain --version >&-"
    ended = subprocess.run(
        ["sh", "-c", line], stderr=subprocess.PIPE, text=True, check=False, timeout=60
    )
    assert ended.returncode == 3
    assert "standard output is closed" in ended.stderr
