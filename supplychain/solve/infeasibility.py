"""Why a window has no answer, down to the rows of the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import highspy
import numpy as np
from scipy.sparse import csc_array, csr_array, eye_array, hstack

from supplychain.dataset import Tables
from supplychain.errors import Problem, problem
from supplychain.model.components import CONSTRAINTS, KEY_NAMES, VARIABLES
from supplychain.model.object_keys import names
from supplychain.solve.highs import as_lp, new_highs, run_aside
from supplychain.solve.standard_form import Array, Ids, Limits, StandardForm

MOST = 5
"""Problems listed at most: one fault often breaks a law in many periods."""
MOST_OF_SUBSET = 20
"""An irreducible subset larger than this explains nothing and is left out."""
FROM_LP_AND_IRREDUCIBLE = 6
"""HiGHS's option iis_strategy: elastic filter on the programme, then reduced until irreducible."""
AT_UPPER = (3, 4)
"""HiGHS's IisBoundStatus: upper and boxed."""
SECONDS = 60.0
"""So long HiGHS looks for the least violation, and then for an irreducible subset."""
TINY = 1e-6
OUT_OF_TIME = highspy.HighsModelStatus.kTimeLimit
HINT = "Look at the numbers named here in the data and in the scenario's changes."

Row = tuple[str, Sequence[tuple[str, Any]]]
"""A table, and the columns and words that pick a row of it."""


@dataclass(frozen=True)
class Place:
    """A row or column in words: which law or variable, of what, in which week of the window."""

    name: str
    of: str
    week: int | None
    unit: str
    key: tuple[Any, ...]
    """The object's identifying words, and the step of a loss."""

    def __str__(self) -> str:
        """Name, object and week."""
        when = "" if self.week is None else f" in week {self.week}"
        return f"{self.name} of {self.of}{when}"


Where = Callable[[Place], tuple[str, int]]
"""From a row or column to the file and row of the data that sets its limit; ("", 0) if unknown."""


def explain_infeasibility(
    compiled: StandardForm, now: Limits, week: int, where: Where | None = None
) -> list[Problem]:
    """Name the laws that break if everything is broken as little as possible, and their limits.

    After them come the limits of HiGHS's irreducible infeasible subset: without any one of them the
    rest would hold. `where` tells from which row of the data a limit comes. What is not found
    within SECONDS is said to be missing.
    """
    where = where or _nowhere
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
                **_spot(where, columns[i]),
            )
            for i in below[:MOST]
        ]
    rows = _places(
        compiled, {law.name: (law.over, law.unit) for law in CONSTRAINTS}, compiled.rows, week
    )
    says = {law.name: law.says for law in CONSTRAINTS}
    least = _least_violation(compiled, now)
    if least is None:
        return [_out_of_time("The laws that cannot hold were")]
    values, gap = least
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
    return found + _subset(compiled, now, rows, columns, where)


def _subset(
    compiled: StandardForm,
    now: Limits,
    rows: Mapping[int, Place],
    columns: Mapping[int, Place],
    where: Where,
) -> list[Problem]:
    """One problem for each law and limit of HiGHS's irreducible infeasible subset."""
    clash = irreducible(compiled, now)
    if clash is None:
        return [_out_of_time("The smallest part of the clash was")]
    in_rows, in_columns = clash
    if not in_rows or len(in_rows) + len(in_columns) > MOST_OF_SUBSET:
        return []
    found = []
    for r in in_rows:
        right = now.row_lower[r] if np.isfinite(now.row_lower[r]) else now.row_upper[r]
        right += 0.0  # no -0
        text = f"{rows[r]}, whose right-hand side is {right:.4g} {rows[r].unit}"
        found.append((rows[r], text))
    found += [(columns[i], f"{columns[i]} at most {now.column_upper[i]:.4g}") for i in in_columns]
    return [
        problem("SOLVE-103", f"Part of the clash: {text}.", **_spot(where, place))
        for place, text in found
    ]


def _out_of_time(missing: str) -> Problem:
    return problem("SOLVE-104", f"{missing} not found within {SECONDS:g} s of looking.", hint=HINT)


def irreducible(compiled: StandardForm, now: Limits) -> tuple[list[int], list[int]] | None:
    """Rows, and columns at whose upper limits they clash; empty where HiGHS finds none.

    None where it came to no end in time.
    """
    solver = new_highs()
    nothing = np.zeros(compiled.matrix.shape[1])
    lp = as_lp(compiled.matrix, nothing, now.column_upper, now.row_lower, now.row_upper)
    solver.setOptionValue("iis_strategy", FROM_LP_AND_IRREDUCIBLE)
    solver.setOptionValue("iis_time_limit", SECONDS)
    solver.setOptionValue("time_limit", SECONDS)
    solver.passModel(lp)
    run_aside(solver)
    if solver.getModelStatus() == OUT_OF_TIME:
        return None
    started = perf_counter()
    _, found = solver.getIis()
    if not found.row_index_ and perf_counter() - started >= SECONDS:
        return None
    upper = [
        int(i)
        for i, bound in zip(found.col_index_, found.col_bound_, strict=True)
        if int(bound) in AT_UPPER
    ]
    return [int(i) for i in found.row_index_], upper


def _nowhere(_place: Place) -> tuple[str, int]:
    return "", 0


def _spot(where: Where, place: Place) -> dict[str, Any]:
    """File and row of a place as a Problem takes them."""
    file, line = where(place)
    return {"file": file, "line": line}


def _least_violation(compiled: StandardForm, now: Limits) -> tuple[Array, Array] | None:
    """Values, and what each row lacks (positive) or has too much of, in sum as little as can be.

    None where HiGHS came to no end in time.
    """
    rows, count = compiled.matrix.shape
    lp = as_lp(
        csc_array(hstack([compiled.matrix, eye_array(rows), -eye_array(rows)])),
        np.concatenate([np.zeros(count), np.ones(2 * rows)]),
        np.concatenate([now.column_upper, np.full(2 * rows, np.inf)]),
        now.row_lower,
        now.row_upper,
    )
    solver = new_highs()
    solver.setOptionValue("time_limit", SECONDS)
    solver.passModel(lp)
    run_aside(solver)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    values = np.array(solver.getSolution().col_value)
    return values[:count], values[count : count + rows] - values[count + rows :]


def _places(
    compiled: StandardForm,
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
            key = words[over[0]][at[0]]
            extra = (at[1],) if "step" in over else ()
            found[int(number)] = Place(name, " ".join(key), when, unit, (*key, *extra))
    return found


def origin(tables: Tables) -> Where:
    """A function from a place in the programme to file and row; the first row that fits."""
    customers = {c["customer"]: (c["segment"], c["region"]) for c in tables.records("customers")}

    def where(place: Place) -> tuple[str, int]:
        for table, words in _rows(place, customers):
            frame = tables[table]
            for column, word in words:
                frame = frame[frame[column] == word]
            if len(frame):
                return str(frame["_file"].iloc[0]), int(frame["_line"].iloc[0])
        return "", 0

    return where


COMPONENTS = {component.name: component for component in (*VARIABLES, *CONSTRAINTS)}


def _rows(place: Place, customers: dict[str, tuple[str, str]]) -> list[Row]:
    """Where to look for what sets a place's limit or right-hand side, best first."""
    component = COMPONENTS[place.name]
    words = dict(zip(KEY_NAMES[component.over[0]], place.key, strict=False))
    if "customer" in words:
        words["segment"], words["region"] = customers[words["customer"]]
    if "step" in component.over:
        words["step"] = place.key[-1] + 1
    found: list[Row] = []
    for template in component.data:
        table, _, columns = template.partition(": ")
        pairs = (pair.partition("=") for pair in columns.split())
        found.append((table, [(column, word.format(**words)) for column, _, word in pairs]))
    return found
