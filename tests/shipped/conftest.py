"""Runs of the shipped scenarios on the shipped data, each solved once for a whole test run."""

from __future__ import annotations

import os

import pytest

from tests.shipped.solved import Solved


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Solved:
    """Workers of one test run share a folder: what one has solved, the others read."""
    base = tmp_path_factory.getbasetemp()
    together = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return Solved(together / "shipped-runs")
