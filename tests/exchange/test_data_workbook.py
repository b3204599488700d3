"""The planner's workbook: what is locked, what may be entered, and what it says of itself."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from supplychain.dataset.schema import TABLES
from supplychain.exchange.data_workbook import HASH, NUMBERS, SPARE, data_book, limits
from supplychain.exchange.workbook_import import read_numbers
from supplychain.units import convert
from tests.exchange.conftest import TINY, where


@pytest.fixture(scope="module")
def opened(book: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(book))


def rules(sheet: Any, cell: str) -> list[Any]:
    return [r for r in sheet.data_validations.dataValidation if cell in r.sqref]


def rule(book: Any, place: str) -> Any:
    """The one rule of a cell such as covers!D3."""
    sheet, cell = place.split("!")
    (found,) = rules(book[sheet], cell)
    return found


def test_one_sheet_a_table_behind_the_readme(opened: openpyxl.Workbook) -> None:
    assert opened.sheetnames == ["readme", *TABLES, "lists"]
    assert opened["lists"].sheet_state == "hidden"
    for table in TABLES.values():
        sheet = opened[table.name]
        assert [cell.value for cell in sheet[1]] == list(table.header)
        assert all(cell.value for cell in sheet[2])
        assert sheet.freeze_panes == f"{chr(ord('A') + len(table.key))}3"
        assert str(sheet.auto_filter.ref).startswith("A2:")


def test_keys_units_and_raw_are_locked_and_the_rest_is_open(opened: openpyxl.Workbook) -> None:
    rows = read_numbers(TINY).rows
    for table in TABLES.values():
        sheet = opened[table.name]
        assert sheet.protection.sheet
        assert not sheet.protection.password
        for at, column in enumerate(table.header):
            closed = column in table.key or column in ("raw", "unit")
            for row in range(3, 3 + len(rows[table.name])):
                assert sheet.cell(row, at + 1).protection.locked is closed, (table.name, column)
            for row in range(3 + len(rows[table.name]), 3 + len(rows[table.name]) + SPARE):
                assert not sheet.cell(row, at + 1).protection.locked
    assert opened["readme"].protection.sheet


def test_numbers_have_the_limits_of_the_schema_in_the_unit_of_their_row(
    opened: openpyxl.Workbook,
) -> None:
    for table in TABLES.values():
        for at, row in enumerate(read_numbers(TINY).rows[table.name], start=3):
            for column in NUMBERS if table.numbers else ():
                cell = opened[table.name].cell(at, table.header.index(column) + 1).coordinate
                (found,) = rules(opened[table.name], cell)
                low, high, _ = limits(table, row)
                assert found.type == "decimal"
                assert float(found.formula1) == low
                if found.operator is None:  # between
                    assert float(found.formula2) == high
                else:
                    assert found.operator == "greaterThanOrEqual"
                    assert high == float("inf")


def test_limits_are_converted() -> None:
    table = TABLES["sourcing"]
    (row, *_) = read_numbers(TINY).rows["sourcing"]
    percent = replace(row, cells={**row.cells, "unit": "%"})
    assert limits(table, percent)[:2] == (0.0, convert(1.0, "share", "%"))


def test_words_come_from_drop_downs(book: bytes, opened: openpyxl.Workbook) -> None:
    site = rule(opened, where(book, "lines", "china-mine-ore", "site"))
    assert site.type == "list"
    assert "china-mine" in site.formula1
    assert site.errorStyle == "warning"
    status = rule(opened, where(book, "lines", "china-mine-ore", "status"))
    assert status.formula1 == '"operating,ramping,construction,planned"'
    assert status.errorStyle in (None, "stop")
    kind = rule(opened, where(book, "covers", "auto-bev-chn", "kind"))
    assert kind.formula1 == '"measured,reported,assumed,fitted"'
    wild = rule(opened, where(book, "regime_parameters", "slow ANY", "control"))
    assert "ANY" in wild.formula1
    source = rule(opened, where(book, "covers", "auto-bev-chn", "source"))
    assert "assumption" in source.formula1
    quantity = rule(opened, where(book, "assumptions", "weekly_periods", "assumption"))
    assert quantity.formula1.startswith("lists!$")
    letter = quantity.formula1.split("$")[1]
    words = [cell.value for cell in opened["lists"][letter] if cell.value]
    assert words[:2] == ["loss_step_1_share", "loss_step_2_share"]
    assert "weekly_periods" in words


def test_numbers_are_numbers_and_dates_are_dates(book: bytes, opened: openpyxl.Workbook) -> None:
    def cell(table: str, key: str, column: str) -> Any:
        sheet, at = where(book, table, key, column).split("!")
        return opened[sheet][at]

    assert cell("covers", "auto-bev-chn", "value").value == 3
    assert cell("covers", "auto-bev-chn", "unit").value == "week"
    start = cell("lines", "china-mine-ore", "start")
    assert start.value == datetime(2000, 1, 1)
    assert start.number_format == "yyyy-mm-dd"
    assert cell("sources", "assumption", "date").value == "2026"
    assert cell("stocks", "EUR", "note").value is None


def test_the_readme_names_the_data_and_no_path(opened: openpyxl.Workbook) -> None:
    rows = {str(r[0]): r[1] for r in opened["readme"].iter_rows(values_only=True) if r[0]}
    numbers = read_numbers(TINY)
    assert rows[HASH] == numbers.hash
    assert rows["data"] == "tiny"
    assert set(TABLES) <= set(rows)
    text = [str(c.value) for sheet in opened for row in sheet.iter_rows() for c in row]
    assert not [word for word in text if str(TINY.parent) in word]


def test_the_same_data_give_the_same_bytes(book: bytes) -> None:
    assert data_book(read_numbers(TINY)) == book
