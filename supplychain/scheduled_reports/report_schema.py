"""A report definition's shape, and dates relative to the day of a report."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from supplychain.documents import Name, Part, Word
from supplychain.formatting import in_calendar
from supplychain.scenario.scenario_schema import LONGEST

SECTIONS = {
    "sectors": "what each sector loses in each scenario",
    "first-stops": "the week in which each sector first stops, by region",
    "difference-map": "who loses more and who less than in the base",
    "loss-by-week": "loss by week, all scenarios",
    "timelines": "what happens when, all scenarios",
    "loss-map": "loss on the map, scenario in focus",
    "loss-by-place": "loss by region and sector, scenario in focus",
    "firms": "firms that stand still by week, scenario in focus",
    "cover-needed": "stock that carries a firm through, scenario in focus",
    "avoided": "how loss was avoided, scenario in focus",
    "flows": "who supplies whom, scenario in focus",
    "cover": "stocks in weeks of need, scenario in focus",
    "licences": "the queue for licences, scenario in focus",
    "marginal-values": "what one more kilogram is worth, scenario in focus",
    "what-helps": "what would help, scenario in focus",
    "differences": "inputs in which the scenarios differ",
    "assumptions": "what the model assumes",
}
"""The sections of a page by name; the order is that of the definition."""

BESIDE_A_BASE = ("difference-map", "differences")
"""Sections that set scenarios beside a base and so want two."""

FORMS = ("html", "pdf", "xlsx", "csv")
Section = Literal[
    "sectors", "first-stops", "difference-map", "loss-by-week", "timelines", "loss-map",
    "loss-by-place", "firms", "cover-needed", "avoided", "flows", "cover", "licences",
    "marginal-values", "what-helps", "differences", "assumptions",
]  # fmt: skip
DEFAULT_SECTIONS: tuple[Section, ...] = (
    "sectors",
    "first-stops",
    "difference-map",
    "loss-by-week",
    "timelines",
)
Form = Literal["html", "pdf", "xlsx", "csv"]
EVERY = (
    r"(daily|monthly|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"( +([01]?\d|2[0-3]):[0-5]\d)?"
)

WEEK = timedelta(weeks=1)
HINT = (
    "Write this monday, next monday, last monday, monday in 4 weeks, first monday of next month "
    "(or quarter, or year), or a date such as 2026-09-28."
)

_AFTER = re.compile(r"monday (in|before) (\d{1,3}) weeks?")
_FIRST = re.compile(r"first monday of (this|next|last) (month|quarter|year)")


def _moment(words: str) -> str:
    try:
        read_moment(words)
    except ValueError as error:
        raise ValueError(f"{error}. {HINT.rstrip('.')}") from error
    return words


def _every(words: str) -> str:
    if not re.fullmatch(EVERY, words):
        raise ValueError("daily, monthly or a weekday is wanted, with a time: monday 05:00")
    return words


def read_moment(words: str) -> Callable[[date], date]:
    """Read words such as `next monday`; what comes back turns the day of a report into a start.

    >>> sunday = date(2026, 11, 22)
    >>> [str(read_moment(f"{which} monday")(sunday)) for which in ("last", "this", "next")]
    ['2026-11-09', '2026-11-16', '2026-11-23']
    >>> str(read_moment("monday in 4 weeks")(sunday))
    '2026-12-14'
    >>> str(read_moment("first monday of next quarter")(sunday))
    '2027-01-04'
    >>> str(read_moment("2026-09-28")(sunday))
    '2026-09-28'

    Raises:
        ValueError: these are not such words; the message says what is wanted.
    """
    plain = " ".join(words.lower().split())
    shifts = {"last monday": -1, "this monday": 0, "next monday": 1}
    if plain in shifts:
        return lambda day: monday_of(day) + shifts[plain] * WEEK
    if found := _AFTER.fullmatch(plain):
        weeks = int(found[2]) * (1 if found[1] == "in" else -1)
        return lambda day: monday_of(day) + weeks * WEEK
    if found := _FIRST.fullmatch(plain):
        shift = {"last": -1, "this": 0, "next": 1}[found[1]]
        months = {"month": 1, "quarter": 3, "year": 12}[found[2]]
        return lambda day: _first_monday(day, months, shift)
    return _fixed(plain)


def _fixed(words: str) -> Callable[[date], date]:
    try:
        day = in_calendar(date.fromisoformat(words))
    except ValueError as error:
        raise ValueError("no such words are known") from error
    if day != monday_of(day):
        raise ValueError(f"this is not a Monday; the one before it is {monday_of(day)}")
    return lambda _day: day


def monday_of(day: date) -> date:
    """The Monday of the week that a day is in.

    >>> str(monday_of(date(2026, 11, 22))), str(monday_of(date(2026, 11, 23)))
    ('2026-11-16', '2026-11-23')
    """
    return day - timedelta(days=day.weekday())


def _first_monday(day: date, months: int, shift: int) -> date:
    """The first Monday of the span of months that holds a day, or of one before or after it."""
    begun = day.year * 12 + (day.month - 1) // months * months + shift * months
    first = date(begun // 12, begun % 12 + 1, 1)
    return first + timedelta(days=-first.weekday() % 7)


class HorizonPart(Part):
    """The span of time; what is left out is as each scenario says."""

    start: Annotated[Word, AfterValidator(_moment)] | None = Field(
        None, description=f"the first Monday, relative to the day of the report. {HINT}"
    )
    weeks: int | None = Field(None, ge=1, le=LONGEST, description="weeks that are reported")


class ChangedPart(Part):
    """From which movement on a result counts as changed; all three are looked at."""

    lost_value_usd: float = Field(1e6, ge=0, allow_inf_nan=False, description="in US dollars")
    lost_share: float = Field(0.001, ge=0, le=1, description="share of plan, 0.001 is 0.1 points")
    first_week_weeks: int = Field(1, ge=1, description="weeks by which a first stop moves")


class AlertPart(Part):
    """What somebody is to be called for; every condition that is given must hold."""

    name: Name = Field(description="what the alert is called")
    sector: Word = Field(description="a sector of the data")
    region: Word = Field("WORLD", description="a region of the data; left out: the world")
    scenario: Word | None = Field(None, description="one of the scenarios; left out: any of them")
    measure: Literal["first_week", "lost_share", "lost_value_usd"]
    earlier_by_weeks: int | None = Field(
        None, ge=1, description="first_week: a first stop moves forward by so many weeks or is new"
    )
    within_weeks: int | None = Field(
        None, ge=0, description="first_week: a first stop within so many weeks of the start"
    )
    rises_by: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="the measure rises by so much since last time"
    )
    above: float | None = Field(
        None, allow_inf_nan=False, description="the measure is above this, moved or not"
    )
    why: Word | None = Field(None, description="what to do about it, or whom to ask")

    @model_validator(mode="after")
    def _conditions(self) -> Self:
        of_weeks = ("earlier_by_weeks", "within_weeks")
        of_numbers = ("rises_by", "above")
        wanted, other = (
            (of_weeks, of_numbers) if self.measure == "first_week" else (of_numbers, of_weeks)
        )
        if any(getattr(self, name) is not None for name in other):
            raise ValueError(f"{self.measure} goes with {' or '.join(wanted)}")
        if all(getattr(self, name) is None for name in wanted):
            raise ValueError(f"a condition is missing: {' or '.join(wanted)}")
        return self


class RetentionPart(Part):
    """How much of the past is kept; the newest report always is."""

    reports: int = Field(60, ge=1, description="so many of the newest reports are kept")
    days: int | None = Field(
        None, ge=1, description="a report beyond those goes only when it is older than so many days"
    )


class DefinitionPart(Part):
    """The whole file."""

    name: Name = Field(description="the file's name without .yaml; the folder of the results")
    title: Word = Field(description="the heading of the page")
    scenarios: list[Word] = Field(min_length=1, description="what to solve: names or paths")
    base: Word | None = Field(
        None, description="the scenario that the others are set beside; left out: the first"
    )
    focus: Word | None = Field(
        None, description="whose flows, stocks and licences are shown; left out: the last"
    )
    data: Word | None = Field(None, description="a data folder, relative to this file")
    overlays: list[Word] = Field(
        default_factory=list, description="folders with the rows that differ, relative to this file"
    )
    horizon: HorizonPart = HorizonPart.model_validate({})
    foresight: Literal["rolling", "perfect"] | None = None
    allocation: Literal["contracts", "value", "proportional", "priority"] | None = None
    band: bool = Field(
        True,
        description="whether each scenario is also solved with its goods pooled (value) and shared "
        "by usual shares (proportional), for the range beside its losses",
    )
    set_: dict[str, Word] = Field(
        default_factory=dict, alias="set", description="changes on top, as --set KEY=VALUE"
    )
    sections: list[Section] | None = Field(
        None,
        description="left out: "
        + ", ".join(DEFAULT_SECTIONS)
        + ". "
        + "; ".join(f"{name}: {meaning}" for name, meaning in SECTIONS.items()),
    )
    forms: list[Form] = Field(
        default_factory=lambda: list[Form](("html",)),
        min_length=1,
        description="what is written beside the brief",
    )
    every: Annotated[Word, AfterValidator(_every)] | None = Field(
        None,
        description="when it is due (UTC), for --print-timer: monday 05:00, daily 06:30",
        json_schema_extra={"pattern": f"^{EVERY}$"},
    )
    changed: ChangedPart = ChangedPart.model_validate({})
    alerts: list[AlertPart] = Field(default_factory=list)
    retention: RetentionPart = RetentionPart.model_validate({})


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of a report definition, for editors."""
    schema = DefinitionPart.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "supplychain/report/1",
        **schema,
    }
