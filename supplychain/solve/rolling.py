"""From a Case to a History: window after window, or one window with perfect foresight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from supplychain.errors import NotSolved
from supplychain.model.window import LossRule, State, Window, make_window
from supplychain.network.grid import Grid, make_grid
from supplychain.network.kinds import Network
from supplychain.regime.case import Case
from supplychain.regime.numbers import Numbers
from supplychain.solve.alike import same_programme
from supplychain.solve.allocation import loss_rule, proportional
from supplychain.solve.clash import Where, clash
from supplychain.solve.compiled import Compiled, compile_programme, limits
from supplychain.solve.history import History, commit, empty_history
from supplychain.solve.outcome import Answer, Outcome
from supplychain.solve.past import Past, link
from supplychain.solve.programme import (
    COST_OF,
    FAR_ITERATIONS,
    WARM_ITERATIONS,
    Programme,
    Start,
)
from supplychain.solve.starts import Starts

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Called with (weeks done, weeks in all)."""


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


@dataclass
class Pipeline:
    """What has departed and is not yet there, by absolute week of arrival."""

    place: Array
    cover: Array

    def from_week(self, week: int) -> tuple[Array, Array]:
        """Arrivals from a week on."""
        return self.place[:, week:], self.cover[:, week:]


class Solver:
    """Solves cases that share one network; compiles the structure of a grid at its first window.

    Windows that were solved before are not solved again: the same numbers after the same windows,
    as in the past that scenarios share.
    """

    def __init__(
        self,
        network: Network,
        threads: int = 1,
        where: Where | None = None,
        starts: Starts | None = None,
    ) -> None:
        """Remember the network; compile later, when a grid is known.

        `where` tells from which row of the data a limit comes, should a window have no answer.
        `starts` are what windows far from their predecessor may start from.
        """
        self.network = network
        self.starts = starts
        self.where = where
        self.threads = threads
        self._programmes: dict[Grid, Programme] = {}
        self._past = Past()

    def of(self, network: Network) -> Solver:
        """A solver of another network; what is compiled is shared if it would be the same."""
        other = Solver(network, self.threads, self.where, self.starts)
        if same_programme(self.network, network):
            other._programmes = self._programmes
        return other

    def programme(self, grid: Grid, window: Window) -> Programme:
        """The compiled programme of a grid, built once."""
        if grid not in self._programmes:
            compiled = compile_programme(self.network, grid, window)
            self._programmes[grid] = Programme(compiled, self.threads)
        return self._programmes[grid]

    def solve(
        self, case: Case, foresight: str, allocation: str, progress: Progress | None = None
    ) -> Solution:
        """Solve a case week by week.

        Raises:
            NotSolved: a window has no optimal answer; the message says which week and why.
        """
        rule = loss_rule(self.network, allocation, foresight)
        grid = self.grid(case, foresight)
        history = empty_history(self.network, case.weeks, len(rule.shares))
        solution = Solution(case, history, grid, foresight, allocation, rule)
        chain = b""
        pipeline = opening_pipeline(self.network, case)
        decisions = [0] if foresight == "perfect" else list(case.decisions)
        for week, until in zip(decisions, [*decisions[1:], case.weeks], strict=True):
            believed = case.known() if foresight == "perfect" else case.believed(week)
            shared = allocation == "proportional"
            numbers = proportional(self.network, believed) if shared else believed
            answer, chain = self._window(solution, numbers, pipeline, week, chain)
            commit(history, answer, grid, week, until - week)
            depart(self.network, history, pipeline, week, until)
            add_costs(history, answer, self._programmes[grid].compiled, until - week)
            if progress:
                progress(until, case.weeks)
        return solution

    def grid(self, case: Case, foresight: str) -> Grid:
        """The periods of a window: weekly first, the farther the longer (assumptions).

        What becomes history is always weekly, however rarely planners decide.
        """
        a = self.network.assumptions
        if foresight == "perfect":
            return make_grid(
                case.weeks, int(a["perfect_weekly_periods"]), int(a["perfect_period_weeks"])
            )
        until = [*case.decisions[1:], case.weeks]
        longest = max(end - week for week, end in zip(case.decisions, until, strict=True))
        weekly = max(int(a["weekly_periods"]), longest)
        between = [(2, int(a["two_week_periods"])), (4, int(a["four_week_periods"]))]
        return make_grid(case.window_weeks, weekly, int(a["far_period_weeks"]), between)

    def _window(
        self, solution: Solution, numbers: Numbers, pipeline: Pipeline, week: int, chain: bytes
    ) -> tuple[Answer, bytes]:
        """Solve one window after those that `chain` stands for; the answer and the longer chain."""
        state = state_at(solution, pipeline, week)
        window = make_window(self.network, solution.grid, numbers, state, solution.rule)
        started = perf_counter()
        programme = self.programme(solution.grid, window)
        solution.build_seconds += perf_counter() - started
        _describe(solution, programme)
        before, chain = chain, link(chain, solution.grid, window)
        known = self._past.find(chain)
        if known is None:
            start = self._past.start_after(before)
            programme.start = self.starts.choose(window, start) if self.starts else start
            programme.patience = FAR_ITERATIONS if self.starts else WARM_ITERATIONS
            answer = programme.solve(window)
            self._past.keep(chain, answer, programme.start)
        else:
            answer = replace(known, seconds=0.0)
            solution.windows_shared += 1
        if answer.outcome is not Outcome.OPTIMAL:
            raise NotSolved(
                f"The window that starts in week {week} has no answer: {answer.outcome.value}.",
                clash(programme.compiled, limits(programme.compiled, window), week, self.where)
                if answer.outcome is Outcome.INFEASIBLE
                else (),
            )
        end = self._past.start_after(chain)
        solution.ends.extend([end] if end else [])
        solution.windows.append(answer)
        solution.solve_seconds += answer.seconds
        return answer, chain


def _describe(solution: Solution, programme: Programme) -> None:
    """Note the programme's size and the range of its coefficients."""
    matrix = programme.compiled.matrix
    sizes = np.abs(matrix.data)
    solution.rows, solution.columns = matrix.shape
    solution.nonzeros = int(matrix.nnz)
    solution.smallest_coefficient = float(sizes[sizes > 0.0].min())
    solution.largest_coefficient = float(sizes.max())


def state_at(solution: Solution, pipeline: Pipeline, week: int) -> State:
    """What is held and under way at the start of a week."""
    case, history = solution.case, solution.history
    place, cover = pipeline.from_week(week)
    last = week - 1
    return State(
        week=week,
        stock=_real(history.stock[:, last]) if week else np.array(case.opening_stock),
        cover=_real(history.cover[:, last]) if week else np.array(case.opening_cover),
        place_arrivals=place,
        cover_arrivals=cover,
        licence_left=_real(history.licence_left[:, last])
        if week
        else np.array(case.opening_licences),
    )


def opening_pipeline(network: Network, case: Case) -> Pipeline:
    """Goods in transit and in process at the start: what departed in the weeks before.

    Lines ran at their usual rate; arcs and deliveries departed as the case's past says, which is
    usual trade unless a licence queue already held it back.
    """
    span = case.weeks + _longest_lag(network)
    place = np.zeros((len(network.places), span))
    cover = np.zeros((len(network.covers), span))
    for line in network.lines:
        for material, amount in line.makes:
            at = network.place_index[line.region, material]
            place[at, : line.lead_weeks] += amount * line.usual_t_per_week
    for i, arc in enumerate(network.arcs):
        if arc.feeds:
            at = network.place_index[arc.destination, arc.material]
            lag = arc.transit_weeks
            place[at, :lag] += case.past_arcs[i, -lag:] if lag else 0.0
    for i, delivery in enumerate(network.deliveries):
        lag = delivery.transit_weeks
        cover[delivery.cover, :lag] += case.past_deliveries[i, -lag:] if lag else 0.0
    return Pipeline(place, cover)


def depart(network: Network, history: History, pipeline: Pipeline, week: int, until: int) -> None:
    """Put what departs and starts in the committed weeks into the pipeline."""
    weeks = slice(week, until)
    for i, line in enumerate(network.lines):
        for material, amount in line.makes:
            at = network.place_index[line.region, material]
            _add(pipeline.place[at], amount * history.run[i, weeks], week + line.lead_weeks)
    for i, arc in enumerate(network.arcs):
        if arc.feeds:
            at = network.place_index[arc.destination, arc.material]
            _add(pipeline.place[at], history.flow[i, weeks], week + arc.transit_weeks)
    for i, d in enumerate(network.deliveries):
        _add(pipeline.cover[d.cover], history.delivery[i, weeks], week + d.transit_weeks)


def add_costs(history: History, answer: Answer, compiled: Compiled, count: int) -> None:
    """Add the named costs of the committed weeks; what closes a window is no cost of history."""
    starts = np.array(compiled.grid.starts)
    lengths = np.array(compiled.grid.lengths)
    share = np.clip((count - starts) / lengths, 0.0, 1.0)
    for name, parts in COST_OF.items():
        if name == "closing_shortfall":
            continue
        total = sum(float(np.sum(answer.spent[part] * share)) for part in parts)
        history.costs[name] = history.costs.get(name, 0.0) + total


def _add(series: Array, amounts: Array, start: int) -> None:
    end = min(start + len(amounts), len(series))
    series[start:end] += _real(amounts[: max(end - start, 0)])


def _real(amounts: Array) -> Array:
    """Amounts as the next window is given them: none is below zero.

    An answer may be below it by the solver's tolerance. Where nothing can arrive or be made in
    time, no plan could fill even such a gap, and the next window would have no answer. The history,
    and what is recomputed from it, keep what the solver returned.
    """
    found: Array = np.maximum(amounts, 0.0)
    return found


def _longest_lag(network: Network) -> int:
    lags = [x.lead_weeks for x in network.lines] + [a.transit_weeks for a in network.arcs]
    return max(lags, default=0) + 1
