"""A company as rows of the data: a segment of its own, its customer, and what they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from supplychain.case.opening_inventory import transit_weeks
from supplychain.company.definition import Company, refuse, segment_needs
from supplychain.dataset import TABLES, Tables
from supplychain.dataset.carving import customer_of, rest_segment
from supplychain.dataset.csv_reader import Row
from supplychain.dataset.schema_demand import NORMAL_RECIPE
from supplychain.dataset.tables import tables_with
from supplychain.documents import Document
from supplychain.errors import InvalidInput
from supplychain.formatting import number
from supplychain.network.build_network import build_network
from supplychain.network.entities import Network
from supplychain.network.growth_paths import multiples
from supplychain.network.sourcing_check import sourced_over
from supplychain.units import per_week

Rows = dict[str, list[Row]]
COPIED = ("segment_numbers", "demand_growth", "recipes", "recipe_rules")
"""Tables whose rows a company takes from its segment; its firms' stocks alone do not differ."""
FULL = 1.0 + 1e-6
"""A lane that is just filled is not overfull."""


@dataclass(frozen=True)
class Laid:
    """A company laid over the data that it is carved out of."""

    company: Company
    rows: Mapping[str, Sequence[Row]]
    network_before: Network
    network: Network

    @property
    def customer(self) -> str:
        """The company's customer."""
        return customer_of(self.company.name, self.company.region)


def lay_company(
    company: Company,
    document: Document,
    tables: Tables,
    folder: Path | None,
    overlays: Sequence[Path],
) -> Laid:
    """Make the rows of a company, and check the data with them.

    Args:
        company: the company.
        document: what it was read from; problems go to its lines.
        tables: the data without the company.
        folder: their folder; the shipped one if None.
        overlays: what is laid over them.

    Raises:
        InvalidInput: more is made, needed or bought than there is; carries every problem.
    """
    before = build_network(tables)
    made = _Rows(company, document, tables, before).all()
    after = _laid(made, document, folder, overlays)
    network = build_network(after)
    refuse_overfull(company, document, after, network)
    return Laid(company, made, before, network)


def growth_to(company: Company, network: Network) -> float:
    """Plans of its segment on the day of which a company speaks, against the base year."""
    whole = network.customer_index[aggregate(network, company.segment, company.region)]
    return float(multiples(network.customers[whole].growth, "central", [company.as_of])[0])


def aggregate(network: Network, segment: str, region: str) -> str:
    """The customer that a company of a segment and region is carved out of."""
    rest = customer_of(rest_segment(segment, region), region)
    return rest if rest in network.customer_index else customer_of(segment, region)


def _laid(rows: Rows, document: Document, folder: Path | None, overlays: Sequence[Path]) -> Tables:
    """Read the data with the rows over them; problems of the rows get their line's column."""
    try:
        return tables_with(rows, document.file, folder, overlays)
    except InvalidInput as error:
        problems = [
            replace(p, column=1) if p.file == document.file and p.line else p
            for p in error.problems
        ]
        raise InvalidInput(error.message, problems) from None


def _transit(company: Company, network: Network) -> dict[str, float]:
    """Weeks on the way to the company, by material: those of its mix, or of its aggregate's."""
    if not company.suppliers:
        weeks = transit_weeks(network)
        whole = network.customer_index[aggregate(network, company.segment, company.region)]
        return {c.material: weeks[i] for i, c in enumerate(network.covers) if c.customer == whole}
    lanes = {
        (a.material, a.origin): a.transit_weeks
        for a in network.arcs
        if a.destination == company.region
    }
    return {
        material: sum(share * lanes[material, origin] for origin, share in mix.items())
        for material, mix in company.suppliers.items()
    }


def refuse_overfull(company: Company, document: Document, tables: Tables, network: Network) -> None:
    """Refuse a mix that lanes do not carry: what a company bought beyond them, others would lose.

    Raises:
        InvalidInput: carries every lane.
    """
    sourced = sourced_over(tables, network)
    own = network.customer_index[customer_of(company.name, company.region)]
    for d in network.deliveries:
        lane = network.arcs[d.arc]
        over = sourced.get(d.arc, 0.0) - lane.usual_t_per_week
        if (
            d.customer == own
            and d.usual_t_per_week > 0.0
            and over > lane.usual_t_per_week * (FULL - 1.0)
        ):
            left = max(d.usual_t_per_week - over, 0.0)
            most = company.output_per_year * left / d.usual_t_per_week
            message = (
                f"{lane.material} from {lane.origin}: the lane to {lane.destination} has "
                f"{left * per_year():,.1f} t a year left for it, and its share is "
                f"{d.usual_t_per_week * per_year():,.1f} t."
            )
            hint = (
                f"So much is enough for {number(per_week(most))} units a week. Lower the share or "
                "the output, or lay a row of arcs.csv over the data."
            )
            document.report("COMPANY-107", message, ("suppliers",), hint=hint)
    refuse(company.name, document)


def per_year() -> float:
    """Weeks in a year: from an amount a week to one a year."""
    return 1.0 / per_week(1.0)


class _Rows:
    """The rows of a company, each in the place of what was said of it."""

    def __init__(
        self, company: Company, document: Document, tables: Tables, network: Network
    ) -> None:
        self.company, self.document, self.tables = company, document, tables
        self.network = network
        self.customer = customer_of(company.name, company.region)
        self.source = f"own-{company.name}"
        self.made: Rows = defaultdict(list)

    def all(self) -> Rows:
        """Every row by table."""
        c, note = self.company, f"Said of {self.company.title}."
        segments = self.tables.records("segments")
        like = next(row for row in segments if row["segment"] == c.segment)
        sector, unit = str(like["sector"]), str(like["unit"])
        self._put("segment", "segments", segment=c.name, sector=sector, name=c.title, unit=unit,
                  end_use=c.end_use, note=f"A firm of {c.segment}.")  # fmt: skip
        self._put("segment", "sources", source=self.source, title=f"Own numbers of {c.title}",
                  date=c.as_of.isoformat())  # fmt: skip
        self._put("makes", "companies", company=c.name, segment=c.segment, region=c.region)
        self._put("region", "customers", customer=self.customer, segment=c.name, region=c.region)
        growth = growth_to(c, self.network)
        self._number("makes", "customer_numbers", c.output_per_year / growth, "unit/a",
                     f"{note} Base year: over growth of {growth:.4g} to {c.as_of}.",
                     customer=self.customer, quantity="plan")  # fmt: skip
        self._value(note)
        for table in COPIED:
            self._copy(table)
        self._number("segment", "segment_numbers", 0.0, "1", "One firm has one stock.",
                     segment=c.name, quantity="cover_spread")  # fmt: skip
        self._needs(note)
        transit = _transit(c, self.network)
        for material, weeks in c.shelf_weeks.items():
            way = transit[material]
            said = f"{note} {weeks:.4g} weeks on the shelf and {way:.4g} on the way."
            for quantity, value in (("opening_cover", weeks + way), ("target_cover", weeks)):
                self._number("shelf", "covers", value, "week", said, customer=self.customer,
                             material=material, quantity=quantity)  # fmt: skip
        for material, mix in c.suppliers.items():
            for origin, share in mix.items():
                self._number("suppliers", "sourcing", share, "share", note,
                             customer=self.customer, material=material, origin=origin)  # fmt: skip
        return dict(self.made)

    def _put(self, key: str, table: str, **cells: str) -> None:
        line, _ = self.document.place((key,), key=True)
        whole = {name: str(cells.get(name, "")) for name in TABLES[table].header}
        self.made[table].append(Row(self.document.file, line, whole))

    def _number(
        self, key: str, table: str, value: float, unit: str, note: str, **cells: str
    ) -> None:
        ends = dict.fromkeys(("value", "raw"), f"{value:.12g}")
        self._put(key, table, **ends, unit=unit, kind="reported", source=self.source, note=note,
                  **cells)  # fmt: skip

    def _value(self, note: str) -> None:
        usd = self.company.value_usd_per_unit
        if usd is None:
            where = aggregate(self.network, self.company.segment, self.company.region)
            whole = self.network.customer_index[where]
            usd = self.network.customers[whole].value_added_usd_per_unit
            note = f"As {where}."
        self._number("value_per_unit", "customer_numbers", usd, "USD/unit", note,
                     customer=self.customer, quantity="value_added")  # fmt: skip

    def _copy(self, table: str) -> None:
        """The rows of the segment, under the company's name."""
        for row in self.tables.records(table):
            if row["segment"] != self.company.segment or row.get("quantity") == "cover_spread":
                continue
            if table == "demand_growth" and not self._grows_by(row["region"]):
                continue
            self._put("segment", table, **{**_cells(row), "segment": self.company.name})

    def _grows_by(self, region: str) -> bool:
        """Whether a row of growth is the one that holds in the company's region."""
        rows = self.tables["demand_growth"]
        of_segment = rows[rows["segment"] == self.company.segment]
        own = (of_segment["region"] == self.company.region).any()
        return region == (self.company.region if own else "ANY")

    def _needs(self, note: str) -> None:
        """Its normal recipe as said; each other one saves and takes in proportion.

        What another recipe saves of a material scales with what the company's unit takes of it;
        what it takes more of scales with all that is saved.
        """
        c = self.company
        usual = segment_needs(self.tables, c.segment)
        for row in self.tables.records("intensities"):
            if row["segment"] != c.segment:
                continue
            recipe, material, kg = str(row["recipe"]), str(row["material"]), float(row["value"])
            own = self.recipe_kg(recipe, material, kg, usual)
            if recipe == NORMAL_RECIPE and own <= 0.0:
                continue
            if c.as_segment:
                self._put("kg_per_unit", "intensities", **{**_cells(row), "segment": c.name})
            else:
                self._number("kg_per_unit", "intensities", own, "kg/unit", note, segment=c.name,
                             recipe=recipe, material=material)  # fmt: skip

    def recipe_kg(self, recipe: str, material: str, kg: float, usual: Mapping[str, float]) -> float:
        """Kg of a material that the company's unit takes by a recipe of the segment."""
        own = self.company.kg_per_unit
        normal, mine = usual.get(material, 0.0), own.get(material, 0.0)
        if recipe == NORMAL_RECIPE:
            return mine
        if kg <= normal:
            return mine * kg / normal if normal else 0.0
        there = {
            str(r["material"]): float(r["value"])
            for r in self.tables.records("intensities")
            if r["segment"] == self.company.segment and r["recipe"] == recipe
        }
        saved = {m: max(k - there.get(m, 0.0), 0.0) for m, k in usual.items()}
        all_saved = sum(saved.values())
        mine_saved = sum(own.get(m, 0.0) * s / usual[m] for m, s in saved.items())
        scale = mine_saved / all_saved if all_saved else 0.0
        return mine + (kg - normal) * scale


def _cells(row: Mapping[str, object]) -> dict[str, str]:
    """A record as the words of a row."""
    return {
        name: f"{cell:.12g}" if isinstance(cell, float) else str(cell)
        for name, cell in row.items()
        if cell is not None and not name.startswith("_")
    }
