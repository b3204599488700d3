"""One table of everything in the programme: the builder, the checks and the formula page read it."""

from __future__ import annotations

from dataclasses import dataclass

COST_OF = {
    "value_lost": ("lost",),
    "freight": ("flow", "delivery"),
    "processing": ("run",),
    "surge_premium": ("surge",),
    "substitution": ("output",),
    "cover_shortfall": ("short_cover",),
    "stock_shortfall": ("short_stock",),
    "holding": ("cover", "stock"),
    "closing_shortfall": ("short_closing_cover", "short_closing_stock"),
}
"""The variables each named cost is made of: no variable is in two costs."""


@dataclass(frozen=True)
class Component:
    """A variable, law or cost: its name, what it is indexed by, unit, symbol and a sentence."""

    name: str
    kind: str
    over: tuple[str, ...]
    unit: str
    symbol: str
    says: str


VARIABLES: tuple[Component, ...] = (
    Component(
        "run",
        "variable",
        ("line", "period"),
        "t",
        "x",
        "What a line starts to process; at most its capacity (law line_capacity).",
    ),
    Component(
        "flow",
        "variable",
        ("arc", "period"),
        "t",
        "f",
        "What departs on an arc for the destination's stock.",
    ),
    Component(
        "delivery",
        "variable",
        ("delivery", "period"),
        "t",
        "d",
        "What departs from an origin to one customer; at most what the customer takes from it.",
    ),
    Component(
        "surge",
        "variable",
        ("arc", "period"),
        "t",
        "g",
        "The part of an arc's departures beyond its usual trade; at most what requalification allows (law arc_limit).",
    ),
    Component(
        "stock",
        "variable",
        ("place", "period"),
        "t",
        "s",
        "What a region holds of a material at the period's end.",
    ),
    Component(
        "cover",
        "variable",
        ("cover", "period"),
        "t",
        "c",
        "What a customer holds of a material at the period's end.",
    ),
    Component(
        "output",
        "variable",
        ("recipe", "period"),
        "weeks of plan",
        "y",
        "What a customer makes by one recipe; at most the recipe's share of the plan (law recipe_limit).",
    ),
    Component(
        "lost",
        "variable",
        ("customer", "step", "period"),
        "weeks of plan",
        "l",
        "Planned output that is not made, in convex steps.",
    ),
    Component(
        "licence_left",
        "variable",
        ("class", "period"),
        "t",
        "q",
        "Licences granted, unused and still valid at the period's end.",
    ),
    Component(
        "short_cover",
        "variable",
        ("cover", "period"),
        "t",
        "u",
        "How far a customer's stock is below its target.",
    ),
    Component(
        "short_stock",
        "variable",
        ("place", "period"),
        "t",
        "z",
        "How far a region's stock is below what it usually holds.",
    ),
    Component(
        "short_closing_cover",
        "variable",
        ("cover",),
        "t",
        "v",
        "How far a customer's stock and pipeline end below their usual level.",
    ),
    Component(
        "short_closing_stock",
        "variable",
        ("place",),
        "t",
        "w",
        "How far a region's stock and pipeline end below their usual level.",
    ),
)

LAWS: tuple[Component, ...] = (
    Component(
        "region_balance",
        "law",
        ("place", "period"),
        "t",
        "B",
        "Nothing appears or vanishes in a region.",
    ),
    Component(
        "customer_balance",
        "law",
        ("cover", "period"),
        "t",
        "C",
        "Nothing appears or vanishes at a customer.",
    ),
    Component(
        "customer_plan",
        "law",
        ("customer", "period"),
        "weeks of plan",
        "P",
        "What is planned is made or lost.",
    ),
    Component(
        "usual_trade",
        "law",
        ("arc", "period"),
        "t",
        "U",
        "Departures beyond the usual trade are surge.",
    ),
    Component(
        "licence_balance",
        "law",
        ("class", "period"),
        "t",
        "Q",
        "What is shipped under a control was granted before.",
    ),
    Component(
        "cover_target",
        "law",
        ("cover", "period"),
        "t",
        "T",
        "Customers want their target on the shelf.",
    ),
    Component(
        "stock_target",
        "law",
        ("place", "period"),
        "t",
        "S",
        "Makers and traders want their usual stock.",
    ),
    Component(
        "closing_stock",
        "law",
        ("place",),
        "t",
        "E",
        "A window leaves a region's stock and pipeline as usual, or pays replacement.",
    ),
    Component(
        "closing_cover",
        "law",
        ("cover",),
        "t",
        "F",
        "A window leaves a customer's stock and pipeline as usual, or pays replacement.",
    ),
)

COSTS: tuple[Component, ...] = (
    Component(
        "value_lost",
        "cost",
        (),
        "M USD",
        "V",
        "Value added of the output lost, weighted by its convex steps.",
    ),
    Component("freight", "cost", (), "M USD", "R", "Freight of everything that departs."),
    Component("processing", "cost", (), "M USD", "X", "Cost of running the lines."),
    Component(
        "surge_premium",
        "cost",
        (),
        "M USD",
        "G",
        "Premium on departures beyond the usual trade: new suppliers, air freight.",
    ),
    Component(
        "substitution",
        "cost",
        (),
        "M USD",
        "Y",
        "Extra cost of output made by another recipe than the normal one.",
    ),
    Component(
        "cover_shortfall",
        "cost",
        (),
        "M USD",
        "U",
        "What being below target cover is worth avoiding.",
    ),
    Component(
        "stock_shortfall",
        "cost",
        (),
        "M USD",
        "Z",
        "What being below usual stock is worth avoiding.",
    ),
    Component(
        "holding",
        "cost",
        (),
        "M USD",
        "H",
        "Cost of what lies in stores and on customers' shelves: capital and storage.",
    ),
    Component(
        "closing_shortfall",
        "cost",
        (),
        "M USD",
        "W",
        "Replacement value of what a window takes out of stock and pipeline.",
    ),
)
