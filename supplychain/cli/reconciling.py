"""How `data reconcile` works on a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from supplychain.cli.answer import Answer
from supplychain.cli.settings import Settings
from supplychain.cli.table import amount, counted, table
from supplychain.errors import ExitCode, InvalidInput, problem

if TYPE_CHECKING:
    from supplychain.dataset import Tables
    from supplychain.study.least_adjustment import Reconciled


def reconcile_folder(settings: Settings, *, dry_run: bool) -> Answer:
    """Solve the least adjustment of a data folder and write it into its tables.

    Raises:
        InvalidInput: there are overlays, or the folder is the inside of an installation.
    """
    from supplychain.dataset import read_tables, shipped
    from supplychain.study.adjust import write_reconciled
    from supplychain.study.least_adjustment import reconcile

    folder = settings.data or shipped("data")
    refuse(folder, settings)
    tables = read_tables(folder)
    reconciled = reconcile(tables)
    moved = moves(tables, reconciled)
    if not dry_run:
        write_reconciled(folder, reconciled)
    said = "would change" if dry_run else "changed"
    rows = [[name, row, amount(old), amount(new)] for name, row, old, new in moved]
    parts = [table(["table", "row", "was", "is"], rows, "<<>>")] if rows else []
    parts.append(f"{folder.as_posix()}: {counted(len(rows), 'number')} {said}.")
    left = [
        problem("DATA-902", f"{name} stays open by {amount(tonnes)} t/a.", path=name)
        for name, tonnes in reconciled.open_balances.items()
    ]
    data: dict[str, object] = {
        "folder": folder,
        "changed": [dict(zip(("table", "key", "old", "new"), move, strict=True)) for move in moved],
        "open_balances": reconciled.open_balances,
        "written": not dry_run,
    }
    code = ExitCode.CHECK_FAILED if left else ExitCode.DONE
    return Answer("\n\n".join(parts), data, problems=left, code=code)


def refuse(folder: Path, settings: Settings) -> None:
    """Refuse what must not be written.

    Raises:
        InvalidInput: there are overlays, or the folder is the inside of an installation.
    """
    problems = []
    if settings.overlays:
        hint = "Leave --overlay out; its own rows are used as they are."
        problems.append(problem("DATA-903", "an overlay is not reconciled.", hint=hint))
    if "_shipped" in folder.parts:
        message = "this folder belongs to the installed program."
        hint = "Copy it with `supplychain data export -o data` and name the copy with --data."
        problems.append(problem("DATA-904", message, file=folder.as_posix(), hint=hint))
    if problems:
        raise InvalidInput("This data folder is not reconciled.", problems)


def moves(tables: Tables, reconciled: Reconciled) -> list[tuple[str, str, float, float]]:
    """The numbers that the new values change: table, key, old, new, in canonical units."""
    from supplychain.dataset import TABLES

    found: list[tuple[str, str, float, float]] = []
    for name in sorted({table_name for table_name, _ in reconciled.values}):
        for row in tables.records(name):
            key = tuple(row[column] for column in TABLES[name].key)
            old = float(row["value"])
            new = reconciled.values.get((name, key), old)
            if abs(new - old) > 1e-6 * max(abs(old), 1.0):
                found.append((name, ", ".join(key), old, new))
    return found
