"""Files that anything may have happened to, read by the commands: refused, or meant; no fault.

`benchmarks/mutations.py` tries ten thousand of them.
"""

from __future__ import annotations

from pathlib import Path

import mutated_inputs
import pytest

TRIES = {"solved": 20, "ensemble": 10, "data": 60, "overlay": 40}
"""By kind; of the others thirty."""


@pytest.mark.parametrize("kind", mutated_inputs.KINDS)
def test_no_fault_no_wrong_code_no_nonsense_taken(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPLYCHAIN_WORKERS", "1")
    tries = range(TRIES.get(kind, 30))
    found = [mutated_inputs.try_one(kind, seed, tmp_path / "project") for seed in tries]
    assert [str(wrong) for wrong in found if wrong] == []
