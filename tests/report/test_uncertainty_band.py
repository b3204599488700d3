"""The range of a run and of the same scenario with other planners, on the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supplychain.report import compare_page, run_page
from supplychain.report.figures.comparison_figures import loss_by_week as compared
from supplychain.report.figures.loss_figures import loss_by_week
from supplychain.report.loss_summary import weekly
from supplychain.report.page_tables import first_stops
from supplychain.report.run_view import View
from supplychain.report.uncertainty_band import first_weeks, weekly_range
from supplychain.runs.run_schema import Run
from supplychain.study.solve_scenario import add_band


def made(run: Run) -> Run:
    return Run({**run.record, "foresight": "rolling", "allocation": "contracts"}, run.tables)


@pytest.fixture
def banded(runs: Callable[..., Run]) -> Run:
    """Pooled goods lose half as much, sharing by usual shares twice as much."""
    own, less, more = (made(runs(severity, weeks=60)) for severity in (0.4, 0.2, 0.8))
    return add_band(own, {"value": less, "proportional": more})


def test_the_range_holds_the_run_and_both_ends(banded: Run) -> None:
    view = View(banded)
    both = weekly_range(view).merge(weekly(view), on=["sector", "region", "week"])
    assert len(both) == len(weekly(view))
    lost = both[both["share"] > 0]
    assert len(lost)
    assert lost["low"].to_numpy() == pytest.approx(lost["share"].to_numpy() / 2)
    assert lost["high"].to_numpy() == pytest.approx(lost["share"].to_numpy() * 2)


def test_the_run_itself_is_in_the_range(runs: Callable[..., Run]) -> None:
    own, less = (made(runs(severity, weeks=60)) for severity in (0.4, 0.2))
    view = View(add_band(own, {"perfect": less}))
    both = weekly_range(view).merge(weekly(view), on=["sector", "region", "week"])
    assert both["high"].to_numpy() == pytest.approx(both["share"].to_numpy())


def test_areas_and_hover_show_the_range(banded: Run) -> None:
    for figure, chart in ((loss_by_week(View(banded)), 1), (compared([View(banded)]), 0)):
        traces = figure.charts[chart].traces
        areas = [t for t in traces if t.get("fill") == "toself"]
        lines = [t for t in traces if t.get("fill") != "toself"]
        assert len(areas) == len(lines) > 0
        assert {t["meta"]["region"] for t in areas} == {t["meta"]["region"] for t in lines}
        assert all("customdata" in t for t in lines)
        assert any(word != "0 to 0 %" for word in lines[0]["customdata"])
        assert "usual shares" in figure.caption


def test_first_stops_have_the_earliest_and_the_latest_week(banded: Run) -> None:
    view = View(banded)
    table = first_stops(view)
    assert "In brackets" in table.note
    said = [cell.text for row in table.rows for cell in row]
    assert any(" (" in text and " to " in text for text in said)
    weeks = first_weeks(view)["EUR", "auto"]
    assert len(weeks) == 2
    assert sorted(weeks)[0] <= sorted(weeks)[-1]


def test_without_a_band_nothing_is_said_of_it(runs: Callable[..., Run]) -> None:
    run = runs(weeks=60)
    view = View(run)
    assert weekly_range(view).empty
    assert first_stops(view).note == ""
    assert "band" not in loss_by_week(view).caption
    assert not [t for t in loss_by_week(view).charts[1].traces if "customdata" in t]


def test_a_page_of_runs_of_which_one_has_a_band(banded: Run, runs: Callable[..., Run]) -> None:
    plain = made(runs(weeks=60, name="truce"))
    assert "Only no-truce has one." in compared([View(plain), View(banded)]).caption
    assert "shaded band" in compare_page(plain, [banded])
    assert "shaded band" in run_page(banded)
    assert 'class="banded"' in run_page(banded)
    assert 'class="banded"' not in run_page(plain)
