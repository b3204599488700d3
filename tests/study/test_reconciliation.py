"""Least adjustment on the tiny world: closes within the ranges, says what cannot, keeps raw."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from supplychain.dataset import Tables, read_tables
from supplychain.study.reconciliation import Reconciled, reconcile, write_reconciled

TINY = Path(__file__).parent.parent / "worlds" / "tiny"


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables(TINY, [])


def with_cells(tables: Tables, name: str, key: dict[str, str], **cells: float) -> Tables:
    frame = tables[name].copy()
    mask = frame[list(key)].eq(list(key.values())).all(axis=1)
    assert mask.sum() == 1, key
    for column, value in cells.items():
        frame.loc[mask, column] = value
    return replace(tables, frames={**tables.frames, name: frame})


def balanced(tables: Tables) -> Tables:
    """Raw numbers that close: 5000 t of magnets in China of 1700 t of NdPr oxide, and so on."""
    line = {"quantity": "usual_run"}
    world = with_cells(tables, "line_numbers", {**line, "line": "china-magnets-heavy"}, raw=5000.0)
    return with_cells(world, "line_numbers", {**line, "line": "china-mine-ore"}, raw=10000.0)


def moved(tables: Tables, found: Reconciled) -> dict[Any, float]:
    """Numbers that are not their raw value any more, relative to it."""
    changes = {}
    for (table, key), value in found.values.items():
        frame = tables[table]
        columns = [c for c in frame.columns if frame[c].dtype.kind not in "fiM"][: len(key)]
        raw = float(frame[frame[columns].eq(list(key)).all(axis=1)]["raw"].iloc[0])
        if abs(value - raw) > 1e-6 * max(raw, 1.0):
            changes[key] = value / raw - 1.0 if raw else value
    return changes


def books(tables: Tables, found: Reconciled) -> dict[tuple[str, str], float]:
    """Made and brought in, less used and sent out, t a year, by region and material: other code."""
    region = dict(zip(tables["sites"]["site"], tables["sites"]["region"], strict=True))
    site = dict(zip(tables["lines"]["line"], tables["lines"]["site"], strict=True))
    process = dict(zip(tables["lines"]["line"], tables["lines"]["process"], strict=True))
    left: dict[tuple[str, str], float] = defaultdict(float)
    flows = tables["process_flows"]
    for line in site:
        run = found.values["line_numbers", (line, "usual_run")]
        for flow in flows[flows["process"] == process[line]].itertuples():
            sign = 1.0 if flow.role == "makes" else -1.0
            left[region[site[line]], str(flow.material)] += sign * flow.value * run
    for (table, key), tonnes in found.values.items():
        if table == "arcs":
            material, origin, destination = key
            left[origin, material] -= tonnes
            if material != "ndfeb-heavy":
                left[destination, material] += tonnes
    return left


def test_world_that_closes_is_left_alone(tables: Tables) -> None:
    world = balanced(tables)
    found = reconcile(world)
    assert found.open_balances == {}
    assert moved(world, found) == {}


def test_numbers_that_do_not_close_are_moved_until_they_do(tables: Tables) -> None:
    """The tiny world's raw numbers: China's lines make 5600 t of magnets and sell 5000 t."""
    found = reconcile(tables)
    assert found.open_balances == {}
    left = books(tables, found)
    assert left["CHN", "ndfeb-heavy"] == pytest.approx(0.0, abs=1e-3)
    assert left["EUR", "ndfeb-heavy"] == pytest.approx(0.0, abs=1e-3)
    for place, tonnes in left.items():
        assert tonnes >= -1e-3, place
    assert ("china-magnets-heavy", "usual_run") in moved(tables, found)


def test_every_number_stays_within_its_range(tables: Tables) -> None:
    found = reconcile(tables)
    lines = tables["line_numbers"].query("quantity == 'usual_run'")
    capacity = tables.values("line_numbers", "capacity")
    for row in lines.itertuples():
        value = found.values["line_numbers", (row.line, "usual_run")]
        assert row.low - 1e-6 <= value <= min(row.high, capacity[(row.line,)]) + 1e-6
    for row in tables["arcs"].itertuples():
        value = found.values["arcs", (row.material, row.origin, row.destination)]
        assert row.low - 1e-6 <= value <= row.high + 1e-6


def test_plans_of_the_four_sectors_do_not_move(tables: Tables) -> None:
    assert {table for table, _ in reconcile(tables).values} == {"arcs", "line_numbers"}


def test_export_by_buyer_follows_customs(tables: Tables) -> None:
    """Customs say 1500 to 1510 t to Europe; raw says 1400, and 600 t made there."""
    world = with_cells(
        balanced(tables),
        "arcs",
        {"material": "ndfeb-heavy", "origin": "CHN", "destination": "EUR"},
        raw=1400.0,
    )
    world = with_cells(world, "closure_targets", {"target": "exports-EUR"}, low=1500.0, high=1510.0)
    found = reconcile(world)
    assert found.open_balances == {}
    exports = found.values["arcs", ("ndfeb-heavy", "CHN", "EUR")]
    assert 1500.0 - 1e-3 <= exports <= 1510.0 + 1e-3


def test_what_cannot_close_is_reported_with_its_gap(tables: Tables) -> None:
    """Europe's cars need 2000 t; at most 1400 t come from China and 500 t from Europe's own."""
    world = balanced(tables)
    for origin, most in (("CHN", 1400.0), ("EUR", 500.0)):
        key = {"material": "ndfeb-heavy", "origin": origin, "destination": "EUR"}
        world = with_cells(world, "arcs", key, raw=most, low=0.9 * most, high=most)
    found = reconcile(world)
    assert found.open_balances == {"customers EUR ndfeb-heavy": pytest.approx(100.0, abs=0.01)}


def test_magnets_that_nobody_buys_are_reported(tables: Tables) -> None:
    key = {"line": "china-magnets-heavy", "quantity": "usual_run"}
    made = with_cells(balanced(tables), "line_numbers", key, raw=5900.0, low=5900.0, high=5900.0)
    assert "region CHN ndfeb-heavy" in reconcile(made).open_balances


def test_same_values_twice(tables: Tables) -> None:
    assert reconcile(tables) == reconcile(tables)


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def unadjusted(root: Path) -> Path:
    """The tiny world with raw in the place of every value."""
    folder = root / "data"
    shutil.copytree(TINY, folder)
    for name in ("arcs", "line_numbers"):
        rows = [{**row, "value": row["raw"]} for row in read_rows(folder / f"{name}.csv")]
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def test_raw_ranges_and_notes_stay_in_the_files(tables: Tables, tmp_path: Path) -> None:
    folder = unadjusted(tmp_path)
    start = {name: read_rows(folder / f"{name}.csv") for name in ("arcs", "line_numbers")}
    changed = write_reconciled(folder, reconcile(tables))
    assert changed["line_numbers"] > 0
    for name, before in start.items():
        after = read_rows(folder / f"{name}.csv")
        differ = [a for b, a in zip(before, after, strict=True) if a != b]
        assert len(differ) == changed[name]
        for b, a in zip(before, after, strict=True):
            assert {k: v for k, v in a.items() if k != "value"} == {
                k: v for k, v in b.items() if k != "value"
            }
    assert reconcile(read_tables(folder, [])) == reconcile(tables)
    again = write_reconciled(folder, reconcile(read_tables(folder, [])))
    assert sum(again.values()) == 0


def test_world_reads_closed_after_writing(tables: Tables, tmp_path: Path) -> None:
    folder = unadjusted(tmp_path)
    found = reconcile(tables)
    write_reconciled(folder, found)
    values = read_tables(folder, []).values("arcs")
    for key, tonnes in values.items():
        assert tonnes == pytest.approx(found.values["arcs", key], abs=1e-3)
