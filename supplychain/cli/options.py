"""The options that several commands share, as frozen objects; a blank means "not given here".

What was not given comes from the environment, `supplychain.toml` or the built-in value: see
`supplychain.cli.settings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

MOST_AT_ONCE = 512
"""Threads or processes: more than any one machine has use for."""

ALLOCATION_HELP = (
    "Who gets a scarce delivery. contracts (the default): a licence names its end user, buyers "
    "keep their makers, firms differ in their stocks. value: pooled, whoever would lose most. "
    "proportional: everyone by usual shares. priority: as value, the military first."
)


class Foresight(StrEnum):
    """What planners know of the future."""

    rolling = "rolling"
    perfect = "perfect"


class Allocation(StrEnum):
    """Who gets a scarce delivery."""

    contracts = "contracts"
    value = "value"
    proportional = "proportional"
    priority = "priority"


class Demand(StrEnum):
    """How plans go on after the base year."""

    base = "base"
    low = "low"
    central = "central"
    high = "high"


class LogFormat(StrEnum):
    """How standard error is written."""

    text = "text"
    json = "json"


def _day(word: str | None) -> str | None:
    """Refuse what is no date; the settings read it again with the others."""
    try:
        date.fromisoformat(word or "2026-09-28")
    except ValueError as error:
        raise typer.BadParameter(f'"{word}" is no date such as 2026-09-28.') from error
    return word


@dataclass(frozen=True, kw_only=True)
class Common:
    """What every command understands."""

    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no notes.")] = False
    verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, help="Say more; -vv still more.")
    ] = 0
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False


@dataclass(frozen=True, kw_only=True)
class Inputs(Common):
    """What every command that reads data understands."""

    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            readable=False,
            help="Data folder. Default: the data that ship.",
        ),
    ] = None
    overlay: Annotated[
        list[Path] | None,
        typer.Option(
            "--overlay",
            metavar="DIR",
            readable=False,
            help="Only the rows that differ. Repeatable.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Results(Common):
    """What every command that looks at results understands."""

    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="DIR", help="Results folder. Default: reports/out."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Output(Results):
    """What every command that writes results understands."""

    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False


@dataclass(frozen=True, kw_only=True)
class Logged(Common):
    """What every command that takes long, or that a timer calls, understands."""

    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="Standard error: words, or JSON lines.")
    ] = LogFormat.text


@dataclass(frozen=True, kw_only=True)
class Threads(Common):
    """What every command that calls the solver understands."""

    threads: Annotated[
        int | None,
        typer.Option(
            "--threads", metavar="N", min=1, max=MOST_AT_ONCE, help="Threads of the solver."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Again(Inputs, Results, Threads, Logged):
    """What a command that solves what a record says understands."""


@dataclass(frozen=True, kw_only=True)
class Working(Inputs, Output, Threads, Logged):
    """What every command that reads data, works long and writes results understands."""

    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", metavar="N", min=1, max=MOST_AT_ONCE, help="Scenarios at a time."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Reporting(Working):
    """What `report` understands."""

    force: Annotated[
        bool, typer.Option("--force", help="Solve again what is kept, and write the report anew.")
    ] = False


AllocationRule = Annotated[Allocation | None, typer.Option("--allocation", help=ALLOCATION_HELP)]

Weeks = Annotated[
    int | None, typer.Option("--weeks", metavar="N", min=1, help="Length of the horizon.")
]


@dataclass(frozen=True, kw_only=True)
class Solving(Working):
    """What every command that solves understands."""

    foresight: Annotated[
        Foresight | None,
        typer.Option("--foresight", help="What planners know. Default: as the scenario says."),
    ] = None
    allocation: AllocationRule = None
    demand: Annotated[
        Demand | None,
        typer.Option(
            "--demand",
            help="How plans go on after the base year: not at all (base), or by a path of the "
            "data. Default: as the scenario says, central where it starts after the base year.",
        ),
    ] = None
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One change on top. Repeatable."),
    ] = None
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="DATE", callback=_day, help="First day, as 2026-09-28."),
    ] = None
    weeks: Weeks = None


Band = Annotated[
    bool | None,
    typer.Option(
        "--band/--no-band",
        help="Each scenario is also solved with its goods pooled (value) and shared by usual "
        "shares (proportional), the ends of the range of losses; --no-band leaves them out. "
        "--band adds a third line: everything known from the first day.",
    ),
]

Pdf = Annotated[bool, typer.Option("--pdf", help="Print each page to PDF as well; needs Chromium.")]


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
    weeks: Weeks = None
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
    allocation: AllocationRule = None
