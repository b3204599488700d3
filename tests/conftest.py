"""What every test starts from."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs the tests in the background has them ignore Ctrl-C, and so would the
    # commands that they start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)

CACHE = "SUPPLYCHAIN_CACHE"
"""Where solved pasts are kept: a folder of this test run, shared by its worker processes."""
GIVEN = "TESTS_CACHE"
"""A folder for that which others use too and clear away; what is kept changes no result."""


LONGEST_FIRST = (
    "tests/shipped/test_bounds.py",
    "tests/cli/test_report_faults.py",
    "tests/shipped/test_scenarios.py",
    "tests/cli/test_ensemble.py",
    "tests/shipped/test_same_bytes.py",
    "tests/shipped/test_hindcast.py",
    "tests/report/test_browser.py",
    "tests/docs/test_python_page.py",
    "tests/shipped/test_lanes.py",
    "tests/cli/test_why.py",
    "tests/cli/test_band.py",
    "tests/cli/test_whole.py",
    "tests/ensemble/test_dask.py",
)
"""Files that take longest, `--durations` says which. The first two are begun side by side: only one
of them needs the solved past of the shipped data, for which another would wait."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests solve out of the user's own cache."""
    if GIVEN in os.environ:
        os.environ[CACHE] = os.environ[GIVEN]
    elif not hasattr(config, "workerinput"):
        os.environ[CACHE] = tempfile.mkdtemp(prefix="supplychain-tests-")
        config.add_cleanup(lambda: shutil.rmtree(Path(os.environ[CACHE]), ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no worker waits for one at the end."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


@pytest.fixture(autouse=True)
def _as_found() -> Iterator[None]:
    """A command sets up how it speaks for its whole process; here the next test is not its own."""
    logger = logging.getLogger("supplychain")
    handlers, level, propagate = logger.handlers, logger.level, logger.propagate
    yield
    logger.handlers, logger.propagate = handlers, propagate
    logger.setLevel(level)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Half a character in what a test printed or compared must not end the whole test run.

    Worker processes hand their reports over as UTF-8.
    """
    return _encodable((yield))


def _encodable(found: Any) -> Any:
    """The same tree; what UTF-8 cannot hold is written out, as `\\ud800`."""
    if isinstance(found, dict):
        return {_encodable(key): _encodable(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return type(found)(map(_encodable, found))
    return found.encode("utf-8", "backslashreplace").decode() if isinstance(found, str) else found
