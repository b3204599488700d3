"""What is found of measures: cost, value kept, first stop moved, plan and frontier."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supplychain.scenario.measure_sets import Measure, MeasureSet
from supplychain.scenario.scenario import Scenario
from supplychain.study.measure_plan import Names, Point, per_dollar
from supplychain.study.run_request import RunRequest


@dataclass(frozen=True)
class Amount:
    """USD with its range."""

    central: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """As `--json` gives it."""
        return {"central": self.central, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Asked:
    """What is to be found out: small enough to be sent to another process."""

    request: RunRequest
    scenario: Scenario
    measures: MeasureSet
    budget: float
    most: int
    out: Path


@dataclass(frozen=True)
class Solved:
    """What a run under some measures lost."""

    measures: Names
    id: str
    headline: Mapping[str, Any]
    fresh: bool
    """Whether it was solved for this; else it was kept."""
    error: str = ""

    @property
    def lost_usd(self) -> float:
        """Value added lost in the world; infinite where there is no answer."""
        if self.error:
            return math.inf
        return sum(float(s["lost_value_usd"]) for s in self.headline["sectors"].values())

    @property
    def recipes_usd(self) -> float:
        """What other recipes cost more than the normal one."""
        return sum(
            float(way["extra_cost_usd"])
            for sector in self.headline["sectors"].values()
            for way in sector["avoided_by"]
        )


@dataclass(frozen=True)
class FirstStop:
    """How the first stop moves where a measure keeps most: ISO dates, None for no stop."""

    sector: str
    region: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Ranked:
    """A measure, what it costs, and what it keeps alone."""

    measure: Measure
    cost: Amount
    goods_kg: Mapping[str, float]
    """Material to the kilograms that it adds."""
    solved: Solved
    kept_usd: float
    """Loss of the base less that with the measure; below zero where it makes it worse."""
    kept_by_sector: Mapping[str, float]
    first_stop: FirstStop | None
    recipes_usd: float
    """What other recipes cost more, or less, than in the base."""

    @property
    def per_usd(self) -> Amount:
        """Value kept per dollar of its cost: by the central cost, and the ends of its range."""
        ends = sorted(per_dollar(self.kept_usd, c) for c in (self.cost.low, self.cost.high))
        return Amount(per_dollar(self.kept_usd, self.cost.central), *ends)


@dataclass(frozen=True)
class Ranking:
    """The answer."""

    asked: Asked
    base: Solved
    ranked: tuple[Ranked, ...]
    """The most value kept per dollar first."""
    unsolved: tuple[Solved, ...]
    plan: tuple[Point, ...]
    """Step by step, each with one measure more."""
    frontier: tuple[Point, ...]
    """Of all that was solved, from no measure on."""
    names: Mapping[str, str]
    """Codes of regions and materials to their names, keys of sources to their titles."""
    solves: Mapping[str, int]
    """`solved` for this, and `kept` from before."""

    def cost_of(self, names: Names) -> Amount:
        """What measures cost together."""
        costs = {r.measure.name: r.cost for r in self.ranked}
        return Amount(
            sum(costs[n].central for n in names),
            sum(costs[n].low for n in names),
            sum(costs[n].high for n in names),
        )


def as_json(found: Ranking) -> dict[str, object]:
    """The ranking as `--json` gives it; a value per dollar of what costs nothing is null."""
    start = found.base.lost_usd
    return {
        "scenario": found.asked.scenario.name,
        "measures_of": found.asked.measures.name,
        "budget_usd": found.asked.budget if math.isfinite(found.asked.budget) else None,
        "base": {"run": found.base.id, "lost_value_usd": start},
        "measures": [_measure_json(one) for one in found.ranked],
        "unsolved": [
            {"measures": list(one.measures), "reason": one.error} for one in found.unsolved
        ],
        "plan": [_point_json(point, found) for point in found.plan],
        "frontier": [_point_json(point, found) for point in found.frontier],
        "solves": dict(found.solves),
    }


def _point_json(point: Point, found: Ranking) -> dict[str, object]:
    return {
        "measures": list(point.measures),
        "cost_usd": found.cost_of(point.measures).as_json(),
        "lost_value_usd": point.lost_usd,
        "kept_usd": found.base.lost_usd - point.lost_usd,
    }


def _measure_json(one: Ranked) -> dict[str, object]:
    stop = one.first_stop
    worth = {end: x if math.isfinite(x) else None for end, x in one.per_usd.as_json().items()}
    return {
        "name": one.measure.name,
        "title": one.measure.title,
        "run": one.solved.id,
        "cost_usd": one.cost.as_json(),
        "goods_kg": dict(one.goods_kg),
        "lost_value_usd": one.solved.lost_usd,
        "kept_usd": one.kept_usd,
        "kept_per_usd": worth,
        "kept_by_sector_usd": dict(one.kept_by_sector),
        "other_recipes_usd": one.recipes_usd,
        "first_stop": stop
        and {
            "sector": stop.sector,
            "region": stop.region,
            "before": stop.before,
            "after": stop.after,
        },
    }
