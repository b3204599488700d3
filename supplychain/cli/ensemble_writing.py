"""Put a solved ensemble on disk, whole or not at all, and say what it found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supplychain.cli.answer import Answer
from supplychain.cli.ensemble_text import summary_text
from supplychain.cli.log import step
from supplychain.cli.printing import file_lines
from supplychain.errors import ExitCode, Problem, problem

if TYPE_CHECKING:
    from pandas import DataFrame

    from supplychain.cli.ensemble import Asked
    from supplychain.study.ensemble.futures import Setup
    from supplychain.study.ensemble.morris import Plan
    from supplychain.study.ensemble.solving import OpenEngine

PAGE = "report.html"
NO_DRIVERS = (
    "SALib is not installed, so what drives the losses was not looked for; "
    'pip install "supplychain[sensitivity]".'
)


def write(asked: Asked, engine: OpenEngine, planned: Plan | None) -> Answer:
    """Sum up the members, write tables, record and page to `<out>/<ensemble>/`.

    Raises:
        InvalidInput: no member was solved.
        OSError: the folder cannot be written; an older ensemble stays.
    """
    from supplychain.report.ensemble import write_ensemble_page
    from supplychain.results.folder import whole_folder, write_json
    from supplychain.results.needed import SENSITIVITY, has
    from supplychain.results.store import write_tables
    from supplychain.study.ensemble.frames import write_drawn
    from supplychain.study.ensemble.record import FILE, TABLES, make_record
    from supplychain.study.ensemble.summary import add_summary

    setup = asked.setup
    target = asked.settings.out / setup.definition.name
    drivers = has(SENSITIVITY)
    with step("report", setup.definition.name), whole_folder(target) as part:
        folder = part / TABLES
        frames = write_drawn(setup, asked.members, asked.folder, folder)
        frames |= add_summary(folder, setup.definition.seed, with_drivers=drivers)
        if planned is not None:
            frames["morris"] = _screen(asked, engine, planned, folder)
            write_tables({"morris": frames["morris"]}, folder)
        record = make_record(setup, frames, asked.folder)
        write_json(record, part / FILE)
        write_ensemble_page(record, frames, part / PAGE)
    return answer(record, frames, target, [] if drivers else [NO_DRIVERS])


def _screen(asked: Asked, engine: OpenEngine, planned: Plan, folder: Path) -> DataFrame:
    from supplychain.cli.progress import Steps
    from supplychain.study.ensemble.losses import opened
    from supplychain.study.ensemble.screening import hard_member, screened

    with opened(folder) as connection:
        query = "SELECT member, sum(lost_value_usd) FROM losses WHERE arm = 'path' GROUP BY member"
        totals = {int(member): float(usd) for member, usd in connection.execute(query).fetchall()}
    hard = hard_member(asked.members, totals)
    with Steps(quiet=asked.options.quiet) as progress:
        return screened(asked.setup, planned, hard, asked.folder, engine, progress)


def same_ensemble(setup: Setup, target: Path) -> Answer | None:
    """The ensemble on disk, if it is the one that is asked for."""
    from supplychain.results.store import read_tables_in
    from supplychain.study.ensemble.record import FILE, TABLES
    from supplychain.study.ensemble.store import key_of

    if not (target / FILE).is_file():
        return None
    record: Mapping[str, Any] = json.loads((target / FILE).read_text(encoding="utf-8"))
    if record.get("key") != key_of(setup):
        return None
    asked = setup.definition
    sizes = (record["definition"]["members"], record["definition"]["pairs"], record["title"])
    if sizes != (asked.members, asked.pairs, asked.title):
        return None
    tables = read_tables_in(target / TABLES, leave_out=["losses"])
    return answer(record, tables, target, ["Up to date: nothing was solved."])


def answer(
    record: Mapping[str, Any], tables: Mapping[str, DataFrame], target: Path, notes: list[str]
) -> Answer:
    """What the command says of a finished ensemble."""
    page = target / PAGE
    counts = record["counts"]
    return Answer(
        f"{summary_text(record, tables)}\n\n{file_lines([page])}",
        {
            "ensemble": record["name"],
            "folder": str(target),
            "key": record["key"],
            "counts": counts,
            "seconds": record["seconds"],
            "hazards": record["hazards"],
            "headline": record["headline"],
        },
        artifacts=[page],
        warnings=notes,
        problems=_failures(tables["members"]),
        code=ExitCode.PARTIAL if counts["failed"] else ExitCode.DONE,
    )


MOST_NAMED = 10


def _failures(members: DataFrame) -> list[Problem]:
    """Why members failed: the first few by number."""
    failed = members[members["status"] != "solved"]
    found = [
        problem("ENS-602", f"member {row.member} was not solved: {row.reason}")
        for row in failed.head(MOST_NAMED).itertuples()
    ]
    if len(failed) > MOST_NAMED:
        text = f"{len(failed) - MOST_NAMED:,} more were not solved; see the table members."
        found.append(problem("ENS-602", text))
    return found
