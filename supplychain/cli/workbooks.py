"""How `data export` and `data import` work: CSV folders, planners' workbooks, overlays."""

from __future__ import annotations

from pathlib import Path

from supplychain.cli.answer import Answer
from supplychain.cli.export import refuse_folder, write_csv_folder
from supplychain.cli.settings import Settings
from supplychain.cli.table import NONE, counted, table
from supplychain.errors import InvalidInput, problem

BOOK = Path("supplychain-data.xlsx")
"""Where the planner's workbook goes unless told otherwise."""


def export_csv(settings: Settings, out: Path, *, force: bool) -> Answer:
    """Write the tables as CSV into a folder, numbers in the units of the model.

    Raises:
        InvalidInput: the data are wrong, or the folder holds something else.
    """
    from supplychain.dataset import TABLES, read_tables

    tables = read_tables(settings.data, settings.overlays)
    frames = {name: tables[name][list(TABLES[name].header)] for name in tables}
    files = write_csv_folder(frames, out, force=force)
    text = f"{counted(len(files), 'table')} written to {out.as_posix()}."
    return Answer(text, {"folder": out, "tables": list(tables)}, artifacts=files)


def export_workbook(settings: Settings, out: Path | None, *, force: bool) -> Answer:
    """Write the planner's workbook, numbers in the units of the data folder.

    Raises:
        InvalidInput: the data are wrong, XlsxWriter is missing, or the file is there already.
    """
    from supplychain.exchange.data_book import write_data_book
    from supplychain.exchange.take_back import read_numbers

    target = out or BOOK
    if target.exists() and not force:
        hint = "It may hold changes. Name another file with -o, or add --force to replace it."
        message = "the file is there already."
        found = problem("SETUP-106", message, file=target.as_posix(), hint=hint)
        raise InvalidInput(message, [found])
    numbers = read_numbers(settings.data, settings.overlays)
    write_data_book(numbers, target)
    rows = sum(len(found) for found in numbers.rows.values())
    text = (
        f"{counted(len(numbers.rows), 'table')} with {counted(rows, 'row')} written to "
        f"{target.as_posix()}. When you have changed it: "
        f"supplychain data import {target.as_posix()}"
    )
    data = {"file": target, "hash": numbers.hash, "tables": list(numbers.rows)}
    return Answer(text, data, artifacts=[target])


def import_overlay(settings: Settings, file: Path, out: Path | None, *, force: bool) -> Answer:
    """Write the rows of a workbook that differ from the data as an overlay folder.

    Raises:
        InvalidInput: the workbook or what it changes is wrong, or the folder holds something else;
            nothing is written.
    """
    from supplychain.exchange.take_back import edited, write_overlay

    target = out or file.with_name(f"{file.stem}-overlay")
    found = edited(file, settings.data, settings.overlays)
    data = {"file": file, "folder": target, "changes": [c.as_json() for c in found.changes]}
    if not found.rows:
        same = "holds the numbers it was made from: nothing differs, nothing was written."
        text = f"{file.as_posix()} {same}"
        return Answer(text, {**data, "folder": None}, warnings=found.notes)
    _refuse_data(target, settings)
    refuse_folder(target, force=force)
    files = write_overlay(found, target)
    lines = [[c.table, c.key, c.column, c.old or NONE, c.new or NONE] for c in found.changes]
    rows = sum(len(changed) for changed in found.rows.values())
    said = (
        f"{counted(len(lines), 'cell')} in {counted(rows, 'row')} written to {target.as_posix()}. "
        f"Use it with --overlay {target.as_posix()}"
    )
    text = table(["table", "row", "column", "old", "new"], lines) + f"\n\n{said}"
    return Answer(text, data, artifacts=files, warnings=found.notes)


def _refuse_data(target: Path, settings: Settings) -> None:
    """Refuse to write over the data that the workbook is compared with.

    Raises:
        InvalidInput: the target is the data folder or one of the overlays in use.
    """
    from supplychain.dataset import shipped

    used = [settings.data or shipped("data"), *settings.overlays]
    if target.resolve() in [folder.resolve() for folder in used]:
        message = "the workbook is compared with this folder; it cannot be replaced by the outcome."
        hint = "Name another folder with -o."
        found = problem("SETUP-112", message, file=target.as_posix(), hint=hint)
        raise InvalidInput(message, [found])
