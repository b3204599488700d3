"""What a word on the command line names: a scenario, or a past run under the results folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from supplychain.cli.settings import Settings
from supplychain.errors import InvalidInput, NothingMatched, Problem, nearest, problem

if TYPE_CHECKING:
    from supplychain.results.entry import Entry
    from supplychain.results.run import Run

LATEST = "latest"


def own_folders(settings: Settings) -> tuple[Path, ...]:
    """Where scenarios are looked for before the shipped ones: the project's own folder, if any."""
    from supplychain.dataset import shipped

    own = settings.project / "scenarios"
    return (own,) if own.is_dir() and own.resolve() != shipped("scenarios").resolve() else ()


def scenario_folders(settings: Settings) -> tuple[Path, ...]:
    """Where scenarios are looked for: the project's own folder first, then the shipped one."""
    from supplychain.dataset import shipped

    return (*own_folders(settings), shipped("scenarios"))


def past_runs(out: Path) -> tuple[Entry, ...]:
    """List the runs under a results folder, its store among them, the newest first."""
    from supplychain.results.catalogue import open_catalogue

    return open_catalogue(out).runs


def find_run(word: str, out: Path) -> Entry | None:
    """Find the run a word means: its folder, `latest`, `latest:SCENARIO`, its id or the id's start.

    Raises:
        NothingMatched: the word can only mean a run, but there is no such one, or more than one.
        InvalidInput: the word is the folder of a run whose record cannot be read.
    """
    if (Path(word) / "run.json").is_file():
        return _run_in(Path(word))
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


def _run_in(folder: Path) -> Entry:
    """The run in a folder, whether or not it lies under the results folder."""
    from supplychain.results.entry import read_entry

    found = read_entry(folder)
    if not found.id:
        raise InvalidInput("The run cannot be read.", [damage(found)])
    return found


def damage(entry: Entry) -> Problem:
    """What is wrong with a run folder, as a problem."""
    hint = "Solve it again, or take it away: supplychain runs prune --damaged."
    return problem("RUN-104", f"{entry.problem}.", file=entry.folder.as_posix(), hint=hint)


def read_past(entry: Entry) -> Run:
    """Read a run of the catalogue.

    Raises:
        InvalidInput: it is damaged.
    """
    from supplychain.results.store import read_run

    if entry.problem:
        raise InvalidInput(f"The run {entry.id} is damaged.", [damage(entry)])
    return read_run(entry.folder)


def need_run(word: str, out: Path) -> Entry:
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
