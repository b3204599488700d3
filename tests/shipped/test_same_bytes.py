"""The same inputs give the same bytes: whatever the hash seed, whatever the number of workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.shipped.solved import ROOT

SCENARIOS = ("no-truce", "truce")
MAY_DIFFER = {"seconds", "peak_memory_mb", "written"}
"""Keys of run.json that are about the machine and the moment."""


def run(out: Path, seed: str, workers: str) -> None:
    words = [*SCENARIOS, "--weeks", "8", "--workers", workers, "--out", str(out), "-q"]
    ended = subprocess.run(
        [sys.executable, "-m", "supplychain", "run", *words],
        cwd=out.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def files(folder: Path) -> dict[str, bytes]:
    found = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    found["run.json"] = json.dumps(without(json.loads(found["run.json"]))).encode()
    return found


def without(record: Any) -> Any:
    """The record without what is about the machine; the order of its keys stays."""
    if isinstance(record, dict):
        return {k: without(v) for k, v in record.items() if k not in MAY_DIFFER}
    return [without(x) for x in record] if isinstance(record, list) else record


def test_same_bytes_with_other_hash_seeds_and_workers(tmp_path: Path) -> None:
    """One after the other, they share one compiled programme; side by side, each has its own."""
    run(tmp_path / "one", seed="1", workers="1")
    run(tmp_path / "two", seed="20", workers="2")
    for scenario in SCENARIOS:
        one, two = files(tmp_path / "one" / scenario), files(tmp_path / "two" / scenario)
        assert set(one) == set(two)
        assert {"report.html", "run.json", "tables/flows.parquet"} <= set(one)
        assert [name for name in sorted(one) if one[name] != two[name]] == []
