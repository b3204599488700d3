"""The two libraries for workbooks, and what to do where one is missing."""

from __future__ import annotations

import importlib.util

from supplychain.errors import InvalidInput, problem

WRITER, READER = "xlsxwriter", "openpyxl"
_PACKAGES = {WRITER: "XlsxWriter", READER: "openpyxl"}


def need(module: str, what: str) -> None:
    """Make sure that a library is there before anything is done with it.

    Raises:
        InvalidInput: it is not installed; the remedy names the package.
    """
    if importlib.util.find_spec(module) is None:
        package = _PACKAGES[module]
        message = f"{package} is not installed; {what} needs it."
        found = problem("SETUP-201", message, hint=f"pip install {package}")
        raise InvalidInput(message, [found])
