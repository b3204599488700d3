"""How plans and capacities grow after the base year: from tables to paths of multiples."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supplychain.dataset import BASE_YEAR, TABLES, Tables
from supplychain.dataset.table_types import ANY
from supplychain.network.entities import Customer, GrowthPath, Line

Array = NDArray[np.float64]


def growing_customers(tables: Tables, customers: tuple[Customer, ...]) -> tuple[Customer, ...]:
    """Give each customer the path of its segment in its region, or that of the segment anywhere."""
    paths = _paths(tables, "demand_growth")
    still = GrowthPath()
    return tuple(
        replace(c, growth=paths.get((c.segment, c.region), paths.get((c.segment, ANY), still)))
        for c in customers
    )


def growing_lines(tables: Tables, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Give the lines of a region and stage their path; lines that start later have their ramp."""
    paths = _paths(tables, "capacity_growth")
    still = GrowthPath()
    return tuple(replace(x, growth=paths.get((x.region, x.stage), still)) for x in lines)


def multiples(path: GrowthPath, end: str, days: list[date]) -> Array:
    """The multiple of the base year on each day, log-linear between the days of a path.

    >>> path = GrowthPath((date(2025, 7, 1),), (1.0,), (1.21,), (1.44,))
    >>> days = [date(2024, 1, 1), date(2024, 12, 30), date(2027, 1, 4)]
    >>> [round(x, 3) for x in multiples(path, "central", days).tolist()]
    [1.0, 1.1, 1.21]
    """
    middle = BASE_YEAR[0] + (BASE_YEAR[1] - BASE_YEAR[0]) / 2
    known = [middle.toordinal(), *(day.toordinal() for day in path.days)]
    logs = [0.0, *np.log(np.array(getattr(path, end), dtype=np.float64)).tolist()]
    found: Array = np.exp(np.interp([day.toordinal() for day in days], known, logs))
    return found


def _paths(tables: Tables, name: str) -> dict[tuple[str, str], GrowthPath]:
    """The first two columns of the key to the path over the days of the third."""
    first, second, _ = TABLES[name].key
    rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in tables.records(name):
        rows[str(row[first]), str(row[second])].append(row)
    return {key: _path(found) for key, found in sorted(rows.items())}


def _path(rows: list[dict[str, Any]]) -> GrowthPath:
    dated = sorted(rows, key=_day)
    low, central, high = (
        tuple(float(row["value"] if row[end] is None else row[end]) for row in dated)
        for end in ("low", "value", "high")
    )
    return GrowthPath(tuple(_day(row) for row in dated), low, central, high)


def _day(row: dict[str, Any]) -> date:
    day: date = row["day"]
    return day
