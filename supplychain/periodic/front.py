"""The front page and the feed of a results folder, made from the reports that are in it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from supplychain.periodic.archive import RECORD, past_reports
from supplychain.results.folder import SECONDS_TO_WAIT, alone, whole_file
from supplychain.results.kept import STORE

if TYPE_CHECKING:
    from supplychain.report.front import Shelf

PAGE, FEED = "index.html", "feed.atom"
MARK_WITHIN = 1000
"""The mark stands among so many letters at the beginning of the feed."""


def shelves(out: Path) -> list[Shelf]:
    """The reports of every definition under a results folder, by name."""
    from supplychain.report.front import Shelf

    found = []
    for folder in sorted(out.iterdir()) if out.is_dir() else ():
        if folder.name == STORE or folder.name.startswith(".") or not folder.is_dir():
            continue
        pasts, damaged = past_reports(folder)
        if pasts or damaged:
            places = [f"{folder.name}/{past.folder.name}" for past in pasts]
            names = [place.name for place in damaged]
            found.append(Shelf(folder.name, [past.record for past in pasts], places, names))
    return found


def write_front(out: Path) -> list[Path]:
    """Write the front page and the feed of the briefs, each whole, and return their paths.

    Raises:
        Busy: another process has been writing them for long.
        OSError: they cannot be written.
    """
    from supplychain.periodic.feed import feed_text, known_id
    from supplychain.report.front import front_page

    page, feed = out / PAGE, out / FEED
    with alone(page, SECONDS_TO_WAIT):  # who comes second sees the report of who came first
        mark = state_of(out)
        there = shelves(out)
        with whole_file(page) as part:
            part.write_text(front_page(there), encoding="utf-8", newline="\n")
        with whole_file(feed) as part:
            part.write_text(feed_text(there, known_id(feed), mark), encoding="utf-8", newline="\n")
    return [page, feed]


def is_current(out: Path) -> bool:
    """Whether page and feed are there and show the reports that are there.

    The feed is written last and carries the mark of what it was made from.
    """
    try:
        with (out / FEED).open(encoding="utf-8") as file:
            mark = file.read(MARK_WITHIN)
    except (FileNotFoundError, UnicodeDecodeError):
        return False
    return (out / PAGE).is_file() and state_of(out) in mark


def state_of(out: Path) -> str:
    """What changes when a report comes, goes or is made again; no report is read for it."""
    said = []
    for file in sorted(out.glob(f"*/*/{RECORD}")):
        state = file.stat()
        said.append(f"{file.relative_to(out)} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(said).encode()).hexdigest()
