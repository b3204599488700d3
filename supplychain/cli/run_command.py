"""`supplychain run`: solve scenarios, print what they lose, write the runs and their pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.command import Answer, register
from supplychain.cli.options import Band, Pdf, Solving
from supplychain.cli.settings import requests
from supplychain.errors import ExitCode, Problem, problem
from supplychain.report.save_results import page_of, save_run
from supplychain.report.text.run_text import loss_text
from supplychain.study.solve_many import Outcome, solve_all

if TYPE_CHECKING:
    from supplychain.cli.settings import Settings
    from supplychain.runs.run_schema import Run
    from supplychain.study.run_request import RunRequest
    from supplychain.study.solve_scenario import World


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "run", closing="Nothing was solved.")(run)


def run(
    options: Solving,
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO", help="Names or paths of scenarios.")
    ],
    band: Band = None,
    pdf: Pdf = False,
) -> Answer:
    """Solve scenarios, print what each sector loses, write the runs and their pages."""
    from supplychain.report.pages.pdf import file_lines, printer
    from supplychain.runs.run_schema import summary

    printing = printer(wanted=pdf)
    settings, made = requests(scenarios, options, band=band)
    outcomes = solved_and_saved(made, settings, options)
    found = [(one.run, one.solved) for one in outcomes if one.run is not None]
    runs = [one for one, _ in found]
    files = [printing(page_of(one)) for one in runs]
    texts = [
        f"{loss_text(one)}\n\n{file_lines(paths)}" for one, paths in zip(runs, files, strict=True)
    ]
    return Answer(
        "\n\n".join(texts),
        {"runs": [{**summary(one), "solved": solved} for one, solved in found]},
        artifacts=[file for paths in files for file in paths],
        warnings=warnings_of(runs),
        problems=unsolved(outcomes),
        code=code_of(outcomes),
    )


def solved_and_saved(
    made: Sequence[RunRequest], settings: Settings, options: Solving, world: World | None = None
) -> list[Outcome]:
    """Solve each request, by the settings, and write each run with its page."""
    return solve_all(
        made,
        save_run,
        settings.out,
        workers=settings.workers,
        quiet=options.quiet,
        force=options.force,
        world=world,
        beside=settings.beside,
    )


def warnings_of(runs: Iterable[Run]) -> list[str]:
    """What a reader of each run must know of its inputs, as changes that nothing hung on."""
    found = [f"{run.scenario}: {text}" for run in runs for text in run.record.get("warnings", ())]
    return list(dict.fromkeys(found))


def unsolved(outcomes: Sequence[Outcome]) -> list[Problem]:
    """What stood in the way of the scenarios that have no answer."""
    found: list[Problem] = []
    for outcome in outcomes:
        if outcome.error is not None:
            text = f"{outcome.scenario} was not solved: {outcome.error.message}"
            found.append(problem("SOLVE-101", text, path=outcome.scenario))
            found.extend(outcome.error.problems)
    return found


def code_of(outcomes: Sequence[Outcome]) -> ExitCode:
    """Done if all are solved, partial if some are, not solved if none is."""
    failed = [outcome for outcome in outcomes if outcome.run is None]
    if not failed:
        return ExitCode.DONE
    return ExitCode.NOT_SOLVED if len(failed) == len(outcomes) else ExitCode.PARTIAL
