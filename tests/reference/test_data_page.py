"""The data dictionary and the listing say what the schema says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supplychain.dataset import TABLES, schema_listing
from supplychain.reference.problem_codes import DATA_CODES
from supplychain.reference.reference_pages import data_dictionary

ROOT = Path(__file__).parent.parent.parent


def test_the_dictionary_is_up_to_date() -> None:
    """Mend with `python -m supplychain.reference.reference_pages docs/data.md`."""
    assert (ROOT / "docs" / "data.md").read_text(encoding="utf-8") == data_dictionary()


@pytest.mark.parametrize("name", TABLES)
def test_the_dictionary_names_every_column_and_quantity(name: str) -> None:
    text = data_dictionary()
    section = text.split(f"### {name}\n")[1].split("\n## ")[0].split("\n### ")[0]
    words = [column.name for column in TABLES[name].columns]
    words += [q.name for q in TABLES[name].quantities if TABLES[name].quantity_column]
    assert [word for word in words if f"| `{word}` |" not in section] == []


def test_the_dictionary_names_every_problem() -> None:
    assert [code for code in DATA_CODES if f"| {code} |" not in data_dictionary()] == []


def test_the_listing_can_be_written_as_json() -> None:
    listing = schema_listing()
    assert [entry["table"] for entry in listing] == list(TABLES)
    json.dumps(listing, allow_nan=False)


@pytest.mark.parametrize("name", TABLES)
def test_a_reference_names_a_table_with_one_key(name: str) -> None:
    for column in TABLES[name].all_columns:
        if column.refers_to:
            assert len(TABLES[column.refers_to].key) == 1
    assert set(TABLES[name].key) <= {column.name for column in TABLES[name].columns}
