"""What a notebook shows: a run, a comparison and an ensemble with their figures and tables."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from supplychain.errors import nearest
from supplychain.optional_dependencies import XARRAY, need
from supplychain.runs.run_schema import ROW_UNIT, Run, table_attributes
from supplychain.study.comparison import Comparison

if TYPE_CHECKING:
    import xarray

    from supplychain.report.ensemble_view import EnsembleView
    from supplychain.report.plotly_figure import PlotlyFigure
    from supplychain.report.run_view import View

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


@dataclass(frozen=True)
class NotebookRun(Run):
    """A run that shows itself as a card; each table is an attribute, as `run.shortfall`."""

    @cached_property
    def _view(self) -> View:
        from supplychain.report.run_view import View

        return View(self)

    def _repr_html_(self) -> str:
        from supplychain.report.pages.run_page import run_card

        return run_card(self._view)

    def __getattr__(self, name: str) -> pd.DataFrame:
        """A table with dates as dates; units and meanings are in its `attrs`.

        Raises:
            AttributeError: the run has no such table.
        """
        tables: Mapping[str, pd.DataFrame] = self.__dict__.get("tables", {})
        if name not in tables:
            hint = "" if name.startswith("_") else nearest(name, tables)
            raise AttributeError(f'A run has no "{name}". {hint}'.strip())
        return typed_table(self, name)

    def __dir__(self) -> list[str]:
        return sorted([*super().__dir__(), *self.tables])

    def figure(self, name: str, *, chart: int | str = 0, **picks: str) -> PlotlyFigure:
        """A figure of the run's page, as `run.figure("cover", region="EUR")`.

        Args:
            name: the figure's id; the card lists them.
            chart: which chart of the figure, by place or heading.
            picks: sector, region and the figure's own choices, by code or name.

        Raises:
            NothingMatched: there is no such figure or choice, or nothing is drawn for it.
        """
        from supplychain.report.pages.run_page import run_figures
        from supplychain.report.plotly_figure import figure_named, plotly_figure

        found = figure_named(name, run_figures(self._view))
        return plotly_figure(found, self._view, picks, chart)

    def to_xarray(self) -> xarray.DataTree:
        """The tables that are grids as a tree of datasets; its `to_netcdf` writes one file.

        Raises:
            InvalidInput: xarray is not installed.
        """
        return grids_of(self)


def shown(run: Run) -> NotebookRun:
    """A run that shows itself."""
    return NotebookRun(run.record, run.tables, run.folder)


@dataclass(frozen=True)
class NotebookComparison(Comparison):
    """Runs beside a base, as a card; `sectors` and `inputs` are its tables."""

    @cached_property
    def _views(self) -> tuple[View, list[View]]:
        from supplychain.report.run_view import View

        return View(self.base), [View(other) for other in self.others]

    def _repr_html_(self) -> str:
        from supplychain.report.pages.compare_page import compare_card

        return compare_card(*self._views)

    def figure(self, name: str, *, chart: int | str = 0, **picks: str) -> PlotlyFigure:
        """A figure of the comparison's page; arguments and errors as of `NotebookRun.figure`."""
        from supplychain.report.pages.compare_page import compare_figures
        from supplychain.report.plotly_figure import figure_named, plotly_figure

        base, others = self._views
        found = figure_named(name, compare_figures(base, others))
        return plotly_figure(found, base, picks, chart)


@dataclass(frozen=True)
class NotebookEnsemble:
    """A summed-up ensemble, as a card; `record` is what ensemble.json holds."""

    record: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    folder: Path

    @cached_property
    def _view(self) -> EnsembleView:
        from supplychain.report.ensemble_view import of

        return of(self.record, self.tables)

    def _repr_html_(self) -> str:
        from supplychain.report.pages.ensemble_page import ensemble_card

        return ensemble_card(self._view)

    def figure(self, name: str, *, chart: int | str = 0, **picks: str) -> PlotlyFigure:
        """A figure of the ensemble's page; arguments and errors as of `NotebookRun.figure`."""
        from supplychain.report.pages.ensemble_page import ensemble_figures
        from supplychain.report.plotly_figure import figure_named, plotly_figure

        found = figure_named(name, ensemble_figures(self._view))
        return plotly_figure(found, self._view, picks, chart)
