"""What is said of a company as a tree of keys: from a file, from KEY=VALUE, from answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from supplychain.documents import Document, parse_yaml

NESTED = ("kg_per_unit", "suppliers", "shelf")
"""Keys under which words may stand for materials or countries."""
_PAIR = re.compile(r"\s*(?P<word>.+?)\s*[:=]?\s+(?P<amount>\d[\d.,]*\s*\S*(?: per unit)?)\s*")
_BETWEEN = re.compile(r"[,;]\s+|\s+and\s+")


def said_value(key: str, text: str) -> Any:
    """Read the words of an answer: "China 60 %, Japan 40 %" becomes keys with amounts.

    >>> said_value("suppliers", "China 60 %, South Korea: 40 %")
    {'China': '60 %', 'South Korea': '40 %'}
    >>> said_value("shelf", "2.5 weeks"), said_value("makes", "1,000 per week")
    ('2.5 weeks', '1,000 per week')
    """
    pairs = [_PAIR.fullmatch(part) for part in _BETWEEN.split(text)] if key in NESTED else [None]
    if all(pairs):
        return {pair["word"]: pair["amount"].strip() for pair in pairs if pair}
    return text.strip()


def spoken_value(value: Any) -> str:
    """Write a value as an answer that `said_value` reads; two levels of keys cannot be.

    >>> spoken_value({"China": "60 %", "Japan": "40 %"})
    'China 60 %, Japan 40 %'
    """
    if not isinstance(value, Mapping):
        return str(value)
    return ", ".join(f"{word} {amount}" for word, amount in value.items())


def put(tree: dict[str, Any], key: str, text: str) -> None:
    """Set one key of a tree; dots lead into it, as in `suppliers.ndfeb-heavy.China`.

    A word that has a dot of its own belongs to the last part, if that key is there.
    """
    first, _, rest = key.partition(".")
    if not rest:
        tree[first] = said_value(first, text)
        return
    here = tree.get(first)
    inner: dict[str, Any] = dict(here) if isinstance(here, Mapping) else {}
    second, _, third = rest.partition(".")
    if (third and second not in inner | {rest: ""}) or isinstance(inner.get(second), Mapping):
        put(inner, rest, text)
    else:
        inner[_as_there(inner, rest)] = text.strip()
    tree[first] = inner


def _as_there(tree: Mapping[str, Any], word: str) -> str:
    """A word as the tree has it, whatever its letters."""
    return next((there for there in tree if there.lower() == word.lower()), word)


def document_of(tree: Mapping[str, Any], file: str) -> Document:
    """A document of a tree that stands in no file yet, with lines as it will be written."""
    return parse_yaml(as_yaml(tree), file)


def as_yaml(tree: Mapping[str, Any], order: Sequence[str] = ()) -> str:
    """Write what is said of a company as the text of its file, keys in the order given."""
    keys = [*(key for key in order if key in tree), *(key for key in tree if key not in order)]
    ordered = {key: tree[key] for key in keys}
    text: str = yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=99)
    return text


def document_of_sheet(lines: Mapping[str, tuple[str, int]], file: str) -> Document:
    """A document of the rows of a sheet: key, with dots into it, to its words and their row."""
    found = Document(file, {})
    for key, (text, line) in lines.items():
        put(found.tree, key, text)
        for depth in range(1, key.count(".") + 2):
            address = tuple(key.split(".")[:depth])
            found.keys.setdefault(address, (line, 1))
            found.values.setdefault(address, (line, 2))
    return found
