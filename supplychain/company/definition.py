"""What a planner says of a firm, read against the data: every problem at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from supplychain.dataset import Tables
from supplychain.dataset.carving import rest_segment
from supplychain.dataset.events import as_of
from supplychain.dataset.schema import BASE_YEAR
from supplychain.dataset.schema_demand import NORMAL_RECIPE
from supplychain.dataset.table_types import MOST
from supplychain.documents import Address, Document, unknown_key
from supplychain.errors import InvalidInput, nearest
from supplychain.formatting import in_calendar, listing
from supplychain.units import UnknownUnit, read_amount

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
ASKED: dict[str, str] = {
    "title": "name on pages",
    "segment": "what it makes: a segment of the data, as auto-bev",
    "region": "where: a region of the data, or a country in it",
    "makes": "output now, as 1,000 per week",
    "kg_per_unit": "kg of each material in a unit, or: as segment",
    "suppliers": "where each share is bought, as China 60 %, Japan 40 %, or: as region",
    "shelf": "stock on the shelf, goods under way not counted, as 2.5 weeks",
    "end_use": "civil or military",
    "value_per_unit": "value added of a unit, as 16,000 USD, or: as segment",
}
"""What is asked of a company, key by key, in the order of the file."""
OPTIONAL = ("title", "as_of", "end_use", "value_per_unit")
KEYS = (*ASKED, "as_of")
AS_SEGMENT, AS_REGION = "as segment", "as region"
"""Said in place of amounts: those of the segment, and the mix of the region, are taken."""
SHARES_MISS = 5e-4
"""Shares that are this near to one are rounded, as 33.3 % three times is not."""


@dataclass(frozen=True)
class Company:
    """A firm as it goes into the data."""

    name: str
    title: str
    segment: str
    region: str
    end_use: str
    output_per_year: float
    """Units a year on the day `as_of`."""
    as_of: date
    value_usd_per_unit: float | None
    """None: as the customer that it is carved out of."""
    kg_per_unit: Mapping[str, float]
    """By material of the normal recipe."""
    as_segment: bool
    """Whether a unit takes what one of the segment takes."""
    suppliers: Mapping[str, Mapping[str, float]]
    """Share by material and region; empty: as the region buys."""
    shelf_weeks: Mapping[str, float]
    notes: tuple[str, ...] = ()
    """What a planner should know of how words were read."""


Found = TypeVar("Found")


@dataclass
class _Reader:
    """One file on its way to a company; problems stay with the document."""

    document: Document
    tables: Tables
    notes: list[str] = field(default_factory=list)

    def text(self, key: str) -> str:
        """The words of a key; a blank where it is missing."""
        value = self.document.tree.get(key, "")
        if isinstance(value, str):
            return value.strip()
        self.document.report("SCEN-203", "a word or a number is wanted, not keys.", (key,))
        return ""

    def amount(self, word: Any, unit: str, address: Address, most: float = 0.0) -> float | None:
        """A number in a unit; None where it is none, which is reported."""
        if not isinstance(word, str):
            self.document.report("SCEN-203", "a number with its unit is wanted.", address)
            return None
        try:
            value = read_amount(word, unit)
        except UnknownUnit as error:
            self.document.report("SCEN-404", str(error), address)
            return None
        except ValueError as error:
            hint = f"Write a number, with a unit such as {unit}."
            self.document.report("SCEN-203", str(error), address, hint=hint)
            return None
        if not 0.0 <= value <= (most or MOST[unit]):
            hint = "A share is written as 60 % or 0.6." if unit == "share" else ""
            said = f'"{word}" is not between 0 and {(most or MOST[unit]):g} {unit}.'
            self.document.report("SCEN-405", said, address, hint=hint)
            return None
        return value

    def one_of(self, key: str, known: Mapping[str, str], what: str) -> str:
        """The code that a word means; known are names in small letters, and their codes."""
        word = self.text(key)
        if not word:
            return ""
        code = known.get(word.lower(), "")
        if not code:
            hint = nearest(word.lower(), known) or f"There are: {listing(sorted(known))}."
            message = f'"{word}" is no {what} of the data.'
            self.document.report("SCEN-401", message, (key,), hint=hint)
        return code


def read_company(name: str, document: Document, tables: Tables) -> Company:
    """Read what is said of a company.

    Raises:
        InvalidInput: carries everything that is missing, unknown or cannot be.
    """
    reader = _Reader(document, tables)
    tree = document.tree
    for key in tree:
        if key not in KEYS:
            unknown_key(document, (key,), KEYS)
    for key in KEYS:
        if key not in OPTIONAL and not tree.get(key):
            hint = f"Add {key}: {ASKED[key]}."
            document.report("SCEN-202", f'the key "{key}" is missing.', (), hint=hint)
    segment = reader.one_of("segment", names_of(tables, "segments"), "segment")
    region = reader.one_of("region", named_regions(tables), "region")
    _there(reader, segment, region)
    output = _output(reader)
    needs = _needs(reader, segment)
    used = {m: kg for m, kg in needs.items() if kg > 0.0}
    company = Company(
        name=name,
        title=reader.text("title") or name,
        segment=segment,
        region=region,
        end_use=_end_use(reader, segment),
        output_per_year=output,
        as_of=_day(reader),
        value_usd_per_unit=_value(reader),
        kg_per_unit=needs,
        as_segment=tree.get("kg_per_unit") == AS_SEGMENT,
        suppliers=_suppliers(reader, tuple(used), region),
        shelf_weeks=_shelf(reader, tuple(used)),
        notes=tuple(dict.fromkeys(reader.notes)),
    )
    refuse(name, document)
    return company


def refuse(name: str, document: Document) -> None:
    """Stop where a document has problems.

    Raises:
        InvalidInput: carries all of them.
    """
    if document.problems:
        raise InvalidInput(f"The company {name} is not valid.", sorted(set(document.problems)))


def _there(reader: _Reader, segment: str, region: str) -> None:
    """The segment has a customer in the region, out of which the company can be carved."""
    customers = reader.tables["customers"]
    whole = (segment, rest_segment(segment, region))
    made_in = sorted(customers.loc[customers["segment"].isin(whole), "region"])
    if segment and region and region not in made_in:
        message = f"{segment} is not made in {region}, so nothing can be carved out of it."
        hint = f"In the data it is made in {listing(made_in)}."
        reader.document.report("COMPANY-103", message, ("region",), hint=hint)


def _output(reader: _Reader) -> float:
    if not reader.text("makes"):
        return 0.0
    found = reader.amount(reader.text("makes"), "unit/a", ("makes",))
    if found is not None and not any(c.isalpha() for c in reader.text("makes")):
        hint = 'Write "per week", "per month" or "per year" behind it.'
        reader.document.report(
            "SCEN-404", "output is of a week, a month or a year.", ("makes",), hint=hint
        )
    if found == 0.0:
        reader.document.report("SCEN-405", "a company makes something.", ("makes",))
    return found or 0.0


def _day(reader: _Reader) -> date:
    """The day of which the output is said: that of the last event of the data unless given."""
    word = reader.text("as_of")
    known = as_of(reader.tables)
    if not word:
        return known.date if known else BASE_YEAR[1]
    try:
        return in_calendar(date.fromisoformat(word))
    except ValueError:
        reader.document.report("SCEN-203", f'"{word}" is no date as 2026-09-28.', ("as_of",))
        return BASE_YEAR[1]


def _value(reader: _Reader) -> float | None:
    word = reader.text("value_per_unit")
    if not word or word == AS_SEGMENT:
        return None
    found = reader.amount(word, "USD/unit", ("value_per_unit",))
    if found == 0.0:
        reader.document.report("SCEN-405", "a unit is worth something.", ("value_per_unit",))
    return found


def _end_use(reader: _Reader, segment: str) -> str:
    word = reader.text("end_use")
    if word and word not in ("civil", "military"):
        hint = nearest(word, ("civil", "military"))
        reader.document.report(
            "SCEN-203", f'"{word}" is neither civil nor military.', ("end_use",), hint=hint
        )
    rows = reader.tables["segments"].set_index("segment")["end_use"]
    return word or (str(rows[segment]) if segment else "")


def segment_needs(tables: Tables, segment: str) -> dict[str, float]:
    """Kg a unit of a segment's normal recipe, by material."""
    return {
        m: kg
        for (s, recipe, m), kg in tables.values("intensities").items()
        if s == segment and recipe == NORMAL_RECIPE and kg > 0.0
    }


def _needs(reader: _Reader, segment: str) -> dict[str, float]:
    """Kg a unit by material; every material of the segment is said, if only to be 0."""
    usual = segment_needs(reader.tables, segment)
    said = reader.document.tree.get("kg_per_unit")
    if not said or said == AS_SEGMENT or not segment:
        return usual
    if isinstance(said, str) and len(usual) == 1:
        said = {next(iter(usual)): said}
    found = _by_material(reader, "kg_per_unit", said, tuple(usual), "kg/unit")
    if found and not any(found.values()):
        message = "a unit takes something; a firm without these materials is not in the model."
        reader.document.report("SCEN-405", message, ("kg_per_unit",))
    return found


def _by_material(
    reader: _Reader, key: str, said: Any, wanted: Sequence[str], unit: str
) -> dict[str, float]:
    """Amounts by material; each that is wanted must be there, and no other."""
    if not isinstance(said, Mapping):
        hint = f"Write each, as {{{', '.join(f'{m}: ...' for m in wanted)}}}."
        reader.document.report("SCEN-203", "amounts by material are wanted.", (key,), hint=hint)
        return {}
    materials = names_of(reader.tables, "materials")
    found: dict[str, float] = {}
    for word, amount in said.items():
        code = _material(reader, word, materials, wanted, (key, word))
        value = reader.amount(amount, unit, (key, word))
        if code and value is not None:
            found[code] = value
    missing = [m for m in wanted if m not in found and not _names(said, m, materials)]
    if missing:
        hint = "Half a company is no company: write 0 for what it does not take."
        message = f"nothing is said of {listing(missing)}."
        reader.document.report("COMPANY-104", message, (key,), hint=hint)
    return found


def _names(said: Mapping[str, Any], material: str, materials: Mapping[str, str]) -> bool:
    return any(materials.get(word.lower()) == material for word in said)


def _material(
    reader: _Reader, word: str, materials: Mapping[str, str], wanted: Sequence[str], at: Address
) -> str:
    code = materials.get(word.lower(), "")
    if code in wanted:
        return code
    hint = nearest(word.lower(), wanted) or f"It needs {listing(list(wanted))}."
    what = "is no material of the data" if not code else "is not in the recipe of the segment"
    reader.document.report("SCEN-401", f'"{word}" {what}.', at, hint=hint, key=True)
    return ""


def _shelf(reader: _Reader, materials: Sequence[str]) -> dict[str, float]:
    said = reader.document.tree.get("shelf")
    if not said:
        return {}
    if isinstance(said, str):
        weeks = reader.amount(said, "week", ("shelf",))
        return {} if weeks is None else dict.fromkeys(materials, weeks)
    return _by_material(reader, "shelf", said, materials, "week")


def _suppliers(
    reader: _Reader, materials: Sequence[str], region: str
) -> dict[str, dict[str, float]]:
    """Shares by material and region of origin; one mix for all materials, or one for each."""
    said = reader.document.tree.get("suppliers")
    if not said or said == AS_REGION:
        return {}
    if not isinstance(said, Mapping):
        hint = "Write {China: 60 %, Japan: 40 %}, or: as region."
        reader.document.report(
            "SCEN-203", "shares by country are wanted.", ("suppliers",), hint=hint
        )
        return {}
    nested = any(isinstance(part, Mapping) for part in said.values())
    if not nested:
        return {m: _mix(reader, said, m, region, ("suppliers",)) for m in materials}
    codes = names_of(reader.tables, "materials")
    found = {}
    for word, part in said.items():
        at: Address = ("suppliers", word)
        code = _material(reader, word, codes, materials, at)
        if not isinstance(part, Mapping):
            reader.document.report("SCEN-203", "shares by country are wanted.", at)
        elif code:
            found[code] = _mix(reader, part, code, region, at)
    missing = [m for m in materials if not _names(said, m, codes)]
    if missing:
        message = f"nothing is said of {listing(missing)}."
        hint = "Half a company is no company: say where each material is bought."
        reader.document.report("COMPANY-104", message, ("suppliers",), hint=hint)
    return found


def _mix(
    reader: _Reader, said: Mapping[str, Any], material: str, region: str, at: Address
) -> dict[str, float]:
    """Shares of one material by region; they are those of its usual purchases, and make up all."""
    mix: dict[str, float] = {}
    sound = True
    for word, amount in said.items():
        share = reader.amount(amount, "share", (*at, word), most=1.0)
        origin = _origin(reader, word, material, region, (*at, word))
        if share is None or not origin:
            sound = False
        else:
            mix[origin] = mix.get(origin, 0.0) + share
    total = sum(mix.values())
    if sound and abs(total - 1.0) > SHARES_MISS:
        message = f"the shares add up to {total * 100:.4g} %, not 100 %."
        reader.document.report("COMPANY-105", message, at, hint="Correct the shares.")
    return {origin: share / total for origin, share in mix.items() if share > 0.0}


def _origin(reader: _Reader, word: str, material: str, region: str, at: Address) -> str:
    """The region that a country, or the maker of a material, stands for."""
    regions = named_regions(reader.tables)
    code = regions.get(word.lower(), "")
    firms = makers(reader.tables, material)
    if not code and word.lower() in firms:
        code = firms[word.lower()]
        reader.notes.append(
            f"{word} counts as {code}: goods are those of a region, not of a maker."
        )
    if not code:
        hint = nearest(word.lower(), [*regions, *firms])
        message = f'"{word}" is no country or region of the data, and no maker of {material}.'
        reader.document.report("SCEN-401", message, at, hint=hint, key=True)
        return ""
    arcs = reader.tables["arcs"]
    into = arcs[(arcs["material"] == material) & (arcs["destination"] == region)]
    trades = sorted(into.loc[into["value"] > 0.0, "origin"])
    if region and code not in trades:
        message = f"no {material} comes from {code} to {region} in the base year."
        hint = f"It comes from {listing(trades)}. Lay rows of arcs.csv over the data for another."
        reader.document.report("COMPANY-106", message, at, hint=hint, key=True)
        return ""
    return code


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
        countries = _names_in(row.get("countries") or row.get("country"))
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
            words = [str(row["site"]), str(row["name"]).lower(), *_names_in(row["operator"])]
            found.update(dict.fromkeys(words, str(row["region"])))
    return found


def _names_in(cell: object) -> list[str]:
    """The names in a cell such as "Germany and others", in small letters."""
    words = re.split(r",| and ", str(cell or ""))
    return [word.strip().lower() for word in words if word.strip() not in NOBODY]
