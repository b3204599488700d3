"""All checks across tables; those that read an unsound table wait until it is mended."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.dataset.check_demand import DEMAND_CHECKS
from supplychain.dataset.check_paths import PATH_CHECKS
from supplychain.dataset.check_policy import POLICY_CHECKS
from supplychain.dataset.check_supply import SUPPLY_CHECKS
from supplychain.dataset.findings import CrossCheck, Records, at
from supplychain.dataset.schema import TABLES
from supplychain.dataset.tables import Tables
from supplychain.errors import Problem, problem

USES: dict[str, tuple[tuple[str, str], ...]] = {
    "elements": (("material_content", "element"),),
    "materials": (("process_flows", "material"), ("intensities", "material")),
    "sites": (("lines", "site"),),
    "processes": (("lines", "process"),),
    "segments": (("customers", "segment"),),
}
"""Tables each of whose rows something must use, and the columns that would."""


def check(tables: Tables) -> list[Problem]:
    """Run every check across tables.

    Returns:
        The problems, sorted by file and row; none for tables that `read_tables` returned.
    """
    return cross_problems({name: tables.records(name) for name in tables})


def cross_problems(records: Records) -> list[Problem]:
    """Run the checks across those tables that are there."""
    found: list[Problem] = []
    for cross_check in ALL_CHECKS:
        if all(name in records for name in cross_check.reads):
            found.extend(cross_check.find(records))
    for parent, uses in USES.items():
        if parent in records and all(table in records for table, _ in uses):
            found.extend(_orphans(records, parent, uses))
    for table in TABLES.values():
        if table.complete_for in records and table.name in records:
            found.extend(_incomplete(records, table.name))
    return sorted(found)


def _orphans(records: Records, parent: str, uses: tuple[tuple[str, str], ...]) -> Iterator[Problem]:
    """Rows of a table that nothing uses: a slip, or a leftover."""
    key = TABLES[parent].key[0]
    used = {row[column] for table, column in uses for row in records[table]}
    users = " or ".join(f"{table}.csv" for table, _ in uses)
    for row in records[parent]:
        if row[key] not in used:
            message = f'"{row[key]}" is used in no row of {users}.'
            yield at(row, "DATA-451", key, message, "Use it there, or delete the row.")


def _incomplete(records: Records, name: str) -> Iterator[Problem]:
    """Rows of a table that lack a number they must have."""
    table = TABLES[name]
    parent = TABLES[table.complete_for].key[0]
    there = {(row[parent], row[table.quantity_column]) for row in records[name]}
    for row in records[table.complete_for]:
        for quantity in table.quantities:
            if quantity.required and (row[parent], quantity.name) not in there:
                message = f'"{row[parent]}" has no {quantity.name}.'
                hint = f"Add a row to {table.file}."
                yield at(row, "DATA-412", parent, message, hint)


def _assumptions(records: Records) -> Iterator[Problem]:
    """Every scalar that the model needs is there."""
    there = {row["assumption"] for row in records["assumptions"]}
    files = {row["_file"] for row in records["assumptions"]}
    for quantity in TABLES["assumptions"].quantities:
        if quantity.required and quantity.name not in there:
            yield problem(
                "DATA-412",
                f"there is no {quantity.name}.",
                file=min(files, default="assumptions.csv"),
                column="assumption",
                hint=f"Add a row for it: {quantity.description}.",
            )


ALL_CHECKS = (
    *SUPPLY_CHECKS,
    *DEMAND_CHECKS,
    *POLICY_CHECKS,
    *PATH_CHECKS,
    CrossCheck(("assumptions",), _assumptions),
)
