"""A run as a workbook: every table, units, dates as dates, text as text, the same bytes twice."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from supplychain.errors import InvalidInput
from supplychain.exchange import workbook
from supplychain.exchange.run_workbook import run_book, write_run_book
from supplychain.runs import run_schema
from supplychain.runs.run_schema import Run

INTERFACE = Path(__file__).resolve().parents[2] / "docs" / "interface.md"


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def with_table(run: Run, **columns: object) -> Run:
    """A run with the one table `timeline`."""
    return replace(run, tables={"timeline": pd.DataFrame(columns)})


def documented() -> dict[str, list[str]]:
    text = INTERFACE.read_text(encoding="utf-8").split("\n| table | columns |\n")[1]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", text.split("\n\n")[0], re.MULTILINE)
    return {name: columns.split(", ") for name, columns in rows}


def test_every_documented_table_and_column_has_a_meaning() -> None:
    assert set(run_schema.TABLES) == set(documented())
    unknown = [
        (table, column)
        for table, columns in documented().items()
        for column in columns
        if not run_schema.meaning(table, column).text
    ]
    assert unknown == []


def test_amounts_have_a_unit() -> None:
    shown = {name for name, known in run_schema.COLUMNS.items() if known.look != run_schema.TEXT}
    assert [name for name in shown if not run_schema.COLUMNS[name].unit] == []


def test_each_table_is_a_sheet_with_the_numbers_of_the_run(run: Run) -> None:
    book = opened(run_book(run))
    assert book.sheetnames == ["readme", *run_schema.in_order(list(run.tables))]
    for name, table in run.tables.items():
        rows = list(book[name].iter_rows(values_only=True))
        assert list(rows[0]) == list(table.columns)
        assert len(rows) == 2 + len(table)
    head, units, first, *_ = book["stocks"].iter_rows(values_only=True)
    said = dict(zip(head, zip(units, first, strict=True), strict=True))
    wanted = run.tables["stocks"].iloc[0]
    assert said["tonnes"] == ("t", pytest.approx(wanted["tonnes"], rel=1e-14))
    assert said["weeks_of_cover"][0] == "week"
    assert said["week"] == ("date", datetime.fromisoformat(wanted["week"]))


def test_what_is_missing_is_blank_and_never_0(run: Run) -> None:
    book = opened(run_book(run))
    table = run.tables["indicators"]
    calm = table.index[table["first_week"] == ""][0]
    head = [cell.value for cell in book["indicators"][1]]
    row = [cell.value for cell in book["indicators"][calm + 3]]
    assert row[head.index("first_week")] is None
    assert row[head.index("weeks_to_first_loss")] is None


def test_headings_stay_in_sight_and_filter(run: Run) -> None:
    book = opened(run_book(run))
    for name in run.tables:
        assert book[name].freeze_panes == "A3"
        assert re.match(r"A2:[A-Z]+\d+$", str(book[name].auto_filter.ref)), name
    share = book["indicators"]["G3"]
    assert book["indicators"]["G1"].value == "lost_share"
    assert share.number_format == "0.0%"
    assert book["shortfall"]["E3"].number_format == "yyyy-mm-dd"


def test_the_readme_says_what_ran_and_what_each_column_holds(run: Run) -> None:
    rows = [row for row in opened(run_book(run))["readme"].iter_rows(values_only=True) if any(row)]
    facts = {str(row[0]): row[1] for row in rows}
    assert rows[0][0] == "storm: Licences get slow"
    assert facts["data hash"] == run.record["data"]["hash"]
    assert facts["foresight"] == "rolling"
    assert facts["allocation"] == "contracts"
    assert facts["version"] == f"supplychain {run.record['versions']['supplychain']}"
    described = {(row[0], row[1]): row[2:] for row in rows}
    for name, table in run.tables.items():
        assert described[name, f"{len(table):,}"][1] == run_schema.TABLES[name]
        for column in table.columns:
            assert (name, column) in described
    assert described["stocks", "tonnes"] == ("t", "amount at the end of the week")
    assert run.record["notes"][0] in facts


def test_text_stays_text(run: Run) -> None:
    words = ["=1+1", "https://example.org", "007", "+5", "{=A1}", "a\r\nb"]
    sheet = opened(run_book(with_table(run, title=words)))["timeline"]
    cells = [row[0] for row in sheet.iter_rows(min_row=3)]
    assert [cell.data_type for cell in cells] == ["s"] * len(words)
    assert [cell.value for cell in cells][:5] == words[:5]
    assert [cell.hyperlink for cell in cells] == [None] * len(words)


def test_the_same_run_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    write_run_book(run, tmp_path / "one.xlsx")
    content = (tmp_path / "one.xlsx").read_bytes()
    made = opened(content).properties.created
    assert made == workbook.MADE
    write_run_book(run, tmp_path / "two.xlsx")
    assert content == (tmp_path / "two.xlsx").read_bytes()


def test_what_does_not_fit_is_refused_in_words(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match=r"timeline: a text of 32,768 characters does not fit"):
        run_book(with_table(run, title=["x" * 32_768]))
    monkeypatch.setattr(workbook, "MOST_ROWS", 4)
    assert run_book(with_table(run, title=["x"] * 2))
    with pytest.raises(InvalidInput, match="timeline: 3 rows are more than a sheet holds"):
        write_run_book(with_table(run, title=["x"] * 3), tmp_path / "run.xlsx")
    assert list(tmp_path.iterdir()) == []
