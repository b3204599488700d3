"""The greedy plan and the frontier, on losses that are drawn instead of solved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from supplychain.study.measure_plan import (
    Candidates,
    Names,
    Point,
    frontier,
    greedy_plan,
    per_dollar,
)

NAMES = ("a", "b", "c", "d")
BASE = 1000.0


class World:
    """Losses of all combinations, and which of them were asked for."""

    def __init__(self, lost: dict[Names, float]) -> None:
        self.lost = lost
        self.asked: list[Names] = []

    def __call__(self, wanted: Sequence[Names]) -> list[float]:
        self.asked += wanted
        return [self.lost[names] for names in wanted]

    @property
    def alone(self) -> dict[str, float]:
        return {name: self.lost[(name,)] for name in NAMES}


def combos() -> list[Names]:
    return [
        tuple(n for i, n in enumerate(NAMES) if bits >> i & 1) for bits in range(1, 2 ** len(NAMES))
    ]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any losses at all: some combinations are worse than nothing, some need each other."""
    losses = st.floats(0.0, 1.2 * BASE)
    return World({names: draw(losses) for names in combos()})


costs = st.tuples(*[st.floats(0.5, 100.0)] * len(NAMES)).map(
    lambda drawn: dict(zip(NAMES, drawn, strict=True))
)
budgets = st.floats(0.0, 300.0)


@given(worlds(), costs, budgets)
def test_the_plan_keeps_to_its_budget_and_each_step_is_solved_and_loses_less(
    world: World, cost: dict[str, float], budget: float
) -> None:
    candidates = Candidates(cost, frozenset({frozenset("ab")}))
    plan = greedy_plan(candidates, BASE, world.alone, world, budget=budget, most=3)
    lost = BASE
    for step, point in enumerate(plan, 1):
        assert len(point.measures) == step <= 3
        assert not {"a", "b"} <= set(point.measures)
        assert point.cost_usd == sum(cost[name] for name in point.measures)
        assert point.cost_usd <= budget
        assert math.isclose(point.lost_usd, world.lost[point.measures], abs_tol=1e-6)
        assert point.lost_usd < lost
        lost = point.lost_usd
    assert len(world.asked) == len(set(world.asked))


@given(worlds(), costs, budgets)
def test_a_plan_of_one_is_the_best_measure_that_the_budget_allows(
    world: World, cost: dict[str, float], budget: float
) -> None:
    plan = greedy_plan(
        Candidates(cost, frozenset()), BASE, world.alone, world, budget=budget, most=1
    )
    gains = {n: BASE - world.alone[n] for n in NAMES if cost[n] <= budget}
    worth = {n: per_dollar(gain, cost[n]) for n, gain in gains.items() if gain > 1e-3}
    assert not world.asked
    if not worth:
        assert plan == []
    else:
        ((name,),) = [point.measures for point in plan]
        assert worth[name] == max(worth.values())


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, BASE) | st.just(math.inf)), max_size=12))
def test_the_frontier_falls_and_nothing_cheaper_beats_it(drawn: list[tuple[float, float]]) -> None:
    points = [Point((f"m{i}",), cost, lost) for i, (cost, lost) in enumerate(drawn)]
    found = frontier([Point((), 0.0, BASE), *points])
    assert found[0].cost_usd == 0.0
    for before, after in pairwise(found):
        assert before.cost_usd < after.cost_usd
        assert before.lost_usd > after.lost_usd
    for point in points:
        best = [f.lost_usd for f in found if f.cost_usd <= point.cost_usd][-1]
        assert best <= point.lost_usd


def test_a_gain_is_that_of_the_combination_and_not_the_sum() -> None:
    """`b` keeps as much as `a` alone, and nothing beside it: the plan takes `c`."""
    lost = dict.fromkeys(combos(), 400.0)
    lost |= {("a",): 600.0, ("b",): 601.0, ("c",): 900.0, ("d",): 1000.0}
    lost |= {("a", "b"): 600.0, ("a", "c"): 500.0}
    plan = greedy_plan(
        Candidates(dict.fromkeys(NAMES, 1.0), frozenset()),
        BASE, World(lost).alone, World(lost), most=2,
    )  # fmt: skip
    assert [point.measures for point in plan] == [("a",), ("a", "c")]
    assert [point.lost_usd for point in plan] == [600.0, 500.0]
