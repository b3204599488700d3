"""The past of a scenario, cut into parts that scenarios share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from supplychain.scenario.scenario import Change, Scenario

PART_WEEKS = 12
"""A past is solved and kept in parts of about so many weeks: one that is a week longer has all
parts but the last in common with it."""


def part_weeks(scenario: Scenario) -> int:
    """Weeks of a part: whole steps of planning, so that planners decide in the same weeks."""
    step = scenario.foresight.step_weeks
    return step * -(-PART_WEEKS // step)


def last_part(scenario: Scenario, until: date) -> Scenario | None:
    """The part of a scenario's past that ends on a Monday, as a scenario of its own.

    It knows what had been announced by then and changes that name their days; what lies before it
    is its own past. None where no past lies before that day.
    """
    if scenario.history is None or until <= scenario.history:
        return None
    weeks = (until - scenario.history).days // 7
    length = part_weeks(scenario)
    begin = scenario.history + timedelta(weeks=(weeks - 1) // length * length)
    dated = [*scenario.past_changes, *(c for c in scenario.changes if c.start is not None)]
    known = [c for c in dated if c.start is None or c.start < until]
    return replace(
        scenario,
        start=begin,
        weeks=(until - begin).days // 7,
        foresight=replace(scenario.foresight, mode="rolling", expects=()),
        timeline=tuple(e for e in scenario.timeline if e.announced < until),
        changes=tuple(c for c in known if not _over(c, begin)),
        past_changes=tuple(c for c in known if _over(c, begin)),
        history=scenario.history if begin > scenario.history else None,
    )


def _over(change: Change, day: date) -> bool:
    return change.end is not None and change.end <= day
