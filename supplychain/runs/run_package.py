"""The folder of a run as a Frictionless Data Package, and what is said beside each export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pandas import DataFrame

from supplychain.dataset.csv_reader import PACKAGE
from supplychain.dataset.data_package import package_text
from supplychain.files import write_json
from supplychain.runs.provenance import TABLES as FOLDER
from supplychain.runs.run_schema import (
    DAY,
    TABLES,
    TEXT,
    Run,
    in_order,
    meaning,
    table_attributes,
)

METADATA = ".metadata.json"
"""How the file ends that says what an exported table holds."""


def write_package(run: Run, folder: Path) -> None:
    """Write datapackage.json for the tables of a run; its record has their sums."""
    (folder / PACKAGE).write_text(package_text(run_package(run)), encoding="utf-8", newline="\n")


def run_package(run: Run) -> dict[str, Any]:
    """The descriptor of a run's folder: every table with types, units and meanings.

    When it was written stands in run.json alone: equal inputs give equal packages.
    """
    record = run.record
    return {
        "profile": "data-package",
        "name": f"run-{record['id']}",
        "title": str(record["scenario"].get("title") or run.scenario),
        "version": record["versions"]["supplychain"],
        "run": record["id"],
        "scenario": run.scenario,
        "data": record["data"]["hash"],
        **sources_of(run),
        "resources": [
            _resource(name, run.tables[name], record) for name in in_order(list(run.tables))
        ],
    }


def sources_of(run: Run) -> dict[str, list[dict[str, str]]]:
    """Titles and addresses of the sources that the tables name; nothing where there are none."""
    table = run.tables.get("sources", DataFrame())
    found = [
        {"title": str(row["title"]), **({"path": str(row["url"])} if row["url"] else {})}
        for row in table.to_dict("records")
    ]
    return {"sources": found} if found else {}


def _resource(name: str, table: DataFrame, record: Mapping[str, Any]) -> dict[str, Any]:
    total = record.get("sums", {}).get(name)
    return {
        "name": name,
        "path": f"{FOLDER}/{name}.parquet",
        "description": TABLES.get(name, ""),
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        **({"hash": f"sha256:{total}"} if total else {}),
        "schema": {"fields": fields_of(name, list(map(str, table.columns)))},
    }


def fields_of(name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """Each column of a table with its type, unit and meaning."""
    found = []
    for column in columns:
        known = meaning(name, column)
        kind = {TEXT: "string", DAY: "date"}.get(known.look, "number")
        unit = {"unit": known.unit} if known.unit and kind != "date" else {}
        found.append({"name": column, "type": kind, "description": known.text, **unit})
    return found


def write_metadata(run: Run, name: str, folder: Path) -> str:
    """Write beside `<name>.csv` what it holds: made when, from what, units, meanings, sources.

    Returns:
        The file's name, `<name>.metadata.json`.
    """
    table, record = run.tables[name], run.record
    said = {
        **table_attributes(name, table, record),
        "written": record.get("written"),
        "as_of": record.get("as_of"),
        "fields": fields_of(name, list(map(str, table.columns))),
        **sources_of(run),
    }
    for key in ("units", "meanings", "dates"):
        del said[key]
    write_json(said, folder / f"{name}{METADATA}")
    return f"{name}{METADATA}"
