"""`supplychain compare`: runs beside a base; with `--why` the difference cause by cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import Band, Pdf, Solving
from supplychain.cli.run_command import solved_and_saved, unsolved, warnings_of
from supplychain.cli.settings import requests
from supplychain.errors import ExitCode, NotSolved
from supplychain.progress import announce, step
from supplychain.report.save_results import pages_of, write_beside
from supplychain.report.text.run_text import causes_text, comparison_text, why_text
from supplychain.study.solve_many import check_all

if TYPE_CHECKING:
    from pandas import DataFrame

    from supplychain.report.pages.pdf import Printer
    from supplychain.runs.run_schema import Run
    from supplychain.study.attribution import Attribution, Question
    from supplychain.study.comparison import Rule
    from supplychain.study.solve_scenario import World


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "compare", closing="Nothing was solved.")(compare)


def compare(
    options: Solving,
    base: Annotated[str, typer.Argument(metavar="BASE", help="A scenario or a past run.")],
    others: Annotated[
        list[str] | None, typer.Argument(metavar="OTHER", help="Scenarios or past runs.")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="KEY=V1,V2,...UNIT",
            help="In place of OTHER: BASE with each of these values, as review=9,13,18week; the "
            "key as in --set. Repeatable: all combinations.",
        ),
    ] = None,
    one_at_a_time: Annotated[
        bool, typer.Option("--one-at-a-time", help="Vary each key alone, the others as in BASE.")
    ] = False,
    at_most: Annotated[
        int | None,
        typer.Option(
            "--at-most",
            metavar="N",
            min=1,
            help="Refuse --vary if it makes more scenarios. Default: 50.",
        ),
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="RULE",
            help="Exit code 6 if it holds for an OTHER: auto.lost_share>0.05, or "
            "difference.munitions.USA.lost_value_usd>1e9. Repeatable.",
        ),
    ] = None,
    why: Annotated[
        bool,
        typer.Option(
            "--why", help="Part each difference by cause: switch each cause and solve again."
        ),
    ] = False,
    band: Band = None,
    pdf: Pdf = False,
) -> Answer:
    """Show several scenarios or past runs side by side, the difference and what causes it."""
    from supplychain.report.pages.pdf import printer
    from supplychain.study.attribution import answers
    from supplychain.study.comparison import read_rule

    with _said_as_usage():
        rules = [read_rule(word) for word in fail_on or ()]
    printing = printer(wanted=pdf)
    settings, _ = requests([], options)
    _refuse_odd(others, vary, why=why, grid_options=one_at_a_time or at_most is not None)
    if vary:
        from supplychain.cli.vary_option import asked_grid, varied

        grid = asked_grid(base, vary, options, one_at_a_time=one_at_a_time, most=at_most)
        with _said_as_usage():
            return varied(grid, rules, options, printing, band=bool(band))
    others = others or []
    if not why:
        return _answer(runs_for([base, *others], options, band=band), rules, settings.out, printing)
    asked, world = ask(base, others, options)
    runs = runs_for([base, *others], options, world, band=band)
    found = answers(asked, world, runs, settings.workers, quiet=options.quiet, force=options.force)
    return _answer(runs, rules, settings.out, printing, found)


def _refuse_odd(
    others: Sequence[str] | None, vary: Sequence[str] | None, *, why: bool, grid_options: bool
) -> None:
    """Refuse what cannot go together: other scenarios, a grid, and causes.

    Raises:
        UsageError: says what to leave out, or to add.
    """
    if vary and others:
        raise UsageError("--vary solves changes of BASE alone: leave out the OTHERs.")
    if vary and why:
        raise UsageError("--why parts the difference to an OTHER: it cannot go with --vary.")
    if not vary and grid_options:
        raise UsageError("--one-at-a-time and --at-most say how to --vary: add it.")
    if not vary and not others:
        raise UsageError("Missing argument OTHER: name what BASE is compared with, or --vary it.")


@contextmanager
def _said_as_usage() -> Iterator[None]:
    """Say that a rule of `--fail-on` cannot be as a wrong use of the command."""
    from supplychain.study.comparison import BadRule

    try:
        yield
    except BadRule as error:
        raise UsageError(str(error)) from error


def runs_for(
    words: Sequence[str], options: Solving, world: World | None = None, *, band: bool | None = False
) -> list[Run]:
    """Find each word among the past runs, and solve those that are scenarios.

    Raises:
        InvalidInput: a scenario is wrong, or they do not share a horizon; nothing was solved.
        NotSolved: a scenario has no answer; the others are written.
    """
    from supplychain.runs.catalogue import find_run, read_past
    from supplychain.study.comparison import horizon_of, refuse_unlike
    from supplychain.study.run_request import horizon_asked
    from supplychain.study.solve_scenario import open_world

    settings, _ = requests([], options)
    past = {word: find_run(word, settings.out) for word in words}
    settings, made = requests([w for w, run in past.items() if run is None], options, band=band)
    known = {word: read_past(run) for word, run in past.items() if run is not None}
    if made and world is None:
        with step("read", "data"):
            world = open_world(made[0].data, made[0].overlays, made[0].threads)
    refuse_unlike(
        {
            **{word: horizon_of(run) for word, run in known.items()},
            **{request.scenario: horizon_asked(request, world.tables) for request in made if world},
        }
    )
    outcomes = solved_and_saved(made, settings, options, world)
    failed = unsolved(outcomes)
    if failed:
        raise NotSolved("Without every scenario there is nothing to compare.", failed)
    solved = {outcome.scenario: outcome.run for outcome in outcomes if outcome.run is not None}
    found = {word: known[word] if word in known else solved[word] for word in words}
    return told_apart([found[word] for word in words])


def told_apart(runs: Sequence[Run]) -> list[Run]:
    """Give different runs of one scenario names of their own: its name and the start of the id."""
    from dataclasses import replace

    kinds = Counter(scenario for scenario, _ in {(run.scenario, run.record["id"]) for run in runs})
    found = []
    for run in runs:
        if kinds[run.scenario] > 1:
            name = f"{run.scenario}-{run.record['id'][:6]}"
            scenario = {**run.record["scenario"], "name": name}
            tables = {
                key: table.assign(scenario=name) if "scenario" in table else table
                for key, table in run.tables.items()
            }
            run = replace(run, record={**run.record, "scenario": scenario}, tables=tables)
        found.append(run)
    return found


def _answer(
    runs: Sequence[Run],
    rules: Sequence[Rule],
    out: Path,
    printing: Printer,
    why: Sequence[Attribution] = (),
) -> Answer:
    from supplychain.files import folder_name, inside, whole_file
    from supplychain.report import write_compare_page
    from supplychain.report.pages.pdf import file_lines
    from supplychain.runs.run_schema import summary
    from supplychain.study.comparison import broken
    from supplychain.study.comparison import compare as compared

    base, *others = runs
    comparison = compared(base, others)
    causes = table_of(why)
    names = "-".join([base.scenario, *(other.scenario for other in others)])
    page = inside(out, f"{folder_name(f'compare-{names}')}.html")
    with step("write", page.as_posix()), whole_file(page, same_stays=True) as part:
        write_compare_page(base, others, part, causes)
    pages = printing(page)
    files = write_beside(page, "causes", causes) if why else []
    texts = [comparison_text(base, other) for other in others]
    texts += [why_text(found) for found in why]
    with _said_as_usage():
        problems = [found for other in others for found in broken(rules, base, other)]
    return Answer(
        "\n\n".join([*texts, causes_text(comparison), file_lines(pages)]),
        {
            "base": summary(base),
            "runs": [summary(other) for other in others],
            "difference": comparison.sectors.to_dict("records"),
            "inputs": comparison.inputs.to_dict("records"),
            "causes": causes.to_dict("records"),
        },
        artifacts=[*pages, *files, *pages_of([base, *others])],
        warnings=warnings_of(runs),
        problems=problems,
        code=ExitCode.CHECK_FAILED if problems else ExitCode.DONE,
    )


def ask(base: str, others: Sequence[str], options: Solving) -> tuple[list[Question], World]:
    """Find the causes that differ, and say how many worlds will be solved, before any is.

    Raises:
        UsageError: a word means a past run, whose worlds cannot be solved again as they were.
        InvalidInput: a scenario is wrong, or two have not the same horizon.
    """
    from supplychain.runs.catalogue import find_run
    from supplychain.study.attribution import Question, announcement, pair_of
    from supplychain.study.solve_scenario import open_world

    settings, made = requests([base, *others], options)
    for word in (base, *others):
        if find_run(word, settings.out):
            raise UsageError(f'--why solves anew and wants scenarios, but "{word}" is a past run.')
    by_name = {request.scenario: request for request in made}
    first = by_name[base]
    world = open_world(first.data, first.overlays, first.threads)
    check_all(made, world.tables, settings.out, options.force)
    asked = [
        Question(first, by_name[word], pair_of(world, first, by_name[word]).causes())
        for word in others
    ]
    for question in asked:
        announce(announcement(question), quiet=options.quiet)
    return asked, world


def table_of(found: Iterable[Attribution]) -> DataFrame:
    """The table `causes` of all attributions."""
    from supplychain.study.attribution import causes_table

    return causes_table(found)
