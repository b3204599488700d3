"""Morris' screening of an ensemble: its groups moved one at a time, on one path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from pandas import DataFrame

from supplychain.study.ensemble.definition import Definition
from supplychain.study.ensemble.engine import Died, done
from supplychain.study.ensemble.futures import PATH, Setup
from supplychain.study.ensemble.morris import Plan, plan, screen
from supplychain.study.ensemble.sample import Member, inputs_at
from supplychain.study.ensemble.solving import OpenEngine, Progress
from supplychain.study.ensemble.store import MemberFolder
from supplychain.study.ensemble.work import MemberTask, packed

QUANTILE = 0.9
"""The path on which inputs are moved is that of the future whose loss is at this quantile."""


def screening_plan(definition: Definition, trajectories: int) -> Plan:
    """The points of a screening of an ensemble's groups.

    Raises:
        InvalidInput: SALib is missing, or nothing is uncertain but the path.
    """
    return plan(definition.groups, trajectories, seed=definition.seed)


def hard_member(members: Sequence[Member], totals: Mapping[int, float]) -> Member:
    """The member whose loss is the nearest at or below a quantile of all that were solved."""
    ordered = sorted(totals, key=lambda index: (totals[index], index))
    place = int(np.floor(QUANTILE * (len(ordered) - 1)))
    return next(member for member in members if member.index == ordered[place])


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
