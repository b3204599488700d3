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


STEADY_STAGES = frozenset(
    {"mining", "cracking", "separation", "heavy-separation", "minor-metal", "recycling"}
)
"""Pits, quotas and solvent circuits keep up their throughput; later stages make to order."""


@dataclass(frozen=True)
class GrowthPath:
    """Multiples of the base year by day, in order, with the ends of their range."""

    days: tuple[date, ...] = ()
    low: tuple[float, ...] = ()
    central: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


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
    offtake_share: float = 0.0
    """Share of its capacity that contracts or a price floor make sure is bought."""
    growth: GrowthPath = GrowthPath()
    """How its capacity grows after the base year, beside its start and ramp."""

    @property
    def is_steady(self) -> bool:
        """Whether it keeps up its usual run, whatever is sold this month."""
        return self.stage in STEADY_STAGES


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
    changes: tuple[tuple[date, float], ...] = ()
    """Days from which its usual trade is that share of the base year's: lanes that ended."""


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
    cover_spread: float = 0.0
    """Sigma of the lognormal spread of its firms' stocks, in weeks of need; 0: all alike."""
    make_up_weeks: float = 0.0
    """Within so many weeks output that was not made when planned can still be made."""
    overtime_share: float = 0.0
    """So much of a week's plan can be made on top of it."""
    late_cost_per_week: float = 0.0
    """Share of the value added that a week of being late costs."""
    growth: GrowthPath = GrowthPath()
    """How its plan grows after the base year."""

    @property
    def share_kept_late(self) -> float:
        """Share of the value added that is left where output is half the time limit late."""
        return max(1.0 - self.late_cost_per_week * self.make_up_weeks / 2.0, 0.0)


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
    closed_by: tuple[tuple[str, date, float], ...] = ()
    """(control, known since, share): how much of it a control closes while it is in force."""


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
class LicenceCategory:
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


POOL, MAKERS = "any", "makers"
"""The end users that no application names: whoever holds a transferable licence, and makers of
goods that are made into others."""


@dataclass(frozen=True)
class EndUser:
    """Who may use a licence of a class: the firms of one segment, makers, or any user (the pool).

    `share` is its part of what the class's queue grants, by usual trade; the pool's is 0. What no
    named user has traded before moves under the pool.
    """

    category: int
    name: str
    arcs: tuple[int, ...]
    deliveries: tuple[int, ...]
    share: float
    pool: int | None
    """Position of the pool that it may draw on; None for a pool, or where it is the only user."""


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
    categories: tuple[LicenceCategory, ...]
    places: tuple[tuple[str, str], ...]
    """(region, material) pairs where something can be held in the region's stock."""
    opening_stock: tuple[float, ...]
    """Per place, t: usual stock (stock_cover weeks of throughput) plus special stockpiles."""
    usual_stock: tuple[float, ...]
    """Per place, t: what a region wants to hold in ordinary times (the closing target)."""
    sector_segments: Mapping[str, tuple[str, ...]]
    assumptions: Mapping[str, float]
    data_hash: str
    other_use: tuple[float, ...] = ()
    """Per place, t per week that goes to uses outside the model; empty: none anywhere."""

    @cached_property
    def end_users(self) -> tuple[EndUser, ...]:
        """Who licences are granted to, class by class; the last of several is the class's pool."""
        found: list[EndUser] = []
        for row, k in enumerate(self.categories):
            found += self._users_of(row, k, len(found))
        return tuple(found)

    @cached_property
    def licensed_covers(self) -> frozenset[int]:
        """Positions of the customers' stocks that some control can reach, and that are needed."""
        reached = {self.deliveries[d].cover for k in self.categories for d in k.deliveries}
        return frozenset(i for i in reached if self.covers[i].need_t_per_week > 0.0)

    def _users_of(self, row: int, k: LicenceCategory, first: int) -> list[EndUser]:
        members: dict[str, list[int]] = {}
        for d in k.deliveries:
            members.setdefault(self.customers[self.deliveries[d].customer].segment, []).append(d)
        usual = {
            name: sum(self.deliveries[d].usual_t_per_week for d in group)
            for name, group in members.items()
        }
        feed = sum(self.arcs[a].usual_feed_t_per_week for a in k.arcs)
        if len(members) + bool(k.arcs) <= 1:
            name = next(iter(members), MAKERS)
            return [EndUser(row, name, k.arcs, k.deliveries, 1.0, None)]
        total = sum(usual.values()) + feed
        named = sorted(name for name in members if usual[name] > 0.0)
        pool = first + len(named) + (feed > 0.0)
        users = [
            EndUser(row, name, (), tuple(members[name]), usual[name] / total, pool)
            for name in named
        ]
        if feed > 0.0:
            users.append(EndUser(row, MAKERS, k.arcs, (), feed / total, pool))
        rest = tuple(d for name in sorted(members) if name not in named for d in members[name])
        return [*users, EndUser(row, POOL, () if feed > 0.0 else k.arcs, rest, 0.0, None)]

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
