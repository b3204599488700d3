"""Pages for people who carry on: contributing, architecture, recipes, glossary, citation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import supplychain
from supplychain.dataset import TABLES

ROOT = Path(__file__).resolve().parents[2]


def test_the_citation_names_the_version_and_licence_of_the_package() -> None:
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert found["version"] == supplychain.__version__
    assert found["license"] == "MIT"


SEARCHES = {
    "how a licence is granted": "supplychain/policy/licence_queue.py",
    "stock balance": "supplychain/model/constraints.py",
    "statutory clock": "docs/scenarios.md",
    "first stop": "supplychain/results/indicators.py",
    "add a sector": "docs/recipes.md",
}
"""What a newcomer types, and the file that answers."""


@pytest.mark.parametrize("words", SEARCHES)
def test_one_search_finds_the_place(words: str) -> None:
    files = [*(ROOT / "docs").glob("*.md"), *(ROOT / "supplychain").rglob("*.py")]
    found = [f for f in files if words in f.read_text(encoding="utf-8").lower()]
    names = [file.relative_to(ROOT).as_posix() for file in found]
    assert SEARCHES[words] in names
    assert "docs/architecture.md" in names


def glossary() -> list[list[str]]:
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    return [[c.strip() for c in line.strip("|").split("|")] for line in lines if line[:1] == "|"][
        2:
    ]


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    words = [re.sub(r"[`,:(].*", "", row[0]).strip().lower() for row in glossary()]
    assert words == sorted(set(words))
    assert all(len(row) == 3 and all(row) and row[2].endswith(".") for row in glossary())


def test_assumptions_named_in_the_glossary_are_there() -> None:
    known = {quantity.name for quantity in TABLES["assumptions"].quantities}
    named = {name for row in glossary() for name in re.findall(r"`(\w+_\w+)`", row[2])}
    assert named - known == {"marginal_values"}


def test_every_room_has_tests_where_the_page_says() -> None:
    """A room without a folder of its own under tests/ would be found by nobody."""
    rooms = [p.parent.name for p in (ROOT / "supplychain").glob("*/__init__.py")]
    assert [room for room in rooms if not (ROOT / "tests" / room).is_dir()] == []
