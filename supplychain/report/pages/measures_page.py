"""The page of measures: ranking, frontier, plan, and where each cost comes from."""

from __future__ import annotations

from pathlib import Path

from supplychain import formatting
from supplychain.dataset.schema_demand import SECTORS
from supplychain.report.figure import Cell, Table, number_cell
from supplychain.report.figures.measure_figures import frontier, points_table, ranking
from supplychain.report.measures_view import money_of, titles
from supplychain.report.pages.html_page import render
from supplychain.report.run_view import readable
from supplychain.scenario.measure_sets import Cost
from supplychain.scenario.scenario import Change
from supplychain.study.measure_ranking import Ranking

OF = {"USD": "", "USD/kg": "of goods", "price": "of the price", "price/week": "of the price a week"}
"""What a cost is a share of, or paid for, by its unit."""


def measures_page(found: Ranking) -> str:
    """Write the page as one HTML text."""
    scenario = found.asked.scenario
    return render(
        "measures.html.j2",
        [ranking(found), frontier(found)],
        scenario=scenario,
        weeks=scenario.weeks,
        start=formatting.day(scenario.start),
        plan=points_table(found.plan, found),
        costs=_costs(found),
        changes=_changes(found),
        unsolved=_unsolved(found),
    )


def _unsolved(found: Ranking) -> list[str]:
    """Which combinations have no answer, and why."""
    return [f"{titles(one.measures, found)}: {one.error}" for one in found.unsolved]


def _costs(found: Ranking) -> Table:
    rows = []
    for one in found.ranked:
        for place, cost in enumerate(one.measure.costs):
            rows.append(
                [
                    Cell(one.measure.title, repeat=place > 0),
                    number_cell(_words(cost)),
                    Cell(cost.kind),
                    Cell(cost.note),
                    Cell("; ".join(found.names.get(key, key) for key in cost.source.split(";"))),
                    number_cell("" if place else money_of(one.cost)),
                ]
            )
    return Table(("Measure", "Cost", "Known as", "How it was made", "Source", "In all"), rows)


def _words(cost: Cost) -> str:
    """A cost with its range, in its unit."""
    if cost.unit == "USD":
        return formatting.money_range(cost.low, cost.high)
    if cost.unit == "USD/kg":
        return f"{formatting.money_range(cost.low, cost.high)} per kg"
    ends = (formatting.share(cost.low), formatting.share(cost.high))
    return f"{ends[0]} to {ends[1]} {OF[cost.unit]}"


def _changes(found: Ranking) -> Table:
    rows = []
    for one in found.ranked:
        for place, change in enumerate(one.measure.changes):
            rows.append(
                [
                    Cell(one.measure.title, repeat=place > 0),
                    Cell(change.what.replace("_", " ")),
                    Cell(_where(change, found)),
                    number_cell(f"{formatting.number(change.value)} {change.unit}"),
                    Cell(_when(change)),
                    Cell(change.why),
                ]
            )
    return Table(("Measure", "Changes", "Where", "By", "When", "Why"), rows)


def _where(change: Change, found: Ranking) -> str:
    """The objects that a change reaches, by their names."""
    named = (
        found.names.get(word) or SECTORS.get(word) or readable(word) for _, word in change.where
    )
    return ", ".join(named)


def _when(change: Change) -> str:
    first, last = (formatting.day(day) if day else "" for day in (change.start, change.end))
    if not first and not last:
        return "from the start"
    return " ".join(part for part in (first and f"from {first}", last and f"to {last}") if part)


def write_measures_page(found: Ranking, path: Path) -> None:
    """Write the page to a file."""
    path.write_text(measures_page(found), encoding="utf-8", newline="\n")
