"""Tables side by side: what is the same to the tolerance, and what is not."""

from __future__ import annotations

import pandas as pd
import pytest

from supplychain.runs.run_diff import TOLERANCE, TableDifference, table_differences

FLOWS = pd.DataFrame(
    {
        "scenario": "a",
        "material": ["dy", "nd", "nd"],
        "week": ["2026-10-05", "2026-10-05", "2026-10-12"],
        "tonnes": [1.0, 200.0, 100.0],
        "cover": [0.5, None, 2.0],
    }
)


def compared(
    other: pd.DataFrame, one: pd.DataFrame = FLOWS, tolerance: float = TOLERANCE
) -> TableDifference:
    (found,) = table_differences({"flows": one}, {"flows": other}, tolerance)
    return found


def test_equal_tables_in_any_order_are_the_same() -> None:
    assert compared(FLOWS) == TableDifference("flows", True)
    assert compared(FLOWS.iloc[::-1]) == TableDifference("flows", True)


@pytest.mark.parametrize(("step", "same"), [(1.9e-4, True), (2.1e-4, False), (-2.1e-4, False)])
def test_a_difference_is_a_share_of_the_columns_largest_number(step: float, same: bool) -> None:
    """200 t is the largest, so that 0.0002 t are a millionth."""
    found = compared(FLOWS.assign(tonnes=[1.0 + step, 200.0, 100.0]))
    assert found.same is same
    assert found.rows == (0 if same else 1)
    assert found.largest == pytest.approx(abs(step) / 200.0)
    assert (found.column, found.where) == ("tonnes", "dy, 2026-10-05")
    assert (found.old, found.new) == (1.0, 1.0 + step)


def test_the_tolerance_is_the_callers() -> None:
    moved = FLOWS.assign(tonnes=[3.0, 200.0, 100.0])
    assert not compared(moved).same
    assert compared(moved, tolerance=0.01).same


def test_a_row_that_one_side_lacks_stands_against_zero() -> None:
    found = compared(FLOWS.iloc[:2])
    assert (found.same, found.column, found.old, found.new) == (False, "cover", 2.0, None)
    assert found.largest == 1.0
    tiny = pd.concat([FLOWS, FLOWS.iloc[:1].assign(material="tb", tonnes=1e-6, cover=0.0)])
    assert compared(tiny).same


def test_a_blank_is_no_number() -> None:
    found = compared(FLOWS.assign(cover=[0.5, 0.0, 2.0]))
    assert not found.same
    assert found.largest == float("inf")
    assert (found.column, found.old, found.new) == ("cover", None, 0.0)


def test_equal_words_are_paired_in_their_order() -> None:
    twice = pd.concat([FLOWS, FLOWS])
    assert compared(twice, twice).same
    assert not compared(FLOWS, twice).same


def test_words_alone() -> None:
    names = pd.DataFrame({"region": ["CHN", "EUR"], "name": ["China", "Europe"]})
    assert compared(names, names) == TableDifference("flows", True)
    found = compared(names.assign(name=["China", "EU"]), names)
    assert (found.same, found.rows) == (False, 2)


def test_tables_and_columns_that_one_lacks() -> None:
    assert table_differences({"a": FLOWS}, {"b": FLOWS}) == [
        TableDifference("a", False, words="only in the old run"),
        TableDifference("b", False, words="only in the new run"),
    ]
    assert compared(FLOWS.drop(columns="cover")).words == "other columns"


def test_empty_tables() -> None:
    assert compared(FLOWS.iloc[:0], FLOWS.iloc[:0]) == TableDifference("flows", True)
    assert compared(FLOWS, FLOWS.iloc[:0]).rows == 3
