"""Reference futures: the turns that members take, with the numbers of the data, solved once.

Where their windows ended is where windows of members start that meet the same turn (see
`supplychain.solve.starts`). They belong to the ensemble and not to its members, so that a member's
answer does not hang on which were solved before it, or where.
"""

from __future__ import annotations

from dataclasses import replace

from supplychain.dataset import Tables
from supplychain.regime.kinds import Scenario
from supplychain.regime.path import Step
from supplychain.regime.switching import state_regimes
from supplychain.study.ensemble.definition import Definition

FIRST_TURN, SECOND_TURN, UNTIL = 4, 14, 18
"""Weeks of the two turns, and how long a reference future is."""

Path = tuple[Step, ...]


Turns = tuple[Path, ...]
"""Reference futures that share their first turn, and so most of their windows."""


def cut(scenario: Scenario) -> Scenario:
    """A scenario of the length of a reference future."""
    return replace(scenario, weeks=min(scenario.weeks, UNTIL))


def all_turns(definition: Definition, tables: Tables) -> tuple[Turns, ...]:
    """Every turn from the start to a regime and from there to another, by the first one.

    Without paths there is one: the base scenario as it is.
    """
    plan = definition.paths
    if plan is None:
        return (((),),)
    regimes = state_regimes(tables)
    places = [(state, regime) for state in regimes for regime, _ in regimes[state]]
    begin = Step(0, plan.start, regimes[plan.start][0][0])
    found = []
    for first in places:
        if first[1] == begin.regime:
            continue
        head = (begin, Step(FIRST_TURN, *first))
        tails = [(*head, Step(SECOND_TURN, *then)) for then in places if then[1] != first[1]]
        found.append(tuple(tails))
    return (((begin,),), *found)
