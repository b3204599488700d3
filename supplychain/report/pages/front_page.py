"""The front page of a results folder: the reports, newest first, with small charts."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from supplychain import formatting
from supplychain.dataset.schema_demand import SECTORS
from supplychain.report.figure import SERIES_COLOURS, Cell, Table, date_cell, number_cell
from supplychain.report.pages import html_page
from supplychain.report.pages.html_page import environment

SHOWN = 8
"""So many reports of the past stand on the page; the others open on a click."""

FORMS = {".html": "Page", ".md": "Brief", ".pdf": "PDF", ".xlsx": "Workbook"}
Record = Mapping[str, Any]

WIDTH, HEIGHT = 340.0, 170.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 22.0, 24.0
DASHES = ("", "6 3", "2 3", "8 3 2 3", "10 4", "12 3 2 3", "")
BILLION = 1e9

Points = Sequence[tuple[date, float]]
"""Day of a report, and the value added lost in USD."""


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
            style=html_page.static("report.css"),
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
    said = f"{many}; the newest report is {newest['title']} of {formatting.day(newest['date'])}."
    return f"{said} {called} in the newest report{'' if len(shelves) == 1 else 's'}."


def part_of(shelf: Shelf) -> Part:
    """What the page shows of a definition that has a report."""
    last = shelf.newest
    series = series_of(shelf)
    rows = _past_rows(shelf, list(series))
    return Part(
        name=shelf.name,
        title=str(last["title"]),
        day=formatting.day(last["date"]),
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
    moved = "" if before is None else formatting.signed_money(usd - total(before))
    worst = max(losses, key=lambda s: float(losses[s]["lost_value_usd"] or 0.0), default="")
    stops = sorted((s["first_week"], sector) for sector, s in losses.items() if s["first_week"])
    first = f"{_sector(stops[0][1])}, {formatting.short_day(stops[0][0])}" if stops else "none"
    return [
        Cell(name),
        number_cell(formatting.money(usd, 3), usd),
        number_cell(moved),
        Cell(_worst(worst, losses) if usd else "nothing is lost"),
        Cell(first),
    ]


def _worst(sector: str, losses: Record) -> str:
    return f"{_sector(sector)}: {formatting.share(losses[sector]['lost_share'])} of plan"


def _sector(name: str) -> str:
    return SECTORS.get(name, name)


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
    return number_cell(formatting.money(usd, 3), usd)


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


@dataclass(frozen=True)
class Key:
    """One line of the chart in the legend: its name, its last value and a piece of the line."""

    name: str
    value: str
    sample: str


def small_chart(series: Mapping[str, Points]) -> str:
    """Draw lines over days, USD on the vertical axis from zero; empty if there is nothing."""
    drawn = {name: points for name, points in series.items() if points}
    if not drawn:
        return ""
    days = sorted({day for points in drawn.values() for day, _ in points})
    top = _round_up(max(abs(usd) for points in drawn.values() for _, usd in points))
    lines = "".join(
        _line(i, points, days, top) for i, (name, points) in enumerate(series.items()) if points
    )
    return (
        f'<svg class="small" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" '
        f'height="{HEIGHT:g}" role="img" aria-label="{html.escape(spoken(drawn))}">'
        f"{''.join(_axes(days, top))}{lines}</svg>"
    )


def keys_of(series: Mapping[str, Points]) -> list[Key]:
    """The legend: each scenario with its last value."""
    return [
        Key(name, formatting.money(points[-1][1], 3), _sample(i))
        for i, (name, points) in enumerate(series.items())
        if points
    ]


def spoken(series: Mapping[str, Points]) -> str:
    """What the chart shows, in words."""
    days = sorted({day for points in series.values() for day, _ in points})
    over = f"{len(days)} reports from {formatting.day(days[0])} to {formatting.day(days[-1])}"
    if len(days) == 1:
        over = f"the report of {formatting.day(days[0])}"
    parts = []
    for name, points in series.items():
        values = [usd for _, usd in points]
        low, high = formatting.money(min(values)), formatting.money(max(values))
        between = f", between {low} and {high}" if low != high else ""
        parts.append(f"{name} {formatting.money(values[-1])} at last{between}")
    return f"Value added lost by scenario over {over}: {'; '.join(parts)}."


def _round_up(value: float) -> float:
    """The next number of one digit, or 1.5 or 2.5 of its size.

    >>> _round_up(34.1), _round_up(0.0), _round_up(1.2e9)
    (40.0, 1.0, 1500000000.0)
    """
    if value <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    steps = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    return next(step * size for step in steps if value <= step * size * (1 + 1e-9))


def _x(day: date, days: Sequence[date]) -> float:
    span = (days[-1] - days[0]).days
    share = (day - days[0]).days / span if span else 0.5
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(usd: float, top: float) -> float:
    return HEIGHT - BOTTOM - max(usd, 0.0) / top * (HEIGHT - TOP - BOTTOM)


def _axes(days: Sequence[date], top: float) -> Iterator[str]:
    """Three grid lines with their numbers, the unit, the first and the last day."""
    scale, unit = (BILLION, "billion") if top >= BILLION else (1e6, "million")
    yield f'<text class="axis" x="0" y="11">{unit} USD lost</text>'
    for part in (0.0, 0.5, 1.0):
        y = _y(part * top, top)
        yield f'<line class="grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(LEFT - 6, y + 4, "end", f"{part * top / scale:.3g}")
    ends = {days[0]: "start", days[-1]: "end"} if len(days) > 1 else {days[0]: "middle"}
    for day, anchor in ends.items():
        yield _text(_x(day, days), HEIGHT - 6, anchor, formatting.short_day(day.isoformat()))


def _text(x: float, y: float, anchor: str, said: str) -> str:
    return f'<text class="axis" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{said}</text>'


def _line(place: int, points: Points, days: Sequence[date], top: float) -> str:
    colour = SERIES_COLOURS[place % len(SERIES_COLOURS)]
    where = [(_x(day, days), _y(usd, top)) for day, usd in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in where)
    line = (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{_dash(place)}/>'
    )
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in where)
    return (line if len(points) > 1 else "") + dots


def _dash(place: int) -> str:
    dash = DASHES[place % len(DASHES)]
    return f' stroke-dasharray="{dash}"' if dash else ""


def _sample(place: int) -> str:
    """A piece of a line, as it looks in the chart."""
    colour = SERIES_COLOURS[place % len(SERIES_COLOURS)]
    line = f'<line x1="0" x2="28" y1="5" y2="5" stroke="{colour}" stroke-width="2"{_dash(place)}/>'
    return f'<svg width="28" height="10" aria-hidden="true">{line}</svg>'
