"""`supplychain data events` and `data add-event`: the dated history, and how it grows."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import Inputs
from supplychain.cli.settings import resolve
from supplychain.errors import problem
from supplychain.report.text.terminal_table import NONE, table

CONFIDENCE = ("high", "medium", "low")
ASKED = {
    "announced": "the day on which it was made known, as 2026-11-30",
    "effective": "the day on which it takes effect",
    "actor": "who acted",
    "name": "name in reports, as 'Announcement No. 40 of 2026: licence required'",
    "effect": "what it changes, in a sentence",
    "source": "key of the source in sources.csv; a new one is added with its title",
}
"""What an event needs, and how it is asked for where a terminal is there to answer."""
OF_A_SOURCE = {
    "title": "author, title and year of the source",
    "confidence": f"how far to trust it: {', '.join(CONFIDENCE)}",
}


def add(group: typer.Typer) -> None:
    """Add the commands to the group `data`."""
    register(group, "events", group="data")(events)
    register(group, "add-event", group="data", closing="Nothing was written.")(add_event)


def day_of(word: str | None, option: str) -> date | None:
    """Read a day of the command line.

    Raises:
        UsageError: it is no date.
    """
    if not word:
        return None
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise UsageError(f'{option} wants a date such as 2026-11-30, but got "{word}".') from error


def events(
    options: Inputs,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DATE", help="Only what was announced or took effect since."
        ),
    ] = None,
) -> Answer:
    """List the events that the data know, with source and confidence, the last one last."""
    from supplychain.cli.data_command import read
    from supplychain.dataset.events import as_of, events_since

    tables = read(options)
    found = events_since(tables, day_of(since, "--since"))
    rows = [
        [
            row["event"],
            str(row["announced"]),
            str(row["effective"]),
            row["name"],
            row["confidence"] or NONE,
            row["source"],
        ]
        for row in found
    ]
    head = ["event", "announced", "effective", "what", "confidence", "source"]
    known = as_of(tables)
    last = {"event": known.event, "date": known.date.isoformat()} if known else None
    said = f"As of {known.date}: {known.name}." if known else "The data know no event."
    text = f"{table(head, rows)}\n\n{said}" if rows else said
    return Answer(text, {"folder": tables.folder, "as_of": last, "events": found})


def add_event(
    options: Inputs,
    event: Annotated[
        str, typer.Argument(metavar="EVENT", help="Its key, as cn-2026-no40.", show_default=False)
    ],
    announced: Annotated[str | None, typer.Option("--announced", metavar="DATE")] = None,
    effective: Annotated[str | None, typer.Option("--effective", metavar="DATE")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Its last day, if it has one.")
    ] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="Who acted.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name in reports.")] = None,
    effect: Annotated[str | None, typer.Option("--effect", help="What it changes.")] = None,
    note: Annotated[str, typer.Option("--note", help="What a reader should know.")] = "",
    source: Annotated[
        str | None, typer.Option("--source", metavar="KEY", help="Its source; a new one is added.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Title of a new source.")] = None,
    url: Annotated[str, typer.Option("--url", help="Address of a new source.")] = "",
    confidence: Annotated[
        str | None, typer.Option("--confidence", help="high, medium or low, of a new source.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Check, and write nothing.")
    ] = False,
) -> Answer:
    """Add an event to the data folder, and its source if it is new; all checks or nothing."""
    from supplychain.cli.data_command import refuse_folder
    from supplychain.dataset import read_tables
    from supplychain.dataset.add_event import add_rows
    from supplychain.files import shipped

    settings = resolve(options, os.environ, Path.cwd())
    folder = settings.data or shipped("data")
    hint = "Leave --overlay out; an overlay takes its own events.csv."
    overlaid = problem("DATA-905", "an event is not added to an overlay.", hint=hint)
    closing = "This data folder takes no event."
    refuse_folder(folder, overlaid if settings.overlays else None, closing)
    given = {
        "announced": announced, "effective": effective, "actor": actor, "name": name,
        "effect": effect, "source": source,
    }  # fmt: skip
    cells = {**_asked(given, ASKED), "event": event, "until": until or "", "note": note}
    known = {row["source"] for row in read_tables(folder).records("sources")}
    new: dict[str, str] = {}
    if cells["source"] not in known:
        about = _asked({"title": title, "confidence": confidence}, OF_A_SOURCE)
        new = {**about, "source": cells["source"], "url": url, "date": cells["announced"][:4]}
    elif title or url or confidence:
        raise UsageError(
            f"{cells['source']} is in sources.csv; --title, --url, --confidence are of a new one."
        )
    rows = add_rows(folder, cells, new, write=not dry_run)
    said = "would be added" if dry_run else "added"
    parts = [f"{file}: {text}" for file, text in rows.items()]
    return Answer(
        "\n".join([*parts, f"{folder.as_posix()}: {len(rows)} rows {said}, no problems."]),
        {"folder": folder, "event": cells, "source": new or None, "written": not dry_run},
    )


def _answers() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _asked(given: dict[str, str | None], wanted: dict[str, str]) -> dict[str, str]:
    """What was given, and for the rest what a terminal answers.

    Raises:
        UsageError: something is missing and there is no terminal; all that is missing is named.
    """
    missing = [name for name in wanted if not given[name]]
    if missing and not _answers():
        said = "; ".join(f"--{name} ({wanted[name]})" for name in missing)
        raise UsageError(f"An event needs {said}.")
    answers: dict[str, Any] = {name: typer.prompt(wanted[name], err=True) for name in missing}
    return {name: str(answers.get(name) or given[name] or "").strip() for name in wanted}
