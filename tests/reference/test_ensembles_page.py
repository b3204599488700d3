"""docs/ensembles.md says what the code and the data do."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from supplychain.dataset import read_tables
from supplychain.ensemble.load_ensemble import read_definition
from supplychain.ensemble.regime_paths import estimate, read_spells
from supplychain.reference.problem_codes import ENSEMBLE_CODES
from supplychain.reference.reference_pages import page_tables, refreshed_ensembles

PAGE = Path(__file__).parents[2] / "docs" / "ensembles.md"


def test_the_tables_are_those_of_the_code() -> None:
    """Mend with `python -m supplychain.reference.reference_pages docs/ensembles.md`."""
    text = PAGE.read_text(encoding="utf-8")
    assert refreshed_ensembles(text) == text


def test_every_code_is_there() -> None:
    table = page_tables(read_tables())["problems"]
    assert [code for code in ENSEMBLE_CODES if f"| {code} |" not in table] == []


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the lines"):
        refreshed_ensembles("# A page\n")


def test_the_definition_on_the_page_is_read(tmp_path: Path) -> None:
    block = re.findall(r"```yaml\n(name: .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    (tmp_path / "my-odds.yaml").write_text(block, encoding="utf-8")
    found = read_definition(str(tmp_path / "my-odds.yaml"), read_tables())
    assert (found.members, found.notes, len(found.inputs)) == (256, (), 2)


def test_the_chances_in_the_words_are_those_of_the_record() -> None:
    """66 % with the ban on one buyer, 39 % without: 1 - (b / (b + 52))^a."""
    spells = read_spells(read_tables())
    without = [
        replace(s, state="general-licence") if s.event == "cn-2024-us-ban" else s for s in spells
    ]
    chances = []
    for record in (spells, without):
        out = [
            h for h in estimate(record, 0.5, 8.0) if h.from_state == "general-licence" != h.to_state
        ]
        events = sum(h.events for h in out)
        rate = out[0].rate
        chances.append(1 - (rate / (rate + 52)) ** (events + 0.5))
    assert [f"{chance:.0%}" for chance in chances] == ["66%", "39%"]
    assert "39 % and not 66 %" in " ".join(PAGE.read_text(encoding="utf-8").split())
