"""From a law or limit of the programme to the row of the data that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supplychain.dataset import Tables
from supplychain.solve.clash import Place, Where

Row = tuple[str, Sequence[tuple[str, Any]]]
"""A table, and the columns and words that pick a row of it."""


def origin(tables: Tables) -> Where:
    """A function from a place in the programme to file and row; the first row that fits."""
    customers = {c["customer"]: (c["segment"], c["region"]) for c in tables.records("customers")}

    def where(place: Place) -> tuple[str, int]:
        for table, words in _rows(place, customers):
            frame = tables[table]
            for column, word in words:
                frame = frame[frame[column] == word]
            if len(frame):
                return str(frame["_file"].iloc[0]), int(frame["_line"].iloc[0])
        return "", 0

    return where


def _rows(place: Place, customers: dict[str, tuple[str, str]]) -> list[Row]:
    """Where to look for what sets a place's limit or right-hand side, best first."""
    key = place.key
    if place.name == "run":
        return [
            ("line_numbers", [("line", key[0]), ("quantity", "capacity")]),
            ("lines", [("line", key[0])]),
        ]
    if place.name in ("flow", "surge", "usual_trade"):
        return [("arcs", _arc(*key))]
    if place.name == "delivery":
        material, start, customer, _mode = key
        return [("arcs", _arc(material, start, customers[customer][1]))]
    if place.name == "output":
        segment = customers[key[0]][0]
        recipe = [("segment", segment), ("recipe", key[1])]
        return [
            ("recipes", [*recipe, ("quantity", "max_share")]),
            ("customers", [("customer", key[0])]),
        ]
    if place.name == "lost":
        return [("assumptions", [("assumption", f"loss_step_{key[1] + 1}_share")])]
    if place.name == "customer_plan":
        return [("customer_numbers", [("customer", key[0]), ("quantity", "plan")])]
    if place.name in ("licence_balance", "licence_left"):
        return [
            ("control_scope", [("control", key[0]), ("exporter", key[1])]),
            ("controls", [("control", key[0])]),
        ]
    if place.name in ("customer_balance", "cover_target", "closing_cover"):
        return [
            ("covers", [("customer", key[0]), ("material", key[1])]),
            ("intensities", [("segment", customers[key[0]][0]), ("material", key[1])]),
        ]
    if place.name in ("region_balance", "stock_target", "closing_stock"):
        return [
            ("stocks", [("region", key[0]), ("material", key[1])]),
            ("material_numbers", [("material", key[1])]),
        ]
    return []


def _arc(material: str, start: str, end: str) -> list[tuple[str, Any]]:
    return [("material", material), ("origin", start), ("destination", end)]
