"""What an ensemble is: its base scenario, uncertain inputs, regime paths, size and seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from supplychain.regime.kinds import Origin
from supplychain.regime.path import Expiry, Multiplier, PathPlan

__all__ = [
    "ChangeTarget",
    "Definition",
    "Distribution",
    "Expiry",
    "Multiplier",
    "PathPlan",
    "RowTarget",
    "UncertainInput",
]


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
