"""A drawn path as entries of a timeline."""

from __future__ import annotations

from datetime import date

from supplychain.dataset import Tables
from supplychain.ensemble.regime_paths import Step, entries_of
from supplychain.scenario.scenario import Setting

START = date(2026, 9, 28)


def test_each_step_takes_effect_and_is_told_on_its_monday(tables: Tables) -> None:
    path = (Step(0, "open", "open"), Step(3, "slow", "slow"))
    found = entries_of(path, START, tables)
    assert [(e.announced, e.effective, e.setting) for e in found] == [
        (START, START, Setting("open", "CHN")),
        (date(2026, 10, 19), date(2026, 10, 19), Setting("slow", "CHN")),
    ]


def test_a_companion_comes_along_for_its_control(tables: Tables) -> None:
    found = entries_of((Step(2, "tightened", "slow"),), START, tables)
    assert [e.setting for e in found] == [
        Setting("slow", "CHN"),
        Setting("embargo", "CHN", "cn-2025-18-magnets"),
    ]
    assert entries_of((Step(2, "tightened", "embargo"),), START, tables)[1:] == ()
