"""Read a data folder, with overlays, into checked tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from supplychain.dataset.crosscheck import cross_problems
from supplychain.dataset.overlay import Change, lay_over
from supplychain.dataset.paths import shipped, shown
from supplychain.dataset.rows import Record, known_keys, type_rows
from supplychain.dataset.schema import TABLES
from supplychain.dataset.tables import Tables, content_hash, frame_of
from supplychain.dataset.text import TextFolder, read_folder
from supplychain.errors import InvalidInput


def read_tables(folder: Path | str | None = None, overlays: Sequence[Path | str] = ()) -> Tables:
    """Read and check every table of a folder; nothing is written.

    Args:
        folder: the data folder; the shipped one if not given.
        overlays: folders with only the rows that differ, laid over one after the other.

    Raises:
        InvalidInput: carries every problem of every file, within rows and across tables.
    """
    place = Path(folder) if folder is not None else shipped("data")
    text, changes = read_text(place, overlays)
    records = check_text(text, f"the data folder {shown(place)}")
    return Tables(
        frames={name: frame_of(name, records[name]) for name in TABLES},
        hash=content_hash(records),
        folder=shown(place),
        overlays=tuple(shown(Path(overlay)) for overlay in overlays),
        changes=tuple(changes),
    )


def read_text(
    folder: Path | None, overlays: Sequence[Path | str] = ()
) -> tuple[TextFolder, list[Change]]:
    """Read a data folder as text, numbers as written, with overlays laid over it.

    Nothing is raised: what is wrong is kept with the text. The shipped folder if none is given.
    """
    place = folder if folder is not None else shipped("data")
    text = read_folder(place)
    changes: list[Change] = []
    if place.is_dir():
        for overlay in overlays:
            changes.extend(lay_over(text, Path(overlay)))
    return text, changes


def check_text(text: TextFolder, where: str) -> dict[str, list[Record]]:
    """Check every row by itself, against the keys of other tables, and across tables.

    `where` names the data in the summary, as "the data folder data".

    Raises:
        InvalidInput: carries every problem, those found on reading among them.
    """
    records = _typed(text)
    sound = {name: rows for name, rows in records.items() if name not in text.spoilt}
    text.problems.extend(cross_problems(sound))
    if text.problems:
        count = len(text.problems)
        summary = f"{count} problem{'s' if count > 1 else ''} in {where}"
        raise InvalidInput(summary, sorted(text.problems))
    return records


def _typed(text: TextFolder) -> dict[str, list[Record]]:
    """Check every row by itself and against the keys of other tables."""
    known = known_keys(text)
    records: dict[str, list[Record]] = {}
    for name, rows in text.rows.items():
        records[name], problems = type_rows(TABLES[name], rows, known)
        text.spoil(name, *problems)
    return records
