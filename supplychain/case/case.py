"""The numbers of one world: a scenario worked into the network, as planners believe it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from supplychain.case import weekly_limits
from supplychain.case.applied_changes import changed_inputs
from supplychain.case.opening_inventory import opening_cover, opening_stock, past_trade
from supplychain.case.qualification import squeeze_progress
from supplychain.case.weekly_inputs import Numbers
from supplychain.dataset import Tables
from supplychain.network.entities import Network
from supplychain.policy.licence_queue import Array, Licences, Rules, run_queue, usual_shipping
from supplychain.policy.licence_rules import class_rules, regime_index
from supplychain.policy.regimes import OPEN, Policy, read_policy
from supplychain.scenario.scenario import Calendar, Change, Entry, Scenario, calendar_of

Belief = tuple[tuple[Entry, ...], tuple[Change, ...]]
"""The entries and changes that act."""


@dataclass(frozen=True)
class Case:
    """One world: what is there at the start, and what is known of the weeks to come.

    Weeks count from 0 at `start`, a Monday. Arrays follow the order of the network's objects.
    """

    network: Network
    policy: Policy
    scenario: Scenario
    span: int
    """Weeks of all numbers: the horizon and one window, so that the last window can look ahead."""
    opening_stock: tuple[float, ...]
    """Per place, t."""
    opening_cover: tuple[float, ...]
    """Per cover, t on the shelf; what is under way comes on top."""
    opening_licences: tuple[float, ...]
    """Per class, t of licences issued before the start and not used."""
    past_arcs: Array
    """[arc, week] t per week into the region's stock, in the weeks before the start, last one last:
    usual trade, or what licences left of it."""
    past_deliveries: Array
    """[delivery, week] the same for deliveries."""
    decisions: tuple[int, ...]
    """Weeks in which planners decide: every step, and whenever something is announced."""
    _numbers: dict[Belief, Numbers] = field(default_factory=dict, compare=False, repr=False)
    _licences: dict[Belief, tuple[Rules, Licences]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def start(self) -> date:
        """The first Monday."""
        return self.scenario.start

    @property
    def weeks(self) -> int:
        """Weeks of the horizon."""
        return self.scenario.weeks

    @property
    def window_weeks(self) -> int:
        """Weeks that planners look ahead."""
        return self.scenario.foresight.window_weeks

    @property
    def calendar(self) -> Calendar:
        """The weeks over which the licence queue is run."""
        return calendar_of(self.scenario, self.span)

    @property
    def first_effective(self) -> date | None:
        """When the first control of the horizon takes effect or is tightened; None without one."""
        days = [
            e.effective
            for e in self.scenario.timeline
            if e.effective >= self.start and e.setting.regime != OPEN
        ]
        return min(days, default=None)

    def believed(self, as_of: int) -> Numbers:
        """The numbers as planners see them in a week: what is announced, and what they expect.

        Under perfect foresight they see everything from the start.
        """
        if self.scenario.foresight.mode == "perfect":
            return self.known()
        return self._numbers_of(belief(self.scenario, as_of))

    def known(self) -> Numbers:
        """The numbers as they come true."""
        return self._numbers_of((self.scenario.timeline, self.scenario.changes))

    def licence_series(self) -> dict[str, Array]:
        """The queue as it comes true over the span, [class, week]: t, and inf where trade is free.

        `granted` is everything that becomes shippable; of it `waived` passed without review.
        """
        _, licences = self._queue((self.scenario.timeline, self.scenario.changes))
        return self.series_of(licences)

    def series_of(self, all_weeks: Licences) -> dict[str, Array]:
        """The weeks of the span of a queue."""
        weeks = slice(self.calendar.before, None)
        return {
            "applied": (all_weeks.applied + all_weeks.waived)[:, weeks],
            "granted": all_weeks.usable[:, weeks],
            "waived": all_weeks.waived[:, weeks],
            "returned": all_weeks.returned[:, weeks],
            "refused": all_weeks.refused[:, weeks],
            "withdrawn": all_weeks.withdrawn[:, weeks],
            "revoked": all_weeks.revoked[:, weeks],
            "pending": all_weeks.pending[:, weeks],
            "valid": all_weeks.valid[:, weeks],
        }

    def input_changes(self) -> list[dict[str, object]]:
        """Every number that a change of the scenario sets, old -> new, for the record."""
        rules, _ = self._queue((self.scenario.timeline, ()))
        return changed_inputs(self.network, self.scenario, self.calendar, rules)

    def _queue(self, acting: Belief) -> tuple[Rules, Licences]:
        if acting not in self._licences:
            rules = class_rules(self.network.classes, self.policy, self.calendar, *acting)
            self._licences[acting] = rules, run_queue(usual_by_class(self.network), rules)
        return self._licences[acting]

    def _numbers_of(self, acting: Belief) -> Numbers:
        if acting not in self._numbers:
            _, licences = self._queue(acting)
            before = self.calendar.before
            progress = squeeze_progress(self.network, licences.usable, before)
            outlook = weekly_limits.Outlook(self.start, self.span, progress, acting[1])
            self._numbers[acting] = make_numbers(self.network, outlook, licences, before)
        return self._numbers[acting]


def build_case(network: Network, tables: Tables, scenario: Scenario) -> Case:
    """Work a scenario into the network.

    Raises:
        InvalidInput: a regime lacks a parameter, or a change names a stock that no one can hold.
    """
    policy = read_policy(tables)
    span = scenario.weeks + scenario.foresight.window_weeks
    calendar = calendar_of(scenario, span)
    history = [e for e in scenario.timeline if scenario.week_of(e.effective) < 0]
    rules = class_rules(network.classes, policy, calendar, history, ())
    left, past_arcs, past_deliveries = before_the_start(network, rules, calendar)
    return Case(
        network=network,
        policy=policy,
        scenario=scenario,
        span=span,
        opening_stock=opening_stock(network, scenario),
        opening_cover=opening_cover(network, scenario),
        opening_licences=left,
        past_arcs=past_arcs,
        past_deliveries=past_deliveries,
        decisions=decision_weeks(scenario),
    )


def before_the_start(
    network: Network, rules: Rules, calendar: Calendar
) -> tuple[tuple[float, ...], Array, Array]:
    """What history leaves: unused licences by class, and past trade by arc and by delivery.

    Until the start, usual trade is shipped as far as licences allow.
    """
    usual = usual_by_class(network)
    left, shipped = usual_shipping(usual, run_queue(usual, rules), calendar.before)
    shares = np.divide(shipped, usual[:, None], out=np.ones_like(shipped), where=usual[:, None] > 0)
    past_arcs, past_deliveries = past_trade(network, shares)
    return tuple(left.tolist()), past_arcs, past_deliveries


def belief(scenario: Scenario, as_of: int) -> Belief:
    """What planners take to act in a week: what is announced by then, and what they expect."""
    entries = [e for e in scenario.timeline if scenario.week_of(e.announced) <= as_of]
    entries += [e for e in scenario.foresight.expects if scenario.week_of(e.effective) > as_of]
    changes = [
        c for c in scenario.changes if c.announced is None or scenario.week_of(c.announced) <= as_of
    ]
    return tuple(entries), tuple(changes)


def decision_weeks(scenario: Scenario) -> tuple[int, ...]:
    """Every step from week 0, and every week in which what planners believe changes."""
    if scenario.foresight.mode == "perfect":
        return (0,)
    days = [e.announced for e in scenario.timeline]
    days += [c.announced for c in scenario.changes if c.announced]
    days += [e.effective for e in scenario.foresight.expects]
    weeks = {scenario.week_of(day) for day in days}
    weeks |= set(range(0, scenario.weeks, scenario.foresight.step_weeks))
    return tuple(sorted(week for week in weeks if 0 <= week < scenario.weeks))


def usual_by_class(network: Network) -> Array:
    """[class] usual trade, t per week."""
    return np.array([k.usual_t_per_week for k in network.classes], dtype=np.float64)


def make_numbers(
    network: Network, outlook: weekly_limits.Outlook, licences: Licences, before: int
) -> Numbers:
    """Put the limits and the licences of one belief together."""
    recipes = weekly_limits.recipe_limit(network, outlook)
    deliveries = weekly_limits.delivery_limit(network, outlook, recipes)
    weeks = slice(before, None)
    free = licences.free[:, weeks]
    return Numbers(
        line_capacity=weekly_limits.line_capacity(network, outlook),
        plan=weekly_limits.plan(network, outlook),
        recipe_limit=recipes,
        arc_limit=weekly_limits.arc_limit(network, outlook, deliveries),
        delivery_limit=deliveries,
        granted=licences.usable[:, weeks],
        valid=np.where(free, 0.0, licences.valid[:, weeks]),
    )


def regime_names(case: Case) -> Mapping[tuple[str, str, str, str], Sequence[str]]:
    """Class (control, exporter, destination, end use) to the regime in force, week by week."""
    timeline = case.scenario.timeline
    names = (OPEN, *dict.fromkeys(e.setting.regime for e in timeline if e.setting.regime != OPEN))
    index = regime_index(case.network.classes, case.policy, case.calendar, timeline, names)
    index = index[:, case.calendar.before :]
    keys = [(k.control, k.exporter, k.destination, k.end_use) for k in case.network.classes]
    return {k: [names[i] for i in row] for k, row in zip(keys, index.tolist(), strict=True)}
