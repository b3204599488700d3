"""The page of a grid: one scenario with some of its numbers varied."""

from __future__ import annotations

from pathlib import Path

from supplychain import formatting
from supplychain.report.figure import Cell, Table, number_cell
from supplychain.report.figures.grid_figures import heat_maps, lines
from supplychain.report.grid_view import GridView
from supplychain.report.loss_summary import as_of_sentences
from supplychain.report.pages.html_page import render
from supplychain.study.grid import SolvedGrid


def binding_table(view: GridView) -> Table:
    """What each scenario of the grid loses in all, its first stop, and what binds there."""
    rows = [
        [
            Cell(view.words(spot)),
            number_cell(formatting.money(spot.lost_usd), spot.lost_usd),
            number_cell(formatting.money_range(*spot.ends) if spot.ends else ""),
            Cell(view.first_words(spot)),
            Cell(spot.binds),
        ]
        for spot in (view.base, *view.spots)
    ]
    heads = ("Scenario", "Value added lost", "Range", "First stop", "What binds")
    return Table(heads, rows, csv=("scenario", "lost_value_usd", "range", "first_stop", "binds"))


def grid_page(solved: SolvedGrid) -> str:
    """Write the page of a grid as one HTML text."""
    view = GridView(solved)
    both = len(view.axes) > 1 and not solved.grid.one_at_a_time
    figures = [heat_maps(view)] if both else [lines(view, axis) for axis in view.axes]
    return render(
        "grid.html.j2",
        figures,
        base=view.base.view,
        subjects=formatting.listing([axis.subject for axis in view.axes]),
        verdict=view.verdict(),
        points=[(view.words(spot), spot.view.name) for spot in view.spots],
        binding=binding_table(view),
        as_of=as_of_sentences(view.base.view.record),
        notes=list(dict.fromkeys(str(n) for n in view.base.view.record.get("notes", []))),
    )


def write_grid_page(solved: SolvedGrid, path: Path) -> None:
    """Write the page of a grid to a file."""
    path.write_text(grid_page(solved), encoding="utf-8", newline="\n")
