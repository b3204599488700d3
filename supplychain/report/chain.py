"""Flows from mine to sector, per element, as links between steps of the chain in regions.

Everything is counted in tonnes of the element, so that one link can be compared with the next.
What crosses a border and what customers get is read from the flows. What a step takes from its own
region follows from the balance: what it sends on less what it gets from abroad. Stocks that are
drawn or filled are not told apart from that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from supplychain.report.frames import ranked, totals
from supplychain.report.view import View

STEPS = ("Mines", "Oxides", "Metals", "Magnets", "Sectors")
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


def links(frame: pd.DataFrame, regions: list[str]) -> Links:
    """Turn flows of one element and time into links, smaller regions taken together."""
    known = set(regions)
    found: dict[tuple[Node, Node], float] = {}
    sent: dict[Node, float] = {}
    got: dict[Node, float] = {}
    for row in frame.to_dict("records"):
        step, tonnes = int(row["step"]), float(row["tonnes"])
        source = (step, str(row["origin"]))
        if row["sector"]:
            target = (SECTOR_STEP, str(row["sector"]))
        else:
            target = (min(step + 1, SECTOR_STEP - 1), str(row["destination"]))
            got[target] = got.get(target, 0.0) + tonnes
        sent[source] = sent.get(source, 0.0) + tonnes
        found[source, target] = found.get((source, target), 0.0) + tonnes
    for step in range(SECTOR_STEP - 1, 0, -1):
        for node in sorted(n for n in sent if n[0] == step):
            own = sent[node] - got.get(node, 0.0)
            if own > 0 and _made_below(step, frame):
                below = (step - 1, node[1])
                found[below, node] = found.get((below, node), 0.0) + own
                sent[below] = sent.get(below, 0.0) + own
    merged: dict[tuple[Node, Node], float] = {}
    for (source, target), tonnes in found.items():
        ends = (_merged(source, known), _merged(target, known))
        merged[ends] = merged.get(ends, 0.0) + tonnes
    return Links(dict(sorted(merged.items())))


def _made_below(step: int, frame: pd.DataFrame) -> bool:
    """Whether the element exists in an earlier form at all (minor metals begin as metal)."""
    return bool((frame["step"] < step).any())


def _merged(node: Node, known: set[str]) -> Node:
    step, place = node
    return node if step == SECTOR_STEP or place in known else (step, OTHERS)


def with_missing(actual: Links, usual: Links) -> Links:
    """Add links from "missing" for what each sector gets less than usual."""
    got = _arrivals(actual)
    found = dict(actual.tonnes)
    for node, tonnes in _arrivals(usual).items():
        short = tonnes - got.get(node, 0.0)
        if short > tonnes * 0.005:
            found[(SECTOR_STEP - 1, MISSING), node] = short
    return Links(found)


def _arrivals(some: Links) -> dict[Node, float]:
    found: dict[Node, float] = {}
    for (_, target), tonnes in some.tonnes.items():
        if target[0] == SECTOR_STEP:
            found[target] = found.get(target, 0.0) + tonnes
    return found


def delivered(some: Links) -> float:
    """Tonnes that reach the sectors."""
    return sum(_arrivals(some).values())
