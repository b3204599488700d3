"""`supplychain hindcast`: an episode beside observed monthly trade, with the errors."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.answer import Answer, plain
from supplychain.cli.command import UsageError, register
from supplychain.cli.log import step
from supplychain.cli.options import Solving
from supplychain.cli.table import NONE, amount, percent, signed, table, terminal_width
from supplychain.errors import ExitCode, Problem, problem

if TYPE_CHECKING:
    from supplychain.cli.settings import Settings
    from supplychain.study.episodes import Episode
    from supplychain.study.hindcast import Hindcast
    from supplychain.study.run import RunRequest

DEFAULT = "2025"


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "hindcast", closing="Nothing was solved.")(hindcast)


def hindcast(
    options: Solving,
    episode: Annotated[
        str,
        typer.Option(
            "--episode", metavar="NAME", help="Which one: 2025, 2010 or gallium-germanium."
        ),
    ] = DEFAULT,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="MONTH", help="Last month, as 2026-03; built in: the episode's."
        ),
    ] = None,
    max_error: Annotated[
        float | None,
        typer.Option(
            "--max-error",
            metavar="SHARE",
            min=0.0,
            help="Exit code 6 if the mean error of the first series is above, as 0.12.",
        ),
    ] = None,
    fit: Annotated[
        bool,
        typer.Option(
            "--fit", help="Fit the parameters to April to August 2025 first; takes minutes."
        ),
    ] = False,
) -> Answer:
    """Show an episode of the past against observed monthly trade, with the errors."""
    from supplychain.cli.saving import probe, refuse_foreign, save_run
    from supplychain.cli.solving import requests

    asked = _episode(episode)
    until = until or asked.last
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", until) or until < asked.first:
        raise UsageError(f'--until wants a month from {asked.first} on, but got "{until}".')
    if options.start or options.weeks:
        raise UsageError("The hindcast has its own start and length; use --until.")
    if fit and not asked.fitted:
        raise UsageError(f"Nothing is fitted to {asked.name}; --fit is for {DEFAULT} alone.")
    settings, [request] = requests([asked.scenario], options)
    refuse_foreign(settings.out / asked.scenario, force=options.force)
    probe(settings.out)
    written: list[Path] = []
    if fit:
        folder = _fitted(request, settings, options)
        request = _with_overlay(request, folder)
        written.append(folder / "fitted_parameters.csv")
    found = _solved(request, until, asked, options)
    with step("write", asked.scenario):
        run = save_run(found.run, settings.out, force=options.force)
        assert run.folder is not None
        written = [*_write(found, settings.out), *written, run.folder / "report.html"]
    return _answer(found, written, max_error)


def _episode(name: str) -> Episode:
    from supplychain.study.episodes import EPISODES

    if name not in EPISODES:
        raise UsageError(f'There is no episode "{name}". Known: {", ".join(EPISODES)}.')
    return EPISODES[name]


def _solved(request: RunRequest, until: str, episode: Episode, options: Solving) -> Hindcast:
    from supplychain.cli.progress import Progress
    from supplychain.study.hindcast import hindcast as solve

    with (
        step("solve", request.scenario),
        Progress(request.scenario, quiet=options.quiet) as progress,
    ):
        return solve(request, until, progress, episode=episode)


def _fitted(request: RunRequest, settings: Settings, options: Solving) -> Path:
    """Fit, and leave the rows as an overlay in the results folder."""
    from supplychain.cli.progress import Progress
    from supplychain.results.folder import whole_folder
    from supplychain.study.calibration import as_json, calibrate

    with step("fit", request.scenario), Progress("fit", quiet=options.quiet) as progress:
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
        unit = found.episode.unit
        head = f"series,destination,month,until,observed_{unit},modelled_{unit},error\n"
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
    """Say that the series that stands for all is further off than allowed, if it is."""
    name = found.episode.headline
    error = found.mape()[name]
    if max_error is None or (error is not None and error <= max_error):
        return []
    seen = "has no observation" if error is None else f"is off by {percent(error)}"
    title = found.episode.series[name].title
    text = f"{title}: {seen}, {percent(max_error)} is allowed."
    return [problem("CHECK-201", text, path=name)]


def hundredths(share: float | None) -> str:
    """Write a share of the reference, or a difference of two.

    >>> hundredths(1.8165), hundredths(None)
    ('1.82', '-')
    """
    return NONE if share is None else f"{share:.2f}"


def hindcast_text(found: Hindcast) -> str:
    """The months of every series, the errors, and the first weeks of loss, for a terminal."""
    episode = found.episode
    shown, mean = (hundredths, hundredths) if episode.reference else (amount, percent)
    months = [
        [
            p.series,
            p.month if p.month == p.until else f"{p.month} to {p.until}",
            shown(p.observed),
            shown(p.modelled),
            signed(mean(p.error)),
        ]
        for p in found.points
        if p.observed is not None
    ]
    windows = found.windows()
    errors = [[name, *(mean(windows[w][name]) for w in windows)] for name in episode.series]
    first = sorted(
        [week, sector, region]
        for sector, regions in found.first_loss.items()
        for region, week in regions.items()
        if week
    )
    unit = episode.unit
    parts = [
        table(
            ["series", "month", f"observed {unit}", f"modelled {unit}", "error"], months, "<<>>>"
        ),
        table(
            ["mean error", *(w.short for w in episode.windows)], errors, "<" + ">" * len(windows)
        ),
        table(["first week over 2 %", "sector", "region"], first, "<<<"),
    ]
    if episode.reference:
        told = f"1 is {episode.reference_words}. Errors are differences. {episode.caution}"
        parts.insert(0, textwrap.fill(told, terminal_width()))
    return "\n\n".join(parts)
