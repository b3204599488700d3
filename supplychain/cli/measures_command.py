"""`supplychain measures`: candidate measures solved, ranked by value kept per dollar, planned."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.command import Answer, register
from supplychain.cli.options import Solving
from supplychain.cli.settings import requests
from supplychain.errors import ExitCode, problem
from supplychain.progress import step

if TYPE_CHECKING:
    from pathlib import Path

    from supplychain.study.measure_ranking import Ranking


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "measures", closing="Nothing was solved.")(measures)


def measures(
    options: Solving,
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A name or path.")],
    with_: Annotated[
        str,
        typer.Option("--with", metavar="SET", help="A file of measures, by name or path."),
    ] = "standard",
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="This measure of the set alone. Repeatable."),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option("--budget", metavar="USD", help="What the plan may cost, as 250e6."),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", metavar="N", min=1, help="Measures in the plan at most.")
    ] = 4,
) -> Answer:
    """Solve candidate measures, rank them by value kept per dollar, plan within a budget."""
    from supplychain.files import probe
    from supplychain.report.save_results import write_measures
    from supplychain.report.text.study_text import measures_text
    from supplychain.study.measure_ranking import as_json
    from supplychain.study.rank_measures import ask, rank
    from supplychain.study.solve_scenario import open_world

    settings, [request] = requests([scenario], options)
    with step("read", "data"):
        world = open_world(request.data, request.overlays, request.threads)
    asked = ask(
        request,
        world,
        settings.out,
        measures=with_,
        only=only or (),
        budget=math.inf if budget is None else budget,
        most=most,
    )
    probe(settings.out)
    with step("solve", f"{asked.scenario.name} with measures") as said:
        found = rank(asked, world, workers=settings.workers, quiet=options.quiet)
        said.update(found.solves)
    with step("write", asked.scenario.name):
        files = write_measures(found, settings.out)
    return _answer(found, f"{measures_text(found)}\n\nPage: {files[0].as_posix()}",
                   as_json(found), files)  # fmt: skip


def _answer(found: Ranking, text: str, data: dict[str, object], files: list[Path]) -> Answer:
    problems = [
        problem("SOLVE-101", f"{' + '.join(one.measures)} was not solved: {one.error}")
        for one in found.unsolved
    ]
    code = ExitCode.PARTIAL if problems else ExitCode.DONE
    return Answer(text, data, artifacts=files, problems=problems, code=code)
