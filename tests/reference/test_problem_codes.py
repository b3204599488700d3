"""Every code of a problem has a row, and every row a problem."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import supplychain
from supplychain.reference.problem_codes import ALL_CODES
from supplychain.reference.reference_pages import CODE_PAGES, refreshed_page

PACKAGE = Path(supplychain.__file__).parent
DOCS = Path(__file__).parents[2] / "docs"
CODE = re.compile(r"USAGE|[A-Z]+-\d{3}")


def codes_in(file: Path) -> set[str]:
    """The texts of a source file that are codes; words about codes in docstrings are longer."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    texts = (node.value for node in nodes if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}


def test_every_code_that_is_raised_has_a_meaning_and_every_meaning_is_raised() -> None:
    files = [f for f in PACKAGE.rglob("*.py") if f.name != "problem_codes.py"]
    raised = set().union(*(codes_in(file) for file in files))
    read = codes_in(PACKAGE / "documents.py")
    raised |= {code.replace("SCEN-", "REPORT-") for code in read}  # as `report_definition` does
    assert sorted(raised - set(ALL_CODES)) == []
    assert sorted(set(ALL_CODES) - raised) == []


def test_every_code_is_on_a_page() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in DOCS.glob("*.md"))
    assert [code for code in ALL_CODES if f"| {code} |" not in pages] == []


@pytest.mark.parametrize("name", CODE_PAGES)
def test_the_tables_are_those_of_the_code(name: str) -> None:
    """Mend with `python -m supplychain.reference.reference_pages docs/NAME`."""
    page = DOCS / name
    assert refreshed_page(page) == page.read_text(encoding="utf-8")
