"""Every relative link and picture in the project's Markdown leads somewhere."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pages() -> list[Path]:
    """The Markdown that git knows or that is about to be added."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(ROOT / name for name in listed.stdout.split("\0") if name)


def links(text: str) -> Iterator[str]:
    """Targets of links and pictures outside code."""
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(text: str) -> set[str]:
    """Headings as the links to them are written."""
    headings = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in headings}


def dead(page: Path) -> list[str]:
    """Links of a page whose file, or whose heading in it, is not there."""
    found = []
    for target in links(page.read_text(encoding="utf-8")):
        name, _, heading = target.partition("#")
        file = page.parent / name if name else page
        there = file.exists()
        if not there or (heading and heading not in anchors(file.read_text(encoding="utf-8"))):
            found.append(target)
    return found


def test_every_link_leads_somewhere() -> None:
    assert len(pages()) >= 10
    assert {p.name: dead(p) for p in pages() if dead(p)} == {}


PLACE = re.compile(r"`((?:supplychain|tests|benchmarks)/[\w/]+\.py)`")


def test_every_source_file_that_is_named_is_there() -> None:
    gone = {
        (page.name, name)
        for page in pages()
        for name in PLACE.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / name).is_file()
    }
    assert gone == set()


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading: here\n[a](gone.md) [b](#a-heading-here) [c](page.md#no) `[d](code.md)`"
        " [e](https://example.org) ![f](page.md)\n```\n[g](fenced.md)\n```\n"
    )
    assert dead(page) == ["gone.md", "page.md#no"]
