"""The tables from segments to sourcing: who needs what, and what they hold."""

from __future__ import annotations

from supplychain.dataset.table_types import (
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

SECTORS: dict[str, str] = {
    "auto": "Auto",
    "aerospace": "Aerospace",
    "munitions": "Munitions",
    "semiconductor": "Semiconductors",
    "other": "Other users",
}
"""Code and name of each sector, in the order of tables and pages; colours are in report.figure."""

NORMAL_RECIPE = "normal"
"""The recipe that each segment has and that needs no row in `recipes`."""

SEGMENTS = Table(
    "segments",
    "Kinds of finished goods, each in its own unit.",
    ("segment",),
    (
        identifier("segment", "name of the segment"),
        choice("sector", "the sector it counts in", *SECTORS),
        text("name", "name in reports"),
        text("unit", "what one unit is, as vehicle, engine, weapon, wafer, MW or t"),
        choice("end_use", "who the end user is", "civil", "military"),
        note(),
    ),
)

SEGMENT_NUMBERS = Table(
    "segment_numbers",
    "How fast a segment can change its suppliers, how its firms differ, what can be made up.",
    ("segment", "quantity"),
    (reference("segment", "segments", "the segment"), quantity_column()),
    (
        Quantity("requalification", "week", "until this segment may buy from a new origin"),
        Quantity("surge", "ratio", "how far above usual a qualified origin can go at once, as 1.3"),
        Quantity(
            "cover_spread",
            "1",
            "sigma of the lognormal spread of firms' stocks, by output; 0: all hold alike",
            upper=3.0,
        ),
        Quantity("make_up", "week", "within so many weeks lost output can be made up; 0: never"),
        Quantity("overtime", "share", "share of the plan that can be made on top of it", upper=1.0),
        Quantity(
            "late_cost", "share", "cost of a week's delay, of the value added of a unit", upper=1.0
        ),
    ),
    quantity_column="quantity",
    complete_for="segments",
)

CUSTOMERS = Table(
    "customers",
    "A segment in a region.",
    ("customer",),
    (
        identifier("customer", "the segment, a hyphen, and the region in small letters"),
        reference("segment", "segments", "the segment"),
        reference("region", "regions", "the region"),
        note(),
    ),
)

CUSTOMER_NUMBERS = Table(
    "customer_numbers",
    "What a customer plans to make and what it is worth.",
    ("customer", "quantity"),
    (reference("customer", "customers", "the customer"), quantity_column()),
    (
        Quantity("plan", "unit/a", "planned output a year, in the segment's unit", lower=0.01),
        Quantity("value_added", "USD/unit", "value added lost with one unit not made", lower=0.01),
    ),
    quantity_column="quantity",
    raw=True,
    complete_for="customers",
)

DEMAND_GROWTH = Table(
    "demand_growth",
    "Planned output in later years against the base year, by the middle of each year. Between two "
    "days plans grow by the same rate each week; before the first they come from 1 in the middle "
    "of the base year, after the last they stay. Rows of a region hold instead of those of ANY; a "
    "segment without rows stays at the base year.",
    ("segment", "region", "day"),
    (
        reference("segment", "segments", "the segment"),
        reference("region", "regions", "the region", wildcard=True),
        date("day", "the day on which it holds, the middle of a year; after the base year"),
    ),
    (Quantity("growth", "ratio", "planned output against the base year", lower=0.01, upper=100.0),),
)

INTENSITIES = Table(
    "intensities",
    "Material in one unit, by recipe. The recipe `normal` always exists; the rows of another "
    "recipe list all its materials; a recipe without any material is listed in recipes only.",
    ("segment", "recipe", "material"),
    (
        reference("segment", "segments", "the segment"),
        identifier("recipe", "normal, thrifted, rare-earth-free or another name"),
        reference("material", "materials", "the material"),
    ),
    (Quantity("intensity", "kg/unit", "material needed per unit"),),
)

RECIPES = Table(
    "recipes",
    "How fast and how far a recipe other than `normal` can come in.",
    ("segment", "recipe", "quantity"),
    (
        reference("segment", "segments", "the segment"),
        identifier("recipe", "name of the recipe; not normal"),
        quantity_column(),
    ),
    (
        Quantity("max_share", "share", "share of the plan it can reach", upper=1.0),
        Quantity("lead_time", "week", "until its first use, counted from the first control"),
        Quantity("ramp", "week", "from its first use to max_share"),
        Quantity("extra_cost", "USD/unit", "what a unit costs more"),
    ),
    quantity_column="quantity",
)

RECIPE_RULES = Table(
    "recipe_rules",
    "What a control does to a recipe: some ways round a control are legal until another one closes "
    "them. No row: the control leaves the recipe alone.",
    ("segment", "recipe", "control"),
    (
        reference("segment", "segments", "the segment"),
        identifier("recipe", "name of the recipe, as in recipes"),
        reference("control", "controls", "the control"),
        date("since", "since when this is known to hold"),
    ),
    (
        Quantity(
            "closed_share",
            "share",
            "share of the recipe that is closed while the control is in force; 0: it is legal",
            upper=1.0,
        ),
    ),
)

COVERS = Table(
    "covers",
    "How much of each material a customer has and wants, in weeks of its plan.",
    ("customer", "material", "quantity"),
    (
        reference("customer", "customers", "the customer"),
        reference("material", "materials", "a material of one of its recipes"),
        quantity_column(),
    ),
    (
        Quantity("opening_cover", "week", "at the start, on the shelf and in transit together"),
        Quantity("target_cover", "week", "wanted on the shelf"),
    ),
    quantity_column="quantity",
)

STOCKS = Table(
    "stocks",
    "Special stockpiles, on top of the usual stock_cover.",
    ("region", "material", "quantity"),
    (
        reference("region", "regions", "where it lies"),
        reference("material", "materials", "what it is"),
        quantity_column(),
    ),
    (Quantity("opening_stock", "t", "tonnes at the start"),),
    quantity_column="quantity",
)

SOURCING = Table(
    "sourcing",
    "Where a customer buys, only where it differs from the average of its region.",
    ("customer", "material", "origin"),
    (
        reference("customer", "customers", "the customer"),
        reference("material", "materials", "the material"),
        reference("origin", "regions", "where it is made"),
    ),
    (Quantity("share", "share", "share of the customer's usual purchases", upper=1.0),),
)

COMPANIES = Table(
    "companies",
    "Firms of a planner's own: each is a segment with a customer in one region, whose rows an "
    "overlay adds. The customer of the segment that it is carved out of has that much less plan, "
    "value and need, so that the world makes and buys what it did.",
    ("company",),
    (
        reference("company", "segments", "the firm, a segment of its own"),
        reference("segment", "segments", "the segment that it is carved out of"),
        reference("region", "regions", "the region in which it makes"),
        note(),
    ),
    optional=True,
)

DEMAND_TABLES = (
    SEGMENTS,
    SEGMENT_NUMBERS,
    CUSTOMERS,
    CUSTOMER_NUMBERS,
    DEMAND_GROWTH,
    INTENSITIES,
    RECIPES,
    RECIPE_RULES,
    COVERS,
    STOCKS,
    SOURCING,
    COMPANIES,
)
