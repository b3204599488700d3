"""The front page of the reports in a real browser: wide and narrow, light and dark, accessible."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from selenium import webdriver

from supplychain.scheduled_reports.publish import write_front
from tests.report import browsing
from tests.scheduled_reports.shelf import ALERT, put, record

pytestmark = pytest.mark.browser
browser = browsing.browser
SIZES = "return [...document.querySelectorAll('svg.small')].map(s => s.clientWidth)"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    lost = {"truce": 0.6e9, "no-truce": 34e9, "a-scenario-with-a-rather-long-name": 1e9}
    for number in range(1, 12):
        put(out, record("weekly", f"2026-11-{number:02}", number, lost, alerts=[ALERT]))
    put(out, record("watch", "2026-11-03", 1, {"truce": 0.0}))
    return write_front(out)[0]


def show(browser: webdriver.Chrome, page: Path, width: int, mode: str) -> None:
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 700}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": mode}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(page.as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")


@pytest.mark.parametrize(("width", "mode"), [(1400, "light"), (390, "dark")])
def test_it_fits_and_asks_for_nothing(
    browser: webdriver.Chrome, page: Path, width: int, mode: str
) -> None:
    show(browser, page, width, mode)
    assert browser.get_log("browser") == []
    assert [u for u in browsing.requests(browser) if not u.startswith(("file:", "data:"))] == []
    wide = browser.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    sizes = browser.execute_script(SIZES)
    assert len(sizes) == 2
    assert all(300 <= size <= width for size in sizes)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_it_is_accessible(browser: webdriver.Chrome, page: Path, mode: str) -> None:
    show(browser, page, 1400, mode)
    browser.execute_script(
        files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    )
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then(done, e => done({error: String(e)}))"
    )
    assert len(found["passes"]) > 15
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
