"""The tables of a page that are not behind a figure: losses, first stops, inputs, run facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from supplychain import formatting
from supplychain.report import uncertainty_band
from supplychain.report.figure import Cell, Table, date_cell, number_cell
from supplychain.report.loss_summary import lost_words, week_or_none
from supplychain.report.run_view import View, groups, text

HEAT_STEPS = 5
WEEKS = ("first_firm_week", "first_week", "worst_week")
"""Columns of the indicators that the table of losses shows as dates."""

BEFORE = "before the start"
"""What stands for the week of a stop that a solved past left."""


def first_stops(view: View) -> Table:
    """The week in which a line of each sector first stops, by region; earlier is darker.

    With a band the earliest and the latest week of its runs stand in brackets where they differ.
    """
    frame = view.indicators
    others = uncertainty_band.first_weeks(view)
    found = {
        (str(r["region"]), str(r["sector"])): week_or_none(r["first_week"])
        for r in frame.to_dict("records")
    }
    rows = []
    for region in view.regions:
        cells = [Cell(view.region(region), region=region)]
        for sector in view.sectors:
            if (region, sector) not in found:
                cells.append(Cell(""))
                continue
            weeks = others.get((region, sector), [])
            cells.append(stop_cell(view, found[region, sector], sector, region, weeks))
        rows.append(cells)
    note = (
        "In brackets: the earliest and the latest week in the runs of the band." if others else ""
    )
    return Table(("Region", *(view.sector(s) for s in view.sectors)), rows, note)


def stop_cell(view: View, week: str, sector: str, region: str, others: Sequence[str] = ()) -> Cell:
    """The cell of a first stop; `others` are those of the other runs of a band."""
    said = _stop(view, week) + _stop_range([week, *others])
    return Cell(said, False, _earliness(view, week), "", False, week, sector, region, week)


def _stop_range(weeks: Sequence[str]) -> str:
    """The earliest and the latest of several first weeks; no stop is the latest of all.

    >>> _stop_range(["2026-12-07", "", "2026-11-30"]), _stop_range(["2026-12-07", "2026-12-07"])
    (' (30 Nov 2026 to no stop)', '')
    """
    ordered = sorted(weeks, key=lambda week: (not week, week))
    if ordered[0] == ordered[-1]:
        return ""
    first, last = (formatting.short_day(week) or "no stop" for week in (ordered[0], ordered[-1]))
    return f" ({first} to {last})"


def _stop(view: View, week: str) -> str:
    """The date of a first stop and which week of the horizon it is; or that the past stopped it."""
    if view.past_from and week and week == view.weeks[0]:
        return BEFORE
    after = formatting.weeks_between(view.weeks[0], week) if week and view.weeks else None
    return "no stop" if after is None else f"{formatting.short_day(week)}, week {after + 1}"


def _earliness(view: View, week: str) -> int:
    """Shade of a first stop: the darkest in the first eighth of the horizon, none without stop."""
    after = formatting.weeks_between(view.weeks[0], week) if week and view.weeks else None
    if after is None:
        return 0
    part = after / max(1, len(view.weeks))
    return next((HEAT_STEPS - i for i, end in enumerate((0.125, 0.25, 0.5, 0.75)) if part < end), 1)


def losses(view: View) -> Table:
    """What each sector loses in each region, and when."""
    shortfall = view.table("shortfall")
    lost = shortfall[shortfall["lost"] > 0]
    outputs = {key: lost_words(rows) for key, rows in groups(lost, "sector", "region")}
    gone = {
        key: lost_words(rows, "lost_for_good") for key, rows in groups(lost, "sector", "region")
    }
    frame = view.indicators
    order = {s: i for i, s in enumerate(view.sectors)}
    records = [
        r
        for r in frame.to_dict("records")
        if r["lost_share"] >= formatting.NO_LOSS or week_or_none(r["first_week"])
    ]
    records.sort(key=lambda r: (order[str(r["sector"])], -r["lost_value_usd"], str(r["region"])))
    rows = [
        [
            Cell(view.sector(r["sector"])),
            Cell(view.region(r["region"])),
            number_cell(outputs.get((str(r["sector"]), str(r["region"])), "")),
            number_cell(formatting.share(float(r["lost_share"])), float(r["lost_share"])),
            number_cell(gone.get((str(r["sector"]), str(r["region"])), "")),
            number_cell(
                formatting.money(float(r["lost_value_usd"]), 3), float(r["lost_value_usd"])
            ),
            *(date_cell(week_or_none(r[key]), "none") for key in WEEKS),
            Cell(_recovered(r), value=week_or_none(r["recovered_week"])),
        ]
        for r in records
    ]
    heads = (
        "Sector",
        "Region",
        "Not made when planned",
        "Of plan",
        "Lost for good",
        "Value added lost",
        "First firm",
        "First stop",
        "Worst week",
        "Recovered",
    )
    least = formatting.share(formatting.NO_LOSS)
    note = f"Pairs of sector and region that lose less than {least} of plan and stop no line "
    csv = (*heads[:3], "Of plan, share", heads[4], "Value added lost, USD", *heads[6:])
    return Table(heads, rows, note=note + "are left out.", csv=csv, places=places_of(records))


def places_of(rows: Sequence[Mapping[Any, Any]]) -> tuple[tuple[str, str], ...]:
    """The sector and region of each row."""
    return tuple((str(row["sector"]), str(row["region"])) for row in rows)


def _recovered(row: Mapping[Any, Any]) -> str:
    if not week_or_none(row["first_week"]):
        return "none"
    return formatting.short_day(row["recovered_week"]) or "not by the end"


def _link(view: View, sources: object) -> tuple[str, str]:
    """Write source keys with their titles, and return the address of the first that has one."""
    names, address = [], ""
    for key in (part.strip() for part in text(sources).split(";")):
        row = view.sources.get(key, {})
        names.append(text(row.get("title")) or key)
        url = text(row.get("url"))
        if not address and url.startswith(("https://", "http://")):
            address = url
    return "; ".join(names), address


def source_cell(view: View, sources: object, titles: str = "") -> Cell:
    """A cell that names sources (by their titles if known) and links to the first."""
    names, address = _link(view, sources)
    return Cell(titles or names, link=address)


def _value(value: object) -> str:
    return formatting.number(float(value)) if isinstance(value, int | float) else text(value)


def assumptions(view: View) -> Table:
    """What the run assumes, with range, kind and source."""
    rows = [
        [
            Cell(text(r.get("assumption")).replace("_", " ")),
            number_cell(_value(r.get("value"))),
            Cell(text(r.get("unit"))),
            number_cell(_range(r.get("low"), r.get("high"))),
            Cell(text(r.get("kind"))),
            source_cell(view, r.get("source"), text(r.get("source_title"))),
            Cell(text(r.get("note"))),
        ]
        for r in records(view.record.get("assumptions"))
    ]
    return Table(("Assumption", "Value", "Unit", "Low to high", "Kind", "Source", "Note"), rows)


def _range(low: object, high: object) -> str:
    ends = [_value(low), _value(high)]
    return " to ".join(ends) if all(ends) else ""


def input_changes(view: View) -> Table:
    """What the scenario changes: old and new number, with reason and source."""
    return change_table(view, records(view.record.get("input_changes")))


def change_table(view: View, changes: Sequence[Mapping[str, Any]]) -> Table:
    """Changes of input as rows."""
    rows = [
        [
            Cell(text(r.get("what")).replace("_", " ")),
            Cell(text(r.get("where"))),
            Cell(_when(r.get("when"))),
            number_cell(_value(r.get("old"))),
            number_cell(_value(r.get("new"))),
            Cell(text(r.get("unit"))),
            Cell(text(r.get("why"))),
            source_cell(view, r.get("source")),
        ]
        for r in changes
    ]
    return Table(("What", "Where", "When", "Old", "New", "Unit", "Why", "Source"), rows)


def _when(value: object) -> str:
    """Write a date or a span of dates.

    >>> _when({"from": "2027-01-04", "to": "2027-02-01"}), _when("2027-01-04")
    ('4 Jan 2027 to 1 Feb 2027', '4 Jan 2027')
    """
    if isinstance(value, Mapping):
        ends = [_when(value.get(key)) for key in ("from", "to")]
        return " to ".join(end for end in ends if end) or text(value)
    return formatting.short_day(value) or text(value)


def data_changes(view: View) -> Table:
    """Rows that overlays changed in the data, with whatever the record keeps of each."""
    data = view.record.get("data", {})
    changes = records(data.get("changes"))
    columns = list(dict.fromkeys(str(key) for change in changes for key in change))
    rest = " are in the table data_changes."
    shown, note = formatting.the_first(changes, rest, data.get("changes_in_all", 0))
    rows = [[Cell(_value(change.get(column))) for column in columns] for change in shown]
    return Table(tuple(c.replace("_", " ").capitalize() for c in columns), rows, note)


def run_facts(view: View) -> Table:
    """How the run was made: data, versions, solver.

    What it took in time and memory stands in run.json alone: the same inputs give the same page.
    """
    record = view.record
    data = record.get("data", {})
    facts: list[tuple[str, object]] = [
        ("Run", record.get("id")),
        ("Scenario", f"{view.name}: {view.title}"),
        ("Extends", view.scenario.get("extends")),
        ("Horizon", f"{len(view.weeks)} weeks from {formatting.day(view.start)}"),
        ("Foresight", view.scenario.get("foresight")),
        ("Allocation", record.get("allocation")),
        ("Data", data.get("folder")),
        ("Data hash", data.get("hash")),
        ("Overlays", data.get("overlays")),
    ]
    facts += [(f"Version of {k}", v) for k, v in sorted(record.get("versions", {}).items())]
    facts += [(_solver_fact(k), v) for k, v in record.get("solver", {}).items()]
    rows = [[Cell(name), Cell(_fact(value))] for name, value in facts if _fact(value)]
    return Table(("Fact", "Value"), rows)


def origin_facts(records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Where the numbers of a page come from, for the files that are saved from it.

    Each fact is said once, those of several records one after the other. An ensemble has a key in
    place of a run. When it was made is read off the page's file: equal inputs give equal pages.
    """
    facts = [
        {
            "Run of": r.get("scenario", {}).get("name"),
            "Run id": r.get("id") or r.get("key"),
            "Data id": r.get("data", {}).get("hash"),
            "As of": (r.get("as_of") or {}).get("date"),
            "Version": r.get("versions", {}).get("supplychain"),
            "Source of numbers": "supplychain, modelled; for its data see the table sources",
        }
        for r in records
    ]
    names = dict.fromkeys(name for one in facts for name in one)
    found = {name: dict.fromkeys(str(one[name]) for one in facts if one[name]) for name in names}
    return {name: formatting.visible("; ".join(words)) for name, words in found.items() if words}


def _solver_fact(name: object) -> str:
    weeks = ", in weeks" if name == "periods" else ""
    return f"Solver: {_spaced(name)}{weeks}"


def _spaced(name: object) -> str:
    return str(name).replace("_", " ")


def _fact(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, Mapping):
        told = [(key, _fact(item)) for key, item in value.items()]
        return ", ".join(f"{_spaced(key)} {fact}" for key, fact in told if fact)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, list) and len(value) > 3 and all(isinstance(x, int) for x in value):
        return ", ".join(f"{len(list(same))} x {x}" for x, same in groupby(value))
    return text(value)


def checks(view: View) -> Table:
    """Balances and limits recomputed from the tables after solving."""
    rows = [
        [
            Cell(text(r.get("name")).replace("_", " ")),
            number_cell(_fact(r.get("residual"))),
            number_cell(_fact(r.get("tolerance"))),
            Cell("holds" if r.get("ok") else "DOES NOT HOLD", heat=0 if r.get("ok") else 5),
        ]
        for r in records(view.record.get("checks"))
    ]
    return Table(("Check", "Largest residual", "Tolerance", "Outcome"), rows)


def records(value: object) -> list[Mapping[str, Any]]:
    """Return the entries of a list in the record; none where there is no list."""
    return [r for r in value if isinstance(r, Mapping)] if isinstance(value, list | tuple) else []
