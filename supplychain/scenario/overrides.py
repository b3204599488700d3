"""The grammar of KEY=VALUE: what is changed on top of a scenario, by `--set` or in its name.

`demand=base`, `horizon.weeks=52`, `horizon.start=2026-10-05`, `history.from=none`,
`foresight.mode=perfect`, `foresight.step_weeks=2`, `foresight.window_weeks=30` set a value of the
file. Any kind of change is written

    KIND@KEY:WORD,KEY:WORD=VALUE[UNIT]    or with dates    KIND@KEY:WORD@FROM..TO=VALUE[UNIT]

as `site_capacity@site:lynas-kuantan=0.5`, `opening_cover@sector:auto,region:EUR=12week`,
`arc_limit@material:ndpr-oxide,origin:SEA@2027-01-04..2027-03-01=0`. Without a unit the kind's usual
one is meant; a date may be left out on either side of the two dots. A licence parameter is also
called by its own name: `review=18week` is `licence@parameter:review=18week`, and
`review@control:cn-2025-18-magnets=8` is one of a single control.

A scenario changed so has a name: `no-truce+review=18week`, with a plus before each change.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from supplychain.dataset.schema_policy import PARAMETERS
from supplychain.errors import Problem, nearest, problem
from supplychain.scenario.change_types import KINDS, units_of
from supplychain.scenario.scenario_checks import canonical_value

WHERE_FROM = "--set"
WHY = "set on the command line"
EXAMPLE = "site_capacity@site:lynas-kuantan=0.5"
LICENCE = "licence"

VALUES = (
    "demand",
    "horizon.start",
    "horizon.weeks",
    "history.from",
    "foresight.mode",
    "foresight.window_weeks",
    "foresight.step_weeks",
)

_CHANGE = re.compile(
    r"(?P<what>[a-z_]+)(?:@(?P<where>[^@=]*:[^@=]*))?(?:@(?P<from>[0-9-]*)\.\.(?P<to>[0-9-]*))?"
)
_AMOUNT = re.compile(r"\s*(?P<number>[-+0-9.eE]+)\s*(?P<unit>.*?)\s*")
_NEXT = re.compile(r"\+(?=[a-z_.]+(?:@[^=+]*)?=)")
"""The plus before a change in the name of a scenario; that of `1e+3` is none."""


@dataclass(frozen=True)
class Override:
    """One KEY=VALUE in its parts; those of a change of numbers are as they were written."""

    key: str
    """One of `VALUES`, a kind of change, or a licence parameter."""
    where: tuple[tuple[str, str], ...]
    """Where-keys and their words; none for a value of the file."""
    start: str
    end: str
    number: str
    """The amount without its unit, or the whole value."""
    unit: str
    """"" where none is written."""

    @property
    def kind(self) -> str:
        """The kind of change; "" for a value of the file."""
        if self.key in VALUES:
            return ""
        return LICENCE if self.key in PARAMETERS else self.key

    @property
    def reach(self) -> dict[str, str]:
        """Where-keys and words of the change, a licence parameter among them."""
        own = {"parameter": self.key} if self.key in PARAMETERS else {}
        return {**own, **dict(self.where)}

    @property
    def usual_unit(self) -> str:
        """The unit that is meant where none is written."""
        kind = KINDS.get(self.kind)
        return units_of(kind, self.reach)[0] if kind else "share"

    @property
    def head(self) -> str:
        """The left side in one form: licence parameters by their own name, where-keys in order."""
        if not self.kind:
            return self.key
        where = self.reach
        parameter = where.pop("parameter", "") if self.kind == LICENCE else ""
        words = [parameter or self.kind]
        words += [",".join(f"{key}:{word}" for key, word in sorted(where.items()))] if where else []
        words += [f"{self.start}..{self.end}"] if self.start or self.end else []
        return "@".join(words)

    @property
    def amount(self) -> str:
        """The right side in one form: in the canonical unit, where it can be converted to it."""
        kind = KINDS.get(self.kind)
        number = _float(self.number)
        if kind is None or number is None or not math.isfinite(number):
            return f"{self.number}{self.unit}"
        unit = self.unit or self.usual_unit
        found = canonical_value(number, unit, kind, self.reach)
        value, unit = (number, unit) if isinstance(found, str) else found
        return f"{round(value, 12):.12g}{unit}"

    @property
    def text(self) -> str:
        """The whole in one form, which reads back as the same."""
        return f"{self.head}={self.amount}"

    @property
    def subject(self) -> str:
        """What is changed, as a title says it: "opening cover of auto"."""
        where = {key: word for key, word in self.reach.items() if key != "parameter"}
        name = self.reach.get("parameter", self.key).replace("_", " ").replace(".", " ")
        of = f" of {', '.join(where.values())}" if where else ""
        return f"{name}{of}{f' {self.start}..{self.end}' if self.start or self.end else ''}"

    @property
    def value_words(self) -> str:
        """The canonical amount as a sentence says it.

        >>> [read_override(f"review={n}", []).value_words for n in ("18", "1")]
        ['18 weeks', '1 week']
        >>> read_override("approval_share=0.5", []).value_words
        '50 %'
        >>> read_override("opening_cover@sector:auto=0.5", []).value_words
        '0.5 times'
        """
        parts = _AMOUNT.fullmatch(self.amount)
        if not self.kind or parts is None:
            return self.amount
        number, unit = parts["number"], parts["unit"]
        if unit == "share":
            return f"{float(number) * 100:.12g} %"
        if unit == "ratio":
            return f"{number} times"
        return f"{number} {unit}{'s' if unit == 'week' and float(number) != 1.0 else ''}"

    def in_words(self) -> str:
        """The change as a title says it.

        >>> read_override("review=18", []).in_words()
        'review 18 weeks'
        """
        return f"{self.subject} {self.value_words}"


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@dataclass
class SetTree:
    """Settings as the tree that a scenario file would hold."""

    tree: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def parse_settings(settings: Sequence[str], place: str = WHERE_FROM) -> SetTree:
    """Turn KEY=VALUE words into a tree of horizon, foresight and changes.

    `place` is what problems name as their file.
    """
    found = SetTree()
    heads: dict[str, str] = {}
    for text in settings:
        override = read_override(text, found.problems, place)
        if override is None:
            continue
        if override.head in heads:
            message = f"{override.head} is given twice: {heads[override.head]} and {text}."
            found.problems.append(badly(message, "Take one out.", place, code="SCEN-603"))
            continue
        heads[override.head] = text
        if override.kind:
            found.tree.setdefault("changes", []).append(_change(override))
        else:
            part, _, name = override.key.rpartition(".")
            (found.tree.setdefault(part, {}) if part else found.tree)[name] = override.number
    return found


def _change(override: Override) -> dict[str, Any]:
    """The change of numbers as a file would hold it."""
    change: dict[str, Any] = {
        "what": override.kind,
        "where": override.reach,
        "value": override.number,
        "unit": override.unit or override.usual_unit,
        "why": WHY,
        "source": "assumption",
    }
    dates = {"from": override.start, "to": override.end}
    if any(dates.values()):
        change["when"] = {name: day for name, day in dates.items() if day}
    return change


def read_override(text: str, problems: list[Problem], place: str = WHERE_FROM) -> Override | None:
    """Read one KEY=VALUE; what is wrong with it is added to the problems, and None comes back."""
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not value:
        problems.append(badly(f'"{text}" has no value.', "Write KEY=VALUE.", place))
        return None
    if key in VALUES:
        return Override(key, (), "", "", value, "")
    match, amount = _CHANGE.fullmatch(key), _AMOUNT.fullmatch(value)
    if "@" not in key and key not in PARAMETERS:
        known = [*VALUES, *PARAMETERS, *(f"{kind}@" for kind in KINDS)]
        hint = nearest(key, known) or f"Known: {', '.join(known)}."
        hint += f" A change is written as {EXAMPLE}."
        message = f'"{key}" is nothing that can be set.'
        problems.append(badly(message, hint, place, code="SCEN-602"))
        return None
    written = match["where"] if match else None
    pairs = [pair.partition(":") for pair in written.split(",")] if written else []
    where = tuple((name.strip(), word.strip()) for name, _, word in pairs)
    if match is None or amount is None or not all(word for _, word in where):
        hint = f"Write KIND@KEY:WORD,KEY:WORD=VALUE, as {EXAMPLE}."
        problems.append(badly(f'"{text}" is badly written.', hint, place))
        return None
    dates = (match["from"] or "", match["to"] or "")
    return Override(match["what"], where, *dates, amount["number"], amount["unit"])


def badly(message: str, hint: str, place: str = WHERE_FROM, code: str = "SCEN-601") -> Problem:
    """A problem of a setting; `place` is where it was given."""
    return problem(code, message, file=place, hint=hint)


def split_name(word: str) -> tuple[str, tuple[str, ...]]:
    """The scenario that a word names, and the changes on top of it; the path of a file has none.

    >>> split_name("no-truce+review=18week+opening_cover@sector:auto=0.5")
    ('no-truce', ('review=18week', 'opening_cover@sector:auto=0.5'))
    >>> split_name("truce"), split_name("truce+opening_stock@region:EUR,material:x=1e+3")[1]
    (('truce', ()), ('opening_stock@region:EUR,material:x=1e+3',))
    """
    if os.path.lexists(word):  # a long name is none, and no error
        return word, ()
    base, *changes = _NEXT.split(word)
    return base, tuple(changes)


def changed_name(base: str, changes: Sequence[Override]) -> str:
    """The name of a scenario with changes on top: one for one set of changes, in any order.

    >>> both = [read_override(text, []) for text in ("review=18", "gap=2 week")]
    >>> changed_name("no-truce", [one for one in both if one])
    'no-truce+gap=2week+review=18week'
    """
    return "+".join([base, *sorted(change.text for change in changes)])
