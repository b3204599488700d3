"""`supplychain compare`: scenarios or past runs side by side, the difference, one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.answer import Answer
from supplychain.cli.command import register
from supplychain.cli.fail_on import Rule, broken, read_rule
from supplychain.cli.log import step
from supplychain.cli.losses import causes_text, comparison_text
from supplychain.cli.named import find_run, read_past
from supplychain.cli.options import Band, Pdf, Solving
from supplychain.cli.printing import Printer, file_lines, printer
from supplychain.cli.run import unsolved
from supplychain.cli.solving import pages_of, requests, solve_all
from supplychain.cli.why import answers, ask, table_of, why_text, write_causes
from supplychain.errors import ExitCode, NotSolved

if TYPE_CHECKING:
    from supplychain.results.run import Run
    from supplychain.study.attribution import Attribution
    from supplychain.study.run import World


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "compare", closing="Nothing was solved.")(compare)


def compare(
    options: Solving,
    base: Annotated[str, typer.Argument(metavar="BASE", help="A scenario or a past run.")],
    others: Annotated[list[str], typer.Argument(metavar="OTHER", help="Scenarios or past runs.")],
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
    band: Band = False,
    pdf: Pdf = False,
) -> Answer:
    """Show several scenarios or past runs side by side, the difference and what causes it."""
    rules = [read_rule(word) for word in fail_on or ()]
    printing = printer(wanted=pdf)
    settings, _ = requests([], options)
    if not why:
        return _answer(runs_for([base, *others], options, band=band), rules, settings.out, printing)
    asked, world = ask(base, others, options)
    runs = runs_for([base, *others], options, world, band=band)
    found = answers(asked, world, runs, settings, quiet=options.quiet)
    return _answer(runs, rules, settings.out, printing, found)


def runs_for(
    words: Sequence[str], options: Solving, world: World | None = None, *, band: bool = False
) -> list[Run]:
    """Find each word among the past runs, and solve those that are scenarios.

    Raises:
        NotSolved: a scenario has no answer; the others are written.
    """
    settings, _ = requests([], options)
    past = {word: find_run(word, settings.out) for word in words}
    settings, made = requests([w for w, run in past.items() if run is None], options, band=band)
    outcomes = solve_all(made, settings, options, world)
    failed = unsolved(outcomes)
    if failed:
        raise NotSolved("Without every scenario there is nothing to compare.", failed)
    solved = {outcome.scenario: outcome.run for outcome in outcomes if outcome.run is not None}
    found = {w: solved[w] if run is None else read_past(run) for w, run in past.items()}
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
    from supplychain.report import write_compare_page
    from supplychain.results.folder import whole_file
    from supplychain.study.comparison import compare as compared
    from supplychain.study.run import summary

    base, *others = runs
    comparison = compared(base, others)
    causes = table_of(why)
    names = "-".join([base.scenario, *(other.scenario for other in others)])
    page = out / f"compare-{names}.html"
    with step("write", page.as_posix()), whole_file(page) as part:
        write_compare_page(base, others, part, causes)
    pages = printing(page)
    files = write_causes(causes, page) if why else []
    texts = [comparison_text(base, other) for other in others]
    texts += [why_text(found) for found in why]
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
        problems=problems,
        code=ExitCode.CHECK_FAILED if problems else ExitCode.DONE,
    )
