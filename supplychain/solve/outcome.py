"""Our own words for how a solve ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Outcome(Enum):
    """How the solver ended, in words a user can read."""

    OPTIMAL = "optimal"
    INFEASIBLE = "no plan satisfies all limits"
    UNBOUNDED = "the cost has no lower bound: a price or weight is negative"
    STOPPED = "the solver stopped before it found the best plan"


@dataclass(frozen=True)
class Answer:
    """What one window's solve returned. Nothing is filled in unless the outcome is OPTIMAL."""

    outcome: Outcome
    objective: float
    values: Mapping[str, Array]
    """Variable name to [object, period] values; zero where the structure has no such column."""
    duals: Mapping[str, Array]
    """Law name to [object, period] duals, million USD per unit of the right-hand side."""
    spent: Mapping[str, Array]
    """Variable name to [object, period] cost, million USD."""
    costs: Mapping[str, float]
    """Every named cost of the objective, million USD."""
    seconds: float
    iterations: int
    residual: float
    """Largest violation of a row or bound, in the row's unit, recomputed from the values."""
