"""The figure of flows from mine to sector: usual beside disrupted, for an element and a time."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain.report import axes, chain, words
from supplychain.report.chain import MISSING, OTHERS, SECTOR_STEP, STEPS, Links, Node
from supplychain.report.figure import (
    SECTOR_COLOURS,
    Cell,
    Chart,
    Choice,
    Figure,
    Table,
    literal,
    number_cell,
    trace,
)
from supplychain.report.frames import ranked
from supplychain.report.view import View

SECTOR_COLOUR = "#7b8490"
REGION_COLOURS = ("#0072b2", "#c77c00", "#009e73", "#b5528e", "#56a0d3")
OTHERS_COLOUR = "#8a8f98"
MISSING_COLOUR = "#d55e00"
SMALLEST = 0.002
"""Links under this part of all deliveries are not drawn."""


def flows(view: View) -> Figure:
    """Flows of an element from mine to sector in four weeks, beside the usual ones."""
    actual, usual = chain.prepared(view)
    elements = _elements(usual, actual)
    times = [str(i) for i in range(len(chain.blocks(view)))]
    disrupted: list[dict[str, Any]] = []
    normal: list[dict[str, Any]] = []
    rows: list[list[Cell]] = []
    worst: tuple[float, str, str] = (0.0, "", "")
    for element in elements:
        mine, base = actual[actual["element"] == element], usual[usual["element"] == element]
        regions = chain.main_regions(base, mine)
        reference = chain.links(base, regions)
        normal.append(_sankey(view, reference, regions, element=element))
        least = (1.0, times[0] if times else "")
        for time in times:
            now = chain.links(mine[mine["block"] == int(time)], regions)
            part = chain.delivered(now) / max(chain.delivered(reference), 1e-12)
            least = min(least, (part, time))
            drawn = chain.with_missing(now, reference)
            disrupted.append(_sankey(view, drawn, regions, element=element, block=time))
        worst = max(worst, (1 - least[0], element, least[1]))
        rows.append(_row(view, element, chain.delivered(reference), *least))
    return Figure(
        id="flows",
        title="From mine to sector",
        caption=(
            "Tonnes a week of one element on their way from mines to sectors, in the four weeks "
            "chosen and as usual. A step is coloured by its region; red shows what sectors get "
            "less than usual. Links within a region are worked out from what the next step "
            "sends on, so goods from stock count as made. Links under 0.2 % of all deliveries "
            "are not drawn."
        ),
        unit="tonnes a week of the element (rare earths as oxide)",
        summary=_summary(view, worst),
        charts=[
            Chart(disrupted, _layout(), "In the chosen weeks", wide=True),
            Chart(normal, _layout(), "Usually (base year)", wide=True),
        ],
        table=Table(
            ("Element", "Usual deliveries, t a week", "Least, of usual", "In the four weeks from"),
            rows,
            note="Deliveries to sectors, averaged over four weeks.",
        ),
        choices=_choices(view, elements, worst),
        empty="This run has no flows to show.",
    )


def _elements(usual: pd.DataFrame, actual: pd.DataFrame) -> list[str]:
    """Elements that reach a sector, in the order of their usual tonnage."""
    both = pd.concat([usual, actual]).query("sector != ''")
    return ranked(both.groupby("element")["tonnes"].sum())


def _choices(view: View, elements: list[str], worst: tuple[float, str, str]) -> list[Choice]:
    if not elements:
        return []
    names = tuple((e, _element(view, e)) for e in elements)
    times = tuple(
        (str(i), f"{words.short_day(b[0])} to {words.short_day(words.week_end(b[-1]))}")
        for i, b in enumerate(chain.blocks(view))
    )
    element = elements.index(worst[1]) if worst[1] in elements else 0
    return [
        Choice("element", "Element", names, selected=element),
        Choice("block", "Weeks", times, slider=True, selected=int(worst[2] or 0)),
    ]


def _element(view: View, element: str) -> str:
    return "All materials" if element == "all" else view.element(element)


def _row(view: View, element: str, usual: float, part: float, time: str) -> list[Cell]:
    when = chain.blocks(view)[int(time)][0] if time else ""
    return [
        Cell(_element(view, element)),
        number_cell(words.amount(usual, 3)),
        number_cell(words.share(max(0.0, part))),
        Cell(words.short_day(when)),
    ]


def _summary(view: View, worst: tuple[float, str, str]) -> str:
    short, element, time = worst
    if short < 0.005 or not element:
        return "Deliveries to sectors stay at their usual level for every element."
    when = chain.blocks(view)[int(time)][0]
    return (
        f"Deliveries fall furthest for {_element(view, element)}: {words.share(short)} below "
        f"usual in the four weeks from {words.day(when)}."
    )


def _nodes(some: Links, regions: list[str]) -> list[Node]:
    """All nodes of the links, step by step, regions in one order in every drawing."""
    places = {place: i for i, place in enumerate([*regions, OTHERS, MISSING, *SECTOR_COLOURS])}
    found = {node for ends in some.tonnes for node in ends}
    return sorted(found, key=lambda n: (n[0], places.get(n[1], len(places)), n[1]))


def _heights(some: Links, nodes: list[Node]) -> dict[Node, float]:
    got, sent = dict.fromkeys(nodes, 0.0), dict.fromkeys(nodes, 0.0)
    for (source, target), tonnes in some.tonnes.items():
        sent[source] += tonnes
        got[target] += tonnes
    return {node: max(got[node], sent[node]) for node in nodes}


def _centres(nodes: list[Node], heights: dict[Node, float]) -> list[float]:
    """Vertical places of the nodes, stacked step by step in their order."""
    tallest = max(
        (sum(heights[n] for n in nodes if n[0] == step) for step in range(len(STEPS))), default=1.0
    )
    gap, found = 0.03, {}
    for step in range(len(STEPS)):
        here = [n for n in nodes if n[0] == step]
        room = 1 - gap * max(0, len(here) - 1)
        top = 0.0
        for node in here:
            size = heights[node] / max(tallest, 1e-12) * room
            found[node] = min(0.999, max(0.001, top + size / 2))
            top += size + gap
    return [round(found[n], 4) for n in nodes]


def _sankey(view: View, some: Links, regions: list[str], **meta: str) -> dict[str, Any]:
    floor = chain.delivered(some) * SMALLEST
    kept = Links({ends: t for ends, t in some.tonnes.items() if t > floor})
    nodes = _nodes(kept, regions)
    at = {node: i for i, node in enumerate(nodes)}
    colours = [_colour(node, regions) for node in nodes]
    ends = list(kept.tonnes)
    across = _across(nodes)
    marks = go.Sankey(
        arrangement="snap",
        node={
            "label": [literal(_place(view, node)) for node in nodes],
            "color": colours,
            "x": [round(0.001 + 0.998 * across[node[0]], 4) for node in nodes],
            "y": _centres(nodes, _heights(kept, nodes)),
            "customdata": [STEPS[node[0]] for node in nodes],
            "hovertemplate": "%{label}, %{customdata}: %{value:,.3~r} t a week<extra></extra>",
            "pad": 14,
            "thickness": 12,
            "line": {"width": 0},
        },
        link={
            "source": [at[source] for source, _ in ends],
            "target": [at[target] for _, target in ends],
            "value": [float(f"{kept.tonnes[e]:.3g}") for e in ends],
            "color": [_faint(colours[at[source]]) for source, _ in ends],
            "hovertemplate": (
                "%{source.label} to %{target.label}: %{value:,.3~r} t a week<extra></extra>"
            ),
        },
    )
    return {**trace(marks), "meta": {**meta, "annotations": _heads(across)}}


def _place(view: View, node: Node) -> str:
    step, place = node
    if step == SECTOR_STEP:
        return view.sector(place)
    return {OTHERS: "Other regions", MISSING: "Missing against usual"}.get(
        place, view.region(place)
    )


def _colour(node: Node, regions: list[str]) -> str:
    step, place = node
    if step == SECTOR_STEP:
        return SECTOR_COLOUR
    if place == MISSING:
        return MISSING_COLOUR
    return REGION_COLOURS[regions.index(place)] if place in regions else OTHERS_COLOUR


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.38)"


def _layout() -> dict[str, Any]:
    drawn = axes.base(480)
    drawn["margin"] = {**axes.MARGIN, "t": 30, "b": 16}
    return drawn


def _across(nodes: list[Node]) -> dict[int, float]:
    """Horizontal place of each step that the nodes have, from 0 to 1."""
    steps = sorted({step for step, _ in nodes})
    return {step: i / max(1, len(steps) - 1) for i, step in enumerate(steps)}


def _heads(across: dict[int, float]) -> list[dict[str, Any]]:
    """The names of the steps above them."""
    return [
        {
            "xref": "paper",
            "yref": "paper",
            "x": round(x, 4),
            "y": 1,
            "yanchor": "bottom",
            "xanchor": "left" if x == 0 else "right" if x == 1 else "center",
            "text": STEPS[step],
            "showarrow": False,
        }
        for step, x in across.items()
    ]
