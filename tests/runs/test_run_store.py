"""Tables on disk, and a disk that is full."""

from __future__ import annotations

import errno
from pathlib import Path

import pandas as pd
import pytest

from supplychain.runs.run_store import write_tables


def test_a_full_disk_is_said_as_the_system_says_it(tmp_path: Path) -> None:
    full = tmp_path / "flows.parquet"
    full.symlink_to("/dev/full")
    with pytest.raises(OSError) as caught:
        write_tables({"flows": pd.DataFrame({"tonnes": [1.0]})}, tmp_path)
    assert caught.value.errno == errno.ENOSPC
