"""A scenario file's shape: what may stand in it. The models know nothing of the data."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from supplychain.regime.change_kinds import KINDS

LONGEST = 1040
"""Weeks of the longest horizon: twenty years."""


def _day(value: object) -> object:
    """Take year-month-day alone: a bare number would be read as seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("a date such as 2026-09-28 is wanted")
    return value


def _word(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("nothing is written here")
    return value.strip() if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_day)]
Word = Annotated[str, BeforeValidator(_word)]
Name = Annotated[
    str, BeforeValidator(_word), Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
]


class Part(BaseModel):
    """A mapping in the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class HorizonPart(Part):
    """When the simulated time starts and how long it is."""

    start: Day | None = Field(None, description="the Monday on which the first week begins")
    weeks: int | None = Field(None, ge=1, le=LONGEST, description="weeks that are reported")


class SettingPart(Part):
    """Which controls a regime is applied to; what is left out means all."""

    regime: Word = Field(description="a regime of data/regimes.csv")
    exporter: Word = Field("ANY", description="whose law: a region")
    control: Word = Field("ANY", description="one control of data/controls.csv")
    destination: Word = Field("ANY", description="one buyer's region")
    end_use: Literal["civil", "military", "ANY"] = Field("ANY", description="for whom")


class ExpectationPart(Part):
    """A dated change of regime that planners count on until its day, whether or not it comes."""

    effective: Day = Field(description="the day planners expect it")
    set: SettingPart
    why: Word
    source: Word


class ForesightPart(Part):
    """What planners know and how far they look."""

    mode: Literal["rolling", "perfect"] | None = None
    window_weeks: int | None = Field(None, ge=2, le=LONGEST, description="weeks planned at once")
    step_weeks: int | None = Field(
        None, ge=1, le=LONGEST, description="weeks that become history each time"
    )
    expects: list[ExpectationPart] | None = Field(
        None, description="by default planners expect the regime in force to go on"
    )


class EntryPart(Part):
    """One dated change of regime."""

    announced: Day = Field(description="from when planners know it")
    effective: Day = Field(description="from the first week whose Monday is on or after this day")
    set: SettingPart
    why: Word
    source: Word = Field(description="a key of data/sources.csv, or assumption")


class WhenPart(Part):
    """Weeks whose Monday is on or after `from` and before `to`."""

    from_: Day | None = Field(None, alias="from")
    to: Day | None = None


class ChangePart(Part):
    """One change of numbers."""

    what: Word = Field(description="a kind of change")
    where: dict[str, Word] = Field(description="which objects, by key")
    when: WhenPart | None = None
    announced: Day | None = Field(None, description="from when planners know it; default: always")
    value: float = Field(allow_inf_nan=False)
    unit: Word
    why: Word
    source: Word = Field(description="a key of data/sources.csv, or assumption")


class HeadPart(Part):
    """The keys that are single words."""

    name: Name = Field(description="the file's name without .yaml")
    title: Word
    extends: Name | None = Field(None, description="a scenario whose parts hold unless given here")


class ScenarioPart(HeadPart):
    """The whole file."""

    horizon: HorizonPart | None = None
    foresight: ForesightPart | None = None
    timeline: list[EntryPart] = Field(default_factory=list)
    changes: list[ChangePart] = Field(default_factory=list)


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, for editors."""
    schema = ScenarioPart.model_json_schema(by_alias=True)
    change = schema["$defs"]["ChangePart"]["properties"]
    change["what"]["enum"] = list(KINDS)
    change["what"]["description"] = " ".join(f"{k.name}: {k.meaning}" for k in KINDS.values())
    change["where"]["propertyNames"] = {
        "enum": sorted({key for kind in KINDS.values() for key in kind.keys})
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "supplychain/scenario/1",
        **schema,
    }
