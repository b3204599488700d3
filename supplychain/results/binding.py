"""What bound most: the licence, plant or stock whose relief would have saved the most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from supplychain.network.kinds import Network
from supplychain.results.spoken import place, within
from supplychain.solve.rolling import Solution


def bound_most(solution: Solution, controls: Mapping[str, str]) -> str:
    """One plain sentence naming the limit with the largest value over the horizon.

    A licence class is worth its dual times its usual trade, summed over the weeks in which some
    buyer of its end use loses output: before that a dual only says that stock is being kept.
    `controls` names them.
    """
    if float(solution.history.lost.sum()) <= 1e-6:
        return "Nothing bound: every plan was met."
    worth = _licence_worth(solution)
    if not worth:
        return "No licence bound; stocks and plants did."
    (control, destination, end_use), value = max(worth.items(), key=lambda item: (item[1], item[0]))
    region = solution.case.network.regions.get(destination, destination)
    goods, _, basis = controls.get(control, control).partition(": ")
    return (
        f"What bound most were licences for {end_use} buyers in {place(region)} "
        f"({', '.join(filter(None, [within(goods), basis]))}): over the horizon they make up "
        f"{100.0 * value / sum(worth.values()):.0f} % of what all licences were worth."
    )


def _licence_worth(solution: Solution) -> dict[tuple[str, str, str], float]:
    network: Network = solution.case.network
    duals = -solution.history.licence_balance
    losing = _weeks_of_loss(solution)
    worth: dict[tuple[str, str, str], float] = defaultdict(float)
    for i, licence in enumerate(network.classes):
        in_loss = losing.get(licence.end_use, np.zeros(duals.shape[1], dtype=bool))
        value = float(np.sum(duals[i][in_loss]) * licence.usual_t_per_week)
        if value > 1e-9:
            worth[licence.control, licence.destination, licence.end_use] += value
    return dict(worth)


def _weeks_of_loss(solution: Solution) -> dict[str, NDArray[np.bool_]]:
    """End use to the weeks in which a customer of it loses over a millionth of its plan."""
    lost = solution.history.lost.sum(axis=1) > 1e-6
    found: dict[str, NDArray[np.bool_]] = {}
    for i, customer in enumerate(solution.case.network.customers):
        weeks = found.get(customer.end_use, np.zeros(lost.shape[1], dtype=bool))
        found[customer.end_use] = weeks | lost[i]
    return found
