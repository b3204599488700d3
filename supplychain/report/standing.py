"""The page of a report that makes itself: what changed opens it, then what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from supplychain.report import figures_compare, moved, tables, words
from supplychain.report.compare import differences, sector_table, summary
from supplychain.report.figure import Figure, Table
from supplychain.report.figures_flows import flows
from supplychain.report.figures_help import what_helps
from supplychain.report.figures_licences import licences
from supplychain.report.figures_loss import loss_by_place, loss_map
from supplychain.report.figures_stock import cover
from supplychain.report.figures_timelines import timelines
from supplychain.report.figures_values import marginal_values
from supplychain.report.page import render
from supplychain.report.view import RunLike, View

Titles = Mapping[str, tuple[str, str]]
"""Title and address of each source."""


@dataclass(frozen=True)
class Block:
    """One section of the page: a figure, or tables with a heading each (blank: none)."""

    id: str
    title: str
    takeaway: str = ""
    figure: Figure | None = None
    tables: Sequence[tuple[str, Table]] = ()
    folded: bool = False


OF_ALL: Mapping[str, Callable[[View, Sequence[View]], Figure]] = {
    "difference-map": figures_compare.difference_map,
    "loss-by-week": lambda base, others: figures_compare.loss_by_week([base, *others]),
    "timelines": lambda base, others: timelines([base, *others]),
}
"""Figures of all scenarios."""

OF_ONE: Mapping[str, Callable[[View], Figure]] = {
    "loss-map": loss_map,
    "loss-by-place": loss_by_place,
    "flows": flows,
    "cover": cover,
    "licences": licences,
    "marginal-values": marginal_values,
    "what-helps": what_helps,
}
"""Figures of the scenario in focus."""


def standing_page(
    record: Mapping[str, Any], runs: Sequence[RunLike], sections: Sequence[str], titles: Titles
) -> str:
    """Write the page of a report as one HTML text.

    Args:
        record: what report.json holds.
        runs: the runs of its scenarios.
        sections: what is shown below what changed, in this order.
        titles: title and address of each source, for the inputs that differ.
    """
    views = {view.name: view for view in map(View, runs)}
    base = views[record["base"]]
    others = [view for view in views.values() if view is not base]
    focus = views[record["focus"]]
    blocks = [_block(name, base, others, focus) for name in sections]
    return render(
        "standing.html.j2",
        [block.figure for block in blocks if block.figure],
        record=record,
        day=words.day(record["date"]),
        summary=summary(base, others),
        views=list(views.values()),
        base=base,
        since=moved.since_words(record),
        alerts=record["alerts"],
        inputs=moved.input_table(record["changed"]["inputs"], titles),
        results=moved.result_table(record["changed"]["results"], base),
        blocks=blocks,
        notes=list(
            dict.fromkeys(str(n) for v in views.values() for n in v.record.get("notes", []))
        ),
        facts=moved.facts(record),
    )


def _block(name: str, base: View, others: Sequence[View], focus: View) -> Block:
    views = [base, *others]
    if name in OF_ALL:
        figure = OF_ALL[name](base, others)
        return Block(name, figure.title, figure=figure)
    if name in OF_ONE:
        figure = OF_ONE[name](focus)
        return Block(name, figure.title, f"Scenario {focus.name}.", figure=figure)
    if name == "sectors":
        beside = f"Differences are against {base.name}." if others else ""
        return Block(name, "Sector by sector", beside, tables=[("", sector_table(base, others))])
    if name == "first-stops":
        takeaway = (
            "The week in which a sector first loses over 2 % of its plan. Weeks count from the "
            "start of the horizon. The darker, the earlier. Blank: no customers there."
        )
        shown = [(view.name, _still(tables.first_stops(view))) for view in views]
        return Block(name, "First stops", takeaway, tables=shown)
    if name == "differences":
        shown = [(f"From {base.name} to {n}", table) for n, table in differences(base, others)]
        return Block(name, "Inputs in which the scenarios differ", tables=shown)
    rows = tables.assumptions(base)
    return Block(name, "What the model assumes", tables=[("", rows)], folded=True)


def _still(table: Table) -> Table:
    """A table whose cells pick nothing: this page shows all sectors and regions throughout."""
    rows = [[replace(cell, sector="", region="", week="") for cell in row] for row in table.rows]
    return replace(table, rows=rows)


def write_standing_page(
    record: Mapping[str, Any],
    runs: Sequence[RunLike],
    sections: Sequence[str],
    titles: Titles,
    path: Path,
) -> None:
    """Write the page of a report to a file."""
    text = standing_page(record, runs, sections, titles)
    path.write_text(text, encoding="utf-8", newline="\n")
