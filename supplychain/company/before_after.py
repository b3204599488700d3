"""What a company was carved from: plan, value, needs, lanes and licences before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from supplychain.case.opening_inventory import transit_weeks
from supplychain.company.overlay_rows import Laid, aggregate, growth_to, per_year
from supplychain.network.entities import USUAL, Network


@dataclass(frozen=True)
class Carved:
    """An amount before, of the company, of the others, and after, in a year of the base year."""

    what: str
    unit: str
    before: float
    company: float
    others: float

    @property
    def after(self) -> float:
        """The company and the others together."""
        return self.company + self.others

    def as_json(self) -> dict[str, object]:
        """An entry of `carved` in `--json`."""
        return {**asdict(self), "after": self.after}


def carved(laid: Laid) -> list[Carved]:
    """Plan, value added and need of the region's segment, and the lanes on which it buys."""
    c, before, after = laid.company, laid.network_before, laid.network
    old = before.customer_index[aggregate(before, c.segment, c.region)]
    rest = after.customer_index[aggregate(after, c.segment, c.region)]
    own = after.customer_index[laid.customer]
    year = per_year()
    unit = before.customers[old].unit
    plans = [(before, old), (after, own), (after, rest)]
    plan = [network.customers[i].plan_per_week * year for network, i in plans]
    worth = [network.customers[i].value_added_usd_per_unit for network, i in plans]
    found = [
        Carved("plan", f"{unit} a year", *plan),
        Carved(
            "value added",
            "million USD a year",
            *(p * usd / 1e6 for p, usd in zip(plan, worth, strict=True)),
        ),
    ]
    for material in c.kg_per_unit:
        need = [_need(network, i, material) * year for network, i in plans]
        found.append(Carved(f"need of {material}", "t a year", *need))
    return [*found, *_lanes(laid, own)]


def _need(network: Network, customer: int, material: str) -> float:
    return sum(
        c.need_t_per_week
        for c in network.covers
        if c.customer == customer and c.material == material
    )


def _lanes(laid: Laid, own: int) -> Iterator[Carved]:
    """The lanes on which it buys: what each usually delivers, and who takes it."""
    region, year = laid.company.region, per_year()
    for d in laid.network.deliveries:
        if d.customer != own or d.mode != USUAL or d.usual_t_per_week <= 0.0:
            continue
        before, after = (
            sum(
                other.usual_t_per_week
                for other in network.deliveries
                if (other.material, other.origin, other.mode) == (d.material, d.origin, USUAL)
                and network.customers[other.customer].region == region
            )
            * year
            for network in (laid.network_before, laid.network)
        )
        mine = d.usual_t_per_week * year
        yield Carved(f"{d.material} from {d.origin}", "t a year", before, mine, after - mine)


@dataclass(frozen=True)
class LicenceShare:
    """The part of what a licence class grants that is the company's, by its usual trade."""

    control: str
    exporter: str
    destination: str
    end_use: str
    share: float


def licence_shares(laid: Laid) -> list[LicenceShare]:
    """The company's part of each class of licences that names it."""
    network = laid.network
    found = []
    for user in network.end_users:
        if user.name == laid.company.name and user.share > 0.0:
            k = network.categories[user.category]
            found.append(LicenceShare(k.control, k.exporter, k.destination, k.end_use, user.share))
    return found


def summary(laid: Laid) -> dict[str, object]:
    """A company as `--json` tells it: what was said, as it was read, and where it came from."""
    c = laid.company
    own = laid.network.customer_index[laid.customer]
    weeks = transit_weeks(laid.network)
    transit = {k.material: weeks[i] for i, k in enumerate(laid.network.covers) if k.customer == own}
    customer = laid.network.customers[own]
    return {
        "company": c.name,
        "title": c.title,
        "segment": c.segment,
        "region": c.region,
        "customer": laid.customer,
        "end_use": c.end_use,
        "as_of": c.as_of.isoformat(),
        "output_per_week": c.output_per_year / per_year(),
        "growth_since_base_year": growth_to(c, laid.network_before),
        "value_usd_per_unit": customer.value_added_usd_per_unit,
        "kg_per_unit": dict(c.kg_per_unit),
        "suppliers": {m: dict(mix) for m, mix in c.suppliers.items()},
        "shelf_weeks": dict(c.shelf_weeks),
        "transit_weeks": transit,
        "carved": [row.as_json() for row in carved(laid)],
        "licences": [asdict(share) for share in licence_shares(laid)],
    }
