"""An edited workbook becomes an overlay: only what changed, checked, or not at all."""

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supplychain.dataset import read_tables
from supplychain.dataset.csv_reader import Row
from supplychain.errors import InvalidInput
from supplychain.exchange import workbook
from supplychain.exchange.data_workbook import SPARE, WeeklyInputs, data_book
from supplychain.exchange.workbook import for_cell, number_of, same, text_of
from supplychain.exchange.workbook_import import edited, read_numbers, read_sheets, write_overlay
from tests.exchange.conftest import TINY, Edit, where


def problems(path: Path, folder: Path = TINY) -> dict[str, str]:
    """Each problem of a workbook: its place (or code), and code, message and hint."""
    with pytest.raises(InvalidInput) as caught:
        edited(path, folder)
    return {p.place or p.code: f"{p.code} {p.message} {p.hint}" for p in caught.value.problems}


def test_an_unchanged_workbook_changes_nothing(tmp_path: Path, book: bytes, edit: Edit) -> None:
    (tmp_path / "fresh.xlsx").write_bytes(book)
    for path in (tmp_path / "fresh.xlsx", edit({})):
        found = edited(path, TINY)
        assert not found.rows
        assert not found.changes
        assert not found.notes


def test_an_overlay_holds_the_changed_rows_only(book: bytes, edit: Edit, tmp_path: Path) -> None:
    changes = {
        where(book, "covers", "auto-bev-eur ndfeb-heavy opening_cover", "value"): 9.5,
        where(book, "lines", "europe-magnets-heavy", "start"): datetime(2001, 5, 6),
    }
    note = where(book, "material_numbers", "dy-oxide price", "note")
    found = edited(edit(changes, {note: "=of our own"}), TINY)
    files = write_overlay(found, tmp_path / "mine")
    assert sorted(f.name for f in files) == ["covers.csv", "lines.csv", "material_numbers.csv"]
    assert [len(f.read_text().splitlines()) for f in files] == [2, 2, 2]
    read = read_tables(TINY, [tmp_path / "mine"])
    assert {(c.table, c.column, c.old, c.new) for c in read.changes} == {
        ("covers", "value", "11", "9.5"),
        ("material_numbers", "note", "", "=of our own"),
        ("lines", "start", "2000-01-01", "2001-05-06"),
    }
    line = (tmp_path / "mine" / "covers.csv").read_text().splitlines()[1]
    assert line == "auto-bev-eur,ndfeb-heavy,opening_cover,9.5,5.5,22,week,assumed,assumption,"


def test_a_workbook_of_laid_over_data_goes_on_top(edit: Edit, book: bytes, tmp_path: Path) -> None:
    at = where(book, "covers", "auto-bev-eur ndfeb-heavy opening_cover", "value")
    write_overlay(edited(edit({at: 9.5}), TINY), tmp_path / "first")
    upper = data_book(read_numbers(TINY, [tmp_path / "first"]))
    (tmp_path / "upper.xlsx").write_bytes(upper)
    assert not edited(tmp_path / "upper.xlsx", TINY, [tmp_path / "first"]).rows
    assert list(problems(tmp_path / "upper.xlsx")) == ["BOOK-104"]
    workbook = openpyxl.load_workbook(tmp_path / "upper.xlsx")
    workbook["readme"].delete_rows(1, 30)
    workbook.save(tmp_path / "upper.xlsx")
    assert "has no data hash" in problems(tmp_path / "upper.xlsx")["BOOK-104"]


def test_spare_rows_become_new_rows(edit: Edit, tmp_path: Path) -> None:
    cells = ("CHN", "dy-oxide", "opening_stock", 5, 1, 9, "t", "assumed", "assumption")
    new = {f"stocks!{'ABCDEFGHI'[at]}{3 + SPARE}": value for at, value in enumerate(cells)}
    found = edited(edit(new), TINY)
    write_overlay(found, tmp_path / "mine")
    read = read_tables(TINY, [tmp_path / "mine"])
    assert read.values("stocks", "opening_stock")["CHN", "dy-oxide"] == 5.0
    assert {c.action for c in read.changes} == {"added"}
    twice = {f"stocks!{'ABCDEFGHI'[at]}{2 + SPARE}": value for at, value in enumerate(cells)}
    told = problems(edit({**new, **twice}))
    assert list(told) == [f"stocks!C{3 + SPARE}"]
    assert "is already in row 27" in told[f"stocks!C{3 + SPARE}"]
    there = {f"stocks!A{3 + SPARE}": "EUR"}
    told = problems(edit({**new, **there}))
    assert "is already in row 3" in told[f"stocks!C{3 + SPARE}"]


def test_every_bad_cell_is_named_at_once(book: bytes, edit: Edit, tmp_path: Path) -> None:
    key = "auto-bev-eur ndfeb-heavy opening_cover"
    at = {c: where(book, "covers", key, c) for c in ("value", "low", "unit", "kind", "source")}
    site = where(book, "lines", "china-mine-ore", "site")
    start = where(book, "lines", "china-mine-ore", "start")
    share = where(book, "sourcing", "guided-weapon-usa", "value")
    told = problems(
        edit(
            {
                at["value"]: "9,5",
                at["low"]: None,
                at["unit"]: "weeks",
                at["kind"]: "guess",
                at["source"]: "",
                site: "china-mime",
                start: datetime(2001, 1, 1, 12),
                share: 1.5,
                "arcs!D3": "=1+1",
                "stocks!D3": "#DIV/0!",
                "regions!B3": True,
            }
        )
    )
    assert told[at["value"]].startswith('DATA-202 "9,5" is not a number. Write digits')
    assert told[at["unit"]].startswith('DATA-204 "weeks" is not a unit. Nearest: "week"')
    assert told[at["kind"]].startswith('DATA-301 "guess" is not a kind')
    assert told[at["source"]].startswith("DATA-310 no source")
    assert told[site].startswith('DATA-104 "china-mime" is not in sites.csv. Nearest: "china-mine"')
    assert told[start].startswith('DATA-208 "2001-01-01 12:00:00" is not a date')
    assert told[share].startswith("DATA-207 1.5 share is above 1 share, the most that share can be")
    assert told[at["low"]].startswith("DATA-302 blank, but the number is guess")
    assert told["arcs!D3"].startswith("BOOK-103 a formula whose result was not saved. Open")
    assert told["stocks!D3"].startswith("DATA-203")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan.xlsx"]


def with_results(path: Path, sheet: str, cell: str, result: str) -> None:
    """Give a formula the result that a spreadsheet program would have saved with it."""
    book = openpyxl.load_workbook(path)
    part = f"xl/worksheets/sheet{book.sheetnames.index(sheet) + 1}.xml"
    content = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == part:
                before, after = text.split(f'<c r="{cell}"'.encode())
                for none in (b"<v />", b"<v></v>", b"<v/>"):
                    after = after.replace(none, f"<v>{result}</v>".encode(), 1)
                text = before + f'<c r="{cell}"'.encode() + after
            new.writestr(name, text)
    path.write_bytes(content.getvalue())


def test_a_whole_number_beyond_all_floats_is_named(book: bytes, edit: Edit, tmp_path: Path) -> None:
    cell = where(book, "arcs", "ndfeb-heavy", "value")
    with zipfile.ZipFile(edit({cell: 123454321})) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    assert sum(b">123454321<" in part for part in parts.values()) == 1
    with zipfile.ZipFile(tmp_path / "huge.xlsx", "w") as new:
        for name, part in parts.items():
            new.writestr(name, part.replace(b">123454321<", b">" + b"9" * 400 + b"<"))
    found = problems(tmp_path / "huge.xlsx")
    assert set(found) == {cell}
    assert "is not finite" in found[cell]


def test_a_formula_counts_as_it_was_saved(book: bytes, edit: Edit) -> None:
    at = where(book, "covers", "auto-bev-eur ndfeb-heavy opening_cover", "value")
    path = edit({at: "=2*5"})
    assert list(problems(path)) == [at]
    with_results(path, *at.split("!"), "10")
    (change,) = edited(path, TINY).changes
    assert (change.column, change.old, change.new) == ("value", "11", "10")


def test_keys_can_be_neither_changed_nor_removed(edit: Edit) -> None:
    told = problems(edit({"stocks!A3": "CHN"}))
    assert told["BOOK-105"].startswith("BOOK-105 1 row is not in the sheet stocks; the first is")
    assert 'region "EUR"' in told["BOOK-105"]


def test_sheets_and_columns_must_be_there(edit: Edit) -> None:
    path = edit({"covers!D1": "vallue"})
    workbook = openpyxl.load_workbook(path)
    workbook["arcs"].title = "arks"
    workbook.create_sheet("my sums")
    workbook.save(path)
    told = problems(path)
    assert told["BOOK-102"].startswith('BOOK-102 the sheet arcs is missing. Nearest: "arks".')
    assert told["covers!D1"].startswith('DATA-109 "vallue" is not a column of covers.csv')
    assert any(text.startswith("DATA-108 the column is missing") for text in told.values())
    assert read_sheets(path).notes == [
        'The sheet "arks" is no table; it was left out.',
        'The sheet "my sums" is no table; it was left out.',
    ]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"letter", None])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "plan.xlsx"
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("letter.txt", "dear planner")
    else:
        path.write_bytes(content)
    assert problems(path)["BOOK-101"].startswith("BOOK-101 is not a workbook. Save it as")
    assert "No such file" in problems(tmp_path / "nothing.xlsx")["BOOK-101"]


def test_a_half_copied_workbook_is_refused(tmp_path: Path, book: bytes) -> None:
    whole = tmp_path / "whole.xlsx"
    whole.write_bytes(book)
    spoilt = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(spoilt, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, text[: len(text) // 2] if name.endswith("sheet5.xml") else text)
    (tmp_path / "half.xlsx").write_bytes(spoilt.getvalue())
    assert list(problems(tmp_path / "half.xlsx")) == ["BOOK-101"]


def test_bad_data_below_are_told_first(tmp_path: Path, book: bytes) -> None:
    folder = tmp_path / "data"
    shutil.copytree(TINY, folder)
    (folder / "arcs.csv").unlink()
    (tmp_path / "plan.xlsx").write_bytes(book)
    with pytest.raises(InvalidInput) as caught:
        edited(tmp_path / "plan.xlsx", folder)
    assert [p.code for p in caught.value.problems] == ["DATA-102"]


def cell_of(value: Any, table: str = "covers", column: str = "value") -> str:
    """What comes back of a word of the tiny world that was written into a workbook."""
    numbers = read_numbers(TINY)
    first, *others = numbers.rows[table]
    changed = Row(first.file, first.line, {**first.cells, column: value})
    rows = {**numbers.rows, table: [changed, *others]}
    content = data_book(WeeklyInputs(rows, numbers.hash, numbers.folder))
    sheet = openpyxl.load_workbook(io.BytesIO(content))[table]
    at = [cell.value for cell in sheet[1]].index(column)
    found = sheet.cell(3, at + 1).value
    return text_of(found) if isinstance(found, int | float) else str(found)


WRITTEN = st.one_of(
    st.floats(0, 1e300, allow_subnormal=False).map(repr),
    st.integers(0, 10**18).map(str),
    st.decimals(0, 10**9, places=4).map(str),
    st.from_regex(r"[0-9]{1,6}\.[0-9]{0,20}", fullmatch=True),
)


@given(WRITTEN)
@example("2.1763230130440953e+299")  # 16 digits would end in a tie, and 15 of those one too low
def test_a_number_is_the_same_after_any_number_of_ways_through_a_cell(word: str) -> None:
    value = for_cell(word)
    assert value is not None
    there = float(f"{value:.16G}")  # as a workbook stores it
    back = text_of(there)
    assert same(word, back)
    again = number_of(back)
    assert again is not None
    assert text_of(float(f"{again:.16G}")) == back


@given(st.integers(10**14, 10**15 - 2), st.integers(-20, 20))
def test_a_change_is_what_differs_in_fifteen_digits(digits: int, power: int) -> None:
    assert not same(f"{digits}e{power}", f"{digits + 1}e{power}")
    assert same(f"{digits}e{power}", f"{digits}.3e{power}")


@settings(max_examples=12, deadline=None)
@given(WRITTEN)
def test_a_number_of_the_data_comes_back_out_of_a_real_workbook(word: str) -> None:
    assert same(word, cell_of(word))


@pytest.mark.parametrize("word", ["=SUM(A1)", "a\r\nb", "tab\there", "ä&<\"'", "1.50"])
def test_texts_come_back_as_they_were(tmp_path: Path, word: str) -> None:
    numbers = read_numbers(TINY)
    first, *others = numbers.rows["stocks"]
    changed = Row(first.file, first.line, {**first.cells, "note": word})
    rows = {**numbers.rows, "stocks": [changed, *others]}
    path = tmp_path / "plan.xlsx"
    path.write_bytes(data_book(WeeklyInputs(rows, numbers.hash, numbers.folder)))
    assert read_sheets(path).rows["stocks"][0].cells["note"] == word


@pytest.mark.parametrize("word", ["2024-02-29", "1899-12-31", "1900-02-28", "1900-03-01"])
def test_dates_come_back_as_they_were(tmp_path: Path, word: str) -> None:
    numbers = read_numbers(TINY)
    first, *others = numbers.rows["lines"]
    changed = Row(first.file, first.line, {**first.cells, "start": word})
    rows = {**numbers.rows, "lines": [changed, *others]}
    path = tmp_path / "plan.xlsx"
    path.write_bytes(data_book(WeeklyInputs(rows, numbers.hash, numbers.folder)))
    assert read_sheets(path).rows["lines"][0].cells["start"] == word


def test_a_missing_library_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    from supplychain import optional_dependencies

    monkeypatch.setattr(optional_dependencies.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(InvalidInput) as caught:
        data_book(read_numbers(TINY))
    assert caught.value.problems[0].hint == "pip install XlsxWriter"
    with pytest.raises(InvalidInput) as caught:
        read_sheets(Path("plan.xlsx"))
    assert caught.value.problems[0].hint == "pip install openpyxl"
    assert workbook.README == "readme"
