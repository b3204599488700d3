"""Uncertain inputs: their names, groups, distributions and the changes they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from supplychain.documents import Address, Document
from supplychain.ensemble.distributions import extremes, law_problems, make_law
from supplychain.ensemble.ensemble_definition import (
    ChangeTarget,
    ChangeTargetPart,
    Distribution,
    Ground,
    InputPart,
    RowTarget,
    UncertainInput,
)
from supplychain.ensemble.uncertain_rows import read_rows
from supplychain.errors import Problem, nearest
from supplychain.scenario.change_types import KINDS
from supplychain.scenario.scenario import Change, Origin
from supplychain.scenario.scenario_checks import (
    at,
    canonical_value,
    check_change,
    check_known_in_time,
    check_source,
    origin_at,
)
from supplychain.scenario.vocabulary import ASSUMPTION


def read_input(part: InputPart, index: int, ground: Ground) -> UncertainInput | None:
    """Turn one input into what it moves; None, and problems in the document, if it is faulty."""
    document, address = ground.document, ("inputs", index)
    before = len(document.problems)
    origin = origin_at(document, address)
    check_source(origin, part.source, ground.words, document.problems.append)
    law = _law(part, address, document)
    found: tuple[ChangeTarget | RowTarget, str] | None = None
    if (part.change is None) == (part.rows is None):
        message = "an input moves a change of the scenario or rows of the data, one of the two."
        document.report("ENS-203", message, address, hint="Write change: {...} or rows: {...}.")
    elif part.change is not None and part.distribution is None:
        message = "a change needs a distribution."
        document.report("ENS-204", message, address, hint="Write distribution: {...}.")
    elif part.change is not None and law is not None:
        target = read_change(part.change, law, (*address, "change"), ground)
        found = (target, part.change.unit)
    elif part.rows is not None and (law is not None or part.distribution is None):
        found = read_rows(part.rows, law, (*address, "rows"), ground)
    if found is None or len(document.problems) > before:
        return None
    return UncertainInput(
        name=part.name,
        group=part.group or part.name,
        sign=part.sign,
        target=found[0],
        distribution=law,
        unit=found[1],
        why=part.why,
        source=part.source,
        origin=origin,
    )


def _law(part: InputPart, address: Address, document: Document) -> Distribution | None:
    """The distribution, if one is written and nothing is wrong with it."""
    if part.distribution is None:
        return None
    given = {k: v for k, v in part.distribution.model_dump().items() if v is not None}
    problems = list(law_problems(given))
    for code, key, message, hint in problems:
        here = (*address, "distribution", *([key] if key else []))
        document.report(code, message, here, hint=hint)
    return None if problems else make_law(given)


def check_names(parts: Sequence[tuple[int, InputPart]], document: Document) -> None:
    """No name is there twice; a group has two inputs at least and a name of its own."""
    seen: dict[str, int] = {}
    for index, part in parts:
        first = seen.setdefault(part.name, index)
        if first != index:
            line = document.place(("inputs", first, "name"))[0]
            message = f'"{part.name}" is the name of the input in line {line} too.'
            document.report("ENS-402", message, ("inputs", index, "name"), hint="Rename one.")
    sizes = Counter(part.group for _, part in parts if part.group)
    alone = {part.name for _, part in parts if part.group is None}
    for index, part in parts:
        if part.group is None:
            continue
        here = ("inputs", index, "group")
        if part.group in alone:
            message = f'"{part.group}" is the name of an input that is in no group.'
            document.report("ENS-403", message, here, hint="Rename one of the two.")
        elif sizes[part.group] == 1:
            message = f'"{part.group}" has this input only.'
            others = [group for group in sizes if group != part.group]
            hint = nearest(part.group, others) or "Take group out, or name it in another input."
            document.report("ENS-403", message, here, hint=hint)


def check_rows_apart(inputs: Sequence[UncertainInput], document: Document) -> None:
    """No row is moved by two inputs."""
    seen: dict[tuple[str, tuple[str, ...]], UncertainInput] = {}
    for one in inputs:
        if not isinstance(one.target, RowTarget):
            continue
        clashes: dict[str, list[tuple[str, ...]]] = {}
        for key in one.target.rows:
            other = seen.setdefault((one.target.table, key), one)
            if other is not one:
                clashes.setdefault(other.name, []).append(key)
        for name, rows in clashes.items():
            count = f"{len(rows)} rows" if len(rows) > 1 else "a row"
            message = f'it moves {count} that "{name}" moves too, as {" ".join(rows[0])}.'
            address = ("inputs", int(one.origin.path.split(".")[1]), "rows")
            document.report("ENS-401", message, address, hint="Narrow one of the two.")


def read_change(
    written: ChangeTargetPart, law: Distribution, address: Address, ground: Ground
) -> ChangeTarget:
    """Turn a change into what it moves, checked at both ends of its distribution."""
    when = written.when
    target = ChangeTarget(
        what=written.what,
        where=tuple(sorted(written.where.items())),
        start=when.from_ if when else None,
        end=when.to if when else None,
        announced=written.announced,
    )
    origin = origin_at(ground.document, address)
    found: list[Problem] = []
    for value in extremes(law):
        change = make_change(target, value, written.unit, origin)
        if isinstance(change, str):
            found.append(at(origin, "ENS-307", change, path="unit"))
        else:
            check_change(change, ground.span, ground.words, found.append)
            if ground.span:
                check_known_in_time(change, ground.span.start, found.append)
    ground.document.problems.extend(dict.fromkeys(found))
    return target


def make_change(
    target: ChangeTarget,
    value: float,
    unit: str,
    origin: Origin,
    why: str = "",
    source: str = ASSUMPTION,
) -> Change | str:
    """The change for one drawn value in its canonical unit, or what is wrong with the unit."""
    kind = KINDS.get(target.what)
    amount = (value, unit)
    if kind is not None:
        converted = canonical_value(value, unit, kind, dict(target.where))
        if isinstance(converted, str):
            return converted
        amount = converted
    return Change(
        what=target.what,
        where=target.where,
        start=target.start,
        end=target.end,
        announced=target.announced,
        value=amount[0],
        unit=amount[1],
        why=why,
        source=source,
        origin=origin,
    )


def change_of(one: UncertainInput, value: float) -> Change | None:
    """The change that an input stands for at a drawn value; None if it moves rows."""
    if not isinstance(one.target, ChangeTarget):
        return None
    change = make_change(one.target, value, one.unit, one.origin, one.why, one.source)
    if isinstance(change, str):
        raise AssertionError(f"a unit was let through: {change}")
    return change
