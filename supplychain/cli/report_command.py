"""`supplychain report`: make, check and schedule reports of a definition."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import LogFormat, Reporting
from supplychain.cli.settings import Settings, resolve
from supplychain.errors import (
    ExitCode,
    Failure,
    InvalidInput,
    Problem,
    nearest,
    problem,
)
from supplychain.formatting import in_calendar
from supplychain.progress import Progress, say, step
from supplychain.report.text.terminal_table import table
from supplychain.scheduled_reports.timers import (
    DEFAULT_EVERY,
    Timer,
    TimerSettings,
    read_every,
    this_program,
    timer_files,
)

if TYPE_CHECKING:
    from supplychain.scheduled_reports.make_report import Made, Outcome
    from supplychain.scheduled_reports.report_plan import Ground
    from supplychain.scheduled_reports.report_runs import AvailableRun, Job, RunSolver


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
        return print_timer(timer, specs, options, settings, fail_on_alert=bool(fail_on))

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
        day = date.fromisoformat(word)
    except ValueError as error:
        raise UsageError(f'--date wants a date such as 2026-09-28, but got "{word}".') from error
    try:
        return in_calendar(day)
    except ValueError as error:
        found = problem("SETTINGS-103", f"--date is {word}, but {error}.", path="--date")
        raise InvalidInput("Nothing was made.", [found]) from error


def _know(words: Sequence[str]) -> None:
    for word in words:
        if word != ALERT:
            hint = nearest(word, [ALERT]) or "Known: alert."
            raise UsageError(f'--fail-on knows no "{word}" here. {hint}')


def ground_of(options: Reporting, settings: Settings) -> Ground:
    """What holds for every definition, unless it says otherwise."""
    from supplychain.cli.settings import own_folders
    from supplychain.scheduled_reports.report_plan import Ground

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


def workshop_of(options: Reporting, settings: Settings) -> RunSolver:
    """Where the runs of this command are solved, several at a time if asked."""
    from functools import partial

    from supplychain.scheduled_reports.report_runs import RunSolver
    from supplychain.study.solve_many import side_by_side

    def at_once(jobs: Sequence[Job]) -> list[AvailableRun]:
        spoken = [partial(_spoken, job) for job in jobs]
        return side_by_side(spoken, settings.workers, "scenarios", quiet=options.quiet)

    @contextmanager
    def progress(name: str) -> Iterator[Progress]:
        with step("solve", name), Progress(name, quiet=options.quiet) as shown:
            yield shown

    return RunSolver(
        out=settings.out,
        progress=progress,
        side_by_side=at_once if settings.workers > 1 else None,
        force=options.force,
    )


def _spoken(job: Job) -> AvailableRun:
    """Do a job in a process of its own, and log it."""
    started = perf_counter()
    had = job()
    say("solve", had.id, {"solved": had.solved}, seconds=perf_counter() - started)
    return had


def _schema() -> Answer:
    import json

    from supplychain.scheduled_reports.report_schema import report_schema

    found = report_schema()
    return Answer(json.dumps(found, indent=2), found)


def _check(specs: Sequence[str], options: Reporting, settings: Settings, today: date) -> Answer:
    """Check definitions against their scenarios and data; every problem of all at once."""
    from supplychain.files import shown
    from supplychain.scheduled_reports.report_definition import (
        definitions,
        find_definition,
        load_definition,
        report_folders,
    )
    from supplychain.scheduled_reports.report_plan import DataCache, make_plan

    folders = report_folders(settings.project)
    names = specs or [one.name for one in definitions(folders)]
    ground, library = ground_of(options, settings), DataCache()
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


def make_all(
    specs: Sequence[str],
    settings: Settings,
    ground: Ground,
    workshop: RunSolver,
    day: date,
    *,
    wait: float,
    asked_day: bool,
    fail_on_alert: bool,
) -> Answer:
    """Make the reports of definitions and say what became of each."""
    from supplychain.scheduled_reports.make_report import keep_front, make_reports
    from supplychain.scheduled_reports.report_definition import report_folders

    folders = report_folders(settings.project)
    outcomes = make_reports(specs, folders, day, ground, workshop, wait=wait, backfill=asked_day)
    front = keep_front(settings.out, outcomes)
    return _answer(outcomes, front, fail_on_alert=fail_on_alert)


def _answer(outcomes: Sequence[Outcome], front: Failure | None, *, fail_on_alert: bool) -> Answer:
    failures = {one.spec: one.failure for one in outcomes if one.failure is not None}
    if front is not None:
        failures["The front page"] = front
    made = [one.made for one in outcomes if one.made]
    alerts = [alert for one in made for alert in one.past.record["alerts"]] if fail_on_alert else []
    told = [problem("CHECK-201", f"{a['name']}: {a['said']}") for a in alerts]
    told += [found for one in made for found in one.problems]
    problems: list[Problem] = []
    for spec, failure in failures.items():
        problems.append(problem("REPORT-901", f"{spec} was not made.", path=spec))
        problems.extend(failure.problems)
    complaints = [f"{spec} was not made.\n{failure.text}" for spec, failure in failures.items()]
    complaints += [" ".join(filter(None, [found.message, found.hint])) for found in told]
    return Answer(
        "\n\n".join(map(_text, made)),
        {"reports": [_entry(one) for one in outcomes]},
        artifacts=[file for one in made for file in _files(one)],
        problems=list(dict.fromkeys([*problems, *told])),
        complaint="\n".join(complaints),
        code=code_of(outcomes, alerts=bool(alerts), front=front is None),
    )


def code_of(outcomes: Sequence[Outcome], *, alerts: bool, front: bool = True) -> ExitCode:
    """The exit code: an alert that was asked for goes before a part that failed.

    Where all failed it is the code of the first.
    """
    failures = [one.failure for one in outcomes if one.failure is not None]
    if failures and len(failures) == len(outcomes):
        return failures[0].code
    if alerts:
        return ExitCode.CHECK_FAILED
    partial = not front or bool(failures) or any(one.made and one.made.problems for one in outcomes)
    return ExitCode.PARTIAL if partial else ExitCode.DONE


def _text(made: Made) -> str:
    """What became of a definition, for a person."""
    record = made.past.record
    lines = [f"{record['definition']}, {record['date']}: {_done(made)}", record["sentence"]]
    lines += [f"Alert {alert['name']}: {alert['said']}" for alert in record["alerts"]]
    lines += [f"Not kept any more: {folder.as_posix()}" for folder in made.gone]
    return "\n".join([*lines, f"Report: {_address(made).as_posix()}"])


def _done(made: Made) -> str:
    solved = f"solved {', '.join(made.solved)}" if made.solved else "nothing was solved"
    if not made.new:
        return f"up to date, {solved}."
    kept = [r["scenario"] for r in made.past.record["runs"] if r["scenario"] not in made.solved]
    return f"{solved}; kept from before: {', '.join(kept)}." if kept else f"{solved}."


def _address(made: Made) -> Path:
    """The page if there is one, or the brief."""
    files = made.past.record["files"]
    return made.past.folder / ("report.html" if "report.html" in files else "brief.md")


def _files(made: Made) -> list[Path]:
    return [made.past.folder / name for name in (*made.past.record["files"], "report.json")]


def _entry(one: Outcome) -> dict[str, Any]:
    """The entry of `reports` in --json."""
    if one.made is None:
        assert one.failure is not None
        return {"definition": one.spec, "status": "failed", "exit_code": int(one.failure.code)}
    record = one.made.past.record
    kept = ("date", "number", "key", "base", "runs", "sentence", "changed", "alerts", "headline")
    return {
        "definition": record["definition"],
        "status": "made" if one.made.new else "up-to-date",
        "folder": one.made.past.folder,
        "latest": one.made.past.folder.parent / "latest",
        "solved": list(one.made.solved),
        "removed": list(one.made.gone),
        **{name: record[name] for name in kept},
    }


def print_timer(
    kind: Timer,
    specs: Sequence[str],
    options: Reporting,
    settings: Settings,
    *,
    fail_on_alert: bool,
) -> Answer:
    """Print a timer for each time at which some of the definitions are due.

    Raises:
        NothingMatched: there is no such definition.
        InvalidInput: a definition is wrong, or a path cannot be written in such a file.
    """
    from supplychain.scheduled_reports.report_definition import (
        find_definition,
        invalid,
        load_definition,
        report_folders,
    )

    due: dict[str, list[str]] = {}
    for spec in dict.fromkeys(specs):
        path = find_definition(spec, report_folders(settings.project))
        definition = load_definition(path)
        if definition.document.problems:
            raise invalid(definition.document.problems)
        named = str(path.absolute()) if Path(spec).exists() else spec
        due.setdefault(definition.part.every or DEFAULT_EVERY, []).append(named)
    files: dict[str, str] = {}
    for every, names in due.items():
        told = TimerSettings(
            folder=settings.project.absolute(),
            program=this_program(),
            every=read_every(every),
            options=options_of(options, fail_on_alert=fail_on_alert),
            paths=paths_of(options),
        )
        for name, text in timer_files(kind, names, told).items():
            files[name] = "\n".join(filter(None, [files.get(name), text]))
    text = "\n".join(files.values()).rstrip("\n")
    return Answer(text, {"timer": kind, "files": files}, warnings=_not_taken_along())


def _not_taken_along() -> list[str]:
    """Settings of this environment that a timer starts without.

    Where solved pasts are kept is none of them: the reports are the same.
    """
    from supplychain.runs.kept_arrays import PLACE

    told = (name for name in os.environ if name.startswith("SUPPLYCHAIN_"))
    names = sorted(name for name in told if name != PLACE)
    hint = "The timer does not know it: give the option instead, or write it into supplychain.toml."
    return [f"{name} is set here. {hint}" for name in names]


def options_of(options: Reporting, *, fail_on_alert: bool) -> tuple[str, ...]:
    """The options of this command line that the timer shall give too."""
    words = ["--fail-on", "alert"] if fail_on_alert else []
    for name in ("workers", "threads"):
        value = getattr(options, name)
        words += [f"--{name}", str(value)] if value else []
    words += ["--log-format", "json"] if options.log_format == LogFormat.json else []
    words += ["-q"] if options.quiet else []
    return tuple(words)


def paths_of(options: Reporting) -> tuple[tuple[str, Path], ...]:
    """Those of them that are paths, from the working folder of this command."""
    pairs = [("--data", options.data), ("-o", options.out)]
    pairs += [("--overlay", overlay) for overlay in options.overlay or ()]
    return tuple((name, path.absolute()) for name, path in pairs if path)
