"""`supplychain runs prune`: take away what nobody needs any more."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.answer import Answer
from supplychain.cli.command import UsageError, register
from supplychain.cli.options import Results
from supplychain.cli.settings import resolve
from supplychain.cli.table import amount, counted, table

if TYPE_CHECKING:
    from supplychain.results.entry import Entry
    from supplychain.results.pruning import Pruning


def add(group: typer.Typer) -> None:
    """Add the command to the group."""
    register(group, "prune", group="runs", closing="Nothing was taken away.")(prune)


def prune(
    options: Results,
    older_than: Annotated[
        float | None,
        typer.Option("--older-than", metavar="DAYS", min=0.0, help="Only runs older than this."),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option("--keep", metavar="N", min=0, help="The newest N of each scenario stay."),
    ] = None,
    damaged: Annotated[
        bool, typer.Option("--damaged", help="Also folders whose record or tables are damaged.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Say what would go; take nothing away.")
    ] = False,
) -> Answer:
    """Take old runs away, never one that the newest report of a definition shows."""
    from supplychain.results.catalogue import open_catalogue
    from supplychain.results.pruning import (
        Rule,
        choose,
        no_report_in_the_making,
        sweep_parts,
        take_away,
    )

    if older_than is None and keep is None and not damaged:
        raise UsageError("prune wants --older-than DAYS, --keep N or --damaged.")
    out = resolve(options, os.environ, Path.cwd()).out
    rule = Rule(older_than, keep, damaged)
    with no_report_in_the_making(out):
        found = open_catalogue(out)
        chosen = choose(out, found, rule, time.time())
        swept = 0
        if not dry_run:
            take_away(chosen)
            swept = sweep_parts(out)
    return _answer(chosen, found.notes, swept, dry_run=dry_run)


def _answer(chosen: Pruning, notes: tuple[str, ...], swept: int, *, dry_run: bool) -> Answer:
    freed = chosen.freed + swept
    did = "would go" if dry_run else "taken away"
    said = f"{counted(len(chosen.gone), 'run folder')} {did}, {amount(freed / 1e6)} MB."
    parts = [_table(chosen.gone)] if chosen.gone else []
    if chosen.spared:
        names = ", ".join(f"{entry.id} ({report})" for entry, report in chosen.spared)
        parts.append(f"Kept, because the newest report of a definition shows them: {names}.")
    if chosen.data:
        copies = "copy of data" if len(chosen.data) == 1 else "copies of data"
        parts.append(f"{len(chosen.data)} {copies} {did}, of which no run and no report is left.")
    data = {
        "gone": [entry.as_json() for entry in chosen.gone],
        "spared": [{**entry.as_json(), "report": report} for entry, report in chosen.spared],
        "data": list(chosen.data),
        "freed": freed,
        "dry_run": dry_run,
    }
    return Answer("\n\n".join([*parts, said]), data, warnings=notes)


def _table(entries: tuple[Entry, ...]) -> str:
    from supplychain.results.entry import utc

    rows = [
        [entry.id or "-", entry.scenario or "-", utc(entry.written)[:16].replace("T", " "),
         f"{amount(entry.size / 1e6)} MB", entry.folder.as_posix()]
        for entry in entries
    ]  # fmt: skip
    return table(["id", "scenario", "written", "size", "folder"], rows, "<<<>")
