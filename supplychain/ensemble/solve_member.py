"""Members and references solved on one compiled model.

Where their windows ended is where windows of members start that meet the same turn (see
`supplychain.solve.warm_start`). They belong to the ensemble and not to its members, so that a
member's answer does not hang on which were solved before it, or where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame

from supplychain.case.case import build_case
from supplychain.case.opening_inventory import Array, shelf_weeks
from supplychain.case.past import Past
from supplychain.dataset import Tables
from supplychain.ensemble.ensemble_definition import Definition
from supplychain.ensemble.members import Member, scenario_of, tables_of
from supplychain.ensemble.regime_paths import Step, state_regimes
from supplychain.errors import SupplychainError
from supplychain.network.build_network import build_network
from supplychain.network.entities import Network
from supplychain.results.indicators import stopped
from supplychain.results.result_tables import build_tables
from supplychain.results.verification import refuse_broken
from supplychain.runs.provenance import peak_memory_mb
from supplychain.scenario.scenario import Scenario
from supplychain.solve.infeasibility import origin
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.solution import Solution
from supplychain.solve.warm_start import Packed, Start, WarmStarts, pack, unpack

PATH, HELD = "path", "held"

POLICY = frozenset({"regime_parameters", "fitted_parameters"})
"""Tables that a case reads, and no network."""

FIRST_TURN, SECOND_TURN, UNTIL = 4, 14, 18
"""Weeks of the two turns, and how long a reference future is."""

Path = tuple[Step, ...]


Turns = tuple[Path, ...]
"""Reference futures that share their first turn, and so most of their windows."""


@dataclass(frozen=True)
class Setup:
    """Everything that a process needs to solve members; it can be sent to another."""

    definition: Definition
    tables: Tables
    base: Scenario
    allocation: str = "contracts"
    threads: int = 1
    starts: tuple[Packed, ...] = ()
    past: Past | None = None
    """What the solved past of the base scenario left; all members open with it."""


LOSSES = (
    "member", "arm", "sector", "region", "week", "planned_value_usd", "lost_value_usd",
    "lost_share", "stopped",
)  # fmt: skip
"""The columns of the table `losses`."""


@dataclass(frozen=True)
class Solved:
    """What became of one member."""

    index: int
    losses: DataFrame | None
    """Rows of the table `losses`; None if it has no answer."""
    reason: str = ""
    """In words, why it has none."""
    arms: tuple[str, ...] = ()
    facts: dict[str, float] = field(default_factory=dict, compare=False)
    """Seconds, processor seconds, windows and memory: of interest, and no result."""


class Futures:
    """Solves members of one ensemble; made once in each process."""

    def __init__(self, setup: Setup) -> None:
        """Build the network; the programme is compiled at the first window."""
        self.setup = setup
        if setup.base.history is not None and setup.past is None:
            raise AssertionError("members of a base with a history want its solved past")
        starts = WarmStarts([unpack(one) for one in setup.starts]) if setup.starts else None
        network = build_network(setup.tables, setup.base.start)
        self.solver = Solver(
            network, setup.threads, origin(setup.tables), starts, prove_duals=False, kept=True
        )

    def solve(self, member: Member, arms: Sequence[str]) -> Solved:
        """Solve a member's future, and with the arm "held" also that with its start kept.

        A future that has no answer, or whose tables do not add up, is returned with the reason.
        """
        began, used = perf_counter(), process_time()
        try:
            solutions = self._arms(member, arms)
            parts = [checked_losses(one, member.index, arm) for arm, one in solutions]
        except SupplychainError as error:
            reasons = [error.message, *(problem.message for problem in error.problems)]
            return Solved(member.index, None, " ".join(reasons), tuple(arms))
        windows = sum(len(one.windows) for _, one in solutions)
        rows = pd.concat(parts, ignore_index=True)
        facts = {
            "seconds": perf_counter() - began,
            "processor_seconds": process_time() - used,
            "windows": float(windows),
            "memory_mb": peak_memory_mb(),
        }
        return Solved(member.index, rows, "", tuple(arms), facts)

    def _arms(self, member: Member, arms: Sequence[str]) -> list[tuple[str, Solution]]:
        """Every arm of a member, solved."""
        definition, base = self.setup.definition, self.setup.base
        tables = tables_of(member, definition, self.setup.tables)
        solver = self._solver_of(tables)
        found = []
        for arm in arms:
            scenario = scenario_of(member, definition, base, tables, held=arm == HELD)
            found.append((arm, self._solution(solver, tables, scenario)))
        return found

    def references(self, turns: Turns) -> list[dict[str, Any]]:
        """Solve the futures with these turns and the numbers of the data; where windows ended."""
        setup = self.setup
        plain = replace(setup.definition, inputs=())
        ends: list[Start] = []
        for path in turns:
            member = Member(0, {}, {}, path, {})
            scenario = cut(scenario_of(member, plain, setup.base, setup.tables))
            solution = self._solution(self.solver, setup.tables, scenario)
            ends.extend(end for end in solution.ends if not any(end is old for old in ends))
        return [pack(end) for end in ends]

    def _solver_of(self, tables: Tables) -> Solver:
        old = self.setup.tables.frames
        moved = {name for name, frame in tables.frames.items() if frame is not old[name]}
        if moved <= POLICY:
            return self.solver
        return self.solver.of(build_network(tables, self.setup.base.start))

    def _solution(self, solver: Solver, tables: Tables, scenario: Scenario) -> Solution:
        case = build_case(solver.network, tables, scenario, self._past_of(solver.network))
        return solver.solve(case, scenario.foresight.mode, self.setup.allocation)

    def _past_of(self, network: Network) -> Past | None:
        """The past of the base; where a member's data hold more or less, what it left is scaled.

        Planners of a member decide in its first week: its numbers are others than those before.
        """
        past, own = self.setup.past, self.solver.network
        if past is None:
            return None
        if network is own:
            return past.unplanned()
        usual, drawn = [
            shelf_weeks(n, replace(self.setup.base, changes=())) for n in (own, network)
        ]
        return past.drawn(_ratio(drawn, usual), _ratio(network.opening_stock, own.opening_stock))


def _ratio(drawn: Sequence[float], usual: Sequence[float]) -> Array:
    """What is drawn over what is usual; 1 where nothing is usual."""
    over = np.array(usual, dtype=np.float64)
    ratio: Array = np.divide(drawn, over, out=np.ones_like(over), where=over > 0.0)
    return ratio


def checked_losses(solution: Solution, member: int, arm: str) -> DataFrame:
    """The rows of `losses` of one solved future, after its balances were recomputed.

    Raises:
        SupplychainError: the tables of the future do not add up.
    """
    frames = build_tables(solution)
    refuse_broken(solution, frames, "The result tables")
    return losses(solution, frames["shortfall"], member, arm)


def losses(solution: Solution, shortfall: DataFrame, member: int, arm: str) -> DataFrame:
    """What every sector and region loses week by week, million of value added in USD.

    Columns as in docs/ensembles.md; a sector of a region has stopped in a week if one of its lines
    has (`results.indicators.stopped`).
    """
    value = {
        (c.sector, c.segment, c.region): c.value_added_usd_per_unit
        for c in solution.realised.network.customers
    }
    threshold = solution.realised.network.assumptions["stop_threshold"]
    keys = zip(shortfall["sector"], shortfall["segment"], shortfall["region"], strict=True)
    each = np.array([value[key] for key in keys])
    rows = shortfall[["sector", "region", "week"]].assign(
        planned_value_usd=shortfall["planned"].to_numpy() * each,
        lost_value_usd=shortfall["lost_value_usd"].to_numpy(),
        stopped=stopped(shortfall, threshold).to_numpy(),
    )
    table = rows.groupby(["sector", "region", "week"], sort=True).agg(
        {"planned_value_usd": "sum", "lost_value_usd": "sum", "stopped": "any"}
    )
    table = table.reset_index()
    planned = table["planned_value_usd"].to_numpy()
    share = np.divide(
        table["lost_value_usd"].to_numpy(), planned, out=np.zeros(len(table)), where=planned > 0.0
    )
    table.insert(0, "member", member)
    table.insert(1, "arm", arm)
    table.insert(len(table.columns) - 1, "lost_share", share)
    return table


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
