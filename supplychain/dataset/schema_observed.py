"""What was seen, and what was fitted to it: the tables of the hindcast."""

from __future__ import annotations

from supplychain.dataset.columns import (
    Quantity,
    Table,
    date,
    identifier,
    text,
)
from supplychain.dataset.schema_policy import REGIME_PARAMETERS

OBSERVATIONS = Table(
    "observations",
    "Exports of China as customs reported them, to hold the hindcast against; no run reads them.",
    ("series", "destination", "month"),
    (
        identifier("series", "name of the series, as magnets-world"),
        text("destination", "region, a country inside one, or world"),
        date("month", "first day of the month"),
        date("until", "last day of a sum over several months; blank for one month", required=False),
    ),
    (Quantity("tonnes", "t", "exported in the month, or in all months until the last day"),),
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
