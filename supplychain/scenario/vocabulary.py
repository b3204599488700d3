"""Every word of the data that a scenario may use, with what belongs to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from supplychain.dataset import Tables
from supplychain.dataset.schema_policy import PARAMETERS

ASSUMPTION = "assumption"
END_USES = ("civil", "military")

Row = Mapping[str, str]
"""The words of one object by where-key, as {"site": "lynas-kuantan", "stage": "separation"}."""


@dataclass(frozen=True)
class Vocabulary:
    """What there is to name. Each `*_rows` lists the objects that a kind of change can reach."""

    words: Mapping[str, frozenset[str]]
    """Known words by where-key, and under `regime` and `source`."""
    laws: Mapping[str, str]
    """Control to the region whose law it is."""
    effective: Mapping[str, date]
    """Control to the day from which it can apply."""
    until: Mapping[str, date]
    """Control to the day on which it ended, for those that did."""
    line_rows: tuple[Row, ...] = ()
    customer_rows: tuple[Row, ...] = ()
    cover_rows: tuple[Row, ...] = ()
    arc_rows: tuple[Row, ...] = ()
    recipe_rows: tuple[Row, ...] = ()
    scope_rows: tuple[Row, ...] = field(default=())
    """Control, destination and end use of every flow that a control covers."""

    def known(self, key: str) -> frozenset[str]:
        """The words that a key may hold."""
        return self.words.get(key, frozenset())


def read_vocabulary(tables: Tables) -> Vocabulary:
    """Collect the words of checked tables."""
    controls = tables.records("controls")
    lines = _line_rows(tables)
    customers = _customer_rows(tables)
    words = {
        "line": _column(tables, "lines", "line"),
        "site": _column(tables, "sites", "site"),
        "stage": _column(tables, "processes", "stage"),
        "process": _column(tables, "processes", "process"),
        "material": _column(tables, "materials", "material"),
        "region": _column(tables, "regions", "region"),
        "origin": _column(tables, "regions", "region"),
        "destination": _column(tables, "regions", "region"),
        "exporter": _column(tables, "regions", "region"),
        "customer": _column(tables, "customers", "customer"),
        "segment": _column(tables, "segments", "segment"),
        "sector": _column(tables, "segments", "sector"),
        "recipe": _column(tables, "recipes", "recipe"),
        "control": _column(tables, "controls", "control"),
        "regime": _column(tables, "regimes", "regime"),
        "source": _column(tables, "sources", "source") | {ASSUMPTION},
        "end_use": frozenset(END_USES),
        "parameter": frozenset(PARAMETERS),
    }
    return Vocabulary(
        words=words,
        laws={str(row["control"]): str(row["exporter"]) for row in controls},
        effective={str(row["control"]): row["effective"] for row in controls},
        until={str(row["control"]): row["until"] for row in controls if row["until"]},
        line_rows=lines,
        customer_rows=customers,
        cover_rows=_cover_rows(tables, customers),
        arc_rows=_rows(tables, "arcs", ("material", "origin", "destination")),
        recipe_rows=_recipe_rows(tables, customers),
        scope_rows=_scope_rows(tables),
    )


def _column(tables: Tables, table: str, column: str) -> frozenset[str]:
    return frozenset(str(row[column]) for row in tables.records(table))


def _rows(tables: Tables, table: str, columns: tuple[str, ...]) -> tuple[Row, ...]:
    rows = ({c: str(row[c]) for c in columns} for row in tables.records(table))
    return tuple({tuple(row.values()): row for row in rows}.values())


def _line_rows(tables: Tables) -> tuple[Row, ...]:
    regions = {row["site"]: str(row["region"]) for row in tables.records("sites")}
    stages = {row["process"]: str(row["stage"]) for row in tables.records("processes")}
    return tuple(
        {**row, "region": regions[row["site"]], "stage": stages[row["process"]]}
        for row in _rows(tables, "lines", ("line", "site", "process"))
    )


def _customer_rows(tables: Tables) -> tuple[Row, ...]:
    segments = {row["segment"]: row for row in tables.records("segments")}
    return tuple(
        {
            **row,
            "sector": str(segments[row["segment"]]["sector"]),
            "end_use": str(segments[row["segment"]]["end_use"]),
        }
        for row in _rows(tables, "customers", ("customer", "segment", "region"))
    )


def _cover_rows(tables: Tables, customers: tuple[Row, ...]) -> tuple[Row, ...]:
    by_name = {row["customer"]: row for row in customers}
    covers = _rows(tables, "covers", ("customer", "material"))
    return tuple({**by_name[row["customer"]], **row} for row in covers)


def _recipe_rows(tables: Tables, customers: tuple[Row, ...]) -> tuple[Row, ...]:
    recipes = _rows(tables, "recipes", ("segment", "recipe"))
    return tuple(
        {**customer, **recipe}
        for customer in customers
        for recipe in recipes
        if recipe["segment"] == customer["segment"]
    )


def _scope_rows(tables: Tables) -> tuple[Row, ...]:
    regions = sorted(_column(tables, "regions", "region"))
    found: dict[tuple[str, str, str], Row] = {}
    for row in tables.records("control_scope"):
        destinations = regions if row["destination"] == "ANY" else [str(row["destination"])]
        uses = END_USES if row["end_use"] == "ANY" else (str(row["end_use"]),)
        for destination in destinations:
            for use in uses:
                key = (str(row["control"]), destination, use)
                found[key] = dict(zip(("control", "destination", "end_use"), key, strict=True))
    return tuple(found[key] for key in sorted(found))
