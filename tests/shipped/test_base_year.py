"""The shipped numbers close, and are what the least adjustment makes of their raw values."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from supplychain.dataset import TABLES, Tables, read_tables
from supplychain.dataset.data_closure import Closure, closure
from supplychain.files import shipped
from supplychain.study.reconciliation import Reconciled, reconcile, write_reconciled

WITH_RAW = tuple(name for name, table in TABLES.items() if table.raw)
LARGE = 0.1


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables()


@pytest.fixture(scope="module")
def reconciled(tables: Tables) -> Reconciled:
    return reconcile(tables)


@pytest.fixture(scope="module")
def closes(tables: Tables) -> Closure:
    return closure(tables)


def key_of(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[column]) for column in TABLES[name].key)


def moved(tables: Tables) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows whose value is not their raw one, by table and key."""
    return {
        (name, ", ".join(key_of(name, row))): row
        for name in WITH_RAW
        for row in tables.records(name)
        if row["value"] != row["raw"]
    }


def test_every_balance_closes(reconciled: Reconciled) -> None:
    assert reconciled.open_balances == {}


def test_reconciling_again_changes_no_byte(reconciled: Reconciled, tmp_path: Path) -> None:
    """The shipped values are exactly those that the step writes."""
    folder = tmp_path / "data"
    shutil.copytree(shipped("data"), folder)
    before = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    changed = write_reconciled(folder, reconciled)
    assert set(changed) <= set(WITH_RAW)
    assert changed
    assert sum(changed.values()) == 0
    assert {p.name: p.read_bytes() for p in folder.glob("*.csv")} == before


def test_the_same_values_out_of_raw_alone(reconciled: Reconciled, tmp_path: Path) -> None:
    """What stands in `value` has no part in the step."""
    folder = tmp_path / "data"
    shutil.copytree(shipped("data"), folder)
    for name in WITH_RAW:
        raw_for_value(folder / f"{name}.csv")
    again = read_tables(folder)
    assert moved(again) == {}
    assert reconcile(again) == reconciled


def raw_for_value(path: Path) -> None:
    import csv

    with path.open(newline="", encoding="utf-8") as file:
        rows = [{**row, "value": row["raw"]} for row in csv.DictReader(file)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_every_closure_target_holds(closes: Closure) -> None:
    names = {target.target for target in closes.targets}
    shares = {f"china-share-{x}" for x in ("mining", "refining", "heavy-separation", "ndfeb")}
    assert names >= {*shares, "world-ndfeb", "exports-EUR", "exports-USA", "exports-JPN"}
    assert [target for target in closes.targets if not target.ok] == []


def test_shares_of_china_are_the_sourced_ones(closes: Closure) -> None:
    share = closes.china_share
    assert share["mining"] == pytest.approx(0.60, abs=0.011)
    assert share["refining"] == pytest.approx(0.91, abs=0.011)
    assert share["ndfeb_magnets"] == pytest.approx(0.94, abs=0.011)
    assert share["heavy_separation"] is not None
    assert share["heavy_separation"] >= 0.97
    assert closes.world_ndfeb_t == pytest.approx(213_000.0, rel=0.01)


def test_every_adjusted_row_lies_within_its_range(tables: Tables) -> None:
    rows = moved(tables)
    assert rows
    for row in rows.values():
        assert row["low"] is not None
        assert row["high"] is not None
    outside = [key for key, row in rows.items() if not row["low"] <= row["value"] <= row["high"]]
    assert outside == []


def test_every_large_adjustment_is_listed(tables: Tables, closes: Closure) -> None:
    """Rows moved by more than 10 %, the largest first; a row out of nothing counts as large."""
    large = {
        key
        for key, row in moved(tables).items()
        if not row["raw"] or abs(row["value"] / row["raw"] - 1.0) > LARGE
    }
    listed = [
        (row.table, row.key)
        for row in closes.adjusted
        if row.change is None or abs(row.change) > LARGE
    ]
    assert large
    assert set(listed) == large
    sizes = [abs(row.change) for row in closes.adjusted if row.change is not None]
    assert sizes == sorted(sizes, reverse=True)
