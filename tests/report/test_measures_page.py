"""What was solved to help: on its own page, in a terminal, and on the page of the run."""

from __future__ import annotations

from measure_files import made_ranking

from supplychain.report.figures.measure_figures import frontier, ranking, what_helps
from supplychain.report.pages.measures_page import measures_page
from supplychain.report.pages.run_page import run_page
from supplychain.report.run_view import View
from supplychain.report.text.study_text import measures_text
from supplychain.runs.run_schema import Run


def test_what_makes_it_worse_is_shown_below_zero_and_last() -> None:
    figure = ranking(made_ranking())
    kept = [row[3].text for row in figure.table.rows]
    assert kept == ["USD 100 million", "USD 700 million", "-USD 200 million"]
    (bars,) = figure.charts[1].traces
    assert min(bars["x"]) == -200.0
    (dots,) = figure.charts[0].traces
    assert dots["x"] == [350.0]
    assert figure.table.rows[0][4].text == "no limit (no limit to no limit)"
    assert figure.table.rows[1][4].text == "350 (180 to 700)"


def test_the_text_says_what_helps_most_and_where_the_first_stop_moves() -> None:
    said = measures_text(made_ranking())
    assert said.startswith("Without measures USD 1 billion are lost.")
    assert "The plan of 2 measures keeps USD 750 million" in said
    assert "4 weeks later" in said
    assert "-USD 200 million" in said


def test_the_page_holds_ranking_frontier_plan_costs_and_changes() -> None:
    page = measures_page(made_ranking())
    for part in ("measures", "frontier", "plan", "costs", "changes"):
        assert f'id="{part}"' in page
    assert "Measure &lt;shelf&gt;" in page
    assert "<shelf>" not in page
    assert frontier(made_ranking()).drawn


def test_the_page_of_a_run_names_what_was_solved_on_it(run: Run) -> None:
    found = made_ranking()
    figure = what_helps(View(run), found)
    assert figure.drawn
    assert "Measure &lt;shelf&gt;" in run_page(run, found)
    assert "supplychain measures" not in figure.summary
