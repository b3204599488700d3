"""The inputs in which runs differ, from their records alone."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pandas as pd
import pytest

from supplychain.errors import InvalidInput
from supplychain.runs.run_schema import Run
from supplychain.study.comparison import compare, horizon_of, inputs_that_differ, refuse_unlike

ENTRY = {
    "announced": "2026-11-10",
    "effective": "2026-11-10",
    "set": {"regime": "general-licences", "exporter": "CHN"},
    "why": "prolonged",
    "source": "assumption",
}
CHANGE = {
    "what": "site_capacity",
    "where": {"site": "lynas-kuantan"},
    "when": {"from": "2027-01-04", "to": None},
    "announced": None,
    "value": 0.5,
    "unit": "share",
    "why": "repairs",
    "source": "lynas",
}
CELL = {
    "table": "line_numbers", "key": "kuantan", "action": "change", "column": "value", "old": "7",
    "new": "8", "overlay": "ours",
}  # fmt: skip


def run(name: str, **given: Any) -> Run:
    record: dict[str, Any] = {
        "scenario": {
            "name": name,
            "horizon": {"start": "2026-09-28", "weeks": 104},
            "foresight": {
                "mode": "rolling", "window_weeks": 40, "step_weeks": 4, "expects": [],
            },
            "timeline": [ENTRY],
            "changes": [],
        },
        "allocation": "value",
        "data": {"hash": "a" * 64, "changes": []},
    }  # fmt: skip
    record = deepcopy(record)
    for path, value in given.items():
        part, _, key = path.partition("__")
        record[part] = {**record[part], key: value} if key else value
    return Run(record, {})


def rows(base: Run, *others: Run) -> list[tuple[Any, ...]]:
    found: pd.DataFrame = inputs_that_differ(base, others)
    assert list(found.columns) == ["what", "scenario", "base", "other", "why", "source"]
    return [tuple(row) for row in found.itertuples(index=False)]


def test_runs_of_the_same_inputs_differ_by_nothing() -> None:
    assert rows(run("a"), run("b")) == []


def test_an_entry_that_is_replaced_has_old_and_new_and_the_new_reason() -> None:
    lapse = {**ENTRY, "set": {"regime": "october-2025", "exporter": "CHN"}, "why": "lapse"}
    assert rows(run("a"), run("b", scenario__timeline=[lapse])) == [
        (
            "timeline 2026-11-10 CHN", "b", "general-licences (announced 2026-11-10)",
            "october-2025 (announced 2026-11-10)", "lapse", "assumption",
        )
    ]  # fmt: skip


def test_a_change_of_one_run_is_named_with_reason_and_source() -> None:
    place = "change site_capacity of site lynas-kuantan 2027-01-04.."
    changed = run("b", scenario__changes=[CHANGE])
    assert rows(run("a"), changed) == [(place, "b", "-", "0.5 share", "repairs", "lynas")]
    assert rows(changed, run("a")) == [(place, "a", "0.5 share", "-", "repairs", "lynas")]


def test_settings_and_data_are_named() -> None:
    other = run("b", allocation="priority", data__hash="b" * 64)
    assert rows(run("a"), other) == [
        ("allocation", "b", "value", "priority", "", ""),
        ("data", "b", "a" * 12, "b" * 12, "", ""),
    ]


def test_rows_of_an_overlay_have_the_old_and_the_new_value() -> None:
    ours = run("b", data__changes=[CELL])
    what = "data line_numbers kuantan value"
    assert rows(run("a"), ours) == [(what, "b", "7", "8", "overlay ours", "")]
    assert rows(ours, run("a")) == [(what, "a", "8", "7", "overlay ours", "")]
    dearer = run("c", data__changes=[{**CELL, "new": "9"}])
    assert rows(ours, dearer) == [(what, "c", "8", "9", "overlay ours", "")]
    assert rows(ours, run("d", data__changes=[CELL])) == []


def test_of_many_changed_cells_all_are_compared_not_the_first_that_a_record_keeps() -> None:
    cells = [{**CELL, "key": f"line-{i}"} for i in range(300)]
    added = {**CELL, "key": "new", "action": "added", "old": None}
    kept = {"data__changes": cells[:100], "data__changes_in_all": 301}
    one, other = (
        Run(run(name, **kept).record, {"data_changes": pd.DataFrame([*cells, more])})
        for name, more in (("a", added), ("b", {**added, "new": "9"}))
    )
    what = "data line_numbers new value"
    assert rows(one, other) == [(what, "b", "8", "9", "overlay ours", "")]
    assert (what, "b", "-", "9", "overlay ours", "") in rows(run("a"), other)
    assert len(rows(run("a"), other)) == 301


def test_each_other_run_is_set_against_the_base() -> None:
    found = rows(run("a"), run("b", scenario__changes=[CHANGE]), run("c", allocation="priority"))
    assert [(row[0].split()[0], row[1]) for row in found] == [("change", "b"), ("allocation", "c")]


@pytest.mark.parametrize(
    "horizon",
    [{"start": "2026-09-28", "weeks": 30}, {"start": "2026-10-05", "weeks": 104}],
)
def test_runs_of_different_weeks_are_refused(horizon: dict[str, Any]) -> None:
    base, other = run("long"), run("other", scenario__horizon=horizon)
    with pytest.raises(InvalidInput, match="different weeks") as caught:
        compare(base, [run("alike"), other])
    (found,) = caught.value.problems
    assert (found.code, found.path) == ("CHECK-102", "other")
    assert "long runs 104 weeks from 2026-09-28" in found.message


def test_what_is_not_known_is_compared_with_nothing() -> None:
    refuse_unlike({"base": None, "one": horizon_of(run("one")), "other": horizon_of(run("other"))})
