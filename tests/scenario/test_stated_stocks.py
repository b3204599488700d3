"""A company's stock is what was said of it when the horizon starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.dataset.tables import tables_with
from supplychain.scenario.load_scenario import load_scenario
from tests.cli.projects import make_project
from tests.dataset.conftest import TINY
from tests.dataset.test_carving import company

OWN = "own-eur"


@pytest.mark.parametrize(("history", "said"), [("history: {from: 2026-07-06}\n", 1), ("", 0)])
def test_where_a_past_is_solved_the_shelf_is_as_said(
    tmp_path: Path, history: str, said: int
) -> None:
    """And what --set says of it comes later, so that it wins."""
    folder = make_project(tmp_path) / "scenarios"
    calm = folder / "calm.yaml"
    calm.write_text(calm.read_text() + history)
    tables = tables_with(company("own", 250_000.0), "mine", TINY)
    plain = load_scenario("storm", tables, [folder]).changes
    assert [(c.what, c.value, c.unit) for c in plain] == [("shelf_cover", 6.0, "week")] * said
    assert all(c.place("customer") == OWN for c in plain)
    setting = f"shelf_cover@customer:{OWN}=2week"
    last = load_scenario("storm", tables, [folder], [setting]).changes[-1]
    assert last.value == 2.0
