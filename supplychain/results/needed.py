"""Libraries that not every installation has, and what to do where one is missing."""

from __future__ import annotations

import importlib.util

from supplychain.errors import InvalidInput, problem

WRITER, READER, SENSITIVITY = "xlsxwriter", "openpyxl", "SALib"
_PACKAGES = {
    WRITER: ("XlsxWriter", "XlsxWriter"),
    READER: ("openpyxl", "openpyxl"),
    SENSITIVITY: ("SALib", '"supplychain[sensitivity]"'),
}
"""Module to the name of its package and to what pip is to install."""


def need(module: str, what: str) -> None:
    """Make sure that a library is there before anything is done with it.

    Raises:
        InvalidInput: it is not installed; the remedy is the line to install it.
    """
    if importlib.util.find_spec(module) is None:
        package, wanted = _PACKAGES[module]
        message = f"{package} is not installed; {what} needs it."
        found = problem("SETUP-201", message, hint=f"pip install {wanted}")
        raise InvalidInput(message, [found])
