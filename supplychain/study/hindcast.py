"""An episode: monthly trade of a solved run beside what customs reported, with errors."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from pandas import DataFrame

from supplychain.dataset import Tables
from supplychain.runs.run_schema import Run
from supplychain.scenario.scenario import Scenario
from supplychain.study.hindcast_episodes import EXPORTER, MAGNETS_2025, Episode, Series
from supplychain.study.run_request import RunRequest, resolve
from supplychain.study.solve_scenario import OnProgress, World, open_world, run_scenario

LEAST_SHARE = 0.01
"""Of the largest month of a series in tonnes: below it a month has no part in the mean error."""

Monthly = dict[str, float]
"""Month, as 2025-04, to tonnes."""


@dataclass(frozen=True)
class Point:
    """One month of one series, or several: a sum of tonnes, or the mean of shares."""

    series: str
    destination: str
    month: str
    until: str
    """Last of several months; the month itself otherwise."""
    observed: float | None
    modelled: float
    unit: str = "t"
    """t, or share: of the episode's reference."""

    @property
    def error(self) -> float | None:
        """How far off, None where nothing was seen.

        Tonnes: modelled over observed less one; None where there is nothing to divide by. Shares:
        modelled less observed, because what was seen may be next to nothing.
        """
        if self.observed is None:
            return None
        if self.unit == "share":
            return self.modelled - self.observed
        return self.modelled / self.observed - 1.0 if self.observed else None


@dataclass(frozen=True)
class Hindcast:
    """A run of the episode held against the observations."""

    run: Run
    points: tuple[Point, ...]
    exports: Mapping[str, Monthly]
    """Region to modelled exports of the episode's goods by month, t, seen or not."""
    first_loss: Mapping[str, Mapping[str, str | None]]
    """Sector and region to the first week that loses over 2 % of plan."""

    episode: Episode = MAGNETS_2025

    def mape(self, first: str = "", last: str = "9999-12") -> dict[str, float | None]:
        """Mean absolute error of every series over some months, by default all that count."""
        first = first or self.episode.first
        return {name: mape(self.points, name, first, last) for name in self.episode.series}

    def windows(self) -> dict[str, dict[str, float | None]]:
        """The errors over the windows of the episode: all months that count, then its parts."""
        return {w.key: self.mape(w.first, w.last) for w in self.episode.windows}


def hindcast(
    request: RunRequest,
    until: str = "",
    on_progress: OnProgress | None = None,
    world: World | None = None,
    episode: Episode = MAGNETS_2025,
) -> Hindcast:
    """Solve an episode up to the end of a month and hold it against the observations.

    Raises:
        InvalidInput: data or scenario are wrong.
        NotSolved: a window has no answer.
    """
    world = world or open_world(request.data, request.overlays, request.threads)
    until = until or episode.last
    asked = prolonged(request, resolve(request, world.tables), until)
    return compared(run_scenario(asked, on_progress, world), world.tables, until, episode)


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


def compared(
    run: Run, tables: Tables, until: str = "", episode: Episode = MAGNETS_2025
) -> Hindcast:
    """Hold a solved run against the observations of its data folder."""
    flows, transit = run.tables["flows"], _transit(tables)
    start = date.fromisoformat(str(run.record["scenario"]["horizon"]["start"]))
    first = _first_whole_month(start + timedelta(weeks=_longest_way(episode, transit)))
    months = months_between(first, until or episode.last)
    regions = [str(r) for r in tables["regions"]["region"] if r != EXPORTER]
    exports = {
        region: _within(trade_of(flows, Series("", episode.goods, region)), months)
        for region in regions
    }
    monthly = {
        name: _within(trade_of(flows, series, transit), months)
        for name, series in episode.series.items()
    }
    return Hindcast(
        run,
        tuple(_points(episode, monthly, tables, months)),
        exports,
        first_losses(run.tables["indicators"]),
        episode,
    )


Transit = Mapping[str, int]
"""Region to the weeks from China."""


def trade_of(flows: DataFrame, series: Series, transit: Transit | None = None) -> Monthly:
    """What of the flows a series counts, by month of departure, or of arrival if it says so."""
    rows = flows[(flows["origin"] == EXPORTER) & (flows["destination"] != EXPORTER)]
    rows = rows[rows["material"].isin(list(series.weights))]
    if series.region:
        rows = rows[rows["destination"] == series.region]
    tonnes = rows["tonnes"] * rows["material"].map(dict(series.weights)) * series.share
    weeks = rows["week"].astype(str).str[:10]
    if series.on_arrival and transit is not None:
        weeks = pd.Series(
            [
                (date.fromisoformat(week) + timedelta(weeks=transit[str(region)])).isoformat()
                for week, region in zip(weeks, rows["destination"], strict=True)
            ],
            index=rows.index,
            dtype=str,
        )
    weekly = tonnes.groupby(weeks).sum()
    return by_month({str(week): float(t) for week, t in weekly.items()})


def _transit(tables: Tables) -> Transit:
    """Region to whole weeks from China by the usual mode; what flies is not told apart."""
    lanes = tables.values("lanes", "transit")
    return {to: round(weeks) for (origin, to), weeks in lanes.items() if origin == EXPORTER}


def _longest_way(episode: Episode, transit: Transit) -> int:
    """Weeks in which what left before the start still arrives, in series counted on arrival."""
    regions = {s.region for s in episode.series.values() if s.on_arrival}
    return max((transit[region] for region in regions), default=0)


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
    """Mean absolute error of a series; None without any observation.

    Of tonnes it is a percentage, as a share, and months with less than a hundredth of the series'
    largest do not count: a percentage of next to nothing says nothing. Of shares it is their mean
    difference.
    """
    mine = [p for p in points if p.series == series]
    least = LEAST_SHARE * max((p.observed or 0.0 for p in mine if p.unit == "t"), default=0.0)
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
        "episode": found.episode.name,
        "unit": found.episode.unit,
        "reference": found.episode.reference_words or None,
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
    episode: Episode, monthly: Mapping[str, Monthly], tables: Tables, months: Sequence[str]
) -> Iterable[Point]:
    """One point for each observation of the months, and for each month without one."""
    for name, series in episode.series.items():
        rows = [r for r in tables.records("observations") if r["series"] == name]
        place = str(rows[0]["destination"]) if rows else series.region or "world"
        one = _reference(episode, monthly[name])
        points = []
        for row in rows:
            first = row["month"].isoformat()[:7]
            last = (row["until"] or row["month"]).isoformat()[:7]
            covered = months_between(first, last)
            if set(covered) <= set(months):
                tonnes = sum(monthly[name][month] for month in covered)
                modelled = tonnes / (one * len(covered)) if episode.reference else tonnes
                points.append(
                    Point(name, place, first, last, float(row["value"]), modelled, episode.unit)
                )
        seen = {p.month for p in points}
        points += [
            Point(name, place, m, m, None, monthly[name][m] / one, episode.unit)
            for m in months
            if m not in seen
        ]
        yield from sorted(points, key=lambda p: p.month)


def _reference(episode: Episode, months: Monthly) -> float:
    """Tonnes that stand for 1: the mean month of the reference, or a tonne."""
    if episode.reference is None:
        return 1.0
    counted = months_between(*episode.reference)
    return sum(months[month] for month in counted) / len(counted)
