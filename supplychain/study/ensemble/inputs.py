"""Uncertain inputs: from the words of a definition to what they move, each fault at its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from supplychain.errors import nearest
from supplychain.regime.layers import origin_at
from supplychain.regime.meaning import check_source
from supplychain.regime.yaml_reader import Address, Document
from supplychain.study.ensemble.definition import (
    ChangeTarget,
    Distribution,
    RowTarget,
    UncertainInput,
)
from supplychain.study.ensemble.distributions import law_problems, make_law
from supplychain.study.ensemble.document import InputPart
from supplychain.study.ensemble.ground import Ground
from supplychain.study.ensemble.input_changes import read_change
from supplychain.study.ensemble.input_rows import read_rows


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
