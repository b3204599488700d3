"""`--set KEY=VALUE`: one change on top of a scenario, written on one line.

`horizon.weeks=52`, `horizon.start=2026-10-05`, `foresight.mode=perfect`, `foresight.step_weeks=2`,
`foresight.window_weeks=30` set a value of the file. Any kind of change is written

    KIND@KEY:WORD,KEY:WORD=VALUE[UNIT]    or with dates    KIND@KEY:WORD@FROM..TO=VALUE[UNIT]

as `site_capacity@site:lynas-kuantan=0.5`, `opening_cover@sector:auto,region:EUR=12week`,
`arc_limit@material:ndpr-oxide,origin:SEA@2027-01-04..2027-03-01=0`. Without a unit the kind's usual
one is meant; a date may be left out on either side of the two dots.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from supplychain.errors import Problem, nearest, problem
from supplychain.regime.change_kinds import KINDS, units_of

WHERE_FROM = "--set"
EXAMPLE = "site_capacity@site:lynas-kuantan=0.5"

VALUES = (
    "horizon.start",
    "horizon.weeks",
    "foresight.mode",
    "foresight.window_weeks",
    "foresight.step_weeks",
)

_CHANGE = re.compile(
    r"(?P<what>[a-z_]+)@(?P<where>[^@=]+)(?:@(?P<from>[0-9-]*)\.\.(?P<to>[0-9-]*))?"
)
_AMOUNT = re.compile(r"\s*(?P<number>[-+0-9.eE]+)\s*(?P<unit>.*?)\s*")


@dataclass
class SetTree:
    """Settings as the tree that a scenario file would hold."""

    tree: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def parse_settings(settings: Sequence[str]) -> SetTree:
    """Turn the words after `--set` into a tree of horizon, foresight and changes."""
    found = SetTree()
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not value.strip():
            message = f'"{text}" has no value.'
            found.problems.append(_badly(message, "Write KEY=VALUE."))
        elif key in VALUES:
            part, _, name = key.partition(".")
            found.tree.setdefault(part, {})[name] = value.strip()
        elif "@" in key:
            _add_change(found, text, key, value)
        else:
            known = [*VALUES, *(f"{kind}@" for kind in KINDS)]
            hint = nearest(key, known) or f"Known: {', '.join(known)}."
            hint += f" A change is written as {EXAMPLE}."
            message = f'"{key}" is nothing that can be set.'
            found.problems.append(_badly(message, hint, code="SCEN-602"))
    return found


def _add_change(found: SetTree, text: str, key: str, value: str) -> None:
    match, amount = _CHANGE.fullmatch(key), _AMOUNT.fullmatch(value)
    pairs = [pair.partition(":") for pair in match["where"].split(",")] if match else []
    if match is None or amount is None or not all(word for _, _, word in pairs):
        hint = f"Write KIND@KEY:WORD,KEY:WORD=VALUE, as {EXAMPLE}."
        found.problems.append(_badly(f'"{text}" is badly written.', hint))
        return
    where = {name.strip(): word.strip() for name, _, word in pairs}
    kind = KINDS.get(match["what"])
    usual = units_of(kind, where)[0] if kind else "share"
    change: dict[str, Any] = {
        "what": match["what"],
        "where": where,
        "value": amount["number"],
        "unit": amount["unit"] or usual,
        "why": "set on the command line",
        "source": "assumption",
    }
    dates = {name: match[name] for name in ("from", "to") if match[name]}
    if dates:
        change["when"] = dates
    found.tree.setdefault("changes", []).append(change)


def _badly(message: str, hint: str, code: str = "SCEN-601") -> Problem:
    return problem(code, message, file=WHERE_FROM, hint=hint)
