"""The pages in a real browser: offline, every figure drawn, nothing on the console."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ensembles
import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from supplychain.ensemble.ensemble_summary import summarise
from supplychain.report import write_compare_page, write_ensemble_page, write_run_page
from supplychain.runs.run_schema import Run
from tests.report import browsing
from tests.report.browsing import opened, requests, saved_rows
from tests.report.test_causes import table as causes_of

pytestmark = pytest.mark.browser
browser = browsing.browser

SECTORS = """
return [...new Set([...document.querySelectorAll('#loss-by-week .chart')].flatMap(
  chart => (chart.data || []).map(trace => trace.meta.sector + '/' + trace.meta.region)))].sort();
"""
FANS = """
return [...new Set([...document.querySelectorAll('#fans .chart')].flatMap(
  chart => (chart.data || []).map(trace => trace.meta.sector + '/' + trace.meta.region)))].sort();
"""
ROWS = """
return ['loss-map', 'loss-by-place', 'cover'].map(id =>
  document.querySelector(`#${id} .chart`).data[0].y.join());
"""
PICKED = """
return [...document.querySelectorAll('.chip[aria-pressed=true]')].map(chip => chip.textContent);
"""
HELD = """
if (!window.made) {
  window.made = new Map();
  const make = URL.createObjectURL.bind(URL);
  URL.createObjectURL = blob => { const url = make(blob); window.made.set(url, blob); return url; };
  HTMLAnchorElement.prototype.click = function () {
    window.named = this.download;
    window.kept = window.made.get(this.href);
  };
}
window.named = '';
"""
READ = """
const done = arguments[0];
window.kept.arrayBuffer().then(b => done([...new Uint8Array(b.slice(0, 24)), b.byteLength]));
"""
UNBROKEN = """
return [...document.querySelectorAll('figure, figure .panel')]
  .map(part => getComputedStyle(part).breakInside);
"""
PANELS = """
return [...document.querySelectorAll('figure .panel')].map(panel => [
  panel.closest('section').id, Math.max(panel.scrollWidth,
  ...[...panel.querySelectorAll('.main-svg')].map(svg => svg.getBoundingClientRect().right -
    panel.getBoundingClientRect().left)), panel.scrollHeight]);
"""
MARKS = """
return [...document.querySelectorAll('.chart')].map(chart => [
  chart.dataset.figure, chart.closest('.frame').hidden,
  chart.querySelectorAll(
    '.heatmaplayer image, .barlayer .point, .scatterlayer .js-line, .scatterlayer .point,' +
    '.waterfalllayer .point, .sankey-link'
  ).length]);
"""


BARS = """
return [...document.querySelectorAll('#loss-by-week .barlayer path')]
  .map(bar => bar.getAttribute('d')).join();
"""
BUTTONS = """
return [...document.querySelectorAll('.modebar-btn')].map(b => b.dataset.title || b.ariaLabel);
"""
UNWANTED = ("share", "cloud", "edit")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, runs: Callable[..., Run]) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {name: folder / f"{name}.html" for name in ("run", "calm", "compare", "ensemble")}
    lossy, calm = runs(weeks=60), runs(0.0, weeks=60, name="open", title="No controls")
    write_run_page(lossy, found["run"])
    write_run_page(calm, found["calm"])
    write_compare_page(calm, [lossy], found["compare"], causes_of(calm, lossy))
    drawn = ensembles.truce_collapse(128, weeks=40, failed={5: "no optimum"})
    tables = {**drawn, **summarise(drawn, 1)}
    write_ensemble_page(ensembles.record(tables), tables, found["ensemble"])
    return found


@pytest.mark.parametrize("name", ["run", "calm", "compare", "ensemble"])
@pytest.mark.parametrize(("width", "mode"), [(1400, "light"), (390, "dark")])
def test_pages_draw_offline_without_a_word_on_the_console(
    browser: webdriver.Chrome, pages: dict[str, Path], name: str, width: int, mode: str
) -> None:
    opened(browser, pages[name], width, mode)
    assert browser.get_log("browser") == []
    outside = [url for url in requests(browser) if not url.startswith(("file:", "data:", "blob:"))]
    assert outside == []
    marks = browser.execute_script(MARKS)
    assert marks
    assert [entry for entry in marks if not entry[1] and entry[2] == 0] == []
    if name in ("run", "ensemble"):
        assert [entry for entry in marks if entry[1]] == []
    wide = browser.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


def test_choices_change_what_is_drawn(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    opened(browser, pages["run"])
    before = browser.execute_script(BARS)
    Select(browser.find_element(By.CSS_SELECTOR, "#loss-by-week select")).select_by_value("EUR")
    WebDriverWait(browser, 10).until(lambda b: b.execute_script(BARS) != before)
    slider = browser.find_element(By.CSS_SELECTOR, "#flows input[type=range]")
    said = browser.find_element(By.CSS_SELECTOR, "#flows output").text
    slider.send_keys("\ue012")  # the left arrow: the slider works from the keyboard
    output = browser.find_element(By.CSS_SELECTOR, "#flows output")
    WebDriverWait(browser, 10).until(lambda _: output.text != said)
    assert browser.get_log("browser") == []


def test_the_odds_are_shown_for_one_sector_and_region(
    browser: webdriver.Chrome, pages: dict[str, Path]
) -> None:
    opened(browser, pages["ensemble"], mark="#sector=auto")
    wait(browser, FANS, ["auto/"])
    Select(
        browser.find_element(By.CSS_SELECTOR, "#fans select[data-choice=region]")
    ).select_by_value("JPN")
    wait(browser, FANS, ["auto/JPN"])
    cell = "#chances button[data-sector=munitions][data-region=EUR]"
    browser.find_element(By.CSS_SELECTOR, cell).click()
    wait(browser, FANS, ["munitions/EUR"])
    rows = browser.find_elements(By.CSS_SELECTOR, "#expected tbody tr:not([hidden])")
    assert ["Munitions", "Europe"] in [row.text.split()[:2] for row in rows]
    assert browser.get_log("browser") == []


def test_nothing_offers_to_send_data_away(
    browser: webdriver.Chrome, pages: dict[str, Path]
) -> None:
    opened(browser, pages["run"])
    titles = [str(title).lower() for title in browser.execute_script(BUTTONS)]
    assert any("download" in title for title in titles)
    assert [title for title in titles if any(word in title for word in UNWANTED)] == []


def test_markup_in_any_field_is_shown_as_text(
    browser: webdriver.Chrome,
    runs: Callable[..., Run],
    spoil: Callable[[Run], Run],
    tmp_path: Path,
) -> None:
    run = spoil(runs(weeks=20))
    page = tmp_path / "odd.html"
    write_run_page(run, page)
    opened(browser, page)
    chips = browser.find_elements(By.CSS_SELECTOR, ".chip[data-pick]")
    chips[0].click()
    chips[-1].click()
    assert browser.execute_script("return window.taken") is None
    assert browser.find_element(By.TAG_NAME, "h1").text == run.record["scenario"]["title"]
    assert browser.execute_script("return document.querySelectorAll('main img').length") == 0
    labels = browser.find_elements(By.CSS_SELECTOR, "#timeline .ytick text")
    assert "<script>" in str(labels[0].get_attribute("textContent"))
    assert browser.get_log("browser") == []


def test_printing_opens_every_table(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    opened(browser, pages["run"], mode="dark")
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    closed = "return document.querySelectorAll('details:not([open])').length"
    assert browser.execute_script(closed) == 0
    browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script(closed) > 0
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    assert len(pdf["data"]) > 100_000


def wait(browser: webdriver.Chrome, script: str, wanted: Any) -> None:
    """Wait until a script gives what is wanted; fail with what it gave."""
    try:
        WebDriverWait(browser, 10).until(lambda b: b.execute_script(script) == wanted)
    except TimeoutException:
        assert browser.execute_script(script) == wanted


def mark_of(browser: webdriver.Chrome) -> str:
    return urlsplit(browser.current_url).fragment


def chip(browser: webdriver.Chrome, value: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, f".chip[data-value={value}]")


def test_a_chip_shows_one_sector_in_every_figure(
    browser: webdriver.Chrome, pages: dict[str, Path]
) -> None:
    opened(browser, pages["run"])
    assert len(browser.execute_script(SECTORS)) == 5
    chip(browser, "munitions").send_keys(Keys.ENTER)  # works from the keyboard
    wait(browser, SECTORS, ["munitions/"])
    chip(browser, "JPN").click()
    wait(browser, SECTORS, ["munitions/JPN"])
    wait(browser, ROWS, ["Japan"] * 3)
    assert mark_of(browser) == "sector=munitions&region=JPN"
    chosen = "return [...document.querySelectorAll('form select')].map(s => s.value)"
    assert "munitions" in browser.execute_script(chosen)
    rows = browser.find_elements(By.CSS_SELECTOR, "#losses tbody tr:not([hidden])")
    assert [row.text.split()[:2] for row in rows] == [["Munitions", "Japan"]]
    browser.find_element(By.CSS_SELECTOR, ".showing .all").click()
    wait(browser, PICKED, [])
    assert len(browser.execute_script(SECTORS)) == 5
    assert mark_of(browser) == ""
    assert browser.get_log("browser") == []


def test_cells_maps_and_legends_pick_too(
    browser: webdriver.Chrome, pages: dict[str, Path], run: Run
) -> None:
    opened(browser, pages["run"])
    first = run.tables["indicators"].set_index(["sector", "region"])["first_week"]["auto", "EUR"]
    cell = "#first-stops button[data-sector=auto][data-region=EUR]"
    browser.find_element(By.CSS_SELECTOR, cell).click()
    wait(browser, PICKED, ["Auto", "Europe"])
    assert mark_of(browser) == f"sector=auto&region=EUR&week={first}"
    browser.find_element(By.CSS_SELECTOR, ".filter .all").click()
    wait(browser, PICKED, [])
    legend = browser.find_element(By.CSS_SELECTOR, "#loss-by-week .legendtoggle")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", legend)
    ActionChains(browser).move_to_element(legend).click().perform()
    wait(browser, PICKED, ["Auto"])
    browser.find_element(By.CSS_SELECTOR, ".filter .all").click()
    drawing = browser.find_element(By.CSS_SELECTOR, "#loss-map .nsewdrag")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", drawing)
    ActionChains(browser).move_to_element(drawing).click().perform()
    wait(browser, f"{PICKED.replace('return', 'const all =')} return all.length", 2)
    assert browser.get_log("browser") == []


def test_the_address_holds_the_choice(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    opened(browser, pages["run"], mark="#sector=auto&region=EUR&week=2027-01-04")
    assert browser.execute_script(PICKED) == ["Auto", "Europe"]
    assert browser.execute_script(SECTORS) == ["auto/EUR"]
    said = browser.find_element(By.CSS_SELECTOR, ".showing").text
    assert "Auto, Europe, week of 4 January 2027" in said
    assert (
        browser.find_element(By.CSS_SELECTOR, "#flows output").text == "21 Dec 2026 to 17 Jan 2027"
    )
    slider = browser.find_element(By.CSS_SELECTOR, "#flows input[type=range]")
    slider.send_keys(Keys.ARROW_LEFT)
    assert mark_of(browser) == "sector=auto&region=EUR&week=2026-11-23"
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("mark", ["#sector=none&region=<b>&week=9999-01-01", "#flows", "#=&&"])
def test_an_address_that_means_nothing_shows_all(
    browser: webdriver.Chrome, pages: dict[str, Path], mark: str
) -> None:
    opened(browser, pages["run"], mark=mark)
    assert browser.execute_script(PICKED) == []
    assert len(browser.execute_script(SECTORS)) == 5
    assert browser.get_log("browser") == []


def test_a_figure_is_saved_as_a_picture(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    opened(browser, pages["run"])
    for figure in ("loss-by-week", "loss-map", "flows", "marginal-values"):
        browser.execute_script(HELD)
        button = browser.find_element(By.CSS_SELECTOR, f"#{figure} [data-save=png]")
        browser.execute_script("arguments[0].click()", button)
        wait(browser, "return window.named", f"no-truce-{figure}.png")
        *head, size = browser.execute_async_script(READ)
        assert bytes(head[:8]) == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(bytes(head[16:20]), "big") > 1200
        assert size > 30_000
    said = browser.execute_script("return save.chosen(document.getElementById('cover'))")
    sector = Select(browser.find_element(By.CSS_SELECTOR, "#cover select"))
    assert said == f"no-truce · Sector: {sector.first_selected_option.text}"
    assert browser.get_log("browser") == []


def test_numbers_are_saved_as_they_are_not_as_they_read(
    browser: webdriver.Chrome, pages: dict[str, Path], runs: Callable[..., Run]
) -> None:
    opened(browser, pages["run"])
    head, *rows = saved_rows(browser, "losses")
    assert "Value added lost, USD" in head
    real = runs(weeks=60).tables["indicators"]
    real = real[(real["sector"] == "auto") & (real["region"] == "EUR")].iloc[0]
    row = dict(zip(head, next(r for r in rows if r[:2] == ["Auto", "Europe"]), strict=True))
    assert float(row["Value added lost, USD"]) == pytest.approx(real["lost_value_usd"], rel=1e-5)
    assert float(row["Of plan, share"]) == pytest.approx(real["lost_share"], rel=1e-5)
    assert row["First stop"] == real["first_week"]
    browser.execute_script(HELD)
    button = browser.find_element(By.CSS_SELECTOR, "#cover [data-save=csv]")
    browser.execute_script("arguments[0].click()", button)
    wait(browser, "return window.named", "no-truce-cover.csv")


def test_a_saved_text_is_no_formula(
    browser: webdriver.Chrome, runs: Callable[..., Run], tmp_path: Path
) -> None:
    run = runs(weeks=12)
    table = run.tables["timeline"].assign(
        title=["=1+1", "+1", "-1", "@x", "\t=1", 'a "b", c', "plain"], why="=HYPERLINK(1)"
    )
    page = tmp_path / "formulas.html"
    write_run_page(Run(record=run.record, tables={**run.tables, "timeline": table}), page)
    opened(browser, page)
    head, *rows = saved_rows(browser, "timeline")
    assert len(rows) == 7
    cells = [cell for row in [head, *rows] for cell in row]
    assert [cell for cell in cells if cell[:1] in "=+@-\t" and cell] == []
    assert {"'=1+1", "'+1", "'-1", "'@x", 'a "b", c', "'=HYPERLINK(1)"} <= set(cells)


@pytest.mark.parametrize("name", ["run", "calm", "compare", "ensemble"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_no_serious_barrier_for_readers(
    browser: webdriver.Chrome, pages: dict[str, Path], name: str, mode: str
) -> None:
    mark = "#sector=auto&region=EUR" if name == "run" else ""
    opened(browser, pages[name], mode=mode, mark=mark)
    script = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    browser.execute_script(script)
    browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    code = "const done = arguments[0]; axe.run().then(done, e => done({error: String(e)}))"
    found = browser.execute_async_script(code)
    assert len(found["passes"]) > 15
    serious = [
        (v["id"], v["nodes"][0]["html"], v["nodes"][0].get("failureSummary"))
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("name", ["run", "ensemble"])
def test_the_page_prints_on_a4_with_no_figure_cut(
    browser: webdriver.Chrome, pages: dict[str, Path], name: str
) -> None:
    opened(browser, pages[name])
    printed = {"preferCSSPageSize": True, "printBackground": True}
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", printed)["data"])
    boxes = {
        tuple(round(float(x)) for x in box.split())
        for box in re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf)
    }
    assert boxes == {(0, 0, 595, 842)}
    assert len(re.findall(rb"/Type /Page\b", pdf)) >= 8
    width, height = (210 - 28) / 25.4 * 96, (297 - 28) / 25.4 * 96
    size = {"width": int(width), "height": int(height), "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    sizes = browser.execute_script(PANELS)
    assert set(browser.execute_script(UNBROKEN)) == {"avoid"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert [size for size in sizes if size[1] > width + 1 or size[2] > height] == []
