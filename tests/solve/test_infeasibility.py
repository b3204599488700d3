"""A window without an answer: the smallest set of limits that clash, with file and row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import drawn
import pytest
from cases import make_case, usual_numbers

from supplychain.dataset import read_tables
from supplychain.errors import NotSolved
from supplychain.model.components import CONSTRAINTS, VARIABLES
from supplychain.model.object_keys import names
from supplychain.network.build_network import build_network
from supplychain.solve import infeasibility
from supplychain.solve.infeasibility import Place, origin
from supplychain.solve.rolling_horizon import Solver

TINY = Path(__file__).parent.parent / "worlds" / "tiny"
WITHOUT_A_LIMIT = {
    "stock",
    "cover",
    "behind",
    "transfer",
    "surge",
    "extra",
    "short_trade",
    "short_purchase",
    "short_run",
    "short_cover",
    "short_stock",
    "short_closing_cover",
    "short_closing_stock",
}


def message_of(solver: Solver, case: Any) -> list[str]:
    with pytest.raises(NotSolved) as caught:
        solver.solve(case, "rolling", "value")
    return [
        f"{p.file}:{p.line} {p.message}" for p in caught.value.problems if p.code == "SOLVE-103"
    ]


def test_the_smallest_clash_is_named_with_its_rows() -> None:
    """Nothing in stock, and half of what is not made may not be lost."""
    network = drawn.shelf(loss_step_2_share=0.0)
    case = make_case(network, usual_numbers(network, 30), 8, 8, opening=0.0)
    rows = {"customer_plan": ("plans.csv", 2), "lost": ("steps.csv", 3)}
    solver = Solver(network, where=lambda place: rows.get(place.name, ("", 0)))
    said = message_of(solver, case)
    assert "plans.csv:2 Part of the clash: customer_plan of car-a in week 0" in " ".join(said)
    assert "steps.csv:3 Part of the clash: lost of car-a in week 0 at most 0.5." in said
    assert "steps.csv:3 Part of the clash: lost of car-a in week 0 at most 0." in said


def test_a_limit_outside_the_clash_is_not_named() -> None:
    network = drawn.shelf(loss_step_2_share=0.0)
    case = make_case(network, usual_numbers(network, 30), 8, 8, opening=0.0)
    said = message_of(Solver(network), case)
    assert len({line.partition(" in week ")[2].split()[0].strip(",.") for line in said}) == 1


def test_an_explanation_that_is_not_found_in_time_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    network = drawn.shelf(loss_step_2_share=0.0)
    case = make_case(network, usual_numbers(network, 30), 8, 8, opening=0.0)
    monkeypatch.setattr(infeasibility, "SECONDS", 0.0)
    with pytest.raises(NotSolved) as caught:
        Solver(network).solve(case, "rolling", "value")
    assert [p.code for p in caught.value.problems] == ["SOLVE-104"]
    assert "not found within 0 s" in caught.value.problems[0].message


def test_every_law_and_limit_has_a_row_of_the_data() -> None:
    tables = read_tables(TINY)
    network = build_network(tables)
    where = origin(tables)
    words = names(network)
    for component in (*VARIABLES, *CONSTRAINTS):
        if component.name in WITHOUT_A_LIMIT:
            continue
        for key in words[component.over[0]]:
            full = (*key, 1) if {"step", "layer"} & set(component.over) else key
            file, line = where(Place(component.name, "", 0, "t", full))
            assert Path(file).suffix == ".csv", (component.name, key)
            assert line > 1
