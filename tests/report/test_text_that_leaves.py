"""Texts from files, wherever they leave: no terminal, page or spreadsheet acts on them."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas import DataFrame, Series
from plotly.offline import get_plotlyjs

from supplychain.errors import problem
from supplychain.exchange.workbook import book_bytes, put
from supplychain.formatting import visible, visible_json
from supplychain.progress import JsonLines, Progress, Words, announce
from supplychain.report import write_run_page
from supplychain.report.pages.front_page import front_page
from supplychain.report.pages.html_page import environment, render
from supplychain.report.text.terminal_table import bold, spoken
from supplychain.runs.run_schema import Run
from supplychain.runs.run_store import write_csv
from supplychain.scheduled_reports.brief import escape

EVIL = "\x1b[31mred\x07\r\x9b2J\u202etxt\ud800"
HARMFUL = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
FORMULAS = ["=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "=HYPERLINK(1)"]


@given(st.text(st.characters(codec=None), max_size=30))
def test_whatever_a_text_holds_it_is_shown(text: str) -> None:
    assert not HARMFUL.search(visible(text))
    assert visible(visible(text)) == visible(text)
    assert not HARMFUL.search(spoken(text))
    said = visible_json(json.dumps([text], ensure_ascii=False))
    assert not HARMFUL.search(said)
    assert json.loads(said) == [text]


def test_our_own_headings_stand_out_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert spoken(bold("\x1b[1mstorm")) == "\x1b[1m\\x1b[1mstorm\x1b[0m"


def test_notes_logs_and_progress(capsys: pytest.CaptureFixture[str]) -> None:
    announce(EVIL)
    record = logging.LogRecord("supplychain", logging.INFO, "", 0, EVIL, None, None)
    texts = [Words("%(message)s").format(record), JsonLines().format(record)]
    with Progress(EVIL) as progress:
        progress(1, 2, EVIL)
    texts.append(capsys.readouterr().err)
    assert not any(HARMFUL.search(text) for text in texts)
    assert all("x1b[31m" in text or "u001b[31m" in text for text in texts)
    assert json.loads(texts[1])["what"] == EVIL


def test_pages_and_briefs() -> None:
    page = environment().from_string("<p>{{ text }}</p>{{ text | unbroken }}").render(text=EVIL)
    for text in (page, escape(EVIL)):
        assert not HARMFUL.search(text)
        assert "x1b" in text
    assert environment().from_string("{{ '<b>' | safe }}{{ '<b>' }}").render() == "<b>&lt;b&gt;"


def test_no_figure_of_a_page_has_them(
    runs: Callable[..., Run], spoil: Callable[..., Run], tmp_path: Path
) -> None:
    """Neither as they are nor as JSON writes them: a figure would draw them."""
    page = tmp_path / "report.html"
    write_run_page(spoil(runs(weeks=12), "\x1b[31m\x9b2J\u202etxt"), page)
    text = page.read_text(encoding="utf-8").replace(get_plotlyjs(), "")
    assert "x1b[31m" in text
    assert not HARMFUL.search(text)
    assert not re.search(r"\\u00(1b|9b)", text)  # shown are \\x1b and \\x9b


def test_cells_of_a_workbook_and_of_csv_are_texts(tmp_path: Path) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    texts = [*FORMULAS, EVIL]

    def fill(book: object) -> None:
        sheet = book.sheet("texts")  # type: ignore[attr-defined]
        for row, text in enumerate(texts):
            put(sheet, row, 0, text, book.look("text"))  # type: ignore[attr-defined]

    cells = [row[0] for row in load_workbook(BytesIO(book_bytes(fill))).active.rows]
    assert [cell.data_type for cell in cells] == ["s"] * len(texts)
    assert [cell.value for cell in cells] == [visible(text) for text in texts]
    why = Series(texts, dtype=object)  # pyarrow's texts hold no half characters
    write_csv(DataFrame({"why": why, "value": [-1.5] * len(texts)}), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["why"] for row in rows] == [*(f"'{text}" for text in FORMULAS), visible(EVIL)]
    assert {row["value"] for row in rows} == {"-1.5"}


def test_a_problem_of_a_file_is_said_without_its_codes() -> None:
    from supplychain.errors import InvalidInput, failure_of

    failure = failure_of(InvalidInput("no", [problem("SCEN-203", f'"{EVIL}" is no name.')]))
    assert not HARMFUL.search(visible(failure.text))


def test_a_page_runs_its_own_scripts_and_no_other() -> None:
    """By their hashes: the one that is written in it, and the library that this one unpacks."""
    page = render("base.html.j2", [])
    policy = re.search(r"script-src ([^;]*);", page)[1]  # type: ignore[index]
    own = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]  # type: ignore[index]
    digests = [hashlib.sha256(text.encode()).digest() for text in (own, get_plotlyjs())]
    assert policy == " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)
    assert "script-src 'none'" in front_page([])
