"""Licensing parameters fitted to observed trade, each within the range that its source gives.

The queue alone is fitted, its months scaled to meet a few solves of the whole model. Least is

    sum over series s of weight[s] x mean over months m of (modelled[s,m] / observed[s,m] - 1)^2
    + PULL x sum over parameters of ((value - prior) / (high - low))^2

with the months of April to August 2025; the second part decides what the first does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pandas import DataFrame
from scipy.optimize import minimize

from supplychain.case.case import Case, build_case
from supplychain.dataset import TABLES, Tables
from supplychain.policy.licence_queue import Array, run_queue
from supplychain.policy.licence_rules import category_rules
from supplychain.policy.regimes import Key, Policy, read_policy
from supplychain.scenario.scenario import Calendar
from supplychain.study.hindcast import Monthly, by_month, hindcast, weeks_until
from supplychain.study.hindcast_episodes import EXPORTER, MAGNETS_2025
from supplychain.study.run_request import RunRequest, resolve
from supplychain.study.solve_scenario import OnProgress, World, open_world

SOURCE = "fit-hindcast-2025"
FITTED_SERIES, FIT_UNTIL = MAGNETS_2025.fitted, MAGNETS_2025.fit_until
EVALUATIONS = 600

WEIGHTS: Mapping[str, float] = {  # Germany is a part of Europe: together they count as one series
    "magnets-world": 2.0,
    "magnets-usa": 1.0,
    "magnets-germany": 0.5,
    "magnets-japan": 1.0,
    "magnets-europe": 0.5,
}
PULL = 0.01
CHI_SQUARE = 3.84
"""Of one degree of freedom at 95 %."""
PROFILE_POINTS, PROFILE_EVALUATIONS = 9, 60

HEAVY, LIGHT = "cn-2025-18-magnets", "cn-2025-18-lookalike"
CONTROLLED = ("ndfeb-heavy", "ndfeb-light")
CIVIL = "civil"
CONTROLLED_SHARE, REFILL_WEEKS = "controlled_magnet_share", "fit_refill_weeks"
"""Assumptions that the fit alone reads."""
UNTOUCHED = (
    "open",
    "denial-with-leakage",
    "military-denial",
    "customs-stop",
    "customs-release",
    "licensing-onset-minor",
)
"""Regimes without the practice of 2025; the last three are of the older episodes alone."""
RELEASING_NOTHING = ("licensing-slow",)
"""No look-alike that was stopped was let go before June 2025: the gap outlasted these weeks."""
REFILLING = ("licensing-fast", "licensing-tightened", "suspended-truce")
"""Regimes in which buyers ask for more than usual, to fill their stocks again."""

Rows = dict[Key, float]
Knobs = Mapping[str, float]


@dataclass(frozen=True)
class CalibrationParameter:
    """One number of the fit, with the range that its sources allow."""

    name: str
    prior: float
    low: float
    high: float
    meaning: str


PLACES: Mapping[str, tuple[float, str]] = {
    "onset": (0.5, "what passes in the first weeks, place in its range"),
    "unchecked": (0.8, "look-alikes not checked in the slow weeks, place in range"),
    "slow": (0.5, "throughput of the slow weeks, place in its range"),
    "transition": (0.5, "throughput of June, place in its range"),
    "fast": (0.5, "throughput from July, place in its range"),
}
"""Knobs that move rows within their own ranges from 0 to 1: where the fit begins."""
OF_ROWS: Mapping[str, tuple[Key, str]] = {
    "backlog": (
        ("licensing-fast", HEAVY, "ANY", CIVIL, "keep_pending"),
        "pending files kept when the fast weeks began",
    ),
    "review": (("licensing-fast", "ANY", "ANY", "ANY", "review"), "weeks of review from July"),
    "surge": (
        ("licensing-fast", "ANY", "ANY", "ANY", "surge"),
        "wanted trade from July, against usual",
    ),
}
"""Knobs whose prior and range are those of a row of `regime_parameters`."""


def knobs_of(tables: Tables) -> tuple[CalibrationParameter, ...]:
    """The knobs of the fit, with priors and ranges from the data."""
    rows = [r for r in tables.records("assumptions") if r["assumption"] == CONTROLLED_SHARE]
    meaning = (
        "share of magnet tonnage above 0.1 % dysprosium and terbium; of the good ndfeb-heavy the "
        "rest is treated like a look-alike"
    )
    found = [CalibrationParameter("controlled_share", *_range(rows[0]), meaning)]
    found += [
        CalibrationParameter(name, prior, 0.0, 1.0, says) for name, (prior, says) in PLACES.items()
    ]
    words = ("regime", "control", "destination", "end_use", "parameter")
    numbers = {
        tuple(str(row[w]) for w in words): row for row in tables.records("regime_parameters")
    }
    found += [
        CalibrationParameter(name, *_range(numbers[key]), says)
        for name, (key, says) in OF_ROWS.items()
    ]
    return tuple(found)


def _range(row: Mapping[str, Any]) -> tuple[float, float, float]:
    """Value, low and high of a row; a bound that is not given is the value."""
    value = float(row["value"])
    low, high = (value if row[name] is None else float(row[name]) for name in ("low", "high"))
    return value, low, high


@dataclass(frozen=True)
class Fitted:
    """What a fit found."""

    knobs: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    objective: float
    before: float
    """The objective with every knob at its prior."""
    solves: int
    known: tuple[CalibrationParameter, ...]


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
            for k in fitted.known
        ],
    }


def queue_exports(case: Case, policy: Policy, demand: float) -> dict[str, Monthly]:
    """Monthly exports of each fitted series if buyers take all that the queue lets through.

    They want their usual trade x demand, and what they missed before, spread over
    `fit_refill_weeks`.
    """
    categories = [k for k in case.network.categories if k.control in (HEAVY, LIGHT)]
    usual = np.array([k.usual_t_per_week for k in categories])
    weeks = weeks_until(case.start, FIT_UNTIL)
    timeline = [
        e for e in case.scenario.timeline if 0 <= case.scenario.week_of(e.effective) < weeks
    ]
    rules = category_rules(categories, policy, Calendar(case.start, 0, weeks), timeline, ())
    out = run_queue(usual, rules)
    refill = case.network.assumptions[REFILL_WEEKS]
    left, missed = np.zeros(len(categories)), np.zeros(len(categories))
    shipped = np.zeros((len(categories), weeks))
    for at in range(weeks):
        free = out.free[:, at]
        wanted = demand * usual + missed / refill
        may = np.where(free, wanted, left + out.granted[:, at] + out.waived[:, at])
        shipped[:, at] = np.minimum(may, wanted)
        left = np.where(free, 0.0, np.minimum(may - shipped[:, at], out.valid[:, at]))
        missed += demand * usual - shipped[:, at]
    return {name: _monthly(case, categories, shipped, name) for name in FITTED_SERIES}


def _monthly(case: Case, categories: Sequence[Any], shipped: Array, name: str) -> Monthly:
    series = MAGNETS_2025.series[name]
    here = [i for i, k in enumerate(categories) if series.region in ("", k.destination)]
    share = case.network.assumptions[series.share] if series.share else 1.0
    weekly = shipped[here].sum(axis=0) * share
    return by_month({case.scenario.monday(w).isoformat(): t for w, t in enumerate(weekly.tolist())})


def observed(tables: Tables) -> dict[str, Monthly]:
    """The months of the fit, by series."""
    found: dict[str, Monthly] = {name: {} for name in FITTED_SERIES}
    for row in tables.records("observations"):
        month = row["month"].isoformat()[:7]
        if row["series"] in found and MAGNETS_2025.first <= month <= FIT_UNTIL:
            found[row["series"]][month] = float(row["value"])
    return found


def objective(
    modelled: Mapping[str, Monthly],
    seen: Mapping[str, Monthly],
    knobs: Knobs,
    known: Sequence[CalibrationParameter],
) -> float:
    """What the fit makes least; see the head of the module."""
    total = 0.0
    for name, weight in WEIGHTS.items():
        errors = [(modelled[name][m] / t - 1.0) ** 2 for m, t in seen[name].items()]
        total += weight * sum(errors) / len(errors)
    pull = sum(((knobs[k.name] - k.prior) / (k.high - k.low)) ** 2 for k in known)
    return total + PULL * pull


def least(
    score: Callable[[Knobs], float],
    start: Knobs,
    evaluations: int,
    known: Sequence[CalibrationParameter],
) -> dict[str, float]:
    """Nelder and Mead within the bounds, in units of each knob's range, from one start."""

    def unpacked(x: Any) -> dict[str, float]:
        return {k.name: k.low + float(u) * (k.high - k.low) for k, u in zip(known, x, strict=True)}

    first = [(start[k.name] - k.low) / (k.high - k.low) for k in known]
    simplex = [first] + [
        [u + (0.25 if u < 0.5 else -0.25) * (i == j) for j, u in enumerate(first)]
        for i in range(len(known))
    ]
    found = minimize(
        lambda x: score(unpacked(x)),
        first,
        method="Nelder-Mead",
        bounds=[(0.0, 1.0)] * len(known),
        options={"maxfev": evaluations, "initial_simplex": simplex, "xatol": 1e-3, "fatol": 1e-6},
    )
    return unpacked(found.x)


def interval(
    score: Callable[[Knobs], float],
    best: Knobs,
    knob: CalibrationParameter,
    limit: float,
    known: Sequence[CalibrationParameter],
) -> tuple[float, float]:
    """The profile of one knob: where the least over all others stays within a limit."""
    inside = [best[knob.name]]
    for side in (knob.low, knob.high):
        grid = np.linspace(best[knob.name], side, PROFILE_POINTS // 2 + 1)[1:]
        start = dict(best)
        for value in grid.tolist():
            held = _holding(score, knob.name, value)
            start = least(held, {**start, knob.name: value}, PROFILE_EVALUATIONS, known)
            if held(start) > limit:
                break
            inside.append(value)
    return min(inside), max(inside)


def _holding(score: Callable[[Knobs], float], name: str, value: float) -> Callable[[Knobs], float]:
    return lambda knobs: score({**knobs, name: value})


def calibrate(
    request: RunRequest,
    rounds: int = 3,
    on_progress: OnProgress | None = None,
    world: World | None = None,
) -> tuple[Fitted, DataFrame]:
    """Fit the knobs; return what was found and the rows of `fitted_parameters`.

    The whole model is solved with the priors to the end of the episode, so that no edge of a
    shorter horizon is fitted; months after the fit's window have no part in it. Then, `rounds`
    times, the queue's months are scaled to meet the last solve, the knobs are fitted to the scaled
    queue, and the whole model is solved with them: what
    buyers do not take although they may is then in the scale. The best of the solves is kept.
    """
    world = world or open_world(request.data, request.overlays, request.threads)
    tables = with_rows(world.tables, world.tables["fitted_parameters"].iloc[:0])
    policy = read_policy(tables)
    translation, seen, known = Translation(tables, policy), observed(tables), knobs_of(tables)
    case = build_case(world.solver.network, tables, resolve(request, tables))
    demand = demand_of(case)
    scale: dict[str, Monthly] = {name: dict.fromkeys(seen[name], 1.0) for name in seen}

    def queue(knobs: Knobs) -> dict[str, Monthly]:
        return queue_exports(case, policy.with_parameters(translation.rows(knobs)), demand)

    def score(knobs: Knobs) -> float:
        raw = queue(knobs)
        scaled = {n: {m: raw[n][m] * scale[n][m] for m in seen[n]} for n in seen}
        return objective(scaled, seen, knobs, known)

    prior = {k.name: k.prior for k in known}
    solved: list[tuple[float, dict[str, float], dict[str, Monthly]]] = []
    knobs = prior
    for done in range(rounds + 1):  # the first solve is of the priors
        frame = fitted_frame(translation, knobs, {})
        held = replace(world, tables=with_rows(tables, frame))
        whole = hindcast(request, MAGNETS_2025.last, None, held)
        months = {n: {p.month: p.modelled for p in whole.points if p.series == n} for n in seen}
        solved.append((objective(months, seen, knobs, known), knobs, months))
        raw = queue(knobs)
        scale = {n: {m: months[n][m] / max(raw[n][m], 1.0) for m in seen[n]} for n in seen}
        if on_progress:
            on_progress(done + 1, rounds + 1)
        if done < rounds:
            knobs = least(score, knobs, EVALUATIONS, known)
    value, best, months = min(solved, key=lambda s: s[0])
    raw = queue(best)
    scale = {n: {m: months[n][m] / max(raw[n][m], 1.0) for m in seen[n]} for n in seen}
    count = sum(len(found) for found in seen.values())
    limit = score(best) * (1.0 + CHI_SQUARE / (count - len(known)))
    intervals = {k.name: interval(score, best, k, limit, known) for k in known}
    fitted = Fitted(best, intervals, value, solved[0][0], len(solved), known)
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


class Translation:
    """Turns knobs into rows of regime parameters, from the priors and ranges of the tables."""

    def __init__(self, tables: Tables, policy: Policy) -> None:
        """Read ranges and the share of heavy magnets in usual exports; `policy` holds priors."""
        self.policy = policy
        self.ranges: dict[Key, tuple[float, float]] = {}
        for row in tables.records("regime_parameters"):
            words = ("regime", "control", "destination", "end_use", "parameter")
            regime, control, destination, end_use, parameter = (str(row[w]) for w in words)
            low = row["value"] if row["low"] is None else row["low"]
            high = row["value"] if row["high"] is None else row["high"]
            key = (regime, control, destination, end_use, parameter)
            self.ranges[key] = (float(low), float(high))
        self.heavy_share = heavy_share(tables)

    def rows(self, knobs: Knobs) -> Rows:
        """The regime parameters that some knobs stand for; a knob not given stays at its prior."""
        found = self._places(knobs)
        if "review" in knobs:
            found["licensing-fast", HEAVY, "ANY", CIVIL, "review"] = knobs["review"]
        if "backlog" in knobs:
            found["licensing-fast", HEAVY, "ANY", CIVIL, "keep_pending"] = knobs["backlog"]
            found["licensing-fast", LIGHT, "ANY", "ANY", "keep_pending"] = knobs["backlog"]
        for regime in REFILLING if "surge" in knobs else ():
            found[regime, HEAVY, "ANY", CIVIL, "surge"] = knobs["surge"]
            found[regime, LIGHT, "ANY", "ANY", "surge"] = knobs["surge"]
        if "controlled_share" in knobs:
            self._split(found, knobs["controlled_share"] / self.heavy_share)
        return found

    def _places(self, knobs: Knobs) -> Rows:
        """Rows that a knob sets to a place in their own range."""
        wanted = {
            "onset": ("licensing-onset", "general_share", ("ANY", HEAVY, LIGHT)),
            "unchecked": ("licensing-slow", "general_share", (LIGHT,)),
            "slow": ("licensing-slow", "throughput", (HEAVY,)),
            "transition": ("licensing-transition", "throughput", (HEAVY,)),
            "fast": ("licensing-fast", "throughput", (HEAVY,)),
        }
        found: Rows = {}
        for name, (regime, parameter, controls) in wanted.items():
            for key, (low, high) in self.ranges.items():
                mine = key[0] == regime and key[4] == parameter and key[1] in controls
                if name in knobs and mine and key[3] != "military":
                    found[key] = low + knobs[name] * (high - low)
        return found

    def _split(self, found: Rows, inside: float) -> None:
        """Treat the part of heavy magnets that is not controlled as look-alikes are treated."""
        policy = self.policy.with_parameters(found)
        regimes = sorted(set(policy.regimes) - set(UNTOUCHED))
        places = sorted({key[2] for key in self.ranges if key[1] in (HEAVY, LIGHT)})
        for regime in regimes:
            for place in places:
                own = policy.parameter(regime, HEAVY, place, CIVIL, "general_share")
                alike = policy.parameter(regime, LIGHT, place, CIVIL, "general_share")
                throughput = policy.parameter(regime, HEAVY, place, CIVIL, "throughput")
                where = (regime, HEAVY, place, CIVIL)
                found[*where, "general_share"] = own * inside + alike * (1.0 - inside)
                held = policy.parameter(regime, LIGHT, place, CIVIL, "throughput")
                held = held if alike < 1.0 and regime not in RELEASING_NOTHING else 0.0
                found[*where, "throughput"] = throughput * inside + held * (1.0 - inside)


def heavy_share(tables: Tables) -> float:
    """Share of the magnets with heavies in China's usual exports of NdFeB magnets."""
    tonnes: dict[str, float] = defaultdict(float)
    for (material, origin, destination), flow in tables.values("arcs").items():
        if material in CONTROLLED and origin == EXPORTER and destination != EXPORTER:
            tonnes[material] += flow
    return tonnes["ndfeb-heavy"] / sum(tonnes.values())
