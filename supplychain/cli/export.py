"""`supplychain export`: the tables of a run for planners and for other tools."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.answer import Answer
from supplychain.cli.command import UsageError, register
from supplychain.cli.named import need_run
from supplychain.cli.options import Output
from supplychain.cli.settings import resolve
from supplychain.cli.table import counted
from supplychain.errors import InvalidInput, nearest, problem

if TYPE_CHECKING:
    from pandas import DataFrame

FORMS = ("csv",)


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "export")(export)


def export(
    options: Output,
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="An id, its start, latest, latest:SCENARIO, a folder."),
    ],
    to: Annotated[str, typer.Option("--to", metavar="FORM,...", help="csv.")] = "csv",
) -> Answer:
    """Write the tables of a run into its own folder, for planners and for other tools."""
    from supplychain.results.store import read_run

    wanted = [form.strip() for form in to.split(",")]
    for form in wanted:
        if form not in FORMS:
            hint = nearest(form, FORMS) or f"Known: {', '.join(FORMS)}."
            raise UsageError(f'"{form}" is not a form to export to. {hint}')
    settings = resolve(options, os.environ, Path.cwd())
    found = need_run(run, settings.out)
    folder = found.folder / "csv"
    files = write_csv_folder(read_run(found.folder).tables, folder, force=True)
    text = f"{counted(len(files), 'table')} written to {folder.as_posix()}."
    return Answer(text, {"run": found.id, "folder": folder}, artifacts=files)


def write_csv_folder(frames: Mapping[str, DataFrame], folder: Path, *, force: bool) -> list[Path]:
    """Write tables as CSV into a folder of their own, whole.

    Raises:
        InvalidInput: the folder is there and `force` is not set, or holds what is not ours.
    """
    from supplychain.results.folder import whole_folder

    there = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    foreign = [name for name in there if not name.endswith(".csv")]
    if foreign or (there and not force):
        hint = "Name another folder." if foreign else "Add --force to replace it."
        message = f"the folder holds {(foreign or there)[0]} already."
        found = problem("SETUP-106", message, file=folder.as_posix(), hint=hint)
        raise InvalidInput(message, [found])
    with whole_folder(folder) as part:
        for name, frame in frames.items():
            frame.to_csv(part / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    return [folder / f"{name}.csv" for name in frames]
