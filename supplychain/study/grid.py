"""One scenario with some of its numbers varied: a grid of scenarios, and what each loses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from pandas import DataFrame

from supplychain.errors import InvalidInput, Problem
from supplychain.runs.run_schema import Run
from supplychain.scenario.overrides import Override, badly, changed_name, read_override
from supplychain.scenario.scenario import ABSENT

PLACE = "--vary"
MOST_KEYS = 2
"""A line is drawn for one key and a heat map for two."""
MOST_POINTS = 50
"""Combinations that are solved unless more are allowed."""


@dataclass(frozen=True)
class Axis:
    """A key and the values that it takes, in the order given."""

    values: tuple[Override, ...]

    @property
    def head(self) -> str:
        """The key in one form, as `opening_cover@sector:auto`."""
        return self.values[0].head

    @property
    def subject(self) -> str:
        """What is varied, in words: "opening cover of auto"."""
        return self.values[0].subject

    @property
    def unit(self) -> str:
        """The unit that all values share; "" for words, or where they differ."""
        units = {unit for _, unit in map(_amount, self.values)}
        return units.pop() if len(units) == 1 else ""

    @property
    def column(self) -> str:
        """The head of its column in a table, unit included: `review [week]`."""
        return f"{self.head} [{self.unit}]" if self.unit else self.head

    def value(self, override: Override) -> float | str:
        """One of its values as a table has it: a number in `unit`, or a word."""
        number, _ = _amount(override)
        return number if self.unit and number is not None else override.amount


def _amount(override: Override) -> tuple[float | None, str]:
    """Number and unit of a canonical amount; no number and no unit for a word."""
    if not override.kind:
        return None, ""
    canonical = read_override(override.text, [])
    if canonical is None:
        raise AssertionError(f"{override.text} does not read back")
    return float(canonical.number), canonical.unit


Point = tuple[Override, ...]
"""The changes of one scenario of the grid."""


@dataclass(frozen=True)
class Grid:
    """A scenario, the axes along which it is changed, and whether one at a time."""

    base: str
    axes: tuple[Axis, ...]
    one_at_a_time: bool

    @property
    def points(self) -> tuple[Point, ...]:
        """Every scenario of the grid, the last axis first to change."""
        if self.one_at_a_time:
            return tuple((value,) for axis in self.axes for value in axis.values)
        return tuple(product(*(axis.values for axis in self.axes)))

    @property
    def singles(self) -> tuple[Point, ...]:
        """Each value by itself: where these are right, a combination of them is."""
        return replace(self, one_at_a_time=True).points

    def name(self, point: Point) -> str:
        """The name of a scenario of the grid, as `no-truce+review=18week`."""
        return changed_name(self.base, point)

    def words(self, point: Point) -> list[str]:
        """What each axis says at a point, in words; a dash where it is left as it is."""
        by_head = {one.head: one.value_words for one in point}
        return [by_head.get(axis.head, ABSENT) for axis in self.axes]

    def place(self, point: Point) -> dict[str, float | str | None]:
        """What each axis says at a point, by column; None where it is left as it is."""
        by_head = {one.head: one for one in point}
        return {
            axis.column: axis.value(by_head[axis.head]) if axis.head in by_head else None
            for axis in self.axes
        }


def read_grid(
    base: str,
    words: Sequence[str],
    *,
    one_at_a_time: bool = False,
    most: int = MOST_POINTS,
    fixed: Mapping[str, str] | None = None,
) -> Grid:
    """Read `KEY=V1,V2,...UNIT` for each axis; the unit at the end is that of all without one.

    Args:
        base: the scenario that is changed.
        words: one for each axis.
        one_at_a_time: whether each value is a scenario by itself; else all combinations are.
        most: so many scenarios are allowed.
        fixed: what `--set` or an option of its own gives, by key, and so cannot be varied.

    Raises:
        InvalidInput: a key or a value is wrong or there twice, or there are too many; all at once.
    """
    problems: list[Problem] = []
    axes = [axis for text in words if (axis := _axis(text, problems)) is not None]
    seen: dict[str, Axis] = {}
    for axis in axes:
        if seen.setdefault(axis.head, axis) is not axis:
            problems.append(_twice(f"{axis.head} is varied twice.", "Write all values in one."))
    given = {one.head: text for text in _texts(fixed) if (one := read_override(text, []))}
    for head in given.keys() & seen.keys():
        message = f"{head} is varied, and {given[head]} sets it for all."
        problems.append(_twice(message, "Take one of the two out."))
    grid = Grid(base, tuple(seen.values()), one_at_a_time)
    if len(seen) > MOST_KEYS and not one_at_a_time:
        message = f"{len(seen)} keys are varied, but a page shows combinations of {MOST_KEYS}."
        hint = "Add --one-at-a-time, or vary fewer."
        problems.append(badly(message, hint, PLACE, code="SCEN-604"))
    sizes = [len(axis.values) for axis in grid.axes]
    count = sum(sizes) if one_at_a_time else prod(sizes)
    if count > most:
        message = f"{' x '.join(map(str, sizes))} are {count:,} scenarios to solve, over {most:,}."
        if one_at_a_time:
            message = f"{count:,} scenarios would be solved, over {most:,}."
        hint = f"Give fewer values, or allow them: --at-most {count}."
        hint += "" if one_at_a_time or len(sizes) == 1 else f" --one-at-a-time takes {sum(sizes)}."
        problems.append(badly(message, hint, PLACE, code="SCEN-604"))
    if problems:
        raise InvalidInput("The grid cannot be solved.", problems)
    return grid


def _texts(fixed: Mapping[str, str] | None) -> list[str]:
    return [f"{key}={value}" for key, value in (fixed or {}).items()]


def _twice(message: str, hint: str) -> Problem:
    return badly(message, hint, PLACE, code="SCEN-603")


def _axis(text: str, problems: list[Problem]) -> Axis | None:
    """Read one axis; None where something is wrong, which is added to the problems."""
    key, equals, listed = text.partition("=")
    if not equals or not listed.strip():
        problems.append(badly(f'"{text}" has no values.', "Write KEY=V1,V2,...UNIT.", PLACE))
        return None
    found: list[Problem] = []
    read = [read_override(f"{key}={value}", found, PLACE) for value in listed.split(",")]
    values = [one for one in read if one is not None]
    if found or not values:
        problems.extend(dict.fromkeys(found))
        return None
    unit = values[-1].unit
    values = [one if one.unit else replace(one, unit=unit) for one in values]
    amounts = [one.amount for one in values]
    doubled = dict.fromkeys(amount for amount in amounts if amounts.count(amount) > 1)
    problems.extend(_twice(f"{values[0].head} is {amount} twice.", "Once.") for amount in doubled)
    return Axis(tuple(values))


@dataclass(frozen=True)
class SolvedGrid:
    """A grid with its runs: that of the scenario as it is, and one a point that has an answer."""

    grid: Grid
    base: Run
    runs: tuple[tuple[Point, Run], ...]

    @property
    def table(self) -> DataFrame:
        """What every scenario loses by sector and region, the base first.

        Columns: scenario, one for each axis (its unit in the name, blank where it is left as it
        is), sector, region (WORLD: all), unit, lost, lost_share, lost_value_usd, low_usd and
        high_usd (the range, blank without a band), first_week, bound_most and not_reached (what
        was varied and is no limit, in words; blank where it is one).
        """
        every: list[tuple[Point, Run]] = [((), self.base), *self.runs]
        return DataFrame([row for point, run in every for row in self._rows(point, run)])

    def _rows(self, point: Point, run: Run) -> Iterator[dict[str, Any]]:
        headline = run.headline
        for row in run.tables["indicators"].to_dict("records"):
            low, high = _ends(headline, row["sector"], row["region"])
            yield {
                "scenario": run.scenario,
                **self.grid.place(point),
                **{name: row[name] for name in ("sector", "region", "unit", "lost")},
                **{name: row[name] for name in ("lost_share", "lost_value_usd")},
                "low_usd": low,
                "high_usd": high,
                "first_week": row["first_week"],
                "bound_most": str(headline.get("bound_most", "")),
                "not_reached": " ".join(not_reached(point, run.record)),
            }


def _ends(headline: Mapping[str, Any], sector: str, region: str) -> tuple[float | None, ...]:
    """Low and high of the band in USD; None without one."""
    said = headline["sectors"].get(sector, {})
    said = said.get("by_region", {}).get(region, said)
    ends = (said.get("range") or {}).get("lost_value_usd") or {}
    return ends.get("low"), ends.get("high")


def not_reached(point: Point, record: Mapping[str, Any]) -> list[str]:
    """What was varied at a point and is no limit there, in the sentences of the run's record."""
    varied = [(one.kind, one.reach) for one in point]
    return [
        str(found["text"])
        for found in record.get("binding", ())
        if not found["binds"] and (found["what"], dict(found["where"])) in varied
    ]
