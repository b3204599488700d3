"""A file of candidate measures: what each changes in a scenario, and what it costs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from supplychain.dataset import Tables
from supplychain.documents import (
    Document,
    FolderName,
    Name,
    Part,
    Word,
    check_items,
    check_part,
    find_scenario,
    read_yaml,
    unknown_key,
)
from supplychain.errors import InvalidInput, Problem, nearest, problem
from supplychain.files import shipped
from supplychain.scenario.scenario import Change, Origin, Scenario
from supplychain.scenario.scenario_checks import (
    at,
    check_change,
    check_conflicts,
    check_source,
    origin_at,
    read_change,
)
from supplychain.scenario.scenario_schema import ChangePart
from supplychain.scenario.vocabulary import Vocabulary, read_vocabulary

FOLDER = "measures"
"""Below a folder of scenarios."""

STANDARD = "standard"
"""The set that ships."""

CostUnit = Literal["USD", "USD/kg", "price", "price/week"]
OF_GOODS = ("USD/kg", "price", "price/week")
"""Units of costs that grow with the goods that a measure adds."""
ADDS_GOODS = ("added_cover", "added_supply")
"""The changes that add goods."""


class CostPart(Part):
    """One cost of a measure: a number with its range and source, or a row of the assumptions."""

    value: float | None = Field(None, ge=0, allow_inf_nan=False)
    low: float | None = Field(None, ge=0, allow_inf_nan=False)
    high: float | None = Field(None, ge=0, allow_inf_nan=False)
    assumption: Word | None = Field(None, description="a row of data/assumptions.csv instead")
    unit: CostUnit = Field(
        description="USD; or for the goods added: USD/kg, a share of their price, or that each "
        "week of the horizon"
    )
    kind: Literal["measured", "reported", "assumed"] | None = None
    source: Word | None = Field(None, description="a key of data/sources.csv, or assumption")
    note: Word = Field(description="how the number was made, in a sentence")


class MeasurePart(Part):
    """One measure."""

    name: Name
    title: Word
    changes: list[ChangePart] = Field(min_length=1)
    cost: list[CostPart] = Field(min_length=1)


class HeadPart(Part):
    """The keys that are single words."""

    name: FolderName = Field(description="the file's name without .yaml")
    title: Word


@dataclass(frozen=True)
class Cost:
    """One cost of a measure, with its range."""

    value: float
    low: float
    high: float
    unit: CostUnit
    kind: str
    source: str
    note: str


@dataclass(frozen=True)
class Measure:
    """Something that could be done: what it changes in a scenario, and what it costs."""

    name: str
    title: str
    changes: tuple[Change, ...]
    costs: tuple[Cost, ...]
    origin: Origin


@dataclass(frozen=True)
class MeasureSet:
    """A file of candidate measures."""

    name: str
    title: str
    file: str
    measures: tuple[Measure, ...]


def measure_folders(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Where sets are looked up: below folders of scenarios, then those that ship."""
    return tuple(folder / FOLDER for folder in (*folders, shipped("scenarios")))


def read_measures(
    name_or_path: str,
    tables: Tables,
    scenario: Scenario,
    folders: Sequence[Path] = (),
    only: Collection[str] = (),
) -> MeasureSet:
    """Read a set of measures and check it against the data and the scenario that they change.

    Args:
        name_or_path: a name looked up in `measures` below the folders, or the path of a file.
        tables: checked data, whose words the file may use.
        scenario: what the measures are put on top of.
        folders: where scenarios are looked up before the shipped ones.
        only: names of the measures wanted; none: all.

    Raises:
        NothingMatched: there is no such file.
        InvalidInput: something is wrong; all problems found, with their places.
    """
    path = find_scenario(name_or_path, measure_folders(folders), "set of measures")
    document = read_yaml(path)
    words = read_vocabulary(tables)
    head = _head(document, path)
    parts = check_items(MeasurePart, "measures", document)
    if "measures" not in document.tree:
        document.report("SCEN-202", 'the key "measures" is missing.', ())
    measures = tuple(_measure(part, i, document, tables, words) for i, part in parts)
    problems = [
        *document.problems,
        *_same_names(measures),
        *(found for m in measures for found in against(scenario, m, words)),
        *unknown(only, measures, document.file),
    ]
    if problems:
        found = sorted(set(problems), key=lambda p: (p.file, p.line, str(p.column), p.code))
        raise InvalidInput("The measures cannot be used.", found)
    wanted = tuple(m for m in measures if not only or m.name in only)
    return MeasureSet(head.name if head else "", head.title if head else "", path.name, wanted)


def with_measures(scenario: Scenario, measures: Sequence[Measure]) -> Scenario:
    """The scenario with what the measures change on top, in the order given."""
    added = [change for measure in measures for change in measure.changes]
    return replace(scenario, changes=(*scenario.changes, *added))


def exclude_each_other(one: Measure, other: Measure, scenario: Scenario, words: Vocabulary) -> bool:
    """Whether two measures set the same number, so that no plan can hold both."""
    found: list[Problem] = []
    check_conflicts([*one.changes, *other.changes], scenario.start, words, found.append)
    return bool(found)


def against(scenario: Scenario, measure: Measure, words: Vocabulary) -> Iterator[Problem]:
    """Problems of a measure that sets a number which the scenario, or itself, sets as well."""
    found: list[Problem] = []
    changes = [*scenario.changes, *measure.changes]
    check_conflicts(changes, scenario.start, words, found.append)
    own = {(c.origin.file, c.origin.line, c.origin.column) for c in measure.changes}
    for one in found:
        if (one.file, one.line, one.column) in own:
            yield replace(one, code="MEAS-302")


def unknown(names: Collection[str], measures: Sequence[Measure], file: str) -> Iterator[Problem]:
    """A problem for each name that no measure has."""
    known = [m.name for m in measures]
    for name in names:
        if name not in known:
            hint = nearest(name, known) or f"Known: {', '.join(known)}."
            yield problem("MEAS-401", f'there is no measure "{name}".', file=file, hint=hint)


def _head(document: Document, path: Path) -> HeadPart | None:
    known = [*HeadPart.model_fields, "measures"]
    for key in document.tree:
        if key not in known:
            unknown_key(document, (key,), known)
    own = {key: document.tree[key] for key in HeadPart.model_fields if key in document.tree}
    head = check_part(HeadPart, own, (), document)
    if head and head.name != path.stem:
        message = f'the name "{head.name}" is not that of the file, "{path.stem}".'
        document.report("SCEN-204", message, ("name",), hint="Rename one of the two.")
    return head


def _measure(
    part: MeasurePart,
    index: int,
    document: Document,
    tables: Tables,
    words: Vocabulary,
) -> Measure:
    here = ("measures", index)
    changes = tuple(
        read_change(change, document, (*here, "changes", i))
        for i, change in enumerate(part.changes)
    )
    for change in changes:
        check_change(change, None, words, document.problems.append)
    goods = any(change.what in ADDS_GOODS for change in changes)
    costs = [
        _cost(cost, (*here, "cost", i), document, tables, words, goods=goods)
        for i, cost in enumerate(part.cost)
    ]
    made = tuple(cost for cost in costs if cost is not None)
    return Measure(part.name, part.title, changes, made, origin_at(document, here))


def _cost(
    part: CostPart,
    here: tuple[str | int, ...],
    document: Document,
    tables: Tables,
    words: Vocabulary,
    *,
    goods: bool,
) -> Cost | None:
    """One cost with its range; what is wrong with it is added to the document."""
    origin = origin_at(document, here)
    if part.unit in OF_GOODS and not goods:
        message = f'"{part.unit}" is a cost of goods, and this measure adds none.'
        hint = f"Give the cost in USD; goods are added by {' and '.join(ADDS_GOODS)}."
        document.problems.append(at(origin, "MEAS-203", message, hint, "unit"))
    if (part.value is None) == (part.assumption is None):
        message = "a cost is a value with low and high, or an assumption: one of the two."
        document.problems.append(at(origin, "MEAS-202", message))
        return None
    if part.assumption is not None:
        return _of_data(part, part.assumption, origin, document, tables)
    return _written(part, origin, document, words)


def _of_data(
    part: CostPart, name: str, origin: Origin, document: Document, tables: Tables
) -> Cost | None:
    rows: dict[str, Any] = {str(r["assumption"]): r for r in tables.records("assumptions")}
    if name not in rows:
        hint = nearest(name, rows)
        message = f'"{name}" is no assumption in the data.'
        document.problems.append(at(origin, "SCEN-401", message, hint, "assumption"))
        return None
    row = rows[name]
    low, high = (row["value"] if row[end] is None else row[end] for end in ("low", "high"))
    kind, source = str(row["kind"]), str(row["source"])
    return Cost(float(row["value"]), float(low), float(high), part.unit, kind, source, part.note)


def _written(part: CostPart, origin: Origin, document: Document, words: Vocabulary) -> Cost | None:
    value = part.value
    if value is None:
        raise AssertionError("a cost without a value was let through")
    missing = [key for key in ("kind", "source") if getattr(part, key) is None]
    if part.kind == "assumed":
        missing += [key for key in ("low", "high") if getattr(part, key) is None]
    if missing:
        message = f"the cost lacks {' and '.join(missing)}."
        hint = "An assumed number has a range; every number has a kind and a source."
        document.problems.append(at(origin, "MEAS-202", message, hint))
        return None
    low = value if part.low is None else part.low
    high = value if part.high is None else part.high
    if not low <= value <= high:
        message = f"low {low:g}, value {value:g} and high {high:g} are not in order."
        document.problems.append(at(origin, "MEAS-201", message, "Write low <= value <= high."))
    source = str(part.source)
    check_source(origin, source, words, document.problems.append)
    return Cost(value, low, high, part.unit, str(part.kind), source, part.note)


def _same_names(measures: Sequence[Measure]) -> Iterator[Problem]:
    seen: set[str] = set()
    for measure in measures:
        if measure.name in seen:
            message = f'there is a measure "{measure.name}" already.'
            yield at(measure.origin, "MEAS-301", message, "Rename one of the two.", "name")
        seen.add(measure.name)
