"""`supplychain data`: list, check, differences, closure and reconciliation of a data folder."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import Inputs
from supplychain.cli.settings import Settings, resolve
from supplychain.errors import ExitCode, InvalidInput, NothingMatched, Problem, nearest, problem
from supplychain.formatting import counted
from supplychain.report.text.terminal_table import NONE, amount, percent, table

if TYPE_CHECKING:
    from supplychain.dataset import Closure, Tables
    from supplychain.study.reconciliation import Reconciled


group = typer.Typer(
    help="The numbers: check, list, sources, diff, export, import.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

WORTH_LISTING = 0.10
"""Adjustments by more than this share are listed for a reader; `--json` has them all."""


def add(app: typer.Typer) -> None:
    """Add the commands to the application."""
    from supplychain.cli.event_command import add as add_events

    add_events(group)
    app.add_typer(group, name="data")


def read(options: Inputs, *more: Path) -> Tables:
    """Read the data folder that the options name, with its overlays and some more."""
    from supplychain.dataset import read_tables

    settings = resolve(options, os.environ, Path.cwd())
    return read_tables(settings.data, [*settings.overlays, *more])


@register(group, "check", group="data")
def check(options: Inputs) -> Answer:
    """Check every table, and print the sums to which the numbers close."""
    from supplychain.dataset import closure

    tables = read(options)
    answer = closing_answer(tables, closure(tables))
    return replace(answer, warnings=warnings_of(tables))


def warnings_of(tables: Tables) -> list[str]:
    """What is rounded, what of an overlay no run reads, what its sourcing asks of full lanes."""
    from supplychain.network.build_network import build_network
    from supplychain.network.sourcing_check import overfull_lanes
    from supplychain.network.unread_cells import rounded_numbers, unread_cells

    found = rounded_numbers(tables)
    if tables.changes:
        network = build_network(tables)
        found += [*unread_cells(tables, network), *overfull_lanes(tables, network)]
    return found


@register(group, "list", group="data")
def list_tables(
    options: Inputs,
    name: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help="One table, with its rows.")
    ] = None,
    columns: Annotated[
        bool, typer.Option("--columns", help="What its columns and quantities are, not its rows.")
    ] = False,
) -> Answer:
    """List the tables, or the rows of one."""
    from supplychain.dataset import schema_listing

    listing = {str(entry["table"]): entry for entry in schema_listing()}
    if name is None:
        if columns:
            raise UsageError("--columns are those of a TABLE: name one.")
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
    if columns:
        return Answer(_columns(listing[name]), {"tables": [listing[name]]})
    return _rows(read(options), listing[name])


def _rows(tables: Tables, entry: dict[str, object]) -> Answer:
    """The rows of one table, overlays laid over, in the units of the model."""
    from supplychain.dataset import TABLES

    name = str(entry["table"])
    head = list(TABLES[name].header)
    records = [{key: row[key] for key in head} for row in tables.records(name)]
    cells = [[_cell(row[key]) for key in head] for row in records]
    said = f"{entry['file']}: {entry['description']} {counted(len(cells), 'row')}."
    listed = {**entry, "rows": len(records), "records": records}
    more = f"What each column holds: supplychain data list {name} --columns"
    return Answer(
        "\n\n".join([said, table(head, cells), more]),
        {"folder": tables.folder, "hash": tables.hash, "tables": [listed]},
    )


def _cell(value: object) -> str:
    """A cell of a data table as a terminal shows it; numbers with all their digits."""
    if value is None or value == "":
        return NONE
    return f"{value:.12g}" if isinstance(value, float) else str(value)


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
    from supplychain.cli.export_command import export_csv, export_workbook

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
    from supplychain.cli.export_command import import_overlay

    return import_overlay(resolve(options, os.environ, Path.cwd()), file, out, force=force)


@register(group, "reconcile", group="data")
def reconcile(
    options: Inputs,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Only say what would change.")
    ] = False,
) -> Answer:
    """Make the base year close: write the least adjusted values beside the raw ones."""
    settings = resolve(options, os.environ, Path.cwd())
    return reconcile_folder(settings, dry_run=dry_run)


def closing_answer(tables: Tables, closed: Closure) -> Answer:
    """Say whether the data close, to what, and which numbers were adjusted for it."""
    rows = sum(len(tables[name]) for name in tables)
    missed = [t for t in closed.targets if not t.ok]
    parts = [
        f"{tables.folder}: {len(tables)} tables, {rows:,} rows, no problems.",
        _shares(closed),
        _exports(closed),
        _elements(closed),
        _adjusted(closed),
    ]
    problems = [
        problem(
            "DATA-901",
            f"{t.target} closes to {_value(t.found, t.unit)}, "
            f"outside {_value(t.low, t.unit)} to {_value(t.high, t.unit)}.",
            file="closure_targets.csv",
            path=t.target,
        )
        for t in missed
    ]
    data: dict[str, object] = {
        "folder": tables.folder,
        "overlays": tables.overlays,
        "hash": tables.hash,
        "tables": {name: len(tables[name]) for name in tables},
        "closure": closed.as_json(),
    }
    code = ExitCode.CHECK_FAILED if missed else ExitCode.DONE
    return Answer("\n\n".join(filter(None, parts)), data, problems=problems, code=code)


def _value(value: float | None, unit: str) -> str:
    return percent(value) if unit == "share" else f"{amount(value)} {unit}".replace("- t/a", NONE)


def _shares(closed: Closure) -> str:
    """What was found beside the target and its range, China's exports aside."""
    rows = [
        [
            t.target,
            _value(t.found, t.unit),
            _value(t.wanted, t.unit),
            f"{_value(t.low, t.unit)} to {_value(t.high, t.unit)}",
            "yes" if t.ok else "NO",
        ]
        for t in closed.targets
        if not t.target.startswith("exports-")
    ]
    return table(["closes to", "found", "target", "range", "within"], rows, "<>>>")


def _exports(closed: Closure) -> str:
    """China's magnet exports by buyer beside the customs statistics."""
    targets = {t.target.removeprefix("exports-"): t for t in closed.targets}
    rows = []
    for region, tonnes in closed.exports_t.items():
        target = targets.get(region)
        wanted = _value(target.wanted, target.unit) if target else NONE
        within = NONE if target is None else "yes" if target.ok else "NO"
        rows.append([region, f"{amount(tonnes)} t/a", wanted, within])
    head = ["NdFeB magnets from China to", "found", "customs", "within"]
    return table(head, rows, "<>>") if rows else ""


def _elements(closed: Closure) -> str:
    """What is mined of each element beside what is used, base year."""
    rows = [
        [e.element, *(amount(v) for v in (e.mined_t, e.made_t, e.recycled_t, e.used_t))]
        for e in closed.elements
    ]
    head = ["element, t/a", "mined", "separated", "recycled", "in goods"]
    return table(head, rows, "<>>>>") if rows else ""


def _adjusted(closed: Closure) -> str:
    """The numbers that reconciliation moved by more than a tenth."""
    large = [a for a in closed.adjusted if a.change is None or abs(a.change) > WORTH_LISTING]
    said = f"Reconciliation changed {len(closed.adjusted):,} numbers, {len(large):,} by over 10 %."
    if not large:
        return said
    rows = [
        [
            a.table,
            a.key,
            f"{amount(a.raw)} {a.unit}",
            f"{amount(a.used)} {a.unit}",
            NONE if a.change is None else f"{100 * a.change:+.0f} %",
        ]
        for a in large
    ]
    return f"{said}\n\n" + table(["table", "row", "raw", "used", "change"], rows, "<<>>>")


def reconcile_folder(settings: Settings, *, dry_run: bool) -> Answer:
    """Solve the least adjustment of a data folder and write it into its tables.

    Raises:
        InvalidInput: there are overlays, or the folder is the inside of an installation.
    """
    from supplychain.dataset import read_tables
    from supplychain.files import shipped
    from supplychain.study.reconciliation import reconcile, write_reconciled

    folder = settings.data or shipped("data")
    hint = "Leave --overlay out; its own rows are used as they are."
    overlaid = problem("DATA-903", "an overlay is not reconciled.", hint=hint)
    closing = "This data folder is not reconciled."
    refuse_folder(folder, overlaid if settings.overlays else None, closing)
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


def refuse_folder(folder: Path, overlaid: Problem | None, closing: str) -> None:
    """Refuse a data folder that must not be written; `overlaid` says what overlays have to do.

    Raises:
        InvalidInput: there are overlays, or the folder is the inside of an installation.
    """
    problems = [overlaid] if overlaid else []
    if "_shipped" in folder.parts:
        message = "this folder belongs to the installed program."
        hint = "Copy it with `supplychain data export -o data` and name the copy with --data."
        problems.append(problem("DATA-904", message, file=folder.as_posix(), hint=hint))
    if problems:
        raise InvalidInput(closing, problems)


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
