"""Overlays: rows replaced, added and removed, and every changed cell on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supplychain.dataset import Change, read_tables

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dataset.conftest import World


def _change(world: World, *rest: str | None, line: int = 2, table: str = "arcs") -> Change:
    key, action, column, old, new = rest
    folder = (world.root / "mine").as_posix()
    assert key is not None
    assert action is not None
    assert column is not None
    return Change(table, key, action, column, old, new, folder, f"{folder}/{table}.csv", line)


def _mine(world: World) -> list[Path]:
    return [world.root / "mine"]


def test_a_row_of_a_known_key_is_replaced(world: World) -> None:
    world.mine("arcs", "ndfeb-heavy CHN EUR", value="1400", note="own count")
    tables = read_tables(world.data, _mine(world))
    assert tables.values("arcs")["ndfeb-heavy", "CHN", "EUR"] == 1400
    key = "ndfeb-heavy, CHN, EUR"
    assert tables.changes == (
        _change(world, key, "replaced", "value", "1500", "1400"),
        _change(world, key, "replaced", "note", "", "own count"),
    )
    assert tables.overlays == ((world.root / "mine").as_posix(),)
    assert tables.changes[0].as_json()["old"] == "1500"


def test_a_row_of_a_new_key_is_added(world: World) -> None:
    cells = {"value": "0", "low": "0", "high": "0", "raw": "0"}
    world.mine("arcs", "ndfeb-heavy CHN USA", origin="USA", **cells)
    tables = read_tables(world.data, _mine(world))
    assert tables.values("arcs")["ndfeb-heavy", "USA", "USA"] == 0
    assert [(c.action, c.column, c.old, c.new) for c in tables.changes[:2]] == [
        ("added", "value", None, "0"),
        ("added", "low", None, "0"),
    ]


def test_a_row_is_removed(world: World) -> None:
    world.mine("arcs", "ndfeb-heavy EUR USA", remove="yes", value="", low="", high="", raw="")
    tables = read_tables(world.data, _mine(world))
    assert ("ndfeb-heavy", "EUR", "USA") not in tables.values("arcs")
    key = "ndfeb-heavy, EUR, USA"
    assert tables.changes[0] == _change(world, key, "removed", "value", "0", None)


def test_a_row_that_says_the_same_changes_nothing(world: World) -> None:
    world.mine("arcs", "ndfeb-heavy CHN EUR")
    tables = read_tables(world.data, _mine(world))
    assert tables.changes == ()
    assert tables.hash == read_tables(world.data).hash


def test_the_last_overlay_lies_on_top(world: World) -> None:
    world.mine("arcs", "ndfeb-heavy CHN EUR", value="1400")
    (world.root / "mine").rename(world.root / "first")
    world.mine("arcs", "ndfeb-heavy CHN EUR", value="1300")
    tables = read_tables(world.data, [world.root / "first", world.root / "mine"])
    assert [(c.old, c.new) for c in tables.changes] == [("1500", "1400"), ("1400", "1300")]
    assert tables.values("arcs")["ndfeb-heavy", "CHN", "EUR"] == 1300


def test_an_overlay_may_bring_its_sources(world: World) -> None:
    world.mine("arcs", "ndfeb-heavy CHN EUR", value="1400", source="own-count")
    assert [found.code for found in world.problems(overlay=True)] == ["DATA-311"]
    world.mine("sources", "assumption", source="own-count")
    assert world.problems(overlay=True) == ()


def test_the_checks_run_on_the_result_and_name_the_overlay(world: World) -> None:
    world.mine("line_numbers", "china-mine-ore usual_run", value="12100", high="12500")
    assert world.sentences(overlay=True) == [
        'DATA-411 mine/line_numbers.csv, row 2, column value: "china-mine-ore" usually runs '
        f"12100 t/a with a capacity of 12000 t/a (row 6 of {world.data}/line_numbers.csv). "
        "Raise the capacity or lower the run."
    ]


def test_a_fault_between_an_overlay_and_the_data_names_both(world: World) -> None:
    world.mine("line_numbers", "china-mine-ore capacity", value="6000", low="5000")
    (told,) = world.sentences(overlay=True)
    assert told.startswith("DATA-411 data/line_numbers.csv, row")
    assert f"(row 2 of {world.root / 'mine'}/line_numbers.csv)" in told


def test_a_fault_of_the_data_folder_can_be_mended_by_an_overlay(world: World) -> None:
    world.set("arcs", "ndfeb-heavy CHN EUR", value="")
    assert [found.code for found in world.problems()] == ["DATA-201"]
    world.mine("arcs", "ndfeb-heavy CHN EUR", value="1400")
    assert world.problems(overlay=True) == ()


def test_a_key_twice_in_one_overlay_is_a_fault(world: World) -> None:
    row = next(row for row in world.rows("arcs") if row["destination"] == "USA")
    world.write("arcs", [row, {**row, "value": "1"}], "mine")
    assert next((f.code, f.line) for f in world.problems(overlay=True)) == ("DATA-111", 3)


def test_a_stray_file_and_a_missing_folder_are_faults(world: World) -> None:
    assert world.sentences(overlay=True) == [
        "DATA-101 mine: the folder does not exist. Give a folder that holds the CSV tables."
    ]
    (world.root / "mine").mkdir()
    (world.root / "mine" / "arc.csv").write_text("material\n", encoding="utf-8")
    assert world.sentences(overlay=True) == [
        'DATA-103 mine/arc.csv: "arc.csv" is not a table. Nearest: "arcs.csv". '
        "Rename the file or move it elsewhere."
    ]
