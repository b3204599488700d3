"""The page of a scheduled report, with what changed since the last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from supplychain import formatting
from supplychain.report import page_tables
from supplychain.report.figure import Cell, Figure, Table, number_cell
from supplychain.report.figures import comparison_figures
from supplychain.report.figures.avoided_figures import avoided
from supplychain.report.figures.cover_figure import cover
from supplychain.report.figures.firm_figures import cover_needed, firms_standing
from supplychain.report.figures.flow_figure import flows
from supplychain.report.figures.licence_figure import licences
from supplychain.report.figures.loss_figures import loss_by_place, loss_map
from supplychain.report.figures.marginal_value_figures import marginal_values
from supplychain.report.figures.measure_figures import what_helps
from supplychain.report.figures.timeline_figures import timelines
from supplychain.report.loss_summary import as_of_sentences, told
from supplychain.report.pages.compare_page import differences, sector_table, summary
from supplychain.report.pages.html_page import render
from supplychain.report.run_view import RunLike, View
from supplychain.runs.run_schema import WORLD

Titles = Mapping[str, tuple[str, str]]
"""Title and address of each source."""

MOST = 200
"""So many rows of a table stand on the page; brief.json has them all."""

Row = Mapping[str, Any]
KINDS = {
    "data": "Data",
    "event": "Event",
    "parameter": "Parameter",
    "scenario": "Scenario",
    "definition": "This report",
    "version": "Program",
}


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
    "difference-map": comparison_figures.difference_map,
    "loss-by-week": lambda base, others: comparison_figures.loss_by_week([base, *others]),
    "timelines": lambda base, others: timelines([base, *others]),
}
"""Figures of all scenarios."""

OF_ONE: Mapping[str, Callable[[View], Figure]] = {
    "loss-map": loss_map,
    "loss-by-place": loss_by_place,
    "firms": firms_standing,
    "cover-needed": cover_needed,
    "avoided": avoided,
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
        origin=page_tables.origin_facts([view.record for view in views.values()]),
        day=formatting.day(record["date"]),
        summary=summary(base, others),
        as_of=as_of_sentences(base.record),
        views=list(views.values()),
        base=base,
        since=since_words(record),
        alerts=record["alerts"],
        inputs=input_table(record["changed"]["inputs"], titles),
        results=result_table(record["changed"]["results"], base),
        calendar=result_table(record["changed"].get("calendar", ()), base),
        blocks=blocks,
        notes=list(
            dict.fromkeys(str(n) for v in views.values() for n in v.record.get("notes", []))
        ),
        facts=facts(record),
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
            f"{base.stop_words.capitalize()}. Weeks count from the start of the horizon. The "
            "darker, the earlier. Blank: no customers there."
        )
        shown = [(view.name, _still(page_tables.first_stops(view))) for view in views]
        return Block(name, "First stops", takeaway, tables=shown)
    if name == "differences":
        shown = [(f"From {base.name} to {n}", table) for n, table in differences(base, others)]
        return Block(name, "Inputs in which the scenarios differ", tables=shown)
    rows = page_tables.assumptions(base)
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


def since_words(record: Row) -> str:
    """Say what the report is compared with."""
    since = record["changed"]["since"]
    if since is None:
        return "This is the first report of its kind. The next one says here what changed."
    return (
        f"Compared with the report of {formatting.day(since['date'])} (number {since['number']})."
    )


def input_table(rows: Sequence[Row], titles: Mapping[str, tuple[str, str]]) -> Table:
    """The inputs that differ: old, new, why and source."""
    cells = [
        [
            Cell(_what(row)),
            Cell(row["old"]),
            Cell(row["new"]),
            Cell(KINDS[row["kind"]]),
            Cell(row["why"]),
            _source(row["source"], titles),
        ]
        for row in rows[:MOST]
    ]
    heads = ("What", "Old", "New", "Kind", "Why", "Source")
    return Table(heads, cells, note=_more(rows))


def _what(row: Row) -> str:
    named = f" ({formatting.listing(row['scenarios'])})" if row["scenarios"] else ""
    return f"{row['what']}{named}"


def _source(keys: str, titles: Mapping[str, tuple[str, str]]) -> Cell:
    """The titles of sources, with the address of the first that has one."""
    named = [titles.get(key.strip(), (key.strip(), "")) for key in keys.split(";")]
    urls = [url for _, url in named if url.startswith(("https://", "http://"))]
    return Cell("; ".join(title for title, _ in named), link=urls[0] if urls else "")


def _more(rows: Sequence[Row]) -> str:
    left = len(rows) - MOST
    return f"And {left:,} more; brief.json has them all." if left > 0 else ""


def result_table(rows: Sequence[Row], view: View) -> Table:
    """The results that moved by more than is tolerated."""
    cells = [
        [
            Cell(_place(row, view)),
            Cell(told(row)[0]),
            *(number_cell(text) for text in told(row)[1:]),
            Cell(row["scenario"]),
        ]
        for row in rows[:MOST]
    ]
    heads = ("Sector, region", "Result", "Old", "New", "Moved by", "Scenario")
    return Table(heads, cells, note=_more(rows))


def _place(row: Row, view: View) -> str:
    region = "all regions" if row["region"] == WORLD else view.region(row["region"])
    return f"{view.sector(row['sector'])}, {region}"


def facts(record: Row) -> Table:
    """How the report was made: runs, data, tolerances, versions."""
    limits = record["settings"]["changed"]
    weeks = "1 week" if limits["first_week_weeks"] == 1 else f"{limits['first_week_weeks']} weeks"
    tolerated = (
        f"value up to {formatting.money(limits['lost_value_usd'], 3)}, share of plan up to "
        f"{formatting.share(limits['lost_share'])}, first week by less than {weeks}"
    )
    rows = [("Report", f"{record['definition']}, number {record['number']}")]
    rows += [(f"Run of {run['scenario']}", run["id"]) for run in record["runs"]]
    rows += [("Data", record["data"]["folder"]), ("Data hash", record["data"]["hash"])]
    if record["data"]["overlays"]:
        rows.append(("Overlays", ", ".join(record["data"]["overlays"])))
    rows.append(("Not counted as moved", tolerated))
    rows += [(f"Version of {name}", found) for name, found in sorted(record["versions"].items())]
    return Table(("Fact", "Value"), [[Cell(name), Cell(value)] for name, value in rows])
