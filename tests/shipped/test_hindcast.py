"""The 2025 episode with the shipped data: no further off than docs/hindcast.md says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from supplychain.study.hindcast import FITTED_SERIES, Hindcast, hindcast
from supplychain.study.run import RunRequest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hindcast.md"
ROOM = 0.02
"""Other versions of the solver choose other equal optima; Japan is small and moves easily."""


@pytest.fixture(scope="module")
def found() -> Hindcast:
    return hindcast(RunRequest("hindcast-2025"))


@pytest.fixture(scope="module")
def documented() -> dict[str, tuple[float, float]]:
    """Series to its errors in the window of the fit and in the test, as the page's table says."""
    rows = re.findall(
        r"^\| `([a-z-]+)` \| [\d.]+ \| ([\d.]+) \| ([\d.]+) \|", PAGE.read_text(), re.M
    )
    return {name: (float(fit) / 100, float(test) / 100) for name, fit, test in rows}


def test_the_errors_are_as_documented(
    found: Hindcast, documented: dict[str, tuple[float, float]]
) -> None:
    assert set(FITTED_SERIES) <= set(documented)
    windows = found.windows()
    for name in FITTED_SERIES:
        for window, said in zip(("mape_fit", "mape_test"), documented[name], strict=True):
            error = windows[window][name]
            assert error is not None, name
            assert error <= said + ROOM, (name, window)


def test_exports_never_leave_without_a_licence(found: Hindcast) -> None:
    licences = found.run.tables["licences"]
    after = licences[licences["control"].str.startswith("cn-2025-18")]
    totals = after.groupby(["control", "destination", "end_use"])[["granted_t", "used_t"]].sum()
    assert (totals["used_t"] <= totals["granted_t"] * (1 + 1e-6) + 1e-6).all()


def test_the_trough_is_in_may_and_nothing_is_lost_before_the_controls(found: Hindcast) -> None:
    world = {p.month: p.modelled for p in found.points if p.series == "magnets-world"}
    assert min(world, key=lambda month: world[month]) == "2025-05"
    weeks = [w for regions in found.first_loss.values() for w in regions.values() if w]
    assert all(week >= "2025-04-07" for week in weeks)
