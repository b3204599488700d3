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
from supplychain.runs.kept_arrays import Arrays
from supplychain.study.solve_many import DIED, side_by_side
from supplychain.study.stress.nodes import Node, chosen, nodes_of
from supplychain.study.stress.solve_node import Setup, Solved, Stress, solve_node
from supplychain.study.stress_tables import (
    CUSTOMER_COLUMNS,
    NODE_COLUMNS,
    SECTOR_COLUMNS,
    STOCK_COLUMNS,
    NodeRows,
    by_rank,
    hit_of,
    ranked,
)

Array = NDArray[np.float64]

WHO = ("customer", "segment", "sector", "region")
"""What `--who` can name a customer by."""


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

    @property
    def asked(self) -> dict[str, object]:
        """What was asked, as records say it."""
        return {
            "scenario": self.scenario,
            "start": self.start,
            "weeks": self.weeks,
            "share_left": self.share,
            "break_weeks": self.break_weeks,
            "who": list(self.who),
        }

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
        view = NodeRows(stress, one, base, hit, reach)
        nodes.append(view.node_row())
        customers += view.customer_rows()
        sectors += view.sector_rows()
        stocks += view.stock_rows()
    frame = DataFrame(nodes, columns=list(NODE_COLUMNS[1:-1]))
    setup, scenario = stress.setup, stress.scenario
    order = ranked(frame)
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
        customers=by_rank(DataFrame(customers, columns=list(CUSTOMER_COLUMNS)), order),
        sectors=by_rank(DataFrame(sectors, columns=list(SECTOR_COLUMNS)), order),
        stock_needed=by_rank(DataFrame(stocks, columns=list(STOCK_COLUMNS)), order),
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
