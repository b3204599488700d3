"""What moved because the calendar moved, told apart from news.

A report whose horizon starts a week later compares weeks that are not the same. So the inputs of
the last report are solved over the weeks of the new one: what that moves is the calendar's, what
differs from it is news. Where nothing but the calendar moved there is nothing to solve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from supplychain.errors import NotSolved
from supplychain.runs.run_cache import kept_data
from supplychain.scheduled_reports.report_changes import InputChange

CALENDAR = ("horizon.start", "horizon.weeks")

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Carried:
    """The last report's inputs over the new weeks."""

    headline: Record
    """Scenario to its losses by sector, as report.json keeps them."""
    note: str = ""
    """Why the calendar could not be told apart; "" where it was."""


def calendar_moved(before: Record, after: Record) -> bool:
    """Whether a scenario that both have starts in another week, or runs for another time."""
    one, other = before["scenarios"], after["scenarios"]
    return any(one[name]["horizon"] != other[name]["horizon"] for name in other if name in one)


def carried_over(
    before: Record, after: Record, inputs: Sequence[InputChange], out: Path, threads: int
) -> Carried:
    """What the inputs of the last report lose over the weeks of the new one.

    Args:
        before: the last report.
        after: the new one.
        inputs: the inputs in which they differ.
        out: the results folder, where the data of the last report are kept.
        threads: of the solver.
    """
    if not calendar_moved(before, after):
        return Carried(before["headline"])
    if not news(inputs):
        return Carried(after["headline"])
    tables = kept_data(out, str(before["data"]["hash"]))
    if tables is None:
        note = "the data of the last report are gone, so that the calendar is not told apart"
        return Carried(before["headline"], note)
    from supplychain.study.reproduce import request_for
    from supplychain.study.run_request import RunRequest
    from supplychain.study.solve_scenario import run_scenario, world_of

    world = world_of(tables, threads)
    rule = str(before["settings"].get("allocation") or RunRequest.allocation)
    found: dict[str, Any] = {}
    with TemporaryDirectory() as room:
        for name in after["scenarios"]:
            if name not in before["scenarios"]:
                continue
            words = {**before["scenarios"][name], "horizon": after["scenarios"][name]["horizon"]}
            request = request_for(words, rule, Path(room), threads)
            try:
                found[name] = run_scenario(request, world=world).headline["sectors"]
            except NotSolved as error:
                note = f"the last inputs have no answer over the new weeks: {error.message}"
                return Carried(before["headline"], note)
    return Carried(found)


def news(inputs: Sequence[InputChange]) -> list[InputChange]:
    """The inputs that differ beside the calendar."""
    return [change for change in inputs if not is_calendar(change.kind, change.what)]


def is_calendar(kind: str, what: str) -> bool:
    """Whether an input that differs is the calendar's, of a scenario or a definition."""
    return kind in ("scenario", "definition") and what in CALENDAR
