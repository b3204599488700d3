"""A YAML text to plain dictionaries, lists and words, with the place of every key and value.

Every scalar stays the text it is (`NO` is Norway, `2026-13-10` is left for the date's own check).
What YAML offers beyond a tree is refused: anchors and aliases (they can recurse), merges, tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from supplychain.dataset.paths import shown
from supplychain.errors import InvalidInput, Problem, problem

Address = tuple[str | int, ...]
"""Keys and positions from the root, as ("timeline", 0, "set", "regime")."""

Place = tuple[int, int]
"""Line and column, both from 1."""

PLAIN_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
MERGE = "<<"
DEEPEST = 20


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
        root = yaml.compose(text, Loader=yaml.SafeLoader)
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
    return str(node.value)


def _walk_mapping(
    node: yaml.MappingNode, address: Address, document: Document, seen: set[int]
) -> Mapping[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in node.value:
        word = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
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
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
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
