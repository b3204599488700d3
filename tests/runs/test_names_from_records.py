"""Names and ids that come from a record: never a way out of the folder asked for."""

from __future__ import annotations

import ast
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import supplychain
from supplychain.errors import InvalidInput
from supplychain.files import inside
from supplychain.runs.catalogue import open_catalogue, read_entry
from supplychain.runs.run_store import read_run, write_run
from tests.runs.whole_runs import whole_run

WAYS_OUT = ["../other", "/tmp/other", "..", ".", "", ".hidden", "a/b", "a\\b", "a\nb", "a\0b", "é"]


def test_a_record_with_a_way_out_is_no_run(tmp_path: Path) -> None:
    write_run(whole_run("storm", "aaaa1111"), tmp_path / "storm")
    write_run(whole_run("calm", "bbbb2222"), tmp_path / "calm")
    file = tmp_path / "storm" / "run.json"
    whole = file.read_text()
    for field in ("id", "scenario.name", "data.hash"):
        for name in WAYS_OUT:
            file.write_text(whole)
            _put(file, field, name)
            entry = read_entry(tmp_path / "storm")
            assert f"run.json, {field}: it cannot be the name of a file" in entry.problem
    assert [e.id for e in open_catalogue(tmp_path).runs] == ["bbbb2222"]
    with pytest.raises(InvalidInput, match=r"run\.json cannot be used"):
        read_run(tmp_path / "storm")


def _put(file: Path, field: str, value: Any) -> None:
    record = json.loads(file.read_text())
    place = record
    *way, last = field.split(".")
    for key in way:
        place = place[key]
    place[last] = value
    file.write_text(json.dumps(record))


@given(st.text(max_size=12) | st.sampled_from(WAYS_OUT))
def test_a_joined_name_lies_in_the_folder(name: str) -> None:
    folder = Path("results")
    if name in WAYS_OUT:
        with pytest.raises(InvalidInput):
            inside(folder, name)
    with suppress(InvalidInput):
        path = inside(folder, name)
        assert path.parent == folder
        assert path.resolve().parent == folder.resolve()


def test_results_folders_are_joined_in_one_place() -> None:
    """`out / name` stands nowhere in the package: what is no constant goes through `inside`."""
    root = Path(supplychain.__file__).parent
    found = []
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
                continue
            left = ast.unparse(node.left).split("/")[0].strip()
            right = node.right
            constant = isinstance(right, ast.Constant) or (
                isinstance(right, ast.Name) and right.id.isupper()
            )
            if (left == "out" or left.endswith(".out")) and not constant:
                found.append(f"{file.relative_to(root)}: {ast.unparse(node)}")
    assert found == ALLOWED


ALLOWED = [
    "case/stock_distribution.py: out / (1.0 - out)",  # a share
    "runs/catalogue.py: out / words['folder']",  # read; held against the folders that are there
]
