"""The catalogue of runs: an SQLite file beside the run folders, which spares reading them.

The folders are the truth. Each look at the catalogue compares it with the folders and reads again
those that changed; a catalogue that is damaged or of another version is made afresh from them.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from supplychain.results.entry import RECORD, Entry, fingerprint, read_entry
from supplychain.results.folder import whole_file
from supplychain.results.kept import STORE

FILE = "runs.sqlite"
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

COLUMNS = tuple(field.name for field in fields(Entry))
_KINDS = {"float": "REAL", "float | None": "REAL", "int": "INTEGER"}
_TABLE = "CREATE TABLE runs (fingerprint TEXT, checksum TEXT, {}, PRIMARY KEY (folder))".format(
    ", ".join(f"{field.name} {_KINDS.get(str(field.type), 'TEXT')}" for field in fields(Entry))
)


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
    found = [*out.glob(f"*/{RECORD}"), *out.glob(f"{STORE}/*/{RECORD}")]
    return sorted(file.parent for file in found if not file.parent.name.startswith("."))


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
    except sqlite3.DatabaseError as broken:
        if _in_the_way(broken):
            entries = _kept_up_to_date(out, MEMORY)
        else:
            entries = _made_afresh(out)
            notes.append(
                f"The catalogue {(out / FILE).as_posix()} was damaged ({broken}). It was made "
                f"afresh from {len(entries)} run folders; nothing is lost."
            )
    order = sorted(entries, key=lambda e: (-e.written, e.scenario, e.folder.as_posix()))
    return Catalogue(tuple(order), tuple(notes))


def _in_the_way(error: sqlite3.DatabaseError) -> bool:
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
