"""The tables of docs/model.md are those of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.model.components import CONSTRAINTS, COSTS, VARIABLES
from supplychain.reference.reference_pages import (
    MODEL_BEGIN,
    MODEL_END,
    formula_page,
    refreshed_model,
)

PAGE = Path(__file__).parent.parent.parent / "docs" / "model.md"


def test_page_is_up_to_date() -> None:
    """Mend with `python -m supplychain.reference.reference_pages docs/model.md`."""
    text = PAGE.read_text(encoding="utf-8")
    assert refreshed_model(text) == text


@pytest.mark.parametrize("component", [*VARIABLES, *CONSTRAINTS, *COSTS], ids=lambda c: str(c.name))
def test_page_has_a_row_for_every_component(component: object) -> None:
    name, symbol = getattr(component, "name", ""), getattr(component, "symbol", "")
    assert formula_page().count(f"| {symbol} | `{name}` |") == 1


@pytest.mark.parametrize("law", [x.name for x in CONSTRAINTS])
def test_page_states_every_law_in_symbols(law: str) -> None:
    prose = PAGE.read_text(encoding="utf-8").partition(MODEL_END)[2]
    assert f"**{law}" in prose or f", {law}**" in prose


def test_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the lines"):
        refreshed_model("# A page\n")
    assert MODEL_BEGIN in refreshed_model(f"before\n{MODEL_BEGIN}\nold\n{MODEL_END}\nafter\n")
