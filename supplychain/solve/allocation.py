"""Who is served first: by value, by priority (weights), or everyone by usual share (limits)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from supplychain.case.weekly_inputs import Numbers
from supplychain.model.window import LossRule
from supplychain.network.entities import Network

ALLOCATIONS = ("value", "proportional", "priority")


def loss_rule(network: Network, allocation: str, foresight: str) -> LossRule:
    """The weights of lost output for an allocation and a kind of foresight.

    `value` and `proportional` weigh every customer by its value added; `priority` multiplies
    military customers. Later losses are discounted under rolling foresight only: planners hope.
    """
    a = network.assumptions
    steps = sorted(k for k in a if k.startswith("loss_step_") and k.endswith("_share"))
    extra = a["military_weight_priority"] if allocation == "priority" else 1.0
    return LossRule(
        shares=tuple(a[k] for k in steps),
        weights=tuple(a[k.replace("_share", "_weight")] for k in steps),
        customer_weight=tuple(extra if c.end_use == "military" else 1.0 for c in network.customers),
        later=1.0 if foresight == "perfect" else 1.0 - a["later_loss_discount_per_week"],
        at_stake=0.0 if foresight == "perfect" else a["closing_cover_value"],
    )


def proportional(network: Network, numbers: Numbers) -> Numbers:
    """Share every scarce licence and origin by usual shares: limits on single deliveries.

    A delivery under a licence class may take its usual share of the week's grants; a delivery from
    an origin whose lines make less than is usually taken from it, its usual share of that.
    """
    limit = numbers.delivery_limit.copy()
    usual = np.array([d.usual_t_per_week for d in network.deliveries])
    for k, licence in enumerate(network.classes):
        if licence.usual_t_per_week <= 0.0:
            continue
        scarce = np.isfinite(numbers.granted[k])
        for i in licence.deliveries:
            share = usual[i] / licence.usual_t_per_week
            limit[i, scarce] = np.minimum(limit[i, scarce], share * numbers.granted[k, scarce])
    made = _capacity_by_place(network, numbers)
    taken: dict[tuple[str, str], float] = {}
    for d in network.deliveries:
        here = (d.origin, d.material)
        taken[here] = taken.get(here, 0.0) + d.usual_t_per_week
    for i, d in enumerate(network.deliveries):
        here = (d.origin, d.material)
        if taken[here] > 0.0 and here in made:
            limit[i] = np.minimum(limit[i], usual[i] / taken[here] * made[here])
    return replace(numbers, delivery_limit=limit)


def _capacity_by_place(
    network: Network, numbers: Numbers
) -> dict[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    made: dict[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for i, line in enumerate(network.lines):
        for material, amount in line.makes:
            here = (line.region, material)
            made[here] = made.get(here, 0.0) + amount * numbers.line_capacity[i]
    return made
