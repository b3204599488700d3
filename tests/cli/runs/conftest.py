"""A project with past runs, in their folders and in the store."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from supplychain.runs.run_cache import keep
from supplychain.runs.run_store import read_run
from tests.cli.conftest import TINY, Command
from tests.cli.projects import make_project


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs: calm and storm in their folders, storm and a shorter one in the store."""
    from supplychain.cli.main import run_and_flush

    project = make_project(tmp_path_factory.mktemp("made"))
    shutil.copytree(TINY, project / "data")
    (project / "supplychain.toml").write_text('data = "data"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        for words in (["calm"], ["storm", "--weeks", "16"], ["storm"]):
            assert run_and_flush(["run", *words, "-q"]) == 0
            keep(read_run(project / "reports" / "out" / words[0]), project / "reports" / "out")
    shutil.rmtree(project / "reports" / "out" / "store" / key_of(project, "calm"))
    out = project / "reports" / "out"
    stamp(out / "calm", 0)
    stamp(out / "store" / short(out), 1)
    stamp(out / "storm", 2)
    stamp(out / "store" / key_of(project, "storm"), 2)
    return project


def key_of(project: Path, scenario: str) -> str:
    record = json.loads((project / "reports" / "out" / scenario / "run.json").read_text())
    return str(record["id"])


def stamp(folder: Path, day: int) -> None:
    """Date a run: day 0 is the first of November 2026."""
    file = folder / "run.json"
    written = f"2026-11-{day + 1:02}T05:00:00+00:00"
    file.write_text(json.dumps({**json.loads(file.read_text()), "written": written}))


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A copy of the project, in the test's own folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    out = tmp_path / "reports" / "out"
    for file in (*out.glob("*/run.json"), *out.glob("store/*/run.json")):
        file.write_text(file.read_text().replace(str(made), str(tmp_path)))
    return out


def ids(command: Command, *words: str) -> list[str]:
    return [run["id"] for run in command("runs", "list", "--json", *words).json["data"]["runs"]]


def short(out: Path) -> str:
    """The id of the shorter storm, which is in the store alone."""
    known = {key_of(out.parent.parent, name) for name in ("calm", "storm")}
    (found,) = (p.name for p in (out / "store").iterdir() if p.is_dir() and p.name not in known)
    return found
