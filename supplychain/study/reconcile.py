"""Least adjustment: make the base year close, each number within its own range.

Raw facts do not close by themselves: what is mined, made, traded and used comes from different
sources. This step moves usual runs of lines, usual trade and the plans of the users that are not
one of the four sectors, as little as possible, until every material balances in every region.

    minimise   sum of ((value - raw) / spread)^2
    subject to made + brought in == used by lines + sent out            every region and material
               brought to customers == what the customers there need    every final good
               China's magnet exports by buyer within the customs figure's range
               low <= value <= high

`spread` is half of high - low, at least two percent of raw. By-products may pile up (a surplus
variable); nothing else may. The quadratic programme is solved by HiGHS; raw stays beside value.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import highspy
import numpy as np

from supplychain.dataset import Tables
from supplychain.errors import NotSolved, problem

PILING_STAGES = ("ore", "intermediate", "oxide", "minor-metal", "scrap")
"""Materials that may be left over: by-products of co-production and what others use."""
SHORT_COST = 1e4
LEAST_SPREAD = 0.02
EXPORTS = "exports-"

Key = tuple[str, ...]


@dataclass
class Unknown:
    """One number that may move: where it lives, its raw value and range, t/a or units a year."""

    table: str
    key: Key
    raw: float
    low: float
    high: float
    scale: float = 1.0


@dataclass
class Programme:
    """Unknowns, and equations as {unknown: coefficient} == right-hand side."""

    unknowns: list[Unknown] = field(default_factory=list)
    rows: list[tuple[str, dict[int, float], float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Reconciled:
    """The new value of every number that may move, by table and key, and what did not close."""

    values: dict[tuple[str, Key], float]
    open_balances: dict[str, float]
    """Balance to the tonnes a year that no value within the ranges can close."""


def reconcile(tables: Tables) -> Reconciled:
    """Solve the least adjustment of a data folder.

    Raises:
        NotSolved: HiGHS did not finish.
    """
    programme = Programme()
    runs = _runs(tables, programme)
    trade = _trade(tables, programme)
    plans, fixed = _needs(tables, programme)
    _balances(tables, programme, runs, trade, plans, fixed)
    _targets(tables, programme, trade)
    return _solve(programme)


def _add(programme: Programme, unknown: Unknown) -> int:
    programme.unknowns.append(unknown)
    return len(programme.unknowns) - 1


def _runs(tables: Tables, programme: Programme) -> dict[str, int]:
    frame = tables["line_numbers"]
    capacity = tables.values("line_numbers", "capacity")
    usual = frame[frame["quantity"] == "usual_run"]
    found: dict[str, int] = {}
    for row in usual.itertuples(index=False):
        high = min(_or(row.high, row.raw), capacity[(str(row.line),)])
        low = min(_or(row.low, row.raw), high)
        unknown = Unknown("line_numbers", (str(row.line), "usual_run"), float(row.raw), low, high)
        found[str(row.line)] = _add(programme, unknown)
    return found


def _trade(tables: Tables, programme: Programme) -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = {}
    for row in tables["arcs"].itertuples(index=False):
        key = (str(row.material), str(row.origin), str(row.destination))
        raw = float(row.raw)
        unknown = Unknown("arcs", key, raw, _or(row.low, raw), _or(row.high, raw))
        found[key] = _add(programme, unknown)
    return found


def _needs(
    tables: Tables, programme: Programme
) -> tuple[dict[tuple[str, str], dict[int, float]], dict[tuple[str, str], float]]:
    """Needs by (region, material): those that may move {unknown: t per unit} and those that do not."""
    sector = dict(zip(tables["segments"]["segment"], tables["segments"]["sector"], strict=True))
    where = {
        str(r.customer): (str(r.segment), str(r.region))
        for r in tables["customers"].itertuples(index=False)
    }
    frame = tables["intensities"]
    normal = frame[frame["recipe"] == "normal"]
    intensity: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in normal.itertuples(index=False):
        intensity[str(row.segment)].append((str(row.material), float(row.value) / 1000.0))
    plans = tables["customer_numbers"]
    moving: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    fixed: dict[tuple[str, str], float] = defaultdict(float)
    for row in plans[plans["quantity"] == "plan"].itertuples(index=False):
        segment, region = where[str(row.customer)]
        raw = float(row.raw)
        if sector[segment] == "other":
            key = (str(row.customer), "plan")
            bounds = (_or(row.low, raw), _or(row.high, raw))
            i = _add(programme, Unknown("customer_numbers", key, raw, *bounds))
            for material, amount in intensity[segment]:
                moving[region, material][i] = amount
        else:
            for material, amount in intensity[segment]:
                fixed[region, material] += amount * raw
    return moving, fixed


def _balances(
    tables: Tables,
    programme: Programme,
    runs: dict[str, int],
    trade: dict[tuple[str, str, str], int],
    plans: dict[tuple[str, str], dict[int, float]],
    fixed: dict[tuple[str, str], float],
) -> None:
    """made + brought in == used by lines + sent out (+ surplus), and the customers' equation."""
    supply, line_use = _line_terms(tables, runs)
    final = set(tables["intensities"]["material"])
    stage = dict(zip(tables["materials"]["material"], tables["materials"]["stage"], strict=True))
    into: dict[tuple[str, str], list[int]] = defaultdict(list)
    out: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (material, origin, destination), i in trade.items():
        out[origin, material].append(i)
        into[destination, material].append(i)
    places = sorted({*supply, *line_use, *into, *out, *plans, *fixed})
    for region, material in places:
        here = (region, material)
        row: dict[int, float] = defaultdict(float)
        for i, amount in supply[here].items():
            row[i] += amount
        for i, amount in line_use[here].items():
            row[i] -= amount
        for i in out[here]:
            row[i] -= 1.0
        arriving = {i: 1.0 for i in into[here]}
        if material in final:
            if line_use[here]:
                feed = _add(programme, Unknown("", ("feed", *here), 0.0, 0.0, np.inf))
                row[feed] += 1.0
                arriving[feed] = -1.0
            for i, amount in plans[here].items():
                arriving[i] = -amount
            programme.rows.append((f"customers {region} {material}", arriving, fixed[here], fixed[here]))
        else:
            for i in arriving:
                row[i] += 1.0
        top = np.inf if stage[material] in PILING_STAGES else 0.0
        if row:
            programme.rows.append((f"region {region} {material}", dict(row), 0.0, top))


def _line_terms(
    tables: Tables, runs: dict[str, int]
) -> tuple[dict[tuple[str, str], dict[int, float]], dict[tuple[str, str], dict[int, float]]]:
    regions = dict(zip(tables["sites"]["site"], tables["sites"]["region"], strict=True))
    flows: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
    for row in tables["process_flows"].itertuples(index=False):
        flows[str(row.process)].append((str(row.role), str(row.material), float(row.value)))
    made: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    used: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in tables["lines"].itertuples(index=False):
        region = str(regions[row.site])
        for role, material, amount in flows[str(row.process)]:
            side = made if role == "makes" else used
            side[region, material][runs[str(row.line)]] = amount
    return made, used


def _targets(
    tables: Tables, programme: Programme, trade: dict[tuple[str, str, str], int]
) -> None:
    """China's magnet exports by buyer stay within the range of the customs figure."""
    for row in tables["closure_targets"].itertuples(index=False):
        name = str(row.target)
        if not name.startswith(EXPORTS):
            continue
        buyer = name.removeprefix(EXPORTS)
        terms = {
            i: 1.0
            for (material, origin, destination), i in trade.items()
            if origin == "CHN" and destination == buyer and material.startswith("ndfeb-")
            and material != "ndfeb-alloy"
        }
        if terms:
            programme.rows.append((f"exports to {buyer}", terms, float(row.low), float(row.high)))


def _or(value: float, instead: float) -> float:
    return instead if np.isnan(value) else float(value)


def _solve(programme: Programme) -> Reconciled:
    """Hand the quadratic programme to HiGHS with a short and a surplus variable per equation."""
    count, rows = len(programme.unknowns), len(programme.rows)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = count + 2 * rows, rows
    size = np.array([max(abs(u.raw), 1.0) for u in programme.unknowns])
    lp.col_lower_ = np.concatenate([[u.low for u in programme.unknowns] / size, np.zeros(2 * rows)])
    lp.col_upper_ = np.concatenate(
        [[u.high for u in programme.unknowns] / size, np.full(2 * rows, np.inf)]
    )
    spread = np.array([_spread(u) for u in programme.unknowns]) / size
    weight = np.array([0.0 if not u.table else 1.0 for u in programme.unknowns]) / spread**2
    raw = np.array([u.raw for u in programme.unknowns]) / size
    lp.col_cost_ = np.concatenate([-2.0 * weight * raw, np.full(2 * rows, SHORT_COST)])
    start, index, value, lower, upper = [0], [], [], [], []
    for r, (_, terms, low, high) in enumerate(programme.rows):
        row_size = max(sum(abs(a) * size[i] for i, a in terms.items()) / max(len(terms), 1), 1.0)
        for i, amount in sorted(terms.items()):
            index.append(i)
            value.append(amount * size[i] / row_size)
        index += [count + 2 * r, count + 2 * r + 1]
        value += [1.0, -1.0]
        start.append(len(index))
        lower.append(low / row_size)
        upper.append(high / row_size)
    lp.row_lower_, lp.row_upper_ = np.array(lower), np.array(upper)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(start, dtype=np.int32)
    lp.a_matrix_.index_ = np.array(index, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(value)
    return _read(programme, _minimise(lp, 2.0 * weight), size)


def _minimise(lp: highspy.HighsLp, curvature: np.ndarray) -> np.ndarray:
    model = highspy.HighsModel()
    model.lp_ = lp
    count = len(curvature)
    total = lp.num_col_
    model.hessian_.dim_ = total
    model.hessian_.format_ = highspy.HessianFormat.kTriangular
    model.hessian_.start_ = np.minimum(np.arange(total + 1), count).astype(np.int32)
    model.hessian_.index_ = np.arange(count, dtype=np.int32)
    model.hessian_.value_ = curvature
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        status = solver.modelStatusToString(solver.getModelStatus())
        raise NotSolved(
            f"The least adjustment ended with: {status}.",
            [problem("DATA-601", "Widen the ranges of the numbers that cannot meet.")],
        )
    return np.array(solver.getSolution().col_value)


def _spread(unknown: Unknown) -> float:
    width = (unknown.high - unknown.low) / 2.0 if np.isfinite(unknown.high) else 1.0
    return max(width, LEAST_SPREAD * abs(unknown.raw), 1e-3)


def _read(programme: Programme, solution: np.ndarray, size: np.ndarray) -> Reconciled:
    count = len(programme.unknowns)
    values = {
        (u.table, u.key): float(solution[i] * size[i])
        for i, u in enumerate(programme.unknowns)
        if u.table
    }
    left: dict[str, float] = {}
    for r, (name, terms, _, _) in enumerate(programme.rows):
        row_size = max(sum(abs(a) * size[i] for i, a in terms.items()) / max(len(terms), 1), 1.0)
        gap = (solution[count + 2 * r] - solution[count + 2 * r + 1]) * row_size
        if abs(gap) > 1e-3:
            left[name] = float(gap)
    return Reconciled(values, left)
