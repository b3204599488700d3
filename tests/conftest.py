"""What every test starts from."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs the tests in the background has them ignore Ctrl-C, and so would the
    # commands that they start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)

CACHE = "SUPPLYCHAIN_CACHE"
"""Where solved pasts are kept: a folder of this test run, shared by its worker processes."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests solve out of the user's own cache."""
    if not hasattr(config, "workerinput"):
        os.environ[CACHE] = tempfile.mkdtemp(prefix="supplychain-tests-")
        config.add_cleanup(lambda: shutil.rmtree(Path(os.environ[CACHE]), ignore_errors=True))
