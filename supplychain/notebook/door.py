"""`sc.run`, `sc.read`, `sc.compare` and `sc.ensemble`: what a notebook begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supplychain.notebook.shown import NotebookComparison, NotebookEnsemble, NotebookRun, shown

if TYPE_CHECKING:
    from supplychain.runs.run_schema import Run
    from supplychain.study.solve_scenario import World

OUT = Path("reports/out")
SCENARIOS = Path("scenarios")
"""Where names are looked up before the shipped ones, as the command line does."""


def run(
    scenario: str | Path,
    *,
    start: date | str | None = None,
    weeks: int | None = None,
    foresight: str | None = None,
    allocation: str = "contracts",
    demand: str | None = None,
    settings: Mapping[str, object] | None = None,
    band: bool = False,
    data: str | Path | None = None,
    overlays: Sequence[str | Path] = (),
    folders: Sequence[str | Path] = (SCENARIOS,),
    out: str | Path | None = None,
    force: bool = False,
    threads: int = 1,
    world: World | None = None,
) -> NotebookRun:
    """Solve one scenario.

    Args:
        scenario: its name, or the path of its file.
        start: another first day.
        weeks: another length, weeks.
        foresight: rolling or perfect; default: as the scenario says.
        allocation: contracts, value, proportional or priority.
        demand: base, low, central or high; default: as the scenario says.
        settings: what `--set` takes on the command line, key to value.
        band: whether it is also solved with goods pooled and with usual shares.
        data: another data folder.
        overlays: folders with only the rows that differ.
        folders: where names are looked up before the shipped ones.
        out: a results folder to write run and page to; what is up to date there is not solved.
        force: solve it in any case.
        threads: of the solver.
        world: a data folder that is open already, in place of `data`, `overlays` and `threads`.

    Raises:
        InvalidInput: data or scenario are wrong; every problem is listed.
        NotSolved: a window has no answer; the reason is in words.
        NothingMatched: there is no such scenario.
    """
    from supplychain.runs.run_schema import BAND_ENDS
    from supplychain.study.run_request import RunRequest
    from supplychain.study.solve_scenario import open_world, run_scenario, with_band

    request = RunRequest(
        scenario=str(scenario),
        data=Path(data) if data else None,
        overlays=tuple(map(Path, overlays)),
        folders=tuple(map(Path, folders)),
        foresight=foresight,
        allocation=allocation,
        demand=demand,
        settings={key: str(value) for key, value in (settings or {}).items()},
        start=date.fromisoformat(start) if isinstance(start, str) else start,
        weeks=weeks,
        threads=threads,
        band=BAND_ENDS if band else (),
    )
    if out is not None:
        from supplychain.report.save_results import save_run
        from supplychain.study.solve_many import solve_all

        (outcome,) = solve_all([request], save_run, Path(out), quiet=True, force=force, world=world)
        if outcome.run is None:
            assert outcome.error is not None
            raise outcome.error
        return shown(outcome.run)
    world = world or open_world(request.data, request.overlays, threads)
    found = run_scenario(request, world=world)
    return shown(with_band(found, request, world) if band else found)


def read(word: str | Path, out: str | Path = OUT) -> NotebookRun:
    """Read a past run: its folder, `latest`, `latest:SCENARIO`, its id or the start of one.

    Raises:
        NothingMatched: there is no such run.
        InvalidInput: it is damaged.
    """
    from supplychain.runs.catalogue import need_run, read_past

    return shown(read_past(need_run(str(word), Path(out))))


def compare(base: str | Run, *others: str | Run, **options: Any) -> NotebookComparison:
    """Set runs beside a base; names of scenarios are solved with the options of `run`.

    Raises:
        InvalidInput: a scenario is wrong, or the runs are not of the same weeks.
        TypeError: there is nothing beside the base.
    """
    from supplychain.study.comparison import compare as compared
    from supplychain.study.solve_scenario import open_world

    if not others:
        raise TypeError("compare() wants a base and at least one other.")
    if options.get("world") is None and any(isinstance(one, str) for one in (base, *others)):
        data, overlays = options.get("data"), options.get("overlays", ())
        folder = Path(data) if data else None
        options["world"] = open_world(folder, tuple(map(Path, overlays)), options.get("threads", 1))
    first, *rest = (run(one, **options) if isinstance(one, str) else one for one in (base, *others))
    found = compared(first, rest)
    return NotebookComparison(found.base, found.others, found.sectors, found.inputs)


def ensemble(
    definition: str | Path,
    *,
    members: int | None = None,
    pairs: int | None = None,
    weeks: int | None = None,
    seed: int | None = None,
    allocation: str = "contracts",
    data: str | Path | None = None,
    overlays: Sequence[str | Path] = (),
    folders: Sequence[str | Path] = (SCENARIOS,),
    out: str | Path = OUT,
    workers: int = 1,
) -> NotebookEnsemble:
    """Solve the futures of an ensemble that are not solved yet, and sum all of them up.

    Args:
        definition: its name, or the path of its file.
        members: how many futures; default: as defined, as are `pairs`, `weeks` and `seed`.
        pairs: so many are solved again with the starting regime held.
        weeks: another length, weeks.
        seed: of all that is drawn.
        allocation: who gets a scarce delivery.
        data: another data folder.
        overlays: folders with only the rows that differ.
        folders: where names are looked up before the shipped ones.
        out: the results folder; members that are solved there are taken.
        workers: processes.

    Raises:
        InvalidInput: data or definition are wrong, or no member was solved.
    """
    from supplychain.dataset import read_tables
    from supplychain.ensemble.executor import Local
    from supplychain.ensemble.load_ensemble import read_definition
    from supplychain.ensemble.members import base_scenario, draw
    from supplychain.ensemble.solve_ensemble import Shard, members_folder, solve_members, to_do
    from supplychain.ensemble.solve_member import Setup
    from supplychain.files import inside
    from supplychain.optional_dependencies import SENSITIVITY, has
    from supplychain.progress import LOGGER, Steps, structured
    from supplychain.report.save_results import save_ensemble, saved_ensemble
    from supplychain.runs.run_store import refuse_foreign
    from supplychain.study.solve_many import be_a_worker
    from supplychain.study.solve_scenario import past_left

    tables = read_tables(Path(data) if data else None, tuple(map(Path, overlays)))
    places = tuple(map(Path, folders))
    given: dict[str, Any] = {"members": members, "pairs": pairs, "weeks": weeks, "seed": seed}
    asked = replace(
        read_definition(str(definition), tables, places),
        **{name: value for name, value in given.items() if value is not None},
    )
    asked = replace(asked, pairs=min(asked.pairs, asked.members))
    setup = Setup(asked, tables, base_scenario(asked, tables, places), allocation, 1)
    target = inside(Path(out), asked.name)
    refuse_foreign(target, force=False, record="ensemble.json")
    drawn, folder = draw(asked, tables), members_folder(setup, Path(out))

    def engine(payload: bytes) -> Local:
        return Local(workers, payload, partial(be_a_worker, structured(), LOGGER.level))

    with folder.alone(str(Shard(1, 1))):
        tasks = to_do(drawn, asked.pairs, folder, Shard(1, 1))
        if tasks:
            setup = replace(setup, past=past_left(setup.base, tables))
            solve_members(setup, tasks, folder, engine, Steps(quiet=True))
    found = None if tasks else saved_ensemble(setup, target)
    record, frames = found or save_ensemble(
        setup, drawn, folder, target, with_drivers=has(SENSITIVITY)
    )
    return NotebookEnsemble(record, frames, target)
