"""Screening by the method of Morris: plan, solve, elementary effects.

It needs solves of its own: the points are planned here, solved by whoever asked, and analysed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pandas import DataFrame

from supplychain.ensemble.ensemble_definition import Definition
from supplychain.ensemble.executor import Died, MemberTask, done, packed
from supplychain.ensemble.member_losses import Floats
from supplychain.ensemble.members import Member, inputs_at
from supplychain.ensemble.sensitivity import problem_of
from supplychain.ensemble.solve_ensemble import MemberFolder, OpenEngine, Progress
from supplychain.ensemble.solve_member import PATH, Setup
from supplychain.errors import InvalidInput, problem
from supplychain.optional_dependencies import SENSITIVITY, need

TRAJECTORIES, LEVELS = 10, 4
EDGE = 0.05
"""Inputs move between their 5 % and 95 % quantiles: a distribution may have no end."""

RESAMPLES = 1000
COLUMNS = ("output", "input", "method", "index", "low", "high", "rank", "mu", "sigma")
METHOD = "morris"

Evaluate = Callable[[Sequence[Mapping[str, float]]], Mapping[str, Sequence[float]]]
"""Solves points, each an input's name to its quantile, and gives every output's values in order."""

QUANTILE = 0.9
"""The path on which inputs are moved is that of the future whose loss is at this quantile."""


@dataclass(frozen=True)
class Plan:
    """Points to solve: quantiles of the inputs in (0, 1); index point, input."""

    names: tuple[str, ...]
    points: Floats
    levels: int
    seed: int

    @property
    def solves(self) -> int:
        """How many solves the plan asks for."""
        return len(self.points)

    def rows(self) -> list[dict[str, float]]:
        """The points, each an input's name to its quantile."""
        return [dict(zip(self.names, map(float, row), strict=True)) for row in self.points]


def solves(inputs: int, trajectories: int = TRAJECTORIES) -> int:
    """How many solves so many inputs take: each trajectory starts once and moves every input once.

    >>> solves(19)
    200
    """
    return trajectories * (inputs + 1)


def plan(
    names: Sequence[str], trajectories: int = TRAJECTORIES, levels: int = LEVELS, seed: int = 0
) -> Plan:
    """Plan the points of a screening.

    Args:
        names: inputs, or groups of inputs that move together.
        trajectories: how many times every input is moved.
        levels: how many values an input takes, evenly between its 5 % and 95 % quantile; even.
        seed: of the trajectories.

    Raises:
        InvalidInput: SALib is missing, there is no input, or a number cannot be.
    """
    need(SENSITIVITY, "Morris' screening")
    wrong = _wrong(names, trajectories, levels)
    if wrong:
        raise InvalidInput(wrong, [problem("ENS-605", wrong)])
    from SALib.sample import morris

    space = {**problem_of(names), "bounds": [[EDGE, 1 - EDGE]] * len(names)}
    points = morris.sample(space, trajectories, num_levels=levels, seed=seed)
    return Plan(tuple(names), np.asarray(points, float), levels, seed)


def _wrong(names: Sequence[str], trajectories: int, levels: int) -> str:
    if not names:
        return "There is no uncertain input to screen."
    if trajectories < 2:
        return "A screening needs at least 2 trajectories."
    if levels < 2 or levels % 2:
        return "The number of levels is even and at least 2."
    return ""


def analyse(planned: Plan, results: Mapping[str, Sequence[float]]) -> DataFrame:
    """Mean absolute effect of every input on every output, with its 95 % interval and rank.

    `index` (mu*) is how much the output moves, in its unit, were the input to cross its whole
    range; `mu` keeps the sign, and `sigma` tells how much the effect varies with the other inputs
    (Morris 1991, doi:10.1080/00401706.1991.10484804; Campolongo and others 2007,
    doi:10.1016/j.envsoft.2006.10.004). A trajectory with a point that failed (not a number) is left
    out whole.

    Raises:
        InvalidInput: fewer than two trajectories are whole.
    """
    parts = [_analysed(planned, name, np.asarray(v, float)) for name, v in results.items()]
    return DataFrame([row for part in parts for row in part], columns=COLUMNS)


def _analysed(planned: Plan, output: str, values: Floats) -> list[tuple[object, ...]]:
    from SALib.analyze import morris

    size = len(planned.names) + 1
    whole = np.isfinite(values.reshape(-1, size)).all(axis=1)
    if whole.sum() < 2:
        message = f"Fewer than two trajectories of the screening are whole for {output}."
        raise InvalidInput(message, [problem("ENS-606", message, hint="Ask for more of them.")])
    kept = np.repeat(whole, size)
    found = morris.analyze(
        {**problem_of(planned.names), "bounds": [[EDGE, 1 - EDGE]] * len(planned.names)},
        planned.points[kept],
        values[kept],
        num_levels=planned.levels,
        num_resamples=RESAMPLES,
        seed=planned.seed,
    )
    star, reach, mu, sigma = (
        np.asarray(found[key], float) for key in ("mu_star", "mu_star_conf", "mu", "sigma")
    )
    order = np.argsort(-star, kind="stable")
    return [
        (
            output, planned.names[i], METHOD, star[i], max(0.0, star[i] - reach[i]),
            star[i] + reach[i], rank, mu[i], sigma[i],
        )
        for rank, i in enumerate(order, start=1)
    ]  # fmt: skip


def screen(planned: Plan, evaluate: Evaluate) -> DataFrame:
    """Solve the points of a plan and analyse what comes back.

    Raises:
        InvalidInput: as `analyse`.
    """
    return analyse(planned, evaluate(planned.rows()))


def screening_plan(definition: Definition, trajectories: int) -> Plan:
    """The points of a screening of an ensemble's groups.

    Raises:
        InvalidInput: SALib is missing, or nothing is uncertain but the path.
    """
    return plan(definition.groups, trajectories, seed=definition.seed)


def hard_member(members: Sequence[Member], totals: Mapping[int, float]) -> Member:
    """The member whose loss is the nearest at or below a quantile of all that were solved.

    Of several with that loss the first.
    """
    level = np.quantile(list(totals.values()), QUANTILE, method="lower")
    return next(member for member in members if totals.get(member.index) == level)


def screened(
    setup: Setup,
    planned: Plan,
    hard: Member,
    folder: MemberFolder,
    engine: OpenEngine,
    progress: Progress,
) -> DataFrame:
    """Solve the points of a plan on one member's path; the table `morris`.

    Raises:
        InvalidInput: fewer than two trajectories are whole.
    """
    starts = folder.starts() or ()
    payload = packed(replace(setup, starts=starts))

    def evaluate(points: Sequence[Mapping[str, float]]) -> Mapping[str, Sequence[float]]:
        tasks = []
        for index, point in enumerate(points):
            inputs = inputs_at(setup.definition, point)
            tasks.append(
                MemberTask(replace(hard, index=index, inputs=inputs, position=point), (PATH,))
            )
        found: list[dict[str, float]] = [{} for _ in tasks]
        with engine(payload) as running:
            progress(0, len(tasks), "screening")
            for count, (task, result) in enumerate(done(running, tasks), start=1):
                assert isinstance(task, MemberTask)
                if not isinstance(result, Died) and result.losses is not None:
                    by_sector = result.losses.groupby("sector")["lost_value_usd"].sum()
                    sums = {f"loss/{name}": float(usd) for name, usd in by_sector.items()}
                    found[task.member.index] = {"loss/all": sum(sums.values()), **sums}
                progress(count, len(tasks), "screening")
        outputs = sorted({name for one in found for name in one})
        return {name: [one.get(name, np.nan) for one in found] for name in outputs}

    return screen(planned, evaluate)
