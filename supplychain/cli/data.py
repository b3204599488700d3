"""`supplychain data`: look into the numbers, check them, see what an overlay changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.answer import Answer
from supplychain.cli.command import UsageError, register
from supplychain.cli.options import Inputs
from supplychain.cli.settings import resolve
from supplychain.cli.table import NONE, counted, table
from supplychain.errors import NothingMatched, nearest

if TYPE_CHECKING:
    from supplychain.dataset import Tables

group = typer.Typer(
    help="The numbers: check, list, sources, diff, export, import.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(group, name="data")


def read(options: Inputs, *more: Path) -> Tables:
    """Read the data folder that the options name, with its overlays and some more."""
    from supplychain.dataset import read_tables

    settings = resolve(options, os.environ, Path.cwd())
    return read_tables(settings.data, [*settings.overlays, *more])


@register(group, "check", group="data")
def check(options: Inputs) -> Answer:
    """Check every table, and print the sums to which the numbers close."""
    from supplychain.cli.closing import closing_answer
    from supplychain.dataset import closure

    tables = read(options)
    return closing_answer(tables, closure(tables))


@register(group, "list", group="data")
def list_tables(
    options: Inputs,
    name: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help="One table, with its columns.")
    ] = None,
) -> Answer:
    """List the tables, or the columns of one."""
    from supplychain.dataset import schema_listing

    listing = {str(entry["table"]): entry for entry in schema_listing()}
    if name is None:
        tables = read(options)
        for key, entry in listing.items():
            entry["rows"] = len(tables[key])
        head = ["table", "rows", "what"]
        rows = [[k, f"{e['rows']:,}", str(e["description"])] for k, e in listing.items()]
        text = table(head, rows, "<><")
        data: dict[str, object] = {
            "folder": tables.folder,
            "hash": tables.hash,
            "tables": list(listing.values()),
        }
        return Answer(f"{tables.folder}\n\n{text}", data)
    if name not in listing:
        hint = nearest(name, listing)
        raise NothingMatched(f'There is no table "{name}". {hint}'.strip())
    return Answer(_columns(listing[name]), {"tables": [listing[name]]})


def _columns(entry: dict[str, object]) -> str:
    """The columns of one table, and what its numbers may be."""
    columns, quantities = entry["columns"], entry["quantities"]
    assert isinstance(columns, list)
    assert isinstance(quantities, list)
    rows = [
        [c["column"], c["type"], "yes" if c["required"] else "no", c["description"]]
        for c in columns
    ]
    parts = [f"{entry['file']}: {entry['description']}"]
    parts.append(table(["column", "type", "needed", "what"], rows))
    if quantities:
        numbers = [[q["quantity"], q["unit"], q["description"]] for q in quantities]
        parts.append(table(["quantity", "unit", "what"], numbers))
    return "\n\n".join(parts)


@register(group, "sources", group="data")
def sources(options: Inputs) -> Answer:
    """List the sources and how many rows stand on each."""
    tables = read(options)
    used = _uses(tables)
    entries = [{**row, "rows": used.get(row["source"], 0)} for row in tables.records("sources")]
    entries = [{k: v for k, v in e.items() if not k.startswith("_")} for e in entries]
    rows = [[e["source"], f"{e['rows']:,}", e["date"] or NONE, e["title"]] for e in entries]
    text = table(["source", "rows", "date", "title"], rows, "<><<")
    return Answer(text, {"folder": tables.folder, "sources": entries})


def _uses(tables: Tables) -> dict[str, int]:
    """Count the rows that name each source."""
    used: dict[str, int] = {}
    for name in tables:
        if name == "sources" or "source" not in tables[name]:
            continue
        for cell in tables[name]["source"]:
            for key in str(cell).split(";"):
                used[key.strip()] = used.get(key.strip(), 0) + 1
    return used


@register(group, "diff", group="data")
def diff(
    options: Inputs,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The overlay to look at.")],
) -> Answer:
    """List what an overlay changes, old -> new."""
    tables = read(options, folder)
    rows = [
        [
            c.table,
            c.key,
            c.column,
            NONE if c.old is None else c.old,
            NONE if c.new is None else c.new,
        ]
        for c in tables.changes
    ]
    text = table(["table", "row", "column", "old", "new"], rows)
    said = f"{counted(len(rows), 'cell')} changed."
    data = {"folder": tables.folder, "changes": [c.as_json() for c in tables.changes]}
    return Answer(f"{text}\n\n{said}" if rows else said, data)


@register(group, "export", group="data")
def export(
    options: Inputs,
    to: Annotated[str, typer.Option("--to", metavar="FORM", help="csv or xlsx.")] = "csv",
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="PATH",
            help="Folder (csv) or file (xlsx, supplychain-data.xlsx).",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
) -> Answer:
    """Write the tables, overlays laid over: CSV in the model's units, or a planner's workbook."""
    from supplychain.cli.workbooks import export_csv, export_workbook

    settings = resolve(options, os.environ, Path.cwd())
    if to == "xlsx":
        return export_workbook(settings, out, force=force)
    if to != "csv":
        raise UsageError(f'"{to}" is not a form to export to. Known: csv, xlsx.')
    if out is None:
        raise UsageError("Name the folder to write: -o DIR.")
    return export_csv(settings, out, force=force)


@register(group, "import", group="data", closing="Nothing was imported.")
def import_workbook(
    options: Inputs,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A workbook that data export --to xlsx made.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="DIR", help="Overlay to write. Default: FILE-overlay."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier import.")] = False,
) -> Answer:
    """Turn an edited workbook into an overlay: a folder with only the rows that differ."""
    from supplychain.cli.workbooks import import_overlay

    return import_overlay(resolve(options, os.environ, Path.cwd()), file, out, force=force)


@register(group, "reconcile", group="data")
def reconcile(
    options: Inputs,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Only say what would change.")
    ] = False,
) -> Answer:
    """Make the base year close: write the least adjusted values beside the raw ones."""
    from supplychain.cli.reconciling import reconcile_folder

    settings = resolve(options, os.environ, Path.cwd())
    return reconcile_folder(settings, dry_run=dry_run)
