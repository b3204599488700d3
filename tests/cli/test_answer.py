"""What `--json` prints is plain JSON, whatever it was made of."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from supplychain.cli.command import envelope
from supplychain.cli.options import Foresight
from supplychain.formatting import json_value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (float("inf"), None),
        (np.float64("nan"), None),
        (np.int64(3), 3),
        (np.array([1.0, np.nan]), [1.0, None]),
        (np.bool_(True), True),
        (pd.NA, None),
        (pd.NaT, None),
        (pd.Timestamp("2026-09-28"), "2026-09-28T00:00:00"),
        (date(2026, 9, 28), "2026-09-28"),
        (Path("a/b"), "a/b"),
        ({"b", "a"}, ["a", "b"]),
        (Foresight.perfect, "perfect"),
        (True, True),
        ({("CHN", 1): {2: (1, 2)}}, {"('CHN', 1)": {"2": [1, 2]}}),
    ],
)
def test_values_become_plain(value: object, expected: object) -> None:
    found = json_value(value)
    assert found == expected
    assert type(found) is type(expected)


def test_envelope_of_a_command_of_two_words() -> None:
    found = json.loads(envelope("data check", 0, data={"x": 1}, artifacts=[Path("a/b.html")]))
    assert found == {
        "schema": "supplychain/data-check/1",
        "ok": True,
        "command": "data check",
        "exit_code": 0,
        "data": {"x": 1},
        "artifacts": ["a/b.html"],
        "warnings": [],
        "errors": [],
    }
