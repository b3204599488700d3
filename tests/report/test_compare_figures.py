"""The page of a comparison: names at lines, first stops, small causes, the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.report.compare_summary import total_usd, verdict
from supplychain.report.figures.comparison_figures import (
    LABEL_HEIGHT,
    PANEL_HEIGHT,
    DrawnLine,
    line_labels,
    loss_by_week,
)
from supplychain.report.figures.first_stop_figure import first_stops, stops_of
from supplychain.report.figures.waterfall_figure import gathered
from supplychain.report.run_view import View
from supplychain.runs.run_schema import Run

ENDS = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=7)


@given(ENDS)
@settings(max_examples=60, deadline=None)
def test_names_at_lines_never_lie_over_each_other(ends: list[float]) -> None:
    top = max(ends) or 1.0
    lines = [DrawnLine(f"run {i}", "#000", (0.0, end), top) for i, end in enumerate(ends)]
    labels = line_labels(lines)
    scale = PANEL_HEIGHT * 0.75 / (top * 100)
    feet = sorted(float(label["y"]) * scale + label["yshift"] for label in labels)
    assert all(high - low >= LABEL_HEIGHT - 1.5 for low, high in pairwise(feet))
    assert all(f"run {i}" in " ".join(str(x["text"]) for x in labels) for i in range(len(ends)))


def test_lines_that_coincide_share_a_name_that_says_so() -> None:
    lines = [DrawnLine(name, "#000", (0.1, 0.2), 0.2) for name in ("truce", "record")]
    (label,) = line_labels(lines)
    assert label["text"] == "truce and record (the same)"


def test_small_causes_are_one_bar_and_the_sum_stays() -> None:
    usd = [90.0, 9.0, 0.5, -0.4, 0.3]
    part = pd.DataFrame(
        {
            "cause": list("abcde"),
            "title": [f"Cause {c}" for c in "abcde"],
            "contribution_usd": usd,
        }
    )
    found = gathered(part)
    assert found["title"].tolist() == ["Cause a", "Cause b", "Other causes (3)"]
    assert found["contribution_usd"].sum() == pytest.approx(sum(usd))
    alone = part[:3]
    assert gathered(alone)["title"].tolist() == alone["title"].tolist()


def test_only_panels_in_which_something_differs(runs: Callable[..., Run]) -> None:
    mild, harsh = runs(0.3, name="truce", weeks=30), runs(1.0, weeks=30)
    kept, taken = (run.tables["shortfall"] for run in (mild, harsh))
    mixed = pd.concat([kept[kept["sector"] != "auto"], taken[taken["sector"] == "auto"]])
    base, other = View(mild), View(replace(harsh, tables={**harsh.tables, "shortfall": mixed}))
    drawn = loss_by_week([base, other])
    assert [a["text"] for a in drawn.charts[0].layout["annotations"]] == ["<b>Auto</b>"]
    assert "No panel where all scenarios lose the same" in drawn.caption
    assert not loss_by_week([base, base]).drawn


def test_first_stops_have_a_dot_a_scenario_in_every_row(runs: Callable[..., Run]) -> None:
    views = [View(runs(0.0, name="open", weeks=30)), View(runs(1.0, weeks=30))]
    drawn = first_stops(views)
    stopped = {row for view in views for row, week in stops_of(view).items() if week}
    assert stopped
    dots = [
        t for t in drawn.charts[0].traces if t["mode"] == "markers" and t["meta"]["rows"] == "all"
    ]
    assert [t["name"] for t in dots] == ["open", views[1].name]
    assert {len(t["x"]) for t in dots} == {len(stopped)}
    assert set(dots[0]["customdata"]) == {"no stop"}
    assert all(symbol.endswith("-open") for symbol in dots[0]["marker"]["symbol"])
    assert len(drawn.table.rows) == len(stopped)


def test_the_verdict_says_how_much_more_and_who_stops(runs: Callable[..., Run]) -> None:
    base, other = View(runs(0.0, name="open", weeks=30)), View(runs(1.0, weeks=30))
    assert total_usd(other) > total_usd(base)
    said = verdict(base, [other])
    assert said.startswith(f"{other.name} loses USD ")
    assert "more than open" in said
    assert f"Under {other.name} the first line to stop is in " in said
    assert said.endswith("Under open no line stops.")
    assert verdict(base, [base]).startswith("open loses as much as open.")
