"""YAML documents: found by name, read with the position of every value, validated.

Every scalar stays the text it is (`NO` is Norway, `2026-13-10` is left for the date's own check).
What YAML offers beyond a tree is refused: anchors and aliases (they can recurse), merges, tags.

Each entry and change is checked on its own, so a slip in one hides nothing in the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from supplychain.errors import InvalidInput, NothingMatched, Problem, nearest, problem
from supplychain.files import RESERVED_NAMES, shown
from supplychain.formatting import in_calendar

Address = tuple[str | int, ...]
"""Keys and positions from the root, as ("timeline", 0, "set", "regime")."""

Place = tuple[int, int]
"""Line and column, both from 1."""

PLAIN_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
MERGE = "<<"
DEEPEST = 20
LARGEST = 4_000_000
"""Bytes; a scenario of two thousand changes has a tenth of it."""

SUFFIXES = (".yaml", ".yml")

Model = TypeVar("Model", bound=BaseModel)


DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(value: object) -> object:
    """Take year-month-day alone: a bare number would be read as seconds since 1970."""
    if isinstance(value, str) and not DAY.fullmatch(value):
        raise ValueError("a date such as 2026-09-28 is wanted")
    return value


Day = Annotated[date, BeforeValidator(_day), AfterValidator(in_calendar)]


def _word(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("nothing is written here")
    return value.strip() if isinstance(value, str) else value


Word = Annotated[str, BeforeValidator(_word)]
Name = Annotated[
    str, BeforeValidator(_word), Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
]


def _free(name: str) -> str:
    if name in RESERVED_NAMES:
        raise ValueError("it has a meaning of its own in a results folder; choose another name")
    return name


FolderName = Annotated[Name, AfterValidator(_free)]
"""A name that a folder of results gets."""


def is_free_name(name: str) -> bool:
    """Whether a file may say that it has this name, and a folder of results be called so."""
    try:
        TypeAdapter(FolderName).validate_python(name)
    except ValidationError:
        return False
    return name == name.strip()


@dataclass
class Document:
    """A tree of dict, list and str, and where each part of it stands in the file."""

    file: str
    tree: dict[str, Any]
    values: dict[Address, Place] = field(default_factory=dict)
    keys: dict[Address, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, address: Address, *, key: bool = False) -> Place:
        """Where a value (or its key) stands, or else the nearest thing above it that is there."""
        where = self.keys if key else self.values
        if address in where:
            return where[address]
        while address and address not in self.values:
            address = address[:-1]
        return self.values.get(address, (1, 1))

    def report(
        self, code: str, message: str, address: Address, *, hint: str = "", key: bool = False
    ) -> None:
        """Record a problem at an address."""
        line, column = self.place(address, key=key)
        path = ".".join(str(part) for part in address)
        self.problems.append(
            problem(code, message, file=self.file, line=line, column=column, hint=hint, path=path)
        )


def read_yaml(path: Path) -> Document:
    """Read one YAML file that holds a mapping.

    Raises:
        InvalidInput: the file cannot be read, or is no YAML mapping.
    """
    name = shown(path)
    try:
        if path.exists() and not path.is_file():
            raise _unreadable(name, "is no file.", "")
        if path.stat().st_size > LARGEST:
            raise _unreadable(name, f"is larger than {LARGEST // 10**6} MB.", "Split it up.")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(name, "is not UTF-8 text.", "Save it as UTF-8.") from error
    except OSError as error:
        raise _unreadable(name, f"cannot be opened: {error.strerror}.", "") from error
    return parse_yaml(text, name)


def parse_yaml(text: str, file: str) -> Document:
    """Turn a YAML text into a tree with places; problems that leave a tree are in the document.

    Raises:
        InvalidInput: the text is no YAML mapping.
    """
    try:
        root = _composed(text)
    except RecursionError as error:
        message = "too deep a nesting is used."
        raise _invalid(problem("SCEN-104", message, file=file, line=1, column=1)) from error
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text, file) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = "the text holds a character that YAML does not allow."
        raise _invalid(problem("SCEN-102", message, file=file, line=line, column=1)) from error
    if not isinstance(root, yaml.MappingNode):
        message = "the file does not hold a scenario: no keys such as name and horizon were found."
        raise _invalid(problem("SCEN-105", message, file=file, line=1, column=1))
    document = Document(file=file, tree={})
    tree = _walk(root, (), document, set())
    document.tree.update(tree if isinstance(tree, dict) else {})
    return document


def _composed(text: str) -> yaml.Node | None:
    """The nodes of a text: by the C parser, which is quick; where it fails the other says why."""
    try:
        return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeError):
        return yaml.compose(text, Loader=yaml.SafeLoader)


def _walk(node: yaml.Node, address: Address, document: Document, seen: set[int]) -> Any:
    document.values.setdefault(address, _place(node))
    if id(node) in seen or len(address) > DEEPEST:
        hint = "Write the value out again in its place."
        document.report("SCEN-104", "an alias or too deep a nesting is used.", address, hint=hint)
        return ""
    seen.add(id(node))
    if node.tag not in PLAIN_TAGS and not _resolved(node):
        document.report("SCEN-104", f'the tag "{node.tag}" is not allowed.', address)
        return ""
    if isinstance(node, yaml.MappingNode):
        return _walk_mapping(node, address, document, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_walk(n, (*address, i), document, seen) for i, n in enumerate(node.value)]
    return _text(str(node.value), address, document)


def _text(word: str, address: Address, document: Document) -> str:
    """A scalar, if it can be written again; an escape can stand for half a character."""
    try:
        word.encode("utf-8")
    except UnicodeEncodeError:
        document.report("SCEN-104", "the text holds half a character.", address)
        return ""
    return word


def _walk_mapping(
    node: yaml.MappingNode, address: Address, document: Document, seen: set[int]
) -> Mapping[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in node.value:
        named = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
        word = _text(named, address, document)
        here = (*address, word)
        if word in tree:
            line = document.keys[here][0]
            document.keys[here] = _place(key)
            message = f'"{word}" is already in line {line}.'
            document.report("SCEN-103", message, here, hint="Delete one of the two.", key=True)
            continue
        document.keys[here] = _place(key)
        if word == MERGE or not isinstance(key, yaml.ScalarNode):
            message = "merges and keys that are not words are not allowed."
            document.report("SCEN-104", message, here, key=True)
            continue
        tree[word] = _walk(value, here, document, seen)
    return tree


def _resolved(node: yaml.Node) -> bool:
    """Whether the tag is only what YAML itself guessed from a plain scalar, as a date or number."""
    plain = isinstance(node, yaml.ScalarNode) and not node.style
    return plain and node.tag.startswith("tag:yaml.org,2002:") and node.tag[18:] in _GUESSED


_GUESSED = ("bool", "float", "int", "null", "timestamp", "value", "merge")


def _place(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _not_yaml(error: yaml.MarkedYAMLError, text: str, file: str) -> InvalidInput:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    if "expected a single document" in str(error.context):
        message = "the file holds more than one document."
        found = problem("SCEN-106", message, file=file, line=line, column=column)
        return _invalid(found)
    if "\t" in here[: max(column, 1)]:
        hint = "Indent with spaces: a tab is not allowed here."
    elif here.count(": ") > 1 and "{" not in here:
        hint = 'Put a text that holds ": " in quotes.'
    else:
        hint = "Compare the indentation, brackets and quotes with the lines above."
    reason = " ".join(str(error.problem or error.context or "it cannot be read").split())
    message = f"the text is not well-formed YAML: {reason}."
    return _invalid(problem("SCEN-102", message, file=file, line=line, column=column, hint=hint))


def _unreadable(file: str, message: str, hint: str) -> InvalidInput:
    return _invalid(problem("SCEN-101", message, file=file, hint=hint))


def _invalid(found: Problem) -> InvalidInput:
    return InvalidInput("The scenario is not valid.", [found])


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario file as a listing shows it; `title` is blank where the file cannot be read."""

    name: str
    title: str
    extends: str
    path: Path
    readable: bool

    def as_json(self) -> dict[str, object]:
        """The entry of a listing in `--json`."""
        return {
            "name": self.name,
            "title": self.title or None,
            "extends": self.extends or None,
            "file": shown(self.path),
            "readable": self.readable,
        }


def available(folders: Sequence[Path], rests_on: str = "extends") -> tuple[ScenarioFile, ...]:
    """List every scenario by name; a name in an earlier folder hides that in a later one.

    `rests_on` is the key under which a file names the scenario that it rests on.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path.suffix in SUFFIXES and path.is_file():
                found.setdefault(path.stem, path)
    return tuple(_glance(found[name], rests_on) for name in sorted(found))


def find_scenario(name_or_path: str, folders: Sequence[Path], what: str = "scenario") -> Path:
    """Return the file that a name or path means; `what` it is said to be in a message.

    Raises:
        NothingMatched: there is no such file; the message names the nearest one there is.
    """
    path = Path(name_or_path)
    if path.suffix in SUFFIXES or len(path.parts) > 1:
        if path.is_file():
            return path
        raise NothingMatched(f"There is no {what} file {name_or_path}.")
    for folder in folders:
        for suffix in SUFFIXES:
            candidate = folder / f"{name_or_path}{suffix}"
            if candidate.exists():  # what is no file is named where it is read
                return candidate
    names = [file.name for file in available(folders)]
    where = ", ".join(shown(folder) for folder in folders)
    hint = nearest(name_or_path, names) or f"There are: {', '.join(names) or 'none'}."
    raise NothingMatched(f'There is no {what} "{name_or_path}" in {where}. {hint}')


def _glance(path: Path, rests_on: str) -> ScenarioFile:
    try:
        tree = read_yaml(path).tree
    except InvalidInput:
        return ScenarioFile(path.stem, "", "", path, readable=False)
    title, extends = tree.get("title", ""), tree.get(rests_on, "")
    return ScenarioFile(path.stem, str(title), str(extends), path, readable=True)


def optional_part(model: type[Model], key: str, document: Document) -> Model:
    """Check one optional mapping; an empty one stands for a missing or faulty one."""
    empty = model.model_validate({})
    if key not in document.tree:
        return empty
    return check_part(model, document.tree[key], (key,), document) or empty


def check_items(model: type[Model], key: str, document: Document) -> tuple[tuple[int, Model], ...]:
    """Check every item of an optional list, and keep those that are well formed."""
    items = document.tree.get(key, [])
    if not isinstance(items, list):
        document.report("SCEN-203", "a list is wanted here, each item after a dash.", (key,))
        return ()
    checked = ((i, check_part(model, item, (key, i), document)) for i, item in enumerate(items))
    return tuple((i, item) for i, item in checked if item is not None)


def check_part(
    model: type[Model], value: Any, address: Address, document: Document
) -> Model | None:
    """Check one part of a file; its faults are added to the document, and None comes back."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=True):
            _translate(model, dict(fault), address, document)
        return None


def _translate(
    model: type[BaseModel], fault: dict[str, Any], address: Address, document: Document
) -> None:
    """Turn one fault as pydantic words it into a problem as a user reads it."""
    here: Address = (*address, *fault["loc"])
    if fault["type"] == "extra_forbidden":
        unknown_key(document, here, _known_keys(model, fault["loc"][:-1]))
    elif fault["type"] == "missing":
        message = f'the key "{here[-1]}" is missing.'
        document.report("SCEN-202", message, here[:-1], hint=f"Add {here[-1]}: ...")
    else:
        given = fault["input"] if isinstance(fault["input"], str) else ""
        hint = ""
        if fault["type"] == "literal_error":
            expected = str(fault["ctx"]["expected"])
            hint = nearest(given, expected.replace("'", "").replace(",", "").split())
        shown = f'"{given}": ' if given else ""
        document.report("SCEN-203", f"{shown}{_wanted(fault)}.", here, hint=hint)


def _wanted(fault: dict[str, Any]) -> str:
    """Say what the key wants."""
    kind, context = str(fault["type"]), fault.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"{context['expected']} is wanted".replace("'", "")
    if kind.startswith("date"):
        return "there is no such day"
    if kind in ("greater_than_equal", "less_than_equal"):
        side = "at least" if kind.startswith("greater") else "at most"
        return f"{side} {context.get('ge', context.get('le'))} is wanted"
    return _PLAIN.get(kind, str(fault["msg"]))


_PLAIN = {
    "int_parsing": "a whole number is wanted",
    "int_type": "a whole number is wanted",
    "int_from_float": "a whole number is wanted",
    "float_parsing": "a number is wanted",
    "float_type": "a number is wanted",
    "finite_number": "a finite number is wanted",
    "string_type": "a word or text is wanted, not a list or keys",
    "dict_type": "keys with values are wanted, as {site: lynas-kuantan}",
    "model_type": "keys with values are wanted here",
    "list_type": "a list is wanted here, each item after a dash",
    "too_short": "at least one is wanted here",
    "greater_than": "a number above 0 is wanted",
    "string_pattern_mismatch": "small letters, digits and hyphens are wanted, as no-truce",
    "string_too_long": "at most 60 letters are wanted",
}


def unknown_key(document: Document, address: Address, known: Sequence[str]) -> None:
    """Report a key that is not known, with the nearest one that is."""
    hint = nearest(str(address[-1]), known) or f"Known here: {', '.join(known)}."
    message = f'"{address[-1]}" is not a key here.'
    document.report("SCEN-201", message, address, hint=hint, key=True)


def _known_keys(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The keys of the mapping at an address below a model."""
    for key in loc:
        fields = {f.alias or name: f for name, f in model.model_fields.items()}
        if key in fields:
            model = next(_models(fields[str(key)].annotation), model)
    return [f.alias or name for name, f in model.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside a type, as in `list[EntryPart] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


class Part(BaseModel):
    """A mapping in the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
