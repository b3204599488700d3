"""Take runs away that nobody needs any more, never what a report shows just now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from supplychain.errors import Busy, Failure, InvalidInput, Problem, SupplychainError, failure_of
from supplychain.files import SECONDS_TO_KEEP, remove_folder, sweep
from supplychain.runs.catalogue import Catalogue, Entry
from supplychain.runs.records import read_report_record
from supplychain.runs.run_cache import LETTERS, STORE
from supplychain.runs.run_folder import remove_run

SECONDS_TO_WAIT = 2.0
"""How long to wait for another process that writes a folder."""
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
    data: Mapping[Path, int] = field(default_factory=dict)
    """Kept copies of data of which no run and no report is left, with their bytes."""

    @property
    def freed(self) -> int:
        """Bytes that the folders take."""
        return sum(entry.size for entry in self.gone) + sum(self.data.values())


def size_of(folder: Path) -> int:
    """Bytes that the files of a folder take."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def choose(out: Path, catalogue: Catalogue, rule: Rule, now: float) -> Pruning:
    """Say what goes; `now` is in seconds since 1970.

    Raises:
        InvalidInput: a newest report cannot be read, so that nobody knows what it shows.
    """
    pinned = pinned_runs(out)
    due = list(_due(catalogue.entries, rule, now))
    spared = tuple((entry, pinned[entry.id]) for entry in due if entry.id in pinned)
    gone = tuple(entry for entry in due if entry.id not in pinned)
    left = [entry for entry in catalogue.entries if entry not in gone]
    return Pruning(gone, spared, {place: size_of(place) for place in _idle_data(out, left, now)})


def _idle_data(out: Path, left: Sequence[Entry], now: float) -> Iterator[Path]:
    """Kept data that nothing refers to; those of the last hour may belong to a first report.

    Where a run or report cannot be read all stay, because it may refer to any.
    """
    used = {entry.data[:LETTERS] for entry in left}
    for file in out.glob(f"*/*/{REPORT}"):
        try:
            used.add(read_report_record(file)["data"]["hash"][:LETTERS])
        except InvalidInput:
            return
    if "" in used:
        return
    for folder in sorted((out / STORE / "data").glob("[0-9a-f]*")):
        if folder.name not in used and now - folder.stat().st_mtime > SECONDS_TO_KEEP:
            yield folder


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
    problems: list[Problem] = []
    for file in sorted(out.glob(f"*/{LATEST}/{REPORT}")):
        try:
            record = read_report_record(file)
        except InvalidInput as broken:
            problems.extend(broken.problems)
            continue
        for run in record["runs"]:
            ids = (run["id"], *run.get("band", {}).values())
            found.update(dict.fromkeys(ids, file.parent.parent.name))
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


@dataclass(frozen=True)
class Taken:
    """What became of a pruning: what went, what others had put there, and what could not go."""

    done: Pruning
    """What is gone."""
    left: tuple[Path, ...]
    """Folders of runs that are gone in which files of somebody else stay."""
    failed: tuple[tuple[Path, Failure], ...]


def take_away(pruning: Pruning, wait: float = SECONDS_TO_WAIT) -> Taken:
    """Remove what the program wrote in the folders; one that cannot go stops no other."""
    left: list[Path] = []
    failed: list[tuple[Path, Failure]] = []
    for folder in (*(entry.folder for entry in pruning.gone), *pruning.data):
        try:
            if folder in pruning.data:
                remove_folder(folder, wait)
            elif not remove_run(folder, wait):
                left.append(folder)
        except (SupplychainError, OSError) as error:
            failed.append((folder, failure_of(error)))
    stayed = {folder for folder, _ in failed}
    gone = tuple(entry for entry in pruning.gone if entry.folder not in stayed)
    data = {folder: size for folder, size in pruning.data.items() if folder not in stayed}
    return Taken(replace(pruning, gone=gone, data=data), tuple(left), tuple(failed))


def sweep_parts(out: Path) -> int:
    """Remove what killed processes began and left; return the bytes."""
    return sum(sweep(place) for place in (out, out / STORE) if place.is_dir())
