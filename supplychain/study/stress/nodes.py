"""What can break: makers, supplier countries, lanes and licences, and what breaking one changes.

A node is broken by the dated changes that a scenario can hold, so that the programme is the one of
every run: `site_capacity`, `arc_limit` and `licence`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from supplychain.case.applied_changes import arcs_of, lines_of
from supplychain.dataset import Tables
from supplychain.errors import InvalidInput, Problem, nearest, problem
from supplychain.network.entities import Network
from supplychain.policy.licence_queue import Rules
from supplychain.scenario.scenario import Calendar, Change, Origin, Scenario

SITE, COUNTRY, LANE, LICENCE = "site", "country", "lane", "licence"
ALL = "all"

KINDS: dict[str, str] = {
    SITE: "a maker: what its lines can start",
    COUNTRY: "a supplier country: what leaves it for other regions",
    LANE: "a lane: what travels from one region to another",
    LICENCE: "a control: what its licences let through",
}
"""Kinds of nodes in the order of lists, and what of them stops."""

WRITTEN = Origin("the stress test", 0, 0)


@dataclass(frozen=True, order=True)
class Node:
    """One thing that can break. `name` is a site, region, ORIGIN-DESTINATION or control."""

    kind: str
    name: str
    title: str

    @property
    def key(self) -> str:
        """As the command line names it: "site:lynas-kuantan"."""
        return f"{self.kind}:{self.name}"

    @property
    def ends(self) -> tuple[str, str]:
        """Origin and destination of a lane."""
        origin, _, destination = self.name.partition("-")
        return origin, destination


@dataclass(frozen=True)
class Break:
    """How nodes are broken: to a share of what they otherwise do, from a day until another."""

    share: float
    start: date
    until: date


def nodes_of(network: Network, tables: Tables) -> tuple[Node, ...]:
    """Everything that can break, by kind and name: what has lines, trade or licences at all."""
    region = network.regions
    sites = {str(row["site"]): str(row["name"]) for row in tables.records("sites")}
    controls = {str(row["control"]): str(row["name"]) for row in tables.records("controls")}
    trade = {
        (a.origin, a.destination)
        for a in network.arcs
        if a.origin != a.destination and a.usual_t_per_week > 0.0
    }
    return (
        *(Node(SITE, x, sites[x]) for x in sorted({line.site for line in network.lines})),
        *(Node(COUNTRY, x, region[x]) for x in sorted({origin for origin, _ in trade})),
        *(Node(LANE, f"{o}-{d}", f"{region[o]} to {region[d]}") for o, d in sorted(trade)),
        *(Node(LICENCE, x, controls[x]) for x in sorted({k.control for k in network.categories})),
    )


def chosen(words: Iterable[str], known: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes that words name: `all`, a kind, `KIND:NAME`, or a name alone.

    Raises:
        InvalidInput: with each word that names no node, and the nearest that does.
    """
    by_key = {node.key: node for node in known}
    problems: list[Problem] = []
    found: dict[str, Node] = {}
    for word in words:
        here = [
            node
            for node in known
            if word in (ALL, node.kind, node.key) or (":" not in word and word == node.name)
        ]
        if not here:
            problems.append(_unknown(word, by_key))
        found |= {node.key: node for node in here}
    if problems:
        raise InvalidInput("The nodes cannot be broken.", problems)
    return tuple(node for node in known if node.key in found)


def _unknown(word: str, by_key: Mapping[str, Node]) -> Problem:
    names = {node.name: key for key, node in by_key.items()}
    near = nearest(word, by_key) or nearest(word, names) or f"Kinds: {', '.join(KINDS)}, {ALL}."
    return problem("STRESS-101", f'there is no node "{word}".', path="--break", hint=near)


def broken(
    scenario: Scenario, node: Node, how: Break, network: Network, rules: Rules, calendar: Calendar
) -> tuple[Change, ...]:
    """The changes that break a node.

    A licence keeps its regime: the shares and rates at which files pass are scaled week by week by
    what they are in the scenario. Where trade is free, the share of usual trade passes.

    Args:
        scenario: what the node is broken in.
        node: what breaks.
        how: to which share, and when.
        network: what there is.
        rules: the treatment of each licence class in the scenario, by week of `calendar`.
        calendar: the weeks of the rules.

    Raises:
        InvalidInput: the scenario itself changes what the node would change.
    """
    made = _CHANGES[node.kind](node, how, network, rules, calendar)
    _refuse_both(scenario, node, made, network)
    return made


def _site(
    node: Node, how: Break, _network: Network, _rules: Rules, _calendar: Calendar
) -> tuple[Change, ...]:
    return (_change("site_capacity", {"site": node.name}, how),)


def _country(
    node: Node, how: Break, network: Network, _rules: Rules, _calendar: Calendar
) -> tuple[Change, ...]:
    return _arcs(how, network, lambda o, d: o == node.name != d)


def _lane(
    node: Node, how: Break, network: Network, _rules: Rules, _calendar: Calendar
) -> tuple[Change, ...]:
    return _arcs(how, network, lambda o, d: (o, d) == node.ends)


def _arcs(how: Break, network: Network, closed: Callable[[str, str], bool]) -> tuple[Change, ...]:
    return tuple(
        _change(
            "arc_limit",
            {"material": a.material, "origin": a.origin, "destination": a.destination},
            how,
        )
        for a in network.arcs
        if closed(a.origin, a.destination)
    )


def _licence(
    node: Node, how: Break, network: Network, rules: Rules, calendar: Calendar
) -> tuple[Change, ...]:
    """One change for each parameter, class and stretch of weeks with one rule."""
    first, last = calendar.position(how.start), calendar.position(how.until)
    seen: set[tuple[str, str]] = set()
    made: list[Change] = []
    for row, k in enumerate(network.categories):
        if k.control != node.name or (k.destination, k.end_use) in seen:
            continue
        seen.add((k.destination, k.end_use))
        where = {"control": k.control, "destination": k.destination, "end_use": k.end_use}
        rule = {w: _passing(rules, row, w, how) for w in range(first, min(last, calendar.weeks))}
        for values, stretch in groupby(rule, rule.__getitem__):
            here = list(stretch)
            when = Break(how.share, _monday(calendar, here[0]), _monday(calendar, here[-1] + 1))
            made += [
                _change("licence", {"parameter": name, **where}, when, value, unit)
                for name, value, unit in values
            ]
    return tuple(made)


def _monday(calendar: Calendar, position: int) -> date:
    return calendar.start + timedelta(weeks=position - calendar.before)


def _passing(rules: Rules, row: int, week: int, how: Break) -> tuple[tuple[str, float, str], ...]:
    """Parameters of a broken class in a week: (name, value, unit)."""
    if rules.in_force[row, week] <= 0.0:
        return (
            ("in_force", 1.0, "share"),
            ("general_share", how.share, "share"),
            ("throughput", 0.0, "ratio"),
            ("surge", 1.0, "ratio"),
        )
    return (
        ("general_share", how.share * float(rules.general_share[row, week]), "share"),
        ("throughput", how.share * float(rules.throughput[row, week]), "ratio"),
    )


_CHANGES = {SITE: _site, COUNTRY: _country, LANE: _lane, LICENCE: _licence}


def _change(
    what: str, where: Mapping[str, str], how: Break, value: float | None = None, unit: str = "share"
) -> Change:
    return Change(
        what=what,
        where=tuple(sorted(where.items())),
        start=how.start,
        end=how.until,
        announced=None,
        value=how.share if value is None else value,
        unit=unit,
        why="broken by the stress test",
        source="assumption",
        origin=WRITTEN,
    )


CAPACITIES = ("site_capacity", "line_capacity", "stage_capacity")


def _refuse_both(scenario: Scenario, node: Node, made: Iterable[Change], network: Network) -> None:
    """Refuse two changes to one number: what the scenario says of it would be overwritten."""
    lines, arcs = _reached(made, network)
    for change in scenario.changes:
        own = _reached([change], network)
        if lines & own[0] or arcs & own[1]:
            message = f"{node.key}: the scenario itself changes it, in {change.origin.in_words()}."
            hint = "Break it in a scenario without that change."
            raise InvalidInput(
                "The node cannot be broken.",
                [problem("STRESS-102", message, path="--break", hint=hint)],
            )


def _reached(changes: Iterable[Change], network: Network) -> tuple[set[int], set[int]]:
    """Positions of the lines and of the arcs that changes set."""
    lines: set[int] = set()
    arcs: set[int] = set()
    for change in changes:
        if change.what in CAPACITIES:
            lines.update(lines_of(network, change))
        elif change.what == "arc_limit":
            arcs.update(arcs_of(network, change))
    return lines, arcs
