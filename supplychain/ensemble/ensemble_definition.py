"""The definition of an ensemble: the shape of its file, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from supplychain.dataset import Tables
from supplychain.dataset.schema_policy import STATES
from supplychain.documents import Day, Document, FolderName, Name, Part, Word
from supplychain.ensemble.regime_paths import PathPlan
from supplychain.scenario.change_types import KINDS
from supplychain.scenario.scenario import Origin
from supplychain.scenario.scenario_checks import Span
from supplychain.scenario.scenario_schema import HorizonPart, WhenPart
from supplychain.scenario.vocabulary import Vocabulary

MOST_MEMBERS = 1_000_000

Number = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True)
class Distribution:
    """The law of one number; `numbers` holds what the kind needs, as {"low": 0.5, "high": 1.5}.

    Kinds: uniform (low, high), triangular (low, mode, high), normal (mean, sd, low, high),
    lognormal (median, sigma; low and high may cut it), beta (a, b, low, high), choice (values,
    weights).
    """

    kind: str
    numbers: Mapping[str, float]
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()


@dataclass(frozen=True)
class ChangeTarget:
    """What a drawn value changes in the scenario: a change as in `changes` of a scenario file."""

    what: str
    where: tuple[tuple[str, str], ...]
    start: date | None = None
    end: date | None = None
    announced: date | None = None


@dataclass(frozen=True)
class RowTarget:
    """Which rows of a data table a draw moves, and how.

    `mode` is "range" (each row to the drawn quantile of its own low, value and high), "ratio"
    (each row times the drawn number) or "value" (each row to the drawn number). A row of
    regime_parameters that fitted_parameters overrides moves there.
    """

    table: str
    rows: tuple[tuple[str, ...], ...]
    """Keys of the rows, in the order of the table's key columns; sorted."""
    mode: str
    shape: str = "triangular"
    """With mode "range": "triangular" (low, value, high) or "uniform" (low, high)."""
    spread: tuple[float, float] | None = None
    """With mode "range": low and high as ratios of the value, for rows that have no range."""


@dataclass(frozen=True)
class UncertainInput:
    """One uncertain input; what is in one group moves together (`sign` -1: the other way)."""

    name: str
    group: str
    """The group's name, or the input's own name when it is in none."""
    sign: int
    target: ChangeTarget | RowTarget
    distribution: Distribution | None
    """None with a target of mode "range"."""
    unit: str
    """Unit of the drawn value; "quantile" where every row moves inside its own range."""
    why: str
    source: str
    origin: Origin


@dataclass(frozen=True)
class Definition:
    """An ensemble as it is defined, checked against the data; see docs/ensembles.md."""

    name: str
    title: str
    base: str
    """Name or path of the base scenario."""
    start: date
    """The Monday on which week 0 begins."""
    weeks: int
    members: int
    pairs: int
    """The first so many members are solved again with the starting state held to the end."""
    sampler: str
    """"sobol" or "lhs"."""
    seed: int
    inputs: tuple[UncertainInput, ...]
    paths: PathPlan | None
    """None: every member has the base scenario's timeline."""
    file: str
    notes: tuple[str, ...] = ()
    """What is allowed but worth saying, as that N is no power of two."""

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups in the order in which they first appear: dimensions of the sample."""
        return tuple(dict.fromkeys(i.group for i in self.inputs))

    def monday(self, week: int) -> date:
        """The Monday of a week counted from 0."""
        return self.start + timedelta(weeks=week)

    def as_json(self) -> dict[str, Any]:
        """The definition as resolved, as ensemble.json keeps it."""
        return {
            "name": self.name,
            "title": self.title,
            "base": self.base,
            "horizon": {"start": self.start.isoformat(), "weeks": self.weeks},
            "members": self.members,
            "pairs": self.pairs,
            "sampler": self.sampler,
            "seed": self.seed,
            "paths": _plain(asdict(self.paths)) if self.paths else None,
            "inputs": [_input_json(one) for one in self.inputs],
            "notes": list(self.notes),
        }


def _input_json(one: UncertainInput) -> dict[str, Any]:
    """An input in plain words; of the rows it moves, how many there are and the first few."""
    found: dict[str, Any] = _plain(asdict(one))
    del found["origin"]
    if isinstance(one.target, RowTarget):
        rows = found["target"].pop("rows")
        found["target"] |= {"rows": len(rows), "first_rows": rows[:3]}
    return found


def _plain(value: Any) -> Any:
    """The same as JSON knows it."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _listed(value: object) -> object:
    """Take one word for a list of one."""
    return [value] if isinstance(value, str) else value


def _whole(value: object) -> object:
    """Take the text of a whole number for the number: a choice of numbers would refuse it."""
    whole = isinstance(value, str) and value.lstrip("+-").isdigit()
    return int(str(value)) if whole else value


Sign = Annotated[Literal[1, -1], BeforeValidator(_whole)]
Words = Annotated[list[Word], BeforeValidator(_listed), Field(min_length=1)]


class DistributionPart(Part):
    """The law of one number."""

    kind: Literal["uniform", "triangular", "normal", "lognormal", "beta", "choice"]
    low: Number | None = None
    mode: Number | None = None
    high: Number | None = None
    mean: Number | None = None
    sd: Number | None = Field(None, description="standard deviation before the cut")
    median: Number | None = None
    sigma: Number | None = Field(None, description="standard deviation of the logarithm")
    a: Number | None = None
    b: Number | None = None
    values: list[Number] | None = None
    weights: list[Number] | None = Field(None, description="as many as values; default: all alike")


class ChangeTargetPart(Part):
    """A change as in a scenario; its value is what is drawn."""

    what: Word = Field(description="a kind of change")
    where: dict[str, Word] = Field(description="which objects, by key")
    when: WhenPart | None = None
    announced: Day | None = Field(None, description="from when planners know it; default: always")
    unit: Word


class SpreadPart(Part):
    """The range of a row that has none in the data, as ratios of its value."""

    low: Number = Field(ge=0.0, le=1.0)
    high: Number = Field(ge=1.0)


class RowsPart(Part):
    """Rows of a data table that move together."""

    table: Word
    where: dict[str, Words] = Field(
        default_factory=dict,
        description="words of key columns, or of what a line or customer is: one, or a list",
    )
    except_: dict[str, Words] = Field(
        default_factory=dict, alias="except", description="rows to leave out, in the same way"
    )
    shape: Literal["triangular", "uniform"] = Field(
        "triangular", description="inside each row's own range, where no distribution is given"
    )
    spread: SpreadPart | None = Field(None, description="for rows that have no range in the data")
    by: Literal["ratio", "value"] | None = Field(
        None, description="with a distribution: the rows are multiplied by the drawn number, or it"
    )
    unit: Word | None = Field(None, description="with by: value, the unit of the drawn number")


class InputPart(Part):
    """One uncertain input."""

    name: Name
    group: Name | None = Field(None, description="inputs of one group share one quantile")
    sign: Sign = Field(1, description="-1: moves the other way than its group")
    change: ChangeTargetPart | None = None
    rows: RowsPart | None = None
    distribution: DistributionPart | None = None
    why: Word
    source: Word = Field(description="a key of data/sources.csv, or assumption")


class PriorPart(Part):
    """What is believed of each state before the record is read."""

    events: float = Field(0.5, gt=0.0, le=10.0, description="changes out of each state")
    weeks: float = Field(8.0, gt=0.0, le=520.0, description="weeks in each state")


class MultiplierPart(Part):
    """A factor on a hazard."""

    from_: Literal[STATES] = Field(alias="from")  # type: ignore[valid-type]
    to: Literal[STATES]  # type: ignore[valid-type]
    factor: float = Field(ge=0.0, le=1000.0)
    why: Word
    source: Word


class ExpiryPart(Part):
    """A dated chance."""

    day: Day
    from_: Annotated[list[Literal[STATES]], BeforeValidator(_listed)] = Field(  # type: ignore[valid-type]
        alias="from", min_length=1
    )
    to: Literal[STATES]  # type: ignore[valid-type]
    chance: float = Field(ge=0.0, le=1.0)
    why: Word
    source: Word


class PathsPart(Part):
    """How regime paths are drawn."""

    start: Literal[STATES] = Field(description="the state in week 0")  # type: ignore[valid-type]
    tracks: Words = Field(description="tracks of data/regime_spells.csv whose history counts")
    hazards: Literal["sampled", "point"] = "sampled"
    prior: PriorPart | None = None
    multipliers: list[MultiplierPart] = Field(default_factory=list)
    expiries: list[ExpiryPart] = Field(default_factory=list)


class HeadPart(Part):
    """The keys that are single words or numbers."""

    name: FolderName = Field(description="the file's name without .yaml")
    title: Word
    base: Word = Field(description="the scenario on which every member rests")
    members: int = Field(ge=1, le=MOST_MEMBERS)
    pairs: int = Field(
        0, ge=0, description="members that are solved again with the starting state held"
    )
    sampler: Literal["sobol", "lhs"] = "sobol"
    seed: int = Field(ge=0, le=2**63 - 1)


class EnsemblePart(HeadPart):
    """The whole file."""

    horizon: HorizonPart
    paths: PathsPart | None = None
    inputs: list[InputPart] = Field(default_factory=list)


def ensemble_schema() -> dict[str, Any]:
    """Return the JSON Schema of an ensemble's definition, for editors."""
    schema = EnsemblePart.model_json_schema(by_alias=True)
    change = schema["$defs"]["ChangeTargetPart"]["properties"]
    change["what"]["enum"] = list(KINDS)
    change["what"]["description"] = " ".join(f"{k.name}: {k.meaning}" for k in KINDS.values())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "supplychain/ensemble-definition/1",
        **schema,
    }


@dataclass(frozen=True)
class Ground:
    """The file, the data and the horizon; problems are added to the document."""

    document: Document
    tables: Tables
    words: Vocabulary
    span: Span | None
    """None while the horizon is faulty."""
