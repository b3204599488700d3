"""When planners decide, and for how long what they decided before the start holds."""

from __future__ import annotations

from supplychain.case.past import Past
from supplychain.scenario.scenario import Scenario


def planned_weeks(scenario: Scenario, past: Past | None) -> int:
    """Weeks after the start for which the plan made in the past holds; 0: it is planned anew.

    It is where the scenario brings something that planners of the past could not know: a change
    that counts from the start, or an expectation. What is announced later is looked at then.
    """
    if past is None or past.plan is None or scenario.foresight.mode == "perfect":
        return 0
    new = [c for c in scenario.changes if c.start is None or c.start >= scenario.start]
    if scenario.foresight.expects or any(
        c.announced is None or c.announced <= scenario.start for c in new
    ):
        return 0
    return past.plan.weeks


def decision_weeks(scenario: Scenario, planned: int = 0) -> tuple[int, ...]:
    """Week 0, every step, and every week in which what planners believe changes.

    Steps count from the first week of the past where one is solved, so that a run that starts a
    week later is planned on the same days; else from week 0. That week is no decision where the
    first `planned` weeks were decided before.
    """
    if scenario.foresight.mode == "perfect":
        return (0,)
    days = [e.announced for e in scenario.timeline]
    days += [c.announced for c in scenario.changes if c.announced]
    days += [e.effective for e in scenario.foresight.expects]
    weeks = {scenario.week_of(day) for day in days}
    step = scenario.foresight.step_weeks
    since = scenario.start - (scenario.history or scenario.start)
    weeks |= set(range(-(since.days // 7) % step, scenario.weeks, step))
    weeks |= set() if planned else {0}
    return tuple(sorted(week for week in weeks if 0 <= week < scenario.weeks))
