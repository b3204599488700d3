"""Which lost output was made up later, which still can be, and which is lost for good.

What is made up goes to the oldest loss first. Planners look at the time limit whenever they decide:
from then on a loss that is older counts as lost for good.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from supplychain.case.past import Past
from supplychain.network.entities import Network
from supplychain.solve.solution import History

Array = NDArray[np.float64]


def made_up_of(
    lost: Array, made_up: Array, limit_weeks: float, decisions: Sequence[int]
) -> tuple[Array, Array, float]:
    """Match what was made up to the oldest losses of one customer.

    Args:
        lost: [week] output not made when planned.
        made_up: [week] output made on top of the plan.
        limit_weeks: how old a loss may be when planners decide, to be made up still.
        decisions: the weeks in which they decide.

    Returns:
        [week of the loss] what was made up of it, the weeks that this was late on top of each other
        [week of the loss] (output times weeks), and what can still be made up at the end.

    >>> made_up_of(np.array([3.0, 0.0, 0.0]), np.array([0.0, 1.0, 1.0]), 26.0, [0])
    (array([2., 0., 0.]), array([3., 0., 0.]), 1.0)
    """
    found, late = np.zeros(len(lost)), np.zeros(len(lost))
    waiting: deque[list[float]] = deque()
    when = set(decisions)
    for week in range(len(lost)):
        if week in when:
            while waiting and week - waiting[0][0] > limit_weeks:
                waiting.popleft()
        rest = float(made_up[week])
        while rest > 0.0 and waiting:
            at, amount = int(waiting[0][0]), waiting[0][1]
            taken = min(rest, amount)
            found[at] += taken
            late[at] += taken * (week - at)
            rest -= taken
            waiting[0][1] = amount - taken
            if waiting[0][1] <= 0.0:
                waiting.popleft()
        if lost[week] > 0.0:
            waiting.append([float(week), float(lost[week])])
    return found, late, sum(amount for _, amount in waiting)


def still_behind(
    network: Network,
    history: History,
    decisions: Sequence[int],
    week: int,
    past: Past | None = None,
) -> Array:
    """[customer] weeks of plan that were lost before a week and can still be made up."""
    before = past.weeks if past else 0
    lost, made_up, decided = with_past(history, decisions, past)
    until = before + week
    behind = np.zeros(len(network.customers))
    decided = [*[d for d in decided if d < until], until]
    for i, customer in enumerate(network.customers):
        if lost[i, :until].any():
            seen = np.append(lost[i, :until], 0.0)
            made = np.append(made_up[i, :until], 0.0)
            behind[i] = made_up_of(seen, made, customer.make_up_weeks, decided)[2]
    return behind


def with_past(
    history: History, decisions: Sequence[int], past: Past | None
) -> tuple[Array, Array, list[int]]:
    """Lost and made up, [customer, week], and the weeks of decisions, from the past's start on."""
    lost, made_up, decided = history.lost.sum(axis=1), history.made_up, list(decisions)
    if past is None:
        return lost, made_up, decided
    joined = np.hstack([past.lost, lost]), np.hstack([past.made_up, made_up])
    return *joined, [*past.decisions, *(past.weeks + week for week in decided)]
