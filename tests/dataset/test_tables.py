"""Reading: types, units, the fingerprint, and that nothing is written."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from supplychain.dataset import TABLES, check, read_tables
from supplychain.dataset.csv_reader import Row, read_table
from supplychain.files import shipped

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dataset.conftest import World


def test_every_table_has_the_columns_of_the_schema_and_is_sorted_by_its_key(world: World) -> None:
    tables = read_tables(world.data)
    assert list(tables) == list(TABLES)
    for name, table in TABLES.items():
        frame = tables[name]
        assert tuple(frame.columns) == (*table.header, "_file", "_line")
        keys = list(frame[list(table.key)].itertuples(index=False, name=None))
        assert keys == sorted(keys)


def test_columns_are_typed(world: World) -> None:
    tables = read_tables(world.data)
    assert tables["arcs"]["value"].dtype == "float64"
    assert tables["lines"]["start"].dtype == "datetime64[us]"
    assert tables["controls"]["until"].isna().all()
    assert tables["arcs"]["material"].dtype == "str"


def test_numbers_come_in_the_canonical_unit(world: World) -> None:
    world.set(
        "arcs", "ndfeb-heavy CHN EUR", value="1.5", low="1.2", high="1.8", raw="2", unit="kt/a"
    )
    row = read_tables(world.data)["arcs"].query(
        "destination == 'EUR' and material == 'ndfeb-heavy'"
    )
    found = row[row["origin"] == "CHN"].iloc[0]
    assert [found["value"], found["low"], found["high"], found["raw"]] == [1500, 1200, 1800, 2000]
    assert found["unit"] == "t/a"


def test_freight_stays_in_dollars_per_tonne(world: World) -> None:
    world.set("lanes", "CHN EUR freight", value="0.25", low="0.25", high="0.25", unit="USD/kg")
    assert read_tables(world.data).values("lanes", "freight")["CHN", "EUR"] == 250


def test_a_measured_number_may_lack_its_range(world: World) -> None:
    world.set("arcs", "ndfeb-heavy CHN EUR", low="", high="", kind="measured")
    arcs = [row for row in read_tables(world.data).records("arcs") if row["kind"] == "measured"]
    assert [(row["low"], row["high"]) for row in arcs] == [(None, None)]


def test_a_region_called_na_is_not_a_missing_value(world: World) -> None:
    world.twin("regions", "EUR", region="NA", name="NULL")
    regions = read_tables(world.data).records("regions")
    assert [(row["region"], row["name"]) for row in regions][2] == ("NA", "NULL")


def test_rows_know_their_place(world: World) -> None:
    row = read_tables(world.data).records("arcs")[0]
    assert row["_file"].endswith("data/arcs.csv")
    assert row["_line"] == 2


def test_values_and_assumptions_are_found_by_key(world: World) -> None:
    tables = read_tables(world.data)
    assert tables.values("process_flows")["separation", "makes", "ndpr-oxide"] == 0.187
    assert tables.values("line_numbers", "capacity")[("europe-magnets-heavy",)] == 600
    assert tables.assumption("far_period_weeks") == 4
    with pytest.raises(KeyError, match="speed"):
        tables.values("lanes", "speed")


def test_records_hold_dates(world: World) -> None:
    control = read_tables(world.data).records("controls")[0]
    assert control["effective"] == date(2025, 4, 4)
    assert control["until"] is None


def test_records_are_the_callers_own(world: World) -> None:
    tables = read_tables(world.data)
    for row in tables.records("regions"):
        row["region"] = "XXX"
    assert "XXX" not in {row["region"] for row in tables.records("regions")}


def test_what_was_read_passes_the_checks_again(world: World) -> None:
    assert check(read_tables(world.data)) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_hash_does_not_depend_on_the_order_of_rows(world: World, seed: int) -> None:
    before = read_tables(world.data)
    for name in TABLES:
        rows = world.rows(name)
        random.Random(seed).shuffle(rows)
        world.write(name, rows)
    after = read_tables(world.data)
    assert after.hash == before.hash
    places = ["_file", "_line"]
    for name in TABLES:
        pd.testing.assert_frame_equal(
            before[name].drop(columns=places), after[name].drop(columns=places)
        )


@pytest.mark.parametrize(
    ("table", "key", "cells"),
    [
        ("arcs", "ndfeb-heavy CHN EUR", {"value": "1500.5"}),
        ("controls", "cn-2025-18-magnets", {"effective": "2025-04-05"}),
        ("sources", "assumption", {"title": "Another"}),
    ],
)
def test_the_hash_changes_with_any_cell(
    world: World, table: str, key: str, cells: dict[str, str]
) -> None:
    before = read_tables(world.data).hash
    world.set(table, key, **cells)
    assert read_tables(world.data).hash != before


def test_reading_writes_nothing(world: World) -> None:
    def state() -> dict[Path, tuple[int, bytes]]:
        files = (path for path in world.root.rglob("*") if path.is_file())
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

    world.mine("arcs", "ndfeb-heavy CHN EUR", value="1400")
    before = state()
    read_tables(world.data, [world.root / "mine"])
    assert state() == before


def test_a_byte_order_mark_spaces_and_blank_rows_do_no_harm(world: World) -> None:
    path = world.path("regions")
    words = path.read_text(encoding="utf-8").replace("EUR,", " EUR ,")
    before = read_tables(world.data).hash
    path.write_text("\ufeff" + words + ",,,\n\n", encoding="utf-8")
    assert read_tables(world.data).hash == before


def test_a_row_with_a_line_break_counts_as_one_row(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    path.write_text('region,name,countries,note\nEUR,"a\nb",c,\nUSA,d,e,\n', encoding="utf-8")
    rows, problems = read_table(path, TABLES["regions"])
    assert problems == []
    assert [(row.line, row.cells["region"]) for row in rows] == [(2, "EUR"), (3, "USA")]
    assert isinstance(rows[0], Row)


def test_problems_of_several_files_come_together(world: World) -> None:
    world.set("arcs", "ndfeb-heavy CHN EUR", value="")
    world.set("line_numbers", "china-mine-ore capacity", unit="tpa")
    world.set("process_flows", "separation makes ndpr-oxide", value="0.21", high="0.21")
    assert [found.code for found in world.problems()] == ["DATA-201", "DATA-204", "DATA-401"]


def test_the_shipped_data_folder_is_found() -> None:
    assert (shipped("data") / "sources.csv").is_file()


def test_the_room_is_imported_without_pandas() -> None:
    code = (
        "import sys; from supplychain.files import shipped; "
        "from supplychain.dataset import schema_listing; "
        "print('pandas' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
