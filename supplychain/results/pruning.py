"""Take runs away that nobody needs any more, never what a report shows just now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from supplychain.errors import Busy, InvalidInput, problem
from supplychain.results.catalogue import Catalogue
from supplychain.results.entry import Entry
from supplychain.results.folder import remove_folder, sweep
from supplychain.results.kept import STORE

REPORT, LATEST, MAKING = "report.json", "latest", ".making.lock"
DAY = 86_400.0


@dataclass(frozen=True)
class Rule:
    """Which runs go: each condition that is given must hold.

    `older_than` is in days; `keep` is how many of a scenario stay, the newest; `damaged` asks for
    folders that cannot be used, whatever their age.
    """

    older_than: float | None = None
    keep: int | None = None
    damaged: bool = False


@dataclass(frozen=True)
class Pruning:
    """What goes, and what would go but is shown by the report that is named."""

    gone: tuple[Entry, ...]
    spared: tuple[tuple[Entry, str], ...]

    @property
    def freed(self) -> int:
        """Bytes that the folders take."""
        return sum(entry.size for entry in self.gone)


def choose(catalogue: Catalogue, rule: Rule, pinned: Mapping[str, str], now: float) -> Pruning:
    """Say what goes. `pinned` are the ids that reports show; `now` is in seconds since 1970."""
    due = list(_due(catalogue.entries, rule, now))
    spared = tuple((entry, pinned[entry.id]) for entry in due if entry.id in pinned)
    gone = tuple(entry for entry in due if entry.id not in pinned)
    return Pruning(gone, spared)


def _due(entries: Sequence[Entry], rule: Rule, now: float) -> Iterator[Entry]:
    """The folders that a rule asks for; entries come the newest first."""
    ranks: dict[str, dict[str, int]] = {}
    for entry in entries:
        if entry.problem:
            if rule.damaged:
                yield entry
            continue
        rank = ranks.setdefault(entry.scenario, {})
        newer = rank.setdefault(entry.id, len(rank))
        old = rule.older_than is None or now - entry.written > rule.older_than * DAY
        many = rule.keep is None or newer >= rule.keep
        if old and many and (rule.older_than, rule.keep) != (None, None):
            yield entry


def pinned_runs(out: Path) -> dict[str, str]:
    """The ids of the runs that the newest report of each definition shows, and which that is.

    Raises:
        InvalidInput: a newest report cannot be read, so that nobody knows what it shows.
    """
    found: dict[str, str] = {}
    problems = []
    for file in sorted(out.glob(f"*/{LATEST}/{REPORT}")):
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
            found.update({str(run["id"]): file.parent.parent.name for run in record["runs"]})
        except (ValueError, KeyError, TypeError) as broken:
            hint = "Make the report again: supplychain report."
            message = f"it cannot be read, so that its runs are not known: {broken}."
            problems.append(problem("RUN-105", message, file=file.as_posix(), hint=hint))
    if problems:
        raise InvalidInput("Nothing was taken away.", problems)
    return found


@contextmanager
def no_report_in_the_making(out: Path) -> Iterator[None]:
    """Hold off reports while runs are taken away, which they may be about to show.

    Raises:
        Busy: a report is being made.
    """
    with ExitStack() as held:
        for folder in sorted(file.parent for file in out.glob(f"*/{MAKING}")):
            lock = FileLock(folder / MAKING)
            try:
                held.enter_context(lock.acquire(timeout=0.0))
            except Timeout as error:
                raise Busy(f"The report {folder.name} is being made. Try again later.") from error
        yield


def take_away(pruning: Pruning) -> None:
    """Remove the folders.

    Raises:
        Busy: another process is writing one of them.
        OSError: a folder cannot be removed.
    """
    for entry in pruning.gone:
        remove_folder(entry.folder)


def sweep_parts(out: Path) -> int:
    """Remove what killed processes began and left; return the bytes."""
    return sum(sweep(place) for place in (out, out / STORE) if place.is_dir())
