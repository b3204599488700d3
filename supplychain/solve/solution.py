"""What solving leaves: the answer of a window, the history of weeks, the solution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from supplychain.case.opening_inventory import Pipeline
from supplychain.case.past import Past
from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.model.window import Grid, LossRule, State
from supplychain.network.entities import Network
from supplychain.scenario.scenario import Scenario
from supplychain.solve.warm_start import Start

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

AMOUNTS = ("run", "flow", "delivery", "output", "made_up", "transfer", "short_other")
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
    proven: Mapping[str, Flags] = field(default_factory=dict)
    """Law name to [object, period]: duals that one more kilogram is proven to spare."""
    proven_less: Mapping[str, Flags] = field(default_factory=dict)
    """The same: duals that one kilogram less is proven to cost."""


@dataclass
class History:
    """Arrays [object, week]; amounts per week, levels at the week's end, duals per unit."""

    weeks: int
    run: Array
    flow: Array
    delivery: Array
    output: Array
    made_up: Array
    """[customer, week] weeks of usual plan made on top of the plan, for what was lost before."""
    short_other: Array
    """[place, week] t that uses outside the model went without."""
    transfer: Array
    """[end user, week] t shipped under licences that name no end user."""
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
    proven: dict[str, Flags] = field(default_factory=dict)
    """Law name to [object, week]: duals that one more kilogram is proven to spare."""
    proven_less: dict[str, Flags] = field(default_factory=dict)
    """The same: duals that one kilogram less is proven to cost."""


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
        output=zeros(len(n.recipes)),
        made_up=zeros(len(n.customers)),
        transfer=zeros(len(n.end_users)),
        short_other=zeros(len(n.places)),
        lost=np.zeros((len(n.customers), steps, weeks)),
        stock=zeros(len(n.places)),
        cover=zeros(len(n.covers)),
        licence_left=zeros(len(n.end_users)),
        region_balance=zeros(len(n.places)),
        customer_balance=zeros(len(n.covers)),
        licence_balance=zeros(len(n.end_users)),
        proven=_no_flags(n, weeks),
        proven_less=_no_flags(n, weeks),
    )


def _no_flags(network: Network, weeks: int) -> dict[str, Flags]:
    counts = len(network.places), len(network.covers), len(network.end_users)
    return {
        law: np.zeros((count, weeks), dtype=bool) for law, count in zip(DUALS, counts, strict=True)
    }


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
                if name in answer.proven:
                    history.proven[name][:, at] = answer.proven[name][:, period]
                    history.proven_less[name][:, at] = answer.proven_less[name][:, period]


class Dispatch(NamedTuple):
    """What one line makes, one arc or one delivery carries to where it is kept."""

    to: Literal["place", "cover"]
    row: int
    tonnes: Array
    """[week] t that leave, or are started, in the week."""
    lag: int
    """Weeks until they are there."""


def dispatches(network: Network, history: History) -> Iterator[Dispatch]:
    """Everything that was sent or started in a history, with its place or cover and its way."""
    for i, line in enumerate(network.lines):
        for material, amount in line.makes:
            at = network.place_index[line.region, material]
            yield Dispatch("place", at, amount * history.run[i], line.lead_weeks)
    for i, arc in enumerate(network.arcs):
        if arc.feeds:
            at = network.place_index[arc.destination, arc.material]
            yield Dispatch("place", at, history.flow[i], arc.transit_weeks)
    for i, d in enumerate(network.deliveries):
        yield Dispatch("cover", d.cover, history.delivery[i], d.transit_weeks)


@dataclass(frozen=True)
class Realised:
    """A case as it came true: all that results ask of it, so that none asks a live case."""

    network: Network
    scenario: Scenario
    start: date
    weeks: int
    first_effective: date | None
    """The first week of the horizon that a new entry with a control rules; None without one."""
    idle_entries: Sequence[str]
    """A sentence for each entry of the timeline that rules no licence in any week."""
    opening_stock: Array
    """[place] t."""
    opening_cover: Array
    """[cover] t on the shelf."""
    opening_licences: Array
    """[end user] t of licences issued before the start and not used."""
    pipeline: Pipeline
    """What was under way at the start."""
    past: Past | None
    """What a solved past left; None where the scenario has none."""
    inputs: WeeklyInputs
    """The weekly inputs as they came true."""
    licences: Mapping[str, Array]
    """The licence queue as it came true, series by name: [class, week] t."""
    licence_binding: Mapping[str, Flags]
    """Licence parameter to [class, week]: whether another value would grant more or less."""
    input_changes: Sequence[Mapping[str, object]]
    """Every number that a change of the scenario sets, old and new."""


@dataclass
class Solution:
    """The history of a case and how it was solved."""

    realised: Realised
    history: History
    grid: Grid
    foresight: str
    allocation: str
    rule: LossRule
    decisions: tuple[int, ...] = (0,)
    """Weeks in which the windows started."""
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
    left: State | None = None
    """What is held and under way after the last week."""
