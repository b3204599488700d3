"""The numbers of one world: a scenario worked into the network, as planners believe it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from supplychain.case import weekly_limits
from supplychain.case.applied_changes import changed_inputs
from supplychain.case.growth import Growth, growth_over
from supplychain.case.opening_inventory import (
    Pipeline,
    add_supply,
    opening_cover,
    opening_pipeline,
    opening_stock,
    past_trade,
    pipeline_of,
    spread_weeks,
    target_weeks,
    weeks_under_way,
)
from supplychain.case.past import Past
from supplychain.case.planning_days import decision_weeks, planned_weeks
from supplychain.case.qualification import qualification_progress
from supplychain.case.weekly_inputs import WeeklyInputs
from supplychain.dataset import Tables
from supplychain.network.entities import Network
from supplychain.policy.licence_queue import (
    Array,
    Flags,
    Licences,
    Rules,
    licence_binding,
    run_queue,
    usual_shipping,
)
from supplychain.policy.licence_rules import category_rules, regime_index, ruling_entries
from supplychain.policy.regimes import OPEN, Policy, read_policy
from supplychain.scenario.scenario import Calendar, Change, Entry, Scenario, calendar_of

InformationSet = tuple[tuple[Entry, ...], tuple[Change, ...]]
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
    """Per end user, t of licences issued before the start and not used."""
    past_arcs: Array
    """[arc, week] t per week into the region's stock, in the weeks before the start, last one last:
    usual trade, or what licences left of it."""
    past_deliveries: Array
    """[delivery, week] the same for deliveries."""
    past_runs: Array
    """[line] t of run per week before the start: usual runs."""
    growth: Growth
    """Over the weeks of the calendar."""
    decisions: tuple[int, ...]
    """Weeks in which planners decide: every step, and whenever something is announced."""
    past: Past | None = None
    """What a solved past left; None where the scenario has none."""
    _numbers: dict[InformationSet, WeeklyInputs] = field(
        default_factory=dict, compare=False, repr=False
    )
    _licences: dict[InformationSet, tuple[Rules, Licences]] = field(
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
    def step_weeks(self) -> int:
        """Weeks that become history each time, at most."""
        return self.scenario.foresight.step_weeks

    @property
    def calendar(self) -> Calendar:
        """The weeks over which the licence queue is run."""
        return calendar_of(self.scenario, self.span)

    def pipeline(self) -> Pipeline:
        """What arrives without a decision of the horizon, t by week of arrival.

        Goods in transit and in process at the start, and what the scenario supplies from outside.
        """
        found = (
            opening_pipeline(
                self.network, self.weeks, self.past_arcs, self.past_deliveries, self.past_runs
            )
            if self.past is None
            else pipeline_of(self.past, self.weeks, self.network)
        )
        add_supply(found, self.network, self.scenario)
        return found

    @property
    def first_effective(self) -> date | None:
        """The first week of the horizon that a new entry with a control rules; None without one.

        Its Monday: that of the first week in which the entry counts for some class.
        """
        timeline = self.scenario.timeline
        new = [
            i
            for i, e in enumerate(timeline)
            if self.scenario.week_of(e.effective) >= 0 and e.setting.regime != OPEN
        ]
        weeks = slice(self.calendar.before, self.calendar.before + self.weeks)
        ruled = np.isin(self._ruling(), new)
        for row, k in enumerate(self.network.categories):
            ruled[row, : self.calendar.position(self.policy.controls[k.control].effective)] = False
        found = np.flatnonzero(ruled[:, weeks].any(axis=0))
        return self.scenario.monday(int(found[0])) if len(found) else None

    def idle_entries(self) -> list[str]:
        """What of the timeline rules no licence class in any week, in sentences."""
        timeline, weeks = self.scenario.timeline, self.calendar.before + self.weeks
        ruling = set(np.unique(self._ruling()[:, :weeks]).tolist())
        covered = {k.control for k in self.network.categories}
        late, found = [], []
        for i, entry in enumerate(timeline):
            control = self.policy.controls.get(entry.setting.control)
            if i in ruling or (control and control.until and control.name not in covered):
                continue
            said = f"{entry.setting.in_words()} from {entry.effective} ({entry.origin.in_words()})"
            if self.scenario.week_of(entry.effective) >= self.weeks:
                late.append(said)
            else:
                found.append(
                    f"{said} rules no licence: others replace it at once, or nothing is covered."
                )
        if late:
            more = f" and {len(late) - 1} more" if len(late) > 1 else ""
            verb = "take" if more else "takes"
            end = f"after the horizon, which ends on {self.scenario.end}"
            found.append(f"{late[0]}{more} {verb} effect {end}.")
        return found

    def _ruling(self) -> NDArray[np.int64]:
        """[class, week of the calendar] position of the entry that rules; -1: none yet."""
        return ruling_entries(
            self.network.categories, self.policy, self.calendar, self.scenario.timeline
        )

    def believed(self, as_of: int) -> WeeklyInputs:
        """The numbers as planners see them in a week: what is announced, and what they expect.

        Under perfect foresight they see everything from the start.
        """
        if self.scenario.foresight.mode == "perfect":
            return self.known()
        return self._numbers_of(information_set(self.scenario, as_of))

    def known(self) -> WeeklyInputs:
        """The numbers as they come true."""
        return self._numbers_of(everything(self.scenario))

    def licence_series(self) -> dict[str, Array]:
        """The queue as it comes true over the span, [class, week]: t, and inf where trade is free.

        `granted` is everything that becomes shippable; of it `waived` passed without review.
        `named` is [end user, week]: the part of each in its class.
        """
        return self.series_of(*self.licence_queue())

    def licence_queue(self) -> tuple[Rules, Licences]:
        """The rules and the queue as they come true, [class, week], from its first week on."""
        return self._queue(everything(self.scenario))

    def licence_binding(self) -> dict[str, Flags]:
        """Licence parameter to [class, week] of the horizon: whether it binds, as it comes true."""
        weeks = slice(self.calendar.before, self.calendar.before + self.weeks)
        found = licence_binding(*self.licence_queue())
        return {name: flags[:, weeks] for name, flags in found.items()}

    def series_of(self, rules: Rules, all_weeks: Licences) -> dict[str, Array]:
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
            "transferable": rules.transferable_share[:, weeks],
            "named": self.growth.user_shares[:, weeks],
        }

    def input_changes(self) -> list[dict[str, object]]:
        """Every number that a change of the scenario sets, old -> new, for the record."""
        rules, _ = self._queue((self.scenario.timeline, self.scenario.past_changes))
        return changed_inputs(self.network, self.scenario, self.calendar, rules)

    def _queue(self, acting: InformationSet) -> tuple[Rules, Licences]:
        if acting not in self._licences:
            rules = category_rules(self.network.categories, self.policy, self.calendar, *acting)
            self._licences[acting] = rules, run_queue(self.growth.licensed, rules)
        return self._licences[acting]

    def _numbers_of(self, acting: InformationSet) -> WeeklyInputs:
        if acting not in self._numbers:
            rules, licences = self._queue(acting)
            before = self.calendar.before
            _, unhurried = self._queue(practice(acting))
            progress = qualification_progress(
                self.network, unhurried.usable, self.growth.licensed, before
            )
            acts = in_force(self.network, rules, before)
            context = weekly_limits.LimitContext(
                self.start, self.span, progress, acting[1], acts, self.growth.since(before)
            )
            self._numbers[acting] = make_weekly_inputs(self, context, (rules, licences), before)
        return self._numbers[acting]


def build_case(
    network: Network, tables: Tables, scenario: Scenario, past: Past | None = None
) -> Case:
    """Work a scenario into the network.

    Args:
        network: the network.
        tables: checked data.
        scenario: the scenario.
        past: what its history left, if that was solved.

    Raises:
        InvalidInput: a regime lacks a parameter, or a change names a stock that no one can hold.
    """
    policy = read_policy(tables)
    span = scenario.weeks + scenario.foresight.window_weeks
    calendar = calendar_of(scenario, span)
    history = [e for e in scenario.timeline if scenario.week_of(e.effective) < 0]
    rules = category_rules(network.categories, policy, calendar, history, ())
    growth = growth_over(network, scenario.demand, calendar)
    left, past_arcs, past_deliveries = before_the_start(
        network, rules, calendar, growth, scenario.demand, past
    )
    return Case(
        network=network,
        policy=policy,
        scenario=scenario,
        span=span,
        opening_stock=opening_stock(network, scenario, past),
        opening_cover=opening_cover(network, scenario, past, growth.customers[:, calendar.before]),
        opening_licences=left,
        past_arcs=past_arcs,
        past_deliveries=past_deliveries,
        past_runs=past_runs(network, growth, calendar),
        growth=growth,
        decisions=decision_weeks(scenario, planned_weeks(scenario, past)),
        past=past,
    )


def before_the_start(
    network: Network,
    rules: Rules,
    calendar: Calendar,
    growth: Growth,
    demand: str,
    past: Past | None,
) -> tuple[tuple[float, ...], Array, Array]:
    """What history leaves: unused licences by end user, and past trade by arc and by delivery.

    Until the start, usual trade is shipped as far as licences allow. A solved past has its own
    licences, and what it sent off is its pipeline: no week of trade is told for it.
    """
    if past is not None:
        arcs, deliveries = np.zeros((len(network.arcs), 0)), np.zeros((len(network.deliveries), 0))
        return tuple(past.licence_left.tolist()), arcs, deliveries
    usual = growth.licensed
    left, shipped = usual_shipping(usual, run_queue(usual, rules), calendar.before)
    usual = usual[:, : calendar.before]
    shares = np.divide(shipped, usual, out=np.ones_like(shipped), where=usual > 0.0)
    last = calendar.before - 1
    lately = growth_over(network, demand, Calendar(calendar.start, weeks_under_way(network), 0))
    past_arcs, past_deliveries = past_trade(network, shares, lately.feeds, lately.deliveries)
    free, named = rules.transferable_share[:, last], growth.user_shares[:, last]
    return tuple(by_end_user(network, left, free, named).tolist()), past_arcs, past_deliveries


def past_runs(network: Network, growth: Growth, calendar: Calendar) -> Array:
    """[line] t of usual run per week in the last week before the start."""
    usual = np.array([x.usual_t_per_week for x in network.lines], dtype=np.float64)
    found: Array = usual * growth.lines[:, calendar.before - 1]
    return found


def by_end_user(
    network: Network, amounts: Array, transferable: Array, named: Array | None = None
) -> Array:
    """Split what classes have over their end users: by usual trade, and the free part to the pool.

    Args:
        network: the network.
        amounts: [class, ...] t; infinite where no licence is needed.
        transferable: [class, ...] share that no end user is named for.
        named: [end user, ...] part of its class; None: by the usual trade of the base year.

    Returns:
        [end user, ...] t.
    """
    users = network.end_users
    pools = {u.pool for u in users if u.pool is not None}
    if named is None:
        named = np.array([u.share for u in users]).reshape(-1, *(1,) * (amounts.ndim - 1))
    split = np.empty((len(users), *amounts.shape[1:]))
    for i, user in enumerate(users):
        whole, free = amounts[user.category], transferable[user.category]
        share = free if i in pools else named[i] if user.pool is None else named[i] * (1 - free)
        split[i] = np.where(np.isinf(whole), np.inf, np.where(np.isinf(whole), 0.0, whole) * share)
    return split


def everything(scenario: Scenario) -> InformationSet:
    """What comes true: all entries and changes, those of its past among them."""
    return scenario.timeline, (*scenario.past_changes, *scenario.changes)


def information_set(scenario: Scenario, as_of: int) -> InformationSet:
    """What planners take to act in a week: what is announced by then, and what they expect."""
    entries = [e for e in scenario.timeline if scenario.week_of(e.announced) <= as_of]
    entries += [e for e in scenario.foresight.expects if scenario.week_of(e.effective) > as_of]
    _, written = everything(scenario)
    changes = [c for c in written if c.announced is None or scenario.week_of(c.announced) <= as_of]
    return tuple(entries), tuple(changes)


def practice(acting: InformationSet) -> InformationSet:
    """What starts the search for other makers and recipes: all that acts, but longer reviews.

    What a maker is refused or capped at sends it to others. A change that only lets files take
    longer delays them; it opens no other way that would not be open without it.
    """
    entries, changes = acting
    return entries, tuple(
        c for c in changes if c.what != "licence" or c.place("parameter") != "review"
    )


def in_force(network: Network, rules: Rules, before: int) -> dict[str, Array]:
    """Control to [week] 1 where it is in force for some buyer, from the horizon's start on."""
    found: dict[str, Array] = {}
    for row, k in enumerate(network.categories):
        acts = (rules.in_force[row, before:] > 0.0).astype(np.float64)
        found[k.control] = np.maximum(found.get(k.control, np.zeros_like(acts)), acts)
    return found


def usual_by_category(network: Network) -> Array:
    """[class] usual trade, t per week."""
    return np.array([k.usual_t_per_week for k in network.categories], dtype=np.float64)


def make_weekly_inputs(
    case: Case, context: weekly_limits.LimitContext, queue: tuple[Rules, Licences], before: int
) -> WeeklyInputs:
    """Put the limits and the licences of one belief together."""
    network = case.network
    rules, licences = queue
    recipes = weekly_limits.recipe_limit(network, context)
    plans = weekly_limits.plan(network, context)
    capacity = weekly_limits.line_capacity(network, context)
    runs = weekly_limits.contracted_run(network, capacity, context.growth.lines)
    feed, purchases = weekly_limits.usual_purchases(network, context, plans, runs)
    weeks = slice(before, None)
    valid = np.where(licences.free[:, weeks], 0.0, licences.valid[:, weeks])
    transferable = rules.transferable_share[:, weeks]
    named = context.growth.user_shares
    return WeeklyInputs(
        line_capacity=capacity,
        plan=plans,
        plan_growth=context.growth.customers,
        recipe_limit=recipes,
        feed_limit=weekly_limits.feed_limit(network, context),
        delivery_limit=weekly_limits.delivery_limit(network, context, recipes),
        arc_limit=weekly_limits.arc_limit(network, context),
        usual_feed=feed,
        usual_delivery=purchases,
        contracted_run=runs,
        granted=by_end_user(network, licences.usable[:, weeks], transferable, named),
        valid=by_end_user(network, valid, transferable, named),
        cover_target=target_weeks(network, case.scenario),
        cover_mean=spread_weeks(network, case.scenario),
    )


def regime_names(case: Case) -> Mapping[tuple[str, str, str, str], Sequence[str]]:
    """Class (control, exporter, destination, end use) to the regime in force, week by week."""
    timeline = case.scenario.timeline
    names = (OPEN, *dict.fromkeys(e.setting.regime for e in timeline if e.setting.regime != OPEN))
    index = regime_index(case.network.categories, case.policy, case.calendar, timeline, names)
    index = index[:, case.calendar.before :]
    keys = [(k.control, k.exporter, k.destination, k.end_use) for k in case.network.categories]
    return {k: [names[i] for i in row] for k, row in zip(keys, index.tolist(), strict=True)}
