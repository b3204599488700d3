"""Results kept by content: the name of a run, what is found again, and what is damaged."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from supplychain.runs import provenance
from supplychain.runs.provenance import run_id
from supplychain.runs.run_cache import damaged, find_kept, keep
from supplychain.runs.run_schema import Run
from supplychain.runs.run_store import read_run
from tests.runs.whole_runs import whole_run

SCENARIO = {"name": "calm", "horizon": {"start": "2026-09-28", "weeks": 20}, "timeline": []}


def name(**other: object) -> str:
    words = {"scenario": SCENARIO, "data": "0" * 64, "foresight": "rolling", "allocation": "value"}
    return run_id(**{**words, **other})  # type: ignore[arg-type]


def test_a_name_follows_from_all_that_decides_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    first = name()
    longer = {**SCENARIO, "horizon": {"start": "2026-09-28", "weeks": 21}}
    others = [
        name(scenario=longer),
        name(data="1" * 64),
        name(foresight="perfect"),
        name(allocation="priority"),
    ]
    for library in ("supplychain", "pyomo", "highspy"):
        newer = {**provenance.decisive_versions(), library: "99.0"}
        with monkeypatch.context() as changed:
            changed.setattr(provenance, "decisive_versions", lambda newer=newer: newer)
            others.append(name())
    assert len({first, *others}) == len(others) + 1
    assert name(scenario=dict(reversed(SCENARIO.items()))) == first
    monkeypatch.setattr(provenance.platform, "python_version", lambda: "3.99.1")
    assert name() == first


def test_a_name_is_known_without_the_solver() -> None:
    asked = (
        "import sys; from supplychain.runs.provenance import run_id;"
        "from supplychain.runs.run_cache import find_kept;"
        "print(run_id({}, '', '', '')); print([m for m in sys.modules if m in "
        "('pyomo', 'highspy', 'pandas', 'duckdb')])"
    )
    said = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.split()
    assert said == [run_id({}, "", "", ""), "[]"]


def made(tonnes: float = 1.0) -> Run:
    tables = {"flows": pd.DataFrame({"tonnes": [tonnes]}), "stocks": pd.DataFrame({"t": [2.0]})}
    return replace(whole_run("calm", name()), tables=tables)


def test_what_is_kept_is_found_by_its_name(tmp_path: Path) -> None:
    assert find_kept(tmp_path, name()) is None
    folder = keep(made(), tmp_path)
    assert folder == find_kept(tmp_path, name()) == tmp_path / "store" / name()
    assert list(read_run(folder).tables["flows"]["tonnes"]) == [1.0]
    assert keep(made(3.0), tmp_path) == folder
    assert list(read_run(folder).tables["flows"]["tonnes"]) == [3.0]
    assert damaged(folder) == []


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"id": "other"})])
def test_a_record_that_is_not_that_of_the_run_is_not_found(tmp_path: Path, text: str) -> None:
    folder = keep(made(), tmp_path)
    (folder / "run.json").write_text(text)
    assert find_kept(tmp_path, name()) is None


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    folder = keep(made(), tmp_path)
    table = folder / "tables" / "flows.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:40] + b"\xff" + whole[41:])
    (folder / "tables" / "stocks.parquet").unlink()
    assert [path.name for path in damaged(folder)] == ["flows.parquet", "stocks.parquet"]
