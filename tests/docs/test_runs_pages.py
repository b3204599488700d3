"""What docs/runs.md and docs/scheduling.md say, done as they say it."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

from supplychain.runs.catalogue import open_catalogue
from supplychain.runs.run_cache import keep
from tests.cli.reports import make_reports
from tests.runs.test_catalogue import made

ROOT = Path(__file__).resolve().parents[2]


def fences(page: str, kind: str = "sh") -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_the_query_of_the_page(tmp_path: Path) -> None:
    keep(made("calm", "cccc3333"), tmp_path)
    open_catalogue(tmp_path)
    (query,) = [text for text in fences("runs.md") if "sqlite3" in text]
    (words,) = re.findall(r'"(SELECT .*)"', query)
    with sqlite3.connect(tmp_path / "runs.sqlite") as connection:
        ((scenario, _, lost),) = connection.execute(words).fetchall()
    assert (scenario, lost) == ("calm", 2.5e9)


def test_the_timer_is_installed_as_the_page_says(tmp_path: Path) -> None:
    """All but the words to systemd itself."""
    make_reports(tmp_path)
    (script,) = [text for text in fences("scheduling.md") if "pathlib.Path.home()" in text]
    kept = "".join(line for line in script.splitlines(True) if not line.startswith("systemctl"))
    kept = kept.replace("supplychain report weekly", f"{sys.executable} -m supplychain report tiny")
    home = tmp_path / "home"
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", kept],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)},
        check=True,
    )
    units = sorted((home / ".config" / "systemd" / "user").iterdir())
    assert [unit.name for unit in units] == ["supplychain-tiny.service", "supplychain-tiny.timer"]
    assert all(unit.read_text().startswith(f"# {unit.name}: save as") for unit in units)


def test_the_page_knows_every_step_of_the_log() -> None:
    code = "\n".join(
        file.read_text(encoding="utf-8") for file in (ROOT / "supplychain").rglob("*.py")
    )
    used = set(re.findall(r"\b(?:step|say)\(\s*\"(\w+)\"", code))
    text = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
    table = text.split("| step | what it is |")[1].split("\n\n")[0]
    told = set(re.findall(r"`(\w+)`", " ".join(r.split("|")[1] for r in table.splitlines() if r)))
    assert used <= told
    assert "solve" in used
