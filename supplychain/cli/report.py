"""`supplychain report`: make the reports that definitions ask for; what a timer calls."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.answer import Answer
from supplychain.cli.command import UsageError, register
from supplychain.cli.log import say, step
from supplychain.cli.options import Reporting
from supplychain.cli.progress import Progress
from supplychain.cli.settings import Settings, resolve
from supplychain.cli.table import table
from supplychain.cli.timers import Timer
from supplychain.errors import InvalidInput, Problem, nearest

if TYPE_CHECKING:
    from supplychain.periodic.plan import Ground
    from supplychain.periodic.solving import Had, Job, Workshop

ALERT = "alert"


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "report", closing="Nothing was made.")(report)


def report(
    options: Reporting,
    specs: Annotated[
        list[str] | None,
        typer.Argument(metavar="SPEC...", help="Names or paths of report definitions."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only check the definitions; without SPEC all of them.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Only print the JSON Schema of a definition.")
    ] = False,
    fail_on: Annotated[
        list[str] | None,
        typer.Option("--fail-on", metavar="alert", help="Exit code 6 if an alert holds."),
    ] = None,
    day: Annotated[
        str | None,
        typer.Option("--date", metavar="DATE", help="The day of the report. Default: today, UTC."),
    ] = None,
    wait: Annotated[
        float,
        typer.Option("--wait", metavar="SECONDS", min=0.0, help="For another that makes the same."),
    ] = 60.0,
    timer: Annotated[
        Timer | None,
        typer.Option("--print-timer", help="Only print what makes a scheduler call this command."),
    ] = None,
) -> Answer:
    """Make reports: solve what is not kept, say what changed since last time, write them whole."""
    if schema:
        return _schema()
    settings = resolve(options, os.environ, Path.cwd())
    today = _day(day)
    _know(fail_on or ())
    if check:
        return _check(specs or [], options, settings, today or now())
    if not specs:
        raise UsageError("Name a report definition, such as weekly. --check lists them.")
    if timer is not None:
        from supplychain.cli.timing import print_timer

        return print_timer(timer, specs, options, settings, fail_on_alert=bool(fail_on))
    from supplychain.cli.reporting import make_all

    return make_all(
        specs,
        settings,
        ground_of(options, settings),
        workshop_of(options, settings),
        today or now(),
        wait=wait,
        asked_day=today is not None,
        fail_on_alert=bool(fail_on),
    )


def now() -> date:
    """Today in UTC, whatever the zone of the machine: timers are in UTC too."""
    return datetime.now(UTC).date()


def _day(word: str | None) -> date | None:
    if word is None:
        return None
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise UsageError(f'--date wants a date such as 2026-09-28, but got "{word}".') from error


def _know(words: Sequence[str]) -> None:
    for word in words:
        if word != ALERT:
            hint = nearest(word, [ALERT]) or "Known: alert."
            raise UsageError(f'--fail-on knows no "{word}" here. {hint}')


def ground_of(options: Reporting, settings: Settings) -> Ground:
    """What holds for every definition, unless it says otherwise."""
    from supplychain.cli.named import own_folders
    from supplychain.periodic.plan import Ground

    return Ground(
        out=settings.out,
        folders=own_folders(settings),
        data=settings.data,
        data_first=options.data is not None,
        overlays=settings.overlays,
        foresight=settings.foresight,
        allocation=settings.allocation,
        start=settings.start,
        weeks=settings.weeks,
        threads=settings.threads,
    )


def workshop_of(options: Reporting, settings: Settings) -> Workshop:
    """Where the runs of this command are solved, several at a time if asked."""
    from functools import partial

    from supplychain.cli.solving import side_by_side
    from supplychain.periodic.solving import Workshop

    def at_once(jobs: Sequence[Job]) -> list[Had]:
        spoken = [partial(_spoken, job) for job in jobs]
        return side_by_side(spoken, settings.workers, "scenarios", quiet=options.quiet)

    @contextmanager
    def progress(name: str) -> Iterator[Progress]:
        with step("solve", name), Progress(name, quiet=options.quiet) as shown:
            yield shown

    return Workshop(
        out=settings.out,
        progress=progress,
        side_by_side=at_once if settings.workers > 1 else None,
        force=options.force,
    )


def _spoken(job: Job) -> Had:
    """Do a job in a process of its own, and log it."""
    started = perf_counter()
    had = job()
    say("solve", had.id, {"solved": had.solved}, seconds=perf_counter() - started)
    return had


def _schema() -> Answer:
    import json

    from supplychain.periodic.document import report_schema

    found = report_schema()
    return Answer(json.dumps(found, indent=2), found)


def _check(specs: Sequence[str], options: Reporting, settings: Settings, today: date) -> Answer:
    """Check definitions against their scenarios and data; every problem of all at once."""
    from supplychain.dataset.paths import shown
    from supplychain.periodic.definition import (
        definitions,
        find_definition,
        load_definition,
        report_folders,
    )
    from supplychain.periodic.plan import Library, make_plan

    folders = report_folders(settings.project)
    names = specs or [one.name for one in definitions(folders)]
    ground, library = ground_of(options, settings), Library()
    rows: list[list[str]] = []
    problems: list[Problem] = []
    for path in dict.fromkeys(find_definition(name, folders) for name in names):
        try:
            plan = make_plan(load_definition(path), today, ground, library)
        except InvalidInput as error:
            problems.extend(error.problems)
            continue
        start = plan.wanted[0].scenario.start.isoformat()
        words = ", ".join(one.scenario.name for one in plan.wanted)
        rows.append([plan.definition.name, words, start, shown(path)])
    if problems:
        raise InvalidInput("The report definitions are not valid.", dict.fromkeys(problems))
    text = table(["report", "scenarios", "start", "file"], rows)
    entries = [{"name": row[0], "file": row[3], "valid": True} for row in rows]
    return Answer(f"{text}\n\nNo problems.", {"reports": entries})
