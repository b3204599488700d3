"""What the numbers add up to: China's shares, exports, elements mined and used, adjustments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass

from supplychain.dataset.schema import TABLES
from supplychain.dataset.schema_demand import NORMAL_RECIPE
from supplychain.dataset.tables import Tables

CHINA = "CHN"
MAGNET_ELEMENTS = ("ndpr", "dy", "tb")
"""Shares of mining and refining count the oxides of neodymium, praseodymium and these two alone;
refining is what any line makes as oxide, out of scrap too."""
HEAVY_ELEMENTS = ("dy", "tb")
MINED = ("mining", "minor-metal")
KG_PER_TONNE = 1000.0


@dataclass(frozen=True)
class ElementBalance:
    """One element in tonnes a year of the base year, rare earths as oxide."""

    element: str
    mined_t: float
    made_t: float
    recycled_t: float
    used_t: float


@dataclass(frozen=True)
class Adjusted:
    """A number that reconciliation changed; `change` is the share by which it grew."""

    table: str
    key: str
    raw: float
    used: float
    unit: str
    change: float | None


@dataclass(frozen=True)
class Target:
    """A sum that must come out within a range; `found` is None where it has no meaning."""

    target: str
    found: float | None
    wanted: float
    low: float
    high: float
    unit: str
    ok: bool


@dataclass(frozen=True)
class Closure:
    """What `data check` prints. Tonnes are tonnes a year of the base year."""

    china_share: dict[str, float | None]
    world_ndfeb_t: float
    exports_t: dict[str, float]
    elements: tuple[ElementBalance, ...]
    adjusted: tuple[Adjusted, ...]
    targets: tuple[Target, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `closure` in `data check --json`."""
        return asdict(self)


@dataclass(frozen=True)
class Product:
    """What one line usually makes of one material in a year."""

    region: str
    process_stage: str
    material: str
    tonnes: float


def closure(tables: Tables) -> Closure:
    """Add up the base year and compare it with the table `closure_targets`."""
    products = list(usual_products(tables))
    magnets = ndfeb_magnets(tables)
    sintered = [p for p in products if p.material in magnets]
    stage = {row["material"]: row["stage"] for row in tables.records("materials")}
    mined = [p for p in products if p.process_stage == "mining"]
    oxides = [p for p in products if stage[p.material] == "oxide"]
    shares = {
        "mining": _china_share(_masses(tables, mined, MAGNET_ELEMENTS)),
        "refining": _china_share(_masses(tables, oxides, MAGNET_ELEMENTS)),
        "heavy_separation": _china_share(_masses(tables, oxides, HEAVY_ELEMENTS)),
        "ndfeb_magnets": _china_share([(p.region, p.tonnes) for p in sintered]),
    }
    world = sum(p.tonnes for p in sintered)
    exports = china_exports(tables, magnets)
    return Closure(
        china_share=shares,
        world_ndfeb_t=world,
        exports_t=exports,
        elements=tuple(element_balances(tables, products)),
        adjusted=tuple(adjusted_rows(tables)),
        targets=tuple(_targets(tables, shares, world, exports)),
    )


def usual_products(tables: Tables) -> Iterator[Product]:
    """List what each line makes in the base year, by material."""
    region = {row["site"]: row["region"] for row in tables.records("sites")}
    stage = {row["process"]: row["stage"] for row in tables.records("processes")}
    runs = tables.values("line_numbers", "usual_run")
    flows = tables.values("process_flows")
    makes: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (process, role, material), amount in flows.items():
        if role == "makes":
            makes[process].append((material, amount))
    for line in tables.records("lines"):
        run, process = runs[(line["line"],)], line["process"]
        for material, amount in makes[process]:
            yield Product(region[line["site"]], stage[process], material, run * amount)


def ndfeb_magnets(tables: Tables) -> set[str]:
    """The magnets that hold more neodymium and praseodymium than samarium."""
    content = tables.values("material_content")
    return {
        row["material"]
        for row in tables.records("materials")
        if row["stage"] == "magnet"
        and content.get((row["material"], "ndpr"), 0.0) > content.get((row["material"], "sm"), 0.0)
    }


def china_exports(tables: Tables, magnets: Collection[str]) -> dict[str, float]:
    """China's usual exports of NdFeB magnets by region of the buyer, t/a."""
    regions = [row["region"] for row in tables.records("regions")]
    exports = {region: 0.0 for region in regions if region != CHINA}
    for (material, origin, destination), flow in tables.values("arcs").items():
        if material in magnets and origin == CHINA and destination in exports:
            exports[destination] += flow
    return exports


def element_balances(tables: Tables, products: Collection[Product]) -> Iterator[ElementBalance]:
    """Per element what is mined, made as oxide or minor metal, recycled, and used by customers."""
    content = tables.values("material_content")
    stage = {row["material"]: row["stage"] for row in tables.records("materials")}
    used = customer_use(tables)
    for row in tables.records("elements"):
        element = row["element"]
        mined = made = recycled = 0.0
        for product in products:
            mass = product.tonnes * content.get((product.material, element), 0.0)
            mined += mass if product.process_stage in MINED else 0.0
            if stage[product.material] in ("oxide", "minor-metal"):
                again = product.process_stage == "recycling"
                made += 0.0 if again else mass
                recycled += mass if again else 0.0
        use = sum(t * content.get((material, element), 0.0) for material, t in used.items())
        yield ElementBalance(element, mined, made, recycled, use)


def customer_use(tables: Tables) -> dict[str, float]:
    """Tonnes a year of each material in the plans of all customers, by their normal recipes."""
    plans = tables.values("customer_numbers", "plan")
    planned: dict[str, float] = defaultdict(float)
    for row in tables.records("customers"):
        planned[row["segment"]] += plans[(row["customer"],)]
    used: dict[str, float] = defaultdict(float)
    for (segment, recipe, material), kg in tables.values("intensities").items():
        if recipe == NORMAL_RECIPE:
            used[material] += planned[segment] * kg / KG_PER_TONNE
    return dict(used)


def adjusted_rows(tables: Tables) -> list[Adjusted]:
    """List every number that differs from the one sourced, the largest change first."""
    found: list[Adjusted] = []
    for table in TABLES.values():
        for row in tables.records(table.name) if table.raw else ():
            raw, used = row["raw"], row["value"]
            if raw != used:
                key = ", ".join(row[column] for column in table.key)
                change = used / raw - 1.0 if raw else None
                found.append(Adjusted(table.name, key, raw, used, row["unit"], change))
    return sorted(found, key=_size_of_change)


def _size_of_change(row: Adjusted) -> tuple[float, str, str]:
    return (-abs(row.change) if row.change is not None else float("-inf"), row.table, row.key)


def _masses(
    tables: Tables, products: Collection[Product], elements: Collection[str]
) -> list[tuple[str, float]]:
    """Region and tonnes of some elements in each product."""
    content = tables.values("material_content")
    return [
        (p.region, p.tonnes * sum(content.get((p.material, e), 0.0) for e in elements))
        for p in products
    ]


def _china_share(masses: Collection[tuple[str, float]]) -> float | None:
    world = sum(tonnes for _, tonnes in masses)
    return sum(t for region, t in masses if region == CHINA) / world if world else None


def _targets(
    tables: Tables, shares: dict[str, float | None], world: float, exports: dict[str, float]
) -> Iterator[Target]:
    """Compare what was found with the table of targets."""
    found: dict[str, float | None] = {
        "china-share-mining": shares["mining"],
        "china-share-refining": shares["refining"],
        "china-share-heavy-separation": shares["heavy_separation"],
        "china-share-ndfeb": shares["ndfeb_magnets"],
        "world-ndfeb": world,
        "exports-world": sum(exports.values()),
        **{f"exports-{region}": tonnes for region, tonnes in exports.items()},
    }
    for row in tables.records("closure_targets"):
        value = found.get(row["target"])
        low = row["value"] if row["low"] is None else row["low"]
        high = row["value"] if row["high"] is None else row["high"]
        ok = value is not None and low <= value <= high
        yield Target(row["target"], value, row["value"], low, high, row["unit"], ok)
