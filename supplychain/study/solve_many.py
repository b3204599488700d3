"""Several requests solved, one after the other or in processes, each saved."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from supplychain.errors import ExitCode, InvalidInput, NotSolved, Problem, SupplychainError
from supplychain.formatting import counted
from supplychain.progress import (
    LOGGER,
    Progress,
    announce,
    hush_libraries,
    set_up,
    step,
    structured,
)

if TYPE_CHECKING:
    from supplychain.dataset import Tables
    from supplychain.runs.run_schema import Run
    from supplychain.study.run_request import RunRequest
    from supplychain.study.solve_scenario import World


OnProgress = Callable[[int, int], None]
Done = TypeVar("Done")
BandOf = Callable[[], "dict[str, Run]"]
"""Waits for the other runs of a band."""


DIED = "The process that solved it died each time it was tried: killed, or out of memory."
ALONE = 2
"""So often a job is tried by itself after a process died while it was not done."""


@dataclass(frozen=True)
class Outcome:
    """What became of one scenario: a run, or the reason why there is none."""

    scenario: str
    run: Run | None
    error: SupplychainError | None = None
    solved: bool = True
    """False where the run on disk was up to date."""


class Save(Protocol):
    """What writes a run below the results folder and returns it as it was written."""

    def __call__(self, run: Run, out: Path, *, force: bool) -> Run:
        """Write one run; `force` replaces what is there."""


def solve_all(
    made: Sequence[RunRequest],
    save: Save,
    out: Path,
    *,
    workers: int = 1,
    quiet: bool = False,
    force: bool = False,
    world: World | None = None,
    beside: bool = False,
) -> list[Outcome]:
    """Solve and write every request, several at a time if asked, in the order given.

    Input is checked before anything is solved. A scenario without an answer does not stop the rest.
    A run that lies in its folder as it is asked for is taken, unless `force` is set. `world` is the
    data folder of the requests if it is open already. `beside` lets the other runs of a band be
    solved in a second process where scenarios are solved one at a time.

    Raises:
        InvalidInput: carries the problems of all scenarios; nothing was solved.
    """
    if not made:
        return []
    together = workers > 1 and len(made) > 1
    if not together and world is None:
        from supplychain.study.solve_scenario import open_world

        with step("read", "data"):
            world = open_world(made[0].data, made[0].overlays, made[0].threads)
    tables = world.tables if world else read_tables_of(made[0])
    check_all(made, tables, out, force)
    found = {} if force else _up_to_date(made, tables, out, quiet=quiet)
    missing = [request for request in made if request.scenario not in found]
    if together and len(missing) > 1:
        jobs = [partial(solve_one, request, save, out, force) for request in missing]
        solved = side_by_side(
            jobs,
            workers,
            "scenarios",
            quiet=quiet,
            named=_scenario_of,
            lost=lambda place: Outcome(missing[place].scenario, None, NotSolved(DIED)),
        )
    else:
        solved = _one_by_one(missing, save, out, quiet, force, world, beside)
    found |= {request.scenario: one for request, one in zip(missing, solved, strict=True)}
    return [found[request.scenario] for request in made]


def _up_to_date(
    made: Sequence[RunRequest], tables: Tables, out: Path, *, quiet: bool
) -> dict[str, Outcome]:
    """The requests whose runs are there already, by scenario; said on standard error."""
    from supplychain.study.run_request import find_up_to_date

    found = {}
    for request in made:
        run = find_up_to_date(request, tables, out)
        if run is not None:
            when = str(run.record["written"])
            text = f"{request.scenario}: up to date, solved {when}. --force solves it again."
            announce(text, quiet=quiet)
            found[request.scenario] = Outcome(request.scenario, run, solved=False)
    return found


def _one_by_one(
    made: Sequence[RunRequest],
    save: Save,
    out: Path,
    quiet: bool,
    force: bool,
    world: World | None,
    beside: bool,
) -> list[Outcome]:
    outcomes = []
    with second_process(wanted=beside and any(request.band for request in made)) as submit:
        for request in made:
            band = submit(request) if submit and request.band else None
            with Progress(request.scenario, quiet=quiet) as progress:
                outcomes.append(solve_one(request, save, out, force, progress, world, band))
    return outcomes


@contextmanager
def second_process(*, wanted: bool) -> Iterator[Callable[[RunRequest], BandOf] | None]:
    """What solves the other runs of a band in a process of its own, while this one goes on.

    What ends this process ends that one too. None where it is not wanted.
    """
    if not wanted:
        yield None
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    from supplychain.study.solve_scenario import solve_band

    context = multiprocessing.get_context("spawn")
    voice = (structured(), LOGGER.level)
    with ProcessPoolExecutor(1, context, be_a_worker, voice) as pool:
        try:
            yield lambda request: pool.submit(solve_band, request).result
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            raise


def read_tables_of(request: RunRequest) -> Tables:
    """Read the data of a request."""
    from supplychain.dataset import read_tables

    return read_tables(request.data, request.overlays)


def check_all(made: Sequence[RunRequest], tables: Tables, out: Path, force: bool) -> None:
    """Look at every scenario and at the place for its results before the first solve.

    Raises:
        InvalidInput: carries the problems of all scenarios.
        OSError: the results could not be written.
    """
    from supplychain.files import folder_name, inside, probe
    from supplychain.runs.run_store import refuse_foreign
    from supplychain.study.run_request import resolve as resolve_scenario

    problems: list[Problem] = []
    with step("check", counted(len(made), "scenario")):
        for request in made:
            try:
                scenario = resolve_scenario(request, tables)
                refuse_foreign(inside(out, folder_name(scenario.name)), force=force)
            except InvalidInput as error:
                problems.extend(error.problems)
        if problems:
            raise InvalidInput("The scenarios cannot be used.", dict.fromkeys(problems))
        probe(out)


def solve_one(
    request: RunRequest,
    save: Save,
    out: Path,
    force: bool,
    on_progress: OnProgress | None = None,
    world: World | None = None,
    band: BandOf | None = None,
) -> Outcome:
    """Solve one request and write it; a programme without an answer becomes an outcome.

    `band` waits for the other runs of its band, where another process solves them.

    Raises:
        InvalidInput: the scenario or the data are wrong.
        OSError: the results cannot be written.
    """
    from supplychain.study.solve_scenario import run_scenario

    try:
        with step("solve", request.scenario) as said:
            run = run_scenario(request, on_progress, world)
            said["id"] = run.record["id"]
        if request.band:
            with step("solve", f"{request.scenario}, the ends of its band"):
                run = _with_band(run, request, on_progress, world, band)
    except NotSolved as error:
        return Outcome(request.scenario, None, error)
    with step("write", request.scenario) as said:
        saved = save(run, out, force=force)
        said["folder"] = saved.folder
    return Outcome(request.scenario, saved)


def _with_band(
    run: Run,
    request: RunRequest,
    on_progress: OnProgress | None,
    world: World | None,
    band: BandOf | None,
) -> Run:
    from concurrent.futures.process import BrokenProcessPool

    from supplychain.study.solve_scenario import add_band, open_world, with_band

    if band is not None:
        with suppress(BrokenProcessPool):  # that process was killed: solved here instead
            return add_band(run, band())
    world = world or open_world(request.data, request.overlays, request.threads)
    return with_band(run, request, world, on_progress)


def _scenario_of(outcome: Outcome) -> str:
    return outcome.scenario


def side_by_side(
    jobs: Sequence[Callable[[], Done]],
    workers: int,
    title: str,
    *,
    quiet: bool,
    named: Callable[[Done], str] | None = None,
    lost: Callable[[int], Done] | None = None,
) -> list[Done]:
    """Do jobs in processes of their own, in the order given; what ends this process ends them too.

    Where a process dies, nobody knows whose job it was: each that is not done is tried again by
    itself, twice if need be, so that one that was only taken along has as many tries as others.
    `lost` makes the result of one whose process dies each time, by its place. `named` gives the
    words that progress shows for a job that is done.

    Raises:
        NotSolved: the process of a job died each time, there is no `lost`; the others are done.
    """
    count = min(workers, len(jobs))
    with Progress(title, quiet=quiet) as progress:
        progress(0, len(jobs))
        done: dict[int, Done] = {}

        def keep(place: int, found: Done) -> None:
            done[place] = found
            progress(len(done), len(jobs), named(found) if named else "")

        _do_together(jobs, range(len(jobs)), count, keep)
        for _ in range(ALONE):
            for place in [i for i in range(len(jobs)) if i not in done]:
                _do_together(jobs, [place], 1, keep)
    for place in [i for i in range(len(jobs)) if i not in done]:
        if lost is None:
            raise NotSolved(DIED)
        done[place] = lost(place)
    return [done[i] for i in sorted(done)]


def _do_together(
    jobs: Sequence[Callable[[], Done]],
    places: Sequence[int],
    count: int,
    keep: Callable[[int, Done], None],
) -> None:
    """Do jobs by their places; those are kept that are done before a process dies."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")
    voice = (structured(), LOGGER.level)
    with ProcessPoolExecutor(count, context, be_a_worker, voice) as pool:
        try:
            with suppress(BrokenProcessPool):
                waiting = {pool.submit(jobs[place]): place for place in places}
                for future in as_completed(waiting):
                    if not isinstance(future.exception(), BrokenProcessPool):
                        keep(waiting[future], future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            raise


def be_a_worker(as_json: bool, level: int) -> None:
    """Leave Ctrl-C to the parent, which then sends SIGTERM; on that, tidy up and go in silence."""
    set_up(as_json, level)
    hush_libraries()
    os.dup2(2, 1)  # standard output is the parent's alone
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(ExitCode.TERMINATED))
