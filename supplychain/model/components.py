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

VARIABLES: tuple[Component, ...] = (
    Component("run", "variable", ("line", "period"), "t", "x",
        "What a line starts to process; at most its capacity (law line_capacity).",
        limit="run_limit", data=("line_numbers: line={line} quantity=capacity", "lines: line={line}"),
    ),
    Component("flow", "variable", ("arc", "period"), "t", "f",
        "What departs on an arc for the destination's stock; at most what requalification allows.",
        limit="flow_limit", data=("arcs: material={material} origin={origin} destination={destination}",),
    ),
    Component("delivery", "variable", ("delivery", "period"), "t", "d",
        "What departs from an origin to one customer; at most what the customer takes from it.",
        limit="delivery_limit", data=("arcs: material={material} origin={origin} destination={region}",),
    ),
    Component("surge", "variable", ("arc", "period"), "t", "g",
        "The part of what departs for a region's stock beyond the usual trade.",
    ),
    Component("short_trade", "variable", ("arc", "period"), "t", "gs",
        "How far what departs for a region's stock is below the usual trade.",
    ),
    Component("extra", "variable", ("delivery", "period"), "t", "e",
        "The part of a delivery beyond what the customer usually buys from there.",
    ),
    Component("short_purchase", "variable", ("delivery", "period"), "t", "es",
        "How far a delivery is below what the customer usually buys from there.",
    ),
    Component("short_run", "variable", ("line", "period"), "t", "xs",
        "How far a line runs below what contracts take.",
    ),
    Component("stock", "variable", ("place", "period"), "t", "s",
        "What a region holds of a material at the period's end.",
    ),
    Component("cover", "variable", ("cover", "period"), "t", "c",
        "What a customer holds of a material at the period's end.",
    ),
    Component("depleted", "variable", ("cover", "layer", "period"), "t", "k",
        "Stock that a customer's firms have used up, by layer; lower layers are those of thicker firms.",
        limit="depleted_limit", data=("segment_numbers: segment={segment} quantity=cover_spread",),
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
        limit="left_limit", data=("control_scope: control={control} exporter={exporter}", "controls: control={control}"),
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
        "Nothing appears or vanishes in a region.",
        side="==", right="-supply", data=("stocks: region={region} material={material}", "material_numbers: material={material}"),
    ),
    Component("customer_balance", "law", ("cover", "period"), "t", "C",
        "Nothing appears or vanishes at a customer.",
        side="==", right="-cover_supply", data=("covers: customer={customer} material={material}", "intensities: segment={segment} material={material}"),
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
        side=">=", right="firm_mean", data=("segment_numbers: segment={segment} quantity=cover_spread",),
    ),
    Component("loss_frontier", "law", ("cover", "period"), "t", "L",
        "Firms that have used up their stock stand still, though others hold some.",
        side=">=", right="frontier", data=("segment_numbers: segment={segment} quantity=cover_spread",),
    ),
    Component("usual_trade", "law", ("arc", "period"), "t", "U",
        "What departs for a region's stock is the usual trade, and more or less.",
        side="==", right="usual_feed", data=("arcs: material={material} origin={origin} destination={destination}",),
    ),
    Component("usual_purchase", "law", ("delivery", "period"), "t", "A",
        "What a customer buys from an origin is what it usually buys, and more or less.",
        side="==", right="usual_delivery", data=("arcs: material={material} origin={origin} destination={region}",),
    ),
    Component("contracted_run", "law", ("line", "period"), "t", "O",
        "What contracts or a price floor take is made.",
        side=">=", right="contracted", data=("line_numbers: line={line} quantity=offtake", "lines: line={line}"),
    ),
    Component("arc_limit", "law", ("arc", "period"), "t", "N",
        "What travels an arc stays within the limit that a scenario sets.",
        side="<=", right="arc_limit_t", data=("arcs: material={material} origin={origin} destination={destination}",),
    ),
    Component("licence_balance", "law", ("user", "period"), "t", "Q",
        "What is shipped under a control was granted before, to this end user or to any.",
        side="<=", right="granted", data=("control_scope: control={control} exporter={exporter}", "controls: control={control}"),
    ),
    Component("cover_target", "law", ("cover", "period"), "t", "T",
        "Customers want their target on the shelf.",
        side=">=", right="cover_goal", data=("covers: customer={customer} material={material}", "intensities: segment={segment} material={material}"),
    ),
    Component("stock_target", "law", ("place", "period"), "t", "S",
        "Makers and traders want their usual stock.",
        side=">=", data=("stocks: region={region} material={material}", "material_numbers: material={material}"),
    ),
    Component("closing_stock", "law", ("place",), "t", "E",
        "A window leaves a region's stock and pipeline as usual, or pays replacement.",
        side=">=", data=("stocks: region={region} material={material}", "material_numbers: material={material}"),
    ),
    Component("closing_cover", "law", ("cover",), "t", "F",
        "A window leaves a customer's stock and pipeline as usual, or pays replacement.",
        side=">=", right="closing_cover", data=("covers: customer={customer} material={material}", "intensities: segment={segment} material={material}"),
    ),
)  # fmt: skip

COSTS: tuple[Component, ...] = (
    Component("value_lost", "cost", (), "M USD", "V",
        "Value added of the output lost, weighted by its convex steps.",
        parts=("lost",),
    ),
    Component("value_made_up", "cost", (), "M USD", "J",
        "Value added of output made up later, less what being late costs; below zero.",
        parts=("made_up",),
    ),
    Component("freight", "cost", (), "M USD", "R",
        "Freight of everything that departs.",
        parts=("flow", "delivery"),
    ),
    Component("processing", "cost", (), "M USD", "X",
        "Cost of running the lines.",
        parts=("run",),
    ),
    Component("surge_premium", "cost", (), "M USD", "G",
        "Premium on departures beyond the usual trade: new suppliers, air freight.",
        parts=("surge", "extra"),
    ),
    Component("purchase_shortfall", "cost", (), "M USD", "I",
        "What falling short of usual purchases and of contracts costs.",
        parts=("short_trade", "short_purchase", "short_run"),
    ),
    Component("substitution", "cost", (), "M USD", "Y",
        "Extra cost of output made by another recipe than the normal one.",
        parts=("output",),
    ),
    Component("cover_shortfall", "cost", (), "M USD", "U",
        "What being below target cover is worth avoiding.",
        parts=("short_cover",),
    ),
    Component("stock_shortfall", "cost", (), "M USD", "Z",
        "What being below usual stock is worth avoiding.",
        parts=("short_stock",),
    ),
    Component("other_use_shortfall", "cost", (), "M USD", "N",
        "What uses outside the model pay for doing without: the price.",
        parts=("short_other",),
    ),
    Component("holding", "cost", (), "M USD", "H",
        "Cost of what lies in stores and on customers' shelves: capital and storage.",
        parts=("cover", "stock"),
    ),
    Component("closing_shortfall", "cost", (), "M USD", "W",
        "Replacement value of what a window takes out of stock and pipeline.",
        parts=("short_closing_cover", "short_closing_stock"),
    ),
)  # fmt: skip

COST_OF = {cost.name: cost.parts for cost in COSTS}
"""The variables each named cost is made of."""
