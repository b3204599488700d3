"""Open pages in a real browser, for the tests of pages."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

INSTALL = "This test needs a browser. Install it: apt-get install chromium chromium-driver"


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with chromium() as found:
        yield found


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """Chromium without a window or a network."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        pytest.fail(INSTALL)
    options = webdriver.ChromeOptions()
    options.binary_location = program
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
    try:
        yield found
    finally:
        found.quit()


def opened(
    browser: webdriver.Chrome, page: Path, width: int = 1400, mode: str = "light", mark: str = ""
) -> None:
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 700}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    asked = {"prefers-color-scheme": mode, "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in asked.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get("about:blank")
    browser.get(page.as_uri() + mark)
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


def saved_rows(browser: webdriver.Chrome, section: str) -> list[list[str]]:
    """The table under a figure, as it is saved; the head first."""
    text = browser.execute_script("return save.csv(document.getElementById(arguments[0]))", section)
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
