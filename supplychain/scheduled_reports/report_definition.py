"""Report definitions: where they are, what they say, and every problem of one at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from supplychain.documents import (
    Address,
    Document,
    ScenarioFile,
    available,
    check_part,
    find_scenario,
    read_yaml,
    unknown_key,
)
from supplychain.errors import InvalidInput, Problem, nearest
from supplychain.files import RESERVED_NAMES, shipped
from supplychain.scheduled_reports.report_schema import (
    BESIDE_A_BASE,
    DEFAULT_SECTIONS,
    DefinitionPart,
    Section,
)

UNKNOWN = "?"
"""The scenario of a definition that names none rightly."""


@dataclass(frozen=True)
class Definition:
    """A definition whose shape is right; what it names is checked against the data later."""

    part: DefinitionPart
    path: Path
    document: Document
    kept: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Of lists that hold faulty items, the positions of those that are right."""

    def at(self, key: str, item: int) -> Address:
        """Where an item of a list stands in the file."""
        return key, self.kept[key][item] if key in self.kept else item

    @property
    def name(self) -> str:
        """The name: the folder of its results."""
        return self.part.name

    @property
    def base(self) -> str:
        """The scenario that the others are set beside."""
        return self.part.base or self.part.scenarios[0]

    @property
    def focus(self) -> str:
        """The scenario whose flows, stocks and licences are shown."""
        return self.part.focus or self.part.scenarios[-1]

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the page in their order."""
        if self.part.sections is not None:
            return tuple(self.part.sections)
        alone = len(self.part.scenarios) < 2
        return tuple(s for s in DEFAULT_SECTIONS if not (alone and s in BESIDE_A_BASE))

    def content(self) -> dict[str, Any]:
        """Everything that it says, as plain values."""
        return self.part.model_dump(mode="json", by_alias=True)


def report_folders(project: Path) -> tuple[Path, ...]:
    """Where definitions are looked for: the project's own folder first, then the shipped one."""
    own = project / "reports"
    here = shipped("reports")
    return (own, here) if own.is_dir() and own.resolve() != here.resolve() else (here,)


def definitions(folders: Sequence[Path]) -> tuple[ScenarioFile, ...]:
    """List the files of definitions by name."""
    return available(folders)


def find_definition(name_or_path: str, folders: Sequence[Path]) -> Path:
    """Return the file that a name or path means.

    Raises:
        NothingMatched: there is no such file; the message names the nearest definition.
    """
    return find_scenario(name_or_path, folders, "report definition")


def load_definition(path: Path) -> Definition:
    """Read a definition and check all that needs no data; problems are left in its document.

    What is wrong is left out of the definition or stands as if it were not given, so that the
    rest can still be checked.

    Raises:
        InvalidInput: the file cannot be read, or holds no definition at all.
    """
    try:
        document = read_yaml(path)
    except InvalidInput as error:
        raise invalid(error.problems) from error
    for key in document.tree:
        if key not in known_keys():
            unknown_key(document, (key,), known_keys())
    known = {key: value for key, value in document.tree.items() if key in known_keys()}
    part = check_part(DefinitionPart, known, (), document)
    found = Definition(part, path, document) if part else _sound(known, path, document)
    _check(found)
    return found


def _sound(tree: Mapping[str, Any], path: Path, document: Document) -> Definition:
    """What is right in a tree that is not: faulty items and values are left out."""
    left = dict(tree)
    kept: dict[str, Sequence[int]] = {}
    for key, items in tree.items():
        if isinstance(items, list):
            right = [i for i, item in enumerate(items) if not _faults({**STAND_IN, key: [item]})]
            kept[key], left[key] = right, [items[i] for i in right]
    for key in _faults({**STAND_IN, **left}):
        left.pop(key, None)
        kept.pop(key, None)  # what stands in for the list has no places in the file
    named = {**STAND_IN, "name": path.stem}
    part = DefinitionPart.model_validate({**(STAND_IN if _faults(named) else named), **left})
    return Definition(part, path, document, kept)


STAND_IN: Mapping[str, Any] = {"name": "unnamed", "title": "-", "scenarios": [UNKNOWN]}
"""What stands for the keys that must be given and are not, or are wrong."""


def _faults(tree: Mapping[str, Any]) -> set[str]:
    try:
        DefinitionPart.model_validate(tree)
    except ValidationError as error:
        return {str(fault["loc"][0]) for fault in error.errors()}
    return set()


def known_keys() -> list[str]:
    """The keys of the file, as they are written."""
    return [field.alias or name for name, field in DefinitionPart.model_fields.items()]


def _check(definition: Definition) -> None:
    """Check what one key says against another, and against the file's name."""
    part, path, document = definition.part, definition.path, definition.document
    if path.stem != part.name != STAND_IN["name"]:
        message = f'the name is "{part.name}", but the file is {path.name}.'
        document.report("REPORT-204", message, ("name",), hint=f"Write name: {path.stem}.")
    if part.name in RESERVED_NAMES:
        message = f'"{part.name}" has a meaning of its own in a results folder.'
        document.report("REPORT-205", message, ("name",), hint="Choose another name.")
    for key, word in (("base", part.base), ("focus", part.focus)):
        _one_of(part.scenarios, word, (key,), document)
    for i, alert in enumerate(part.alerts):
        _one_of(part.scenarios, alert.scenario, (*definition.at("alerts", i), "scenario"), document)
    _check_twice(definition)
    for i, section in enumerate(part.sections or ()):
        if section in BESIDE_A_BASE and part.scenarios != [UNKNOWN] and len(part.scenarios) < 2:
            message = f"{section} sets scenarios beside the base, but there is only one."
            address = definition.at("sections", i)
            document.report("REPORT-207", message, address, hint="Name a second scenario.")


def _check_twice(definition: Definition) -> None:
    """Name what stands twice in a list."""
    part = definition.part
    lists: dict[str, list[str]] = {
        "scenarios": part.scenarios,
        "overlays": part.overlays,
        "sections": list(part.sections or ()),
        "forms": list(part.forms),
        "alerts": [alert.name for alert in part.alerts],
    }
    for key, names in lists.items():
        for i, name in enumerate(names):
            if name in names[:i]:
                address = definition.at(key, i)
                message = f'"{name}" is there twice.'
                definition.document.report("REPORT-206", message, address, hint="Delete one.")


def _one_of(
    known: Sequence[str], word: str | None, address: tuple[str | int, ...], document: Document
) -> None:
    if UNKNOWN in known:
        return
    if word is not None and word not in known:
        hint = nearest(word, known) or f"There are: {', '.join(known)}."
        message = f'"{word}" is not among the scenarios of this definition.'
        document.report("REPORT-208", message, address, hint=hint)


def check_words(definition: Definition, known: Mapping[str, Sequence[str]]) -> None:
    """Check the sectors and regions of the alerts; `known` has those of the data.

    Problems are added to the document.
    """
    for i, alert in enumerate(definition.part.alerts):
        for key in ("sector", "region"):
            word = getattr(alert, key)
            if word not in known[key]:
                hint = nearest(word, known[key]) or f"There are: {', '.join(known[key])}."
                message = f'there is no {key} "{word}" in the data.'
                address = (*definition.at("alerts", i), key)
                definition.document.report("REPORT-301", message, address, hint=hint)


def invalid(problems: Sequence[Problem]) -> InvalidInput:
    """The error with the problems of a definition, in its own codes."""
    found = sorted(
        {_own(p) for p in problems}, key=lambda p: (p.file, p.line, int(p.column or 0), p.code)
    )
    return InvalidInput("The report definition is not valid.", found)


def _own(found: Problem) -> Problem:
    """A problem of the reader of YAML, which speaks of scenarios, as one of a definition."""
    if found.code == "SCEN-105":
        message = "the file holds no report definition: no keys such as name and scenarios."
        return replace(found, code="REPORT-105", message=message)
    return replace(found, code=found.code.replace("SCEN-", "REPORT-"))
