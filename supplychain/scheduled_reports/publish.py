"""What stands over the reports: front page and Atom feed.

The feed has an identity of its own, drawn once and read back from the feed that is there. An entry
is named by that, its definition, its day and its number, so that readers know what they have seen.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as Xml

from supplychain import __version__, formatting
from supplychain.files import SECONDS_TO_WAIT, alone, whole_file
from supplychain.report.loss_summary import told
from supplychain.runs.run_cache import STORE
from supplychain.scheduled_reports.brief import place_name, sector_name
from supplychain.scheduled_reports.report_archive import RECORD, past_reports

if TYPE_CHECKING:
    from supplychain.report.pages.front_page import Shelf

PAGE, FEED = "index.html", "feed.atom"
MARK_WITHIN = 1000
"""The mark stands among so many letters at the beginning of the feed."""

ATOM = "http://www.w3.org/2005/Atom"
MOST = 50
"""So many entries are in the feed, the newest."""
ROWS = 20
"""So many results that moved stand in an entry; the brief has them all."""

Record = Mapping[str, Any]
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def shelves(out: Path) -> list[Shelf]:
    """The reports of every definition under a results folder, by name."""
    from supplychain.report.pages.front_page import Shelf

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
    from supplychain.report.pages.front_page import front_page

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


def known_id(feed: Path) -> str:
    """The identity of the feed that is there, or a new one where there is none to be read."""
    try:
        found = Xml.parse(feed).getroot().findtext(f"{{{ATOM}}}id") or ""
        return f"urn:uuid:{uuid.UUID(found)}"
    except (FileNotFoundError, Xml.ParseError, ValueError):
        return f"urn:uuid:{uuid.uuid4()}"


def feed_text(shelves: Sequence[Shelf], identity: str, mark: str = "") -> str:
    """Write the feed.

    Args:
        shelves: the reports.
        identity: its own address, as `urn:uuid:...`.
        mark: what it was made from, kept in a comment.
    """
    entries = sorted(
        (pair for shelf in shelves for pair in shelf.by_day),
        key=lambda pair: (pair[0]["written"], pair[1]),
        reverse=True,
    )
    root = Xml.Element("feed", xmlns=ATOM)
    _add(root, "title", "Rare-earth supply reports")
    _add(root, "id", identity)
    _add(root, "updated", _time(entries[0][0]) if entries else "1970-01-01T00:00:00Z")
    _add(_add(root, "author"), "name", "supplychain")
    _add(root, "generator", "supplychain", version=__version__)
    _add(root, "link", rel="self", type="application/atom+xml", href="feed.atom")
    _add(root, "link", rel="alternate", type="text/html", href="index.html")
    for record, place in entries[:MOST]:
        _entry(root, record, place, identity)
    Xml.indent(root)
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<!-- made from {mark} -->'
    return f"{head}\n{Xml.tostring(root, encoding='unicode')}\n"


def entry_id(record: Record, identity: str) -> str:
    """The name of an entry for ever, within the feed of that identity."""
    space = uuid.UUID(identity)
    name = f"{record['definition']}/{record['date']}/{record['number']}"
    return f"urn:uuid:{uuid.uuid5(space, name)}"


def _entry(root: Xml.Element, record: Record, place: str, identity: str) -> None:
    entry = _add(root, "entry")
    alerts = len(record["alerts"])
    called = f" ({alerts} alert{'' if alerts == 1 else 's'})" if alerts else ""
    _add(entry, "title", f"{record['title']}: {formatting.day(record['date'])}{called}")
    _add(entry, "id", entry_id(record, identity))
    _add(entry, "updated", _time(record))
    _add(entry, "category", term=record["definition"])
    kinds = {"report.html": "text/html", "brief.md": "text/markdown"}
    shown = next((name for name in kinds if name in record["files"]), None)
    if shown:
        _add(entry, "link", rel="alternate", type=kinds[shown], href=f"{place}/{shown}")
    _add(entry, "summary", record["sentence"])
    _add(entry, "content", brief_html(record), type="html")


def brief_html(record: Record) -> str:
    """The brief as a piece of HTML: what changed, alerts, what moved, what is lost."""
    from supplychain.report.pages.front_page import total

    parts = [f"<p><b>{escape(record['sentence'])}</b></p>"]
    if record["alerts"]:
        said = [f"<b>{escape(a['name'])}</b>: {escape(a['said'])}" for a in record["alerts"]]
        parts.append(f"<p>Alerts</p>{_list(said)}")
    moved = record["changed"]["results"]
    if moved:
        more = f"<p>And {len(moved) - ROWS} more.</p>" if len(moved) > ROWS else ""
        parts.append(f"<p>Results that moved</p>{_list(map(_moved, moved[:ROWS]))}{more}")
    lost = [
        f"{escape(name)}: {escape(formatting.money(total(losses), 3))}"
        for name, losses in record["headline"].items()
    ]
    parts.append(f"<p>Value added lost</p>{_list(lost)}")
    return "".join(parts)


def _moved(row: Record) -> str:
    where = f"{row['scenario']}, {sector_name(row['sector'])}, {place_name(row['region'])}"
    measure, old, new, by = told(row)
    return escape(f"{where}: {measure} from {old} to {new} ({by})")


def _list(items: Any) -> str:
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _time(record: Record) -> str:
    """When a report was written, as RFC 3339 has it."""
    return str(record["written"]).replace("+00:00", "Z")


def _add(parent: Xml.Element, name: str, text: str | None = None, **marks: str) -> Xml.Element:
    """Add an element; letters that XML cannot hold are left out."""
    child = Xml.SubElement(parent, name, {k: _NOT_XML.sub("", v) for k, v in marks.items()})
    child.text = None if text is None else _NOT_XML.sub("", str(text))
    return child
