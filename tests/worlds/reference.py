"""Other ways to the same answer: Pyomo's own road to HiGHS, and Clarabel, a second solver."""

from __future__ import annotations

from typing import Any

import clarabel
import numpy as np
from pyomo.environ import ConcreteModel, SolverFactory, Suffix, value
from scipy.sparse import csc_array, csc_matrix, eye_array, vstack

from supplychain.solve.standard_form import Limits, StandardForm


def solved(model: ConcreteModel) -> float:
    """Solve a model by Pyomo's interface, cold; its duals are then in `model.dual`."""
    model.dual = Suffix(direction=Suffix.IMPORT)
    SolverFactory("appsi_highs").solve(model)
    return float(value(model.total_cost))


def dual(model: ConcreteModel, law: str, *index: Any) -> float:
    """Change of the objective per unit of a law's right-hand side."""
    return float(model.dual[model.component(law)[index]])


def clarabel_objective(compiled: StandardForm, limits: Limits) -> float:
    """The optimum by Clarabel's interior point method; every limit is handed over as a row."""
    count = compiled.matrix.shape[1]
    rows = vstack([compiled.matrix, eye_array(count)], format="csr")
    lower = np.concatenate([limits.row_lower, np.zeros(count)])
    upper = np.concatenate([limits.row_upper, limits.column_upper])
    equal = lower == upper
    above = np.isfinite(upper) & ~equal
    below = np.isfinite(lower) & ~equal
    matrix = vstack([rows[equal], rows[above], -rows[below]], format="csc")
    right = np.concatenate([upper[equal], upper[above], -lower[below]])
    cones = [
        clarabel.ZeroConeT(int(equal.sum())),
        clarabel.NonnegativeConeT(int(above.sum() + below.sum())),
    ]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-9
    nothing = csc_matrix(csc_array((count, count)))
    solver = clarabel.DefaultSolver(
        nothing, limits.cost, csc_matrix(matrix), right, cones, settings
    )
    answer = solver.solve()
    assert str(answer.status) == "Solved", answer.status
    return float(answer.obj_val)
