"""How far users have come in finding other makers and other recipes: shortage weeks so far.

Nobody approves a second maker or redesigns a part while goods flow. So progress is counted in weeks
in which licences are short, and what was reached is kept when they flow again: the spring of 2025
gave car makers about a quarter of a year, the truce after it nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supplychain.network.entities import Network
from supplychain.network.licence_categories import UPSTREAM_END_USE

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Progress:
    """Shortage weeks up to and including each week of the horizon."""

    weeks: int
    users: Mapping[tuple[str, str, str], Array]
    """(material, destination, end use) to its own count."""
    makers: Mapping[str, Array]
    """Material to the count of whatever is made of it, for those who would make it elsewhere."""

    def of_user(self, material: str, destination: str, end_use: str) -> Array:
        """Shortage weeks of one kind of buyer; zero where no control reaches it."""
        return self.users.get((material, destination, end_use), np.zeros(self.weeks))

    def of_maker(self, material: str) -> Array:
        """Weeks in which somebody was short of the material or of what is made of it."""
        return self.makers.get(material, np.zeros(self.weeks))


def qualification_progress(network: Network, usable: Array, usual: Array, before: int) -> Progress:
    """Count the shortage weeks.

    A civil shortage of a good also drives everything that goes into it: another maker of magnets
    needs another maker's metal.

    Args:
        network: the network.
        usable: [class, week] t that become shippable, infinite where no licence is needed; the
            first `before` weeks lie before the horizon.
        usual: [class, week] usual trade, t.
        before: weeks before the horizon.
    """
    short: dict[tuple[str, str, str], Flags] = {}
    for row, k in enumerate(network.categories):
        if k.usual_t_per_week <= 0.0:
            continue
        in_shortage = usable[row] < network.assumptions["licences_short_below"] * usual[row]
        covered = {network.arcs[a].material for a in k.arcs}
        covered |= {network.deliveries[d].material for d in k.deliveries}
        for material in covered:
            key = (material, k.destination, k.end_use)
            short[key] = short.get(key, np.zeros(len(in_shortage), dtype=bool)) | in_shortage
    weeks = usable.shape[1] - before
    users = {key: _count(flags, before) for key, flags in sorted(short.items())}
    makers = {m: _count(flags, before) for m, flags in _up_the_chain(network, short).items()}
    return Progress(weeks, users, makers)


def qualified_share(progress: Array, lead: float, ramp: float) -> Array:
    """0 until `lead` shortage weeks, then linearly to 1 over `ramp` more.

    >>> qualified_share(np.array([1.0, 2.0, 2.0, 3.0, 4.0]), lead=1.0, ramp=2.0).tolist()
    [0.0, 0.5, 0.5, 1.0, 1.0]
    """
    share: Array = np.clip((progress - lead) / max(ramp, 1.0), 0.0, 1.0)
    return share


def _count(flags: Flags, before: int) -> Array:
    counted: Array = np.cumsum(flags).astype(np.float64)[before:]
    return counted


def _up_the_chain(
    network: Network, short: Mapping[tuple[str, str, str], Flags]
) -> dict[str, Flags]:
    """Material to the weeks in which civil buyers are short of it or of what is made of it."""
    found: dict[str, Flags] = {}
    for (material, _, end_use), flags in sorted(short.items()):
        if end_use == UPSTREAM_END_USE:
            found[material] = found.get(material, np.zeros_like(flags)) | flags
    feeds: dict[str, set[str]] = defaultdict(set)
    for line in network.lines:
        for made, _ in line.makes:
            feeds[made] |= {need for need, _ in line.needs}
    waiting = sorted(found)
    while waiting:
        material = waiting.pop()
        for need in sorted(feeds[material]):
            reached = found.get(need, np.zeros_like(found[material])) | found[material]
            if need not in found or (reached != found[need]).any():
                found[need] = reached
                waiting.append(need)
    return found
