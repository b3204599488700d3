"""The stress test: every node broken in turn, ranked by loss and by first stop.

One node at a time, one solved world each: time to survive and time to recover as in Simchi-Levi et
al., "Identifying Risks and Mitigating Disruptions in the Automotive Supply Chain", Interfaces 45
(2015), with the programme of every run in place of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import fsum
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from supplychain.case.applied_changes import customer_words
from supplychain.errors import InvalidInput, NotSolved, Problem, nearest, problem
from supplychain.formatting import counted
from supplychain.network.entities import Customer, Network
from supplychain.progress import Progress, announce, step
from supplychain.results.indicators import ROUNDING
from supplychain.runs.kept_arrays import Arrays
from supplychain.study.solve_many import DIED, side_by_side
from supplychain.study.stress.nodes import Node, chosen, nodes_of
from supplychain.study.stress.solve_node import Setup, Solved, Stress, solve_node

Array = NDArray[np.float64]

WHO = ("customer", "segment", "sector", "region")
"""What `--who` can name a customer by."""

NODE_COLUMNS = (
    "rank", "node", "kind", "name", "lost_value_usd", "lost_share", "customers_stopped",
    "first_stop", "weeks_to_survive", "first_customer", "weeks_to_recover", "rank_by_first_stop",
)  # fmt: skip
CUSTOMER_COLUMNS = (
    "node", "customer", "sector", "segment", "region", "lost_value_usd", "lost_share",
    "first_stop", "weeks_to_survive", "weeks_to_recover", "material", "weeks_held", "weeks_needed",
)  # fmt: skip
SECTOR_COLUMNS = (
    "node", "sector", "lost_value_usd", "lost_share", "customers_stopped", "first_stop",
    "weeks_to_survive",
)  # fmt: skip
STOCK_COLUMNS = ("node", "customer", "material", "week", "weeks_needed", "weeks_held")


@dataclass(frozen=True)
class StressTest:
    """Nodes broken in a scenario, what customers lose, and how it was solved."""

    scenario: str
    title: str
    share: float
    break_weeks: int
    start: str
    weeks: int
    who: tuple[str, ...]
    nodes: DataFrame
    """One row a node, the largest loss first: NODE_COLUMNS."""
    customers: DataFrame
    """One row a node and customer that it costs something: CUSTOMER_COLUMNS."""
    sectors: DataFrame
    """One row a node and sector: SECTOR_COLUMNS."""
    stock_needed: DataFrame
    """By node, stopped customer and week, for the material that it lacks most: STOCK_COLUMNS."""
    unsolved: tuple[Solved, ...]
    pace: dict[str, float]
    """Nodes solved and kept, pivots and processor seconds: of interest, and no result."""
    names: Mapping[str, str]
    """Names of customers and materials by their codes."""

    def customer(self, code: str) -> str:
        """The name of a customer: its segment and its region."""
        return self.names.get(f"customer:{code}", code)

    def material(self, code: object) -> str:
        """The name of a material."""
        return self.names.get(f"material:{code}", str(code))

    def tables(self) -> dict[str, DataFrame]:
        """Every table by name."""
        return {
            "nodes": self.nodes,
            "customers": self.customers,
            "sectors": self.sectors,
            "stock_needed": self.stock_needed,
        }


def stress_test(
    setup: Setup, words: Sequence[str], who: Sequence[str] = (), *, workers: int = 1, quiet: bool
) -> StressTest:
    """Break nodes in turn and measure what it costs whom.

    Args:
        setup: the scenario and how nodes are broken.
        words: the nodes: `all`, a kind, `KIND:NAME` or a name.
        who: customers, segments, sectors or regions; none: all customers.
        workers: nodes at a time, each in a process of its own.
        quiet: no progress.

    Raises:
        InvalidInput: data, scenario, a node or a customer are wrong; nothing was solved.
        NotSolved: the base, or every node, has no answer.
    """
    began = perf_counter()
    with step("read", setup.request.scenario):
        stress = Stress(setup)
    nodes, reach = _asked(stress, words, who)
    nodes, left_out = _breakable(stress, nodes, words)
    for sentence in left_out:
        announce(sentence, quiet=quiet, prefix="Note: ")
    with step("solve", f"{setup.request.scenario}, the base"):
        base = stress.base()
    solved, kept = _solved(stress, nodes, workers, quiet=quiet)
    answered = [one for one in solved if one.arrays is not None]
    if not answered:
        raise NotSolved("No node has an answer.", unsolved_problems(solved))
    return _summed_up(stress, base, solved, reach, tuple(who), kept, perf_counter() - began)


def _asked(
    stress: Stress, words: Sequence[str], who: Sequence[str]
) -> tuple[Sequence[Node], NDArray[np.bool_]]:
    """The nodes and the customers that words name; what is wrong with either is said at once."""
    problems: list[Problem] = []
    nodes: Sequence[Node] = ()
    reach = np.zeros(len(stress.network.customers), dtype=bool)
    try:
        nodes = chosen(words, nodes_of(stress.network, stress.world.tables))
    except InvalidInput as error:
        problems += error.problems
    try:
        reach = customers_named(stress.network, who)
    except InvalidInput as error:
        problems += error.problems
    if problems:
        raise InvalidInput("The stress test cannot be made.", problems)
    return nodes, reach


def _breakable(
    stress: Stress, nodes: Sequence[Node], words: Sequence[str]
) -> tuple[list[Node], list[str]]:
    """The nodes that a scenario leaves to be broken, and a sentence for each other of a group."""
    fit: list[Node] = []
    problems: list[Problem] = []
    left_out: list[str] = []
    for node in nodes:
        try:
            stress.changes(node)
        except InvalidInput as error:
            named = node.key in words or node.name in words
            problems.extend(error.problems if named else ())
            left_out.extend(f"{found.message} It is left out." for found in error.problems)
        else:
            fit.append(node)
    if problems:
        raise InvalidInput("The nodes cannot be broken.", problems)
    return fit, left_out


def customers_named(network: Network, words: Sequence[str]) -> NDArray[np.bool_]:
    """[customer] whether one of the words names it; all of them without words.

    A word is a customer, segment, sector or region; two joined by a slash must both fit, as
    `auto/EUR`.

    Raises:
        InvalidInput: with each word that names no customer.
    """
    found = np.zeros(len(network.customers), dtype=bool)
    problems: list[Problem] = []
    for word in words:
        here = np.array([_is_named(c, word) for c in network.customers], dtype=bool)
        if not here.any():
            known = {customer_words(c)[key] for c in network.customers for key in WHO}
            hint = nearest(word, sorted(known)) or f"A {', '.join(WHO)}, or two as auto/EUR."
            message = f'no customer is named "{word}".'
            problems.append(problem("STRESS-103", message, path="--who", hint=hint))
        found |= here
    if problems:
        raise InvalidInput("The customers cannot be found.", problems)
    return found if words else np.ones(len(network.customers), dtype=bool)


def _is_named(customer: Customer, word: str) -> bool:
    own = [customer_words(customer)[key] for key in WHO]
    return all(part in own for part in word.split("/"))


def _solved(
    stress: Stress, nodes: Sequence[Node], workers: int, *, quiet: bool
) -> tuple[list[Solved], int]:
    """Every node in the order given, those that are kept first; and how many were kept."""
    found = {node: one for node in nodes if (one := stress.kept(node)) is not None}
    kept = len(found)
    left = [node for node in nodes if node not in found]
    if kept:
        said = f"{counted(kept, 'node')} of {len(nodes)} solved before; {len(left)} to go."
        announce(said, quiet=quiet)
    title = f"{counted(len(left), 'node')} broken"
    with step("solve", title):
        if workers > 1 and len(left) > 1:
            jobs = [partial(solve_node, stress.setup, node) for node in left]
            made = side_by_side(
                jobs,
                workers,
                title,
                quiet=quiet,
                named=_pace_of,
                lost=lambda place: Solved(left[place], None, DIED),
            )
        else:
            made = []
            with Progress(title, quiet=quiet) as progress:
                for node in left:
                    progress(len(made), len(left), _pace_of(made[-1]) if made else node.key)
                    made.append(stress.solve(node))
    found |= {one.node: one for one in made}
    return [found[node] for node in nodes], kept


def _pace_of(solved: Solved) -> str:
    """A solved node and what it took."""
    pivots = int(solved.arrays["pivots"]) if solved.arrays is not None else 0
    return f"{solved.node.key}, {pivots:,} pivots, {solved.processor_seconds:.1f} s"


def unsolved_problems(solved: Sequence[Solved]) -> list[Problem]:
    """What stood in the way of the nodes without an answer."""
    return [
        problem("SOLVE-101", f"{one.node.key} was not solved: {one.reason}", path=one.node.key)
        for one in solved
        if one.arrays is None
    ]


@dataclass(frozen=True)
class Hit:
    """What a broken node costs each customer, beyond the base."""

    lost: Array
    """[customer] USD; below zero where a customer gains."""
    stopped: NDArray[np.bool_]
    """[customer, week] misses more of the plan than in the base by over `stop_threshold`."""

    @property
    def first(self) -> NDArray[np.int64]:
        """[customer] week of the first stop; the weeks of the horizon where there is none."""
        weeks = self.stopped.shape[1]
        found: NDArray[np.int64] = np.where(
            self.stopped.any(axis=1), self.stopped.argmax(axis=1), weeks
        )
        return found

    def recovery(self, reopened: int) -> Array:
        """[customer] weeks from the reopening to the first week after the last stop.

        NaN where it never stopped, or still stands when the horizon ends.
        """
        weeks = self.stopped.shape[1]
        last = weeks - 1 - self.stopped[:, ::-1].argmax(axis=1)
        back = np.maximum(last + 1 - reopened, 0).astype(np.float64)
        known = self.stopped.any(axis=1) & (last < weeks - 1)
        found: Array = np.where(known, back, np.nan)
        return found


def hit_of(arrays: Arrays, base: Arrays, threshold: float, reach: NDArray[np.bool_]) -> Hit:
    """Compare a broken world with the base, for the customers that `reach` names."""
    more = arrays["lost"] - base["lost"]
    lost = arrays["value"] - base["value"]
    least = ROUNDING * base["planned_value"]
    lost = np.where((np.abs(lost) > least) & reach, lost, 0.0)
    return Hit(lost, (more > threshold * base["planned"]) & reach[:, None])


def _summed_up(
    stress: Stress,
    base: Arrays,
    solved: Sequence[Solved],
    reach: NDArray[np.bool_],
    who: tuple[str, ...],
    kept: int,
    seconds: float,
) -> StressTest:
    nodes, customers, sectors, stocks = [], [], [], []
    threshold = stress.network.assumptions["stop_threshold"]
    answered = [one for one in solved if one.arrays is not None]
    for one in answered:
        assert one.arrays is not None
        hit = hit_of(one.arrays, base, threshold, reach)
        view = _View(stress, one, base, hit, reach)
        nodes.append(view.node_row())
        customers += view.customer_rows()
        sectors += view.sector_rows()
        stocks += view.stock_rows()
    frame = DataFrame(nodes, columns=list(NODE_COLUMNS[1:-1]))
    setup, scenario = stress.setup, stress.scenario
    order = _ranked(frame)
    pivots = fsum(float(one.arrays["pivots"]) for one in answered if one.arrays is not None)
    return StressTest(
        scenario=scenario.name,
        title=scenario.title,
        share=setup.share,
        break_weeks=setup.break_weeks,
        start=scenario.start.isoformat(),
        weeks=scenario.weeks,
        who=who,
        nodes=order,
        customers=_by_rank(DataFrame(customers, columns=list(CUSTOMER_COLUMNS)), order),
        sectors=_by_rank(DataFrame(sectors, columns=list(SECTOR_COLUMNS)), order),
        stock_needed=_by_rank(DataFrame(stocks, columns=list(STOCK_COLUMNS)), order),
        unsolved=tuple(one for one in solved if one.arrays is None),
        pace={
            "nodes": float(len(solved)),
            "kept": float(kept),
            "pivots": pivots,
            "processor_seconds": fsum(one.processor_seconds for one in solved),
            "seconds": seconds,
        },
        names=_names_of(stress),
    )


def _names_of(stress: Stress) -> dict[str, str]:
    """Names of customers and materials, under `customer:CODE` and `material:CODE`."""
    tables, network = stress.world.tables, stress.network
    segments = {str(r["segment"]): str(r["name"]) for r in tables.records("segments")}
    customers = {
        f"customer:{c.name}": f"{segments[c.segment]}, {network.regions[c.region]}"
        for c in network.customers
    }
    materials = {f"material:{r['material']}": str(r["name"]) for r in tables.records("materials")}
    return {**customers, **materials}


def _ranked(frame: DataFrame) -> DataFrame:
    """Nodes by loss, then by first stop, then by name; with their place by first stop."""
    never = frame["weeks_to_survive"].fillna(np.inf)
    sooner = frame.assign(never=never).sort_values(
        ["never", "lost_value_usd", "node"], ascending=[True, False, True], kind="stable"
    )
    place = {node: i for i, node in enumerate(sooner["node"], 1)}
    found = frame.assign(never=never).sort_values(
        ["lost_value_usd", "never", "node"], ascending=[False, True, True], kind="stable"
    )
    found = found.drop(columns="never").reset_index(drop=True)
    found.insert(0, "rank", range(1, len(found) + 1))
    return found.assign(rank_by_first_stop=[place[node] for node in found["node"]])


def _by_rank(frame: DataFrame, ranked: DataFrame) -> DataFrame:
    """Rows in the order of their nodes; within a node as they were."""
    place = dict(zip(ranked["node"], ranked["rank"], strict=True))
    order = frame["node"].map(place).sort_values(kind="stable").index
    return frame.loc[order].reset_index(drop=True)


class _View:
    """The rows of the tables for one node."""

    def __init__(
        self, stress: Stress, solved: Solved, base: Arrays, hit: Hit, reach: NDArray[np.bool_]
    ) -> None:
        assert solved.arrays is not None
        self.network, self.scenario = stress.network, stress.scenario
        self.node, self.arrays, self.base, self.hit = solved.node, solved.arrays, base, hit
        self.reach = reach
        self.recovery = hit.recovery(stress.setup.break_weeks)

    def node_row(self) -> list[object]:
        lost, planned = fsum(self.hit.lost), fsum(self.base["planned_value"][self.reach])
        rows = np.flatnonzero(self.reach)
        first, name = self._first_stop(rows)
        stopped = self.hit.stopped.any(axis=1)
        back = self.recovery[stopped]
        return [
            self.node.key,
            self.node.kind,
            self.node.title,
            lost,
            lost / planned if planned else 0.0,
            int(stopped.sum()),
            self._day(first),
            first,
            name,
            float(back.max()) if len(back) and not np.isnan(back).any() else None,
        ]

    def sector_rows(self) -> list[list[object]]:
        owner = np.array([c.sector for c in self.network.customers])
        found: list[list[object]] = []
        for sector in self.network.sector_segments:
            rows = np.flatnonzero((owner == sector) & self.reach)
            if not len(rows):
                continue
            lost, planned = fsum(self.hit.lost[rows]), fsum(self.base["planned_value"][rows])
            first, _ = self._first_stop(rows)
            stopped = int(self.hit.stopped[rows].any(axis=1).sum())
            share = lost / planned if planned else 0.0
            found.append([self.node.key, sector, lost, share, stopped, self._day(first), first])
        return found

    def customer_rows(self) -> list[list[object]]:
        found: list[list[object]] = []
        for i in self._hit():
            c = self.network.customers[i]
            first = self._week(int(self.hit.first[i]))
            planned = float(self.base["planned_value"][i])
            lost, cover = float(self.hit.lost[i]), self._tightest(i)
            back = float(self.recovery[i])
            found.append(
                [
                    self.node.key,
                    c.name,
                    c.sector,
                    c.segment,
                    c.region,
                    lost,
                    lost / planned if planned else 0.0,
                    self._day(first),
                    first,
                    None if np.isnan(back) else back,
                    "" if cover is None else self.network.covers[cover].material,
                    None if cover is None else float(self.arrays["held"][cover]),
                    None if cover is None else float(self.arrays["needed"][cover, -1]),
                ]
            )
        return found

    def stock_rows(self) -> list[list[object]]:
        found: list[list[object]] = []
        for i in np.flatnonzero(self.hit.stopped.any(axis=1)):
            cover = self._tightest(int(i))
            if cover is None:
                continue
            held = float(self.arrays["held"][cover])
            name, material = self.network.customers[i].name, self.network.covers[cover].material
            found += [
                [
                    self.node.key,
                    name,
                    material,
                    self.scenario.monday(week).isoformat(),
                    float(weeks),
                    held,
                ]
                for week, weeks in enumerate(self.arrays["needed"][cover])
            ]
        return found

    def _hit(self) -> list[int]:
        """Customers that lose something or stop."""
        hit = (self.hit.lost > 0.0) | self.hit.stopped.any(axis=1)
        return [int(i) for i in np.flatnonzero(hit)]

    def _first_stop(self, rows: NDArray[np.int64]) -> tuple[int | None, str]:
        """Week of the first stop among customers, and who stops: the one that loses most."""
        first = self.hit.first[rows]
        week = self._week(int(first.min(initial=self.scenario.weeks)))
        if week is None:
            return None, ""
        there = rows[first == week]
        worst = there[np.argmax(self.hit.lost[there])]
        return week, self.network.customers[worst].name

    def _week(self, week: int) -> int | None:
        return week if week < self.scenario.weeks else None

    def _day(self, week: int | None) -> str:
        return "" if week is None else self.scenario.monday(week).isoformat()

    def _tightest(self, customer: int) -> int | None:
        """The stock of a customer that falls furthest behind what it held; None: no need of any."""
        rows = [
            i
            for i, c in enumerate(self.network.covers)
            if c.customer == customer and c.need_t_per_week > 0.0
        ]
        behind = [float(self.arrays["needed"][i, -1] - self.arrays["held"][i]) for i in rows]
        return rows[int(np.argmax(behind))] if rows else None
