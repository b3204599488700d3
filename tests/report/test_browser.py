"""The pages in a real browser: offline, every figure drawn, nothing on the console."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from supplychain.report import write_compare_page, write_run_page
from supplychain.results.run import Run
from tests.report.test_causes import table as causes_of

pytestmark = pytest.mark.browser

INSTALL = "This test needs a browser. Install it: apt-get install chromium chromium-driver"
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
def browser() -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.fail(INSTALL)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--hide-scrollbars", "--window-size=1400,1000", "--proxy-server=http://127.0.0.1:9",
    ):  # fmt: skip
        options.add_argument(argument)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield found
    found.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, runs: Callable[..., Run]) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {name: folder / f"{name}.html" for name in ("run", "calm", "compare")}
    lossy, calm = runs(weeks=60), runs(0.0, weeks=60, name="open", title="No controls")
    write_run_page(lossy, found["run"])
    write_run_page(calm, found["calm"])
    write_compare_page(calm, [lossy], found["compare"], causes_of(calm, lossy))
    return found


def opened(browser: webdriver.Chrome, page: Path, width: int = 1400, mode: str = "light") -> None:
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 700}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"name": "prefers-color-scheme", "value": mode}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(page.as_uri())
    end = time.monotonic() + 60
    while time.monotonic() < end:
        state = browser.execute_script("return document.documentElement.dataset.drawn")
        if state:
            assert state == "yes"
            return
        time.sleep(0.05)
    pytest.fail("The page did not finish drawing within a minute.")


def requests(browser: webdriver.Chrome) -> list[str]:
    found = []
    for entry in browser.get_log("performance"):
        message: dict[str, Any] = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.append(str(message["params"]["request"]["url"]))
    return found


@pytest.mark.parametrize("name", ["run", "calm", "compare"])
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
    if name == "run":
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


def test_nothing_offers_to_send_data_away(
    browser: webdriver.Chrome, pages: dict[str, Path]
) -> None:
    opened(browser, pages["run"])
    titles = [str(title).lower() for title in browser.execute_script(BUTTONS)]
    assert any("download" in title for title in titles)
    assert [title for title in titles if any(word in title for word in UNWANTED)] == []


def test_markup_in_titles_is_shown_as_text(
    browser: webdriver.Chrome, runs: Callable[..., Run], tmp_path: Path
) -> None:
    title = "</script><script>document.title='taken'</script><b>bold</b>"
    run = runs(weeks=20, name="odd", title=title)
    table = run.tables["timeline"].assign(title=title)
    page = tmp_path / "odd.html"
    write_run_page(Run(record=run.record, tables={**run.tables, "timeline": table}), page)
    opened(browser, page)
    assert browser.title != "taken"
    assert browser.find_element(By.TAG_NAME, "h1").text == title
    labels = browser.find_elements(By.CSS_SELECTOR, "#timeline .ytick text")
    assert "<script>" in labels[0].text or "<script>" in str(labels[0].get_attribute("textContent"))


def test_printing_opens_every_table(browser: webdriver.Chrome, pages: dict[str, Path]) -> None:
    opened(browser, pages["run"], mode="dark")
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    closed = "return document.querySelectorAll('details:not([open])').length"
    assert browser.execute_script(closed) == 0
    browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script(closed) > 0
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    assert len(pdf["data"]) > 100_000
