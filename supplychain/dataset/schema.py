"""Every table of a data folder: the one truth of reader, checks, dictionary and listing."""

from __future__ import annotations

from supplychain.dataset.columns import Column, Table
from supplychain.dataset.schema_demand import DEMAND_TABLES
from supplychain.dataset.schema_observed import OBSERVED_TABLES
from supplychain.dataset.schema_paths import PATH_TABLES
from supplychain.dataset.schema_policy import POLICY_TABLES
from supplychain.dataset.schema_supply import SUPPLY_TABLES

TABLES: dict[str, Table] = {
    t.name: t
    for t in (*SUPPLY_TABLES, *DEMAND_TABLES, *POLICY_TABLES, *PATH_TABLES, *OBSERVED_TABLES)
}
"""All tables by name, in the order in which a reader meets them."""


def schema_listing() -> list[dict[str, object]]:
    """Return the schema as plain lists and dictionaries, for `data list --json`."""
    return [_table_as_json(table) for table in TABLES.values()]


def _table_as_json(table: Table) -> dict[str, object]:
    return {
        "table": table.name,
        "file": table.file,
        "description": table.description,
        "key": list(table.key),
        "columns": [_column_as_json(column) for column in table.all_columns],
        "quantity_column": table.quantity_column or None,
        "quantities": [
            {
                "quantity": quantity.name,
                "unit": quantity.unit,
                "description": quantity.description,
                "lower": quantity.lower,
                "upper": quantity.upper if quantity.upper < float("inf") else None,
            }
            for quantity in table.quantities
        ],
    }


def _column_as_json(column: Column) -> dict[str, object]:
    return {
        "column": column.name,
        "type": column.kind,
        "description": column.description,
        "required": column.required,
        "refers_to": column.refers_to or None,
        "choices": list(column.choices),
    }
