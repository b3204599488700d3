"""The front page and the feed of a results folder, made from the reports that are in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from supplychain.periodic.archive import past_reports
from supplychain.results.folder import SECONDS_TO_WAIT, alone, whole_file
from supplychain.results.kept import STORE

if TYPE_CHECKING:
    from supplychain.report.front import Shelf

PAGE, FEED = "index.html", "feed.atom"


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
        there = shelves(out)
        with whole_file(page) as part:
            part.write_text(front_page(there), encoding="utf-8", newline="\n")
        with whole_file(feed) as part:
            part.write_text(feed_text(there, known_id(feed)), encoding="utf-8", newline="\n")
    return [page, feed]


def is_there(out: Path) -> bool:
    """Whether page and feed have been written."""
    return all((out / name).is_file() for name in (PAGE, FEED))
