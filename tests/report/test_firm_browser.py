"""The figures of firms, of the stock they need and of how loss was avoided, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from supplychain.report import write_run_page
from supplychain.runs.run_schema import Run
from tests.report import browsing
from tests.report.browsing import opened, saved_rows

pytestmark = pytest.mark.browser
browser = browsing.browser

DRAWN = """
return Object.fromEntries(document.querySelector(`#${arguments[0]} .chart`).data.map(
  trace => [trace.name, {meta: trace.meta, week: trace.x, value: trace.y}]));
"""
DIGITS = 5e-3
"""Lines and bars are drawn with three digits."""
FIGURES = ("firms", "cover-needed", "avoided")


@pytest.fixture(scope="module")
def lossy(runs: Callable[..., Run]) -> Run:
    return runs(weeks=60)


@pytest.fixture(scope="module")
def page(lossy: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("firms") / "run.html"
    write_run_page(lossy, found)
    return found


def chosen(browser: webdriver.Chrome, figure: str, **picked: str) -> dict[str, Any]:
    """What a figure draws once these are picked from its lists, by name."""

    def shown(b: webdriver.Chrome) -> dict[str, Any] | None:
        found: dict[str, Any] = b.execute_script(DRAWN, figure)
        right = [t for t in found.values() if picked.items() <= t["meta"].items()]
        return found if found and len(right) == len(found) else None

    for name, value in picked.items():
        choice = browser.find_element(By.CSS_SELECTOR, f"#{figure} select[data-choice={name}]")
        Select(choice).select_by_value(value)
    drawn: dict[str, Any] = WebDriverWait(browser, 10).until(shown)
    return drawn


def saved(browser: webdriver.Chrome, figure: str) -> list[dict[str, str]]:
    """The table under a figure, as it is saved."""
    head, *rows = saved_rows(browser, figure)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_lines_are_the_share_of_firms_that_stand_still(
    browser: webdriver.Chrome, page: Path, lossy: Run
) -> None:
    opened(browser, page)
    drawn = chosen(browser, "firms", sector="auto", region="EUR")
    table = lossy.tables["firms"]
    for name, segment in (("Battery cars", "auto-bev"), ("Combustion cars", "auto-ice")):
        rows = table[(table["segment"] == segment) & (table["region"] == "EUR")]
        share = dict(zip(rows["week"], rows["share_standing"], strict=True))
        line = drawn[name]
        wanted = [100 * share.get(week, 0.0) for week in line["week"]]
        assert max(wanted) > 0
        assert line["value"] == pytest.approx(wanted, rel=DIGITS)
    assert set(drawn) == {"Battery cars", "Combustion cars"}
    kept = {(r["Segment"], r["Region"]): r for r in saved(browser, "firms")}
    first = table[(table["segment"] == "auto-bev") & (table["region"] == "EUR")]
    said = kept["Battery cars", "Europe"]["Thinnest 5 % run out"]
    assert said == first["thinnest_first_week"].iloc[0]
    assert browser.get_log("browser") == []


def test_the_stock_that_carries_through_is_read_off_the_axis(
    browser: webdriver.Chrome, page: Path, lossy: Run
) -> None:
    opened(browser, page)
    drawn = chosen(browser, "cover-needed", segment="guided-weapon", region="JPN")
    table = lossy.tables["cover_needed"]
    rows = table[(table["segment"] == "guided-weapon") & (table["region"] == "JPN")]
    needed = dict(zip(rows["week"], rows["weeks_needed"], strict=True))
    ((name, line),) = drawn.items()
    assert name == "SmCo magnets"
    wanted = [needed.get(week, 0.0) for week in line["week"]]
    assert max(wanted) > 4
    assert line["value"] == pytest.approx(wanted, rel=DIGITS)
    (row,) = [
        r for r in saved(browser, "cover-needed")
        if (r["Segment"], r["Region"]) == ("Guided weapons", "Japan")
    ]  # fmt: skip
    assert float(row["Weeks needed in all"]) == pytest.approx(max(wanted), rel=1e-2)
    assert row["4 weeks last until"] == min(week for week, weeks in needed.items() if weeks > 4)
    assert browser.get_log("browser") == []


def test_bars_are_what_was_made_otherwise_and_what_was_not(
    browser: webdriver.Chrome, page: Path, lossy: Run
) -> None:
    opened(browser, page)
    drawn = chosen(browser, "avoided", sector="auto", region="EUR")
    worth = lossy.tables["customers"].set_index(["segment", "region"])["value_added_usd_per_unit"]
    plans = lossy.tables["shortfall"]
    plans = plans[(plans["sector"] == "auto") & (plans["region"] == "EUR")].set_index("week")
    each = worth.xs("EUR", level="region").reindex(plans["segment"]).to_numpy()
    planned, lost = ((plans[c] * each).groupby(level=0).sum() for c in ("planned", "lost"))
    made = lossy.tables["output"]
    made = made[(made["customer"] == "auto-bev-eur") & (made["recipe"] == "assembled-abroad")]
    abroad = made.set_index("week")["produced"] * worth["auto-bev", "EUR"]
    assert len(drawn) == 2
    missing = drawn.pop("not made when planned")
    (other,) = drawn.values()
    for line, usd in ((missing, lost), (other, abroad)):
        share = (100 * usd / planned).reindex(line["week"]).fillna(0.0)
        assert share.max() > 0.1
        assert line["value"] == pytest.approx(share.to_list(), rel=DIGITS)
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("figure", FIGURES)
def test_a_chip_narrows_the_table_under_the_figure(
    browser: webdriver.Chrome, page: Path, figure: str
) -> None:
    opened(browser, page, width=390, mark="#sector=munitions&region=JPN")
    browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    rows = browser.find_elements(By.CSS_SELECTOR, f"#{figure} tbody tr:not([hidden])")
    assert rows
    assert [row.text for row in rows if "Japan" not in row.text] == []
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("figure", FIGURES)
def test_without_a_loss_a_sentence_stands_in_its_place(
    browser: webdriver.Chrome, runs: Callable[..., Run], tmp_path: Path, figure: str
) -> None:
    calm = runs(0.0, weeks=12, name="open", title="No controls")
    page = tmp_path / "calm.html"
    write_run_page(calm, page)
    opened(browser, page)
    said = browser.find_element(By.CSS_SELECTOR, f"#{figure} .empty")
    assert said.is_displayed()
    assert said.text.endswith(".")
    assert browser.find_elements(By.CSS_SELECTOR, f"#{figure} .chart") == []
    assert browser.get_log("browser") == []
