"""The waterfall of a difference: bars, words and table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from supplychain.report import compare_page
from supplychain.report.figures.waterfall_figure import waterfall
from supplychain.report.run_view import View
from supplychain.runs.run_schema import Run
from tests.report.test_run_page import figures_of

COLUMNS = ["scenario", "base", "cause", "title", "contribution_usd", "place", "method", "solves"]
PARTS = (
    ("review", "Review time", 0.3),
    ("general", "General <licences>", 0.9),
    ("gap", "Gap", -0.2),
)


@pytest.fixture
def pair(runs: Callable[..., Run]) -> tuple[Run, Run]:
    return runs(0.3, name="truce", weeks=30), runs(1.0, weeks=30)


def total(run: Run) -> float:
    rows = run.tables["indicators"]
    return float(rows.loc[rows["region"] == "WORLD", "lost_value_usd"].sum())


def table(base: Run, other: Run, method: str = "shapley") -> pd.DataFrame:
    """Three causes: a quarter, three quarters and a little back."""
    gap = total(other) - total(base)
    rows = [
        (other.scenario, base.scenario, cause, title, share * gap, place, method, 8)
        for place, (cause, title, share) in enumerate(PARTS, 1)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def bars(base: Run, other: Run, method: str = "shapley") -> dict[str, Any]:
    figure = waterfall(View(base), [View(other)], table(base, other, method))
    return figure.charts[0].traces[0]


def test_the_bars_lead_from_one_loss_to_the_other(pair: tuple[Run, Run]) -> None:
    found = bars(*pair)
    assert found["type"] == "waterfall"
    assert list(found["y"]) == [
        "truce", "General &lt;licences&gt;", "Review time", "Gap", "no-truce",
    ]  # fmt: skip
    assert list(found["measure"]) == ["absolute", "relative", "relative", "relative", "total"]
    assert sum(found["x"][:-1]) * 1e9 == pytest.approx(total(pair[1]), rel=1e-3)


def test_causes_that_were_switched_in_order_keep_it(pair: tuple[Run, Run]) -> None:
    assert list(bars(*pair, "order")["y"])[1] == "Review time"


def test_words_and_table_say_the_same(pair: tuple[Run, Run]) -> None:
    figure = waterfall(View(pair[0]), [View(pair[1])], table(*pair))
    assert figure.summary.startswith("no-truce loses USD ")
    assert "general <licences> (+USD" in figure.summary
    assert "Shapley value" in figure.caption
    assert [row[1].text for row in figure.table.rows] == [
        "General <licences>",
        "Review time",
        "Gap",
    ]
    assert [row[3].text for row in figure.table.rows] == ["90 %", "30 %", "-20 %"]
    assert "8 worlds solved" in figure.table.note


def test_causes_that_move_nothing_are_not_named(pair: tuple[Run, Run]) -> None:
    only = table(*pair)
    only["contribution_usd"] = [0.0, total(pair[1]) - total(pair[0]), 1.0]
    summary = waterfall(View(pair[0]), [View(pair[1])], only).summary
    assert "general <licences>" in summary
    assert summary.endswith("weighs most.")
    assert "review time" not in summary
    none = waterfall(View(pair[0]), [View(pair[1])], only.assign(contribution_usd=0.0)).summary
    assert none.endswith("No cause moves the loss.")


def test_an_order_is_said_to_be_one_of_several(pair: tuple[Run, Run]) -> None:
    figure = waterfall(View(pair[0]), [View(pair[1])], table(*pair, "order"))
    assert "In another order" in figure.caption


def test_the_page_has_the_figure_only_where_it_was_asked_for(pair: tuple[Run, Run]) -> None:
    base, other = pair
    page = compare_page(base, [other], table(base, other))
    assert '<section class="figure" id="why"' in page
    assert "General &lt;licences&gt;" in page
    assert figures_of(page)["why"]["charts"][0]["traces"]
    for without in (None, table(base, other)[:0]):
        assert 'id="why"' not in compare_page(base, [other], without)


def test_a_pair_without_causes_is_said_in_words(pair: tuple[Run, Run]) -> None:
    base, other = pair
    figure = waterfall(View(base), [View(base), View(other)], table(base, other))
    assert "No cause differs between truce and truce." in figure.summary
    assert len(figure.charts[0].traces) == 1
