"""What solving leaves: the answer of a window, the history of weeks, the solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from supplychain.case.case import Case
from supplychain.model.window import Grid, LossRule
from supplychain.network.entities import Network
from supplychain.solve.warm_start import Start

Array = NDArray[np.float64]

AMOUNTS = ("run", "flow", "delivery", "surge", "output")
LEVELS = ("stock", "cover", "licence_left")
DUALS = ("region_balance", "customer_balance", "licence_balance")


class Outcome(Enum):
    """How the solver ended, in words a user can read."""

    OPTIMAL = "optimal"
    INFEASIBLE = "no plan satisfies all limits"
    UNBOUNDED = "the cost has no lower bound: a price or weight is negative"
    STOPPED = "the solver stopped before it found the best plan"


@dataclass(frozen=True)
class Answer:
    """What one window's solve returned. Nothing is filled in unless the outcome is OPTIMAL."""

    outcome: Outcome
    objective: float
    values: Mapping[str, Array]
    """Variable name to [object, period] values; zero where the structure has no such column."""
    duals: Mapping[str, Array]
    """Law name to [object, period] duals, million USD per unit of the right-hand side."""
    spent: Mapping[str, Array]
    """Variable name to [object, period] cost, million USD."""
    costs: Mapping[str, float]
    """Every named cost of the objective, million USD."""
    seconds: float
    iterations: int
    residual: float
    """Largest violation of a row or bound, in the row's unit, recomputed from the values."""


@dataclass
class History:
    """Arrays [object, week]; amounts per week, levels at the week's end, duals per unit."""

    weeks: int
    run: Array
    flow: Array
    delivery: Array
    surge: Array
    output: Array
    lost: Array
    """[customer, step, week] weeks of usual plan."""
    stock: Array
    cover: Array
    licence_left: Array
    region_balance: Array
    customer_balance: Array
    licence_balance: Array
    costs: dict[str, float] = field(default_factory=dict)
    """Named costs of the committed weeks, million USD."""


def empty_history(network: Network, weeks: int, steps: int) -> History:
    """A history of zeros for a horizon."""

    def zeros(count: int) -> Array:
        return np.zeros((count, weeks))

    n = network
    return History(
        weeks=weeks,
        run=zeros(len(n.lines)),
        flow=zeros(len(n.arcs)),
        delivery=zeros(len(n.deliveries)),
        surge=zeros(len(n.arcs)),
        output=zeros(len(n.recipes)),
        lost=np.zeros((len(n.customers), steps, weeks)),
        stock=zeros(len(n.places)),
        cover=zeros(len(n.covers)),
        licence_left=zeros(len(n.classes)),
        region_balance=zeros(len(n.places)),
        customer_balance=zeros(len(n.covers)),
        licence_balance=zeros(len(n.classes)),
    )


def commit(history: History, answer: Answer, grid: Grid, week: int, count: int) -> None:
    """Write the first `count` weeks of a window that starts in `week` into the history.

    A period longer than a week is spread evenly; its levels run in a straight line to its end.
    """
    for period, (start, length) in enumerate(zip(grid.starts, grid.lengths, strict=True)):
        for step in range(length):
            if start + step >= count:
                return
            at = week + start + step
            for name in AMOUNTS:
                getattr(history, name)[:, at] = answer.values[name][:, period] / length
            history.lost[:, :, at] = answer.values["lost"][:, :, period] / length
            share = (step + 1) / length
            for name in LEVELS:
                level = answer.values[name]
                before = level[:, period - 1] if period else level[:, 0]
                getattr(history, name)[:, at] = before + share * (level[:, period] - before)
            for name in DUALS:
                getattr(history, name)[:, at] = answer.duals[name][:, period]


@dataclass
class Solution:
    """The history of a case and how it was solved."""

    case: Case
    history: History
    grid: Grid
    foresight: str
    allocation: str
    rule: LossRule
    windows: list[Answer] = field(default_factory=list)
    build_seconds: float = 0.0
    solve_seconds: float = 0.0
    windows_shared: int = 0
    """Windows whose answer was known from a case with the same past."""
    rows: int = 0
    columns: int = 0
    nonzeros: int = 0
    smallest_coefficient: float = 0.0
    largest_coefficient: float = 0.0
    ends: list[Start] = field(default_factory=list)
    """Where the windows ended, as starts for others."""
