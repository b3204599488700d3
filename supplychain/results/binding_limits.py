"""What of all that a planner changed was reached in some week, and what bound in its place.

A licence parameter binds in a week if another value of it would have let more, or less, be granted:
files that are reviewed and exceed the throughput wait for the throughput and not for the review.
It counts only where licences of the class are used up then or later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from supplychain.case.applied_changes import (
    arcs_of,
    covers_of,
    customers_of,
    lines_of,
    recipes_of,
)
from supplychain.case.weekly_limits import CAPACITY_CHANGES
from supplychain.dataset import BASE_YEAR
from supplychain.dataset.overlay import Change as CellChange
from supplychain.dataset.table_types import ANY
from supplychain.network.entities import LicenceCategory, Network
from supplychain.policy.regimes import OPEN
from supplychain.scenario.scenario import Change, calendar_of, change_weeks
from supplychain.solve.solution import Realised, Solution

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

CLOSE = 1e-6
"""Relative: how near a limit counts as reached."""
ROW_TABLES = ("regime_parameters", "fitted_parameters")
TELLING = (("throughput", "gap", "review"), ("approval_share", "general_share"))
"""Parameters named as what binds in place of another: the second only where none of the first."""


@dataclass(frozen=True)
class Binding:
    """Whether a changed limit was reached, and in which weeks."""

    what: str
    where: Mapping[str, str]
    binds: bool
    weeks: int
    """Weeks in which it binds somewhere; 0 for what counts without being a limit."""
    first: date | None
    instead: Sequence[str]
    """Licence parameters that bind where it does not, most weeks first."""
    text: str
    """One sentence for the reader; empty where it binds."""


def binding_limits(solution: Solution, overlays: Sequence[CellChange] = ()) -> list[Binding]:
    """Say of every change of a scenario, and of licence rows of overlays, where it binds."""
    case = solution.realised
    changes = case.scenario.changes if case.input_changes else ()
    rows = [c for c in overlays if c.table in ROW_TABLES and c.column == "value"]
    if not changes and not rows:
        return []
    worth = _worth(solution)
    inside = {name: flags & worth for name, flags in case.licence_binding.items()}
    found = [_of_change(solution, change, inside) for change in changes]
    return [*found, *(_of_row(case, row, inside) for row in rows)]


def unreached(found: Sequence[Binding]) -> list[str]:
    """The sentences for a reader, each once."""
    return list(dict.fromkeys(b.text for b in found if not b.binds))


def as_json(found: Sequence[Binding]) -> list[dict[str, object]]:
    """The list `binding` of a run's record."""
    return [
        {
            **asdict(b),
            "where": dict(b.where),
            "instead": list(b.instead),
            "first": b.first.isoformat() if b.first else None,
        }
        for b in found
    ]


def _worth(solution: Solution) -> Flags:
    """[class, week] whether one more licence would be worth something in the week or later."""
    network = solution.realised.network
    found = np.zeros((len(network.categories), solution.realised.weeks), dtype=bool)
    for i, user in enumerate(network.end_users):
        found[user.category] |= -solution.history.licence_balance[i] > CLOSE
    later: Flags = np.maximum.accumulate(found[:, ::-1], axis=1)[:, ::-1]
    return later


def _of_change(solution: Solution, change: Change, inside: Mapping[str, Flags]) -> Binding:
    case = solution.realised
    name, where = change.what, dict(change.where)
    calendar = calendar_of(case.scenario, case.weeks)
    weeks = change_weeks(change, calendar)
    held = slice(max(weeks.start - calendar.before, 0), weeks.stop - calendar.before)
    of = ", ".join(f"{key} {word}" for key, word in where.items())
    if held.start >= min(held.stop, case.weeks):
        text = f"{name} of {of} holds in no week of the horizon."
        return Binding(name, where, binds=False, weeks=0, first=None, instead=(), text=text)
    if not reached_by(case.network, change):
        text = f"{name} of {of} reaches nothing: no run reads it."
        return Binding(name, where, binds=False, weeks=0, first=None, instead=(), text=text)
    if name == "licence":
        words = change.place("control"), change.place("destination"), change.place("end_use")
        rows = _reached(case.network.categories, words)
        return _licence(case, change.place("parameter"), where, rows, held, inside)
    reached = _reached_limit(solution, change)
    if reached is None:
        return Binding(name, where, binds=True, weeks=0, first=None, instead=(), text="")
    at = [week for week in np.flatnonzero(reached).tolist() if held.start <= week < held.stop]
    text = "" if at else f"{name} of {of} does not bind: the limit is not reached in any week."
    first = case.scenario.monday(at[0]) if at else None
    return Binding(name, where, bool(at), len(at), first, (), text)


def reached_by(network: Network, change: Change) -> bool:
    """Whether a change reaches anything of the network that is there and used."""
    if change.what == "line_head_start":
        return any(network.lines[i].start > BASE_YEAR[1] for i in lines_of(network, change))
    if change.what in OF_COVERS:
        return any(network.covers[i].need_t_per_week > 0.0 for i in covers_of(network, change))
    return change.what not in REACH or bool(REACH[change.what](network, change))


OF_COVERS = ("opening_cover", "target_cover", "shelf_cover", "added_cover", "maker_head_start")
REACH = {
    **dict.fromkeys(CAPACITY_CHANGES, lines_of),
    "plan": customers_of,
    "arc_limit": arcs_of,
    "recipe_share": recipes_of,
    "recipe_head_start": recipes_of,
}
"""By kind of change, what finds the objects that it reaches."""


def _reached_limit(solution: Solution, change: Change) -> Flags | None:
    """[week] whether something a change limits runs at its limit; None for what is no limit."""
    case, history, network = solution.realised, solution.history, solution.realised.network
    known, weeks = case.inputs, case.weeks
    if change.what in CAPACITY_CHANGES:
        rows = lines_of(network, change)
        return _at_limit(history.run[rows], known.line_capacity[rows, :weeks])
    if change.what == "arc_limit":
        rows = arcs_of(network, change)
        flow = history.flow.copy()
        for i, delivery in enumerate(network.deliveries):
            flow[delivery.arc] += history.delivery[i]
        return _at_limit(flow[rows], known.arc_limit[rows, :weeks])
    if change.what == "recipe_share":
        rows = recipes_of(network, change)
        owner = [network.recipes[i].customer for i in rows]
        plans = np.array([network.customers[i].plan_per_week for i in owner])[:, None]
        share = known.plan[owner, :weeks] / plans
        return _at_limit(history.output[rows], known.recipe_limit[rows, :weeks] * share)
    return None


def _at_limit(amounts: Array, limits: Array) -> Flags:
    size = np.maximum(np.where(np.isfinite(limits), limits, 0.0).max(axis=1, initial=0.0), 1e-9)
    found: Flags = (amounts >= limits - CLOSE * size[:, None]).any(axis=0)
    return found


def _of_row(case: Realised, row: CellChange, inside: Mapping[str, Flags]) -> Binding:
    """A row of a regime, control, destination, end use and parameter that an overlay changed."""
    regime, control, destination, end_use, parameter = row.key.split(", ")
    where = {"regime": regime, "control": control, "destination": destination, "end_use": end_use}
    categories = _reached(case.network.categories, (control, destination, end_use))
    used = {OPEN, *(entry.setting.regime for entry in case.scenario.timeline)}
    categories = categories if regime in used else []
    return _licence(case, parameter, where, categories, slice(0, case.weeks), inside)


def _reached(categories: Sequence[LicenceCategory], words: tuple[str, str, str]) -> list[int]:
    def fits(k: LicenceCategory) -> bool:
        own = (k.control, k.destination, k.end_use)
        return all(word in (ANY, mine) for word, mine in zip(words, own, strict=True))

    return [i for i, k in enumerate(categories) if k.usual_t_per_week > 0.0 and fits(k)]


def _licence(
    case: Realised,
    parameter: str,
    where: Mapping[str, str],
    rows: Sequence[int],
    weeks: slice,
    inside: Mapping[str, Flags],
) -> Binding:
    at = np.flatnonzero(inside[parameter][rows, weeks].any(axis=0)) + weeks.start
    others = tuple(_instead(parameter, rows, weeks, inside)) if not len(at) else ()
    text = ""
    if not len(at):
        reason = f"{_listed(others)} {'do' if len(others) > 1 else 'does'}"
        reason = reason if others else "no licence that it reaches is used up"
        text = f"{parameter} does not bind in any week; {reason}."
    named = {key: word for key, word in where.items() if key != "parameter"}
    first = case.scenario.monday(int(at[0])) if len(at) else None
    what = {"parameter": parameter, **named}
    return Binding("licence", what, bool(len(at)), len(at), first, others, text)


def _instead(
    parameter: str, rows: Sequence[int], weeks: slice, inside: Mapping[str, Flags]
) -> Iterator[str]:
    for names in TELLING:
        count = Counter({n: int(inside[n][rows, weeks].sum()) for n in names if n != parameter})
        ranked = [(name, n) for name, n in count.most_common() if n > 0]
        if ranked:
            yield from (name for name, n in ranked if 2 * n >= ranked[0][1])
            return


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1] if names else ""]))
