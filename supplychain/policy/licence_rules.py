"""Which regime treats each licence class in each week, and how: the rules of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from supplychain.dataset.schema_policy import PARAMETERS
from supplychain.dataset.table_types import ANY
from supplychain.network.entities import LicenceCategory
from supplychain.policy.licence_queue import Array, Rules
from supplychain.policy.regimes import OPEN, Policy
from supplychain.scenario.scenario import Change, Entry, change_weeks

if TYPE_CHECKING:
    from supplychain.scenario.scenario import Calendar


Index = NDArray[np.int64]


def category_rules(
    categories: Sequence[LicenceCategory],
    policy: Policy,
    calendar: Calendar,
    timeline: Sequence[Entry],
    changes: Sequence[Change],
) -> Rules:
    """The treatment of every class by week under some entries and changes.

    An entry holds from its week until a later one reaches the same class; of two in one week the
    later day counts, then the more special one.
    """
    regimes = (OPEN, *dict.fromkeys(e.setting.regime for e in timeline if e.setting.regime != OPEN))
    index = regime_index(categories, policy, calendar, timeline, regimes)
    values = _values(categories, policy, regimes)
    rows = np.arange(len(categories))[:, None]
    by_week = {name: values[rows, index, i] for i, name in enumerate(PARAMETERS)}
    for row, licence in enumerate(categories):
        first = calendar.position(policy.controls[licence.control].effective)
        by_week["in_force"][row, :first] = 0.0
    for change in changes:
        if change.what == "licence":
            _apply(by_week[change.place("parameter")], change, categories, calendar)
    changed = np.zeros(index.shape, dtype=bool)
    changed[:, 1:] = index[:, 1:] != index[:, :-1]
    return Rules(changed=changed, **by_week)


def regime_index(
    categories: Sequence[LicenceCategory],
    policy: Policy,
    calendar: Calendar,
    timeline: Sequence[Entry],
    regimes: Sequence[str],
) -> Index:
    """[class, week] position of the regime in force in `regimes`, which hold OPEN.

    An entry does not reach a control that ended before its day.
    """
    position = {name: i for i, name in enumerate(regimes)}
    of_entry = np.array([*(position[e.setting.regime] for e in timeline), position[OPEN]])
    found: Index = of_entry[ruling_entries(categories, policy, calendar, timeline)]
    return found


def ruling_entries(
    categories: Sequence[LicenceCategory],
    policy: Policy,
    calendar: Calendar,
    timeline: Sequence[Entry],
) -> Index:
    """[class, week] position in the timeline of the entry that rules; -1 where none does yet."""
    index = np.full((len(categories), calendar.weeks), -1, dtype=np.int64)
    order = sorted(
        range(len(timeline)), key=lambda i: (timeline[i].effective, timeline[i].setting.narrowness)
    )
    for i in order:
        entry = timeline[i]
        first = calendar.position(entry.effective)
        for row, k in enumerate(categories):
            control = policy.controls[k.control]
            ended = control.until is not None and control.until < entry.effective
            if not ended and entry.setting.applies(
                k.control, control.exporter, k.destination, k.end_use
            ):
                index[row, first:] = i
    return index


def _values(categories: Sequence[LicenceCategory], policy: Policy, regimes: Sequence[str]) -> Array:
    """[class, regime, parameter]; classes that are treated alike are looked up once."""
    found: dict[tuple[str, str, str], list[list[float]]] = {}
    for k in categories:
        key = (k.control, k.destination, k.end_use)
        if key not in found:
            found[key] = [
                [policy.parameter(regime, *key, name) for name in PARAMETERS] for regime in regimes
            ]
    rows = [found[k.control, k.destination, k.end_use] for k in categories]
    return np.array(rows, dtype=np.float64).reshape(len(categories), len(regimes), len(PARAMETERS))


def _apply(
    values: Array, change: Change, categories: Sequence[LicenceCategory], calendar: Calendar
) -> None:
    wanted = [change.place(key) for key in ("control", "destination", "end_use")]
    weeks = change_weeks(change, calendar)
    for row, k in enumerate(categories):
        own = (k.control, k.destination, k.end_use)
        if all(word in (ANY, mine) for word, mine in zip(wanted, own, strict=True)):
            values[row, weeks] = change.value
