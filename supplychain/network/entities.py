"""The words of the network as frozen types: what there is, before any date or law is applied.

Amounts are tonnes of the material per week at base-year level unless a name says otherwise; the
position of an object in its tuple is its index everywhere else (arrays of a `Case`, sets of the
programme). Every tuple is sorted by its identifying words, never by a set's order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

USUAL, AIR = "usual", "air"


@dataclass(frozen=True)
class Material:
    """A traded or stored thing. Price in USD per kg; weeks as whole weeks."""

    name: str
    stage: str
    price_usd_per_kg: float
    requalification_weeks: float
    stock_cover_weeks: float
    content: Mapping[str, float]
    """Tonnes of element (rare earths as oxide) per tonne of the material."""


@dataclass(frozen=True)
class Line:
    """A process at a named site. Run is measured in t of the process's own measure per week."""

    name: str
    site: str
    region: str
    process: str
    stage: str
    lead_weeks: int
    cost_usd_per_kg: float
    capacity_t_per_week: float
    usual_t_per_week: float
    start: date
    ramp_weeks: float
    start_share: float
    needs: tuple[tuple[str, float], ...]
    makes: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Arc:
    """A material from one region to another.

    `final` goods travel it as deliveries to customers; on an arc that `feeds`, goods also go to the
    destination's stock for its lines (some oxides do both). An arc within a region only delivers.
    """

    material: str
    origin: str
    destination: str
    transit_weeks: int
    usual_t_per_week: float
    usual_feed_t_per_week: float
    """The part of the usual trade that is not delivered to customers."""
    freight_usd_per_t: float
    final: bool
    feeds: bool


@dataclass(frozen=True)
class Customer:
    """A sector segment in a region; plan in its own unit per week, value added in USD per unit."""

    name: str
    segment: str
    sector: str
    region: str
    unit: str
    end_use: str
    plan_per_week: float
    value_added_usd_per_unit: float
    requalification_weeks: float
    surge: float


@dataclass(frozen=True)
class Recipe:
    """One way for a customer to make its output; needs in kg of material per unit of output."""

    customer: int
    name: str
    needs: tuple[tuple[str, float], ...]
    max_share: float
    lead_weeks: float
    ramp_weeks: float
    extra_cost_usd_per_unit: float


@dataclass(frozen=True)
class Cover:
    """A customer's own stock of one material; `need` is the normal recipe's need at full plan."""

    customer: int
    material: str
    need_t_per_week: float
    opening_weeks: float
    """Pipeline and shelf together, as the sources state it."""
    target_weeks: float
    """Shelf only."""


@dataclass(frozen=True)
class Delivery:
    """A final material from a producing region to one customer, travelling on `arc`.

    `mode` is "usual" (sea and land) or "air": goods worth it can fly when time matters.
    """

    material: str
    origin: str
    customer: int
    mode: str
    arc: int
    cover: int
    usual_t_per_week: float
    """Usual trade by this mode; nothing usually flies."""
    trade_t_per_week: float
    """Usual trade between this origin and customer by whatever mode."""
    transit_weeks: int
    freight_usd_per_t: float


@dataclass(frozen=True)
class LicenceClass:
    """What one licence covers: a control, who exports, to where, for what end use.

    `arcs` and `deliveries` are the indices of the flows that need it; usual is their usual trade.
    """

    control: str
    exporter: str
    destination: str
    end_use: str
    arcs: tuple[int, ...]
    deliveries: tuple[int, ...]
    usual_t_per_week: float


@dataclass(frozen=True)
class Network:
    """Regions, materials, lines, arcs, customers: sorted, sparse, frozen."""

    regions: Mapping[str, str]
    """Code to name."""
    elements: tuple[str, ...]
    materials: Mapping[str, Material]
    lines: tuple[Line, ...]
    arcs: tuple[Arc, ...]
    customers: tuple[Customer, ...]
    recipes: tuple[Recipe, ...]
    covers: tuple[Cover, ...]
    deliveries: tuple[Delivery, ...]
    classes: tuple[LicenceClass, ...]
    places: tuple[tuple[str, str], ...]
    """(region, material) pairs where something can be held in the region's stock."""
    opening_stock: tuple[float, ...]
    """Per place, t: usual stock (stock_cover weeks of throughput) plus special stockpiles."""
    usual_stock: tuple[float, ...]
    """Per place, t: what a region wants to hold in ordinary times (the closing target)."""
    sector_segments: Mapping[str, tuple[str, ...]]
    assumptions: Mapping[str, float]
    data_hash: str

    @cached_property
    def place_index(self) -> dict[tuple[str, str], int]:
        """Position of each (region, material) in `places`."""
        return {place: i for i, place in enumerate(self.places)}

    @cached_property
    def customer_index(self) -> dict[str, int]:
        """Position of each customer by name."""
        return {c.name: i for i, c in enumerate(self.customers)}

    @cached_property
    def line_index(self) -> dict[str, int]:
        """Position of each line by name."""
        return {x.name: i for i, x in enumerate(self.lines)}
