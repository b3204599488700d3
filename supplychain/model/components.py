"""One table of everything in the programme: builder, compiler, checks and formula page read it.

To add a constraint, write its function in `constraints` and its row here: which number of a window
is its right-hand side, and from which row of the data that comes. A cost names the variables that
it is made of.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Component:
    """A variable, constraint or cost: its name, what it is indexed by, unit, symbol, a sentence."""

    name: str
    kind: str
    over: tuple[str, ...]
    unit: str
    symbol: str
    says: str
    side: str = ""
    """Of a constraint: ==, <= or >= its right-hand side."""
    right: str = ""
    """The number of a `Window` on the right-hand side, with its sign; blank: of the network."""
    limit: str = ""
    """Of a variable: the number of a `Window` that is its upper limit; blank: none."""
    rate: str = ""
    """The number of a `Window` that is its cost; blank: of the network, or none."""
    parts: tuple[str, ...] = ()
    """Of a cost: the variables it is made of; no variable is in two costs."""
    data: tuple[str, ...] = ()
    """The rows of the data that set its limit or right-hand side, best first: table and columns;
    `KEY_NAMES` and, of a customer, {segment} and {region} stand for the words of its index."""


KEY_NAMES = {
    "place": ("region", "material"),
    "line": ("line",),
    "arc": ("material", "origin", "destination"),
    "customer": ("customer",),
    "recipe": ("customer", "recipe"),
    "cover": ("customer", "material"),
    "delivery": ("material", "origin", "customer", "mode"),
    "user": ("control", "exporter", "destination", "end_use", "end_user"),
}
"""What the words of an index stand for, by kind of object."""

STOCK_ROWS = (
    "stocks: region={region} material={material}",
    "material_numbers: material={material}",
)
COVER_ROWS = (
    "covers: customer={customer} material={material}",
    "intensities: segment={segment} material={material}",
)
LICENCE_ROWS = (
    "control_scope: control={control} exporter={exporter}",
    "controls: control={control}",
)
ARC_ROW = ("arcs: material={material} origin={origin} destination={destination}",)
PURCHASE_ROW = ("arcs: material={material} origin={origin} destination={region}",)
SPREAD_ROW = ("segment_numbers: segment={segment} quantity=cover_spread",)
"""Rows of the data that set several limits or right-hand sides."""

VARIABLES: tuple[Component, ...] = (
    Component("run", "variable", ("line", "period"), "t", "x",
        "What a line starts to process; at most its capacity (law line_capacity).",
        limit="run_limit", data=("line_numbers: line={line} quantity=capacity", "lines: line={line}"),
    ),
    Component("flow", "variable", ("arc", "period"), "t", "f",
        "What departs on an arc for the destination's stock; at most what requalification allows.",
        limit="flow_limit", data=ARC_ROW,
    ),
    Component("delivery", "variable", ("delivery", "period"), "t", "d",
        "What departs from an origin to one customer; at most what the customer takes from it.",
        limit="delivery_limit", data=PURCHASE_ROW,
    ),
    Component("surge", "variable", ("arc", "period"), "t", "g",
        "The part of what departs for a region's stock beyond the usual trade.",
    ),
    Component("short_trade", "variable", ("arc", "period"), "t", "gs",
        "How far what departs for a region's stock is below the usual trade.",
        rate="short_trade_cost",
    ),
    Component("extra", "variable", ("delivery", "period"), "t", "e",
        "The part of a delivery beyond what the customer usually buys from there.",
    ),
    Component("short_purchase", "variable", ("delivery", "period"), "t", "es",
        "How far a delivery is below what the customer usually buys from there.",
        rate="short_purchase_cost",
    ),
    Component("short_run", "variable", ("line", "period"), "t", "xs",
        "How far a line runs below what contracts take.",
        rate="short_run_cost",
    ),
    Component("stock", "variable", ("place", "period"), "t", "s",
        "What a region holds of a material at the period's end.",
    ),
    Component("cover", "variable", ("cover", "period"), "t", "c",
        "What a customer holds of a material at the period's end.",
    ),
    Component("depleted", "variable", ("cover", "layer", "period"), "t", "k",
        "Stock that a customer's firms have used up, by layer; lower layers are those of thicker firms.",
        limit="depleted_limit", data=SPREAD_ROW,
    ),
    Component("output", "variable", ("recipe", "period"), "weeks of plan", "y",
        "What a customer makes by one recipe; at most the recipe's share of the plan and of overtime (law recipe_limit).",
        limit="output_limit", data=("recipes: segment={segment} recipe={recipe} quantity=max_share", "customers: customer={customer}"),
    ),
    Component("lost", "variable", ("customer", "step", "period"), "weeks of plan", "l",
        "Planned output that is not made when planned, in convex steps.",
        limit="lost_limit", rate="loss_cost", data=("assumptions: assumption=loss_step_{step}_share",),
    ),
    Component("made_up", "variable", ("customer", "period"), "weeks of plan", "m",
        "Output made on top of the plan, to make up for what was lost before; at most the overtime.",
        limit="made_up_limit", rate="made_up_cost", data=("segment_numbers: segment={segment} quantity=overtime",),
    ),
    Component("behind", "variable", ("customer", "period"), "weeks of plan", "b",
        "Output that was not made when planned and is not yet made up.",
    ),
    Component("licence_left", "variable", ("user", "period"), "t", "q",
        "Licences granted, unused and still valid at the period's end.",
        limit="left_limit", data=LICENCE_ROWS,
    ),
    Component("transfer", "variable", ("user", "period"), "t", "h",
        "Licences that name no end user and are used by this one.",
    ),
    Component("short_cover", "variable", ("cover", "period"), "t", "u",
        "How far a customer's stock is below its target.",
    ),
    Component("short_stock", "variable", ("place", "period"), "t", "z",
        "How far a region's stock is below what it usually holds.",
    ),
    Component("short_other", "variable", ("place", "period"), "t", "o",
        "What uses outside the model go without; at most what they usually take.",
        limit="other_use", data=("assumptions: assumption=other_use_share",),
    ),
    Component("short_closing_cover", "variable", ("cover",), "t", "v",
        "How far a customer's stock and pipeline end below their usual level.",
        rate="closing_cost",
    ),
    Component("short_closing_stock", "variable", ("place",), "t", "w",
        "How far a region's stock and pipeline end below their usual level.",
    ),
)  # fmt: skip

CONSTRAINTS: tuple[Component, ...] = (
    Component("region_balance", "law", ("place", "period"), "t", "B",
        "Stock balance of a region: nothing appears or vanishes.",
        side="==", right="-supply", data=STOCK_ROWS,
    ),
    Component("customer_balance", "law", ("cover", "period"), "t", "C",
        "Stock balance of a customer: nothing appears or vanishes.",
        side="==", right="-cover_supply", data=COVER_ROWS,
    ),
    Component("customer_plan", "law", ("customer", "period"), "weeks of plan", "P",
        "What is planned is made or lost; what is made up comes on top.",
        side="==", right="plan", data=("customer_numbers: customer={customer} quantity=plan",),
    ),
    Component("backlog", "law", ("customer", "period"), "weeks of plan", "M",
        "What was lost is made up or still behind.",
        side="==", right="behind_at_start", data=("segment_numbers: segment={segment} quantity=make_up",),
    ),
    Component("firm_stock", "law", ("cover", "period"), "t", "K",
        "Stock below the mean of a customer's firms is used up, layer by layer.",
        side=">=", right="firm_mean", data=SPREAD_ROW,
    ),
    Component("loss_frontier", "law", ("cover", "period"), "t", "L",
        "Firms that have used up their stock stand still, though others hold some.",
        side=">=", right="frontier", data=SPREAD_ROW,
    ),
    Component("usual_trade", "law", ("arc", "period"), "t", "U",
        "What departs for a region's stock is the usual trade, and more or less.",
        side="==", right="usual_feed", data=ARC_ROW,
    ),
    Component("usual_purchase", "law", ("delivery", "period"), "t", "A",
        "What a customer buys from an origin is what it usually buys, and more or less.",
        side="==", right="usual_delivery", data=PURCHASE_ROW,
    ),
    Component("contracted_run", "law", ("line", "period"), "t", "O",
        "What contracts or a price floor take is made.",
        side=">=", right="contracted", data=("line_numbers: line={line} quantity=offtake", "lines: line={line}"),
    ),
    Component("arc_limit", "law", ("arc", "period"), "t", "N",
        "What travels an arc stays within the limit that a scenario sets.",
        side="<=", right="arc_limit_t", data=ARC_ROW,
    ),
    Component("licence_balance", "law", ("user", "period"), "t", "Q",
        "What is shipped under a control was granted before, to this end user or to any.",
        side="<=", right="granted", data=LICENCE_ROWS,
    ),
    Component("cover_target", "law", ("cover", "period"), "t", "T",
        "Customers want their target on the shelf.",
        side=">=", right="cover_goal", data=COVER_ROWS,
    ),
    Component("stock_target", "law", ("place", "period"), "t", "S",
        "Makers and traders want their usual stock.",
        side=">=", data=STOCK_ROWS,
    ),
    Component("closing_stock", "law", ("place",), "t", "E",
        "A window leaves a region's stock and pipeline as usual, or pays replacement.",
        side=">=", data=STOCK_ROWS,
    ),
    Component("closing_cover", "law", ("cover",), "t", "F",
        "A window leaves a customer's stock and pipeline as usual, or pays replacement.",
        side=">=", right="closing_cover", data=COVER_ROWS,
    ),
)  # fmt: skip


def _cost(name: str, symbol: str, says: str, *parts: str) -> Component:
    return Component(name, "cost", (), "M USD", symbol, says, parts=parts)


COSTS: tuple[Component, ...] = (
    _cost("value_lost", "V",
        "Value added of the output lost, weighted by its convex steps.",
        "lost",
    ),
    _cost("value_made_up", "J",
        "Value added of output made up later, less what being late costs; below zero.",
        "made_up",
    ),
    _cost("freight", "R",
        "Freight of everything that departs.",
        "flow", "delivery",
    ),
    _cost("processing", "X",
        "Cost of running the lines.",
        "run",
    ),
    _cost("surge_premium", "G",
        "Premium on departures beyond the usual trade: new suppliers, air freight.",
        "surge", "extra",
    ),
    _cost("purchase_shortfall", "I",
        "What falling short of usual purchases and of contracts costs.",
        "short_trade", "short_purchase", "short_run",
    ),
    _cost("substitution", "Y",
        "Extra cost of output made by another recipe than the normal one.",
        "output",
    ),
    _cost("cover_shortfall", "U",
        "What being below target cover is worth avoiding.",
        "short_cover",
    ),
    _cost("stock_shortfall", "Z",
        "What being below usual stock is worth avoiding.",
        "short_stock",
    ),
    _cost("other_use_shortfall", "N",
        "What uses outside the model pay for doing without: the price.",
        "short_other",
    ),
    _cost("holding", "H",
        "Cost of what lies in stores and on customers' shelves: capital and storage.",
        "cover", "stock",
    ),
    _cost("closing_shortfall", "W",
        "Replacement value of what a window takes out of stock and pipeline.",
        "short_closing_cover", "short_closing_stock",
    ),
)  # fmt: skip

COST_OF = {cost.name: cost.parts for cost in COSTS}
"""The variables each named cost is made of."""
