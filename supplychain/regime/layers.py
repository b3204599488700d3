"""The files that a scenario is made of, each as a layer: itself, what it extends, and so on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from supplychain.errors import InvalidInput, NothingMatched, Problem
from supplychain.regime.change_kinds import KINDS
from supplychain.regime.document import ChangePart, EntryPart, ExpectationPart, SettingPart
from supplychain.regime.finder import find_scenario
from supplychain.regime.kinds import Change, Entry, Origin, Setting
from supplychain.regime.meaning import canonical_value
from supplychain.regime.setting_text import WHERE_FROM, parse_settings
from supplychain.regime.shape import Shape, check_shape
from supplychain.regime.yaml_reader import Address, Document, read_yaml


@dataclass(frozen=True)
class Layer:
    """One file, or what `--set` gave, in the words of `kinds`; faulty parts are left out."""

    name: str
    title: str
    file: str
    shape: Shape
    timeline: tuple[Entry, ...]
    changes: tuple[Change, ...]
    expects: tuple[Entry, ...] | None
    """None: what is extended says."""


def read_layers(path: Path, folders: Sequence[Path], problems: list[Problem]) -> tuple[Layer, ...]:
    """Read a scenario file and what it extends, itself first; problems are added to the list."""
    layers: list[Layer] = []
    seen: list[Path] = []
    next_path: Path | None = path
    while next_path is not None:
        document = _read(next_path, problems)
        if document is None:
            break
        shape = check_shape(document)
        seen.append(next_path.resolve())
        if next_path.stem != shape.name and "name" in document.tree:
            message = f'the name "{shape.name}" is not that of the file, "{next_path.stem}".'
            document.report("SCEN-204", message, ("name",), hint="Rename one of the two.")
        layers.append(_layer(document, shape))
        next_path = _extended(document, shape, next_path, folders, seen)
        problems.extend(document.problems)
    return tuple(layers)


def setting_layer(settings: Sequence[str], problems: list[Problem]) -> Layer:
    """Turn what `--set` gave into the topmost layer; problems are added to the list."""
    extra = parse_settings(settings)
    document = Document(WHERE_FROM, {"name": "set", "title": "set", **extra.tree})
    document.values[()] = (0, 0)
    shape = check_shape(document)
    layer = _layer(document, shape)
    problems.extend([*extra.problems, *document.problems])
    return layer


def _read(path: Path, problems: list[Problem]) -> Document | None:
    try:
        return read_yaml(path)
    except InvalidInput as error:
        problems.extend(error.problems)
        return None


def _extended(
    document: Document, shape: Shape, path: Path, folders: Sequence[Path], seen: list[Path]
) -> Path | None:
    """The file that this one extends; a missing one and a circle are problems."""
    if not shape.extends:
        return None
    try:
        found = find_scenario(shape.extends, (path.parent, *folders))
    except NothingMatched as error:
        document.report("SCEN-205", error.message, ("extends",))
        return None
    if found.resolve() in seen:
        circle = " -> ".join([*(p.stem for p in seen), found.stem])
        message = f"the scenarios extend each other in a circle: {circle}."
        document.report("SCEN-206", message, ("extends",), hint="Take one extends out.")
        return None
    return found


def _layer(document: Document, shape: Shape) -> Layer:
    expects = shape.foresight.expects
    return Layer(
        name=shape.name,
        title=shape.title,
        file=document.file,
        shape=shape,
        timeline=tuple(_entry(part, document, ("timeline", i)) for i, part in shape.timeline),
        changes=tuple(_change(part, document, ("changes", i)) for i, part in shape.changes),
        expects=None
        if expects is None
        else tuple(
            _expectation(part, document, ("foresight", "expects", i))
            for i, part in enumerate(expects)
        ),
    )


def origin_at(document: Document, address: Address) -> Origin:
    """Where a part of a file is written, and what is inside it."""
    line, column = document.place(address)
    path = ".".join(str(part) for part in address)
    return Origin(document.file, line, column, path, tuple(_parts(document, address)))


def _parts(document: Document, address: Address, path: str = "") -> Iterator[tuple[str, int, int]]:
    """The place of everything written below an address, by dotted key."""
    tree: Any = document.tree
    for step in address:
        tree = tree[step]
    for key in tree if isinstance(tree, dict) else ():
        below = f"{path}.{key}" if path else key
        yield below, *document.place((*address, key))
        yield from _parts(document, (*address, key), below)


def _setting(part: SettingPart) -> Setting:
    return Setting(part.regime, part.exporter, part.control, part.destination, part.end_use)


def _entry(part: EntryPart, document: Document, address: Address) -> Entry:
    origin = origin_at(document, address)
    setting = _setting(part.set)
    return Entry(part.announced, part.effective, setting, part.why, part.source, origin)


def _expectation(part: ExpectationPart, document: Document, address: Address) -> Entry:
    origin = origin_at(document, address)
    return Entry(date.min, part.effective, _setting(part.set), part.why, part.source, origin)


def _change(part: ChangePart, document: Document, address: Address) -> Change:
    """Turn a change into canonical units; a unit that does not fit is a problem."""
    value, unit = part.value, part.unit
    kind = KINDS.get(part.what)
    if kind is not None:
        converted = canonical_value(value, unit, kind, part.where)
        if isinstance(converted, str):
            document.report("SCEN-404", converted, (*address, "unit"))
        else:
            value, unit = converted
    return Change(
        what=part.what,
        where=tuple(sorted(part.where.items())),
        start=part.when.from_ if part.when else None,
        end=part.when.to if part.when else None,
        announced=part.announced,
        value=value,
        unit=unit,
        why=part.why,
        source=part.source,
        origin=origin_at(document, address),
    )
