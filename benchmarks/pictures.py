"""Take the pictures of the docs anew, from a run of `no-truce` and an ensemble.

    supplychain run no-truce -o out
    supplychain ensemble truce-collapse -o out
    python benchmarks/pictures.py out/no-truce/report.html out/truce-collapse/report.html

Which sections are taken is read off the docs: `images/page-<section>.png`.
"""

from __future__ import annotations

import argparse
import base64
import io
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from PIL import Image  # noqa: E402
from selenium import webdriver  # noqa: E402

from tests.report.browsing import chromium, opened  # noqa: E402

IMAGES = ROOT / "docs" / "images"
WIDTH = 1400
HEIGHT_OF_TOP = 1130
"""Pixels of the page's top that the README shows."""
COLOURS = 96
"""Of a palette, which halves the files."""
PLACES = {"filter": "#sector=munitions&region=JPN"}
"""Sections that are taken with something picked."""
BOX = """
const box = document.querySelector(arguments[0]).getBoundingClientRect();
return [box.x + scrollX, box.y + scrollY, box.width, box.height];
"""


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path, help="the page of a run of no-truce")
    parser.add_argument("ensemble", type=Path, help="the page of an ensemble", nargs="?")
    asked = parser.parse_args()
    docs = (ROOT / "docs" / "reading-the-report.md").read_text()
    names = sorted(set(re.findall(r"images/page-([a-z-]+)\.png", docs)))
    with chromium() as browser:
        for name in names:
            opened(browser, asked.run.resolve(), WIDTH, mark=PLACES.get(name, ""))
            part = ".filter" if name == "filter" else f"#{name}"
            taken(browser, f"page-{name}", browser.execute_script(BOX, part))
        opened(browser, asked.run.resolve(), WIDTH)
        taken(browser, "report", [0, 0, WIDTH, HEIGHT_OF_TOP])
        if asked.ensemble:
            opened(browser, asked.ensemble.resolve(), 1100)
            taken(browser, "ensemble", [0, 0, 1100, 1250])


def taken(browser: webdriver.Chrome, name: str, box: list[float]) -> None:
    """Write one picture: x, y, width and height on the page, pixels."""
    clip = dict(zip(("x", "y", "width", "height"), box, strict=True), scale=1)
    asked = {"format": "png", "clip": clip, "captureBeyondViewport": True}
    picture = browser.execute_cdp_cmd("Page.captureScreenshot", asked)
    file = IMAGES / f"{name}.png"
    held = Image.open(io.BytesIO(base64.b64decode(picture["data"])))
    held.convert("RGB").quantize(COLOURS).save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
