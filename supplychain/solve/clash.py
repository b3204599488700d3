"""Why a window has no answer: which laws cannot hold together with which limits, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import csc_array, csr_array, eye_array, hstack

from supplychain.errors import Problem, problem
from supplychain.model.build import names
from supplychain.model.components import LAWS, VARIABLES
from supplychain.solve.compiled import Array, Compiled, Ids, Limits

MOST = 5
"""Problems listed at most: one fault often breaks a law in many periods."""
TINY = 1e-6
HINT = "Look at the numbers named here in the data and in the scenario's changes."


@dataclass(frozen=True)
class Place:
    """A row or column in words: which law or variable, of what, in which week of the window."""

    name: str
    of: str
    week: int | None
    unit: str

    def __str__(self) -> str:
        """Name, object and week."""
        when = "" if self.week is None else f" in week {self.week}"
        return f"{self.name} of {self.of}{when}"


def clash(compiled: Compiled, now: Limits, week: int) -> list[Problem]:
    """Name the laws that break if everything is broken as little as possible, and their limits."""
    columns = _places(
        compiled, {v.name: (v.over, v.unit) for v in VARIABLES}, compiled.columns, week
    )
    below = np.flatnonzero(now.column_upper < 0.0)
    if len(below):
        return [
            problem(
                "SOLVE-102",
                f"The limit on {columns[i]} is {now.column_upper[i]:.4g}: below zero.",
                hint=HINT,
            )
            for i in below[:MOST]
        ]
    rows = _places(compiled, {law.name: (law.over, law.unit) for law in LAWS}, compiled.rows, week)
    says = {law.name: law.says for law in LAWS}
    values, gap = _least_violation(compiled, now)
    matrix = csr_array(compiled.matrix)
    found = []
    for r in np.argsort(-np.abs(gap), kind="stable")[:MOST]:
        if abs(gap[r]) <= TINY:
            break
        inside = matrix.indices[matrix.indptr[r] : matrix.indptr[r + 1]]
        full = [i for i in inside if values[i] >= now.column_upper[i] - TINY]
        limits = ", ".join(f"{columns[i]} at most {now.column_upper[i]:.4g}" for i in full[:MOST])
        found.append(
            problem(
                "SOLVE-101",
                f"{rows[r]} cannot hold ({says[rows[r].name].rstrip('.')}): "
                f"{abs(gap[r]):.4g} {rows[r].unit} too {'little' if gap[r] > 0.0 else 'much'}."
                + (f" At their limits: {limits}." if limits else ""),
                hint=HINT,
            )
        )
    return found


def _least_violation(compiled: Compiled, now: Limits) -> tuple[Array, Array]:
    """Values, and what each row lacks (positive) or has too much of, in sum as little as can be."""
    rows, count = compiled.matrix.shape
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = count + 2 * rows, rows
    lp.col_cost_ = np.concatenate([np.zeros(count), np.ones(2 * rows)])
    lp.col_lower_ = np.zeros(count + 2 * rows)
    lp.col_upper_ = np.concatenate([now.column_upper, np.full(2 * rows, np.inf)])
    lp.row_lower_, lp.row_upper_ = now.row_lower, now.row_upper
    whole = csc_array(hstack([compiled.matrix, eye_array(rows), -eye_array(rows)]))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = whole.indptr
    lp.a_matrix_.index_ = whole.indices
    lp.a_matrix_.value_ = whole.data
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(lp)
    solver.run()
    values = np.array(solver.getSolution().col_value)
    return values[:count], values[count : count + rows] - values[count + rows :]


def _places(
    compiled: Compiled,
    kinds: Mapping[str, tuple[tuple[str, ...], str]],
    maps: Mapping[str, Ids],
    week: int,
) -> dict[int, Place]:
    """Row or column number to what it stands for."""
    words = names(compiled.network)
    found: dict[int, Place] = {}
    for name, (over, unit) in kinds.items():
        for at, number in np.ndenumerate(maps[name]):
            when = week + compiled.grid.starts[at[-1]] if over[-1] == "period" else None
            found[int(number)] = Place(name, " ".join(words[over[0]][at[0]]), when, unit)
    return found
