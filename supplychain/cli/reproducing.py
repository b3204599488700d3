"""`supplychain runs reproduce`: solve a recorded run again and compare."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.answer import Answer
from supplychain.cli.command import register
from supplychain.cli.log import step
from supplychain.cli.named import need_run, read_past
from supplychain.cli.options import Again
from supplychain.cli.progress import Progress
from supplychain.cli.settings import resolve
from supplychain.cli.table import million
from supplychain.errors import ExitCode, Problem, problem

if TYPE_CHECKING:
    from supplychain.study.reproduce import Reproduction


def add(group: typer.Typer) -> None:
    """Add the command to the group."""
    register(group, "reproduce", group="runs", closing="Nothing was compared.")(reproduce)


def reproduce(
    options: Again,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="An id, its start, latest, or latest:SCENARIO.")
    ],
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            metavar="SHARE",
            min=0.0,
            help="Largest difference, as a share of the largest number of a column. Default: 1e-6.",
        ),
    ] = None,
) -> Answer:
    """Solve a run again from its record and compare every table; 6 if a number moved."""
    from supplychain.results.difference import TOLERANCE
    from supplychain.study.reproduce import reproduce as again

    settings = resolve(options, os.environ, Path.cwd())
    recorded = read_past(need_run(run, settings.out))
    with (
        step("reproduce", str(recorded.record["id"])) as said,
        Progress(recorded.scenario, quiet=options.quiet) as progress,
    ):
        found = again(
            recorded,
            data=options.data,
            overlays=options.overlay or (),
            out=settings.out,
            threads=settings.threads,
            tolerance=TOLERANCE if tolerance is None else tolerance,
            on_progress=progress,
        )
        said["moved"] = [table.table for table in found.moved]
    return _answer(found)


def _answer(found: Reproduction) -> Answer:
    from supplychain.cli.runs import tables_text

    record = found.recorded.record
    then, now = found.loss
    parts = [
        f"Run {record['id']} of {found.recorded.scenario}, solved again from its record.",
        "\n".join(differing(found)),
        f"Value added lost: {million(then)} M USD then, {million(now)} M USD now.",
        tables_text(found.tables, found.tolerance),
    ]
    problems = _problems(found)
    data = {
        "run": record["id"],
        "again": found.again.record["id"],
        "reproduced": not found.moved,
        "data": {"changed": found.data is not None, "then": record["data"]["hash"],
                 "now": found.again.record["data"]["hash"], "kept": found.kept},
        "versions": {k: {"then": a, "now": b} for k, (a, b) in found.versions.items()},
        "lost_value_usd": {"then": then, "now": now},
        "tables": [table.as_json() for table in found.tables],
        "tolerance": found.tolerance,
    }  # fmt: skip
    code = ExitCode.CHECK_FAILED if problems else ExitCode.DONE
    return Answer("\n\n".join(parts), data, problems=problems, code=code)


def differing(found: Reproduction) -> list[str]:
    """What is not as it was when the run was recorded."""
    said = []
    if found.data:
        said.append(
            f"The data are not the same: {found.data[0][:12]} then, {found.data[1][:12]} now."
        )
    elif found.kept:
        said.append("The data changed since; solved with the copy that the reports kept.")
    else:
        said.append("The data are the same.")
    for name, (then, now) in found.versions.items():
        said.append(f"{name} was {then or 'not there'} and is {now or 'not there'} now.")
    if not found.versions:
        said.append("All versions are the same.")
    return said


def _problems(found: Reproduction) -> list[Problem]:
    if not found.moved:
        return []
    causes = [name for name, is_so in (("data", found.data), ("versions", found.versions)) if is_so]
    why = (
        f"; {' and '.join(causes)} changed since" if causes else ", with the same data and versions"
    )
    names = ", ".join(table.table for table in found.moved)
    return [problem("RUN-201", f"The run did not come out the same: {names} moved{why}.")]
