"""`supplychain survive`: nodes broken one at a time, how long customers survive and recover."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import Pdf, Solving
from supplychain.errors import ExitCode
from supplychain.progress import step

if TYPE_CHECKING:
    from supplychain.study.stress_test import StressTest

SCENARIO = "truce"
BREAK_WEEKS, WEEKS_AFTER, STEP_WEEKS, TOP = 26, 26, 13, 10
"""Built-in values of `--for`, of the weeks after it, of `--step` and of `--top`."""


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "survive", closing="Nothing was solved.")(survive)


def survive(
    options: Solving,
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="In what world nodes break.")
    ] = SCENARIO,
    nodes: Annotated[
        list[str] | None,
        typer.Option(
            "--break",
            metavar="NODE",
            help="all, a kind (site, country, lane, licence), or one: site:lynas-kuantan, "
            "country:CHN, lane:CHN-EUR, licence:CONTROL. Repeatable.",
        ),
    ] = None,
    to: Annotated[
        str, typer.Option("--to", metavar="SHARE", help="What a node is left with, as 50%.")
    ] = "0%",
    break_weeks: Annotated[
        int, typer.Option("--for", metavar="WEEKS", min=1, help="Until it reopens.")
    ] = BREAK_WEEKS,
    who: Annotated[
        list[str] | None,
        typer.Option(
            "--who",
            metavar="WORD",
            help="Only customers of this name, segment, sector or region; auto/EUR for both. "
            "Repeatable.",
        ),
    ] = None,
    step_weeks: Annotated[
        int, typer.Option("--step", metavar="WEEKS", min=1, help="Weeks between decisions.")
    ] = STEP_WEEKS,
    top: Annotated[
        int, typer.Option("--top", metavar="N", min=1, help="Rows of the table printed.")
    ] = TOP,
    pdf: Pdf = False,
) -> Answer:
    """Break makers, countries, lanes or licences one at a time: who stops when, and for how long.

    Time to survive counts from the break to the first stop, time to recover from the reopening to
    the last; the stock needed is what would have carried a customer through.
    """
    from dataclasses import replace

    from supplychain.cli.settings import requests
    from supplychain.files import inside, probe
    from supplychain.report.pages.pdf import file_lines, printer
    from supplychain.report.save_results import save_stress_test
    from supplychain.report.text.survive_text import survive_text
    from supplychain.runs.run_store import refuse_foreign
    from supplychain.study.stress.solve_node import Setup
    from supplychain.study.stress_test import stress_test, unsolved_problems

    if not nodes:
        raise UsageError("Nothing is broken: give --break all, a kind of node, or a node.")
    share = share_left(to)
    printing = printer(wanted=pdf)
    settings, [request] = requests([scenario], options)
    request = replace(request, weeks=settings.weeks or break_weeks + WEEKS_AFTER)
    target = inside(settings.out, f"survive-{_name_of(scenario)}")
    refuse_foreign(target, force=options.force, record="survive.json")
    probe(settings.out)
    setup = Setup(request, share, break_weeks, step_weeks)
    found = stress_test(setup, nodes, who or (), workers=settings.workers, quiet=options.quiet)
    with step("write", target.as_posix()):
        files = save_stress_test(found, target)
    pages = printing(files[0])
    return Answer(
        f"{survive_text(found, top)}\n\n{file_lines(pages)}",
        as_json(found),
        artifacts=[*pages, *files[1:]],
        warnings=warnings_of(found),
        problems=unsolved_problems(found.unsolved),
        code=ExitCode.PARTIAL if found.unsolved else ExitCode.DONE,
    )


def _name_of(scenario: str) -> str:
    """The name of a scenario that is given by name or path."""
    from pathlib import Path

    return Path(scenario).stem


def share_left(word: str) -> float:
    """Read what a broken node is left with: from 0 to below 1.

    Raises:
        UsageError: it is no share, or would break nothing.

    >>> share_left("50%"), share_left("50 %"), share_left("0.25")
    (0.5, 0.5, 0.25)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", word.strip(), re.ASCII)
    if not found:
        raise UsageError(f'--to wants a share such as 50% or 0.5, but got "{word}".')
    share = float(found[1]) / (100.0 if found[2] else 1.0)
    if not share < 1.0:
        hint = f" Did you mean {found[1]}%?" if not found[2] and share <= 100.0 else ""
        raise UsageError(f"--to {word} would break nothing: it wants less than 100%.{hint}")
    return share


def warnings_of(found: StressTest) -> list[str]:
    """What a reader must know of the length that was asked for."""
    if found.break_weeks < found.weeks:
        return []
    return [
        f"Nodes stay broken for {found.break_weeks} weeks and the horizon has {found.weeks}: "
        "no recovery is seen."
    ]


def as_json(found: StressTest) -> dict[str, object]:
    """What `--json` prints; the curves of stock are in `stock_needed.csv`."""
    tables = found.tables()
    return {
        **found.asked,
        "pace": found.pace,
        **{name: tables[name].to_dict("records") for name in ("nodes", "customers", "sectors")},
    }
