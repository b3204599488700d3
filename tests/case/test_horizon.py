"""What planners see in the weeks that they commit is true, however long the horizon goes on."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from drawn_scenarios import scenario_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supplychain.case.case import Case, build_case
from supplychain.dataset import Tables
from supplychain.network.entities import Network

SLOWLY = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def case(network: Network, tables: Tables, load: Any) -> Any:
    """Build a case from the text of a scenario."""

    def call(text: str, settings: tuple[str, ...] = ()) -> Case:
        return build_case(network, tables, load(text, settings))

    return call


@SLOWLY
@given(text=scenario_text())
def test_in_the_weeks_that_are_committed_planners_believe_what_is_true(
    case: Any, text: str
) -> None:
    world = case(text)
    known = world.known()
    for first, end in zip(world.decisions, [*world.decisions[1:], world.weeks], strict=True):
        seen = world.believed(first)
        mixed = seen.with_weeks_of(known, first, end)
        for name, values in vars(seen).items():
            assert np.array_equal(values, getattr(mixed, name)), (name, first)


@SLOWLY
@given(text=scenario_text(), weeks=st.integers(1, 51))
def test_what_planners_see_does_not_depend_on_how_many_weeks_follow(
    case: Any, text: str, weeks: int
) -> None:
    whole, short = case(text), case(text, (f"horizon.weeks={weeks}",))
    ahead = weeks + short.window_weeks
    assert short.decisions == tuple(w for w in whole.decisions if w < weeks)
    for week in short.decisions:
        mine, longer = vars(short.believed(week)), vars(whole.believed(week))
        for name, values in mine.items():
            same = longer[name][..., :ahead] if values.ndim == 2 else longer[name]
            assert np.array_equal(values[..., : same.shape[-1]], same), (name, week)


REGIME = """timeline:
  - announced: 2026-09-01
    effective: {day}
    set: {{regime: {regime}, exporter: {exporter}}}
    why: a reason
    source: assumption
"""


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        ("2026-09-22", "2026-09-28"),  # a day before the horizon, whose first Monday is its first
        ("2026-10-01", "2026-10-05"),
        ("2026-10-05", "2026-10-05"),
        ("2026-09-21", None),  # rules before the horizon
    ],
)
def test_a_control_takes_effect_in_the_first_week_that_it_rules(
    case: Any, day: str, monday: str | None
) -> None:
    world = case(REGIME.format(day=day, regime="slow", exporter="CHN"))
    assert world.first_effective == (date.fromisoformat(monday) if monday else None)
    assert world.idle_entries() == []


def test_an_entry_that_rules_nothing_is_named(case: Any) -> None:
    late = case(
        REGIME.format(day="2026-12-01", regime="slow", exporter="CHN"), ("horizon.weeks=5",)
    )
    assert late.first_effective is None
    (said,) = late.idle_entries()
    assert said.startswith("slow for CHN from 2026-12-01 (line 5 of mine.yaml) takes effect after")
    assert said.endswith("the horizon, which ends on 2026-11-02.")


def test_an_entry_that_another_file_replaces_at_once_is_named(case: Any, write: Any) -> None:
    write(REGIME.format(day="2026-12-01", regime="slow", exporter="CHN"), "base")
    own = REGIME.format(day="2026-12-03", regime="embargo", exporter="CHN")
    world = case("name: mine\ntitle: t\nextends: base\n" + own)
    (said,) = world.idle_entries()
    assert "base.yaml" in said
    assert "others replace it at once" in said
