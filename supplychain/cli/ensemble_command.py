"""`supplychain ensemble`: many sampled futures of a scenario, and the odds they make together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import Sampling
from supplychain.cli.settings import Settings, own_folders, resolve
from supplychain.errors import ExitCode, InvalidInput, Problem, Terminated, problem
from supplychain.progress import LOGGER, announce, step, structured
from supplychain.study.solve_many import be_a_worker

if TYPE_CHECKING:
    from pandas import DataFrame

    from supplychain.ensemble.ensemble_definition import Definition
    from supplychain.ensemble.executor import Engine, MemberTask
    from supplychain.ensemble.members import Member
    from supplychain.ensemble.morris_screening import Plan
    from supplychain.ensemble.solve_ensemble import MemberFolder, OpenEngine, Shard
    from supplychain.ensemble.solve_member import Setup


EXECUTOR = re.compile(r"local(:(?P<workers>[1-9]\d*))?|dask:(?P<address>\S+)")

PAGE = "report.html"
NO_DRIVERS = (
    "SALib is not installed, so what drives the losses was not looked for; "
    'pip install "supplychain[sensitivity]".'
)


@dataclass(frozen=True)
class Asked:
    """An ensemble with what was asked of it worked in."""

    setup: Setup
    members: Sequence[Member]
    folder: MemberFolder
    shard: Shard
    settings: Settings
    options: Sampling


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "ensemble", closing="Nothing was solved.")(ensemble)


def ensemble(
    options: Sampling,
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="Name or path of a definition.")],
) -> Answer:
    """Solve many sampled futures of a scenario and write the odds they make together."""
    from supplychain.ensemble.solve_ensemble import to_do
    from supplychain.files import inside, probe
    from supplychain.runs.run_store import refuse_foreign

    asked = _asked(spec, options)
    engine = engine_of(options.executor, asked.settings.workers)
    planned = _screening(asked)
    definition = asked.setup.definition
    target = inside(asked.settings.out, definition.name)
    refuse_foreign(target, force=options.force, record="ensemble.json")
    probe(asked.settings.out)
    with asked.folder.alone(str(asked.shard)):
        if options.force:
            asked.folder.forget()
        tasks = to_do(asked.members, definition.pairs, asked.folder, asked.shard)
        _refuse_half_done(asked, len(tasks))
        _announce(asked, len(tasks), planned.solves if planned else 0)
        asked = _with_past(asked) if tasks or planned else asked
        failed = _solve(asked, tasks, engine)
    if asked.shard.count > 1:
        return _part(asked, len(tasks), failed)
    if not tasks and not planned and (same := same_ensemble(asked.setup, target)) is not None:
        return same
    return write(asked, engine, planned)


def _asked(spec: str, options: Sampling) -> Asked:
    """Read everything that there is to read, before anything is solved."""
    from supplychain.dataset import read_tables
    from supplychain.ensemble.load_ensemble import read_definition
    from supplychain.ensemble.members import base_scenario, draw
    from supplychain.ensemble.solve_ensemble import members_folder
    from supplychain.ensemble.solve_member import Setup

    settings = resolve(options, os.environ, Path.cwd())
    tables = read_tables(settings.data, settings.overlays)
    folders = own_folders(settings)
    definition = _overridden(read_definition(spec, tables, folders), options, settings)
    base = base_scenario(definition, tables, folders)
    setup = Setup(definition, tables, base, settings.allocation, settings.threads)
    shard = read_shard(options.shard)
    folder = members_folder(setup, settings.out)
    return Asked(setup, draw(definition, tables), folder, shard, settings, options)


def _overridden(definition: Definition, options: Sampling, settings: Settings) -> Definition:
    """The definition with what the command line says instead."""
    given: dict[str, Any] = {
        "members": options.members,
        "pairs": options.pairs,
        "sampler": options.sampler.value if options.sampler else None,
        "seed": options.seed,
        "weeks": settings.weeks,
    }
    found = replace(definition, **{k: v for k, v in given.items() if v is not None})
    if options.pairs is not None and found.pairs > found.members:
        raise UsageError(f"--pairs asks for {found.pairs} of {found.members} members.")
    if options.pairs and found.paths is None:
        raise UsageError("--pairs holds the starting regime, but no paths are drawn.")
    return replace(found, pairs=min(found.pairs, found.members))


def _refuse_half_done(asked: Asked, left: int) -> None:
    """Do not go on with what another call began unless that is asked for.

    Raises:
        InvalidInput: some members are done, others are not, and --resume is not given.
    """
    mine = [m for m in asked.members if asked.shard.has(m.index)]
    if asked.options.resume or left in (0, len(mine)):
        return
    text = f"{len(mine) - left:,} of {len(mine):,} members are solved already."
    hint = "Add --resume to go on, or --force to solve all of them again."
    place = asked.folder.folder.as_posix()
    raise InvalidInput(
        "The ensemble was begun before.", [problem("ENS-601", text, file=place, hint=hint)]
    )


def _announce(asked: Asked, tasks: int, screening: int) -> None:
    """Say on standard error how many solves come, before they do."""
    definition, quiet = asked.setup.definition, asked.options.quiet
    own = sum(asked.shard.has(m.index) for m in asked.members)
    second = sum(asked.shard.has(m.index) for m in asked.members[: definition.pairs])
    part = f" in part {asked.shard}" if asked.shard.count > 1 else ""
    announce(
        f"{definition.name}: {own:,} futures of {definition.weeks} weeks{part}, {second:,} of them "
        f"solved a second time with the regime held; {own - tasks:,} are done, {tasks:,} to do.",
        quiet=quiet,
    )
    if screening:
        announce(f"The screening by Morris takes {screening:,} solves more.", quiet=quiet)
    for note in definition.notes:
        announce(note, quiet=quiet, prefix="Note: ")


def _with_past(asked: Asked) -> Asked:
    """The same with what the past of the base scenario left: all members open with it."""
    from supplychain.study.solve_scenario import past_left

    setup = asked.setup
    if setup.base.history is None:
        return asked
    with step("past", setup.base.name):
        past = past_left(setup.base, setup.tables, setup.threads)
    return replace(asked, setup=replace(setup, past=past))


def _screening(asked: Asked) -> Plan | None:
    from supplychain.ensemble.morris_screening import screening_plan

    if asked.options.morris is None:
        return None
    return screening_plan(asked.setup.definition, asked.options.morris)


def _solve(asked: Asked, tasks: Sequence[MemberTask], engine: OpenEngine) -> int:
    """Solve what is to do; how many had no answer. What is done is kept if this is stopped."""
    from supplychain.ensemble.solve_ensemble import solve_members
    from supplychain.progress import Steps

    if not tasks:
        return 0
    name = asked.setup.definition.name
    with (
        step("solve", name, members=len(tasks)) as said,
        Steps(quiet=asked.options.quiet) as progress,
    ):
        try:
            failed = solve_members(asked.setup, tasks, asked.folder, engine, progress)
            said["failed"] = failed
        except (KeyboardInterrupt, Terminated):
            progress.close()
            kept = len(asked.folder.done())
            text = f"{kept:,} members are kept; --resume goes on from there."
            announce(text, quiet=asked.options.quiet)
            raise
    return failed


def _part(asked: Asked, tasks: int, failed: int) -> Answer:
    """What one part of several did."""
    known = asked.folder.done()
    left = sum(m.index not in known for m in asked.members)
    name = asked.setup.definition.name
    said = f"Part {asked.shard} of {name}: {tasks:,} members solved, {failed:,} without an answer."
    then = (
        f"{left:,} members of other parts are to do."
        if left
        else f"All are done; `supplychain ensemble {name} --resume` sums them up."
    )
    data = {
        "ensemble": name,
        "shard": str(asked.shard),
        "solved": tasks,
        "failed": failed,
        "left": left,
    }
    return Answer(
        f"{said} {then}",
        data,
        artifacts=[asked.folder.folder],
        code=ExitCode.PARTIAL if failed else ExitCode.DONE,
    )


def engine_of(word: str | None, workers: int) -> OpenEngine:
    """Read `--executor`: what opens an engine for a payload.

    Raises:
        UsageError: it is neither local:N nor dask:ADDRESS.
    """
    found = EXECUTOR.fullmatch(word or "local")
    if found is None:
        raise UsageError(f'--executor wants local:4 or dask:tcp://HOST:PORT, but got "{word}".')
    if found["address"]:
        return partial(_dask, found["address"])
    return partial(_local, int(found["workers"] or workers))


def _local(workers: int, payload: bytes) -> Engine:
    from supplychain.ensemble.executor import Local

    return Local(workers, payload, partial(be_a_worker, structured(), LOGGER.level))


def _dask(address: str, payload: bytes) -> Engine:
    from supplychain.ensemble.executor import Dask

    return Dask(address, payload)


def read_shard(word: str | None) -> Shard:
    """Read `--shard I/N`.

    Raises:
        UsageError: it is no such pair, or I is not from 1 to N.
    """
    from supplychain.ensemble.solve_ensemble import Shard

    found = re.fullmatch(r"(\d+)/(\d+)", word or "1/1")
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f'--shard wants I/N with I from 1 to N, as 2/8, but got "{word}".')
    return Shard(int(found[1]), int(found[2]))


def write(asked: Asked, engine: OpenEngine, planned: Plan | None) -> Answer:
    """Sum up the members, write tables, record and page to `<out>/<ensemble>/`.

    Raises:
        InvalidInput: no member was solved.
        OSError: the folder cannot be written; an older ensemble stays.
    """
    from supplychain.files import inside
    from supplychain.optional_dependencies import SENSITIVITY, has
    from supplychain.report.save_results import save_ensemble

    setup = asked.setup
    target = inside(asked.settings.out, setup.definition.name)
    drivers = has(SENSITIVITY)
    screen = partial(_screen, asked, engine, planned) if planned is not None else None
    with step("report", setup.definition.name):
        record, frames = save_ensemble(
            setup, asked.members, asked.folder, target, screen, with_drivers=drivers
        )
    return answer(record, frames, target, [] if drivers else [NO_DRIVERS])


def _screen(asked: Asked, engine: OpenEngine, planned: Plan, folder: Path) -> DataFrame:
    from supplychain.ensemble.member_losses import opened
    from supplychain.ensemble.morris_screening import hard_member, screened
    from supplychain.progress import Steps

    with opened(folder) as connection:
        query = "SELECT member, sum(lost_value_usd) FROM losses WHERE arm = 'path' GROUP BY member"
        totals = {int(member): float(usd) for member, usd in connection.execute(query).fetchall()}
    hard = hard_member(asked.members, totals)
    with Steps(quiet=asked.options.quiet) as progress:
        return screened(asked.setup, planned, hard, asked.folder, engine, progress)


def same_ensemble(setup: Setup, target: Path) -> Answer | None:
    """The ensemble on disk, if it is the one that is asked for."""
    from supplychain.report.save_results import saved_ensemble

    found = saved_ensemble(setup, target)
    if found is None:
        return None
    record, tables = found
    return answer(record, tables, target, ["Up to date: nothing was solved."])


def answer(
    record: Mapping[str, Any], tables: Mapping[str, DataFrame], target: Path, notes: list[str]
) -> Answer:
    """What the command says of a finished ensemble."""
    from supplychain.report.pages.pdf import file_lines
    from supplychain.report.text.ensemble_text import summary_text

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
