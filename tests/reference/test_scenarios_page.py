"""docs/scenarios.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from supplychain.dataset import read_tables
from supplychain.reference.reference_pages import put_between
from supplychain.scenario.load_scenario import load_scenario

PAGE = Path(__file__).parents[2] / "docs" / "scenarios.md"


def test_the_tables_are_those_of_the_code() -> None:
    """Mend with `python -m supplychain.reference.reference_pages docs/scenarios.md`."""
    text = PAGE.read_text(encoding="utf-8")
    assert put_between(text) == text


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the lines"):
        put_between("# A page\n")


def test_the_example_and_the_settings_of_the_page_are_valid(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    example, ban, expects = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    (tmp_path / "late-truce.yaml").write_text(example, encoding="utf-8")
    settings = re.findall(r"^ +--set (\S+)$", text, flags=re.MULTILINE)
    tables: Any = read_tables()
    assert len(settings) == 6
    for setting in settings[1:]:
        assert load_scenario("late-truce", tables, [tmp_path], [setting]).changes
    head = "name: lapse\ntitle: t\nextends: truce\n"
    (tmp_path / "lapse.yaml").write_text(head + ban, encoding="utf-8")
    own = load_scenario("lapse", tables, [tmp_path]).timeline
    assert len(own) == len(load_scenario("truce", tables).timeline) + 1
    (tmp_path / "lapse.yaml").write_text(head + expects, encoding="utf-8")
    assert load_scenario("lapse", tables, [tmp_path]).foresight.expects
