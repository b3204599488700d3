"""Two data folders, cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.dataset import read_tables
from supplychain.dataset.data_diff import data_diff, read_plain
from supplychain.runs.run_cache import data_folder, keep_data, kept_data, kept_rows
from tests.cli.conftest import TINY

NUMBER = {"unit": "week", "kind": "assumed", "source": "assumption", "note": ""}


def cover(customer: str, value: str, **other: str) -> dict[str, str]:
    key = {"customer": customer, "material": "m", "quantity": "opening_cover"}
    return {**key, "value": value, "low": "1", "high": "", **NUMBER, **other}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([cover("a", "3.0")], [cover("a", "3")], []),
        (
            [cover("a", "3")],
            [cover("a", "4.5", low="")],
            [
                ("a, m, opening_cover", "value", "3", "4.5", "week", "assumption"),
                ("a, m, opening_cover", "low", "1", "", "week", "assumption"),
            ],
        ),
        (
            [cover("a", "3")],
            [cover("b", "4", source="ministry-2026")],
            [
                ("a, m, opening_cover", "", "3 week", None, "", "assumption"),
                ("b, m, opening_cover", "", None, "4 week", "", "ministry-2026"),
            ],
        ),
        (
            [cover("a", "3", source="old-2020")],
            [cover("a", "3", source="new-2026")],
            [("a, m, opening_cover", "source", "old-2020", "new-2026", "", "new-2026")],
        ),
        ([], [], []),
    ],
)  # fmt: skip
def test_each_cell_is_named_with_old_new_and_source(
    old: list[dict[str, str]], new: list[dict[str, str]], expected: list[tuple[str | None, ...]]
) -> None:
    found = data_diff({"covers": old}, {"covers": new})
    assert [(d.key, d.column, d.old, d.new, d.unit, d.source) for d in found] == expected
    assert {d.table for d in found} <= {"covers"}


def test_tables_and_columns_of_another_version_are_compared_too() -> None:
    event = {"event": "talks", "name": "Talks", "effect": "none", "source": "wire-2026"}
    found = data_diff(
        {"covers": [cover("a", "3")], "tolls": [{"road": "a", "value": "2", "unit": "USD"}]},
        {"covers": [{**cover("a", "3"), "who": "me"}], "events": [event]},
    )
    assert [(d.table, d.key, d.column, d.old, d.new) for d in found] == [
        ("covers", "a, m, opening_cover", "who", "", "me"),
        ("events", "talks", "", None, "Talks, none"),
        ("tolls", "a", "", "2 USD", None),
    ]


def test_kept_rows_are_the_data(tmp_path: Path) -> None:
    tables = read_tables(TINY)
    folder = keep_data(tables, tmp_path)
    assert read_tables(folder).hash == tables.hash
    again = kept_data(tmp_path, tables.hash)
    assert again is not None
    assert again.hash == tables.hash
    kept = kept_rows(tmp_path, tables.hash)
    assert kept is not None
    assert data_diff(kept, read_plain(folder)) == []
    assert sum(map(len, kept.values())) == sum(len(tables[name]) for name in tables)


def test_damaged_data_are_not_read_and_are_written_again(tmp_path: Path) -> None:
    tables = read_tables(TINY)
    folder = keep_data(tables, tmp_path)
    (folder / "covers.csv").write_text("customer\n")
    assert kept_rows(tmp_path, tables.hash) is None
    assert keep_data(tables, tmp_path) == folder == data_folder(tmp_path, tables.hash)
    assert kept_rows(tmp_path, tables.hash) is not None
    (folder / ".sums.json").unlink()
    assert kept_rows(tmp_path, tables.hash) is None
    assert kept_rows(tmp_path, "0" * 64) is None
    assert kept_data(tmp_path, tables.hash) is None
