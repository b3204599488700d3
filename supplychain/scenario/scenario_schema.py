"""A scenario file's shape: what may stand in it. The models know nothing of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from supplychain.documents import (
    DAY,
    Day,
    Document,
    FolderName,
    Name,
    Part,
    Word,
    check_items,
    check_part,
    optional_part,
    unknown_key,
)
from supplychain.scenario.change_types import KINDS
from supplychain.scenario.scenario import MONDAY, NO_HISTORY

LONGEST = 1040
"""Weeks of the longest horizon: twenty years."""


Demand = Literal["base", "low", "central", "high"]

DEMAND_MEANING = (
    "how plans go on after the base year: base (not at all), or the low, central or high path of "
    "data/demand_growth.csv; by default central, and base where the horizon starts in the base year"
)


class HorizonPart(Part):
    """When the simulated time starts and how long it is."""

    start: Day | None = Field(None, description="the Monday on which the first week begins")
    weeks: int | None = Field(None, ge=1, le=LONGEST, description="weeks that are reported")


def _monday_or_none(value: object) -> object:
    """Take a Monday, or the word that says there is none."""
    if value == NO_HISTORY:
        return None
    if not isinstance(value, date) and not (isinstance(value, str) and DAY.fullmatch(value)):
        raise ValueError(f"a Monday such as 2024-12-30, or {NO_HISTORY}, is wanted")
    day = value if isinstance(value, date) else date.fromisoformat(value)
    if day.weekday() != MONDAY:
        before = day - timedelta(days=day.weekday())
        raise ValueError(f"{day} is not a Monday; the one before it is {before}")
    return day


class HistoryPart(Part):
    """The past that is solved before the horizon, so that it opens with what that past left."""

    from_: Annotated[date | None, BeforeValidator(_monday_or_none)] = Field(
        None,
        alias="from",
        description="the Monday from which the past is solved, or none: the horizon then opens "
        "with the stocks of the data",
    )

    @property
    def given(self) -> bool:
        """Whether the file says anything of it."""
        return "from_" in self.model_fields_set


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

    name: FolderName = Field(description="the file's name without .yaml")
    title: Word
    extends: Name | None = Field(None, description="a scenario whose parts hold unless given here")
    demand: Demand | None = Field(None, description=DEMAND_MEANING)


class ScenarioPart(HeadPart):
    """The whole file."""

    horizon: HorizonPart | None = None
    history: HistoryPart | None = None
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


@dataclass(frozen=True)
class Shape:
    """The parts of a file that are well formed; entries and changes with their position in it."""

    name: str
    title: str
    extends: str
    demand: str | None
    horizon: HorizonPart
    history: HistoryPart
    foresight: ForesightPart
    timeline: tuple[tuple[int, EntryPart], ...]
    changes: tuple[tuple[int, ChangePart], ...]


def check_shape(document: Document) -> Shape:
    """Check everything that needs no data; problems are added to the document."""
    tree = document.tree
    known = list(ScenarioPart.model_fields)
    for key in tree:
        if key not in known:
            unknown_key(document, (key,), known)
    head = {key: tree[key] for key in ("name", "title", "extends", "demand") if key in tree}
    checked = check_part(HeadPart, head, (), document)
    return Shape(
        name=str(getattr(checked, "name", tree.get("name", ""))),
        title=str(getattr(checked, "title", tree.get("title", ""))),
        extends=str(getattr(checked, "extends", None) or ""),
        demand=getattr(checked, "demand", None),
        horizon=optional_part(HorizonPart, "horizon", document),
        history=optional_part(HistoryPart, "history", document),
        foresight=optional_part(ForesightPart, "foresight", document),
        timeline=check_items(EntryPart, "timeline", document),
        changes=check_items(ChangePart, "changes", document),
    )
