"""What a notebook shows: a run, a comparison and an ensemble with their figures and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from supplychain.errors import nearest
from supplychain.notebook.typed_tables import as_attributes, grids_of, typed_table
from supplychain.runs.run_schema import Run
from supplychain.study.comparison import Comparison

if TYPE_CHECKING:
    import xarray

    from supplychain.report.ensemble_view import EnsembleView
    from supplychain.report.plotly_figure import PlotlyFigure
    from supplychain.report.run_view import View


@dataclass(frozen=True)
class NotebookRun(Run):
    """A run that shows itself as a card; each table is an attribute, as `run.shortfall`."""

    @cached_property
    def _view(self) -> View:
        from supplychain.report.run_view import View

        return View(self)

    def _repr_html_(self) -> str:
        from supplychain.report.pages.card import run_card

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
        return sorted([*super().__dir__(), *as_attributes(self.tables)])

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
        from supplychain.report.pages.card import compare_card

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
        from supplychain.report.pages.card import ensemble_card

        return ensemble_card(self._view)

    def figure(self, name: str, *, chart: int | str = 0, **picks: str) -> PlotlyFigure:
        """A figure of the ensemble's page; arguments and errors as of `NotebookRun.figure`."""
        from supplychain.report.pages.ensemble_page import ensemble_figures
        from supplychain.report.plotly_figure import figure_named, plotly_figure

        found = figure_named(name, ensemble_figures(self._view))
        return plotly_figure(found, self._view, picks, chart)
