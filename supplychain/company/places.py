"""What people call segments, materials, regions and makers, and the codes of the data."""

from __future__ import annotations

import re

from supplychain.dataset import Tables

NOBODY = ("", "many", "others", "local")
"""Stand in the data where no country or maker is named."""
UNION = "EU27"
MEMBERS = (
    "Austria", "Belgium", "Bulgaria", "Croatia", "Cyprus", "Czechia", "Denmark", "Estonia",
    "Finland", "France", "Germany", "Greece", "Hungary", "Ireland", "Italy", "Latvia", "Lithuania",
    "Luxembourg", "Malta", "Netherlands", "Poland", "Portugal", "Romania", "Slovakia", "Slovenia",
    "Spain", "Sweden",
)  # fmt: skip
"""The countries that `EU27` in regions.csv stands for."""


def names_of(tables: Tables, table: str) -> dict[str, str]:
    """Codes by code and name of a dictionary table, in small letters."""
    key = {"segments": "segment", "materials": "material", "regions": "region"}[table]
    rows = tables.records(table)
    named = {str(row["name"]).lower(): str(row[key]) for row in rows}
    return {**named, **{str(row[key]).lower(): str(row[key]) for row in rows}}


def named_regions(tables: Tables) -> dict[str, str]:
    """Region codes by code, name and country, in small letters."""
    found: dict[str, str] = {}
    for row in [*tables.records("sites"), *tables.records("regions")]:
        countries = _parts(row.get("countries") or row.get("country"))
        if UNION.lower() in countries:
            countries += [member.lower() for member in MEMBERS]
        found.update(dict.fromkeys(countries, str(row["region"])))
    return {**found, **names_of(tables, "regions")}


def makers(tables: Tables, material: str) -> dict[str, str]:
    """Regions by the name, in small letters, of a site that makes a material, or its operator."""
    flows = tables["process_flows"]
    makes = (flows["role"] == "makes") & (flows["material"] == material)
    lines = tables["lines"]
    sites = set(lines.loc[lines["process"].isin(set(flows.loc[makes, "process"])), "site"])
    found: dict[str, str] = {}
    for row in tables.records("sites"):
        if row["site"] in sites:
            words = [str(row["site"]), str(row["name"]).lower(), *_parts(row["operator"])]
            found.update(dict.fromkeys(words, str(row["region"])))
    return found


def _parts(cell: object) -> list[str]:
    """The names in a cell such as "Germany and others", in small letters."""
    words = re.split(r",| and ", str(cell or ""))
    return [word.strip().lower() for word in words if word.strip() not in NOBODY]
