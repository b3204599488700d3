"""At the bounds of every quantity the check refuses, or two weeks are solved and add up."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from supplychain.case.case import build_case
from supplychain.dataset.csv_reader import Row, TextFolder
from supplychain.dataset.schema import TABLES
from supplychain.dataset.table_types import Quantity
from supplychain.dataset.tables import Tables, check_text, content_hash, frame_of, read_text
from supplychain.errors import InvalidInput
from supplychain.network.build_network import build_network
from supplychain.results.run_record import make_run
from supplychain.scenario.load_scenario import load_scenario
from supplychain.solve.rolling_horizon import Solver

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
TWO_WEEKS = """name: two
title: Slow licences from before the start
horizon: {start: 2026-09-28, weeks: 2}
foresight: {window_weeks: 6}
timeline:
  - announced: 2026-09-01
    effective: 2026-09-21
    set: {regime: slow, exporter: CHN}
    why: a reason
    source: assumption
"""
Case = tuple[str, int, Quantity, float]


def cases() -> list[Case]:
    """The first row of every quantity of every table, at its lower and at its upper bound."""
    found: list[Case] = []
    rows = read_text(TINY)[0].rows
    for table in TABLES.values():
        seen = set()
        for i, row in enumerate(rows[table.name] if table.numbers else ()):
            quantity = table.quantity(row.cells.get(table.quantity_column, ""))
            assert quantity is not None
            if quantity.name not in seen:
                seen.add(quantity.name)
                found += [(table.name, i, quantity, x) for x in (quantity.lower, quantity.upper)]
    return found


def at_bound(rows: dict[str, list[Row]], case: Case) -> dict[str, list[Row]]:
    """The tables as text with one number, and its range, at a bound."""
    table, i, quantity, bound = case
    row = rows[table][i]
    numbers = {name: repr(bound) for name in ("value", "low", "high", "raw") if name in row.cells}
    moved = Row(row.file, row.line, {**row.cells, "unit": quantity.unit, **numbers})
    return {**rows, table: [moved if x is row else x for x in rows[table]]}


@pytest.fixture(scope="module")
def rows() -> dict[str, list[Row]]:
    return read_text(TINY)[0].rows


DRAWN: Sequence[Case] = random.Random(14).sample(cases(), 12)
"""All of them take minutes; each that once failed is a fault of its own in tests/dataset."""


@pytest.mark.parametrize("case", DRAWN, ids=lambda c: f"{c[0]}-{c[2].name}-{c[3]:g}")
def test_the_check_refuses_or_two_weeks_are_solved(
    rows: dict[str, list[Row]], case: Case, tmp_path: Path
) -> None:
    try:
        records = check_text(TextFolder(rows=at_bound(rows, case)), "the tiny world")
    except InvalidInput:
        return
    frames = {name: frame_of(name, records[name]) for name in TABLES}
    tables = Tables(frames, content_hash(records), "tiny")
    file = tmp_path / "two.yaml"
    file.write_text(TWO_WEEKS, encoding="utf-8")
    network = build_network(tables)
    world = build_case(network, tables, load_scenario(str(file), tables))
    run = make_run(tables, Solver(network).solve(world, "rolling", "contracts"))
    assert all(check["ok"] for check in run.record["checks"])


def test_every_quantity_has_bounds() -> None:
    for table in TABLES.values():
        for quantity in table.quantities:
            assert 0.0 <= quantity.lower < quantity.upper < math.inf, (table.name, quantity.name)
