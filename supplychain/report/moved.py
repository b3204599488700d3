"""What changed since the last report, as tables of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from supplychain.report import words
from supplychain.report.figure import Cell, Table, number_cell
from supplychain.report.view import WORLD, View

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


def since_words(record: Row) -> str:
    """Say what the report is compared with."""
    since = record["changed"]["since"]
    if since is None:
        return "This is the first report of its kind. The next one says here what changed."
    return f"Compared with the report of {words.day(since['date'])} (number {since['number']})."


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
    named = f" ({words.listing(row['scenarios'])})" if row["scenarios"] else ""
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


def told(row: Row) -> tuple[str, str, str, str]:
    """A result that moved in words: measure, old, new, by how much."""
    measure, old, new, gap = (row[name] for name in ("measure", "old", "new", "moved"))
    if measure == "first_week":
        weeks = [words.short_day(week) or "no stop" for week in (old, new)]
        return "First week over 2 %", weeks[0], weeks[1], _weeks(gap, new)
    if measure == "lost_share":
        return "Of plan lost", words.share(old), words.share(new), words.points(gap)
    return "Value added lost", words.money(old, 3), words.money(new, 3), words.signed_money(gap)


def _weeks(moved: float | None, new: str | None) -> str:
    if moved is None:
        return "now stops" if new else "no stop any more"
    unit = "week" if abs(moved) == 1 else "weeks"
    return f"{abs(moved):g} {unit} {'later' if moved > 0 else 'earlier'}"


def facts(record: Row) -> Table:
    """How the report was made: runs, data, tolerances, versions."""
    limits = record["settings"]["changed"]
    weeks = "1 week" if limits["first_week_weeks"] == 1 else f"{limits['first_week_weeks']} weeks"
    tolerated = (
        f"value up to {words.money(limits['lost_value_usd'], 3)}, share of plan up to "
        f"{words.share(limits['lost_share'])}, first week by less than {weeks}"
    )
    rows = [("Report", f"{record['definition']}, number {record['number']}")]
    rows += [(f"Run of {run['scenario']}", run["id"]) for run in record["runs"]]
    rows += [("Data", record["data"]["folder"]), ("Data hash", record["data"]["hash"])]
    if record["data"]["overlays"]:
        rows.append(("Overlays", ", ".join(record["data"]["overlays"])))
    rows.append(("Not counted as moved", tolerated))
    rows += [(f"Version of {name}", found) for name, found in sorted(record["versions"].items())]
    return Table(("Fact", "Value"), [[Cell(name), Cell(value)] for name, value in rows])
