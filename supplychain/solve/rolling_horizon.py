"""From a Case to a Solution: window after window, or one with perfect foresight.

The simplex method may end in another of several equal optima when it starts elsewhere, so that an
answer is that of a window *after certain windows*. Its key is the chain of their contents: what is
found under a key is what solving would give, whichever scenarios were solved before, and in which
process.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from supplychain.case.case import Case
from supplychain.case.past import Plan
from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.errors import NotSolved
from supplychain.model.components import COST_OF
from supplychain.model.window import Grid, State, Window, make_grid, make_window
from supplychain.network.entities import Network
from supplychain.solve.allocation import CONTRACTS, for_allocation, licences_under, loss_rule
from supplychain.solve.highs import Programme
from supplychain.solve.infeasibility import Where, explain_infeasibility
from supplychain.solve.kept_structure import structure_of
from supplychain.solve.make_up import still_behind
from supplychain.solve.solution import (
    AMOUNTS,
    DUALS,
    LEVELS,
    Answer,
    History,
    Outcome,
    Realised,
    Solution,
    commit,
    dispatches,
    empty_history,
)
from supplychain.solve.standard_form import StandardForm, idle_laws, limits, same_structure
from supplychain.solve.warm_start import Start, WarmStarts, unpack

if TYPE_CHECKING:
    from supplychain.case.opening_inventory import Pipeline


Array = NDArray[np.float64]
OnProgress = Callable[[int, int], None]
OnWindow = Callable[[int, StandardForm, Window], None]
"""Is given the number of a window, from 1, its compiled programme and its numbers."""
"""Called with (weeks done, weeks in all)."""

MOST = 64
"""Windows kept, about two megabytes each; the one not asked for longest goes first."""


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
        starts: WarmStarts | None = None,
        *,
        prove_duals: bool = True,
        kept: bool = False,
        always: frozenset[str] = frozenset(),
    ) -> None:
        """Remember the network; compile later, when a grid is known.

        `where` tells from which row of the data a limit comes, should a window have no answer.
        `starts` are what windows far from their predecessor may start from. `prove_duals` tries
        which of the largest duals one more kilogram is worth (`solve.one_more`). `kept` structures
        are read from disk and left there. `always` are laws that stay in the programme where they
        hold nothing, so that cases with and without them start from each other's bases.
        """
        self.network = network
        self.kept = kept
        self.always = always
        self.prove_duals = prove_duals
        self.starts = starts
        self.where = where
        self.threads = threads
        self.log: Path | None = None
        """Where programmes that are compiled from now on say how they are solved."""
        self._programmes: dict[tuple[Grid, frozenset[str]], Programme] = {}
        self._past = WindowCache()

    def of(self, network: Network) -> Solver:
        """A solver of another network; what is compiled is shared if it would be the same."""
        other = Solver(
            network,
            self.threads,
            self.where,
            self.starts,
            prove_duals=self.prove_duals,
            kept=self.kept,
            always=self.always,
        )
        if same_structure(self.network, network):
            other._programmes = self._programmes
        return other

    def programme(self, grid: Grid, window: Window) -> Programme:
        """The compiled programme of a grid and of the laws that act in a window, built once."""
        idle = idle_laws(window) - self.always
        key = grid, idle
        if key not in self._programmes:
            compiled = structure_of(self.network, grid, window, idle, kept=self.kept)
            self._programmes[key] = Programme(compiled, self.threads, self.log)
        return self._programmes[key]

    def solve(
        self,
        case: Case,
        foresight: str,
        allocation: str,
        progress: OnProgress | None = None,
        *,
        prove_duals: bool = True,
        on_window: OnWindow | None = None,
    ) -> Solution:
        """Solve a case week by week; without `prove_duals` none is tried, as in a past.

        `on_window` is called with each window, before it is solved.

        Raises:
            NotSolved: a window has no optimal answer; the message says which week and why.
        """
        rule = loss_rule(self.network, allocation, foresight)
        grid = self.grid(case, foresight)
        history = empty_history(self.network, case.weeks, len(rule.shares))
        solution = Solution(realised(case), history, grid, foresight, allocation, rule)
        chain = self._begin(case)
        pipeline = case.pipeline()
        decisions = decisions_under(case, foresight, allocation)
        solution.decisions = tuple(decisions)
        if case.past and case.past.plan and 0 not in decisions:
            planned = min([*decisions, case.weeks])
            follow(history, case.past.plan, planned)
            depart(self.network, history, pipeline, 0, planned)
        # as many weeks for each window, however soon news ends it: another case may share it
        longest = case.weeks if foresight == "perfect" else case.step_weeks
        tried = longest if prove_duals and self.prove_duals else 0
        for week, until in pairwise([*decisions, case.weeks]):
            believed = case.known() if foresight == "perfect" else case.believed(week)
            # what planners believe of weeks to come may be wrong; what they do in those that are
            # committed has the limits that came true
            seen = believed.with_weeks_of(case.known(), week, until)
            numbers = for_allocation(self.network, seen, allocation)
            count = sum(first < tried for first in grid.starts)
            answer, chain = self._window(solution, numbers, pipeline, week, chain, count, on_window)
            commit(history, answer, grid, week, until - week)
            depart(self.network, history, pipeline, week, until)
            add_costs(history, answer, grid, until - week)
            if progress:
                progress(until, case.weeks)
        solution.left = state_at(solution, pipeline, case.weeks)
        return solution

    def _begin(self, case: Case) -> bytes:
        """The chain of the windows before the first: none, or what a solved past stands for."""
        if case.past is None:
            return b""
        chain = case.past.key.encode()
        self._past.keep(chain, None, unpack(case.past.start) if case.past.start else None)
        return chain

    def grid(self, case: Case, foresight: str) -> Grid:
        """The periods of a window: weekly first, the farther the longer (assumptions).

        What becomes history is always weekly, however rarely planners decide.
        """
        a = self.network.assumptions
        if foresight == "perfect":
            return make_grid(
                case.weeks, int(a["perfect_weekly_periods"]), int(a["perfect_period_weeks"])
            )
        weekly = max(int(a["weekly_periods"]), case.step_weeks)
        between = [(2, int(a["two_week_periods"])), (4, int(a["four_week_periods"]))]
        return make_grid(case.window_weeks, weekly, int(a["far_period_weeks"]), between)

    def _window(
        self,
        solution: Solution,
        numbers: WeeklyInputs,
        pipeline: Pipeline,
        week: int,
        chain: bytes,
        prove: int,
        on_window: OnWindow | None = None,
    ) -> tuple[Answer, bytes]:
        """Solve one window after those that `chain` stands for; the answer and the longer chain."""
        state = state_at(solution, pipeline, week)
        window = make_window(self.network, solution.grid, numbers, state, solution.rule)
        started = perf_counter()
        programme = self.programme(solution.grid, window)
        solution.build_seconds += perf_counter() - started
        _describe(solution, programme)
        if on_window:
            on_window(len(solution.windows) + 1, programme.compiled, window)
        before, chain = chain, history_key(chain, solution.grid, window, prove)
        known = self._past.find(chain)
        if known is None:
            start = self._past.start_after(before)
            programme.start = self.starts.choose(window, start, week) if self.starts else start
            answer = programme.solve(window, prove)
            self._past.keep(chain, answer, programme.start)
        else:
            answer = replace(known, seconds=0.0)
            solution.windows_shared += 1
        if answer.outcome is not Outcome.OPTIMAL:
            raise NotSolved(
                f"The window that starts in week {week} has no answer: {answer.outcome.value}.",
                explain_infeasibility(
                    programme.compiled, limits(programme.compiled, window), week, self.where
                )
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


def realised(case: Case) -> Realised:
    """What came true of a case, for those who come after the solver."""
    return Realised(
        network=case.network,
        scenario=case.scenario,
        start=case.start,
        weeks=case.weeks,
        first_effective=case.first_effective,
        idle_entries=case.idle_entries(),
        opening_stock=np.array(case.opening_stock),
        opening_cover=np.array(case.opening_cover),
        opening_licences=np.array(case.opening_licences),
        pipeline=case.pipeline(),
        past=case.past,
        inputs=case.known(),
        licences=case.licence_series(),
        licence_binding=case.licence_binding(),
        input_changes=case.input_changes(),
    )


def state_at(solution: Solution, pipeline: Pipeline, week: int) -> State:
    """What is held and under way at the start of a week."""
    case, history = solution.realised, solution.history
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
        else licences_under(case.network, np.array(case.opening_licences), solution.allocation),
        behind=still_behind(case.network, history, solution.decisions, week, case.past),
    )


def depart(network: Network, history: History, pipeline: Pipeline, week: int, until: int) -> None:
    """Put what departs and starts in the committed weeks into the pipeline."""
    for sent in dispatches(network, history):
        series = (pipeline.place if sent.to == "place" else pipeline.cover)[sent.row]
        _add(series, sent.tonnes[week:until], week + sent.lag)


def decisions_under(case: Case, foresight: str, allocation: str) -> list[int]:
    """Weeks in which the windows of a case start.

    What planners of the past had decided holds for those who share goods out as they did.
    """
    if foresight == "perfect":
        return [0]
    return list(case.decisions if allocation == CONTRACTS else sorted({0, *case.decisions}))


def follow(history: History, plan: Plan, weeks: int) -> None:
    """Write what was decided before the start into the first weeks of a history."""
    for name, amounts in plan.amounts.items():
        getattr(history, name)[..., :weeks] = amounts[..., :weeks]
    for name, by_week in plan.costs.items():
        history.costs[name] = float(by_week[:weeks].sum())


def plan_ahead(solution: Solution, weeks: int) -> Plan:
    """What the last window of a solution had decided for the weeks after its end.

    Args:
        solution: solved under rolling foresight.
        weeks: how many; no more than were weekly in that window.
    """
    answer, done = solution.windows[-1], solution.realised.weeks - solution.decisions[-1]
    until = done + weeks
    ahead = empty_history(solution.realised.network, until, len(solution.rule.shares))
    commit(ahead, answer, solution.grid, 0, until)
    series = (*AMOUNTS, "lost", *LEVELS, *DUALS)
    amounts = {name: getattr(ahead, name)[..., done:] for name in series}
    costs = [window_costs(answer, solution.grid, count) for count in range(done, until + 1)]
    by_week = {name: np.diff([upto[name] for upto in costs]) for name in costs[0]}
    return Plan(weeks, amounts, by_week)


def add_costs(history: History, answer: Answer, grid: Grid, count: int) -> None:
    """Add the named costs of the committed weeks; what closes a window is no cost of history."""
    for name, total in window_costs(answer, grid, count).items():
        history.costs[name] = history.costs.get(name, 0.0) + total


def window_costs(answer: Answer, grid: Grid, count: int) -> dict[str, float]:
    """Named costs of the first `count` weeks of a window, million USD; not what closes it."""
    share = np.clip((count - np.array(grid.starts)) / np.array(grid.lengths), 0.0, 1.0)
    return {
        name: sum(float(np.sum(answer.spent[part] * share)) for part in parts)
        for name, parts in COST_OF.items()
        if name != "closing_shortfall"
    }


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


@dataclass(frozen=True)
class CachedWindow:
    """An answer, and where it ended."""

    answer: Answer | None
    """None where it belongs to a past that was solved elsewhere."""
    end: Start | None


class WindowCache:
    """The latest windows by their chain."""

    def __init__(self, most: int = MOST) -> None:
        """Keep up to `most` windows."""
        self.most = most
        self._known: OrderedDict[bytes, CachedWindow] = OrderedDict()

    def find(self, chain: bytes) -> Answer | None:
        """The answer at the end of a chain, if it is known."""
        if chain not in self._known:
            return None
        self._known.move_to_end(chain)
        return self._known[chain].answer

    def start_after(self, chain: bytes) -> Start | None:
        """Where to start after a chain; None at the beginning of one."""
        return self._known[chain].end if chain else None

    def keep(self, chain: bytes, answer: Answer | None, end: Start | None) -> None:
        """Remember an answer."""
        self._known[chain] = CachedWindow(answer, end)
        while len(self._known) > self.most:
            self._known.popitem(last=False)


def history_key(chain: bytes, grid: Grid, window: Window, prove: int = 0) -> bytes:
    """The key of a window that follows the windows of a chain on a grid.

    An answer whose duals are tried in `prove` periods is another than one without.
    """
    digest = hashlib.sha256(chain)
    digest.update(repr((grid.lengths, prove)).encode())
    for field in fields(window):
        amounts = np.ascontiguousarray(getattr(window, field.name), dtype=np.float64)
        digest.update(f"{field.name} {amounts.shape}".encode())
        digest.update(amounts.tobytes())
    return digest.digest()
