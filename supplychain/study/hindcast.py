"""An episode: monthly trade of a solved run beside what customs reported, with errors."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from pandas import DataFrame

from supplychain.dataset import Tables
from supplychain.errors import InvalidInput, problem
from supplychain.runs.run_schema import Run
from supplychain.scenario.scenario import Scenario
from supplychain.study.hindcast_episodes import (
    EXPORTER,
    MAGNETS_2025,
    Episode,
    Series,
    Survey,
)
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
class SeenStop:
    """The first stop that was reported for a sector of a region, in weeks after the control."""

    series: str
    sector: str
    region: str
    weeks: float
    low: float
    high: float
    modelled: str | None
    """Week in which the thinnest firms run out in the model; None if never."""
    modelled_weeks: float | None


@dataclass(frozen=True)
class Hindcast:
    """A run of the episode held against the observations."""

    run: Run
    points: tuple[Point, ...]
    exports: Mapping[str, Monthly]
    """Region to modelled exports of the episode's goods by month, t, seen or not."""
    first_loss: Mapping[str, Mapping[str, str | None]]
    """Sector and region to the week of the first stop."""
    first_firm: Mapping[str, Mapping[str, str | None]]
    """Sector and region to the first week in which the thinnest firms stand still."""

    first_stops: tuple[SeenStop, ...] = ()
    firms_short: tuple[Point, ...] = ()
    """Months of the surveys: share of firms that said they were short of inputs."""
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
        name: _within(
            trade_of(
                flows,
                replace(series, weights=weights_of(series, tables)),
                transit,
                share_of(series, tables),
            ),
            months,
        )
        for name, series in episode.series.items()
    }
    first_firm = first_weeks(run.tables["indicators"], "first_firm_week")
    return Hindcast(
        run,
        tuple(_points(episode, monthly, tables, months)),
        exports,
        first_weeks(run.tables["indicators"], "first_week"),
        first_firm,
        tuple(_first_stops(episode, first_firm, tables)),
        tuple(_firms_short(episode, run, tables, months)),
        episode,
    )


def share_of(series: Series, tables: Tables) -> float:
    """How much of the region's tonnes a series counts: an assumption of the data, or all."""
    return tables.assumption(series.share) if series.share else 1.0


def weights_of(series: Series, tables: Tables) -> dict[str, float]:
    """Material to the tonnes that count for one of it; what the data do not have is left out.

    Contents are oxide equivalents, also of a metal: a tonne of the element is what its metal holds.

    Raises:
        InvalidInput: the data do not say what a tonne of the element's metal stands for.
    """
    if not series.element:
        return dict(series.weights)
    content = tables.values("material_content")
    metal = f"{series.element}-metal", series.element
    held = {m: content.get((m, series.element)) for m in series.weights}
    found = {m: series.weights[m] * oxide for m, oxide in held.items() if oxide is not None}
    if found and metal not in content:
        message = f"no row for {metal[0]}, by which the hindcast counts tonnes of {metal[1]}."
        hint = "Add its oxide equivalent, t of oxide per t of metal."
        fault = problem("DATA-412", message, file="material_content.csv", hint=hint)
        raise InvalidInput("The hindcast cannot be compared.", [fault])
    return {material: oxide / content[metal] for material, oxide in found.items()}


Transit = Mapping[str, int]
"""Region to the weeks from China."""


def trade_of(
    flows: DataFrame, series: Series, transit: Transit | None = None, share: float = 1.0
) -> Monthly:
    """What of the flows a series counts, by month of departure, or of arrival if it says so."""
    rows = flows[(flows["origin"] == EXPORTER) & (flows["destination"] != EXPORTER)]
    rows = rows[rows["material"].isin(list(series.weights))]
    if series.region:
        rows = rows[rows["destination"] == series.region]
    weights = rows["material"].map(dict(series.weights)).astype(float)
    tonnes = rows["tonnes"] * weights * share
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


def first_weeks(indicators: DataFrame, column: str) -> dict[str, dict[str, str | None]]:
    """Per sector and region a first week of the table `indicators`; None where there is none."""
    found: dict[str, dict[str, str | None]] = defaultdict(dict)
    for row in indicators.to_dict("records"):
        if row["region"] != "WORLD":
            week = row[column]
            known = isinstance(week, str) and bool(week)
            found[str(row["sector"])][str(row["region"])] = str(week)[:10] if known else None
    return dict(found)


def short_by_month(run: Run, survey: Survey) -> Monthly:
    """Share of a survey's modelled firms whose own stock is used up, mean over a month's days.

    Weighted by planned output. A segment and week that the table `firms` leaves out has none.
    """

    def mine(name: str) -> DataFrame:
        rows = run.tables[name]
        rows = rows[(rows["region"] == survey.region) & rows["segment"].isin(survey.segments)]
        return rows.assign(week=rows["week"].astype(str).str[:10])

    key = ["segment", "week"]
    planned = mine("shortfall").groupby(key)["planned"].sum()
    out = mine("firms").groupby(key)["share_short"].max().reindex(planned.index, fill_value=0.0)
    weekly = (out * planned).groupby("week").sum() / planned.groupby("week").sum()
    shares = by_month({str(week): float(share) for week, share in weekly.items()})
    weeks = by_month(dict.fromkeys(map(str, weekly.index), 1.0))
    return {month: share / weeks[month] for month, share in shares.items()}


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
        "first_firm": {sector: dict(weeks) for sector, weeks in found.first_firm.items()},
        "first_stops": [asdict(stop) for stop in found.first_stops],
        "firms_short": [
            {
                "series": p.series,
                "month": p.month,
                "observed": p.observed,
                "modelled": p.modelled,
                "use": found.episode.surveys[p.series].use,
            }
            for p in found.firms_short
        ],
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


def _first_stops(
    episode: Episode, first_firm: Mapping[str, Mapping[str, str | None]], tables: Tables
) -> Iterable[SeenStop]:
    """Every first stop that was seen, beside the week of the model's thinnest firms."""
    for row in tables.records("observations"):
        name = str(row["series"])
        if name in episode.stops and episode.since is not None:
            stop = episode.stops[name]
            week = first_firm.get(stop.sector, {}).get(stop.region)
            after = None if week is None else (date.fromisoformat(week) - episode.since).days / 7
            low, high = (float(row["value"] if row[c] is None else row[c]) for c in ("low", "high"))
            yield SeenStop(
                name, stop.sector, stop.region, float(row["value"]), low, high, week, after
            )


def _firms_short(
    episode: Episode, run: Run, tables: Tables, months: Sequence[str]
) -> Iterable[Point]:
    """One point for each month of a survey that the run covers."""
    rows = tables.records("observations")
    for name, survey in episode.surveys.items():
        modelled = short_by_month(run, survey)
        for row in rows:
            month = row["month"].isoformat()[:7]
            if row["series"] == name and month in months:
                place, seen = str(row["destination"]), float(row["value"])
                yield Point(name, place, month, month, seen, modelled.get(month, 0.0), "share")


def _reference(episode: Episode, months: Monthly) -> float:
    """Tonnes that stand for 1: the mean month of the reference, or a tonne."""
    if episode.reference is None:
        return 1.0
    counted = months_between(*episode.reference)
    return sum(months[month] for month in counted) / len(counted)
