"""The parts of which the description of a table is made: column, quantity, table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

ColumnKind = Literal["identifier", "code", "text", "date", "number", "unit", "sources"]

ANY = "ANY"
"""Stands for every region, control or end use in the tables that allow it."""

SOURCE_SEPARATOR = ";"
"""Between two keys in one `source` cell."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `refers_to` names the table in whose key the word must be found; `wildcard` allows `ANY` too.
    """

    name: str
    description: str
    kind: ColumnKind = "text"
    refers_to: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True
    wildcard: bool = False


MOST: dict[str, float] = {
    "1": 520.0,
    "ratio": 1000.0,
    "share": 100.0,
    "t": 1e7,
    "t/a": 1e8,
    "t/t": 1e3,
    "week": 520.0,
    "working_day": 520.0,
    "USD/kg": 1e6,
    "USD/t": 1e7,
    "kg/unit": 1e6,
    "unit/a": 1e11,
    "USD/unit": 1e10,
}
"""By unit: more than any number that could be meant. A quantity may have a bound of its own."""


@dataclass(frozen=True)
class Quantity:
    """What a number means: its canonical unit and the range in which it can make sense.

    A name may end in `<table>`, as `exports-<regions>`: any key of that table may stand there.
    """

    name: str
    unit: str
    description: str
    upper: float = math.inf
    lower: float = 0.0
    required: bool = True

    def __post_init__(self) -> None:
        """Take the bound of the unit where none is given: no number of the world is larger."""
        if self.upper == math.inf:
            object.__setattr__(self, "upper", MOST[self.unit])

    @property
    def pattern(self) -> tuple[str, str]:
        """The fixed beginning, and the table whose keys may follow it; blank where none may."""
        stem, _, rest = self.name.partition("<")
        return stem, rest.rstrip(">")


@dataclass(frozen=True)
class Table:
    """One CSV file: its key, its columns, and what its numbers mean.

    `quantity_column` names the column that says which quantity a row holds; blank where the table
    holds one quantity only. `complete_for` names the table each of whose rows needs every required
    quantity here. A table that is `optional` stands for one without rows where its file is missing.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    quantities: tuple[Quantity, ...] = ()
    quantity_column: str = ""
    raw: bool = False
    complete_for: str = ""
    optional: bool = False

    @property
    def file(self) -> str:
        """The file's name inside a data folder."""
        return f"{self.name}.csv"

    @property
    def numbers(self) -> bool:
        """Whether every row holds a number and ends with the number block."""
        return bool(self.quantities)

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Every column in the order of the file, the number block included."""
        if not self.numbers:
            return self.columns
        return self.columns + tuple(c for c in NUMBER_BLOCK if self.raw or c.name != "raw")

    @property
    def header(self) -> tuple[str, ...]:
        """The names of all columns in the order of the file."""
        return tuple(c.name for c in self.all_columns)

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises:
            KeyError: there is none.
        """
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def quantity(self, name: str) -> Quantity | None:
        """Return the quantity that a row's word names, or None where the table has no such one."""
        if not self.quantity_column:
            return self.quantities[0] if self.quantities else None
        for quantity in self.quantities:
            stem, follows = quantity.pattern
            if name == quantity.name or (follows and name.startswith(stem)):
                return quantity
        return None


KINDS = ("measured", "reported", "assumed", "fitted")

NUMBER_BLOCK: tuple[Column, ...] = (
    Column("value", "the number the model uses", "number"),
    Column(
        "low", "the lowest it may be; blank only if measured or reported", "number", required=False
    ),
    Column(
        "high",
        "the highest it may be; blank only if measured or reported",
        "number",
        required=False,
    ),
    Column("raw", "the number as sourced, before reconciliation, in the same unit", "number"),
    Column("unit", "the unit of this row's numbers; converted on reading", "unit"),
    Column("kind", "how the number is known", choices=KINDS),
    Column("source", "key in sources.csv; several joined with ;", "sources", refers_to="sources"),
    Column("note", "how the number was made, in a sentence", required=False),
)


def identifier(name: str, description: str) -> Column:
    """A table's own identifier: small letters, digits and hyphens."""
    return Column(name, description, "identifier")


def reference(name: str, table: str, description: str, *, wildcard: bool = False) -> Column:
    """A word that must be a key of another table."""
    return Column(name, description, refers_to=table, wildcard=wildcard)


def choice(name: str, description: str, *choices: str) -> Column:
    """A word out of a closed list."""
    return Column(name, description, choices=choices)


def text(name: str, description: str, *, required: bool = True) -> Column:
    """Free text."""
    return Column(name, description, required=required)


def date(name: str, description: str, *, required: bool = True) -> Column:
    """A date, year-month-day."""
    return Column(name, description, "date", required=required)


def note(description: str = "anything a reader should know") -> Column:
    """A remark, which may be blank."""
    return Column("note", description, required=False)


def sources() -> Column:
    """Where a row's statement comes from."""
    return Column(
        "source", "key in sources.csv; several joined with ;", "sources", refers_to="sources"
    )


def quantity_column(description: str = "which number the row holds") -> Column:
    """The column that names a row's quantity."""
    return Column("quantity", description)
