"""What a difference between two scenarios is due to: each cause switched, and solved again.

With few causes every combination is solved and each cause gets its Shapley value: the mean, over
all orders in which the causes can be switched, of what switching it adds. With many they are
switched one after the other in a stated order. Either way the parts sum to the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from math import factorial, fsum

import numpy as np
from pandas import DataFrame

from supplychain.case.mixed_case import CAUSES, Pair, build_mixed_case, make_pair
from supplychain.formatting import counted
from supplychain.progress import Progress, step
from supplychain.results.result_tables import shortfall
from supplychain.runs.kept_arrays import Arrays, kept_or_made
from supplychain.runs.provenance import identity, program_sum
from supplychain.runs.run_schema import WORLD, Run
from supplychain.solve.rolling_horizon import Solver
from supplychain.study.run_request import RunRequest, resolve
from supplychain.study.solve_many import side_by_side
from supplychain.study.solve_scenario import OnProgress, World, open_world

MOST_CAUSES = 6
"""With more causes than this they are switched in order: 2^6 solves are enough."""

LOST = "lost_value_usd"
MOST_KEPT = 256
"""Comparisons whose worlds in between stay kept, some hundred bytes each."""

SHAPLEY, ORDER = "shapley", "order"

METHODS: Mapping[str, str] = {
    SHAPLEY: (
        "Each cause was switched to what the other scenario has, in every combination with the "
        "others, and the world solved again. A cause gets the mean, over all orders, of what "
        "switching it adds (its Shapley value)."
    ),
    ORDER: (
        "The causes were switched one after the other in the order of the list, and the world "
        "solved again each time. In another order a cause may get more or less."
    ),
}
"""What was done, in words."""

Coalition = frozenset[str]
"""The causes that are as in the other scenario."""


@dataclass(frozen=True)
class Attribution:
    """The difference in lost value between two scenarios, by cause."""

    base: str
    scenario: str
    method: str
    solves: int
    base_usd: float
    scenario_usd: float
    contributions: Mapping[str, float]
    """Cause to USD, in the order of the causes."""


def method_for(causes: Sequence[str]) -> str:
    """Shapley values, or the stated order where there are too many causes for them."""
    return SHAPLEY if len(causes) <= MOST_CAUSES else ORDER


def coalitions(causes: Sequence[str]) -> tuple[Coalition, ...]:
    """What has to be solved, the base first and the other scenario last.

    >>> [sorted(c) for c in coalitions(("a", "b"))]
    [[], ['a'], ['b'], ['a', 'b']]
    """
    if method_for(causes) == ORDER:
        return tuple(frozenset(causes[:count]) for count in range(len(causes) + 1))
    sizes = range(len(causes) + 1)
    return tuple(frozenset(chosen) for size in sizes for chosen in combinations(causes, size))


def contributions(causes: Sequence[str], loss: Mapping[Coalition, float]) -> dict[str, float]:
    """What each cause adds to the loss; the sum is the whole difference.

    >>> lost = {frozenset(): 1.0, frozenset("a"): 3.0, frozenset("b"): 1.0, frozenset("ab"): 7.0}
    >>> contributions("ab", lost)
    {'a': 4.0, 'b': 2.0}
    """
    if method_for(causes) == ORDER:
        steps = coalitions(causes)
        added = [loss[after] - loss[before] for before, after in pairwise(steps)]
        return dict(zip(causes, added, strict=True))
    return {cause: _shapley(cause, causes, loss) for cause in causes}


def _shapley(cause: str, causes: Sequence[str], loss: Mapping[Coalition, float]) -> float:
    """The mean of what the cause adds, over all orders of the causes."""
    others = [c for c in causes if c != cause]
    orders = factorial(len(causes))
    parts = []
    for size in range(len(causes)):
        weight = factorial(size) * factorial(len(others) - size) / orders
        for chosen in combinations(others, size):
            before = frozenset(chosen)
            parts.append(weight * (loss[before | {cause}] - loss[before]))
    return fsum(parts)


def pair_of(world: World, base: RunRequest, other: RunRequest) -> Pair:
    """Put the scenarios of two requests side by side.

    Raises:
        InvalidInput: a scenario is wrong, or their horizons differ.
    """
    one, two = (resolve(request, world.tables) for request in (base, other))
    solver = world.solver_of(one.start)
    pasts = world.pasts.of(one, solver), world.pasts.of(two, solver)
    return make_pair(solver.network, world.tables, one, two, pasts)


def mixed_case_loss(solver: Solver, pair: Pair, switched: Coalition, allocation: str) -> float:
    """Value added lost for good, USD, in the world with some causes as in the other scenario.

    Raises:
        NotSolved: that world has no answer.
    """
    case = build_mixed_case(pair, switched)
    solution = solver.solve(case, case.scenario.foresight.mode, allocation)
    return fsum(shortfall(solution)["lost_value_usd"])


def losses_of(
    base: RunRequest,
    other: RunRequest,
    wanted: Sequence[Coalition],
    world: World | None = None,
    on_progress: OnProgress | None = None,
) -> list[float]:
    """Solve worlds between two scenarios, in the order given.

    Args:
        base: the scenario from which the switched causes depart.
        other: the scenario from which they are taken.
        wanted: the causes switched in each world.
        world: an opened data folder; default: open the base's own.
        on_progress: called with (worlds solved, worlds in all).

    Raises:
        NotSolved: a world has no answer.
    """
    world = world or open_world(base.data, base.overlays, base.threads)
    pair = pair_of(world, base, other)
    solver = world.solver_of(pair.one.start)
    found: list[float] = []
    for switched in wanted:
        if on_progress:
            on_progress(len(found), len(wanted))
        found.append(mixed_case_loss(solver, pair, switched, base.allocation))
    return found


def run_loss(run: Run) -> float:
    """Value added lost in a run, USD."""
    rows = run.tables["indicators"]
    return fsum(rows.loc[rows["region"] == WORLD, "lost_value_usd"])


def between(causes: Sequence[str]) -> tuple[Coalition, ...]:
    """What has to be solved beside the two scenarios themselves."""
    return coalitions(causes)[1:-1] if causes else ()


def attribute(
    base: Run, other: Run, causes: Sequence[str], found: Mapping[Coalition, float]
) -> Attribution:
    """Part the difference between two runs by cause.

    Args:
        base: the run of the base.
        other: the run of the other scenario.
        causes: the causes that differ, in their order.
        found: loss of the worlds between the two, as `between` asks for them.
    """
    ends = {frozenset(causes): run_loss(other), frozenset[str](): run_loss(base)}
    return Attribution(
        base=base.scenario,
        scenario=other.scenario,
        method=method_for(causes),
        solves=len(coalitions(causes)),
        base_usd=run_loss(base),
        scenario_usd=run_loss(other),
        contributions=contributions(causes, {**found, **ends}),
    )


def causes_table(found: Iterable[Attribution]) -> DataFrame:
    """The table `causes`: what each cause adds, in USD, and how that was found."""
    columns = (
        "scenario",
        "base",
        "cause",
        "title",
        "contribution_usd",
        "place",
        "method",
        "solves",
    )
    rows = [
        (a.scenario, a.base, cause, CAUSES[cause].title, usd, place, a.method, a.solves)
        for a in found
        for place, (cause, usd) in enumerate(a.contributions.items(), 1)
    ]
    return DataFrame(rows, columns=list(columns))


@dataclass(frozen=True)
class Question:
    """What one scenario loses more than the base, and the causes that differ."""

    base: RunRequest
    other: RunRequest
    causes: tuple[str, ...]


def announcement(question: Question) -> str:
    """How many worlds are solved for a question, and how."""
    from supplychain.case.mixed_case import CAUSES

    names = f"{question.base.scenario} and {question.other.scenario}"
    if not question.causes:
        return f"No cause differs between {names}."
    titles = ", ".join(CAUSES[cause].title.lower() for cause in question.causes)
    differ = "differs" if len(question.causes) == 1 else "differ"
    many = f"{counted(len(question.causes), 'cause')} {differ} between {names}: {titles}."
    solves = f"{len(coalitions(question.causes))} solves, the two scenarios among them"
    if method_for(question.causes) == ORDER:
        return f"{many} With more than {MOST_CAUSES} they are switched in this order: {solves}."
    return f"{many} All combinations: {solves}."


def answers(
    asked: Sequence[Question],
    world: World,
    runs: Sequence[Run],
    workers: int,
    *,
    quiet: bool,
    force: bool = False,
) -> list[Attribution]:
    """Solve the worlds between the base (the first run) and each other, and part the difference.

    What was solved once is kept with the solved pasts, and taken from there unless `force` is set.

    Raises:
        NotSolved: a world in between has no answer.
    """
    base, *others = runs
    found = []
    for question, other in zip(asked, others, strict=True):
        wanted = between(question.causes)

        solve = partial(_losses, question, wanted, world, workers, quiet=quiet)
        key = between_key(base, other, question.causes)
        losses = solve() if force or not wanted else _kept_losses(key, solve)
        found.append(
            attribute(base, other, question.causes, dict(zip(wanted, losses, strict=True)))
        )
    return found


def between_key(base: Run, other: Run, causes: Sequence[str]) -> str:
    """Name the worlds between two runs by all that their losses follow from."""
    ends = [base.record["id"], other.record["id"]]
    return identity({"runs": ends, "causes": list(causes), "program": program_sum()})


def _kept_losses(key: str, solve: Callable[[], list[float]]) -> list[float]:
    """The losses of the worlds in between, as they were kept, or solved and kept now."""

    def made() -> Arrays:
        return {LOST: np.array(solve())}

    what = "The losses of the worlds in between"
    found: list[float] = kept_or_made("between", key, made, what, MOST_KEPT)[LOST].tolist()
    return found


def _losses(
    question: Question, wanted: Sequence[Coalition], world: World, workers: int, *, quiet: bool
) -> list[float]:
    """The losses in the order asked for, over several processes if there are any."""
    title = f"between {question.base.scenario} and {question.other.scenario}"
    count = min(workers, len(wanted))
    with step("solve", title, worlds=len(wanted)):
        return _solved(question, wanted, world, count, title, quiet=quiet)


def _solved(
    question: Question,
    wanted: Sequence[Coalition],
    world: World,
    count: int,
    title: str,
    *,
    quiet: bool,
) -> list[float]:
    """The losses, by this process or by several."""
    if count < 2:
        with Progress(title, quiet=quiet) as progress:
            return losses_of(question.base, question.other, wanted, world, progress)
    parts = [wanted[i::count] for i in range(count)]
    jobs = [partial(losses_of, question.base, question.other, part) for part in parts]
    solved = side_by_side(jobs, count, title, quiet=quiet)
    by_world = {
        switched: loss
        for part, losses in zip(parts, solved, strict=True)
        for switched, loss in zip(part, losses, strict=True)
    }
    return [by_world[switched] for switched in wanted]
