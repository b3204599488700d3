"""The data folder as a Frictionless Data Package: `datapackage.json`, written from the schema.

What the words of the descriptor mean: https://specs.frictionlessdata.io/data-package/.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from supplychain.dataset.schema import TABLES, quantities_as_json
from supplychain.dataset.table_types import Column, Table

PROFILE = "tabular-data-package"
LICENCE = {
    "name": "MIT",
    "title": "MIT License, for the compilation; each source in sources.csv keeps its own terms",
}
_TYPES = {"date": "date", "number": "number"}


def data_package(filled: Collection[str] = ()) -> dict[str, Any]:
    """The descriptor of a data folder; what it says follows from the schema alone.

    `filled` are the optional tables that have a file.
    """
    tables = [table for table in TABLES.values() if not table.optional or table.name in filled]
    return {
        "profile": PROFILE,
        "name": "supplychain-data",
        "title": "Magnets and rare earths: flows, plants, customers, controls, with sources",
        "description": "One number a row with unit, range, kind and source; see docs/data.md.",
        "licenses": [LICENCE],
        "sources": [{"title": "One a row, by its key in sources.csv", "path": "sources.csv"}],
        "resources": [_resource(table) for table in tables],
    }


def package_text(package: Mapping[str, Any]) -> str:
    """A descriptor as its file holds it."""
    return json.dumps(package, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _resource(table: Table) -> dict[str, Any]:
    quantities = quantities_as_json(table)
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table.file,
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [_field(column) for column in table.all_columns],
            "primaryKey": list(table.key),
            "missingValues": [""],
            **_keys(table),
        },
        **({"quantities": quantities} if quantities else {}),
    }


def _field(column: Column) -> dict[str, Any]:
    limits = {
        **({"required": True} if column.required else {}),
        **({"enum": list(column.choices)} if column.choices else {}),
    }
    unit = {"unit": "that of the column unit"} if column.kind == "number" else {}
    return {
        "name": column.name,
        "type": _TYPES.get(column.kind, "string"),
        "description": column.description,
        **unit,
        **({"constraints": limits} if limits else {}),
    }


def _keys(table: Table) -> dict[str, Any]:
    """Columns whose every word is the key of another table; lists and ANY cannot be said so."""
    found = [
        {
            "fields": [column.name],
            "reference": {
                "resource": column.refers_to,
                "fields": list(TABLES[column.refers_to].key),
            },
        }
        for column in table.all_columns
        if column.refers_to and column.required and not column.wildcard
        if column.kind != "sources" and len(TABLES[column.refers_to].key) == 1
    ]
    return {"foreignKeys": found} if found else {}
