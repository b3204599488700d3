"""`supplychain hindcast`: an episode beside observed monthly trade, with the errors."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import Solving
from supplychain.cli.run_command import warnings_of
from supplychain.errors import ExitCode, Problem, problem
from supplychain.formatting import json_value
from supplychain.progress import step
from supplychain.report.save_results import write_hindcast
from supplychain.report.text.terminal_table import (
    NONE,
    amount,
    percent,
    signed,
    table,
    terminal_width,
)

if TYPE_CHECKING:
    from supplychain.cli.settings import Settings
    from supplychain.study.hindcast import Hindcast
    from supplychain.study.hindcast_episodes import Episode
    from supplychain.study.run_request import RunRequest


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
    from supplychain.cli.settings import requests
    from supplychain.files import inside, probe
    from supplychain.report.save_results import save_run
    from supplychain.runs.run_store import refuse_foreign

    asked = _episode(episode)
    until = until or asked.last
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", until) or until < asked.first:
        raise UsageError(f'--until wants a month from {asked.first} on, but got "{until}".')
    if options.start or options.weeks:
        raise UsageError("The hindcast has its own start and length; use --until.")
    if fit and not asked.fitted:
        raise UsageError(f"Nothing is fitted to {asked.name}; --fit is for {DEFAULT} alone.")
    settings, [request] = requests([asked.scenario], options)
    refuse_foreign(inside(settings.out, asked.scenario), force=options.force)
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
        written = [*write_hindcast(found, settings.out), *written, run.folder / "report.html"]
    return _answer(found, written, max_error)


def _episode(name: str) -> Episode:
    from supplychain.study.hindcast_episodes import EPISODES

    if name not in EPISODES:
        raise UsageError(f'There is no episode "{name}". Known: {", ".join(EPISODES)}.')
    return EPISODES[name]


def _solved(request: RunRequest, until: str, episode: Episode, options: Solving) -> Hindcast:
    from supplychain.progress import Progress
    from supplychain.study.hindcast import hindcast as solve

    with (
        step("solve", request.scenario),
        Progress(request.scenario, quiet=options.quiet) as progress,
    ):
        return solve(request, until, progress, episode=episode)


def _fitted(request: RunRequest, settings: Settings, options: Solving) -> Path:
    """Fit, and leave the rows as an overlay in the results folder."""
    from supplychain.files import inside, whole_folder
    from supplychain.progress import Progress
    from supplychain.study.calibration import as_json, calibrate

    with step("fit", request.scenario), Progress("fit", quiet=options.quiet) as progress:
        fitted, frame = calibrate(request, on_progress=progress)
    folder = inside(settings.out, "fitted")
    with whole_folder(folder, staying=lambda old: [f.name for f in old.iterdir()]) as part:
        frame.to_csv(part / "fitted_parameters.csv", index=False, lineterminator="\n")
        text = json.dumps(json_value(as_json(fitted)), indent=2, allow_nan=False)
        (part / "README.json").write_text(f"{text}\n", encoding="utf-8")
    return folder


def _with_overlay(request: RunRequest, folder: Path) -> RunRequest:
    from dataclasses import replace

    return replace(request, overlays=(*request.overlays, folder))


def _answer(found: Hindcast, written: list[Path], max_error: float | None) -> Answer:
    from supplychain.study.hindcast import as_json

    problems = missed(found, max_error)
    return Answer(
        f"{hindcast_text(found)}\n\nPage: {written[0].as_posix()}",
        as_json(found),
        artifacts=written,
        warnings=warnings_of([found.run]),
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


def by_week(first: Mapping[str, Mapping[str, str | None]]) -> list[list[str]]:
    """Rows of week, sector and region out of dates by sector and region, the earliest first."""
    return sorted(
        [week, sector, region]
        for sector, regions in first.items()
        for region, week in regions.items()
        if week
    )


def stop_rows(found: Hindcast) -> list[list[str]]:
    """First stops as reported and the model's first firm, in weeks after the control."""
    return [
        [
            s.modelled or NONE,
            s.sector,
            s.region,
            weeks_between(s.low, s.high),
            NONE if s.modelled_weeks is None else f"{s.modelled_weeks:.1f}",
        ]
        for s in found.first_stops
    ]


def weeks_between(low: float, high: float) -> str:
    """Write a range of weeks.

    >>> weeks_between(6.5, 7.4), weeks_between(8.7, 8.7)
    ('6.5-7.4', '8.7')
    """
    return f"{low:.1f}" if low == high else f"{low:.1f}-{high:.1f}"


def short_rows(found: Hindcast) -> list[list[str]]:
    """Months of the surveys: share of firms that said they were short, and the model's."""
    return [
        [
            p.series,
            p.month,
            percent(p.observed),
            percent(p.modelled),
            found.episode.surveys[p.series].use,
        ]
        for p in found.firms_short
    ]


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
    unit = episode.unit
    parts = [
        table(
            ["series", "month", f"observed {unit}", f"modelled {unit}", "error"], months, "<<>>>"
        ),
        table(
            ["mean error", *(w.short for w in episode.windows)], errors, "<" + ">" * len(windows)
        ),
        table(["first stop", "sector", "region"], by_week(found.first_loss), "<<<"),
        table(["first firm stands still", "sector", "region"], by_week(found.first_firm), "<<<"),
    ]
    if found.first_stops:
        heads = ["first stop", "sector", "region", "reported, weeks", "first firm, weeks"]
        parts.append(table(heads, stop_rows(found), "<<<>>"))
    if found.firms_short:
        heads = ["firms short of inputs", "month", "said so", "modelled", "use"]
        parts.append(table(heads, short_rows(found), "<<>><"))
    if episode.reference:
        told = f"1 is {episode.reference_words}. Errors are differences. {episode.caution}"
        parts.insert(0, textwrap.fill(told, terminal_width()))
    return "\n\n".join(parts)
