"""What was seen, and what was fitted to it: the tables of the hindcast."""

from __future__ import annotations

from supplychain.dataset.columns import (
    Quantity,
    Table,
    date,
    identifier,
    quantity_column,
    text,
)
from supplychain.dataset.schema_policy import REGIME_PARAMETERS

OBSERVATIONS = Table(
    "observations",
    "Exports of China, or imports from it, as customs reported them, to hold the hindcasts "
    "against; no run reads them.",
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
