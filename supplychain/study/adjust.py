"""Write reconciled values into the CSV files of a data folder; raw, ranges and notes stay."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from supplychain.dataset import TABLES
from supplychain.results.folder import whole_file
from supplychain.study.least_adjustment import Reconciled
from supplychain.units import CANONICAL, convert, dimension_of

DIGITS = 9
"""Significant digits written: enough for every balance to close to a thousandth of a tonne."""


def write_reconciled(folder: Path, reconciled: Reconciled) -> dict[str, int]:
    """Put the new values into the folder's tables, each in the unit of its row.

    Returns:
        Table name to the number of rows whose value changed.
    """
    changed: dict[str, int] = {}
    for name in sorted({table for table, _ in reconciled.values}):
        path = folder / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            columns = list(reader.fieldnames or [])
            rows = list(reader)
        changed[name] = sum(_update(name, row, reconciled) for row in rows)
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        with whole_file(path) as part:
            part.write_text(text.getvalue(), encoding="utf-8")
    return changed


def _update(table: str, row: dict[str, str], reconciled: Reconciled) -> bool:
    key = (table, tuple(row[column] for column in TABLES[table].key))
    if key not in reconciled.values:
        return False
    canonical = CANONICAL[dimension_of(row["unit"])]
    value = f"{convert(reconciled.values[key], canonical, row['unit']):.{DIGITS}g}"
    if float(value) == float(row["raw"]):
        value = row["raw"]
    differs = value != row["value"]
    row["value"] = value
    return differs
