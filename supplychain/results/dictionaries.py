"""Names for codes, out of the data: so that a report can be written from a run's tables alone."""

from __future__ import annotations

from pandas import DataFrame

from supplychain.dataset import Tables
from supplychain.network.kinds import Network

NAMED = {
    "regions": ("region", "name"),
    "segments": ("segment", "sector", "name", "unit"),
    "elements": ("element", "name"),
    "controls": ("control", "name"),
    "regimes": ("regime", "name"),
    "sources": ("source", "title", "url"),
}
"""Tables of the data that go along with a run, and which of their columns."""


def dictionaries(tables: Tables, network: Network) -> dict[str, DataFrame]:
    """The dictionary tables of a run, by name."""
    found = {name: tables[name][list(columns)].copy() for name, columns in NAMED.items()}
    prices = {m.name: m.price_usd_per_kg for m in network.materials.values()}
    materials = tables["materials"][["material", "name", "stage"]].copy()
    materials["price_usd_per_kg"] = [prices[m] for m in materials["material"]]
    content = tables["material_content"][["material", "element", "value"]]
    found["materials"] = materials
    found["material_content"] = content.rename(columns={"value": "content"}).copy()
    found["customers"] = DataFrame(
        [(c.name, c.sector, c.segment, c.region, c.unit, c.end_use) for c in network.customers],
        columns=["customer", "sector", "segment", "region", "unit", "end_use"],
    )
    return found
