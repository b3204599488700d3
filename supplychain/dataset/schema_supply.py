"""The tables from regions to arcs: who can make what, where, and how it travels."""

from __future__ import annotations

from supplychain.dataset.table_types import (
    Column,
    Quantity,
    Table,
    choice,
    date,
    identifier,
    note,
    quantity_column,
    reference,
    text,
)

MATERIAL_STAGES = (
    "ore",
    "intermediate",
    "oxide",
    "metal",
    "alloy",
    "magnet",
    "functional",
    "minor-metal",
    "scrap",
)
PROCESS_STAGES = (
    "mining",
    "cracking",
    "separation",
    "heavy-separation",
    "metal-making",
    "alloy-making",
    "magnet-making",
    "recycling",
    "functional",
    "minor-metal",
)

REGIONS = Table(
    "regions",
    "The regions of the model. A new region is new rows, no code.",
    ("region",),
    (
        Column("region", "code of capital letters", "code"),
        text("name", "name in reports"),
        text("countries", "the countries it stands for"),
        note(),
    ),
)

ELEMENTS = Table(
    "elements",
    "The elements whose mass is balanced along the chain. Rare earths count as oxide.",
    ("element",),
    (
        identifier("element", "short name, as ndpr for neodymium and praseodymium together"),
        text("name", "name in reports"),
        choice("group", "what it is", "rare-earth", "minor-metal"),
        note(),
    ),
)

MATERIALS = Table(
    "materials",
    "The things that are traded or stored, each in one unit.",
    ("material",),
    (
        identifier("material", "name of the material"),
        text("name", "name in reports"),
        choice("stage", "place in the chain", *MATERIAL_STAGES),
        text("measured_as", "what a tonne of it is, as t REO, t metal or t magnet"),
        note(),
    ),
)

MATERIAL_NUMBERS = Table(
    "material_numbers",
    "Price, requalification and usual stocks of each material.",
    ("material", "quantity"),
    (reference("material", "materials", "the material"), quantity_column()),
    (
        Quantity(
            "price", "USD/kg", "price in the base year; weighs costs, never decides what is made"
        ),
        Quantity("requalification", "week", "time until a new origin of it can grow"),
        Quantity(
            "stock_cover", "week", "stock usually held in a region, in weeks of its use there"
        ),
    ),
    quantity_column="quantity",
    complete_for="materials",
)

MATERIAL_CONTENT = Table(
    "material_content",
    "How much of each element a tonne of material holds: the base of the mass balance.",
    ("material", "element"),
    (
        reference("material", "materials", "the material"),
        reference("element", "elements", "the element in it"),
    ),
    (
        Quantity(
            "content",
            "t/t",
            "tonnes of element per tonne of material; rare earths as oxide, minor metals as metal",
            upper=1.6,
        ),
    ),
)

SITES = Table(
    "sites",
    "Places where something is made.",
    ("site",),
    (
        identifier("site", "name of the site"),
        text("name", "name in reports"),
        reference("region", "regions", "where it lies"),
        text("country", "country"),
        text("operator", "who runs it", required=False),
        note(),
    ),
)

PROCESSES = Table(
    "processes",
    "Ways of making something; several lines may use one.",
    ("process",),
    (
        identifier("process", "name of the process"),
        text("name", "name in reports"),
        choice("stage", "place in the chain", *PROCESS_STAGES),
        note(),
    ),
)

PROCESS_FLOWS = Table(
    "process_flows",
    "What a process takes and what comes out, per tonne of run. A run is a tonne of the main "
    "product, a tonne REO of feed for separation, a tonne REO for mining.",
    ("process", "role", "material"),
    (
        reference("process", "processes", "the process"),
        choice("role", "whether it goes in or comes out", "needs", "makes"),
        reference("material", "materials", "the material"),
    ),
    (Quantity("flow", "t/t", "tonnes of the material per tonne of run"),),
)

PROCESS_NUMBERS = Table(
    "process_numbers",
    "Time and cost of a process.",
    ("process", "quantity"),
    (reference("process", "processes", "the process"), quantity_column()),
    (
        Quantity("lead_time", "week", "from the start of a run to the product", upper=104.0),
        Quantity("cost", "USD/kg", "cost of processing per kg of run, materials not included"),
    ),
    quantity_column="quantity",
    complete_for="processes",
)

LINES = Table(
    "lines",
    "A process at a site.",
    ("line",),
    (
        identifier("line", "name of the line"),
        reference("site", "sites", "where it stands"),
        reference("process", "processes", "what it does"),
        choice("status", "state today", "operating", "ramping", "construction", "planned"),
        date("start", "first product; 2000-01-01 for plants that have always been there"),
        note(),
    ),
)

LINE_NUMBERS = Table(
    "line_numbers",
    "Capacity, base-year run and ramp of each line.",
    ("line", "quantity"),
    (reference("line", "lines", "the line"), quantity_column()),
    (
        Quantity("capacity", "t/a", "tonnes of run a year when fully ramped up"),
        Quantity(
            "usual_run", "t/a", "run in the base year 2024; 0 for plants that did not run yet"
        ),
        Quantity("ramp", "week", "from the start date to full capacity"),
        Quantity(
            "start_share", "share", "share of the capacity there at the start date", upper=1.0
        ),
        Quantity(
            "offtake",
            "share",
            "share of what it can make in a week that a contract or price floor makes sure is "
            "bought; no row: none",
            upper=1.0,
            required=False,
        ),
    ),
    quantity_column="quantity",
    raw=True,
    complete_for="lines",
)

LANES = Table(
    "lanes",
    "Transit from region to region; both directions, and each region to itself.",
    ("origin", "destination", "quantity"),
    (
        reference("origin", "regions", "from"),
        reference("destination", "regions", "to"),
        quantity_column(),
    ),
    (
        Quantity("transit", "week", "door to door, customs of usual times included", upper=104.0),
        Quantity("freight", "USD/t", "freight and insurance"),
        Quantity("air_transit", "week", "door to door by air", upper=104.0, required=False),
        Quantity("air_freight", "USD/t", "freight and insurance by air", required=False),
    ),
    quantity_column="quantity",
)

ARCS = Table(
    "arcs",
    "Routes of a material from region to region. A value of 0 is a route that exists but was not "
    "used; no row, no route. From a region to itself only for goods that customers buy.",
    ("material", "origin", "destination"),
    (
        reference("material", "materials", "what travels"),
        reference("origin", "regions", "from"),
        reference("destination", "regions", "to"),
    ),
    (Quantity("usual_flow", "t/a", "flow in the base year 2024"),),
    raw=True,
)

ARC_CHANGES = Table(
    "arc_changes",
    "Routes that ended or changed after the base year, by date. A row holds until a later one of "
    "the same route. A route without usual trade stays without.",
    ("material", "origin", "destination", "start"),
    (
        reference("material", "materials", "what travels"),
        reference("origin", "regions", "from"),
        reference("destination", "regions", "to"),
        date("start", "from when it holds; after the base year"),
    ),
    (
        Quantity(
            "usual_share", "share", "share of the usual flow from then on; 0: ended", upper=10.0
        ),
    ),
)

CAPACITY_GROWTH = Table(
    "capacity_growth",
    "Capacity of a region's plants of a stage in later years against the base year; read as "
    "demand_growth, and on top of what each plant's own start and ramp say.",
    ("region", "stage", "day"),
    (
        reference("region", "regions", "the region"),
        choice("stage", "place in the chain", *PROCESS_STAGES),
        date("day", "the day on which it holds, the middle of a year; after the base year"),
    ),
    (Quantity("growth", "ratio", "capacity against the base year", lower=0.01, upper=100.0),),
)

SUPPLY_TABLES = (
    REGIONS,
    ELEMENTS,
    MATERIALS,
    MATERIAL_NUMBERS,
    MATERIAL_CONTENT,
    SITES,
    PROCESSES,
    PROCESS_FLOWS,
    PROCESS_NUMBERS,
    LINES,
    LINE_NUMBERS,
    LANES,
    ARCS,
    ARC_CHANGES,
    CAPACITY_GROWTH,
)
