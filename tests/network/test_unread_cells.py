"""Every changed cell alters the network or the policy, or is named with what wins over it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from supplychain.dataset import TABLES, Tables, read_tables
from supplychain.dataset.overlay import Change
from supplychain.network.build_network import build_network
from supplychain.network.unread_cells import rounded_numbers, unread_cells
from supplychain.policy.regimes import read_policy

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"


def changed(tables: Tables, table: str, row: int, column: str = "value") -> Tables:
    """The tables with one number moved, as an overlay would."""
    frame = tables[table].copy()
    old = float(frame.loc[row, column])
    new = 1.37 * old + 0.013
    frame.loc[row, column] = new
    key = ", ".join(str(frame.loc[row, name]) for name in TABLES[table].key)
    cell = Change(table, key, "replaced", column, repr(old), repr(new), "o", "o.csv", 2)
    return replace(tables, frames={**tables.frames, table: frame}, changes=(cell,))


def silent(tables: Tables, most: int) -> Iterator[tuple[str, str]]:
    """Table and key of the cells that change nothing and are not named, of `most` drawn ones."""
    network, policy = build_network(tables), read_policy(tables)
    cells = [(t.name, i) for t in TABLES.values() if t.numbers for i in range(len(tables[t.name]))]
    for table, row in random.Random(14).sample(cells, min(most, len(cells))):
        other = changed(tables, table, row)
        built = build_network(other)
        if built == network and read_policy(other) == policy:
            (cell,) = other.changes
            said = [*unread_cells(other, built), *rounded_numbers(other)]
            if not any(text.startswith(table) and cell.key.split(", ")[0] in text for text in said):
                yield table, cell.key


def test_every_cell_of_the_tiny_world_counts_or_is_named() -> None:
    assert list(silent(read_tables(TINY), 100)) == []


def test_cells_of_the_shipped_data_count_or_are_named() -> None:
    assert list(silent(read_tables(), 8)) == []


@pytest.mark.parametrize("column", ["low", "high", "raw"])
def test_a_range_that_moves_alone_is_said_to_be_read_by_no_run(column: str) -> None:
    tables = changed(read_tables(TINY), "arcs", 0, column)
    (said,) = unread_cells(tables, build_network(tables))
    assert said == (
        f"arcs, {column} of dy-oxide, CHN, EUR: ensembles and reconciliation read it, and no run."
    )


CASES = {
    "regime_parameters": (
        "embargo,ANY,ANY,ANY,throughput,1.5,1,2,ratio,assumed,assumption,",
        "fitted_parameters holds instead",
    ),
    "stocks": (
        "USA,dy-oxide,opening_stock,5000,5000,5000,t,assumed,assumption,",
        "nothing in the region makes, uses or sells the material",
    ),
    "covers": (
        "auto-bev-eur,dy-oxide,opening_cover,9,9,9,week,assumed,assumption,",
        "does not use the material",
    ),
    "sourcing": (
        "auto-bev-eur,dy-oxide,CHN,1,1,1,share,assumed,assumption,",
        "no recipe of the customer uses the material",
    ),
}


@pytest.mark.parametrize("table", CASES)
def test_what_wins_over_a_row_of_an_overlay_is_said(tmp_path: Path, table: str) -> None:
    row, reason = CASES[table]
    head = ",".join(TABLES[table].header)
    (tmp_path / f"{table}.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    tables = read_tables(TINY, [tmp_path])
    (said,) = unread_cells(tables, build_network(tables))
    assert said.startswith(f"{table}, value of {', '.join(row.split(',')[:3])}")
    assert reason in said


def test_rounding_is_announced() -> None:
    tables = read_tables(TINY)
    assert rounded_numbers(tables) == []
    frame = tables["lanes"].copy()
    sea = (frame["quantity"] == "transit") & (frame["origin"] == "CHN")
    frame.loc[sea & (frame["destination"] == "EUR"), "value"] = 1.5
    frame.loc[sea & (frame["destination"] == "USA"), "value"] = 2.5
    moved = replace(tables, frames={**tables.frames, "lanes": frame})
    (said,) = rounded_numbers(moved)
    assert said == (
        "lanes, transit, counted in whole weeks: CHN to EUR 1.5 as 2, CHN to USA 2.5 as 2."
    )
