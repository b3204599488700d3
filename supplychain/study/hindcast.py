"""The 2025 episode: monthly exports of a solved run beside what customs reported, with errors."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from pandas import DataFrame

from supplychain.dataset import Tables
from supplychain.regime.scenario import Scenario
from supplychain.results.run import Run
from supplychain.study.run import Progress, RunRequest, World, open_world, resolve, run_scenario

SCENARIO = "hindcast-2025"
EXPORTER = "CHN"
LAST_MONTH = "2025-12"
CONTROLLED_FROM = "2025-04"
"""Errors are averaged from here: before the controls only the season, which is not modelled."""
FIT_UNTIL = "2025-08"
"""Last month of the window of the fit; what follows is the test."""

LEAST_SHARE = 0.01
"""Of the largest month of a series: below it a month has no part in the mean error."""

GERMANY_IN_EUROPE = 10_800 / 23_900
"""Germany's share of the region EUR: tonnes of rare-earth magnets bought from China in 2024."""
MAGNETS = {"ndfeb-light": 1.0, "ndfeb-heavy": 1.0}
OXIDE_IN_DY, OXIDE_IN_TB = 1.1477, 1.1762
"""T of oxide that a tonne of the element makes."""

Monthly = dict[str, float]
"""Month, as 2025-04, to tonnes."""


@dataclass(frozen=True)
class Series:
    """What of the modelled exports a series of observations counts."""

    title: str
    weights: Mapping[str, float]
    """Material to the tonnes that count for one tonne of it."""
    region: str = ""
    """Where to; blank for all regions."""
    share: float = 1.0
    """Of the region's tonnes."""


SERIES: Mapping[str, Series] = {
    "magnets-world": Series("Magnets, all destinations", MAGNETS),
    "magnets-usa": Series("Magnets to the United States", MAGNETS, "USA"),
    "magnets-germany": Series("Magnets to Germany", MAGNETS, "EUR", GERMANY_IN_EUROPE),
    "magnets-japan": Series("Magnets to Japan", MAGNETS, "JPN"),
    "magnets-and-alloy-japan": Series(
        "Magnets, powder and alloy to Japan", {**MAGNETS, "ndfeb-alloy": 1.0}, "JPN"
    ),
    "dysprosium-world": Series(
        "Dysprosium, element, all destinations", {"dy-oxide": 1 / OXIDE_IN_DY, "dy-metal": 1.0}
    ),
    "terbium-world": Series(
        "Terbium, element, all destinations", {"tb-oxide": 1 / OXIDE_IN_TB, "tb-metal": 1.0}
    ),
    "yttrium-usa": Series(
        "Yttrium products to the United States", {"y-oxide": 1.0, "yttria-powder": 1.0}, "USA"
    ),
}
FITTED_SERIES = ("magnets-world", "magnets-usa", "magnets-germany", "magnets-japan")


@dataclass(frozen=True)
class Point:
    """One month, or one sum over months, of one series, tonnes."""

    series: str
    destination: str
    month: str
    until: str
    """Last month of a sum; the month itself otherwise."""
    observed: float | None
    modelled: float

    @property
    def error(self) -> float | None:
        """Modelled over observed less one; None where nothing was seen, or nothing to divide by."""
        return self.modelled / self.observed - 1.0 if self.observed else None


@dataclass(frozen=True)
class Hindcast:
    """A run of the episode held against the observations."""

    run: Run
    points: tuple[Point, ...]
    exports: Mapping[str, Monthly]
    """Region to modelled exports of magnets by month, seen or not."""
    first_loss: Mapping[str, Mapping[str, str | None]]
    """Sector and region to the first week that loses over 2 % of plan."""

    def mape(self, first: str = CONTROLLED_FROM, last: str = "9999-12") -> dict[str, float | None]:
        """Mean absolute percentage error of every series over some months, as a share."""
        return {name: mape(self.points, name, first, last) for name in SERIES}

    def windows(self) -> dict[str, dict[str, float | None]]:
        """The errors over all months under control, in the window of the fit and in the test."""
        after = next_month(FIT_UNTIL)
        return {
            "mape": self.mape(),
            "mape_fit": self.mape(last=FIT_UNTIL),
            "mape_test": self.mape(first=after, last=LAST_MONTH),
        }


def hindcast(
    request: RunRequest,
    until: str = LAST_MONTH,
    on_progress: Progress | None = None,
    world: World | None = None,
) -> Hindcast:
    """Solve the episode up to the end of a month and hold it against the observations.

    Raises:
        InvalidInput: data or scenario are wrong.
        NotSolved: a window has no answer.
    """
    world = world or open_world(request.data, request.overlays, request.threads)
    asked = prolonged(request, resolve(request, world.tables), until)
    return compared(run_scenario(asked, on_progress, world), world.tables, until)


def prolonged(request: RunRequest, scenario: Scenario, until: str) -> RunRequest:
    """Ask for the episode up to the end of a month; beyond its own end its demand goes on."""
    weeks = weeks_until(scenario.start, until)
    settings = dict(request.settings)
    end = scenario.start + timedelta(weeks=weeks)
    for change in scenario.changes:
        if change.what == "plan" and change.end == scenario.end < end:
            where = ",".join(f"{key}:{word}" for key, word in change.where)
            settings[f"plan@{where}@{change.end}..{end}"] = f"{change.value:g}"
    return replace(request, weeks=weeks, settings=settings)


def compared(run: Run, tables: Tables, until: str = LAST_MONTH) -> Hindcast:
    """Hold a solved run against the observations of its data folder."""
    flows = run.tables["flows"]
    first = _first_whole_month(date.fromisoformat(str(run.record["scenario"]["horizon"]["start"])))
    months = months_between(first, until)
    regions = [str(r) for r in tables["regions"]["region"] if r != EXPORTER]
    exports = {
        region: _within(exports_of(flows, Series("", MAGNETS, region)), months)
        for region in regions
    }
    monthly = {name: _within(exports_of(flows, series), months) for name, series in SERIES.items()}
    return Hindcast(
        run,
        tuple(_points(monthly, tables, months)),
        exports,
        first_losses(run.tables["indicators"]),
    )


def exports_of(flows: DataFrame, series: Series) -> Monthly:
    """What of the flows a series counts, by month."""
    rows = flows[(flows["origin"] == EXPORTER) & (flows["destination"] != EXPORTER)]
    rows = rows[rows["material"].isin(list(series.weights))]
    if series.region:
        rows = rows[rows["destination"] == series.region]
    tonnes = rows["tonnes"] * rows["material"].map(dict(series.weights)) * series.share
    weekly = tonnes.groupby(rows["week"]).sum()
    return by_month({str(week)[:10]: float(t) for week, t in weekly.items()})


def by_month(weekly: Mapping[str, float]) -> Monthly:
    """Spread each week's tonnes evenly over its seven days and add the days up by month.

    >>> by_month({"2025-03-31": 70.0})
    {'2025-03': 10.0, '2025-04': 60.0}
    """
    found: dict[str, float] = defaultdict(float)
    for week, tonnes in weekly.items():
        monday = date.fromisoformat(week)
        days: dict[str, int] = defaultdict(int)
        for n in range(7):
            days[(monday + timedelta(days=n)).isoformat()[:7]] += 1
        for month, count in days.items():
            found[month] += tonnes * count / 7
    return dict(sorted(found.items()))


def mape(points: Iterable[Point], series: str, first: str, last: str) -> float | None:
    """Mean absolute percentage error of a series, as a share; None without any observation.

    Months with less than a hundredth of the series' largest do not count: a percentage of next to
    nothing says nothing.
    """
    mine = [p for p in points if p.series == series]
    least = LEAST_SHARE * max((p.observed or 0.0 for p in mine), default=0.0)
    errors = [
        abs(p.error)
        for p in mine
        if p.error is not None
        and (p.observed or 0.0) >= least
        and first <= p.month
        and p.until <= last
    ]
    return sum(errors) / len(errors) if errors else None


def first_losses(indicators: DataFrame) -> dict[str, dict[str, str | None]]:
    """Per sector and region the first week that loses over 2 % of plan; None if there is none."""
    found: dict[str, dict[str, str | None]] = defaultdict(dict)
    for row in indicators.to_dict("records"):
        if row["region"] != "WORLD":
            week = row["first_week"]
            known = isinstance(week, str) and bool(week)
            found[str(row["sector"])][str(row["region"])] = str(week)[:10] if known else None
    return dict(found)


def weeks_until(start: date, month: str) -> int:
    """Weeks from a Monday to the end of a month, the last one whole.

    >>> weeks_until(date(2024, 12, 30), "2025-12")
    53
    """
    year, number = (int(part) for part in month.split("-"))
    end = date(year, number, calendar.monthrange(year, number)[1]) + timedelta(days=1)
    return -((start - end).days // 7)


def next_month(month: str) -> str:
    """The month after one.

    >>> next_month("2025-08"), next_month("2025-12")
    ('2025-09', '2026-01')
    """
    year, number = (int(part) for part in month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """All months from one to another, both included."""
    months = [first]
    while months[-1] < last:
        months.append(next_month(months[-1]))
    return months


def as_json(found: Hindcast) -> dict[str, Any]:
    """The `data` of `hindcast --json`."""
    return {
        "series": [
            {
                "series": p.series,
                "destination": p.destination,
                "month": p.month,
                "until": p.until,
                "observed": p.observed,
                "modelled": p.modelled,
                "error": p.error,
            }
            for p in found.points
        ],
        "modelled_exports": {code: dict(months) for code, months in found.exports.items()},
        "first_loss": {sector: dict(weeks) for sector, weeks in found.first_loss.items()},
        **found.windows(),
    }


def _first_whole_month(start: date) -> str:
    return start.isoformat()[:7] if start.day == 1 else next_month(start.isoformat()[:7])


def _within(found: Monthly, months: Sequence[str]) -> Monthly:
    return {month: found.get(month, 0.0) for month in months}


def _points(
    monthly: Mapping[str, Monthly], tables: Tables, months: Sequence[str]
) -> Iterable[Point]:
    """One point for each observation of the months, and for each month without one."""
    for name, series in SERIES.items():
        rows = [r for r in tables.records("observations") if r["series"] == name]
        place = str(rows[0]["destination"]) if rows else series.region or "world"
        points = []
        for row in rows:
            first = row["month"].isoformat()[:7]
            last = (row["until"] or row["month"]).isoformat()[:7]
            covered = months_between(first, last)
            if set(covered) <= set(months):
                modelled = sum(monthly[name][month] for month in covered)
                points.append(Point(name, place, first, last, float(row["value"]), modelled))
        seen = {p.month for p in points}
        points += [
            Point(name, place, m, m, None, monthly[name][m]) for m in months if m not in seen
        ]
        yield from sorted(points, key=lambda p: p.month)
