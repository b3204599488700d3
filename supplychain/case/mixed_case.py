"""Worlds between two scenarios: each cause as in the one or as in the other.

Every rule of every licence class belongs to one cause: military users, look-alikes and controls
that apply in one of two scenarios only are causes of their own with all their rules; the rules of
all other classes belong to the cause of their parameter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from supplychain.case import weekly_limits
from supplychain.case.case import (
    Case,
    InformationSet,
    before_the_start,
    everything,
    in_force,
    information_set,
    make_weekly_inputs,
    past_runs,
    practice,
    usual_by_category,
)
from supplychain.case.growth import growth_over
from supplychain.case.opening_inventory import opening_cover, opening_stock
from supplychain.case.past import Past
from supplychain.case.planning_days import decision_weeks, planned_weeks
from supplychain.case.qualification import qualification_progress
from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.dataset import Tables
from supplychain.errors import InvalidInput, problem
from supplychain.network.entities import LicenceCategory, Network
from supplychain.policy.licence_queue import Array, Flags, Licences, Rules, run_queue
from supplychain.policy.licence_rules import category_rules
from supplychain.policy.regimes import Policy, read_policy
from supplychain.scenario.scenario import Calendar, Change, Scenario, calendar_of

CHECKS = "customs-check"
"""The basis of controls that are checks and no licences."""

MILITARY = "military"
"""The end use whose classes are a cause of their own."""


@dataclass(frozen=True)
class Pair:
    """Two scenarios of one network and horizon, over one calendar."""

    network: Network
    policy: Policy
    one: Scenario
    other: Scenario
    calendar: Calendar
    owners: OwningCauses
    pasts: tuple[Past | None, Past | None] = (None, None)
    """What the history of each left, where it was solved."""
    _rules: dict[InformationSet, Rules] = field(default_factory=dict, compare=False, repr=False)

    def rules(self, acting: InformationSet) -> Rules:
        """The treatment of every class by week under some entries and changes."""
        if acting not in self._rules:
            self._rules[acting] = category_rules(
                self.network.categories, self.policy, self.calendar, *acting
            )
        return self._rules[acting]

    def beliefs(self) -> Iterator[tuple[InformationSet, InformationSet]]:
        """What comes true in each, and what planners believe in each week in which they decide."""
        weeks = sorted({*decision_weeks(self.one), *decision_weeks(self.other)})
        pairs = [
            (information_set(self.one, week), information_set(self.other, week)) for week in weeks
        ]
        yield from dict.fromkeys([(everything(self.one), everything(self.other)), *pairs])

    def causes(self) -> tuple[str, ...]:
        """The causes that differ, in their order."""
        usual = usual_by_category(self.network)
        found = changes_that_differ(self.one, self.other)
        keys = {past.key if past else "" for past in self.pasts}
        found |= {"stocks"} if len(keys) > 1 else set()
        for mine, theirs in self.beliefs():
            rules = self.rules(mine), self.rules(theirs)
            found |= rules_that_differ(*rules, self.owners, usual)
        return tuple(cause for cause in CAUSES if cause in found)


@dataclass(frozen=True)
class MixedCase(Case):
    """A world in which some causes are switched to what the other scenario has."""

    pair: Pair = field(kw_only=True)
    switched: frozenset[str] = field(kw_only=True)
    _known: dict[tuple[InformationSet, InformationSet], WeeklyInputs] = field(
        default_factory=dict, compare=False, repr=False, kw_only=True
    )

    @property
    def calendar(self) -> Calendar:
        """The weeks over which the licence queue is run."""
        return self.pair.calendar

    def believed(self, as_of: int) -> WeeklyInputs:
        """The numbers as planners see them in a week: each cause as its scenario announces it."""
        if self.scenario.foresight.mode == "perfect":
            return self.known()
        return self._mixed(
            information_set(self.pair.one, as_of), information_set(self.pair.other, as_of)
        )

    def known(self) -> WeeklyInputs:
        """The numbers as they come true."""
        return self._mixed(everything(self.pair.one), everything(self.pair.other))

    def licence_series(self) -> dict[str, Array]:
        """The queue as it comes true over the span, as in any other case."""
        return self.series_of(*self.licence_queue())

    def licence_queue(self) -> tuple[Rules, Licences]:
        """The rules and the queue as they come true, as in any other case."""
        return self._licensed(everything(self.pair.one), everything(self.pair.other))

    def input_changes(self) -> list[dict[str, object]]:
        """None of its own: what it takes from the two scenarios is recorded with them."""
        return []

    def _licensed(self, one: InformationSet, other: InformationSet) -> tuple[Rules, Licences]:
        p = self.pair
        rules = mixed_rules(p.rules(one), p.rules(other), p.owners, self.switched)
        return rules, run_queue(self.growth.licensed, rules)

    def _mixed(self, one: InformationSet, other: InformationSet) -> WeeklyInputs:
        if (one, other) not in self._known:
            queue = self._licensed(one, other)
            before = self.calendar.before
            usual = self._licensed(practice(one), practice(other))[1].usable
            progress = qualification_progress(self.network, usual, self.growth.licensed, before)
            changes = mixed_changes(one[1], other[1], self.switched)
            acting = in_force(self.network, queue[0], before)
            context = weekly_limits.LimitContext(
                self.start, self.span, progress, changes, acting, self.growth.since(before)
            )
            self._known[one, other] = make_weekly_inputs(self, context, queue, before)
        return self._known[one, other]


def make_pair(
    network: Network,
    tables: Tables,
    one: Scenario,
    other: Scenario,
    pasts: tuple[Past | None, Past | None] = (None, None),
) -> Pair:
    """Put two scenarios over one calendar and say to which cause each licence class belongs.

    Pasts that differ belong to the stocks at the start.

    Raises:
        InvalidInput: their horizons differ, so that their losses cannot be attributed.
    """
    if (one.start, one.weeks) != (other.start, other.weeks):
        text = (
            f"{one.name} runs {one.weeks} weeks from {one.start}, "
            f"{other.name} {other.weeks} weeks from {other.start}."
        )
        hint = "Give both the same horizon with --start and --weeks."
        raise InvalidInput(
            "The difference cannot be attributed.", [problem("SCEN-801", text, hint=hint)]
        )
    policy = read_policy(tables)
    span = one.weeks + max(s.foresight.window_weeks for s in (one, other))
    before = max(calendar_of(s, span).before for s in (one, other))
    calendar = Calendar(one.start, before, span)
    rows = tables.records("controls")
    checks = {str(row["control"]) for row in rows if row["basis"] == CHECKS}
    weeks = slice(before, before + one.weeks)
    applies: list[Flags] = []
    for scenario in (one, other):
        rules = category_rules(network.categories, policy, calendar, *everything(scenario))
        applies.append(np.any(rules.in_force[:, weeks] > 0.0, axis=1))
    owners = owning_causes(network.categories, checks, *applies)
    return Pair(network, policy, one, other, calendar, owners, pasts)


def build_mixed_case(pair: Pair, switched: Collection[str]) -> MixedCase:
    """The world in which the switched causes are as in the other scenario.

    Planners decide when either of the scenarios from which something is taken announces something.
    """
    causes = pair.causes()
    taken = frozenset(switched) & set(causes)
    scenario = _scenario(pair, taken)
    sources = [pair.one] if len(taken) < len(causes) or not causes else []
    sources += [pair.other] if taken else []
    plain = replace(scenario.foresight, expects=())
    past = pair.pasts["stocks" in taken]
    shared = len(sources) == 1 or "stocks" not in causes
    decisions = {
        week
        for s in sources
        for week in decision_weeks(
            replace(s, foresight=replace(plain, expects=s.foresight.expects)),
            planned_weeks(s, past) if shared else 0,
        )
    }
    history = [_history(s) for s in (pair.one, pair.other)]
    rules = mixed_rules(pair.rules(history[0]), pair.rules(history[1]), pair.owners, taken)
    growth = growth_over(pair.network, scenario.demand, pair.calendar)
    left, past_arcs, past_deliveries = before_the_start(
        pair.network, rules, pair.calendar, growth, scenario.demand, past
    )
    plans = growth.customers[:, pair.calendar.before]
    return MixedCase(
        network=pair.network,
        policy=pair.policy,
        scenario=scenario,
        span=pair.calendar.span,
        opening_stock=opening_stock(pair.network, scenario, past),
        opening_cover=opening_cover(pair.network, scenario, past, plans),
        opening_licences=left,
        past_arcs=past_arcs,
        past_deliveries=past_deliveries,
        past_runs=past_runs(pair.network, growth, pair.calendar),
        growth=growth,
        decisions=tuple(sorted(decisions)),
        past=past,
        pair=pair,
        switched=taken,
    )


def _scenario(pair: Pair, switched: frozenset[str]) -> Scenario:
    """The scenario that stands for a hybrid: numbers and foresight are mixed, rules are not."""
    looks = pair.other if "foresight" in switched else pair.one
    return replace(
        pair.one,
        name=f"{pair.one.name}-{pair.other.name}",
        foresight=replace(looks.foresight, expects=()),
        demand=(pair.other if "plan" in switched else pair.one).demand,
        changes=mixed_changes(pair.one.changes, pair.other.changes, switched),
    )


def _history(scenario: Scenario) -> InformationSet:
    """What took effect before the start."""
    return tuple(e for e in scenario.timeline if scenario.week_of(e.effective) < 0), ()


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
        Cause("transfer", "End users", "Share of the licences that names no end user."),
        Cause("stocks", "Stocks at the start", "Customers' and regions' stocks at the start."),
        Cause("plan", "Planned output", "What customers plan to make."),
        Cause(
            "capacity", "Capacity and routes", "Sites, lines, stages, routes, makers and recipes."
        ),
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
    "transferable_share": "transfer",
}

CAUSE_OF_CHANGE: Mapping[str, str] = {
    "opening_cover": "stocks",
    "target_cover": "stocks",
    "shelf_cover": "stocks",
    "opening_stock": "stocks",
    "plan": "plan",
    "site_capacity": "capacity",
    "line_capacity": "capacity",
    "stage_capacity": "capacity",
    "arc_limit": "capacity",
    "recipe_share": "capacity",
    "added_cover": "stocks",
    "added_supply": "capacity",
    "maker_head_start": "capacity",
    "recipe_head_start": "capacity",
    "line_head_start": "capacity",
}
"""A change of a licence parameter is a rule and belongs to the cause of its class."""

OwningCauses = Sequence[str]
"""Per licence class the cause that owns all its rules, or "" where each rule has its own."""


def owning_causes(
    categories: Sequence[LicenceCategory], checks: Collection[str], one: Flags, other: Flags
) -> OwningCauses:
    """Say which cause owns each class.

    A class that applies in one scenario only is a control newly in force, unless no class applies
    in both: then it is the whole practice of licensing that differs, rule by rule.

    Args:
        categories: the licence classes.
        checks: controls that are customs checks.
        one: [class] whether it applies in some week of the horizon in one scenario.
        other: [class] the same in the other.
    """
    shared = bool((one & other).any())
    found = []
    for row, k in enumerate(categories):
        if k.control in checks:
            found.append("lookalikes")
        elif k.end_use == MILITARY:
            found.append("military")
        else:
            found.append("controls" if shared and one[row] != other[row] else "")
    return found


def mixed_rules(one: Rules, other: Rules, owners: OwningCauses, switched: Collection[str]) -> Rules:
    """Take the rules of the switched causes from the other scenario, the rest from one."""
    mixed = {}
    for f in fields(Rules):
        causes = [owner or CAUSE_OF_RULE[f.name] for owner in owners]
        taken = np.array([cause in switched for cause in causes], dtype=bool)[:, None]
        mixed[f.name] = np.where(taken, getattr(other, f.name), getattr(one, f.name))
    return Rules(**mixed)


def rules_that_differ(one: Rules, other: Rules, owners: OwningCauses, usual: Array) -> set[str]:
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
    if one.demand != other.demand:
        found.add("plan")
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
