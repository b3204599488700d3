"""Worlds between two scenarios: each cause is as one or as the other has it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from supplychain.dataset import Tables
from supplychain.errors import InvalidInput, problem
from supplychain.network.kinds import Network
from supplychain.regime import limits
from supplychain.regime.case import (
    Belief,
    Case,
    before_the_start,
    belief,
    decision_weeks,
    make_numbers,
    usual_by_class,
)
from supplychain.regime.causes import (
    CAUSES,
    Owners,
    changes_that_differ,
    mixed_changes,
    mixed_rules,
    owners_of,
    rules_that_differ,
)
from supplychain.regime.clocks import squeeze_progress
from supplychain.regime.kinds import Scenario
from supplychain.regime.licences import Array, Flags, Licences, Rules, run_queue
from supplychain.regime.numbers import Numbers
from supplychain.regime.opening import opening_cover, opening_stock
from supplychain.regime.policy import Policy, read_policy
from supplychain.regime.treatment import Calendar, calendar_of, class_rules

CHECKS = "customs-check"
"""The basis of controls that are checks and no licences."""


@dataclass(frozen=True)
class Pair:
    """Two scenarios of one network and horizon, over one calendar."""

    network: Network
    policy: Policy
    one: Scenario
    other: Scenario
    calendar: Calendar
    owners: Owners
    _rules: dict[Belief, Rules] = field(default_factory=dict, compare=False, repr=False)

    def rules(self, acting: Belief) -> Rules:
        """The treatment of every class by week under some entries and changes."""
        if acting not in self._rules:
            self._rules[acting] = class_rules(
                self.network.classes, self.policy, self.calendar, *acting
            )
        return self._rules[acting]

    def beliefs(self) -> Iterator[tuple[Belief, Belief]]:
        """What comes true in each, and what planners believe in each week in which they decide."""
        weeks = sorted({*decision_weeks(self.one), *decision_weeks(self.other)})
        pairs = [(belief(self.one, week), belief(self.other, week)) for week in weeks]
        yield from dict.fromkeys([(_whole(self.one), _whole(self.other)), *pairs])

    def causes(self) -> tuple[str, ...]:
        """The causes that differ, in their order."""
        usual = usual_by_class(self.network)
        found = changes_that_differ(self.one, self.other)
        for mine, theirs in self.beliefs():
            rules = self.rules(mine), self.rules(theirs)
            found |= rules_that_differ(*rules, self.owners, usual)
        return tuple(cause for cause in CAUSES if cause in found)


@dataclass(frozen=True)
class Hybrid(Case):
    """A world in which some causes are switched to what the other scenario has."""

    pair: Pair = field(kw_only=True)
    switched: frozenset[str] = field(kw_only=True)
    _known: dict[tuple[Belief, Belief], Numbers] = field(
        default_factory=dict, compare=False, repr=False, kw_only=True
    )

    @property
    def calendar(self) -> Calendar:
        """The weeks over which the licence queue is run."""
        return self.pair.calendar

    def believed(self, as_of: int) -> Numbers:
        """The numbers as planners see them in a week: each cause as its scenario announces it."""
        if self.scenario.foresight.mode == "perfect":
            return self.known()
        return self._mixed(belief(self.pair.one, as_of), belief(self.pair.other, as_of))

    def known(self) -> Numbers:
        """The numbers as they come true."""
        return self._mixed(_whole(self.pair.one), _whole(self.pair.other))

    def licence_series(self) -> dict[str, Array]:
        """The queue as it comes true over the span, as in any other case."""
        licences = self._licensed(_whole(self.pair.one), _whole(self.pair.other))
        return self.series_of(licences)

    def input_changes(self) -> list[dict[str, object]]:
        """None of its own: what it takes from the two scenarios is recorded with them."""
        return []

    def _licensed(self, one: Belief, other: Belief) -> Licences:
        p = self.pair
        rules = mixed_rules(p.rules(one), p.rules(other), p.owners, self.switched)
        return run_queue(usual_by_class(self.network), rules)

    def _mixed(self, one: Belief, other: Belief) -> Numbers:
        if (one, other) not in self._known:
            licences = self._licensed(one, other)
            before = self.calendar.before
            progress = squeeze_progress(self.network, licences.usable, before)
            changes = mixed_changes(one[1], other[1], self.switched)
            outlook = limits.Outlook(self.start, self.span, progress, changes)
            self._known[one, other] = make_numbers(self.network, outlook, licences, before)
        return self._known[one, other]


def make_pair(network: Network, tables: Tables, one: Scenario, other: Scenario) -> Pair:
    """Put two scenarios over one calendar and say to which cause each licence class belongs.

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
        rules = class_rules(network.classes, policy, calendar, *_whole(scenario))
        applies.append(np.any(rules.in_force[:, weeks] > 0.0, axis=1))
    owners = owners_of(network.classes, checks, *applies)
    return Pair(network, policy, one, other, calendar, owners)


def build_hybrid(pair: Pair, switched: Collection[str]) -> Hybrid:
    """The world in which the switched causes are as in the other scenario.

    Planners decide when either of the scenarios from which something is taken announces something.
    """
    causes = pair.causes()
    taken = frozenset(switched) & set(causes)
    scenario = _scenario(pair, taken)
    sources = [pair.one] if len(taken) < len(causes) or not causes else []
    sources += [pair.other] if taken else []
    plain = replace(scenario.foresight, expects=())
    decisions = {
        week
        for s in sources
        for week in decision_weeks(
            replace(s, foresight=replace(plain, expects=s.foresight.expects))
        )
    }
    history = [_history(s) for s in (pair.one, pair.other)]
    rules = mixed_rules(pair.rules(history[0]), pair.rules(history[1]), pair.owners, taken)
    left, past_arcs, past_deliveries = before_the_start(pair.network, rules, pair.calendar)
    return Hybrid(
        network=pair.network,
        policy=pair.policy,
        scenario=scenario,
        span=pair.calendar.span,
        opening_stock=opening_stock(pair.network, scenario),
        opening_cover=opening_cover(pair.network, scenario),
        opening_licences=left,
        past_arcs=past_arcs,
        past_deliveries=past_deliveries,
        decisions=tuple(sorted(decisions)),
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
        changes=mixed_changes(pair.one.changes, pair.other.changes, switched),
    )


def _whole(scenario: Scenario) -> Belief:
    return scenario.timeline, scenario.changes


def _history(scenario: Scenario) -> Belief:
    """What took effect before the start."""
    return tuple(e for e in scenario.timeline if scenario.week_of(e.effective) < 0), ()
