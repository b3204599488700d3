"""Checks across the tables of demand: customers, recipes, covers, purchases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from supplychain.dataset.findings import TOLERANCE, CrossCheck, Records, at, quantity_of, words
from supplychain.dataset.schema_demand import NORMAL_RECIPE, RECIPES
from supplychain.errors import Problem


def customer_names(records: Records) -> Iterator[Problem]:
    """A customer's name is its segment, a hyphen and its region in small letters."""
    for customer in records["customers"]:
        wanted = f"{customer['segment']}-{customer['region'].lower()}"
        if customer["customer"] != wanted:
            message = f'"{customer["customer"]}" should be "{wanted}".'
            hint = "Correct the name, the segment or the region."
            yield at(customer, "DATA-431", "customer", message, hint)


def customer_needs(records: Records) -> Iterator[Problem]:
    """A customer has a normal recipe, and each material of its recipes has an arc to it."""
    needed = _materials_by_segment(records)
    arriving = {(arc["material"], arc["destination"]) for arc in records["arcs"]}
    for customer in records["customers"]:
        normal = [m for m, recipe in needed[customer["segment"]] if recipe == NORMAL_RECIPE]
        if not normal:
            message = f'"{customer["customer"]}" needs nothing in its normal recipe.'
            hint = f'Add a row for "{customer["segment"]}" and normal to intensities.csv.'
            yield at(customer, "DATA-432", "segment", message, hint)
        region = customer["region"]
        for material in sorted({m for m, _ in needed[customer["segment"]]}):
            if (material, region) not in arriving:
                message = (
                    f'"{customer["customer"]}" needs {material}, which has no arc to {region}.'
                )
                hint = "Add a row to arcs.csv; its value may be 0."
                yield at(customer, "DATA-433", "region", message, hint)


def customer_covers(records: Records) -> Iterator[Problem]:
    """Each material of a customer's normal recipe has an opening and a target cover."""
    needed = _materials_by_segment(records)
    for quantity in ("opening_cover", "target_cover"):
        covers = quantity_of(records["covers"], quantity, "customer", "material")
        for customer in records["customers"]:
            for material, recipe in sorted(needed[customer["segment"]]):
                if recipe == NORMAL_RECIPE and (customer["customer"], material) not in covers:
                    message = f'"{customer["customer"]}" has no {quantity} of {material}.'
                    hint = "Add a row to covers.csv; its value may be 0."
                    yield at(customer, "DATA-434", "customer", message, hint)


def recipes(records: Records) -> Iterator[Problem]:
    """Each recipe but the normal one has all its numbers."""
    there = words(records["recipes"], "segment", "recipe", "quantity")
    used = [r for r in records["intensities"] if r["recipe"] != NORMAL_RECIPE]
    rows = words([*records["recipes"], *used], "segment", "recipe")
    for (segment, recipe), row in rows.items():
        if recipe == NORMAL_RECIPE:
            hint = "Delete the row; normal is always there."
            yield at(row, "DATA-435", "recipe", "normal has no rows here.", hint)
            continue
        for quantity in RECIPES.quantities:
            if (segment, recipe, quantity.name) not in there:
                message = f'the recipe "{recipe}" of "{segment}" has no {quantity.name}.'
                yield at(row, "DATA-435", "recipe", message, "Add a row to recipes.csv.")


def purchases(records: Records) -> Iterator[Problem]:
    """Special purchases add up to all, and come along arcs."""
    total: dict[tuple[str, ...], float] = defaultdict(float)
    region = {record["customer"]: record["region"] for record in records["customers"]}
    arcs = words(records["arcs"], "material", "origin", "destination")
    for row in records["sourcing"]:
        total[row["customer"], row["material"]] += row["value"]
        arc = (row["material"], row["origin"], region[row["customer"]])
        if row["value"] > 0 and arc not in arcs:
            message = (
                f'"{row["customer"]}" buys {arc[0]} from {arc[1]}, but no arc leads to {arc[2]}.'
            )
            yield at(
                row, "DATA-437", "origin", message, "Add a row to arcs.csv, or delete this one."
            )
    for key, row in words(records["sourcing"], "customer", "material").items():
        if abs(total[key] - 1.0) > TOLERANCE:
            message = f'the shares of "{key[0]}" in {key[1]} add up to {total[key]:g}, not 1.'
            yield at(row, "DATA-436", "value", message, "Correct the shares.")


def _materials_by_segment(records: Records) -> dict[str, set[tuple[str, str]]]:
    """The materials of each segment, each with the recipe that needs it."""
    needed: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in records["intensities"]:
        needed[row["segment"]].add((row["material"], row["recipe"]))
    return needed


DEMAND_CHECKS = (
    CrossCheck(("customers",), customer_names),
    CrossCheck(("customers", "intensities", "arcs"), customer_needs),
    CrossCheck(("customers", "intensities", "covers"), customer_covers),
    CrossCheck(("intensities", "recipes"), recipes),
    CrossCheck(("sourcing", "customers", "arcs"), purchases),
)
