"""`supplychain export`: the tables of a run for planners and for other tools."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.answer import Answer
from supplychain.cli.command import UsageError, register
from supplychain.cli.named import need_run, read_past
from supplychain.cli.options import Output
from supplychain.cli.settings import resolve
from supplychain.cli.table import counted
from supplychain.errors import InvalidInput, nearest, problem
from supplychain.results.needed import WRITER, need

if TYPE_CHECKING:
    from pandas import DataFrame

    from supplychain.results.run import Run

FORMS = ("csv", "xlsx", "iamc")


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
    written = {form: _write(whole, form, found.folder) for form in wanted}
    text = "\n".join(said for said, _, _ in written.values())
    places = {form: place for form, (_, place, _) in written.items()}
    files = [file for _, _, made in written.values() for file in made]
    data = {"run": found.id, "folder": found.folder, "written": places}
    return Answer(text, data, artifacts=files)


def _write(run: Run, form: str, folder: Path) -> tuple[str, Path, list[Path]]:
    """Write one form: what to say of it, where it lies, and its files."""
    from supplychain.exchange.iamc import write_iamc
    from supplychain.exchange.run_book import write_run_book

    if form == "csv":
        place = folder / "csv"
        files = write_csv_folder(run.tables, place, force=True)
        return f"{counted(len(files), 'table')} written to {place.as_posix()}.", place, files
    if form == "xlsx":
        place = folder / f"{run.scenario}.xlsx"
        write_run_book(run, place)
        count = counted(len(run.tables), "table")
        return f"Workbook with {count} written to {place.as_posix()}.", place, [place]
    place = folder / f"{run.scenario}-iamc.csv"
    write_iamc(run, place)
    return f"IAMC layout written to {place.as_posix()}.", place, [place]


def write_csv_folder(frames: Mapping[str, DataFrame], folder: Path, *, force: bool) -> list[Path]:
    """Write tables as CSV into a folder of their own, whole.

    Raises:
        InvalidInput: the folder is there and `force` is not set, or holds what is not ours.
    """
    from supplychain.results.folder import whole_folder

    refuse_folder(folder, force=force)
    with whole_folder(folder) as part:
        for name, frame in frames.items():
            frame.to_csv(part / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    return [folder / f"{name}.csv" for name in frames]


def refuse_folder(folder: Path, *, force: bool) -> None:
    """Refuse a folder that may not be replaced by one of CSV files.

    Raises:
        InvalidInput: the folder is there and `force` is not set, or holds what is not ours.
    """
    there = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    foreign = [name for name in there if not name.endswith(".csv")]
    if foreign or (there and not force):
        hint = "Name another folder." if foreign else "Add --force to replace it."
        message = f"the folder holds {(foreign or there)[0]} already."
        found = problem("SETUP-106", message, file=folder.as_posix(), hint=hint)
        raise InvalidInput(message, [found])
