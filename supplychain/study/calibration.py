"""Fit the practice of licensing to the exports of April to August 2025, within sourced bounds.

A handful of knobs stands for what no source measures. Each becomes rows of `fitted_parameters`, and
each stays within the range that its source gives in `regime_parameters`. The queue alone costs
milliseconds, and grants bound what leaves: so the queue is fitted, its months scaled to meet a few
solves of the whole model.

The objective, least over the knobs:

    sum over series s of weight[s] x mean over months m of (modelled[s,m] / observed[s,m] - 1)^2
    + PULL x sum over knobs of ((value - prior) / (high - low))^2

with the months of April to August 2025. The second part only decides what the first does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pandas import DataFrame
from scipy.optimize import minimize

from supplychain.dataset import TABLES, Tables
from supplychain.regime.case import Case, build_case
from supplychain.regime.licences import Array, run_queue
from supplychain.regime.policy import Policy, read_policy
from supplychain.regime.treatment import Calendar, class_rules
from supplychain.study.episodes import MAGNETS_2025
from supplychain.study.hindcast import Monthly, by_month, hindcast, weeks_until
from supplychain.study.knobs import (
    CIVIL,
    HEAVY,
    KNOBS,
    LIGHT,
    Knob,
    Knobs,
    Rows,
    Translation,
)
from supplychain.study.run import Progress, RunRequest, World, open_world, resolve

SOURCE = "fit-hindcast-2025"
FITTED_SERIES, FIT_UNTIL = MAGNETS_2025.fitted, MAGNETS_2025.fit_until
EVALUATIONS = 600

WEIGHTS: Mapping[str, float] = {
    "magnets-world": 2.0,
    "magnets-usa": 1.0,
    "magnets-germany": 1.0,
    "magnets-japan": 1.0,
}
PULL = 0.01
REFILL_WEEKS = 10.0
"""In the queue alone: time over which buyers make good what they could not ship."""
CHI_SQUARE = 3.84
"""Of one degree of freedom at 95 %."""
PROFILE_POINTS, PROFILE_EVALUATIONS = 9, 60


@dataclass(frozen=True)
class Fitted:
    """What a fit found."""

    knobs: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    objective: float
    before: float
    """The objective with every knob at its prior."""
    solves: int


def as_json(fitted: Fitted) -> dict[str, Any]:
    """What a fit found, knob by knob."""
    return {
        "objective": fitted.objective,
        "objective_of_priors": fitted.before,
        "solves": fitted.solves,
        "knobs": [
            {
                "knob": k.name,
                "meaning": k.meaning,
                "prior": k.prior,
                "bounds": [k.low, k.high],
                "value": fitted.knobs[k.name],
                "interval": list(fitted.intervals[k.name]),
            }
            for k in KNOBS
        ],
    }


def queue_exports(case: Case, policy: Policy, demand: float) -> dict[str, Monthly]:
    """Monthly exports of each fitted series if buyers take all that the queue lets through.

    They want their usual trade x demand, and what they missed before, spread over REFILL_WEEKS.
    """
    classes = [k for k in case.network.classes if k.control in (HEAVY, LIGHT)]
    usual = np.array([k.usual_t_per_week for k in classes])
    weeks = weeks_until(case.start, FIT_UNTIL)
    timeline = [
        e for e in case.scenario.timeline if 0 <= case.scenario.week_of(e.effective) < weeks
    ]
    rules = class_rules(classes, policy, Calendar(case.start, 0, weeks), timeline, ())
    out = run_queue(usual, rules)
    left, missed = np.zeros(len(classes)), np.zeros(len(classes))
    shipped = np.zeros((len(classes), weeks))
    for at in range(weeks):
        free = out.free[:, at]
        wanted = demand * usual + missed / REFILL_WEEKS
        may = np.where(free, wanted, left + out.granted[:, at] + out.waived[:, at])
        shipped[:, at] = np.minimum(may, wanted)
        left = np.where(free, 0.0, np.minimum(may - shipped[:, at], out.valid[:, at]))
        missed += demand * usual - shipped[:, at]
    return {name: _monthly(case, classes, shipped, name) for name in FITTED_SERIES}


def _monthly(case: Case, classes: Sequence[Any], shipped: Array, name: str) -> Monthly:
    series = MAGNETS_2025.series[name]
    here = [i for i, k in enumerate(classes) if series.region in ("", k.destination)]
    weekly = shipped[here].sum(axis=0) * series.share
    return by_month({case.scenario.monday(w).isoformat(): t for w, t in enumerate(weekly.tolist())})


def observed(tables: Tables) -> dict[str, Monthly]:
    """The months of the fit, by series."""
    found: dict[str, Monthly] = {name: {} for name in FITTED_SERIES}
    for row in tables.records("observations"):
        month = row["month"].isoformat()[:7]
        if row["series"] in found and MAGNETS_2025.first <= month <= FIT_UNTIL:
            found[row["series"]][month] = float(row["value"])
    return found


def objective(modelled: Mapping[str, Monthly], seen: Mapping[str, Monthly], knobs: Knobs) -> float:
    """What the fit makes least; see the head of the module."""
    total = 0.0
    for name, weight in WEIGHTS.items():
        errors = [(modelled[name][m] / t - 1.0) ** 2 for m, t in seen[name].items()]
        total += weight * sum(errors) / len(errors)
    pull = sum(((knobs[k.name] - k.prior) / (k.high - k.low)) ** 2 for k in KNOBS)
    return total + PULL * pull


def least(score: Callable[[Knobs], float], start: Knobs, evaluations: int) -> dict[str, float]:
    """Nelder and Mead within the bounds, in units of each knob's range, from one start."""

    def unpacked(x: Any) -> dict[str, float]:
        return {k.name: k.low + float(u) * (k.high - k.low) for k, u in zip(KNOBS, x, strict=True)}

    first = [(start[k.name] - k.low) / (k.high - k.low) for k in KNOBS]
    simplex = [first] + [
        [u + (0.25 if u < 0.5 else -0.25) * (i == j) for j, u in enumerate(first)]
        for i in range(len(KNOBS))
    ]
    found = minimize(
        lambda x: score(unpacked(x)),
        first,
        method="Nelder-Mead",
        bounds=[(0.0, 1.0)] * len(KNOBS),
        options={"maxfev": evaluations, "initial_simplex": simplex, "xatol": 1e-3, "fatol": 1e-6},
    )
    return unpacked(found.x)


def interval(
    score: Callable[[Knobs], float], best: Knobs, knob: Knob, limit: float
) -> tuple[float, float]:
    """The profile of one knob: where the least over all others stays within a limit."""
    inside = [best[knob.name]]
    for side in (knob.low, knob.high):
        grid = np.linspace(best[knob.name], side, PROFILE_POINTS // 2 + 1)[1:]
        start = dict(best)
        for value in grid.tolist():
            held = _holding(score, knob.name, value)
            start = least(held, {**start, knob.name: value}, PROFILE_EVALUATIONS)
            if held(start) > limit:
                break
            inside.append(value)
    return min(inside), max(inside)


def _holding(score: Callable[[Knobs], float], name: str, value: float) -> Callable[[Knobs], float]:
    return lambda knobs: score({**knobs, name: value})


def calibrate(
    request: RunRequest,
    rounds: int = 3,
    on_progress: Progress | None = None,
    world: World | None = None,
) -> tuple[Fitted, DataFrame]:
    """Fit the knobs; return what was found and the rows of `fitted_parameters`.

    The whole model is solved with the priors to the end of the window of the fit. Then, `rounds`
    times, the queue's months are scaled to meet the last solve, the knobs are fitted to the scaled
    queue, and the whole model is solved with them: what
    buyers do not take although they may is then in the scale. The best of the solves is kept.
    """
    world = world or open_world(request.data, request.overlays, request.threads)
    tables = with_rows(world.tables, world.tables["fitted_parameters"].iloc[:0])
    policy = read_policy(tables)
    translation, seen = Translation(tables, policy), observed(tables)
    case = build_case(world.solver.network, tables, resolve(request, tables))
    demand = demand_of(case)
    scale: dict[str, Monthly] = {name: dict.fromkeys(seen[name], 1.0) for name in seen}

    def queue(knobs: Knobs) -> dict[str, Monthly]:
        return queue_exports(case, policy.with_parameters(translation.rows(knobs)), demand)

    def score(knobs: Knobs) -> float:
        raw = queue(knobs)
        scaled = {n: {m: raw[n][m] * scale[n][m] for m in seen[n]} for n in seen}
        return objective(scaled, seen, knobs)

    prior = {k.name: k.prior for k in KNOBS}
    solved: list[tuple[float, dict[str, float], dict[str, Monthly]]] = []
    knobs = prior
    for done in range(rounds + 1):  # the first solve is of the priors
        frame = fitted_frame(translation, knobs, {})
        whole = hindcast(request, FIT_UNTIL, None, replace(world, tables=with_rows(tables, frame)))
        months = {n: {p.month: p.modelled for p in whole.points if p.series == n} for n in seen}
        solved.append((objective(months, seen, knobs), knobs, months))
        raw = queue(knobs)
        scale = {n: {m: months[n][m] / max(raw[n][m], 1.0) for m in seen[n]} for n in seen}
        if on_progress:
            on_progress(done + 1, rounds + 1)
        if done < rounds:
            knobs = least(score, knobs, EVALUATIONS)
    value, best, months = min(solved, key=lambda s: s[0])
    raw = queue(best)
    scale = {n: {m: months[n][m] / max(raw[n][m], 1.0) for m in seen[n]} for n in seen}
    count = sum(len(found) for found in seen.values())
    limit = score(best) * (1.0 + CHI_SQUARE / (count - len(KNOBS)))
    intervals = {k.name: interval(score, best, k, limit) for k in KNOBS}
    fitted = Fitted(best, intervals, value, solved[0][0], len(solved))
    return fitted, fitted_frame(translation, best, intervals)


def demand_of(case: Case) -> float:
    """Planned output of the civil customers in the first week, against their usual plan."""
    plan = case.known().plan[:, 0]
    civil = [i for i, c in enumerate(case.network.customers) if c.end_use == CIVIL]
    return float(np.mean([plan[i] / case.network.customers[i].plan_per_week for i in civil]))


def with_rows(tables: Tables, fitted: DataFrame) -> Tables:
    """The same data with other fitted parameters."""
    return replace(tables, frames={**tables.frames, "fitted_parameters": fitted})


def fitted_frame(
    translation: Translation,
    knobs: Knobs,
    intervals: Mapping[str, tuple[float, float]],
) -> DataFrame:
    """The rows that knobs stand for, each between what the ends of the intervals make of it."""
    rows = _rounded(translation.rows(knobs))
    ends = [
        _rounded(translation.rows({**knobs, name: end}))
        for name, pair in intervals.items()
        for end in pair
    ]
    units = {q.name: q.unit for q in TABLES["fitted_parameters"].quantities}
    found = [
        {
            **dict(zip(TABLES["fitted_parameters"].key, key, strict=True)),
            "value": value,
            "low": min([value, *(end[key] for end in ends)]),
            "high": max([value, *(end[key] for end in ends)]),
            "unit": units[key[4]],
            "kind": "fitted",
            "source": SOURCE,
            "note": "",
        }
        for key, value in sorted(rows.items())
    ]
    return DataFrame(found, columns=list(TABLES["fitted_parameters"].header))


def _rounded(rows: Rows) -> Rows:
    """Four digits after the point: more would pretend."""
    return {key: round(value, 4) for key, value in rows.items()}
