"""When new origins and other recipes become usable: clocks that the first control starts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supplychain.network.kinds import Network

Array = NDArray[np.float64]

NEVER = np.inf


def material_clocks(network: Network, in_force: Array, before: int) -> dict[str, float]:
    """The week, counted from the horizon's start, in which each material is first controlled.

    A control on a good also starts the clock of everything that goes into it: another maker of
    magnets needs another maker's metal. What no control reaches is missing.

    Args:
        network: the network.
        in_force: [class, week] 1 where a licence is needed; the first `before` weeks lie before
            the horizon.
        before: weeks before the horizon.
    """
    clocks: dict[str, float] = {}
    for row, k in enumerate(network.classes):
        weeks = np.flatnonzero(in_force[row] > 0.0)
        if not len(weeks):
            continue
        covered = {network.arcs[a].material for a in k.arcs}
        covered |= {network.deliveries[d].material for d in k.deliveries}
        for material in covered:
            first = float(weeks[0] - before)
            clocks[material] = min(clocks.get(material, NEVER), first)
    return _with_inputs(network, clocks)


def grown(weeks: int, start: float, ramp: float) -> Array:
    """0 before week `start`, then linearly to 1 over `ramp` weeks.

    >>> grown(5, 1.0, 2.0).tolist()
    [0.0, 0.5, 1.0, 1.0, 1.0]
    """
    if start == NEVER:
        return np.zeros(weeks)
    share: Array = np.clip((np.arange(weeks) + 1.0 - start) / max(ramp, 1.0), 0.0, 1.0)
    return share


def _with_inputs(network: Network, clocks: dict[str, float]) -> dict[str, float]:
    """Hand each clock on to what is needed to make the material, up the whole chain."""
    found = dict(clocks)
    waiting = sorted(found)
    while waiting:
        material = waiting.pop()
        for line in network.lines:
            if not any(made == material for made, _ in line.makes):
                continue
            for need, _ in line.needs:
                if found[material] < found.get(need, NEVER):
                    found[need] = found[material]
                    waiting.append(need)
    return found
