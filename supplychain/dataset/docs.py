"""Write the data dictionary from the schema: `python -m supplychain.dataset.docs docs/data.md`."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from pathlib import Path

from supplychain.dataset.codes import CODES
from supplychain.dataset.columns import NUMBER_BLOCK, Column, Table
from supplychain.dataset.schema import TABLES
from supplychain.units import CANONICAL, UNITS

INTRODUCTION = """\
# The data folder

Written from the schema in `supplychain/dataset`; do not edit, but run
`python -m supplychain.dataset.docs docs/data.md`.

A data folder holds one CSV file for each table below: UTF-8, a comma between the cells, the names
of the columns in the first row. All tables must be there; one without rows still has its header.
The absence of a row means that there is no such thing, a blank required cell is an error, and no
number is left blank in order to mean zero. `supplychain data check` names every problem at once,
with file, row (the header is row 1), column and remedy. A `README` may lie in the folder too.

## Numbers

A table of numbers holds one number a row, and each of its rows ends with these columns. `raw` is
there only in the tables that reconciliation may change.
"""

OVERLAYS = """\
## Overlays

An overlay is a folder with only the tables and rows that differ: `--overlay DIR`, several times if
wanted, the last one on top. Its files have the same names and columns. A row whose key is there
already replaces that row, any other row is added, and a row with `yes` in the additional column
`remove` takes away the row of that key; its other cells may be blank. The result is checked like
any other data, and every changed cell, old and new, is kept with the results. Without touching CSV:
[numbers in a spreadsheet](workbooks.md).
"""


def data_dictionary() -> str:
    """Return docs/data.md as text."""
    parts = [INTRODUCTION, _columns(NUMBER_BLOCK), _units(), OVERLAYS, "## Tables\n"]
    parts.append(
        _grid(
            ("table", "holds"), ((f"[{t.name}](#{t.name})", t.description) for t in TABLES.values())
        )
    )
    parts.extend(_table(table) for table in TABLES.values())
    parts.append("## Problems\n")
    parts.append(_grid(("code", "meaning"), CODES.items()))
    return "\n".join(parts)


def _table(table: Table) -> str:
    """Describe one table."""
    raw = ", with `raw`" if table.raw else ""
    tail = f" Each row ends with the columns of [numbers](#numbers){raw}." if table.numbers else ""
    key = ", ".join(f"`{column}`" for column in table.key)
    text = f"### {table.name}\n\n{table.description}\n\nKey: {key}.{tail}\n\n"
    return text + _columns(table.columns) + ("\n" + _quantities(table) if table.numbers else "")


def _columns(columns: tuple[Column, ...]) -> str:
    rows = ((f"`{c.name}`", _what(c), "" if c.required else "yes", c.description) for c in columns)
    return _grid(("column", "holds", "may be blank", "meaning"), rows)


def _what(column: Column) -> str:
    """Say in words what a cell of a column may be."""
    if column.choices:
        return ", ".join(f"`{word}`" for word in column.choices)
    if column.kind == "sources":
        return "keys of [sources](#sources)"
    if column.refers_to:
        other = ", or `ANY`" if column.wildcard else ""
        return f"key of [{column.refers_to}](#{column.refers_to}){other}"
    return {"code": "capital letters", "date": "year-month-day"}.get(column.kind, column.kind)


def _quantities(table: Table) -> str:
    rows = (
        (
            f"`{q.name}`",
            q.unit,
            f"{q.lower:g}",
            "" if q.upper == math.inf else f"{q.upper:g}",
            q.description,
        )
        for q in table.quantities
    )
    head = table.quantity_column or "number"
    return _grid((head, "unit in the model", "at least", "at most", "meaning"), rows)


def _units() -> str:
    """List the units by dimension."""
    rows = (
        (
            dimension,
            unit,
            ", ".join(f"`{u}`" for u, spec in UNITS.items() if spec.dimension == dimension),
        )
        for dimension, unit in CANONICAL.items()
    )
    return "Units:\n\n" + _grid(("dimension", "in the model", "may be written in"), rows)


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Write a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(data_dictionary(), encoding="utf-8")
