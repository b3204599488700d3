"""The page of a report in a real browser: wide and narrow, light and dark, on paper."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from supplychain.report.pages.scheduled_page import OF_ALL, OF_ONE, write_standing_page
from supplychain.runs.run_schema import Run
from tests.report import browsing

pytestmark = pytest.mark.browser
browser = browsing.browser
SECTIONS = ["sectors", "first-stops", *OF_ALL, *OF_ONE, "differences", "assumptions"]
MARKUP = "<script>alert(1)</script> & \"quoted\" 'text'"


def report_record(base: str, focus: str) -> dict[str, Any]:
    """A report.json in which an input differs, a result moved and an alert holds."""
    return {
        "definition": "weekly",
        "title": f"The week {MARKUP}",
        "date": "2026-11-29",
        "number": 2,
        "base": base,
        "focus": focus,
        "sentence": "1 input differs since 22 November 2026; 1 result moved.",
        "settings": {
            "changed": {"lost_value_usd": 1e6, "lost_share": 0.001, "first_week_weeks": 1}
        },
        "data": {"hash": "a" * 64, "folder": "data", "overlays": [MARKUP]},
        "versions": {"supplychain": "0.1.0"},
        "runs": [{"scenario": name, "id": "0123456789abcdef"} for name in (base, focus)],
        "alerts": [{"name": "sooner", "said": f"auto stops {MARKUP}.", "why": f"call {MARKUP}"}],
        "changed": {
            "since": {"date": "2026-11-22", "number": 1},
            "calendar": [],
            "notes": [f"the data of the last report are gone {MARKUP}"],
            "inputs": [
                {
                    "kind": "event", "what": f"timeline {MARKUP}", "old": "-", "new": MARKUP,
                    "why": MARKUP, "source": "wire-2026;assumption", "scenarios": [focus],
                }
            ],
            "results": [
                {
                    "scenario": focus, "sector": "auto", "region": "EUR", "measure": "first_week",
                    "old": "2026-11-16", "new": "2026-11-02", "moved": -2.0,
                }
            ],
        },
    }  # fmt: skip


@pytest.fixture(scope="module")
def page(runs: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = [runs(0.0, weeks=60, name="open"), runs(weeks=60, name="storm")]
    target = tmp_path_factory.mktemp("page") / "report.html"
    titles = {"wire-2026": (f"Wire {MARKUP}", "https://example.org/wire")}
    write_standing_page(report_record("open", "storm"), made, SECTIONS, titles, target)
    return target


@pytest.mark.parametrize(("width", "mode"), [(1400, "light"), (390, "dark")])
def test_every_section_is_drawn_and_nothing_is_asked_for(
    browser: webdriver.Chrome, page: Path, width: int, mode: str
) -> None:
    browsing.opened(browser, page, width, mode)
    assert browser.get_log("browser") == []
    assert [u for u in browsing.requests(browser) if not u.startswith(("file:", "data:"))] == []
    wide = browser.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    ids = browser.execute_script(
        "return [...document.querySelectorAll('main > section')].map(s => s.id)"
    )
    assert ids == ["changed", *SECTIONS, "made"]
    heads = browser.execute_script(
        "return [...document.querySelectorAll('nav a')].map(a => a.getAttribute('href').slice(1))"
    )
    assert heads == ids
    head = browser.execute_script("return document.querySelector('#changed').innerText")
    for words in ("1 alert", "2 weeks earlier", "Wire ", MARKUP):
        assert words in head.replace("\u00a0", " "), words
    buttons = browser.execute_script("return document.querySelectorAll('#first-stops td button')")
    assert len(buttons) == 0
    assert browser.execute_script("return window.taken") is None


def test_it_is_accessible(browser: webdriver.Chrome, page: Path) -> None:
    browsing.opened(browser, page)
    browser.execute_script(
        files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    )
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then(done, e => done({error: String(e)}))"
    )
    assert len(found["passes"]) > 15
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
