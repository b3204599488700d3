"""`datapackage.json` of the data that ship: current, and what Frictionless takes the data for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from frictionless import validate

from supplychain.dataset import TABLES, read_tables
from supplychain.dataset.data_package import data_package, package_text

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "data" / "datapackage.json"


def test_it_is_what_the_schema_says() -> None:
    """Mend: `python -m supplychain.reference.reference_pages data/datapackage.json`."""
    assert PACKAGE.read_text(encoding="utf-8") == package_text(data_package())


def test_frictionless_finds_the_data_valid() -> None:
    report = validate(str(PACKAGE))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "note"])
    there = {name for name, table in TABLES.items() if (PACKAGE.parent / table.file).exists()}
    assert {task.name for task in report.tasks} == there
    assert {name for name, table in TABLES.items() if table.optional} == set(TABLES) - there


def test_frictionless_finds_what_is_wrong(tmp_path: Path) -> None:
    for file in (ROOT / "data").iterdir():
        shutil.copy(file, tmp_path)
    customers = tmp_path / "customers.csv"
    head, first, *rest = customers.read_text().splitlines()
    customers.write_text("\n".join([head, first.replace(",EUR,", ",EUU,"), first, *rest]) + "\n")
    said = json.loads(PACKAGE.read_text())
    few = [r for r in said["resources"] if r["name"] in ("customers", "segments", "regions")]
    (tmp_path / PACKAGE.name).write_text(json.dumps({**said, "resources": few}))
    report = validate(str(tmp_path / PACKAGE.name))
    found = {task.name: {error.type for error in task.errors} for task in report.tasks}
    assert found["customers"] == {"primary-key", "foreign-key"}
    assert found["segments"] == found["regions"] == set()


def test_the_file_is_no_part_of_the_data(tmp_path: Path) -> None:
    for file in (ROOT / "data").glob("*.csv"):
        shutil.copy(file, tmp_path)
    assert read_tables(tmp_path).hash == read_tables(ROOT / "data").hash
