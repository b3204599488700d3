"""The front page of a results folder: every report definition, its days, and its headline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from supplychain.report import inline, words
from supplychain.report.figure import Cell, Table, date_cell, number_cell
from supplychain.report.page import environment
from supplychain.report.small_chart import Key, Points, keys_of, small_chart
from supplychain.report.view import SECTOR_NAMES

SHOWN = 8
"""So many reports of the past stand on the page; the others open on a click."""

FORMS = {".html": "Page", ".md": "Brief", ".pdf": "PDF", ".xlsx": "Workbook"}
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Shelf:
    """The reports of one definition in the order in which they were made.

    `records` hold what their report.json say, `places` their folders relative to the page.
    `damaged` are folders that hold no report that can be read.
    """

    name: str
    records: Sequence[Record]
    places: Sequence[str]
    damaged: Sequence[str] = ()

    @property
    def newest(self) -> Record:
        """What `latest/` shows: the last report made that is not one of a day gone by."""
        made = [record for record in self.records if not record["backfill"]]
        return (made or self.records)[-1]

    @property
    def before(self) -> Record | None:
        """The report that the newest is compared with, if it is still there."""
        since = self.newest["changed"]["since"]
        wanted = since["number"] if since else None
        return next((record for record in self.records if record["number"] == wanted), None)

    @property
    def by_day(self) -> list[tuple[Record, str]]:
        """The reports with their folders in the order of their days."""
        pairs = zip(self.records, self.places, strict=True)
        return sorted(pairs, key=lambda pair: (pair[0]["date"], pair[0]["number"]))


@dataclass(frozen=True)
class Part:
    """What the page shows of a definition."""

    name: str
    title: str
    day: str
    sentence: str
    alerts: Sequence[Record]
    links: Sequence[tuple[str, str]]
    headline: Table
    chart: str
    keys: Sequence[Key]
    past: Table
    older: Table
    damaged: Sequence[str]


def front_page(shelves: Sequence[Shelf]) -> str:
    """Write the front page as one HTML text; the definition with the newest report comes first."""
    filled = [shelf for shelf in shelves if shelf.records]
    newest_first = sorted(filled, key=lambda s: (s.newest["written"], s.name), reverse=True)
    parts = [part_of(shelf) for shelf in newest_first]
    return (
        environment()
        .get_template("front.html.j2")
        .render(
            style=inline.static("report.css"),
            parts_shown=parts,
            summary=summary(newest_first),
        )
    )


def summary(shelves: Sequence[Shelf]) -> str:
    """How many definitions there are, what is newest, and whether somebody is called for."""
    if not shelves:
        return "There is no report yet."
    newest = shelves[0].newest
    many = f"{len(shelves)} report definition{'' if len(shelves) == 1 else 's'}"
    alerts = sum(len(shelf.newest["alerts"]) for shelf in shelves)
    called = {0: "No alert", 1: "1 alert"}.get(alerts, f"{alerts} alerts")
    said = f"{many}; the newest report is {newest['title']} of {words.day(newest['date'])}."
    return f"{said} {called} in the newest report{'' if len(shelves) == 1 else 's'}."


def part_of(shelf: Shelf) -> Part:
    """What the page shows of a definition that has a report."""
    last = shelf.newest
    series = series_of(shelf)
    rows = _past_rows(shelf, list(series))
    return Part(
        name=shelf.name,
        title=str(last["title"]),
        day=words.day(last["date"]),
        sentence=str(last["sentence"]),
        alerts=last["alerts"],
        links=_links(last, f"{shelf.name}/latest"),
        headline=headline_table(shelf),
        chart=small_chart(series),
        keys=keys_of(series),
        past=Table(_past_heads(series), rows[:SHOWN]),
        older=Table(_past_heads(series), rows[SHOWN:]),
        damaged=shelf.damaged,
    )


def total(losses: Record) -> float:
    """The value added lost in all sectors, USD."""
    return sum(float(sector["lost_value_usd"] or 0.0) for sector in losses.values())


def series_of(shelf: Shelf) -> dict[str, Points]:
    """What each scenario of the newest report loses, report by report in the order of days."""
    found: dict[str, dict[date, float]] = {name: {} for name in shelf.newest["headline"]}
    for record, _ in shelf.by_day:
        for name, losses in record["headline"].items():
            if name in found:
                found[name][date.fromisoformat(record["date"])] = total(losses)
    return {name: list(points.items()) for name, points in found.items()}


def headline_table(shelf: Shelf) -> Table:
    """The newest headline: what each scenario loses, more or less than before, where most."""
    before = shelf.before["headline"] if shelf.before else {}
    rows = [
        _headline_row(name, losses, before.get(name))
        for name, losses in shelf.newest["headline"].items()
    ]
    heads = ("Scenario", "Value added lost", "Since the last report", "Most of it", "First stop")
    return Table(heads, rows)


def _headline_row(name: str, losses: Record, before: Record | None) -> list[Cell]:
    usd = total(losses)
    moved = "" if before is None else words.signed_money(usd - total(before))
    worst = max(losses, key=lambda s: float(losses[s]["lost_value_usd"] or 0.0), default="")
    stops = sorted((s["first_week"], sector) for sector, s in losses.items() if s["first_week"])
    first = f"{_sector(stops[0][1])}, {words.short_day(stops[0][0])}" if stops else "none"
    return [
        Cell(name),
        number_cell(words.money(usd, 3), usd),
        number_cell(moved),
        Cell(_worst(worst, losses) if usd else "nothing is lost"),
        Cell(first),
    ]


def _worst(sector: str, losses: Record) -> str:
    return f"{_sector(sector)}: {words.share(losses[sector]['lost_share'])} of plan"


def _sector(name: str) -> str:
    return SECTOR_NAMES.get(name, name)


def _past_heads(series: Mapping[str, Points]) -> tuple[str, ...]:
    return ("Report", "What changed", "Alerts", *(f"{name}, lost" for name in series))


def _past_rows(shelf: Shelf, scenarios: Sequence[str]) -> list[list[Cell]]:
    """The reports, the newest first."""
    rows = []
    for record, place in reversed(shelf.by_day):
        page = _page(record)
        day = date_cell(record["date"])
        link = f"{place}/{page}" if page else ""
        rows.append(
            [
                Cell(f"{day.text}{_again(place)}", link=link, value=day.value),
                Cell(str(record["sentence"])),
                number_cell(str(len(record["alerts"]) or "")),
                *(_lost(record, name) for name in scenarios),
            ]
        )
    return rows


def _again(place: str) -> str:
    """Which of several reports of one day this is, after the folder's name.

    >>> _again("weekly/2026-11-23"), _again("weekly/2026-11-23-2")
    ('', ' (2)')
    """
    ending = place.rsplit("/", 1)[-1][len("2026-11-23") :]
    return f" ({ending[1:]})" if ending else ""


def _lost(record: Record, scenario: str) -> Cell:
    if scenario not in record["headline"]:
        return number_cell("")
    usd = total(record["headline"][scenario])
    return number_cell(words.money(usd, 3), usd)


def _page(record: Record) -> str:
    """The file that a reader opens: the page, or the brief."""
    files = record["files"]
    return next((name for name in ("report.html", "brief.md") if name in files), "")


def _links(record: Record, place: str) -> list[tuple[str, str]]:
    """The forms of a report that a reader opens: words and address."""
    found = []
    for ending, word in FORMS.items():
        for name in record["files"]:
            stem, dot, rest = name.rpartition(".")
            if dot + rest == ending and "/" not in name:
                about = f" {stem}" if ending == ".xlsx" else ""
                found.append((f"{word}{about}", f"{place}/{name}"))
    return found
