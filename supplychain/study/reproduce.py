"""Solve a recorded run again from its record, and say what came out otherwise."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from supplychain.dataset import Tables, read_tables
from supplychain.errors import InvalidInput
from supplychain.runs.provenance import versions
from supplychain.runs.run_cache import kept_data
from supplychain.runs.run_diff import INPUTS, TOLERANCE, TableDifference, table_differences
from supplychain.runs.run_schema import Run
from supplychain.scenario.overrides import split_name
from supplychain.scenario.scenario_schema import LONGEST
from supplychain.study.run_request import RunRequest
from supplychain.study.solve_scenario import OnProgress, World, run_scenario, world_of


@dataclass(frozen=True)
class Reproduction:
    """A recorded run beside the one that its record gives today."""

    recorded: Run
    again: Run
    tables: tuple[TableDifference, ...]
    tolerance: float
    kept: bool = False
    """Whether the data are those kept with the reports, because those of the record changed."""

    @property
    def moved(self) -> tuple[TableDifference, ...]:
        """The tables with a number that moved by more than the tolerance."""
        return tuple(found for found in self.tables if not found.same)

    @property
    def data(self) -> tuple[str, str] | None:
        """The hash of the data then and now, if they are not the same."""
        then, now = (str(run.record["data"]["hash"]) for run in (self.recorded, self.again))
        return None if then == now else (then, now)

    @property
    def versions(self) -> dict[str, tuple[str, str]]:
        """What was another version then: the name, the version then and now."""
        then: Mapping[str, str] = self.recorded.record.get("versions", {})
        now = versions()
        return {
            name: (then.get(name, ""), now.get(name, ""))
            for name in {**then, **now}
            if then.get(name) != now.get(name)
        }

    @property
    def loss(self) -> tuple[float, float]:
        """The value added lost in the world, USD, then and now."""
        then, now = (_lost(run) for run in (self.recorded, self.again))
        return then, now


def _lost(run: Run) -> float:
    return sum(float(s["lost_value_usd"]) for s in run.headline["sectors"].values())


def reproduce(
    recorded: Run,
    *,
    data: Path | None = None,
    overlays: Sequence[Path] = (),
    out: Path | None = None,
    threads: int = 1,
    tolerance: float = TOLERANCE,
    on_progress: OnProgress | None = None,
) -> Reproduction:
    """Solve what a record says was solved, and compare every table.

    The scenario is the resolved one of the record, not the file, which may say something else by
    now. `data` and `overlays` are read where the record says, unless they are given. Where they
    changed since, and reports under `out` kept what they were, those are taken.

    Raises:
        InvalidInput: the data are gone or wrong, or do not know what the scenario names.
        NotSolved: it has no answer any more.
    """
    tables, kept = _tables_for(recorded, data, overlays, out)
    world = world_of(tables, threads)
    with tempfile.TemporaryDirectory() as room:
        request = recorded_request(recorded, Path(room), threads)
        again = _named_as(recorded, _solved(recorded, request, world, on_progress))
    then = recorded.tables
    if kept:  # the copy has the overlays laid over already
        then = {name: table for name, table in then.items() if name not in INPUTS}
    differences = tuple(table_differences(then, again.tables, tolerance))
    return Reproduction(recorded, again, differences, tolerance, kept)


def _tables_for(
    recorded: Run, data: Path | None, overlays: Sequence[Path], out: Path | None
) -> tuple[Tables, bool]:
    """The data to solve with, and whether they are a kept copy of those of the record.

    Raises:
        InvalidInput: they are gone or wrong, and no copy is kept.
    """
    inputs: Mapping[str, Any] = recorded.record.get("inputs", {})
    folder = data or (Path(inputs["data"]) if inputs.get("data") else None)
    places = overlays or [Path(overlay) for overlay in inputs.get("overlays", ())]
    if data or overlays or out is None:
        return read_tables(folder, places), False
    wanted = str(recorded.record["data"]["hash"])
    try:
        tables = read_tables(folder, places)
    except InvalidInput:
        found = kept_data(out, wanted)
        if found is None:
            raise
        return found, True
    found = kept_data(out, wanted) if tables.hash != wanted else None
    return (tables, False) if found is None else (found, True)


def recorded_request(recorded: Run, room: Path, threads: int) -> RunRequest:
    """Write the resolved scenario of a record as a file into `room`, and ask for that."""
    allocation = str(recorded.record["allocation"])
    return request_for(recorded.record["scenario"], allocation, room, threads)


def request_for(
    scenario: Mapping[str, Any], allocation: str, room: Path, threads: int
) -> RunRequest:
    """Write a resolved scenario, as records keep it, as a file into `room`, and ask for that.

    The file's horizon is the longest there is and the request's that of the record: an entry that
    lies behind a shortened horizon was let pass in the first run, and is here. A changed scenario
    is named as the one it changes: its own name is no word for a file.
    """
    horizon = scenario["horizon"]
    name, _ = split_name(str(scenario["name"]))
    words = {k: v for k, v in scenario.items() if k != "extends"}
    words |= {"name": name, "horizon": {**horizon, "weeks": LONGEST}}
    file = room / f"{name}.yaml"
    text = yaml.safe_dump(_without_blanks(words), sort_keys=False, allow_unicode=True)
    file.write_text(text, encoding="utf-8")
    return RunRequest(
        scenario=str(file), allocation=allocation, threads=threads, weeks=int(horizon["weeks"])
    )


def _named_as(recorded: Run, again: Run) -> Run:
    """A run whose tables say the scenario's name of another."""
    named = {
        name: table.assign(scenario=recorded.scenario) if "scenario" in table else table
        for name, table in again.tables.items()
    }
    return replace(again, tables=named)


def _without_blanks(value: Any) -> Any:
    """Leave out what a record writes as null: in a file it is not there."""
    if isinstance(value, Mapping):
        return {k: _without_blanks(v) for k, v in value.items() if v is not None}
    return [_without_blanks(v) for v in value] if isinstance(value, list) else value


def _solved(
    recorded: Run, request: RunRequest, world: World, on_progress: OnProgress | None
) -> Run:
    again = run_scenario(request, on_progress, world)
    if "band" not in recorded.record:
        return again
    from supplychain.study.solve_scenario import with_band

    asked = replace(request, band=tuple(recorded.record["band"]))
    return with_band(again, asked, world, on_progress)
