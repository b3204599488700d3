"""Who is served first, and how freely scarce goods move.

`contracts` is how the world was seen to work: a licence names its end user, and firms differ in
their stocks, so that some stand still while others hold goods. The others bound it: under `value`
every licence and every stock of a customer serves whoever loses most, under `proportional` everyone
gets a usual share; `priority` is `value` with weights for the military.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.model.window import LossRule
from supplychain.network.entities import Network

Array = NDArray[np.float64]

CONTRACTS, VALUE, PROPORTIONAL, PRIORITY = "contracts", "value", "proportional", "priority"
ALLOCATIONS = (CONTRACTS, VALUE, PROPORTIONAL, PRIORITY)


def loss_rule(network: Network, allocation: str, foresight: str) -> LossRule:
    """The weights of lost output for an allocation and a kind of foresight.

    `value` and `proportional` weigh every customer by its value added; `priority` multiplies
    military customers. Later losses are discounted under rolling foresight only.
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


def for_allocation(network: Network, numbers: WeeklyInputs, allocation: str) -> WeeklyInputs:
    """The numbers of a window under a rule of allocation."""
    if allocation == CONTRACTS:
        return numbers
    free = pooled(network, numbers)
    return proportional(network, free) if allocation == PROPORTIONAL else free


def pooled(network: Network, numbers: WeeklyInputs) -> WeeklyInputs:
    """Licences that any end user may use, and firms that share their stocks."""
    return replace(
        numbers,
        granted=to_pool(network, numbers.granted),
        valid=to_pool(network, numbers.valid),
        cover_mean=np.zeros_like(numbers.cover_mean),
    )


def licences_under(network: Network, amounts: Array, allocation: str) -> Array:
    """[end user, ...] t as a rule of allocation has them: by name, or in each class's pool."""
    return amounts if allocation == CONTRACTS else to_pool(network, amounts)


def to_pool(network: Network, amounts: Array) -> Array:
    """Move what names an end user to the pool of its class.

    Args:
        network: the network.
        amounts: [end user, ...] t; infinite where no licence is needed, which stays.
    """
    found = np.array(amounts, dtype=np.float64)
    for i, user in enumerate(network.end_users):
        if user.pool is not None:
            moved = np.where(np.isfinite(found[i]), found[i], 0.0)
            found[user.pool] += moved
            found[i] -= moved
    return found


def proportional(network: Network, numbers: WeeklyInputs) -> WeeklyInputs:
    """Share every scarce licence and origin by usual shares: limits on single deliveries.

    A delivery under a licence class may take its usual share of the week's grants; a delivery from
    an origin whose lines make less than is usually taken from it, its usual share of that.
    """
    limit = numbers.delivery_limit.copy()
    usual = np.array([d.usual_t_per_week for d in network.deliveries])
    granted = np.zeros((len(network.categories), numbers.granted.shape[1]))
    for row, user in enumerate(network.end_users):
        granted[user.category] += numbers.granted[row]
    for k, licence in enumerate(network.categories):
        if licence.usual_t_per_week <= 0.0:
            continue
        scarce = np.isfinite(granted[k])
        for i in licence.deliveries:
            share = usual[i] / licence.usual_t_per_week
            limit[i, scarce] = np.minimum(limit[i, scarce], share * granted[k, scarce])
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
    network: Network, numbers: WeeklyInputs
) -> dict[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    made: dict[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for i, line in enumerate(network.lines):
        for material, amount in line.makes:
            here = (line.region, material)
            made[here] = made.get(here, 0.0) + amount * numbers.line_capacity[i]
    return made
