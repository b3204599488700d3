"""`supplychain compare --why`: what a difference is due to, cause by cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from supplychain.cli.command import UsageError
from supplychain.cli.log import announce, step
from supplychain.cli.named import find_run
from supplychain.cli.options import Solving
from supplychain.cli.progress import Progress
from supplychain.cli.settings import Settings
from supplychain.cli.solving import check_all, requests, side_by_side
from supplychain.cli.table import counted, million, percent, signed, table

if TYPE_CHECKING:
    from pandas import DataFrame

    from supplychain.results.run import Run
    from supplychain.study.attribution import Attribution, Coalition
    from supplychain.study.run import RunRequest, World


LEAST_USD = 1.0
"""Less than this is the solver's rounding and shown as nothing."""


@dataclass(frozen=True)
class Question:
    """What one scenario loses more than the base, and the causes that differ."""

    base: RunRequest
    other: RunRequest
    causes: tuple[str, ...]


def ask(base: str, others: Sequence[str], options: Solving) -> tuple[list[Question], World]:
    """Find the causes that differ, and say how many worlds will be solved, before any is.

    Raises:
        UsageError: a word means a past run, whose worlds cannot be solved again as they were.
        InvalidInput: a scenario is wrong, or two have not the same horizon.
    """
    from supplychain.study.attribution import pair_of
    from supplychain.study.run import open_world

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


def announcement(question: Question) -> str:
    """How many worlds are solved for a question, and how."""
    from supplychain.regime.causes import CAUSES
    from supplychain.study.attribution import MOST_CAUSES, ORDER, coalitions, method_for

    names = f"{question.base.scenario} and {question.other.scenario}"
    if not question.causes:
        return f"No cause differs between {names}."
    titles = ", ".join(CAUSES[cause].title.lower() for cause in question.causes)
    differ = "differs" if len(question.causes) == 1 else "differ"
    many = f"{counted(len(question.causes), 'cause')} {differ} between {names}: {titles}."
    solves = f"{len(coalitions(question.causes))} solves, the two scenarios among them"
    if method_for(question.causes) == ORDER:
        return f"{many} With more than {MOST_CAUSES} they are switched in this order: {solves}."
    return f"{many} All combinations: {solves}."


def answers(
    asked: Sequence[Question],
    world: World,
    runs: Sequence[Run],
    settings: Settings,
    *,
    quiet: bool,
) -> list[Attribution]:
    """Solve the worlds between the base (the first run) and each other, and part the difference.

    Raises:
        NotSolved: a world in between has no answer.
    """
    from supplychain.study.attribution import attribute, between

    base, *others = runs
    found = []
    for question, other in zip(asked, others, strict=True):
        wanted = between(question.causes)
        losses = _losses(question, wanted, world, settings.workers, quiet=quiet)
        found.append(
            attribute(base, other, question.causes, dict(zip(wanted, losses, strict=True)))
        )
    return found


def _losses(
    question: Question, wanted: Sequence[Coalition], world: World, workers: int, *, quiet: bool
) -> list[float]:
    """The losses in the order asked for, over several processes if there are any."""
    title = f"between {question.base.scenario} and {question.other.scenario}"
    count = min(workers, len(wanted))
    with step("solve", title, worlds=len(wanted)):
        return _solved(question, wanted, world, count, title, quiet=quiet)


def _solved(
    question: Question,
    wanted: Sequence[Coalition],
    world: World,
    count: int,
    title: str,
    *,
    quiet: bool,
) -> list[float]:
    """The losses, by this process or by several."""
    from supplychain.study.attribution import losses_of

    if count < 2:
        with Progress(title, quiet=quiet) as progress:
            return losses_of(question.base, question.other, wanted, world, progress)
    parts = [wanted[i::count] for i in range(count)]
    jobs = [partial(losses_of, question.base, question.other, part) for part in parts]
    solved = side_by_side(jobs, count, title, quiet=quiet)
    by_world = {
        switched: loss
        for part, losses in zip(parts, solved, strict=True)
        for switched, loss in zip(part, losses, strict=True)
    }
    return [by_world[switched] for switched in wanted]


def why_text(found: Attribution) -> str:
    """The contributions as a table for the terminal."""
    from supplychain.regime.causes import CAUSES
    from supplychain.study.attribution import METHODS

    gap = found.scenario_usd - found.base_usd
    title = f"Why {found.scenario} loses {million(abs(gap))} M USD"
    title += f" {'more' if gap >= 0 else 'less'} than {found.base}"
    if not found.contributions:
        return f"{title}\n\nNo cause differs."
    rows = [
        [CAUSES[cause].title, signed(million(usd)), percent(usd / gap if gap else None)]
        for cause, exact in found.contributions.items()
        for usd in [exact if abs(exact) >= LEAST_USD else 0.0]
    ]
    laid = table(["cause", "M USD", "of the difference"], rows, "<>>")
    return f"{title}\n\n{laid}\n\n{METHODS[found.method]}"


def write_causes(causes: DataFrame, page: Path) -> list[Path]:
    """Write the table `causes` beside the page of a comparison, as CSV and as Parquet."""
    from supplychain.results.folder import whole_file
    from supplychain.results.store import write_table

    files = [page.with_name(f"{page.stem}-causes.{kind}") for kind in ("csv", "parquet")]
    with whole_file(files[0]) as part:
        causes.to_csv(part, index=False, lineterminator="\n", encoding="utf-8")
    with whole_file(files[1]) as part:
        write_table(causes, part)
    return files


def table_of(found: Iterable[Attribution]) -> DataFrame:
    """The table `causes` of all attributions."""
    from supplychain.study.attribution import causes_table

    return causes_table(found)
