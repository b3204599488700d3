"""The Atom feed of the briefs, read by a parser of feeds and held against RFC 4287."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import feedparser
import pytest

from supplychain.scheduled_reports.publish import ATOM, MOST, write_front
from tests.scheduled_reports.shelf import ALERT, put, record

MOVED = {
    "scenario": "no-truce",
    "sector": "munitions",
    "region": "WORLD",
    "measure": "lost_value_usd",
    "old": 30e9,
    "new": 36e9,
    "moved": 6e9,
}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    put(tmp_path, record("weekly", "2026-11-16", 1))
    since = {"date": "2026-11-16", "folder": "2026-11-16", "number": 1, "key": "k"}
    changed = {"since": since, "inputs": [], "results": [MOVED]}
    newest = record("weekly", "2026-11-23", 2, alerts=[ALERT], changed=changed)
    put(tmp_path, newest)
    put(tmp_path, newest, "latest")
    put(tmp_path, record("watch", "2026-11-22", 1, files={"brief.md": "0"}))
    return tmp_path


def text_of(out: Path) -> str:
    return write_front(out)[1].read_text(encoding="utf-8")


def parsed(out: Path) -> Any:
    found = feedparser.parse(text_of(out))
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def test_a_reader_sees_each_brief_the_newest_first(out: Path) -> None:
    found = parsed(out)
    assert found.feed.title == "Rare-earth supply reports"
    assert found.feed.updated == "2026-11-23T05:00:12Z"
    assert found.feed.author == "supplychain"
    assert [entry.title for entry in found.entries] == [
        "The weekly: 23 November 2026 (1 alert)",
        "The watch: 22 November 2026",
        "The weekly: 16 November 2026",
    ]
    first, watch, _ = found.entries
    assert first.link == "weekly/2026-11-23/report.html"
    assert [link.href for link in watch.links] == ["watch/2026-11-22/brief.md"]
    assert first.summary == "Nothing moved in number 2."
    assert first.updated_parsed[:6] == (2026, 11, 23, 5, 0, 12)
    (content,) = first.content
    assert content.type == "text/html"
    for words in (
        "first stops 3 weeks earlier",
        "no-truce, Munitions, world: ",
        "from USD 30 billion to USD 36 billion (+USD 6 billion)",
        "truce: USD 600 million",
    ):
        assert words in content.value


def test_it_is_what_rfc_4287_asks_for(out: Path) -> None:
    """Section 4.1: which elements must be there, once, and what must be in them."""
    root = Xml.fromstring(text_of(out))
    assert root.tag == f"{{{ATOM}}}feed"
    for place in (root, *root.findall(f"{{{ATOM}}}entry")):
        for name in ("id", "title", "updated"):
            (one,) = place.findall(f"{{{ATOM}}}{name}")
            assert one.text
        assert datetime.fromisoformat(str(place.findtext(f"{{{ATOM}}}updated"))).tzinfo
        uuid.UUID(str(place.findtext(f"{{{ATOM}}}id")))
        pairs = [(x.get("rel"), x.get("type")) for x in place.findall(f"{{{ATOM}}}link")]
        assert len(pairs) == len(set(pairs))
        assert pairs.count(("alternate", "text/html")) <= 1
    assert root.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name")
    ids = [x.text for x in root.iter(f"{{{ATOM}}}id")]
    assert len(ids) == len(set(ids)) == 4


def ids(out: Path) -> dict[str, str]:
    return {entry.title: entry.id for entry in parsed(out).entries}


def test_ids_stay_whatever_is_added_moved_or_made_again(out: Path, tmp_path: Path) -> None:
    before = ids(out)
    feed = parsed(out).feed.id
    put(out, record("weekly", "2026-11-30", 3))
    after = ids(out)
    assert {title: after[title] for title in before} == before
    again = record("weekly", "2026-11-16", 1, sentence="Made again.", key="other")
    (out / "weekly" / "2026-11-16").rename(tmp_path / "gone")
    put(out, again)
    assert ids(out)["The weekly: 16 November 2026"] == before["The weekly: 16 November 2026"]
    assert parsed(out).feed.id == feed


def test_two_results_folders_are_two_feeds(tmp_path: Path) -> None:
    for name in ("one", "two"):
        put(tmp_path / name, record())
    one, two = (parsed(tmp_path / name) for name in ("one", "two"))
    assert one.feed.id != two.feed.id
    assert one.entries[0].id != two.entries[0].id


@pytest.mark.parametrize("text", ["", "<feed>", "no feed", "<feed><id>x</id></feed>", "\xff\x00"])
def test_a_damaged_feed_is_made_anew(out: Path, text: str) -> None:
    (out / "feed.atom").write_text(text, encoding="latin-1")
    assert len(parsed(out).entries) == 3


def test_letters_that_xml_cannot_hold_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, record(title="odd \x0b\x00<b>& title", sentence="\x1b[1m<i>"))
    (entry,) = parsed(tmp_path).entries
    assert entry.title == "odd <b>& title: 23 November 2026"
    assert "&lt;i&gt;" in entry.content[0].value


def test_a_long_past_is_cut(tmp_path: Path) -> None:
    for number in range(1, MOST + 5):
        put(tmp_path, record(day=f"2026-{1 + number // 28:02}-{1 + number % 28:02}", number=number))
    entries = parsed(tmp_path).entries
    assert len(entries) == MOST
    assert entries[0].summary == f"Nothing moved in number {MOST + 4}."


def test_no_report_yet(tmp_path: Path) -> None:
    assert parsed(tmp_path).entries == []
