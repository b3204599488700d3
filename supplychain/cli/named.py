"""What a word on the command line names: a scenario, or a past run under the results folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supplychain.cli.settings import Settings
from supplychain.errors import NothingMatched, nearest

LATEST = "latest"


@dataclass(frozen=True)
class PastRun:
    """A run found on disk, known by its record alone."""

    id: str
    scenario: str
    folder: Path
    written: float


def own_folders(settings: Settings) -> tuple[Path, ...]:
    """Where scenarios are looked for before the shipped ones: the project's own folder, if any."""
    from supplychain.dataset import shipped

    own = settings.project / "scenarios"
    return (own,) if own.is_dir() and own.resolve() != shipped("scenarios").resolve() else ()


def scenario_folders(settings: Settings) -> tuple[Path, ...]:
    """Where scenarios are looked for: the project's own folder first, then the shipped one."""
    from supplychain.dataset import shipped

    return (*own_folders(settings), shipped("scenarios"))


def past_runs(out: Path) -> list[PastRun]:
    """List the runs under a results folder, the newest first."""
    found = [_past_run(file) for file in sorted(out.glob("*/run.json"))]
    return sorted(found, key=lambda run: (-run.written, run.scenario))


def _past_run(file: Path) -> PastRun:
    record: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    name = str(record["scenario"]["name"])
    return PastRun(str(record["id"]), name, file.parent, file.stat().st_mtime)


def find_run(word: str, out: Path) -> PastRun | None:
    """Find the run a word means: its folder, `latest`, `latest:SCENARIO`, its id or the id's start.

    Raises:
        NothingMatched: the word can only mean a run, but there is no such one, or more than one.
    """
    if (Path(word) / "run.json").is_file():
        return _past_run(Path(word) / "run.json")
    runs = past_runs(out)
    if word == LATEST or word.startswith(f"{LATEST}:"):
        scenario = word.partition(":")[2]
        match = next((r for r in runs if scenario in ("", r.scenario)), None)
        if match is None:
            what = f"of {scenario} " if scenario else ""
            raise NothingMatched(f"There is no run {what}in {out.as_posix()}.")
        return match
    matches = [r for r in runs if len(word) >= 4 and r.id.startswith(word)]
    if len(matches) > 1:
        known = ", ".join(r.id for r in matches)
        raise NothingMatched(f'"{word}" is the start of several runs: {known}. Write more of it.')
    return matches[0] if matches else None


def need_run(word: str, out: Path) -> PastRun:
    """Find the run that a word means.

    Raises:
        NothingMatched: there is no such run.
    """
    run = find_run(word, out)
    if run is None:
        runs = past_runs(out)
        hint = nearest(word, [*(r.id for r in runs), *(f"{LATEST}:{r.scenario}" for r in runs)])
        here = "There are none yet." if not runs else hint
        text = f'There is no run "{word}" in {out.as_posix()}. {here}'
        raise NothingMatched(text.strip())
    return run
