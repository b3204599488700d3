"""`supplychain run`: solve scenarios, print what they lose, write the runs and their pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.command import Answer, UsageError, register
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
    write_model: Annotated[
        Path | None,
        typer.Option(
            "--write-model",
            metavar="FILE",
            help="Write the programme of one window as .mps or .lp, with readable names.",
        ),
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(
            "--window", metavar="N", min=1, help="Which window --write-model writes; default: 1."
        ),
    ] = None,
    solver_log: Annotated[
        Path | None,
        typer.Option("--solver-log", metavar="FILE", help="Write what the solver says of itself."),
    ] = None,
) -> Answer:
    """Solve scenarios, print what each sector loses, write the runs and their pages."""
    from supplychain.report.pages.pdf import file_lines, printer
    from supplychain.runs.run_schema import summary

    printing = printer(wanted=pdf)
    settings, made = requests(scenarios, options, band=band)
    made = _with_files(made, write_model, window, solver_log, force=options.force)
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
        artifacts=[
            *(file for paths in files for file in paths),
            *(file for file in (write_model, solver_log) if file is not None and runs),
        ],
        warnings=warnings_of(runs),
        problems=unsolved(outcomes),
        code=code_of(outcomes),
    )


def _with_files(
    made: list[RunRequest],
    model: Path | None,
    window: int | None,
    log: Path | None,
    *,
    force: bool,
) -> list[RunRequest]:
    """The requests with the files that the solver is to leave.

    Raises:
        UsageError: several scenarios would write the same file, or a window is given without one.
        InvalidInput: a file is there already, or of no known format.
    """
    if window is not None and model is None:
        raise UsageError("--window says which window --write-model writes; give that too.")
    if model is None and log is None:
        return made
    if len(made) > 1:
        raise UsageError("--write-model and --solver-log want one scenario.")
    from dataclasses import replace

    from supplychain.solve.model_file import ModelFile, check_files

    asked = ModelFile(model, window or 1) if model else None
    check_files(asked, log, force=force)
    return [replace(request, model=asked, log=log) for request in made]


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
