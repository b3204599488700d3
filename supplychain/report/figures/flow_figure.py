"""The figure of flows from mine to sector: usual beside disrupted, for an element and a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from supplychain import formatting
from supplychain.report import figure
from supplychain.report.figure import (
    SECTOR_COLOURS,
    Cell,
    Chart,
    Choice,
    Figure,
    Table,
    date_cell,
    literal,
    number_cell,
)
from supplychain.report.figures import flow_tracing
from supplychain.report.figures.flow_tracing import MISSING, OTHERS, SECTOR_STEP, STEPS, Links, Node
from supplychain.report.loss_summary import scarcest_material
from supplychain.report.run_view import View, ranked

SECTOR_COLOUR = "#7b8490"
REGION_COLOURS = ("#0072b2", "#c77c00", "#009e73", "#b5528e", "#56a0d3")
OTHERS_COLOUR = "#8a8f98"
MISSING_COLOUR = "#d55e00"
SMALLEST = 0.002
"""Links under this part of all deliveries are not drawn."""


def flows(view: View) -> Figure:
    """Flows of an element from mine to sector in four weeks, beside the usual ones."""
    actual, usual = flow_tracing.prepared(view)
    elements = _elements(usual, actual)
    steps = flow_tracing.steps_of(view)
    starts = [block[0] for block in flow_tracing.blocks(view)]
    times = range(len(starts))
    sector, time = _focus(view)
    disrupted: list[dict[str, Any]] = []
    normal: list[dict[str, Any]] = []
    rows: list[list[Cell]] = []
    short: dict[str, float] = {}
    for element in elements:
        mine, base = actual[actual["element"] == element], usual[usual["element"] == element]
        regions = flow_tracing.main_regions(base, mine)
        reference = flow_tracing.links(base, regions, steps[element])
        by_block = dict(list(mine.groupby("block")))
        now = [
            flow_tracing.links(by_block.get(i, mine[:0]), regions, steps[element]) for i in times
        ]
        for place in ("", *(s for s in view.sectors if (base["sector"] == s).any())):
            meta = {"element": element, "sector": place}
            wanted = flow_tracing.of_sector(reference, place) if place else reference
            normal.append(_sankey(view, wanted, regions, **meta))
            for i, links in enumerate(now):
                got = flow_tracing.of_sector(links, place) if place else links
                drawn = flow_tracing.with_missing(got, wanted)
                disrupted.append(_sankey(view, drawn, regions, **meta, week=starts[i]))
        short[element] = _short(now[time], reference, sector) if now else 0.0
        rows.append(_row(view, element, reference, now))
    element = _opens_at(view, sector, elements, short)
    return Figure(
        id="flows",
        title="From mine to sector",
        caption=(
            "Tonnes a week of one element that end up in deliveries, traced back to the mines, in "
            "the four weeks chosen and as usual. A step is coloured by its region; orange shows "
            "what sectors get less than usual. What a step takes from its own region is worked out "
            "from what it sends on, so goods from stock count as made. Links under 0.2 % of all "
            "deliveries are not drawn. A region that is picked stands out."
        ),
        unit="tonnes a week of the element (rare earths as oxide)",
        summary=_summary(view, sector, time, element, short),
        charts=[
            Chart(disrupted, _layout(), "In the chosen weeks", wide=True),
            Chart(normal, _layout(), "Usually (base year)", wide=True),
        ],
        table=Table(
            ("Element", "Usual deliveries, t a week", "Least, of usual", "In the four weeks from"),
            rows,
            note="Deliveries to sectors, averaged over four weeks.",
            csv=(
                "Element",
                "Usual deliveries, t a week",
                "Least, share of usual",
                "In the four weeks from",
            ),
        ),
        choices=_choices(view, elements, (sector, element, time)),
        empty="This run has no flows to show.",
    )


def _opens_at(view: View, sector: str, elements: list[str], short: Mapping[str, float]) -> str:
    """The element shown first: of those in the material that the sector wants most, the scarcest.

    Others may be short only because the sector makes less.
    """
    if not (sector and elements):
        return elements[0] if elements else ""
    content = flow_tracing.contents(view)
    wanted = set(content[content["material"] == scarcest_material(view, sector)]["element"])
    return max([e for e in elements if e in wanted] or elements, key=lambda e: short[e])


def _focus(view: View) -> tuple[str, int]:
    """The sector that loses most value, and the four weeks in which it loses most."""
    frame = view.table("shortfall")
    by_sector = frame.groupby("sector")["lost_value_usd"].sum()
    losing = [s for s in ranked(by_sector) if s != "other" and by_sector[s] > 0]
    losing = losing or [s for s in ranked(by_sector) if by_sector[s] > 0]
    if not losing:
        return "", 0
    weekly = frame[frame["sector"] == losing[0]].groupby("week")["lost_value_usd"].sum()
    sums = [float(weekly.reindex(block).sum()) / len(block) for block in flow_tracing.blocks(view)]
    return losing[0], sums.index(max(sums))


def _short(now: Links, usual: Links, sector: str) -> float:
    """The share of its usual deliveries that a sector does not get."""
    node = (SECTOR_STEP, sector)
    wanted = flow_tracing.arrivals(usual).get(node, 0.0)
    return 1 - flow_tracing.arrivals(now).get(node, 0.0) / wanted if wanted > 0 else 0.0


def _elements(usual: pd.DataFrame, actual: pd.DataFrame) -> list[str]:
    """Elements that reach a sector, in the order of their usual tonnage."""
    both = pd.concat([usual, actual]).query("sector != ''")
    return ranked(both.groupby("element")["tonnes"].sum())


def _choices(view: View, elements: list[str], opens_at: tuple[str, str, int]) -> list[Choice]:
    if not elements:
        return []
    sector, element, time = opens_at
    sectors = (("", "All sectors"), *((s, view.sector(s)) for s in view.sectors))
    names = tuple((e, _element(view, e)) for e in elements)
    times = tuple(
        (
            b[0],
            f"{formatting.short_day(b[0])} to {formatting.short_day(formatting.week_end(b[-1]))}",
        )
        for b in flow_tracing.blocks(view)
    )
    return [
        Choice("sector", "Sector", sectors, selected=[s for s, _ in sectors].index(sector)),
        Choice("element", "Element", names, selected=elements.index(element)),
        Choice("week", "Weeks", times, slider=True, selected=time),
    ]


def _element(view: View, element: str) -> str:
    return "All materials" if element == "all" else view.element(element)


def _row(view: View, element: str, usual: Links, now: list[Links]) -> list[Cell]:
    wanted = max(flow_tracing.delivered(usual), 1e-12)
    parts = [flow_tracing.delivered(links) / wanted for links in now]
    least = min(parts, default=1.0)
    when = flow_tracing.blocks(view)[parts.index(least)][0] if parts else ""
    return [
        Cell(_element(view, element)),
        number_cell(
            formatting.amount(flow_tracing.delivered(usual), 3), flow_tracing.delivered(usual)
        ),
        number_cell(formatting.share(least), least),
        date_cell(when),
    ]


def _summary(view: View, sector: str, time: int, element: str, short: dict[str, float]) -> str:
    if not sector:
        return "No sector loses output; deliveries can be compared with usual ones week by week."
    when = formatting.day(flow_tracing.blocks(view)[time][0])
    name = view.sector(sector).lower()
    start = f"In the four weeks from {when}, when {name} loses most,"
    if short.get(element, 0.0) < 0.005:
        return f"{start} it gets as much of every element as usual."
    return (
        f"{start} it gets {formatting.share(short[element])} less "
        f"{_element(view, element).lower()} than usual."
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
    """One diagram as plain data: there is one a week, and plotly takes long to check them all."""
    floor = flow_tracing.delivered(some) * SMALLEST
    kept = Links({ends: t for ends, t in some.tonnes.items() if t > floor})
    nodes = _nodes(kept, regions)
    at = {node: i for i, node in enumerate(nodes)}
    colours = [_colour(node, regions) for node in nodes]
    ends = list(kept.tonnes)
    across = _across(nodes)
    return {
        "type": "sankey",
        "arrangement": "snap",
        "node": {
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
        "link": {
            "source": [at[source] for source, _ in ends],
            "target": [at[target] for _, target in ends],
            "value": [float(f"{kept.tonnes[e]:.3g}") for e in ends],
            "color": [_faint(colours[at[source]]) for source, _ in ends],
            "hovertemplate": (
                "%{source.label} to %{target.label}: %{value:,.3~r} t a week<extra></extra>"
            ),
        },
        "meta": {**meta, "annotations": _heads(across), "places": [place for _, place in nodes]},
    }


def _place(view: View, node: Node) -> str:
    step, place = node
    if step == SECTOR_STEP:
        return view.sector(place)
    return {OTHERS: "Other regions", MISSING: "Missing"}.get(place, view.region(place))


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
    drawn = figure.base(480)
    drawn["margin"] = {**figure.MARGIN, "t": 30, "b": 16}
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
