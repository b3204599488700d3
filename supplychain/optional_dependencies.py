"""Libraries that not every installation has, and what to do where one is missing."""

from __future__ import annotations

import importlib.util

from supplychain.errors import InvalidInput, problem

WRITER, READER, SENSITIVITY, DASK = "xlsxwriter", "openpyxl", "SALib", "distributed"
XARRAY = "xarray"
_PACKAGES = {
    WRITER: ("XlsxWriter", "XlsxWriter"),
    READER: ("openpyxl", "openpyxl"),
    SENSITIVITY: ("SALib", '"supplychain[sensitivity]"'),
    XARRAY: ("xarray", '"supplychain[netcdf]"'),
    DASK: ("dask.distributed", '"supplychain[dask]"'),
}
"""Module to the name of its package and to what pip is to install."""


def has(module: str) -> bool:
    """Whether a library is installed."""
    return importlib.util.find_spec(module) is not None


def need(module: str, what: str) -> None:
    """Make sure that a library is there before anything is done with it.

    Raises:
        InvalidInput: it is not installed; the remedy is the line to install it.
    """
    if not has(module):
        package, wanted = _PACKAGES[module]
        message = f"{package} is not installed; {what} needs it."
        found = problem("SETUP-201", message, hint=f"pip install {wanted}")
        raise InvalidInput(message, [found])
