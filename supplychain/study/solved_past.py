"""The past of a scenario: solved once, in parts, and kept for all that share it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supplychain.case.case import build_case
from supplychain.case.past import Past, Plan
from supplychain.dataset import Tables
from supplychain.results.result_tables import build_tables
from supplychain.results.verification import refuse_broken
from supplychain.runs.kept_arrays import Arrays, code_sum, kept_or_made
from supplychain.runs.provenance import decisive_versions, identity
from supplychain.scenario.history import last_part
from supplychain.scenario.scenario import Scenario
from supplychain.solve.allocation import CONTRACTS
from supplychain.solve.rolling_horizon import Solver, plan_ahead
from supplychain.solve.solution import Solution
from supplychain.solve.warm_start import pack

OnProgress = Callable[[int, int], None]
BASIS = "start_"
"""Prefix of the arrays of a past's last basis."""
PLAN, COST = "plan_", "cost_"
"""Prefixes of the arrays of what was decided beyond a past's end, and of its costs."""

ROOMS = ("dataset", "network", "scenario", "policy", "case", "model", "solve")
"""Rooms whose code a past follows from."""
NAMES = ("name", "title", "extends", "file")
"""Keys of a scenario that no number follows from; a key that is new counts."""


class Pasts:
    """Solves the pasts of scenarios on one data folder; what is solved is kept.

    What happened, happened once: a past is solved under contracts and rolling foresight, whichever
    rule the weeks after it are solved with.
    """

    def __init__(self, tables: Tables) -> None:
        """Nothing is solved yet."""
        self.tables = tables
        self.solved_weeks = 0
        """Weeks of pasts that had to be solved so far."""
        self._known: dict[str, Past] = {}

    def of(
        self, scenario: Scenario, solver: Solver, on_progress: OnProgress | None = None
    ) -> Past | None:
        """What the past of a scenario left; None where it has none.

        Raises:
            NotSolved: a week of the past has no answer.
            SupplychainError: the tables of the past do not add up.
        """
        if scenario.history is None:
            return None
        parts = []
        part = last_part(scenario, scenario.start)
        while part is not None:
            parts.append(part)
            part = last_part(scenario, part.start)
        past: Past | None = None
        done = 0
        for part in reversed(parts):
            past = self._after(part, past, solver)
            done += part.weeks
            if on_progress:
                on_progress(done, done + scenario.weeks)
        return past

    def _after(self, part: Scenario, before: Past | None, solver: Solver) -> Past:
        key = past_key(part.as_json(), self.tables.hash, CONTRACTS)
        if key not in self._known:

            def solve() -> Arrays:
                case = build_case(solver.network, self.tables, part, before)
                solution = solver.solve(case, "rolling", CONTRACTS, prove_duals=False)
                refuse_broken(solution, build_tables(solution), "The tables of the past")
                self.solved_weeks += part.weeks
                return arrays_of(solution)

            arrays = kept_or_made("pasts", key, solve, "The solved past")
            self._known[key] = past_of(key, arrays)
        return self._known[key]


def past_key(part: Mapping[str, Any], data: str, allocation: str) -> str:
    """Name a part of a past by all that it follows from; names, reasons and sources do not count.

    Args:
        part: the part as a scenario of its own, as `Scenario.as_json` gives it.
        data: the hash of the data with their overlays.
        allocation: the rule by which its scarce goods were shared.
    """
    return identity(
        {
            "part": _without_reasons({k: v for k, v in part.items() if k not in NAMES}),
            "data": data,
            "allocation": allocation,
            "versions": decisive_versions(),
            "code": code_sum(ROOMS),
        }
    )


def _without_reasons(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {k: _without_reasons(v) for k, v in content.items() if k not in ("why", "source")}
    return [_without_reasons(part) for part in content] if isinstance(content, list) else content


def arrays_of(solution: Solution) -> dict[str, NDArray[Any]]:
    """What a solved part leaves, as arrays; its own past is counted in."""
    left, past = solution.left, solution.realised.past
    if left is None:
        raise AssertionError("a part of a past was not solved to its end")
    before = past.weeks if past else 0
    lost, made_up = solution.history.lost.sum(axis=1), solution.history.made_up
    decided = [before + week for week in solution.decisions]
    basis = pack(solution.ends[-1]) if solution.ends else {}
    step = solution.realised.scenario.foresight.step_weeks
    plan = plan_ahead(solution, -(before + solution.realised.weeks) % step)
    return {
        "weeks": np.array(before + solution.realised.weeks),
        "stock": left.stock,
        "cover": left.cover,
        "place_arrivals": left.place_arrivals,
        "cover_arrivals": left.cover_arrivals,
        "licence_left": left.licence_left,
        "lost": np.hstack([past.lost, lost]) if past else lost,
        "made_up": np.hstack([past.made_up, made_up]) if past else made_up,
        "decisions": np.array([*(past.decisions if past else ()), *decided]),
        **{BASIS + name: array for name, array in basis.items()},
        **{PLAN + name: array for name, array in plan.amounts.items()},
        **{COST + name: array for name, array in plan.costs.items()},
    }


def past_of(key: str, arrays: Mapping[str, NDArray[Any]]) -> Past:
    """A past from its arrays."""
    plain = ("stock", "cover", "place_arrivals", "cover_arrivals", "licence_left", "lost")
    amounts = _with_prefix(PLAN, arrays)
    plan = Plan(amounts["run"].shape[-1], amounts, _with_prefix(COST, arrays))
    return Past(
        key=key,
        weeks=int(arrays["weeks"]),
        **{name: arrays[name] for name in (*plain, "made_up")},
        decisions=tuple(arrays["decisions"].tolist()),
        plan=plan if plan.weeks else None,
        start=_with_prefix(BASIS, arrays),
    )


def _with_prefix(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    found = {name: array for name, array in arrays.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix): array for name, array in found.items()}
