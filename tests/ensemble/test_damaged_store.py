"""A damaged part of an ensemble's store is named and made again; the others stay."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from supplychain.ensemble.solve_ensemble import STARTS, MemberFolder
from supplychain.ensemble.solve_member import Solved

DAMAGES = {
    "000001.json": [b"", b"{}", b"{", b"[]", b'{"member": 1e999}', b"[" * 5000],
    "000001.parquet": [b"", b"PAR1"],
}


@pytest.fixture
def store(tmp_path: Path) -> MemberFolder:
    """Three members that are done."""
    folder = MemberFolder(tmp_path / "odds.members" / "key")
    for index in range(3):
        losses = pd.DataFrame({"member": [index], "lost_value_usd": [1.0]})
        folder.keep(Solved(index, losses, "", ("path",)))
    return folder


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_member_is_not_done(
    store: MemberFolder, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert sorted(store.done()) == [0, 1, 2]
    assert capsys.readouterr().err == ""
    for content in DAMAGES[name]:
        (store.folder / name).write_bytes(content)
        assert sorted(store.done()) == [0, 2]
        said = capsys.readouterr().err
        assert name in said
        assert "the member is solved again" in said


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 1000])
def test_damaged_starts_are_solved_again(
    store: MemberFolder, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (store.folder / STARTS).write_bytes(content)
    assert store.starts() is None
    assert STARTS in capsys.readouterr().err
