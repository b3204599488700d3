"""A run of the tiny world, and its workbook to edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from supplychain.exchange.data_workbook import data_book
from supplychain.exchange.workbook_import import read_numbers
from supplychain.runs.run_schema import Run
from supplychain.study import RunRequest, open_world, run_scenario
from tests.cli.projects import make_project

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The scenario storm: licences get slow."""
    project = make_project(tmp_path_factory.mktemp("project"))
    request = RunRequest("storm", folders=(project / "scenarios",))
    return run_scenario(request, world=open_world(TINY))


@pytest.fixture(scope="session")
def book() -> bytes:
    """The planner's workbook of the tiny world."""
    return data_book(read_numbers(TINY))


Edit = Callable[..., Path]


@pytest.fixture
def edit(tmp_path: Path, book: bytes) -> Edit:
    """Call it with cells such as {"covers!D3": 7.0} to get the path of an edited workbook."""

    def save(cells: Mapping[str, Any], texts: Mapping[str, str] | None = None) -> Path:
        path = tmp_path / "plan.xlsx"
        path.write_bytes(book)
        workbook = openpyxl.load_workbook(path)
        for place, value in {**cells, **(texts or {})}.items():
            sheet, cell = place.split("!")
            workbook[sheet][cell] = value
            if texts and place in texts:  # openpyxl takes what begins with = for a formula
                workbook[sheet][cell].data_type = "s"
        workbook.save(path)
        return path

    return save


def where(book: bytes | Path, table: str, key: str, column: str) -> str:
    """The cell of a column in the row that begins with the words of `key`."""
    import io

    source = book if isinstance(book, Path) else io.BytesIO(book)
    sheet = openpyxl.load_workbook(source)[table]
    words = key.split()
    heads = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=3):
        if [cell.value for cell in row[: len(words)]] == words:
            return f"{table}!{row[heads.index(column)].coordinate}"
    raise AssertionError((table, key))
