"""Flows from mine to sector, per element, as links between steps of the chain in regions.

Everything is counted in tonnes of the element, so that one link can be compared with the next.
Deliveries are traced back: what customers get and what crosses a border is read from the flows;
what a step takes from its own region is what it sends on less what it gets from abroad. So stocks
that are drawn count as made, and what is mined and not used does not show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from supplychain.report.run_view import View, groups, ranked, totals

STEPS = ("Mines", "Oxides", "Metals", "Magnets, powders", "Sectors")
STEP_OF_STAGE = {
    "ore": 0,
    "intermediate": 0,
    "scrap": 0,
    "oxide": 1,
    "metal": 2,
    "alloy": 2,
    "minor-metal": 2,
    "magnet": 3,
    "functional": 3,
}
SECTOR_STEP = 4
BLOCK_WEEKS = 4
MOST_REGIONS = 5
MISSING = "missing"
OTHERS = "others"

Node = tuple[int, str]
"""A step of the chain and the region (or sector) where it is done."""


@dataclass(frozen=True)
class Links:
    """Tonnes of an element a week between nodes."""

    tonnes: Mapping[tuple[Node, Node], float]


def contents(view: View) -> pd.DataFrame:
    """Tonnes of each element in a tonne of material; one element "all" where the run has none."""
    frame = view.table("material_content")
    if frame.empty:
        materials = view.table("materials")[["material"]]
        return materials.assign(element="all", content=1.0)
    return frame[["material", "element", "content"]]


def blocks(view: View) -> list[list[str]]:
    """The weeks of the horizon, four at a time."""
    weeks = view.weeks
    return [weeks[i : i + BLOCK_WEEKS] for i in range(0, len(weeks), BLOCK_WEEKS)]


def prepared(view: View) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Flows by block and usual flows, in tonnes of element a week.

    Columns of both: element, step, origin, destination, sector ("" between regions), tonnes; the
    first has also `block`, the number of four weeks.
    """
    number = {week: i for i, block in enumerate(blocks(view)) for week in block}
    flows = view.table("flows")
    flows = flows.assign(block=flows["week"].map(number))
    length = pd.Series({i: len(block) for i, block in enumerate(blocks(view))})
    actual = _by_element(view, flows, ["block"], "tonnes")
    actual["tonnes"] = actual["tonnes"] / actual["block"].map(length)
    usual = _by_element(view, view.table("usual_flows"), [], "tonnes_per_week")
    return actual, usual


def _by_element(view: View, frame: pd.DataFrame, more: list[str], amount: str) -> pd.DataFrame:
    stages = view.table("materials")[["material", "stage"]]
    sector = frame["customer"].map(view.customer_sectors).fillna("")
    frame = frame.assign(sector=sector)
    keys = [*more, "material", "origin", "destination", "sector"]
    frame = totals(frame, keys, [amount])
    frame = frame.merge(stages, on="material").merge(contents(view), on="material")
    frame["step"] = frame["stage"].map(STEP_OF_STAGE).fillna(0).astype(int)
    frame["tonnes"] = frame[amount] * frame["content"]
    frame = frame[frame["tonnes"] > 0]
    keys = [*more, "element", "step", "origin", "destination", "sector"]
    return totals(frame, keys, ["tonnes"])


def main_regions(usual: pd.DataFrame, actual: pd.DataFrame) -> list[str]:
    """The regions that move most of an element, largest first; the rest are drawn together."""
    both = pd.concat([usual, actual.assign(tonnes=actual["tonnes"] / 10)])
    sent = both.groupby("origin")["tonnes"].sum()
    got = both[both["sector"] == ""].groupby("destination")["tonnes"].sum()
    return ranked(sent.add(got, fill_value=0.0))[:MOST_REGIONS]


def steps_of(view: View) -> dict[str, tuple[int, ...]]:
    """The steps in which each element is handled: yttrium, say, has no metal."""
    stages = view.table("materials")[["material", "stage"]]
    held = contents(view)
    held = held[held["content"] > 0].merge(stages, on="material")
    steps = held.assign(step=held["stage"].map(STEP_OF_STAGE).fillna(0).astype(int))
    return {
        element: tuple(sorted({int(step) for step in rows["step"]}))
        for (element,), rows in groups(steps, "element")
    }


def links(frame: pd.DataFrame, regions: list[str], steps: tuple[int, ...]) -> Links:
    """Trace deliveries of one element and time back to the mines, smaller regions together.

    A step takes what it gets from abroad first; if that is more than it sends on (some goes to
    stock, some is never used), each origin counts in proportion.

    Args:
        frame: flows as `prepared` gives them.
        regions: the regions that are drawn on their own.
        steps: the steps in which the element is handled.
    """
    known = set(regions)
    after = dict(pairwise(steps))
    found: dict[tuple[Node, Node], float] = {}
    arriving: dict[Node, dict[Node, float]] = {}
    columns = ("step", "origin", "destination", "sector", "tonnes")
    for step, origin, destination, sector, tonnes in zip(
        *(frame[column].to_list() for column in columns), strict=True
    ):
        source = (step, origin)
        if sector:
            ends = (source, (SECTOR_STEP, sector))
            found[ends] = found.get(ends, 0.0) + tonnes
        elif step in after:
            origins = arriving.setdefault((after[step], destination), {})
            origins[source] = origins.get(source, 0.0) + tonnes
    for before, step in reversed(list(pairwise(steps))):
        for node, needed in _sent(found, step).items():
            taken = _taken((before, node[1]), needed, arriving.get(node, {}))
            for source, tonnes in taken.items():
                found[source, node] = found.get((source, node), 0.0) + tonnes
    merged: dict[tuple[Node, Node], float] = {}
    for (source, target), tonnes in found.items():
        ends = (_merged(source, known), _merged(target, known))
        merged[ends] = merged.get(ends, 0.0) + tonnes
    return Links(dict(sorted(merged.items())))


def _sent(found: Mapping[tuple[Node, Node], float], step: int) -> dict[Node, float]:
    """What each node of a step sends on."""
    sent: dict[Node, float] = {}
    for (source, _), tonnes in sorted(found.items()):
        if source[0] == step:
            sent[source] = sent.get(source, 0.0) + tonnes
    return sent


def _taken(own: Node, needed: float, arriving: Mapping[Node, float]) -> dict[Node, float]:
    """Where a node's needs come from: arrivals up to the need, the rest from its own region."""
    total = sum(arriving.values())
    part = min(1.0, needed / total) if total > 0 else 0.0
    taken = {source: tonnes * part for source, tonnes in arriving.items()}
    rest = needed - total * part
    if rest > needed * 1e-9:
        taken[own] = taken.get(own, 0.0) + rest
    return taken


def _merged(node: Node, known: set[str]) -> Node:
    step, place = node
    return node if step == SECTOR_STEP or place in known else (step, OTHERS)


def of_sector(every: Links, sector: str) -> Links:
    """The part of the links that ends in one sector, each step's sources in their proportions."""
    goal = (SECTOR_STEP, sector)
    found = {ends: tonnes for ends, tonnes in every.tonnes.items() if ends[1] == goal}
    for step in range(SECTOR_STEP - 1, 0, -1):
        for node, needed in _sent(found, step).items():
            into = {s: tonnes for (s, target), tonnes in every.tonnes.items() if target == node}
            total = sum(into.values())
            found |= {(s, node): needed * tonnes / total for s, tonnes in into.items()}
    return Links(dict(sorted(found.items())))


def with_missing(actual: Links, usual: Links) -> Links:
    """Add links from "missing" for what each sector gets less than usual."""
    got = arrivals(actual)
    found = dict(actual.tonnes)
    last = max(
        (source[0] for source, target in usual.tonnes if target[0] == SECTOR_STEP), default=0
    )
    for node, tonnes in arrivals(usual).items():
        short = tonnes - got.get(node, 0.0)
        if short > tonnes * 0.005:
            found[(last, MISSING), node] = short
    return Links(found)


def arrivals(some: Links) -> dict[Node, float]:
    """What each sector gets."""
    found: dict[Node, float] = {}
    for (_, target), tonnes in some.tonnes.items():
        if target[0] == SECTOR_STEP:
            found[target] = found.get(target, 0.0) + tonnes
    return found


def delivered(some: Links) -> float:
    """Tonnes that reach the sectors."""
    return sum(arrivals(some).values())
