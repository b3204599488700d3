"""`supplychain hindcast`: the 2025 episode beside observed monthly exports, with the errors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.answer import Answer, plain
from supplychain.cli.command import UsageError, register
from supplychain.cli.options import Solving
from supplychain.cli.table import amount, percent, signed, table
from supplychain.errors import ExitCode, Problem, problem

if TYPE_CHECKING:
    from supplychain.cli.settings import Settings
    from supplychain.study.hindcast import Hindcast
    from supplychain.study.run import RunRequest

EARLIEST = "2025-04"
WORLD_SERIES = "magnets-world"


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "hindcast", closing="Nothing was solved.")(hindcast)


def hindcast(
    options: Solving,
    until: Annotated[
        str, typer.Option("--until", metavar="MONTH", help="Last month, as 2026-03.")
    ] = "2025-12",
    max_error: Annotated[
        float | None,
        typer.Option(
            "--max-error",
            metavar="SHARE",
            min=0.0,
            help="Exit code 6 if the mean error of the world's magnet exports is above, as 0.12.",
        ),
    ] = None,
    fit: Annotated[
        bool,
        typer.Option("--fit", help="Fit the parameters to April to August first; takes minutes."),
    ] = False,
) -> Answer:
    """Show the 2025 episode against observed monthly exports, with the errors."""
    from supplychain.cli.saving import probe, refuse_foreign, save_run
    from supplychain.cli.solving import requests
    from supplychain.study import hindcast as study

    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", until) or until < EARLIEST:
        raise UsageError(f'--until wants a month from {EARLIEST} on, but got "{until}".')
    if options.start or options.weeks:
        raise UsageError("The hindcast has its own start and length; use --until.")
    settings, [request] = requests([study.SCENARIO], options)
    refuse_foreign(settings.out / study.SCENARIO, force=options.force)
    probe(settings.out)
    written: list[Path] = []
    if fit:
        folder = _fitted(request, settings, options)
        request = _with_overlay(request, folder)
        written.append(folder / "fitted_parameters.csv")
    found = _solved(request, until, options)
    run = save_run(found.run, settings.out, force=options.force)
    assert run.folder is not None
    written = [*_write(found, settings.out), *written, run.folder / "report.html"]
    return _answer(found, written, max_error)


def _solved(request: RunRequest, until: str, options: Solving) -> Hindcast:
    from supplychain.cli.progress import Progress
    from supplychain.study.hindcast import hindcast as solve

    with Progress(request.scenario, quiet=options.quiet) as progress:
        return solve(request, until, progress)


def _fitted(request: RunRequest, settings: Settings, options: Solving) -> Path:
    """Fit, and leave the rows as an overlay in the results folder."""
    from supplychain.cli.progress import Progress
    from supplychain.results.folder import whole_folder
    from supplychain.study.calibration import as_json, calibrate

    with Progress("fit", quiet=options.quiet) as progress:
        fitted, frame = calibrate(request, on_progress=progress)
    folder = settings.out / "fitted"
    with whole_folder(folder) as part:
        frame.to_csv(part / "fitted_parameters.csv", index=False, lineterminator="\n")
        text = json.dumps(plain(as_json(fitted)), indent=2, allow_nan=False)
        (part / "README.json").write_text(f"{text}\n", encoding="utf-8")
    return folder


def _with_overlay(request: RunRequest, folder: Path) -> RunRequest:
    from dataclasses import replace

    return replace(request, overlays=(*request.overlays, folder))


def _write(found: Hindcast, out: Path) -> list[Path]:
    """Write the page and the series beside the run, each file whole."""
    from supplychain.report.hindcast import write_hindcast_page
    from supplychain.results.folder import whole_file
    from supplychain.study.hindcast import as_json

    page, series, whole = (out / f"hindcast.{kind}" for kind in ("html", "csv", "json"))
    with whole_file(page) as part:
        write_hindcast_page(found, part)
    with whole_file(series) as part:
        head = "series,destination,month,until,observed_t,modelled_t,error\n"
        part.write_text(head + "".join(map(_line, found.points)), encoding="utf-8", newline="\n")
    with whole_file(whole) as part:
        text = json.dumps(plain(as_json(found)), indent=2, allow_nan=False)
        part.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return [page, series, whole]


def _line(point: object) -> str:
    from supplychain.study.hindcast import Point

    assert isinstance(point, Point)
    seen = "" if point.observed is None else f"{point.observed:g}"
    error = "" if point.error is None else f"{point.error:.4f}"
    words = (point.series, point.destination, point.month, point.until)
    return ",".join([*words, seen, f"{point.modelled:.3f}", error]) + "\n"


def _answer(found: Hindcast, written: list[Path], max_error: float | None) -> Answer:
    from supplychain.study.hindcast import as_json

    problems = missed(found, max_error)
    return Answer(
        f"{hindcast_text(found)}\n\nPage: {written[0].as_posix()}",
        as_json(found),
        artifacts=written,
        problems=problems,
        code=ExitCode.CHECK_FAILED if problems else ExitCode.DONE,
    )


def missed(found: Hindcast, max_error: float | None) -> list[Problem]:
    """Say that the world's series is further off than allowed, if it is."""
    error = found.mape()[WORLD_SERIES]
    if max_error is None or (error is not None and error <= max_error):
        return []
    seen = "has no observation" if error is None else f"is off by {percent(error)}"
    text = f"The world's magnet exports: {seen}, {percent(max_error)} is allowed."
    return [problem("CHECK-201", text, path=WORLD_SERIES)]


def hindcast_text(found: Hindcast) -> str:
    """The months of every series, the errors, and the first weeks of loss, for a terminal."""
    from supplychain.study.hindcast import SERIES

    months = [
        [
            p.series,
            p.month if p.month == p.until else f"{p.month} to {p.until}",
            amount(p.observed),
            amount(p.modelled),
            "-" if p.error is None else signed(percent(p.error)),
        ]
        for p in found.points
        if p.observed is not None
    ]
    windows = found.windows()
    errors = [[name, *(percent(windows[w][name]) for w in windows)] for name in SERIES]
    first = sorted(
        [week, sector, region]
        for sector, regions in found.first_loss.items()
        for region, week in regions.items()
        if week
    )
    parts = [
        table(["series", "month", "observed t", "modelled t", "error"], months, "<<>>>"),
        table(["mean error", "since April 2025", "April-August", "September on"], errors, "<>>>"),
        table(["first week over 2 %", "sector", "region"], first, "<<<"),
    ]
    return "\n\n".join(parts)
