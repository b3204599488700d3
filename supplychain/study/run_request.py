"""What to solve, in the words of a user; known and resolved without the solver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supplychain.errors import InvalidInput
from supplychain.files import folder_name, inside
from supplychain.runs.provenance import damaged_tables, program_sum, run_id, versions
from supplychain.runs.records import read_run_record
from supplychain.runs.run_folder import PAGE
from supplychain.scenario.load_scenario import load_scenario
from supplychain.scenario.scenario import Scenario

if TYPE_CHECKING:
    from supplychain.dataset import Tables
    from supplychain.runs.run_schema import Run
    from supplychain.scenario.vocabulary import Vocabulary
    from supplychain.solve.model_file import ModelFile


@dataclass(frozen=True)
class RunRequest:
    """What to solve: a scenario by name or path, and what the user changes on top."""

    scenario: str
    data: Path | None = None
    overlays: Sequence[Path] = ()
    folders: Sequence[Path] = ()
    """Where scenario names are looked up before the shipped ones."""
    foresight: str | None = None
    allocation: str = "contracts"
    demand: str | None = None
    """How plans go on after the base year: base, low, central or high; None: as the scenario."""
    settings: Mapping[str, str] = field(default_factory=dict)
    start: date | None = None
    weeks: int | None = None
    threads: int = 1
    model: ModelFile | None = None
    """A window that is written to a file on the way."""
    log: Path | None = None
    """Where the solver says how it solves."""
    band: Sequence[str] = ()
    """What the same is also solved with: of `run_schema.BAND_ENDS`, and `perfect`."""


def resolve(request: RunRequest, tables: Tables, words: Vocabulary | None = None) -> Scenario:
    """The scenario of a request with its overrides applied; `words` are those of the tables."""
    settings = dict(request.settings)
    if request.start:
        settings["horizon.start"] = request.start.isoformat()
    if request.weeks:
        settings["horizon.weeks"] = str(request.weeks)
    if request.foresight:
        settings["foresight.mode"] = request.foresight
    if request.demand:
        settings["demand"] = request.demand
    return load_scenario(request.scenario, tables, request.folders, settings, words)


def horizon_asked(request: RunRequest, tables: Tables) -> tuple[date, int] | None:
    """First Monday and weeks of what is to be solved; None where something is wrong with it.

    What is wrong is named, with that of all the others, before the first is solved.
    """
    try:
        scenario = resolve(request, tables)
    except InvalidInput:
        return None
    return scenario.start, scenario.weeks


def id_of(request: RunRequest, scenario: Scenario, tables: Tables) -> str:
    """The id that the run of a request will have; `scenario` is what it resolves to."""
    return run_id(scenario.as_json(), tables.hash, scenario.foresight.mode, request.allocation)


def inputs_of(request: RunRequest) -> dict[str, Any]:
    """What was asked for, as given; the record's `scenario` is what became of it."""
    return {
        "scenario": request.scenario,
        "data": None if request.data is None else request.data.as_posix(),
        "overlays": [folder.as_posix() for folder in request.overlays],
        "folders": [folder.as_posix() for folder in request.folders],
        "settings": dict(request.settings),
        "foresight": request.foresight,
        "allocation": request.allocation,
        "demand": request.demand,
        "start": request.start.isoformat() if request.start else None,
        "weeks": request.weeks,
        "band": list(request.band),
    }


def find_up_to_date(request: RunRequest, tables: Tables, out: Path) -> Run | None:
    """The run of a request below a results folder; None where solving would give something else.

    It must have been asked for in the same words, of the same data, from this very program with
    these libraries, and its page and every table must be there as they were written. Who asks
    for a model or a log wants it solved.

    Raises:
        InvalidInput: the scenario is wrong.
    """
    from supplychain.runs.run_store import read_run

    if request.model is not None or request.log is not None:
        return None
    scenario = resolve(request, tables)
    folder = inside(out, folder_name(scenario.name))
    try:
        record = read_run_record(folder)
    except (FileNotFoundError, NotADirectoryError, InvalidInput):
        return None
    if record.get("inputs") != inputs_of(request) or record.get("program") != program_sum():
        return None
    if record["versions"] != versions() or record["id"] != id_of(request, scenario, tables):
        return None
    if not (folder / PAGE).is_file() or damaged_tables(record, folder):
        return None
    return read_run(folder)
