"""What became history, week by week: the committed part of every window."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from supplychain.network.grid import Grid
from supplychain.network.kinds import Network
from supplychain.solve.outcome import Answer

Array = NDArray[np.float64]

AMOUNTS = ("run", "flow", "delivery", "surge", "output")
LEVELS = ("stock", "cover", "licence_left")
DUALS = ("region_balance", "customer_balance", "licence_balance")


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
