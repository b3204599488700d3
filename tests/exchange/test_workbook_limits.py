"""Workbooks that would take for ever or say less than they seem to: refused."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from supplychain.errors import InvalidInput
from supplychain.exchange import workbook_import
from supplychain.exchange.workbook_import import read_sheets

Change = Callable[[str], str]


def rezipped(source: bytes, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Write a workbook with other parts; None leaves one out."""
    raw = target.with_suffix(".raw")
    raw.write_bytes(source)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = change(part.filename, old.read(part))
            if content is not None:
                new.writestr(part.filename, content)
    return target


def refused(path: Path) -> str:
    started = time.perf_counter()
    with pytest.raises(InvalidInput) as caught:
        read_sheets(path)
    assert time.perf_counter() - started < 5.0
    return " ".join(f"{p.code} {p.message}" for p in caught.value.problems)


@pytest.mark.parametrize("cell", ["A1048576", "XFD3", "XFD1048576"])
def test_a_stray_cell_far_out(book: bytes, tmp_path: Path, cell: str) -> None:
    stray = f'<row r="1048576"><c r="{cell}"><v>1</v></c></row></sheetData>'.encode()

    def change(name: str, content: bytes) -> bytes:
        first = name.endswith("sheet3.xml")
        return content.replace(b"</sheetData>", stray) if first else content

    said = refused(rezipped(book, tmp_path / "far.xlsx", change))
    assert said.startswith("BOOK-110")
    assert cell in said


def test_cells_merged_far_out(book: bytes, tmp_path: Path) -> None:
    merged = b'</sheetData><mergeCells><mergeCell ref="A3:XFD1048576"/></mergeCells>'

    def change(name: str, content: bytes) -> bytes:
        return content.replace(b"</sheetData>", merged) if "sheet3" in name else content

    assert "XFD1048576" in refused(rezipped(book, tmp_path / "far.xlsx", change))


def test_a_bomb(book: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_import, "LARGEST", 2_000_000)
    path = rezipped(
        book, tmp_path / "bomb.xlsx", lambda n, c: c + b" " * 3_000_000 if "sheet3" in n else c
    )
    assert path.stat().st_size < 200_000
    assert "unpacks to more than 2 MB" in refused(path)


def test_missing_styles_and_other_halves(book: bytes, tmp_path: Path) -> None:
    for left_out in ("xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"):
        path = rezipped(
            book, tmp_path / "half.xlsx", lambda n, c, out=left_out: None if n == out else c
        )
        assert refused(path).startswith("BOOK-101")


def test_merged_numbers_are_refused_by_name(book: bytes, tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    path.write_bytes(book)
    workbook = openpyxl.load_workbook(path)
    workbook["covers"].merge_cells("D3:D5")
    workbook.save(path)
    found = [p for p in read_sheets(path).problems if p.code == "BOOK-111"]
    assert [(p.place, "D3:D5" in p.message) for p in found] == [("covers!D3", True)]
