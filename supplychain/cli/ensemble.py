"""`supplychain ensemble`: many sampled futures, and the odds they make together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain.cli.answer import Answer
from supplychain.cli.command import UsageError, register
from supplychain.cli.engines import engine_of, read_shard
from supplychain.cli.failures import Terminated
from supplychain.cli.log import announce, step
from supplychain.cli.named import own_folders
from supplychain.cli.options import Allocation, Working
from supplychain.cli.settings import Settings, resolve
from supplychain.errors import ExitCode, InvalidInput, problem

if TYPE_CHECKING:
    from supplychain.study.ensemble.definition import Definition
    from supplychain.study.ensemble.futures import Setup
    from supplychain.study.ensemble.morris import Plan
    from supplychain.study.ensemble.sample import Member
    from supplychain.study.ensemble.solving import OpenEngine, Shard
    from supplychain.study.ensemble.store import MemberFolder
    from supplychain.study.ensemble.work import MemberTask


class Sampler(StrEnum):
    """How quantiles are drawn."""

    sobol = "sobol"
    lhs = "lhs"


@dataclass(frozen=True, kw_only=True)
class Sampling(Working):
    """What is asked of an ensemble beside its definition; a blank leaves it as defined."""

    members: Annotated[
        int | None, typer.Option("--members", metavar="N", min=1, help="How many futures.")
    ] = None
    pairs: Annotated[
        int | None,
        typer.Option(
            "--pairs",
            metavar="N",
            min=0,
            help="So many are solved again with the starting regime held.",
        ),
    ] = None
    sampler: Annotated[
        Sampler | None, typer.Option("--sampler", help="Sobol points or a Latin hypercube.")
    ] = None
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, help="Seed of all that is drawn.")
    ] = None
    weeks: Annotated[
        int | None, typer.Option("--weeks", metavar="N", min=1, help="Length of the horizon.")
    ] = None
    executor: Annotated[
        str | None,
        typer.Option(
            "--executor",
            metavar="WHERE",
            help="local:4, or dask:tcp://HOST:PORT. Default: local, as many as --workers.",
        ),
    ] = None
    shard: Annotated[
        str | None,
        typer.Option("--shard", metavar="I/N", help="Solve the I-th of N parts and stop there."),
    ] = None
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an earlier call stopped.")
    ] = False
    morris: Annotated[
        int | None,
        typer.Option(
            "--morris",
            metavar="N",
            min=2,
            help="Screen the inputs along N trajectories as well; takes more solves.",
        ),
    ] = None
    allocation: Annotated[
        Allocation | None,
        typer.Option("--allocation", help="Who gets a scarce delivery. Default: value."),
    ] = None


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
    from supplychain.cli.ensemble_writing import same_ensemble, write
    from supplychain.cli.saving import probe, refuse_foreign
    from supplychain.study.ensemble.solving import to_do

    asked = _asked(spec, options)
    engine = engine_of(options.executor, asked.settings.workers)
    planned = _screening(asked)
    definition = asked.setup.definition
    target = asked.settings.out / definition.name
    refuse_foreign(target, force=options.force, record="ensemble.json")
    probe(asked.settings.out)
    with asked.folder.alone(str(asked.shard)):
        if options.force:
            asked.folder.forget()
        tasks = to_do(asked.members, definition.pairs, asked.folder, asked.shard)
        _refuse_half_done(asked, len(tasks))
        _announce(asked, len(tasks), planned.solves if planned else 0)
        failed = _solve(asked, tasks, engine)
    if asked.shard.count > 1:
        return _part(asked, len(tasks), failed)
    if not tasks and not planned and (same := same_ensemble(asked.setup, target)) is not None:
        return same
    return write(asked, engine, planned)


def _asked(spec: str, options: Sampling) -> Asked:
    """Read everything that there is to read, before anything is solved."""
    from supplychain.dataset import read_tables
    from supplychain.study.ensemble.futures import Setup
    from supplychain.study.ensemble.reading import read_definition
    from supplychain.study.ensemble.sample import draw
    from supplychain.study.ensemble.store import members_folder
    from supplychain.study.ensemble.world import base_scenario

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


def _screening(asked: Asked) -> Plan | None:
    from supplychain.study.ensemble.screening import screening_plan

    if asked.options.morris is None:
        return None
    return screening_plan(asked.setup.definition, asked.options.morris)


def _solve(asked: Asked, tasks: Sequence[MemberTask], engine: OpenEngine) -> int:
    """Solve what is to do; how many had no answer. What is done is kept if this is stopped."""
    from supplychain.cli.progress import Steps
    from supplychain.study.ensemble.solving import solve_members

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
