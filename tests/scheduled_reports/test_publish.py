"""The front page: which reports it lists, what it says of them, where it leads."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from supplychain.scheduled_reports.publish import is_current, shelves, write_front
from tests.scheduled_reports.shelf import ALERT, put, record


class Links(HTMLParser):
    """The addresses of a page, and whether its tags close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [v or "" for k, v in attrs if k == "href" and tag in ("a", "link")]


def page_of(out: Path) -> str:
    return write_front(out)[0].read_text(encoding="utf-8")


def plain(page: str) -> str:
    """The words of a page, on one line."""
    text = re.sub(r"<(style|svg).*?</\1>", "", page, flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", text).replace("\xa0", " ")
    return " ".join(words.split())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Three weeks of one definition, one day of another, a run, a store, and a half report."""
    put(tmp_path, record("weekly", "2026-11-09", 1, {"truce": 0.5e9, "no-truce": 30e9}))
    put(tmp_path, record("weekly", "2026-11-16", 2, {"truce": 0.6e9, "no-truce": 33e9}))
    newest = record("weekly", "2026-11-23", 3, {"truce": 0.6e9, "no-truce": 36e9}, alerts=[ALERT])
    put(tmp_path, newest)
    put(tmp_path, newest, "latest")
    put(tmp_path, record("truce-watch", "2026-11-22", 1, {"truce": 0.0}))
    (tmp_path / "truce").mkdir()
    (tmp_path / "truce" / "run.json").write_text("{}")
    (tmp_path / "store" / "2026-11-22").mkdir(parents=True)
    (tmp_path / "weekly" / "2026-11-02").mkdir()
    return tmp_path


def test_every_definition_with_its_reports(out: Path) -> None:
    found = shelves(out)
    assert [(s.name, list(s.places), list(s.damaged)) for s in found] == [
        ("truce-watch", ["truce-watch/2026-11-22"], []),
        ("weekly", [f"weekly/2026-11-{day}" for day in ("09", "16", "23")], ["2026-11-02"]),
    ]
    text = plain(page_of(out))
    assert "2 report definitions; the newest report is The weekly of 23 November 2026." in text
    assert "1 alert in the newest reports." in text
    assert text.index("The weekly") < text.index("The truce-watch")
    assert "Cannot be read: 2026-11-02." in text


def test_all_links_lead_somewhere(out: Path) -> None:
    put(out, record("truce-watch", "2026-11-22", 1, {"truce": 0.0}), "latest")
    page = page_of(out)
    links = [link for link in Links(page).found if not link.startswith(("#", "data:"))]
    assert "weekly/latest/report.html" in links
    assert "weekly/2026-11-16/report.html" in links
    assert [link for link in links if not (out / link).is_file()] == []
    anchors = [link[1:] for link in Links(page).found if link.startswith("#")]
    assert [name for name in anchors if f'id="{name}"' not in page] == []


def test_the_newest_numbers_and_how_they_moved(out: Path) -> None:
    text = plain(page_of(out))
    assert "no-truce USD 36 billion +USD 3 billion" in text
    assert "truce USD 600 million no difference" in text
    assert "Munitions: 32 % of plan" in text
    assert "Munitions, 11 Jan 2027" in text
    assert "nothing is lost none" in text


def test_the_chart_shows_each_report(out: Path) -> None:
    page = page_of(out)
    charts = re.findall(r'<svg class="small".*?</svg>', page, re.DOTALL)
    assert [chart.count("<circle") for chart in charts] == [6, 1]
    assert [chart.count("<polyline") for chart in charts] == [2, 0]
    assert "no-truce USD 36 billion at last, between USD 30 billion and USD 36 billion" in charts[0]
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', charts[0])]
    assert heights[3] > heights[4] > heights[5] > 0  # the axis points down
    assert "<script" not in page


def test_a_report_of_a_day_gone_by_is_not_the_newest(out: Path) -> None:
    late = record("weekly", "2026-11-10", 4, {"truce": 9e9, "no-truce": 9e9}, backfill=True)
    put(out, late)
    page = page_of(out)
    assert "no-truce USD 36 billion +USD 3 billion" in plain(page)
    days = re.findall(r'href="weekly/(2026-11-\d\d)/report.html"', page)
    assert days == ["2026-11-23", "2026-11-16", "2026-11-10", "2026-11-09"]


def test_many_reports_open_on_a_click(tmp_path: Path) -> None:
    for number in range(1, 12):
        put(tmp_path, record("weekly", f"2026-11-{number:02}", number))
    page = page_of(tmp_path)
    assert "<summary>3 older</summary>" in page
    assert len(re.findall(r'href="weekly/2026-11-\d\d/report.html"', page)) == 11


def test_a_report_without_a_page_leads_to_its_brief(tmp_path: Path) -> None:
    put(tmp_path, record(files={"brief.md": "0"}))
    assert 'href="weekly/2026-11-23/brief.md"' in page_of(tmp_path)


def test_markup_is_text(tmp_path: Path) -> None:
    evil = "</title><script>window.taken=1</script>"
    alerts = [{**ALERT, "said": evil, "scenario": evil, "name": evil}]
    put(tmp_path, record(title=evil, sentence=evil, alerts=alerts))
    page = page_of(tmp_path)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 5


def test_nothing_there_yet(tmp_path: Path) -> None:
    assert not is_current(tmp_path)
    text = plain(page_of(tmp_path))
    assert "There is no report yet." in text
    assert is_current(tmp_path)


def test_the_same_reports_give_the_same_bytes(out: Path) -> None:
    page, feed = write_front(out)
    before = page.read_bytes(), feed.read_bytes()
    write_front(out)
    assert (page.read_bytes(), feed.read_bytes()) == before


def test_it_is_known_when_it_is_out_of_date(out: Path) -> None:
    """Also where a process was killed after the report and before the page, or between the two."""
    page, feed = write_front(out)
    assert is_current(out)
    put(out, record("weekly", "2026-11-30", 4))
    assert not is_current(out)
    old = feed.read_text()
    write_front(out)
    assert is_current(out)
    feed.write_text(old)
    assert not is_current(out)
    write_front(out)
    (out / "weekly" / "2026-11-09" / "report.json").unlink()
    assert not is_current(out)
    write_front(out)
    page.unlink()
    assert not is_current(out)
