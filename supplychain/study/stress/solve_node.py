"""Nodes broken and solved: the base once, then each node from the bases at which its windows ended.

A solved node is kept by its content, so that a test that was ended goes on where it was, and one
that shares nodes with an earlier one takes them over. What is solved depends on the base and the
node alone, never on which nodes were solved before, or in which process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supplychain.case.case import Case, build_case
from supplychain.case.planning_days import decision_weeks
from supplychain.errors import SupplychainError
from supplychain.results.result_tables import build_tables
from supplychain.results.verification import refuse_broken
from supplychain.runs.kept_arrays import Arrays, code_sum, find, kept_or_made
from supplychain.runs.provenance import decisive_versions, identity
from supplychain.scenario.scenario import Change, Scenario, change_json
from supplychain.solve.infeasibility import origin
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.solution import Solution
from supplychain.solve.warm_start import WarmStarts, pack, unpack
from supplychain.study.run_request import RunRequest, resolve
from supplychain.study.solve_scenario import World, open_world
from supplychain.study.stress.node_measures import measures_of
from supplychain.study.stress.nodes import Break, Node, broken

ROOMS = (
    "dataset", "network", "scenario", "policy", "case", "model", "solve", "results", "study/stress",
)  # fmt: skip
"""Rooms whose code a solved node follows from."""

KIND = "stress"
"""Folder of the cache in which solved nodes lie."""
MOST = 20_000
"""Nodes kept, some ten to a hundred kilobytes each: those used last."""
START, SEPARATOR = "start", "/"

ALWAYS = frozenset({"arc_limit"})
"""A node may close a lane: the base has that law too, so that its bases fit."""


@dataclass(frozen=True)
class Setup:
    """What a process needs to break nodes; it can be sent to another."""

    request: RunRequest
    share: float
    """What a broken node is left with."""
    break_weeks: int
    """Weeks from the start until it reopens."""
    step_weeks: int
    """Weeks between decisions."""


@dataclass(frozen=True)
class Solved:
    """What became of a node: its measures, or the reason why there are none."""

    node: Node
    arrays: Arrays | None
    reason: str = ""
    processor_seconds: float = 0.0
    """Of this call; next to nothing for a node that was kept."""


class Stress:
    """Breaks nodes of one scenario; made once in each process."""

    def __init__(self, setup: Setup, world: World | None = None) -> None:
        """Resolve the scenario and build its case; nothing is solved yet but its past.

        Raises:
            InvalidInput: data or scenario are wrong; every problem is listed.
            NotSolved: a week of the past has no answer.
        """
        self.setup = setup
        request = setup.request
        self.world = world or open_world(request.data, request.overlays, request.threads)
        asked = resolve(request, self.world.tables)
        shared = self.world.solver_of(asked.start)
        self.past = self.world.pasts.of(asked, shared)
        step = min(setup.step_weeks, asked.weeks)
        self.scenario = replace(asked, foresight=replace(asked.foresight, step_weeks=step))
        self.network = shared.network
        self.case = self._case(self.scenario)
        until = self.scenario.start + timedelta(weeks=setup.break_weeks)
        self.how = Break(setup.share, self.scenario.start, until)
        self._solver: Solver | None = None
        self._base: Arrays | None = None

    def base(self) -> Arrays:
        """The measures of the unbroken world, and where its windows ended; solved once.

        Raises:
            NotSolved: a window has no answer.
            SupplychainError: the result tables do not add up.
        """
        if self._base is None:
            self._base = kept_or_made(KIND, self._key(()), self._solve_base, "The base", MOST)
        return self._base

    def changes(self, node: Node) -> tuple[Change, ...]:
        """The changes that break a node.

        Raises:
            InvalidInput: the scenario itself changes what the node would change.
        """
        rules, _ = self.case.licence_queue()
        return broken(self.scenario, node, self.how, self.network, rules, self.case.calendar)

    def kept(self, node: Node) -> Solved | None:
        """A node as it was solved before; None if it was not."""
        found = find(KIND, self._key(self.changes(node)))
        return None if found is None else Solved(node, found)

    def solve(self, node: Node) -> Solved:
        """Break a node and solve; one without an answer is returned with the reason."""
        used = process_time()
        changes = self.changes(node)
        try:
            arrays = kept_or_made(
                KIND, self._key(changes), lambda: self._solve(changes), "The solved node", MOST
            )
        except SupplychainError as error:
            reasons = [error.message, *(problem.message for problem in error.problems)]
            return Solved(node, None, " ".join(reasons), process_time() - used)
        return Solved(node, arrays, "", process_time() - used)

    def _solve(self, changes: tuple[Change, ...]) -> Arrays:
        base = self.base()
        scenario = replace(self.scenario, changes=(*self.scenario.changes, *changes))
        case = self._case(scenario)
        if _same_numbers(case, self.case):
            return {**_without_starts(base), "pivots": np.array(0)}
        if self._solver is None:
            self._solver = self._fresh(self._starts(base))
        return self._measured(self._solver, case, scenario)[0]

    def _case(self, scenario: Scenario) -> Case:
        """The case of a scenario; planners decide when the node breaks, then every step."""
        case = build_case(self.network, self.world.tables, scenario, self.past)
        return replace(case, decisions=decision_weeks(replace(scenario, history=None)))

    def _starts(self, base: Arrays) -> WarmStarts:
        """Where a node's windows start: at the end of the base's window of that week."""
        ends = [unpack(one) for one in _starts_of(base)]
        return WarmStarts(ends, dict(zip(self.case.decisions, ends, strict=True)))

    def _solve_base(self) -> Arrays:
        arrays, solution = self._measured(self._fresh(None), self.case, self.scenario)
        starts = {
            SEPARATOR.join((START, f"{place:03d}", name)): array
            for place, end in enumerate(solution.ends)
            for name, array in pack(end).items()
        }
        return {**arrays, **starts}

    def _fresh(self, starts: WarmStarts | None) -> Solver:
        return Solver(
            self.network,
            self.setup.request.threads,
            origin(self.world.tables),
            starts,
            prove_duals=False,
            kept=True,
            always=ALWAYS,
        )

    def _measured(
        self, solver: Solver, case: Case, scenario: Scenario
    ) -> tuple[dict[str, NDArray[Any]], Solution]:
        mode, allocation = scenario.foresight.mode, self.setup.request.allocation
        solution = solver.solve(case, mode, allocation, prove_duals=False)
        frames = build_tables(solution)
        refuse_broken(solution, frames, "The result tables")
        return measures_of(solution, frames), solution

    def _key(self, changes: tuple[Change, ...]) -> str:
        """Name a solved world by all that it follows from; () is the base."""
        return identity(
            {
                "scenario": self.scenario.as_json(),
                "changes": [change_json(change) for change in changes],
                "data": self.world.tables.hash,
                "allocation": self.setup.request.allocation,
                "versions": decisive_versions(),
                "code": code_sum(ROOMS),
            }
        )


def _same_numbers(one: Case, other: Case) -> bool:
    """Whether a break changes nothing, as of a plant that opens after the horizon."""
    mine, theirs = one.known(), other.known()
    return all(
        np.array_equal(getattr(mine, field.name), getattr(theirs, field.name))
        for field in fields(mine)
    )


def _starts_of(base: Arrays) -> list[Mapping[str, NDArray[Any]]]:
    """Where the windows of the base ended, in their order."""
    found: dict[str, dict[str, NDArray[Any]]] = {}
    for name in sorted(base):
        head, _, rest = name.partition(SEPARATOR)
        if head == START:
            place, _, part = rest.partition(SEPARATOR)
            found.setdefault(place, {})[part] = base[name]
    return list(found.values())


def _without_starts(base: Arrays) -> dict[str, NDArray[Any]]:
    return {k: v for k, v in base.items() if not k.startswith(START + SEPARATOR)}


_AT_WORK: dict[str, Stress] = {}
"""The test that this process is at, by its setup: workers get single nodes and set up once."""


def solve_node(setup: Setup, node: Node) -> Solved:
    """Break a node, in a process that may have been given others of the same test before."""
    key = repr(setup)
    if key not in _AT_WORK:
        _AT_WORK.clear()
        _AT_WORK[key] = Stress(setup)
    return _AT_WORK[key].solve(node)
