"""What run.json, report.json and ensemble.json must hold to be read; fields beyond it may come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from supplychain.files import PLAIN_NAME, SCENARIO_NAME
from supplychain.formatting import in_calendar


class Shape(BaseModel):
    """Fields that must be there, of these kinds; more may be."""

    model_config = ConfigDict(extra="allow", strict=True, protected_namespaces=())


def _day(word: str) -> str:
    try:
        found = date.fromisoformat(word)
    except ValueError:
        raise ValueError("a date such as 2026-09-28 is wanted") from None
    in_calendar(found)
    return word


def _moment(word: str) -> str:
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        raise ValueError("a time such as 2026-09-28T05:00:00+00:00 is wanted") from None
    in_calendar(found.date())
    if found.tzinfo is None:
        raise ValueError("a time with its zone is wanted")
    return word


FileName = Annotated[str, Field(pattern=PLAIN_NAME)]
"""A name or id that becomes part of a path."""
ScenarioName = Annotated[str, Field(pattern=SCENARIO_NAME)]
Day = Annotated[str, AfterValidator(_day)]
Moment = Annotated[str, AfterValidator(_moment)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Texts = list[str]
Rows = list[dict[str, Any]]


class HorizonShape(Shape):
    """The weeks of a scenario."""

    start: Day
    weeks: Annotated[int, Field(ge=1, le=10_000)]


class ScenarioShape(Shape):
    """A scenario as it was resolved."""

    name: ScenarioName
    title: str = ""
    extends: Texts = []
    horizon: HorizonShape
    foresight: dict[str, Any] = {}
    timeline: Rows = []
    changes: Rows = []


class FirstFirmShape(Shape):
    """The first firm that stops."""

    date: Day
    region: str
    segment: str


class SpanShape(Shape):
    """The ends of a range."""

    low: float
    high: float


class FirstWeekRangeShape(Shape):
    """The ends of a range of first stops; null is no stop."""

    earliest: Day | None
    latest: Day | None


class RangeShape(Shape):
    """The range of a loss over the other runs of a band."""

    lost_value_usd: SpanShape
    lost_share: SpanShape | None = None
    lost_for_good_share: SpanShape | None = None
    first_week: FirstWeekRangeShape | None = None


class LossShape(Shape):
    """What a sector loses in a place."""

    lost: float
    unit: str
    lost_share: float
    lost_for_good: float
    lost_for_good_share: float
    lost_value_usd: float
    first_week: Day | None
    first_firm: FirstFirmShape | None = None
    range: RangeShape | None = None


class AvoidedShape(Shape):
    """Output made by another recipe."""

    recipe: str
    share_of_output: float
    extra_cost_usd: float


class SectorShape(LossShape):
    """What a sector loses in the world, and by region."""

    by_region: dict[str, LossShape]
    avoided_by: list[AvoidedShape] = []
    band: dict[str, float] = {}


class StockShape(Shape):
    """A company's stock of a material, in weeks of its need."""

    material: str
    shelf_weeks: float
    weeks_needed: float


class BoughtShape(Shape):
    """A share of what a company buys of a material."""

    material: str
    origin: str
    usual_share: float
    share: float


class CompanyShape(LossShape):
    """What a run means for a planner's own firm."""

    company: FileName
    title: str
    customer: str
    carved_from: str
    sector: str
    region: str
    recovered_week: Day | None
    stocks: list[StockShape]
    bought: list[BoughtShape]


class DataShape(Shape):
    """The data that were solved with."""

    hash: FileName
    overlays: Texts = []
    changes: Rows = []
    changes_in_all: Count = 0


class CheckShape(Shape):
    """A balance that was computed again."""

    name: str
    residual: float
    tolerance: float
    ok: bool


class VersionShape(Shape):
    """The versions of program and libraries."""

    __pydantic_extra__: dict[str, str] = Field(init=False)
    supplychain: str


class SolverShape(Shape):
    """How the windows were solved."""

    status: str


class HeadlineShape(Shape):
    """The losses by sector."""

    sectors: dict[str, SectorShape]
    companies: list[CompanyShape] = []
    bound_most: str = ""
    range: RangeShape | None = None


class InputsShape(Shape):
    """What the command was given."""

    data: str | None = None
    overlays: Texts = []


class AsOfShape(Shape):
    """The last event that the data knew."""

    event: str
    name: str
    date: Day
    stale: str = ""


class RunShape(Shape):
    """What run.json holds."""

    id: FileName
    scenario: ScenarioShape
    foresight: str
    allocation: str
    data: DataShape
    versions: VersionShape
    program: str = ""
    solver: SolverShape
    headline: HeadlineShape
    seconds: dict[str, float]
    peak_memory_mb: float
    written: Moment
    sums: dict[FileName, str]
    checks: list[CheckShape] = []
    input_changes: Rows = []
    assumptions: Rows = []
    fitted_parameters: Rows = []
    binding: Rows = []
    costs_musd: dict[str, float] = {}
    as_of: AsOfShape | None = None
    notes: Texts = []
    warnings: Texts = []
    inputs: InputsShape = InputsShape()
    band: dict[str, dict[str, Any]] = {}


class MemberShape(Shape):
    """What is kept of a member of an ensemble beside its losses."""

    member: Count
    solved: bool
    reason: str
    arms: Texts
    seconds: float
    processor_seconds: float
    windows: float
    memory_mb: float
    losses: str
    """The sha256 of its losses; blank where it was not solved."""


class SizesShape(Shape):
    """How many members an ensemble has, and how many of them are solved twice."""

    members: Count
    pairs: Count


class CountsShape(SizesShape):
    """How many members were solved."""

    solved: Count
    failed: Count


class EnsembleShape(Shape):
    """What ensemble.json holds."""

    key: FileName
    name: FileName
    title: str
    definition: SizesShape
    scenario: ScenarioShape
    data: DataShape
    versions: VersionShape
    counts: CountsShape
    hazards: Rows
    headline: dict[str, Any]
    notes: Texts
    seconds: dict[str, float]
    peak_memory_mb: float


class ReportRunShape(Shape):
    """A run that a report shows."""

    scenario: FileName
    id: FileName
    band: dict[str, FileName] = {}


class AlertShape(Shape):
    """A condition that holds."""

    name: str
    scenario: str
    sector: str
    region: str
    measure: str
    old: float | str | None
    new: float | str | None
    said: str
    why: str


class SinceShape(Shape):
    """The report that was compared with."""

    date: Day
    folder: FileName
    number: Count
    key: str


class InputChangeShape(Shape):
    """An input that differs."""

    kind: str
    what: str
    old: str
    new: str
    source: str
    why: str
    scenarios: Texts


class ResultChangeShape(Shape):
    """A result that moved."""

    scenario: str
    sector: str
    region: str
    measure: str
    old: float | str | None
    new: float | str | None
    moved: float | None


class ChangedShape(Shape):
    """What changed since the last report."""

    since: SinceShape | None
    inputs: list[InputChangeShape]
    results: list[ResultChangeShape]
    calendar: list[ResultChangeShape] = []
    notes: Texts = []


class ReportShape(Shape):
    """What report.json holds."""

    definition: FileName
    title: str
    date: Day
    number: Count
    key: FileName
    base: FileName
    settings: dict[str, Any]
    data: DataShape
    versions: VersionShape
    runs: list[ReportRunShape]
    scenarios: dict[str, ScenarioShape]
    headline: dict[str, dict[str, SectorShape]]
    changed: ChangedShape
    alerts: list[AlertShape]
    sentence: str
    backfill: bool
    missing_forms: Texts
    written: Moment
    files: Mapping[str, str]
