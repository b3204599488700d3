"""The numbers of one world by week, as believed on one day: what a window of the programme reads.

Structure (which lines, arcs, customers there are) is the network's; everything dated is here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Numbers:
    """Weekly limits and plans; the second axis is the week, 0 at the start of the horizon.

    The axis runs past the horizon's end by one window, so that the last window can look ahead.
    An infinite entry means "no limit".
    """

    line_capacity: Array
    """[line, week] t of run per week."""
    plan: Array
    """[customer, week] units per week."""
    recipe_limit: Array
    """[recipe, week] share of the plan that may use the recipe; 1 for normal."""
    arc_limit: Array
    """[arc, week] t per week that may depart: usual trade x surge, wider once requalified."""
    delivery_limit: Array
    """[delivery, week] t per week that may depart to this customer."""
    granted: Array
    """[class, week] t of licences that become usable in the week; inf where none is needed."""
    valid: Array
    """[class, week] upper limit on unused licences at the week's end: grants still valid, t."""
