"""Which measures together: a greedy plan within a budget, and the frontier of budget against loss.

Greedy by gain per dollar, where every gain is that of a solved combination. It is lazy: a measure's
gain beside an earlier, smaller plan is taken for its upper bound until its turn comes, so that most
measures are solved once a step fewer. Where gains fall as a plan grows, as they mostly do, the plan
is the one that trying all would give; where two measures need each other it may miss the pair.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

Names = tuple[str, ...]
LossOf = Callable[[Sequence[Names]], Sequence[float]]
"""USD lost under each of several combinations of measures, solved; infinite where unsolved."""

TRIED_TOGETHER = 2
"""So many combinations are solved at a time, whatever the number of processes, so that the plan
does not depend on it."""

ROUNDING = 1e-6
"""A gain of less than this share of the loss is what the solver leaves."""


@dataclass(frozen=True)
class Point:
    """A solved combination: what it costs and what is lost under it, USD."""

    measures: Names
    cost_usd: float
    lost_usd: float


@dataclass(frozen=True)
class Candidates:
    """What a plan is chosen from."""

    cost_usd: Mapping[str, float]
    """By measure, in the order of the file."""
    excluded: frozenset[frozenset[str]]
    """Pairs that no plan can hold together."""

    def fit(self, plan: Names, budget: float) -> list[str]:
        """The measures that a plan has room for."""
        spent = sum(self.cost_usd[name] for name in plan)
        return [
            name
            for name, cost in self.cost_usd.items()
            if name not in plan
            and spent + cost <= budget
            and not any(frozenset((name, other)) in self.excluded for other in plan)
        ]

    def ordered(self, names: Iterable[str]) -> Names:
        """Names in the order of the file, so that a combination is solved once."""
        chosen = set(names)
        return tuple(name for name in self.cost_usd if name in chosen)


def per_dollar(gain: float, cost: float) -> float:
    """Gain per dollar; what costs nothing and gains is worth any money.

    >>> per_dollar(6.0, 2.0), per_dollar(1.0, 0.0), per_dollar(0.0, 0.0)
    (3.0, inf, 0.0)
    """
    if cost > 0.0:
        return gain / cost
    return math.copysign(math.inf, gain) if gain else 0.0


def greedy_plan(
    candidates: Candidates,
    base: float,
    alone: Mapping[str, float],
    loss_of: LossOf,
    *,
    budget: float = math.inf,
    most: int,
) -> list[Point]:
    """The plan step by step, each with one measure more; empty where nothing helps.

    Args:
        candidates: costs, and what excludes each other.
        base: USD lost without any measure.
        alone: USD lost with each measure alone.
        loss_of: solves combinations.
        budget: USD that the plan may cost.
        most: measures in the plan, at most.
    """
    gain = {name: base - lost for name, lost in alone.items()}
    fresh = set(gain)
    plan: Names = ()
    steps: list[Point] = []
    lost = base
    while len(plan) < most:
        room = [name for name in candidates.fit(plan, budget) if gain[name] > ROUNDING * base]
        if not room:
            break
        room.sort(key=lambda name: -per_dollar(gain[name], candidates.cost_usd[name]))
        best = room[0]
        if best not in fresh:
            tried = [name for name in room if name not in fresh][:TRIED_TOGETHER]
            together = [candidates.ordered((*plan, name)) for name in tried]
            for name, now in zip(tried, loss_of(together), strict=True):
                gain[name] = lost - now
            fresh |= set(tried)
            continue
        plan = candidates.ordered((*plan, best))
        lost -= gain[best]
        steps.append(Point(plan, sum(candidates.cost_usd[name] for name in plan), lost))
        fresh = set()
    return steps


def frontier(points: Iterable[Point]) -> list[Point]:
    """The solved combinations that no other beats, by cost: each loses less than all before it."""
    found: list[Point] = []
    for point in sorted(points, key=lambda p: (p.cost_usd, p.lost_usd, p.measures)):
        if math.isfinite(point.lost_usd) and (not found or point.lost_usd < found[-1].lost_usd):
            found.append(point)
    return found
