"""The numbers of one world by week, as believed on one day: what a window of the programme reads.

Structure (which lines, arcs, customers there are) is the network's; everything dated is here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WeeklyInputs:
    """Weekly limits and plans; the second axis is the week, 0 at the start of the horizon.

    The axis runs past the horizon's end by one window, so that the last window can look ahead.
    An infinite entry means "no limit".
    """

    line_capacity: Array
    """[line, week] t of run per week."""
    plan: Array
    """[customer, week] units per week."""
    plan_growth: Array
    """[customer, week] plan against the base year, before a scenario's changes."""
    recipe_limit: Array
    """[recipe, week] share of the plan that may use the recipe; 1 for normal."""
    feed_limit: Array
    """[arc, week] t per week that may depart into the region's stock: usual x surge, wider once
    requalified."""
    delivery_limit: Array
    """[delivery, week] t per week that may depart to this customer."""
    arc_limit: Array
    """[arc, week] t per week that may depart in all, where a change of the scenario says so."""
    usual_feed: Array
    """[arc, week] t per week that makers usually buy for their stock."""
    usual_delivery: Array
    """[delivery, week] t per week that the customer usually buys from this origin."""
    contracted_run: Array
    """[line, week] t of run per week whose product contracts or a price floor take."""
    granted: Array
    """[end user, week] t of licences that become usable in the week; inf where none is needed."""
    valid: Array
    """[end user, week] upper limit on unused licences at the week's end: grants still valid, t."""
    cover_target: Array
    """[cover] weeks of need that a customer wants on the shelf."""
    cover_mean: Array
    """[cover] weeks of need around which firms' stocks are spread, at most the target; 0: alike."""

    def with_weeks_of(self, other: WeeklyInputs, first: int, end: int) -> WeeklyInputs:
        """These numbers, but in the weeks from `first` to before `end` those of another."""
        if other is self:
            return self
        mixed = {}
        for field in fields(self):
            mine = getattr(self, field.name)
            if mine.ndim == 2:
                mine = mine.copy()
                mine[:, first:end] = getattr(other, field.name)[:, first:end]
                mixed[field.name] = mine
        return replace(self, **mixed)
