"""Files saved from a page: the chart's own numbers, and where they come from."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selenium import webdriver

from supplychain.report import write_run_page
from supplychain.report.page_tables import origin_facts
from supplychain.report.plotly_figure import SCALES
from supplychain.runs.run_schema import Run
from tests.report.browsing import browser, opened, saved_rows

__all__ = ["browser"]
ROOT = Path(__file__).resolve().parents[2]
RECORD = {
    "id": "31ae6498b515fdb5",
    "scenario": {"name": "no-truce"},
    "data": {"hash": "dc65"},
    "as_of": {"date": "2026-10-07"},
    "versions": {"supplychain": "0.1.0"},
}


def test_facts_of_several_runs_are_said_once() -> None:
    other = {**RECORD, "id": "other", "scenario": {"name": "truce"}}
    found = origin_facts([RECORD, other])
    assert found["Run id"] == "31ae6498b515fdb5; other"
    assert found["Run of"] == "no-truce; truce"
    assert found["Data id"] == "dc65"


def test_a_title_cannot_leave_the_attribute(runs: Callable[..., Run], tmp_path: Path) -> None:
    run = runs(weeks=8)
    record = {**run.record, "id": "'><script>alert(1)</script>"}
    write_run_page(Run(record, run.tables), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in text
    assert "\\u0027\\u003e\\u003cscript\\u003e" in text


def test_colours_of_maps_are_those_of_the_pages() -> None:
    script = (ROOT / "supplychain/report/static/report.js").read_text()
    for name, scale in SCALES.items():
        found = re.search(rf"{name}: {{\s*light: \[(.*?)\],\n", script, re.DOTALL)
        assert found
        pairs = re.findall(r'\[([\d.]+), "(#\w+)"\]', found[1])
        assert [(float(at), colour) for at, colour in pairs] == list(scale)


@pytest.mark.browser
def test_saved_rows_are_those_of_the_chart_and_say_where_they_come_from(
    browser: webdriver.Chrome, runs: Callable[..., Run], tmp_path: Path
) -> None:
    run = runs(weeks=24)
    record = run.record
    page = tmp_path / "page.html"
    write_run_page(run, page)
    made = datetime(2026, 11, 30, 15, 55, 52, tzinfo=UTC)
    os.utime(page, (made.timestamp(),) * 2)
    opened(browser, page)

    def drawn(figure: str) -> list[dict[str, str]]:
        text = browser.execute_script(
            "return save.drawn(document.getElementById(arguments[0]))", figure
        )
        return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))

    rows = drawn("loss-by-week")
    shown = run.tables["shortfall"].query("lost_value_usd > 0 or late_cost_usd > 0")
    weeks = {row["x"] for row in rows}
    assert len(weeks) == 24
    assert set(shown["week"]) <= weeks
    assert {row["Chart"] for row in rows} == {"Value added lost", "Share of plan lost"}
    table = run.tables["shortfall"].groupby(["sector", "week"])["lost_value_usd"].sum() / 1e6
    auto = {
        row["x"]: float(row["y"])
        for row in rows
        if row["Series"] == "Auto" and row["Chart"] == "Value added lost"
    }
    for week, value in auto.items():
        assert value == pytest.approx(table["auto", week], rel=1e-3, abs=1e-3)
    cover = drawn("cover")
    assert cover
    assert all(row["z"] == "" or float(row["z"]) >= 0 for row in cover)
    for found in (rows[0], cover[0], dict(zip(*saved_rows(browser, "losses")[:2], strict=True))):
        assert found["Run id"] == record["id"]
        assert found["Made"] == "2026-11-30T15:55:52Z"
        assert found["Data id"] == record["data"]["hash"]
        assert found["Version"] == record["versions"]["supplychain"]
