"""What can differ between two scenarios, cause by cause, and which numbers belong to a cause.

Every rule of every licence class belongs to one cause: military users, look-alikes and controls
that apply in one of two scenarios only are causes of their own with all their rules; the rules of
all other classes belong to the cause of their parameter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from supplychain.network.kinds import LicenceClass
from supplychain.regime.kinds import Change, Scenario
from supplychain.regime.licences import Array, Flags, Rules

MILITARY = "military"
"""The end use whose classes are a cause of their own."""


@dataclass(frozen=True)
class Cause:
    """A cause in words."""

    name: str
    title: str
    meaning: str


CAUSES: Mapping[str, Cause] = {
    cause.name: cause
    for cause in (
        Cause("review", "Review time", "Mean weeks from handing a file in to its decision."),
        Cause("approval", "Approvals", "Approved share, and the share of the others sent back."),
        Cause("throughput", "Throughput", "Files that the authority settles in a week at most."),
        Cause("general", "General licences", "Share of the trade that passes without review."),
        Cause("military", "Military users", "All rules for military users, denial above all."),
        Cause("lookalikes", "Checks on look-alikes", "All rules of controls that are checks."),
        Cause(
            "controls",
            "Controls newly in force",
            "All rules of controls that apply in one scenario only; else when a control applies.",
        ),
        Cause("gap", "Gap at the start", "Weeks after a control began without any decision."),
        Cause("surge", "Rush of files", "Wanted trade against usual trade."),
        Cause("validity", "Validity and lapse", "How long licences hold; what a change revokes."),
        Cause("stocks", "Stocks at the start", "Customers' and regions' stocks at the start."),
        Cause("plan", "Planned output", "What customers plan to make."),
        Cause("capacity", "Capacity and routes", "Sites, lines, stages, routes and recipes."),
        Cause("foresight", "Foresight", "What planners know, how far they look, how often."),
    )
}
"""By name, in the order in which causes are switched where there are too many to try all ways."""

CAUSE_OF_RULE: Mapping[str, str] = {
    "in_force": "controls",
    "gap": "gap",
    "review": "review",
    "approval_share": "approval",
    "returned_share": "approval",
    "throughput": "throughput",
    "validity": "validity",
    "general_share": "general",
    "surge": "surge",
    "keep_pending": "validity",
    "keep_issued": "validity",
    "changed": "validity",
}

CAUSE_OF_CHANGE: Mapping[str, str] = {
    "opening_cover": "stocks",
    "opening_stock": "stocks",
    "plan": "plan",
    "site_capacity": "capacity",
    "line_capacity": "capacity",
    "stage_capacity": "capacity",
    "arc_limit": "capacity",
    "recipe_share": "capacity",
}
"""A change of a licence parameter is a rule and belongs to the cause of its class."""

Owners = Sequence[str]
"""Per licence class the cause that owns all its rules, or "" where each rule has its own."""


def owners_of(
    classes: Sequence[LicenceClass], checks: Collection[str], one: Flags, other: Flags
) -> Owners:
    """Say which cause owns each class.

    A class that applies in one scenario only is a control newly in force, unless no class applies
    in both: then it is the whole practice of licensing that differs, rule by rule.

    Args:
        classes: the licence classes.
        checks: controls that are customs checks.
        one: [class] whether it applies in some week of the horizon in one scenario.
        other: [class] the same in the other.
    """
    shared = bool((one & other).any())
    found = []
    for row, k in enumerate(classes):
        if k.control in checks:
            found.append("lookalikes")
        elif k.end_use == MILITARY:
            found.append("military")
        else:
            found.append("controls" if shared and one[row] != other[row] else "")
    return found


def mixed_rules(one: Rules, other: Rules, owners: Owners, switched: Collection[str]) -> Rules:
    """Take the rules of the switched causes from the other scenario, the rest from one."""
    mixed = {}
    for f in fields(Rules):
        causes = [owner or CAUSE_OF_RULE[f.name] for owner in owners]
        taken = np.array([cause in switched for cause in causes], dtype=bool)[:, None]
        mixed[f.name] = np.where(taken, getattr(other, f.name), getattr(one, f.name))
    return Rules(**mixed)


def rules_that_differ(one: Rules, other: Rules, owners: Owners, usual: Array) -> set[str]:
    """The causes of which the queue would notice a difference in some class and week."""
    applies = ((one.in_force > 0.0) | (other.in_force > 0.0)) & (usual > 0.0)[:, None]
    found = set()
    mine, theirs = _noticed(one, other)
    for name in mine:
        differs = mine[name] != theirs[name]
        if name != "in_force":
            differs &= np.tile(applies, differs.shape[1] // applies.shape[1])
        noticed = zip(owners, differs.any(axis=1).tolist(), strict=True)
        found |= {owner or CAUSE_OF_RULE[name] for owner, seen in noticed if seen}
    return found


def _noticed(one: Rules, other: Rules) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rules of two scenarios as the queue reads them, so that equal means equal in effect."""
    found = []
    for r in (one, other):
        kept = {f.name: getattr(r, f.name) for f in fields(Rules) if f.name != "changed"}
        kept["in_force"] = r.in_force > 0.0
        kept["review"] = np.maximum(r.review, 1.0)
        kept["validity"] = np.maximum(np.rint(r.validity), 1.0)
        kept["keep_pending"] = np.where(r.changed, r.keep_pending, 1.0)
        kept["keep_issued"] = np.where(r.changed, r.keep_issued, 1.0)
        ages = [_age(one.in_force > 0.0), _age(other.in_force > 0.0)]
        kept["gap"] = np.hstack([np.clip(age + 1.0 - r.gap, 0.0, 1.0) for age in ages])
        found.append(kept)
    return found[0], found[1]


def _age(in_force: Flags) -> Array:
    """Weeks for which a control has been in force without a break, before each week."""
    age = np.zeros(in_force.shape)
    for week in range(1, in_force.shape[1]):
        age[:, week] = np.where(in_force[:, week - 1], age[:, week - 1] + 1.0, 0.0)
    return age


def mixed_changes(
    one: Iterable[Change], other: Iterable[Change], switched: Collection[str]
) -> tuple[Change, ...]:
    """Take the changes of numbers of the switched causes from the other, the rest from one."""
    kept = [c for c in one if CAUSE_OF_CHANGE.get(c.what, "") not in switched]
    taken = [c for c in other if CAUSE_OF_CHANGE.get(c.what, "") in switched]
    return tuple(c for c in (*kept, *taken) if c.what in CAUSE_OF_CHANGE)


def changes_that_differ(one: Scenario, other: Scenario) -> set[str]:
    """The causes whose changes of numbers are not the same, and what planners look at."""
    found = set()
    for what, cause in CAUSE_OF_CHANGE.items():
        mine, theirs = ({_facts(c) for c in s.changes if c.what == what} for s in (one, other))
        if mine != theirs:
            found.add(cause)
    a, b = one.foresight, other.foresight
    if (a.mode, a.window_weeks, a.step_weeks) != (b.mode, b.window_weeks, b.step_weeks):
        found.add("foresight")
    return found


def _facts(change: Change) -> tuple[object, ...]:
    """A change without its reason and place in a file."""
    return (
        tuple(sorted(change.where)), change.start, change.end, change.announced,
        change.value, change.unit,
    )  # fmt: skip
