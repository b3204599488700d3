"""Nothing acts before it is known: a change that would is refused, by file and by command line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supplychain.errors import InvalidInput

ARC = """changes:
  - what: arc_limit
    where: {{material: ndfeb-heavy}}
{dates}    value: 0
    unit: share
    why: a reason
    source: assumption
"""
FROM_THE_START = ARC.format(dates="    announced: 2026-10-26\n")


def test_a_change_that_begins_before_it_is_announced_is_refused(faults: Any) -> None:
    (found,) = faults(FROM_THE_START)
    assert (found.code, found.line, found.path) == ("SCEN-302", 7, "changes.0.announced")
    assert "begins with the horizon, on 2026-09-28, before it is announced" in found.message
    assert "when: {from: 2026-10-26}" in found.hint


def test_one_with_an_end_alone_begins_with_the_horizon_too(faults: Any) -> None:
    (found,) = faults(ARC.format(dates="    announced: 2026-10-26\n    when: {to: 2026-12-07}\n"))
    assert found.code == "SCEN-302"


def test_a_later_start_on_the_command_line_may_mend_it_and_an_earlier_one_break_it(
    load: Any, faults: Any
) -> None:
    assert len(load(FROM_THE_START, ["horizon.start=2026-10-26"]).changes) == 1
    known = ARC.format(dates="    announced: 2026-09-28\n")
    assert len(load(known).changes) == 1
    assert [p.code for p in faults(known, ["horizon.start=2026-09-21"])] == ["SCEN-302"]


def test_what_is_inherited_is_held_to_the_horizon_that_is_solved(write: Any, faults: Any) -> None:
    write(ARC.format(dates="    announced: 2026-09-28\n"), "base")
    child = "name: mine\ntitle: t\nextends: base\nhorizon: {start: 2026-08-31, weeks: 10}\n"
    (found,) = faults(child)
    assert (found.code, found.file) == ("SCEN-302", "base.yaml")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(begins=st.one_of(st.just(-1), st.integers(0, 300)), announced=st.integers(-60, 300))
def test_what_is_let_through_is_known_when_it_begins(
    load: Any, begins: int, announced: int
) -> None:
    """Whatever the days: either refused, or announced in or before the week in which it begins."""
    day = date(2026, 9, 28) + timedelta(announced)
    dates = f"    announced: {day}\n"
    if begins >= 0:
        dates += f"    when: {{from: {date(2026, 9, 28) + timedelta(begins)}}}\n"
    try:
        scenario = load(ARC.format(dates=dates))
    except InvalidInput:
        assert announced > max(begins, 0)
        return
    (change,) = scenario.changes
    first = max(scenario.week_of(change.start) if change.start else 0, 0)
    assert scenario.week_of(change.announced) <= first
