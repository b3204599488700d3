"""Tables of a run for analysis: dates as dates, units as attributes, and grids for xarray."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from supplychain.optional_dependencies import XARRAY, need
from supplychain.runs.run_schema import ROW_UNIT, Run, table_attributes

if TYPE_CHECKING:
    import xarray

GRIDS: Mapping[str, tuple[str, ...]] = {
    "shortfall": ("segment", "region", "week"),
    "indicators": ("sector", "region"),
    "firms": ("segment", "region", "week"),
    "stocks": ("material", "region", "customer", "week"),
    "licences": ("control", "exporter", "destination", "end_use", "end_user", "week"),
    "production": ("line", "week"),
    "output": ("customer", "recipe", "week"),
    "recipes_used": ("segment", "region", "recipe", "week"),
    "cover_needed": ("segment", "region", "material", "week"),
}
"""Tables that are grids, with the columns that are their axes. Flows are not: most pairs of places
never trade."""


def typed_table(run: Run, name: str) -> pd.DataFrame:
    """A table of a run with dates as dates (no date: NaT); `attrs` has units, meanings and run."""
    table = run.tables[name]
    known = table_attributes(name, table, run.record)
    dates = {c: pd.to_datetime(table[c].replace("", None)) for c in known["dates"]}
    found = table.assign(**dates)
    found.attrs.update(known)
    return found


def grids_of(run: Run) -> xarray.DataTree:
    """The tables that are grids as a tree of datasets, ready for netCDF.

    Numbers and dates are variables with their `units` and `long_name`; a text that follows from one
    axis, as the sector of a segment, is a coordinate of it. What is not in a table is missing.

    Raises:
        InvalidInput: xarray is not installed.
    """
    need(XARRAY, "a run as grids")
    import xarray

    tables = {name: typed_table(run, name) for name in GRIDS if len(run.tables.get(name, ()))}
    facts = table_attributes("", pd.DataFrame(), run.record)
    kept = {key: facts[key] for key in ("run", "scenario", "data", "version")}
    datasets = {name: _grid(table, GRIDS[name]) for name, table in tables.items()}
    return xarray.DataTree.from_dict({"/": xarray.Dataset(attrs=kept), **datasets})


def _grid(table: pd.DataFrame, axes: Sequence[str]) -> xarray.Dataset:
    known = table.attrs
    table = table.drop(columns="scenario")
    indexed = table.set_index(list[Hashable](axes))
    kinds = {c: indexed[c].dtype.kind for c in indexed.columns}
    values = [column for column, kind in kinds.items() if kind in "fiM"]
    found = indexed[values].to_xarray()
    for column, axis in _follows(table, [c for c in kinds if c not in values], axes):
        words = table.drop_duplicates(axis).set_index(axis)[column]
        labels = [str(words[label]) for label in found[axis].to_index()]
        found = found.assign_coords({column: (axis, labels)})
    for column in found.variables:
        if column in known["meanings"]:
            found[column].attrs["long_name"] = known["meanings"][column]
        if known["units"].get(column) not in (None, "", ROW_UNIT):
            found[column].attrs["units"] = known["units"][column]
    return found.assign_attrs(description=known["description"])


def _follows(
    table: pd.DataFrame, texts: Sequence[str], axes: Sequence[str]
) -> list[tuple[str, str]]:
    """Each text beside the first axis on which it has one value a label; others are left out."""
    found: list[tuple[str, str]] = []
    for column in texts:
        for axis in axes:
            if axis != "week" and (table.groupby(axis)[column].nunique(dropna=False) == 1).all():
                found.append((column, axis))
                break
    return found


def as_attributes(names: Mapping[str, Any]) -> list[str]:
    """The names of tables that can be written after a dot."""
    return [name for name in names if name.isidentifier()]
