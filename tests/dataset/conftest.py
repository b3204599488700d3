"""A copy of the tiny world that tests may damage."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from supplychain.dataset.tables import read_tables
from supplychain.errors import InvalidInput, Problem

TINY = Path(__file__).parent.parent / "worlds" / "tiny"


@dataclass(frozen=True)
class World:
    """Folders `data`, and `mine` for an overlay, below a folder that is thrown away."""

    root: Path

    @classmethod
    def copy(cls, root: Path) -> World:
        shutil.copytree(TINY, root / "data")
        return cls(root)

    @property
    def data(self) -> Path:
        return self.root / "data"

    def path(self, table: str) -> Path:
        return self.data / f"{table}.csv"

    def rows(self, table: str) -> list[dict[str, str]]:
        with self.path(table).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def write(self, table: str, rows: Sequence[dict[str, str]], folder: str = "data") -> None:
        path = self.root / folder / f"{table}.csv"
        path.parent.mkdir(exist_ok=True)
        header = list(dict.fromkeys(column for row in rows for column in row))
        if not rows and path.exists():
            header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header, lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(rows)

    def set(self, table: str, key: str, **cells: str) -> None:
        """Change cells of the one row that begins with the words of `key`."""
        rows = self.rows(table)
        found = [row for row in rows if self._begins(row, key)]
        assert len(found) == 1, (table, key, found)
        found[0].update(cells)
        self.write(table, rows)

    def drop(self, table: str, key: str) -> None:
        rows = self.rows(table)
        kept = [row for row in rows if not self._begins(row, key)]
        assert len(kept) < len(rows), (table, key)
        path = self.path(table)
        header = path.read_text(encoding="utf-8").splitlines()[0]
        self.write(table, kept) if kept else path.write_text(header + "\n", encoding="utf-8")

    def twin(self, table: str, key: str, **cells: str) -> None:
        """Append a copy of a row with other cells."""
        rows = self.rows(table)
        found = [row for row in rows if self._begins(row, key)]
        self.write(table, [*rows, {**found[0], **cells}])

    def mine(self, table: str, key: str, **cells: str) -> None:
        """Put one row into the overlay: the data folder's row of that key with other cells."""
        rows = [row for row in self.rows(table) if self._begins(row, key)]
        self.write(table, [{**rows[0], **cells}], "mine")

    def problems(self, *, overlay: bool = False) -> tuple[Problem, ...]:
        try:
            read_tables(self.data, [self.root / "mine"] if overlay else [])
        except InvalidInput as error:
            return error.problems
        return ()

    def sentences(self, *, overlay: bool = False) -> list[str]:
        """Each problem as "code file, place: message hint"."""
        written = []
        for found in self.problems(overlay=overlay):
            file = Path(found.file).relative_to(self.root).as_posix()
            place = f", {found.place}" if found.place else ""
            written.append(f"{found.code} {file}{place}: {found.message} {found.hint}".strip())
        return written

    @staticmethod
    def _begins(row: dict[str, str], key: str) -> bool:
        words = key.split()
        return list(row.values())[: len(words)] == words


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.copy(tmp_path)
