"""Have the runs of a plan: those that are kept are taken, the others solved, each once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from supplychain.errors import SupplychainError
from supplychain.runs.run_cache import damaged, find_kept, kept_folder
from supplychain.scheduled_reports.report_plan import Plan, Wanted

if TYPE_CHECKING:
    from supplychain.dataset import Tables
    from supplychain.study.solve_scenario import World


OnProgress = Callable[[int, int], None]
ProgressOf = Callable[[str], AbstractContextManager[OnProgress]]
Job = Callable[[], "AvailableRun"]

notes = logging.getLogger("supplychain.scheduled_reports")


@dataclass(frozen=True)
class AvailableRun:
    """A run that is there: its id, its folder, and whether it was solved for it."""

    id: str
    folder: Path
    solved: bool
    band: Mapping[str, AvailableRun] = field(default_factory=dict)
    """The other runs of its band, by kind."""


@dataclass
class RunSolver:
    """What solving takes, shared by the definitions of one command.

    `side_by_side` does several jobs in processes of their own; None: one after the other here.
    """

    out: Path
    progress: ProgressOf
    side_by_side: Callable[[Sequence[Job]], list[AvailableRun]] | None = None
    force: bool = False
    solved: dict[str, Path] = field(default_factory=dict)
    """Folders of the runs that this command has solved, by id."""
    _worlds: dict[str, World] = field(default_factory=dict)

    def have(self, plan: Plan) -> list[AvailableRun]:
        """Return the runs of a plan in its order; what is not kept whole is solved first.

        The ends of bands are runs of their own, kept like any other.

        Raises:
            NotSolved: a scenario has no answer; those before it are kept.
            Busy: another process has been writing the same run for long.
            OSError: a run cannot be written.
        """
        every = {one.id: one for one in plan.every}
        missing = [one for one in every.values() if self._missing(one)]
        if self.side_by_side is not None and len(missing) > 1:
            jobs = [partial(solve_kept, one, self.out, force=self.force) for one in missing]
            made = self.side_by_side(jobs)
        else:
            made = [self._solve(one, plan.tables) for one in missing]
        found = {had.id: had for had in made}
        self.solved.update({had.id: had.folder for had in made if had.solved})

        def had(one: Wanted) -> AvailableRun:
            return found.get(one.id) or AvailableRun(one.id, kept_folder(self.out, one.id), False)

        return [
            replace(had(one), band={kind: had(end) for kind, end in one.band.items()})
            for one in plan.wanted
        ]

    def repair(self, plan: Plan) -> list[str]:
        """Solve again the runs of a plan that are kept and damaged; return their scenarios.

        Runs that are not kept any more are left alone: the report that stands on them is there.
        """
        there = [one for one in plan.every if find_kept(self.out, one.id) is not None]
        again = [
            one.scenario.name
            for one in there
            if self._missing(one) and self._solve(one, plan.tables).solved
        ]
        return list(dict.fromkeys(again))

    def _missing(self, one: Wanted) -> bool:
        if one.id in self.solved:
            return False
        return self.force or not sound(self.out, one.id, say=True)

    def _solve(self, one: Wanted, tables: Tables) -> AvailableRun:
        from supplychain.study.solve_scenario import world_of

        if tables.hash not in self._worlds:
            self._worlds.clear()  # one at a time: a world is large
            self._worlds[tables.hash] = world_of(tables, one.request.threads)
        with self.progress(one.scenario.name) as on_progress:
            return solve_kept(
                one, self.out, on_progress, self._worlds[tables.hash], force=self.force
            )


def sound(out: Path, run: str, *, say: bool = False) -> bool:
    """Whether a run is kept and whole; the damaged tables of one are named in notes if wanted."""
    folder = find_kept(out, run)
    if folder is None:
        return False
    spoilt = damaged(folder)
    for table in spoilt if say else ():
        notes.warning("%s is damaged; its run is solved again.", table.as_posix())
    return not spoilt


def solve_kept(
    one: Wanted,
    out: Path,
    on_progress: OnProgress | None = None,
    world: World | None = None,
    *,
    force: bool = False,
) -> AvailableRun:
    """Solve one scenario and keep the run, unless another process has just done so.

    Raises:
        NotSolved: it has no answer.
        SupplychainError: the inputs changed while it was solved.
    """
    from supplychain.runs.run_cache import keep
    from supplychain.study.solve_scenario import run_scenario

    place = kept_folder(out, one.id)
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.with_name(f".{place.name}.solving.lock")):
        if not force and sound(out, one.id):
            return AvailableRun(one.id, place, False)
        run = run_scenario(one.request, on_progress, world)
        if run.record["id"] != one.id:
            raise SupplychainError(
                f"The inputs of {one.scenario.name} changed while it was solved. Try again."
            )
        return AvailableRun(one.id, keep(run, out), True)
