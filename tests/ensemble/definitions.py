"""Ensembles of the tiny world, written on the spot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from supplychain.dataset import Tables, read_tables
from supplychain.ensemble.ensemble_definition import Definition
from supplychain.ensemble.load_ensemble import read_definition
from supplychain.errors import InvalidInput, Problem
from tests.cli.projects import make_project

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"

HEAD = """\
name: odds
title: A made-up ensemble
base: calm
horizon: {start: 2026-09-28, weeks: 20}
members: 8
seed: 7
"""
PATHS = """\
paths:
  start: general-licence
  tracks: [metals]
  prior: {events: 2, weeks: 8}
"""
STOCK = """\
  - name: stock
    rows: {table: covers, where: {quantity: opening_cover}}
    why: no survey
    source: assumption
"""
DEMAND = """\
  - name: demand
    change: {what: plan, where: {sector: auto}, unit: share}
    distribution: {kind: uniform, low: 0.8, high: 1.2}
    why: nobody knows
    source: assumption
"""
INPUTS = f"inputs:\n{STOCK}{DEMAND}"


@cache
def tiny_tables() -> Tables:
    return read_tables(TINY)


def with_cells(
    table: str, key: str, cells: Mapping[str, object], tables: Tables | None = None
) -> Tables:
    """The tiny world with other cells in the one row that begins with the words of `key`."""
    tables = tables or tiny_tables()
    frame = tables[table].copy()
    rows = frame.index[
        frame.agg(lambda row: " ".join(str(c) for c in row), axis=1).str.startswith(key)
    ]
    assert len(rows) == 1, (table, key)
    for column, cell in cells.items():
        frame.loc[rows[0], column] = cell
    return replace(tables, frames={**tables.frames, table: frame})


def write(folder: Path, text: str, name: str = "odds") -> Path:
    """Write a definition into a project of the tiny world; the folder of its scenarios."""
    if not (folder / "scenarios").is_dir():
        make_project(folder)
    scenarios = folder / "scenarios"
    (scenarios / "ensembles").mkdir(exist_ok=True)
    (scenarios / "ensembles" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return scenarios


def read(folder: Path, text: str, tables: Tables | None = None) -> Definition:
    """Write a definition and read it against the tiny world."""
    return read_definition("odds", tables or tiny_tables(), [write(folder, text)])


def faults(folder: Path, text: str, tables: Tables | None = None) -> list[Problem]:
    """Write a definition that is wrong and return its problems."""
    with pytest.raises(InvalidInput) as caught:
        read(folder, text, tables)
    return list(caught.value.problems)
