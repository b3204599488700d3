"""A planner's own firms carved out of their region: what the others make, need and are worth.

An overlay adds a firm's rows, one in `companies` among them. The customer that it is carved out of
has that much less, so that plan, value and need of the world stay what they were. Rows are text
here, before any check; those that are not sound are left for the checks to name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from supplychain.dataset.csv_reader import REMOVE, Row, TextFolder
from supplychain.dataset.schema import TABLES
from supplychain.errors import Problem, problem
from supplychain.units import UnknownUnit, convert

ENDS = ("value", "low", "high", "raw")
ROUNDING = 1e-9
"""Amounts that differ by less than this share are the same."""
DIGITS = 12
"""Significant digits of a number that is carved, far more than any of them is known to."""

TAKEN_OVER = ("segment_numbers", "demand_growth", "recipes", "recipe_rules")
"""Tables whose rows the rest of a segment keeps as they are, where it needs a name of its own."""
OF_CUSTOMER = ("customer_numbers", "covers", "sourcing")

Needs = Mapping[tuple[str, str], float]
"""(recipe, material) to kg per unit."""
Above = dict[str, list[Row]]
"""Rows by table, to be laid over others."""


@dataclass(frozen=True)
class Part:
    """A segment in a region: its plan in units a year, value in USD a unit, and needs."""

    segment: str
    plan: float
    value: float
    needs: Needs


class Unsound(ValueError):
    """A row or number that carving needs is missing or badly written."""


def rest_segment(segment: str, region: str) -> str:
    """The name of what is left of a segment in a region, where it needs other amounts a unit.

    >>> rest_segment("auto-bev", "EUR")
    'auto-bev-eur-others'
    """
    return f"{segment}-{region.lower()}-others"


def customer_of(segment: str, region: str) -> str:
    """The name of a segment's customer in a region."""
    return f"{segment}-{region.lower()}"


def carved_rows(text: TextFolder, company: Row) -> Above:
    """The rows with which the customer that a company is carved out of has that much less.

    They stand in the place of the company's row. Problems are added to those of the text; nothing
    comes back where there are any, or where a row that is needed is not sound.
    """
    name, segment, region = (company.cells.get(c, "") for c in ("company", "segment", "region"))
    rest_name = rest_segment(segment, region)
    known = {row.cells.get("segment") for row in text.rows.get("segments", ())}
    try:
        whole = part_of(text, rest_name if rest_name in known else segment, region)
        own = part_of(text, name, region)
    except Unsound:
        return {}
    rest = _less(whole, own) if own.plan < whole.plan else None
    problems = list(_too_large(own, whole, rest, company))
    if problems or rest is None:
        text.spoil("companies", *problems)
        return {}
    return _Carving(text, region, company).rows(whole, rest, rest_name)


def part_of(text: TextFolder, segment: str, region: str) -> Part:
    """Read a segment in a region.

    Raises:
        Unsound: a number is missing or badly written.
    """
    numbers = {row.key(TABLES["customer_numbers"]): row for row in text.rows["customer_numbers"]}
    customer = customer_of(segment, region)
    try:
        plan, value = (_value(numbers[customer, q], q) for q in ("plan", "value_added"))
    except KeyError as error:
        raise Unsound from error
    needs = {
        (row.cells["recipe"], row.cells["material"]): _value(row)
        for row in text.rows["intensities"]
        if row.cells.get("segment") == segment
    }
    return Part(segment, plan, value, needs)


def _value(row: Row, quantity: str = "") -> float:
    """The number of a row in its canonical unit."""
    table = "customer_numbers" if quantity else "intensities"
    found = TABLES[table].quantity(quantity)
    assert found is not None
    try:
        return convert(float(row.cells["value"]), row.cells["unit"], found.unit)
    except (KeyError, ValueError, UnknownUnit) as error:
        raise Unsound from error


def _less(whole: Part, own: Part) -> Part:
    """What is left: plan, value and need of the two parts are those of the whole.

    A recipe that the company does not have is left as it was.
    """
    recipes = {recipe for recipe, _ in own.needs}
    plan = whole.plan - own.plan
    value = (whole.plan * whole.value - own.plan * own.value) / plan
    needs = {}
    for key in dict.fromkeys([*whole.needs, *own.needs]):
        before = whole.needs.get(key, 0.0)
        taken = own.needs.get(key, 0.0) if key[0] in recipes else before
        left = (whole.plan * before - own.plan * taken) / plan
        needs[key] = 0.0 if abs(left) < ROUNDING * max(before, taken) else left
    return Part(whole.segment, plan, value, needs)


def _too_large(own: Part, whole: Part, rest: Part | None, company: Row) -> Iterator[Problem]:
    """What a company takes more of than there is."""
    region = company.cells["region"]
    found = partial(problem, file=company.file, line=company.line, column="company")
    there = f"all of {whole.segment} in {region}"
    if rest is None:
        yield found(
            "DATA-511",
            f"{own.segment} makes {own.plan:,.0f} a year, and {there} makes {whole.plan:,.0f}.",
            hint="Lower its output, or correct the segment or the region.",
        )
        return
    if rest.value <= 0.0:
        yield found(
            "DATA-512",
            f"{own.segment} makes {own.plan * own.value:,.0f} USD a year, and {there} makes "
            f"{whole.plan * whole.value:,.0f}.",
            hint=f"A unit is worth {whole.value:,.0f} USD there.",
        )
    short = {key[1]: key for key, left in rest.needs.items() if left < 0.0}
    for material, key in sorted(short.items()):
        needed = whole.plan * whole.needs.get(key, 0.0) / 1e3
        yield found(
            "DATA-513",
            f"{own.segment} needs {own.plan * own.needs[key] / 1e3:,.1f} t of {material} a year, "
            f"and {there} needs {needed:,.1f}.",
            hint="Lower what a unit takes, or the output.",
        )


class _Carving:
    """The rows of one carving, in the place of the row that asks for it."""

    def __init__(self, text: TextFolder, region: str, company: Row) -> None:
        self.text, self.region, self.company = text, region, company
        self.made: Above = defaultdict(list)

    def rows(self, whole: Part, rest: Part, rest_name: str) -> Above:
        """Rows of the rest; where its needs are other ones it becomes a segment of its own."""
        other = any(
            abs(rest.needs[key] - whole.needs.get(key, 0.0)) > ROUNDING * rest.needs[key]
            for key in rest.needs
        )
        old = customer_of(whole.segment, self.region)
        new = customer_of(rest_name, self.region) if other else old
        if other:
            self._name_the_rest(whole.segment, rest_name)
            for row in self._of("intensities", "segment", whole.segment):
                key = row.cells["recipe"], row.cells["material"]
                self._scale(
                    "intensities", row, rest.needs[key], whole.needs[key], segment=rest_name
                )
        factors = {"plan": (rest.plan, whole.plan), "value_added": (rest.value, whole.value)}
        for row in self._of("customer_numbers", "customer", old):
            now, before = factors[row.cells["quantity"]]
            self._scale("customer_numbers", row, now, before, customer=new)
        if new != old:
            for table in ("covers", "sourcing"):
                for row in self._of(table, "customer", old):
                    self._put(table, row, customer=new)
            for table in ("customers", *OF_CUSTOMER):
                for row in self._of(table, "customer", old):
                    self._put(table, row, **{REMOVE: "yes"})
        return self.made

    def _name_the_rest(self, segment: str, rest: str) -> None:
        """Make the segment of the rest, as the whole was but for its needs, and its customer."""
        if segment == rest:
            return
        for row in self._of("segments", "segment", segment):
            name = f"{row.cells['name']}, other makers in {self._region_name()}"
            self._put("segments", row, segment=rest, name=name)
        for table in TAKEN_OVER:
            for row in self._of(table, "segment", segment):
                self._put(table, row, segment=rest)
        for row in self._of("customers", "customer", customer_of(segment, self.region)):
            self._put("customers", row, segment=rest, customer=customer_of(rest, self.region))

    def _region_name(self) -> str:
        rows = self._of("regions", "region", self.region)
        return rows[0].cells.get("name", self.region) if rows else self.region

    def _of(self, table: str, column: str, word: str) -> list[Row]:
        return [r for r in self.text.rows.get(table, ()) if r.cells.get(column) == word]

    def _put(self, table: str, row: Row, **cells: str) -> None:
        made = {**row.cells, **cells}
        self.made[table].append(Row(self.company.file, self.company.line, made))

    def _scale(self, table: str, row: Row, now: float, before: float, **cells: str) -> None:
        """Put a row with its number and the ends of its range in proportion."""
        by = now / before if before else 1.0
        same = abs(now - before) <= ROUNDING * abs(before)
        ends = {e: row.cells[e] for e in ENDS if row.cells.get(e) and not same}
        scaled = {e: f"{float(word) * by:.{DIGITS}g}" for e, word in ends.items()}
        if not same:
            less = f"Less {self.company.cells['company']}."
            cells["note"] = " ".join(filter(None, [row.cells.get("note", ""), less]))
        if any(row.cells.get(name) != word for name, word in cells.items()):
            self._put(table, row, **scaled, **cells)
