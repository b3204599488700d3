"""Least adjustment: make the base year close, each number within its own range.

Raw facts do not close by themselves: what is mined, made, traded and used comes from different
sources. This step moves usual runs of lines, usual trade and the plans of the users that are not
one of the four sectors, as little as possible, until every material balances in every region.

    minimise   sum of steps(|value - raw| / spread)
    subject to made + brought in == used by lines + sent out            every region and material
               brought to customers == what the customers there need    every final good
               China's magnet exports by buyer within the customs figure's range
               China's share of mining, refining and NdFeB within a point of the sourced share
               low <= value <= high

`spread` is half of high - low, at least two percent of raw. `steps` is convex and piecewise linear:
the first quarter of a spread costs 1 per spread, the next 3, then 5, then 9, so that many numbers
move a little before one moves far (a square would say the same; HiGHS's quadratic solver ends in an
error on it). By-products may pile up; nothing else may. Raw stays beside value.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, csc_array, csr_array, eye_array, kron

from supplychain.dataset import Tables
from supplychain.errors import NotSolved, problem
from supplychain.solve.arrays import as_lp
from supplychain.study.base_year import Key, Programme, Unknown, base_year

SHORT_COST = 1e4
OPEN_T_PER_YEAR = 1e-3
"""A balance open by less than this closes: a kilogram a year."""
STEP_WIDTHS = np.array([0.25, 0.25, 0.5, np.inf])
STEP_SLOPES = np.array([1.0, 3.0, 5.0, 9.0])
LEAST_SPREAD = 0.02

Array = NDArray[np.float64]


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
    return _solve(base_year(tables))


def _solve(programme: Programme) -> Reconciled:
    """Hand the linear programme to HiGHS: unknowns, steps of deviation, gaps that stay open.

    Columns: unknowns, then for each unknown and step one piece up and one piece down, then for each
    balance what is short and what is over. Unknowns are scaled to their raw value, rows to the mean
    of their terms.
    """
    count = len(programme.unknowns)
    size = np.array([max(abs(u.raw), 1.0) for u in programme.unknowns])
    raw = np.array([u.raw for u in programme.unknowns]) / size
    spread = np.array([_spread(u) for u in programme.unknowns]) / size
    widths = np.repeat(np.outer(spread, STEP_WIDTHS), 2, axis=1).ravel()
    slopes = np.repeat(np.outer(1.0 / spread, STEP_SLOPES), 2, axis=1).ravel()
    slopes *= np.repeat([1.0 if u.table else 0.0 for u in programme.unknowns], 2 * len(STEP_WIDTHS))
    signs = np.tile([-1.0, 1.0], count * len(STEP_WIDTHS))
    pieces = kron(eye_array(count), np.ones((1, 2 * len(STEP_WIDTHS))), format="csr") * signs
    rows = len(programme.rows)
    scale = np.array([_row_size(terms, size) for _, terms, _, _ in programme.rows])
    terms = _term_matrix(programme, size, scale)
    gaps = kron(eye_array(rows), np.array([[1.0, -1.0]]), format="csr")
    matrix = block_array([[eye_array(count), pieces, None], [terms, None, gaps]], format="csc")
    lows = np.array([low for _, _, low, _ in programme.rows]) / scale
    highs = np.array([high for _, _, _, high in programme.rows]) / scale
    low = np.array([u.low for u in programme.unknowns]) / size
    high = np.array([u.high for u in programme.unknowns]) / size
    lp = as_lp(
        csc_array(matrix),
        np.concatenate([np.zeros(count), slopes, np.full(2 * rows, SHORT_COST)]),
        np.concatenate([high, widths, np.full(2 * rows, np.inf)]),
        np.concatenate([raw, lows]),
        np.concatenate([raw, highs]),
        np.concatenate([low, np.zeros(len(slopes) + 2 * rows)]),
    )
    return _read(programme, _minimise(lp), size, scale)


def _row_size(terms: dict[int, float], size: Array) -> float:
    return float(max(sum(abs(a) * size[i] for i, a in terms.items()) / max(len(terms), 1), 1.0))


def _term_matrix(programme: Programme, size: Array, scale: Array) -> csr_array:
    entries = [
        (r, i, amount * size[i] / scale[r])
        for r, (_, terms, _, _) in enumerate(programme.rows)
        for i, amount in sorted(terms.items())
    ]
    at, of, value = zip(*entries, strict=True)
    return csr_array((value, (at, of)), shape=(len(programme.rows), len(programme.unknowns)))


def _minimise(lp: highspy.HighsLp) -> Array:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(lp)
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


def _read(programme: Programme, solution: Array, size: Array, scale: Array) -> Reconciled:
    values = {
        (u.table, u.key): float(solution[i] * size[i])
        for i, u in enumerate(programme.unknowns)
        if u.table
    }
    gaps = solution[len(solution) - 2 * len(scale) :].reshape(-1, 2)
    gap = (gaps[:, 0] - gaps[:, 1]) * scale
    left = {
        name: float(gap[r])
        for r, (name, _, _, _) in enumerate(programme.rows)
        if abs(gap[r]) > OPEN_T_PER_YEAR
    }
    return Reconciled(values, left)
