"""The index of run folders, and the run that a word means.

The folders are the truth. Each look at the catalogue compares it with the folders and reads again
those that changed; a catalogue that is damaged or of another version is made afresh from them.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supplychain.errors import InvalidInput, NothingMatched, Problem, nearest, problem
from supplychain.files import RESERVED_NAMES, refuse_in_the_way, whole_file
from supplychain.runs.provenance import TABLES, damaged_tables
from supplychain.runs.run_cache import STORE

if TYPE_CHECKING:
    from supplychain.runs.run_schema import Run


FILE = "runs.sqlite"
MAGIC = b"SQLite format 3\0"
"""How a database of SQLite begins."""
VERSION = 1
"""Goes up when what is kept of a run changes; a catalogue of another version is made afresh."""
MEMORY = Path(":memory:")
SECONDS_TO_WAIT = 10.0
"""How long to wait for another process that writes the catalogue."""

_UNUSABLE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
"""What SQLite says where nothing is wrong with the catalogue itself."""


@dataclass(frozen=True)
class Entry:
    """A run folder. `problem` says what is wrong with it, in words; the rest may be blank then.

    `written` is seconds since 1970 UTC, `lost_value_usd` the value added lost in the world over the
    horizon, `size` what the folder takes in bytes.
    """

    folder: Path
    id: str = ""
    scenario: str = ""
    title: str = ""
    written: float = 0.0
    start: str = ""
    weeks: int = 0
    foresight: str = ""
    allocation: str = ""
    data: str = ""
    version: str = ""
    lost_value_usd: float | None = None
    size: int = 0
    problem: str = ""

    def as_json(self) -> dict[str, object]:
        """The shape of an entry of `runs` in `runs list --json`."""
        words = {**asdict(self), "folder": self.folder.as_posix(), "problem": self.problem or None}
        return {**words, "written": utc(self.written)}


COLUMNS = tuple(field.name for field in fields(Entry))
_KINDS = {"float": "REAL", "float | None": "REAL", "int": "INTEGER"}
_TABLE = "CREATE TABLE runs (fingerprint TEXT, checksum TEXT, {}, PRIMARY KEY (folder))".format(
    ", ".join(f"{field.name} {_KINDS.get(str(field.type), 'TEXT')}" for field in fields(Entry))
)

RECORD = "run.json"

LATEST = "latest"


@dataclass(frozen=True)
class Catalogue:
    """The run folders under a results folder, the newest first, and what was met on the way."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()

    @property
    def runs(self) -> tuple[Entry, ...]:
        """The runs that can be read, each id once: from a whole folder, outside the store."""
        whole = sorted(self.entries, key=lambda e: (bool(e.problem), e.folder.parent.name == STORE))
        first: dict[str, Entry] = {}
        for entry in whole:
            if entry.id:
                first.setdefault(entry.id, entry)
        return tuple(entry for entry in self.entries if first.get(entry.id) is entry)

    @property
    def damaged(self) -> tuple[Entry, ...]:
        """The folders with something wrong."""
        return tuple(entry for entry in self.entries if entry.problem)

    def folders(self, run: str) -> tuple[Path, ...]:
        """All folders that hold the run of an id."""
        return tuple(entry.folder for entry in self.entries if entry.id == run)


def run_folders(out: Path) -> list[Path]:
    """The folders under a results folder that hold a run: of scenarios, and those in the store."""
    places = [path for name, path in _entries(out) if name not in RESERVED_NAMES]
    places += [path for _, path in _entries(out / STORE)]
    return [Path(place) for place in sorted(places) if os.path.lexists(f"{place}/{RECORD}")]


def _entries(folder: Path) -> list[tuple[str, str]]:
    """Name and path of what lies in a folder, hidden things left out; nothing without a folder."""
    try:
        with os.scandir(folder) as found:
            return [(entry.name, entry.path) for entry in found if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []


def open_catalogue(out: Path, *, afresh: bool = False) -> Catalogue:
    """Look at the runs under a results folder; `afresh` reads every folder again.

    Where the catalogue cannot be written (a folder that can only be read, a full disk, another
    process that holds it), the folders are read without it.
    """
    if not out.is_dir():
        return Catalogue(())
    notes: list[str] = []
    try:
        entries = _made_afresh(out) if afresh else _kept_up_to_date(out, out / FILE)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as broken:
        if _in_the_way(broken):
            entries = _kept_up_to_date(out, MEMORY)
        else:
            aside = _set_aside(out / FILE)
            entries = _made_afresh(out)
            notes.append(
                f"The catalogue {(out / FILE).as_posix()} was damaged ({broken}). It was made "
                f"afresh from {len(entries)} run folders; nothing is lost{aside}."
            )
    order = sorted(entries, key=lambda e: (-e.written, e.scenario, e.folder.as_posix()))
    return Catalogue(tuple(order), tuple(notes))


def _set_aside(file: Path) -> str:
    """Keep what is no database at all under another name: it may be somebody's; say where."""
    with suppress(OSError):
        if file.is_file() and _begins(file) not in (MAGIC, b""):
            kept = file.with_name(f"{FILE}.found")
            refuse_in_the_way(kept, folder=False)
            file.replace(kept)
            return f": what lay there is {kept.name} now"
    return ""


def _begins(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(len(MAGIC))


def _in_the_way(error: Exception) -> bool:
    """Whether the catalogue is sound as far as one can tell, but cannot be used just now."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _UNUSABLE


def _made_afresh(out: Path) -> list[Entry]:
    """Read every folder into a new catalogue, which takes the place of the old one when whole."""
    file = out / FILE
    try:
        with whole_file(file) as part:
            entries = _kept_up_to_date(out, part)
            file.with_name(f"{FILE}-journal").unlink(missing_ok=True)  # that of the old one
        return entries
    except (sqlite3.DatabaseError, OSError):
        return _kept_up_to_date(out, MEMORY)


def _kept_up_to_date(out: Path, file: Path) -> list[Entry]:
    """Read what changed since the catalogue was last looked at, and write it down.

    Raises:
        sqlite3.DatabaseError: the catalogue is damaged, or (OperationalError) cannot be written.
    """
    with _opened(file) as connection:
        known = dict(_known(connection, out))
        found: dict[str, tuple[str, Entry]] = {}
        for folder in run_folders(out):
            name = folder.relative_to(out).as_posix()
            try:
                mark = fingerprint(folder)
                same = name in known and known[name][0] == mark
                entry = known[name][1] if same else read_entry(folder)
            except FileNotFoundError:  # taken away while we looked
                continue
            except OSError as error:
                mark, entry = "", Entry(folder, problem=f"it cannot be read: {error.strerror}")
            found[name] = mark, entry
        _write(connection, known, found)
    return [entry for _, entry in found.values()]


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, timeout=SECONDS_TO_WAIT)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            connection.execute("DROP TABLE IF EXISTS runs")
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.commit()
        yield connection


def _known(connection: sqlite3.Connection, out: Path) -> Iterator[tuple[str, tuple[str, Entry]]]:
    """What the catalogue holds, by folder.

    Raises:
        sqlite3.DatabaseError: a row is not as it was written; SQLite itself does not notice that.
    """
    wanted = f"SELECT checksum, fingerprint, {', '.join(COLUMNS)} FROM runs"
    for checksum, *cells in connection.execute(wanted):
        if checksum != _checksum(cells):
            raise sqlite3.DatabaseError("a row is not as it was written")
        mark, *values = cells
        words = dict(zip(COLUMNS, values, strict=True))
        yield words["folder"], (mark, Entry(**{**words, "folder": out / words["folder"]}))


def _checksum(cells: Iterable[object]) -> str:
    return hashlib.sha256(repr(list(cells)).encode()).hexdigest()


def _write(
    connection: sqlite3.Connection,
    known: dict[str, tuple[str, Entry]],
    found: dict[str, tuple[str, Entry]],
) -> None:
    """Write what is new, and take out what is gone; without a change nothing is written."""
    new = [
        (mark, *(name if column == "folder" else getattr(entry, column) for column in COLUMNS))
        for name, (mark, entry) in found.items()
        if mark and (name not in known or known[name][0] != mark)
    ]
    gone = [(name,) for name in known if name not in found]
    if new or gone:
        marks = ", ".join("?" * (len(COLUMNS) + 2))
        columns = f"checksum, fingerprint, {', '.join(COLUMNS)}"
        with connection:
            rows = [(_checksum(cells), *cells) for cells in new]
            connection.executemany(
                f"INSERT OR REPLACE INTO runs ({columns}) VALUES ({marks})", rows
            )
            connection.executemany("DELETE FROM runs WHERE folder = ?", gone)


def utc(seconds: float) -> str:
    """Write a time as UTC to the second.

    >>> utc(0.0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fingerprint(folder: Path) -> str:
    """What changes when a file of a run changes: names, sizes and times of its files, as one word.

    Raises:
        OSError: the folder cannot be read.
    """
    place = str(folder)
    state = (folder / RECORD).stat()
    said = [f"{RECORD} {state.st_size} {state.st_mtime_ns}"]
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(f"{place}/{TABLES}") as files:
        for file in files:
            if file.name.endswith(".parquet"):
                state = file.stat()
                said.append(f"{file.name} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(said)).encode(errors="replace")).hexdigest()


def read_entry(folder: Path) -> Entry:
    """Read a run folder; a damaged one is an entry with a problem.

    Raises:
        OSError: the folder cannot be read.
    """
    from supplychain.runs.records import in_short, read_run_record

    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    try:
        record = read_run_record(folder)
    except InvalidInput as broken:
        return Entry(folder, size=size, problem=in_short(broken))
    return _entry(record, folder, size)


def _entry(record: Mapping[str, Any], folder: Path, size: int) -> Entry:
    scenario, sectors = record["scenario"], record["headline"]["sectors"]
    hurt = [path.stem for path in damaged_tables(record, folder)]
    problem = f"tables not as they were written, or gone: {', '.join(hurt)}" if hurt else ""
    return Entry(
        folder=folder,
        id=record["id"],
        scenario=scenario["name"],
        title=scenario.get("title", ""),
        written=datetime.fromisoformat(record["written"]).timestamp(),
        start=scenario["horizon"]["start"],
        weeks=scenario["horizon"]["weeks"],
        foresight=record["foresight"],
        allocation=record["allocation"],
        data=record["data"]["hash"],
        version=record["versions"]["supplychain"],
        lost_value_usd=sum(float(one["lost_value_usd"]) for one in sectors.values()),
        size=size,
        problem=problem,
    )


def past_runs(out: Path) -> tuple[Entry, ...]:
    """List the runs under a results folder, its store among them, the newest first."""
    return open_catalogue(out).runs


def find_run(word: str, out: Path) -> Entry | None:
    """Find the run a word means: its folder, `latest`, `latest:SCENARIO`, its id or the id's start.

    Raises:
        NothingMatched: the word can only mean a run, but there is no such one, or more than one.
        InvalidInput: the word is the folder of a run whose record cannot be read.
    """
    if os.path.lexists(Path(word) / RECORD):  # a long word is none, and no error
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
    from supplychain.runs.run_store import read_run

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
