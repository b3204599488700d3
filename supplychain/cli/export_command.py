"""`supplychain export`, `data export` and `data import`: workbooks and the IAMC layout."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import Output
from supplychain.cli.settings import Settings, resolve
from supplychain.errors import InvalidInput, nearest, problem
from supplychain.formatting import counted
from supplychain.optional_dependencies import WRITER, need
from supplychain.report.text.terminal_table import NONE, table

if TYPE_CHECKING:
    from pandas import DataFrame

    from supplychain.runs.run_schema import Run


METADATA, PACKAGE = ".metadata.json", "datapackage.json"
"""How the files end or are called that say what tables hold."""

FORMS = ("csv", "xlsx", "iamc")

BOOK = Path("supplychain-data.xlsx")
"""Where the planner's workbook goes unless told otherwise."""


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "export")(export)


def export(
    options: Output,
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="An id, its start, latest, latest:SCENARIO, a folder."),
    ],
    to: Annotated[
        str, typer.Option("--to", metavar="FORM,...", help="xlsx, csv, iamc; several with commas.")
    ] = "csv",
) -> Answer:
    """Write the tables of a run into its own folder, for planners and for other tools."""
    from supplychain.runs.catalogue import need_run, read_past
    from supplychain.runs.run_folder import mark_exports, refuse_others

    wanted = list(dict.fromkeys(form.strip() for form in to.split(",")))
    for form in wanted:
        if form not in FORMS:
            hint = nearest(form, FORMS) or f"Known: {', '.join(FORMS)}."
            raise UsageError(f'"{form}" is not a form to export to. {hint}')
    settings = resolve(options, os.environ, Path.cwd())
    found = need_run(run, settings.out)
    if "xlsx" in wanted:  # before anything is written
        need(WRITER, "a workbook")
    whole = read_past(found)
    refuse_others(found.folder, [name for form in wanted for name in _names(whole, form)])
    written = {form: _write(whole, form, found.folder) for form in wanted}
    mark_exports(found.folder, found.id, [f for _, _, made in written.values() for f in made])
    text = "\n".join(said for said, _, _ in written.values())
    places = {form: place for form, (_, place, _) in written.items()}
    files = [file for _, _, made in written.values() for file in made]
    data = {"run": found.id, "folder": found.folder, "written": places}
    return Answer(text, data, artifacts=files)


def _names(run: Run, form: str) -> list[str]:
    """The files that a form is written to, relative to the folder of the run."""
    if form == "csv":
        return [f"csv/{name}{end}" for name in run.tables for end in (".csv", METADATA)]
    from supplychain.files import folder_name

    return [f"{folder_name(run.scenario)}{'.xlsx' if form == 'xlsx' else '-iamc.csv'}"]


def _write(run: Run, form: str, folder: Path) -> tuple[str, Path, list[Path]]:
    """Write one form: what to say of it, where it lies, and its files."""
    from supplychain.exchange.iamc import write_iamc
    from supplychain.exchange.run_workbook import write_run_book
    from supplychain.files import inside

    if form == "csv":
        place = folder / "csv"
        describe = partial(_describe, run)
        others = _others(folder)
        files = write_csv_folder(run.tables, place, describe, force=True, others=others)
        return f"{counted(len(run.tables), 'table')} written to {place.as_posix()}.", place, files
    place = inside(folder, *_names(run, form))
    if form == "xlsx":
        write_run_book(run, place)
        count = counted(len(run.tables), "table")
        return f"Workbook with {count} written to {place.as_posix()}.", place, [place]
    write_iamc(run, place)
    return f"IAMC layout written to {place.as_posix()}.", place, [place]


def _others(folder: Path) -> list[str]:
    """The files in the folder of CSV exports that no export wrote."""
    from supplychain.runs.run_folder import foreign_files

    return [name.removeprefix("csv/") for name in foreign_files(folder) if name[:4] == "csv/"]


def _describe(run: Run, folder: Path) -> list[str]:
    from supplychain.runs.run_package import write_metadata

    return [write_metadata(run, name, folder) for name in run.tables]


def _describe_data(folder: Path) -> list[str]:
    from supplychain.dataset import TABLES
    from supplychain.dataset.data_package import data_package, package_text

    filled = [name for name, table in TABLES.items() if (folder / table.file).is_file()]
    text = package_text(data_package(filled))
    (folder / PACKAGE).write_text(text, encoding="utf-8", newline="\n")
    return [PACKAGE]


def write_csv_folder(
    frames: Mapping[str, DataFrame],
    folder: Path,
    describe: Callable[[Path], list[str]],
    *,
    force: bool,
    others: Sequence[str] = (),
    mark: str = "'",
) -> list[Path]:
    """Write tables as CSV into a folder of their own, whole; the files of `others` stay in it.

    `describe` writes the files that say what the tables hold and returns their names. `mark` stands
    before a text that a spreadsheet would take for a formula.

    Raises:
        InvalidInput: the folder is there and `force` is not set, or holds what is not ours.
    """
    from supplychain.files import whole_folder
    from supplychain.runs.run_store import write_csv

    refuse_folder(folder, force=force)
    with whole_folder(folder, staying=lambda _: others) as part:
        for name, frame in frames.items():
            write_csv(frame, part / f"{name}.csv", mark)
        described = describe(part)
    return [folder / name for name in [*(f"{name}.csv" for name in frames), *described]]


def refuse_folder(folder: Path, *, force: bool) -> None:
    """Refuse a folder that may not be replaced by one of CSV files.

    Raises:
        InvalidInput: the folder is there and `force` is not set, or holds what is not ours.
    """
    there = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    foreign = [name for name in there if not name.endswith((".csv", METADATA, PACKAGE))]
    if foreign or (there and not force):
        hint = "Name another folder." if foreign else "Add --force to replace it."
        message = f"the folder holds {(foreign or there)[0]} already."
        found = problem("SETUP-106", message, file=folder.as_posix(), hint=hint)
        raise InvalidInput(message, [found])


def export_csv(settings: Settings, out: Path, *, force: bool) -> Answer:
    """Write the tables as CSV into a folder, numbers in the units of the model.

    Raises:
        InvalidInput: the data are wrong, or the folder holds something else.
    """
    from supplychain.dataset import TABLES, read_tables

    tables = read_tables(settings.data, settings.overlays)
    frames = {name: tables[name][list(TABLES[name].header)] for name in tables}
    blank = " "  # which is not read
    files = write_csv_folder(frames, out, _describe_data, force=force, mark=blank)
    text = f"{counted(len(frames), 'table')} written to {out.as_posix()}."
    return Answer(text, {"folder": out, "tables": list(tables)}, artifacts=files)


def export_workbook(settings: Settings, out: Path | None, *, force: bool) -> Answer:
    """Write the planner's workbook, numbers in the units of the data folder.

    Raises:
        InvalidInput: the data are wrong, XlsxWriter is missing, or the file is there already.
    """
    from supplychain.exchange.data_workbook import write_data_book
    from supplychain.exchange.workbook_import import read_numbers

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
    from supplychain.exchange.workbook_import import edited, write_overlay

    target = out or file.parent / f"{file.stem}-overlay"
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
    from supplychain.files import shipped

    used = [settings.data or shipped("data"), *settings.overlays]
    if target.resolve() in [folder.resolve() for folder in used]:
        message = "the workbook is compared with this folder; it cannot be replaced by the outcome."
        hint = "Name another folder with -o."
        found = problem("SETUP-112", message, file=target.as_posix(), hint=hint)
        raise InvalidInput(message, [found])
