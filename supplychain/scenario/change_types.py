"""The closed list of what a scenario can change: where-keys, unit, bounds and meaning of each kind.

The reader's messages, the JSON Schema, the documentation and the conflict check read this table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from supplychain.dataset.schema_policy import PARAMETERS
from supplychain.dataset.table_types import MOST
from supplychain.scenario.vocabulary import Row, Vocabulary

Objects = Literal["line", "customer", "cover", "stock", "arc", "recipe", "licence"]

Target = tuple[str, ...]
"""One number: ("line", name), ("cover", customer, material), ("licence", parameter, ...)."""


@dataclass(frozen=True)
class ChangeKind:
    """One kind of change."""

    name: str
    objects: Objects
    needs: tuple[str, ...]
    """Where-keys that must be there."""
    may_have: tuple[str, ...]
    """Where-keys that narrow it down."""
    units: tuple[str, ...]
    """Canonical units; the first is the usual one."""
    meaning: str
    upper: float = math.inf
    dated: bool = True
    one_of: bool = False
    """At least one of `may_have` must be there."""
    adds: bool = False
    """It comes on top of what is there, so that a value of 0 changes nothing."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Every where-key it knows."""
        return self.needs + self.may_have


_WHO = ("customer", "segment", "sector", "region", "end_use")

KINDS: dict[str, ChangeKind] = {
    kind.name: kind
    for kind in (
        ChangeKind(
            "site_capacity", "line", ("site",), ("process", "stage"), ("share",),
            "What a site can make, as a share of what it otherwise could.", upper=3.0,
        ),
        ChangeKind(
            "line_capacity", "line", ("line",), (), ("share",),
            "What one line can make, as a share of what it otherwise could.", upper=3.0,
        ),
        ChangeKind(
            "stage_capacity", "line", ("stage",), ("region",), ("share",),
            "What every line of a stage can make, as a share of what it otherwise could.",
            upper=3.0,
        ),
        ChangeKind(
            "plan", "customer", (), _WHO, ("share",),
            "Planned output, as a share of the plan in the data.", upper=3.0, one_of=True,
        ),
        ChangeKind(
            "opening_cover", "cover", (), (*_WHO, "material"), ("ratio", "week"),
            "Customers' stock at the start, pipeline and shelf: a ratio multiplies the weeks in "
            "the data, weeks replace them.", upper=520.0, dated=False, one_of=True,
        ),
        ChangeKind(
            "target_cover", "cover", (), (*_WHO, "material"), ("ratio", "week"),
            "Stock that customers want on the shelf: a ratio multiplies the weeks in the data, "
            "weeks replace them.", upper=520.0, dated=False, one_of=True,
        ),
        ChangeKind(
            "shelf_cover", "cover", (), (*_WHO, "material"), ("week", "ratio"),
            "Stock that customers hold on the shelf at the start and want to hold: what is under "
            "way comes on top. Weeks replace those in the data, a ratio multiplies them.",
            upper=520.0, dated=False, one_of=True,
        ),
        ChangeKind(
            "opening_stock", "stock", ("region", "material"), (), ("t",),
            "Stock of a material in a region at the start, usual stock and stockpile together.",
            upper=MOST["t"], dated=False,
        ),
        ChangeKind(
            "arc_limit", "arc", ("material",), ("origin", "destination"), ("share",),
            "What may travel, as a share of usual trade; replaces the usual limit and its growth.",
            upper=10.0,
        ),
        ChangeKind(
            "recipe_share", "recipe", ("recipe",), _WHO, ("share",),
            "Share of a plan that may use a recipe, at once and without lead or ramp.", upper=1.0,
        ),
        ChangeKind(
            "added_cover", "cover", (), (*_WHO, "material"), ("week",),
            "Weeks of need that lie on customers' shelves at the start on top of what is there, "
            "evenly with all firms; what they want to hold stays.", upper=520.0, dated=False,
            one_of=True, adds=True,
        ),
        ChangeKind(
            "added_supply", "stock", ("region", "material"), (), ("t/a",),
            "A material that reaches a region's stock from outside the model, at a rate: a "
            "stockpile that is released, goods collected for recycling. Planners know of it from "
            "the start.", upper=MOST["t/a"], adds=True,
        ),
        ChangeKind(
            "maker_head_start", "cover", (), (*_WHO, "material"), ("week",),
            "Weeks by which customers are ahead in approving other makers, as if a shortage had "
            "driven them for so long before the start.", upper=520.0, dated=False, one_of=True,
            adds=True,
        ),
        ChangeKind(
            "recipe_head_start", "recipe", ("recipe",), _WHO, ("week",),
            "Weeks by which customers are ahead in approving a recipe, as if a shortage had "
            "driven them for so long before the start.", upper=520.0, dated=False, adds=True,
        ),
        ChangeKind(
            "line_head_start", "line", (), ("line", "site"), ("week",),
            "Weeks by which lines start, and ramp up, earlier than in the data.", upper=520.0,
            dated=False, one_of=True, adds=True,
        ),
        ChangeKind(
            "licence", "licence", ("parameter",), ("control", "destination", "end_use"),
            ("share", "ratio", "week"),
            "One parameter of the regime in force, replaced for the classes it names.", upper=520.0,
        ),
    )
}  # fmt: skip

LICENCE_UNITS: dict[str, str] = {
    p: "week"
    if p in ("gap", "review", "validity")
    else "ratio"
    if p in ("throughput", "surge")
    else "share"
    for p in PARAMETERS
}


def units_of(kind: ChangeKind, where: Mapping[str, str]) -> tuple[str, ...]:
    """The canonical units a change may be written in."""
    if kind.objects == "licence":
        unit = LICENCE_UNITS.get(where.get("parameter", ""))
        return (unit,) if unit else kind.units
    return kind.units


def upper_bound(kind: ChangeKind, unit: str) -> float:
    """The highest value that makes sense in a unit."""
    return 1.0 if kind.objects == "licence" and unit == "share" else kind.upper


def targets(kind: ChangeKind, where: Mapping[str, str], words: Vocabulary) -> frozenset[Target]:
    """Every single number that a change sets; empty if the data hold none such."""
    if kind.objects == "stock":
        heads = _HEADS.get(kind.name, [(kind.objects,)])
        return frozenset((*head, where["region"], where["material"]) for head in heads)
    rows, names = _reach(kind.objects, words)
    narrowed = {k: v for k, v in where.items() if k != "parameter"}
    matching = [row for row in rows if all(row.get(k) == v for k, v in narrowed.items())]
    heads = (
        [(kind.objects, where["parameter"])]
        if kind.objects == "licence"
        else _HEADS.get(kind.name, [(kind.objects,)])
    )
    return frozenset((*head, *(row[name] for name in names)) for row in matching for head in heads)


_HEADS: Mapping[str, Sequence[Target]] = {
    "opening_cover": [("cover", "opening")],
    "target_cover": [("cover", "target")],
    "shelf_cover": [("cover", "opening")],
    "added_cover": [("cover", "added")],
    "maker_head_start": [("cover", "maker")],
    "added_supply": [("supply",)],
    "recipe_head_start": [("recipe", "head start")],
    "line_head_start": [("line", "head start")],
}
"""Which number of an object a change sets, where it has several: a target of its own may stand
beside a shelf, and what comes on top beside what is there."""


def _reach(objects: Objects, words: Vocabulary) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    if objects == "line":
        return words.line_rows, ("line",)
    if objects == "customer":
        return words.customer_rows, ("customer",)
    if objects == "cover":
        return words.cover_rows, ("customer", "material")
    if objects == "arc":
        return words.arc_rows, ("material", "origin", "destination")
    if objects == "recipe":
        return words.recipe_rows, ("customer", "recipe")
    return words.scope_rows, ("control", "destination", "end_use")
