"""Seeded mutations of a tree of plain values, as damaged or evil records have them."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import yaml

ODD = (
    None, True, False, 0, -1, 1.5, 10**31, -1e300, "", "x", "../up", "/tmp/x", "\x1b[31m",
    "<script>", "\ud800", "9999-12-31", "2026-13-45", [], [True], {}, {"": 0}, [[[]]], "=1+1",
    "9" * 300,
)  # fmt: skip

LETTERS = "[]{}:-#&*!|>'\"%@`,;\n\t \x00\x1b\u202eé9a"

Place = tuple[Any, Any]
"""A dict or list, and a key or position in it."""


def mutated(tree: Any, dice: random.Random, most: int = 3) -> Any:
    """A copy in which one to `most` places are gone, twice, or hold something else."""
    found = copy.deepcopy(tree)
    for _ in range(dice.randint(1, most)):
        holder, key = dice.choice(list(_places(found)) or [({"": 0}, "")])
        kind = dice.randrange(4)
        if kind == 0:
            del holder[key]
        elif kind == 1:
            holder[key] = copy.deepcopy(dice.choice(list(_places(found))))[0]
        else:
            holder[key] = copy.deepcopy(dice.choice(ODD))
    return found


def _places(tree: Any) -> Iterator[Place]:
    keys = list(tree) if isinstance(tree, dict) else range(len(tree))
    for key in keys:
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from _places(tree[key])


def other_letters(text: str, dice: random.Random) -> str:
    """A text in which some letters are others."""
    letters = list(text)
    for _ in range(dice.randint(1, 4)):
        letters[dice.randrange(len(letters))] = dice.choice(LETTERS)
    return "".join(letters)


def spoilt_yaml(text: str, dice: random.Random) -> str:
    """A YAML text with another tree, or with other letters."""
    if dice.random() < 0.4:
        return other_letters(text, dice)
    tree = mutated(yaml.load(text, yaml.BaseLoader), dice)
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
