"""Every table of a data folder; the tables of assumptions, targets, sources and observations."""

from __future__ import annotations

import datetime

from supplychain.dataset.schema_demand import DEMAND_TABLES
from supplychain.dataset.schema_policy import PATH_TABLES, POLICY_TABLES, REGIME_PARAMETERS
from supplychain.dataset.schema_supply import SUPPLY_TABLES
from supplychain.dataset.table_types import (
    Column,
    Quantity,
    Table,
    date,
    identifier,
    note,
    quantity_column,
    text,
)

OBSERVATIONS = Table(
    "observations",
    "What was seen in past episodes, to hold the hindcasts against: exports of China or imports "
    "from it, as customs reported them, firms short of inputs, first stops. No run reads them.",
    ("series", "destination", "month"),
    (
        identifier("series", "name of the series, as magnets-world"),
        text("destination", "region, a country inside one, or world"),
        date("month", "first day of the month"),
        date("until", "last day of several months taken together; blank for one", required=False),
        quantity_column(),
    ),
    (
        Quantity("tonnes", "t", "traded in the month, or in all months until the last day"),
        Quantity(
            "ratio_to_reference",
            "share",
            "trade of the month, or a month's mean until the last day, over the episode's "
            "reference month",
        ),
        Quantity(
            "share_of_firms_short",
            "share",
            "firms that said in a survey of the month that inputs were short, any input",
            upper=1.0,
        ),
        Quantity(
            "weeks_to_first_stop",
            "week",
            "from the day of the control to the first stop of a plant that was reported",
        ),
    ),
    quantity_column="quantity",
)

FITTED_PARAMETERS = Table(
    "fitted_parameters",
    "Regime parameters fitted to observations of April to August 2025, with their intervals. They "
    "hold instead of the rows of the same key in regime_parameters, which stay as sourced.",
    REGIME_PARAMETERS.key,
    REGIME_PARAMETERS.columns,
    REGIME_PARAMETERS.quantities,
    quantity_column="parameter",
)

OBSERVED_TABLES = (OBSERVATIONS, FITTED_PARAMETERS)

LOSS_STEPS = 4

ASSUMPTIONS = Table(
    "assumptions",
    "Single numbers that the model needs.",
    ("assumption",),
    (Column("assumption", "name of the number"),),
    (
        *(
            Quantity(
                f"loss_step_{n}_share",
                "share",
                f"width of loss step {n}, share of the plan",
                upper=1.0,
            )
            for n in range(1, LOSS_STEPS + 1)
        ),
        *(
            Quantity(f"loss_step_{n}_weight", "ratio", f"weight of value lost in loss step {n}")
            for n in range(1, LOSS_STEPS + 1)
        ),
        Quantity(
            "cover_shortfall_weekly_cost",
            "share",
            "cost of cover below target, of the price, each week",
        ),
        Quantity(
            "stock_shortfall_weekly_cost",
            "share",
            "cost of a region's stock below usual, of the price, each week",
        ),
        Quantity(
            "closing_stock_value", "share", "value of stock at the end of a window, of the price"
        ),
        Quantity("usual_trade_premium", "share", "cost of flow above usual, of the price"),
        Quantity(
            "variable_cost_share",
            "share",
            "share of a line's processing cost that is saved where it stands still",
            upper=1.0,
        ),
        Quantity("other_use_share", "share", "magnet oxides that go to uses outside the model"),
        Quantity(
            "closing_cover_value", "share", "of the value added that missing cover stands for"
        ),
        Quantity(
            "holding_weekly_cost", "share", "cost of a week in store or on the shelf, of the price"
        ),
        Quantity("air_freight_least_price", "USD/kg", "price from which a good is worth flying"),
        Quantity("requalified_share", "share", "most of a need that new origins may come to serve"),
        Quantity("surge_upstream", "ratio", "how far above usual an upstream flow can go at once"),
        Quantity("arc_growth_ramp", "week", "from requalification to full growth of a new route"),
        Quantity(
            "military_weight_priority",
            "ratio",
            "weight of military losses under allocation by priority",
        ),
        Quantity("weekly_periods", "1", "periods of one week at the start of a window"),
        Quantity("two_week_periods", "1", "periods of two weeks after those"),
        Quantity("four_week_periods", "1", "periods of four weeks after those"),
        Quantity(
            "far_period_weeks", "week", "length of the periods to the window's end", lower=1.0
        ),
        Quantity("perfect_weekly_periods", "1", "periods of one week under perfect foresight"),
        Quantity("perfect_period_weeks", "week", "length of the periods after those", lower=1.0),
        Quantity(
            "later_loss_discount_per_week",
            "share",
            "how much less an expected loss counts for each week that it lies ahead",
            upper=1.0,
        ),
        Quantity(
            "usual_purchase_shortfall",
            "share",
            "cost to a buyer of falling a unit short of its usual purchase, of the price",
        ),
        Quantity(
            "licences_short_below",
            "share",
            "licences are short where less than this share of usual trade may be shipped",
            upper=1.0,
        ),
        *(
            Quantity(
                f"firm_layer_{n}_share",
                "share",
                f"share of output whose firms stand still at tangent {n} of the loss frontier",
                lower=0.001,
                upper=0.99,
            )
            for n in range(1, 5)
        ),
        Quantity(
            "statutory_review_working_days",
            "working_day",
            "the statutory clock: the law's limit for one review, not the mean of all",
        ),
        Quantity(
            "events_stale_after",
            "week",
            "a start so long after the last event in events is warned of; read by no programme",
        ),
        Quantity("least_shelf_weeks", "week", "least stock on a customer's shelf at the start"),
        Quantity(
            "stop_threshold",
            "share",
            "a segment of a region has stopped where more of a week's plan than this is missing",
            upper=1.0,
        ),
        Quantity(
            "thinnest_firms",
            "share",
            "the first firm has stopped where firms with this share of output stand still",
            upper=1.0,
        ),
        Quantity(
            "german_share_of_european_imports",
            "share",
            "Germany's share of the magnets that Europe buys from China",
            upper=1.0,
        ),
        Quantity(
            "controlled_magnet_share",
            "share",
            "share of magnet tonnage above 0.1 % dysprosium and terbium; read by the fit alone",
            upper=1.0,
        ),
        Quantity(
            "fit_refill_weeks",
            "week",
            "buyers make good in so many weeks what they could not ship; read by the fit alone",
            lower=1.0,
        ),
    ),
    quantity_column="assumption",
)

CLOSURE_TARGETS = Table(
    "closure_targets",
    "What the numbers must add up to; low and high are the tolerance.",
    ("target",),
    (Column("target", "name of the target"),),
    (
        Quantity(
            "china-share-mining", "share", "China's share of mined Nd, Pr, Dy and Tb", upper=1.0
        ),
        Quantity(
            "china-share-refining",
            "share",
            "China's share of Nd, Pr, Dy and Tb oxide made, out of scrap too",
            upper=1.0,
        ),
        Quantity(
            "china-share-heavy-separation",
            "share",
            "China's share of Dy and Tb oxide made",
            upper=1.0,
        ),
        Quantity("china-share-ndfeb", "share", "China's share of sintered NdFeB made", upper=1.0),
        Quantity("world-ndfeb", "t/a", "sintered NdFeB made in the world"),
        Quantity("exports-world", "t/a", "China's exports of NdFeB magnets to all other regions"),
        Quantity("exports-<regions>", "t/a", "China's exports of NdFeB magnets to that region"),
    ),
    quantity_column="target",
)

SOURCES = Table(
    "sources",
    "Where the numbers come from.",
    ("source",),
    (
        identifier("source", "short name, used in the column source of other tables"),
        text("title", "author, title, year"),
        text("date", "year or date of publication", required=False),
        text("url", "address", required=False),
        Column(
            "confidence", "how far to trust it", choices=("high", "medium", "low"), required=False
        ),
        note(),
    ),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        *SUPPLY_TABLES,
        *DEMAND_TABLES,
        *POLICY_TABLES,
        ASSUMPTIONS,
        CLOSURE_TARGETS,
        SOURCES,
        *PATH_TABLES,
        *OBSERVED_TABLES,
    )
}
"""All tables by name, in the order in which a reader meets them."""

BASE_YEAR = datetime.date(2024, 1, 1), datetime.date(2024, 12, 31)
"""Its first and last day."""


def schema_listing() -> list[dict[str, object]]:
    """Return the schema as plain lists and dictionaries, for `data list --json`."""
    return [_table_as_json(table) for table in TABLES.values()]


def _table_as_json(table: Table) -> dict[str, object]:
    return {
        "table": table.name,
        "file": table.file,
        "description": table.description,
        "key": list(table.key),
        "columns": [_column_as_json(column) for column in table.all_columns],
        "quantity_column": table.quantity_column or None,
        "quantities": quantities_as_json(table),
    }


def quantities_as_json(table: Table) -> list[dict[str, object]]:
    """What the numbers of a table mean: unit, bounds and a sentence each."""
    return [
        {
            "quantity": quantity.name,
            "unit": quantity.unit,
            "description": quantity.description,
            "lower": quantity.lower,
            "upper": quantity.upper if quantity.upper < float("inf") else None,
        }
        for quantity in table.quantities
    ]


def _column_as_json(column: Column) -> dict[str, object]:
    return {
        "column": column.name,
        "type": column.kind,
        "description": column.description,
        "required": column.required,
        "refers_to": column.refers_to or None,
        "choices": list(column.choices),
    }
