"""How two scenarios differ, as they are solved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from supplychain.regime.kinds import Scenario

ABSENT = "-"
SCOPE = ("exporter", "control", "destination", "end_use")
PLAIN = (
    ("horizon", "start"),
    ("horizon", "weeks"),
    ("foresight", "mode"),
    ("foresight", "window_weeks"),
    ("foresight", "step_weeks"),
)

Words = Mapping[str, Any]
"""A resolved scenario as `Scenario.as_json` writes it and run.json keeps it, or a part of it."""


@dataclass(frozen=True)
class Difference:
    """One thing that differs, in words; a dash stands for what one of the two lacks.

    Reason and source are those of the other, or of the one where the other lacks the thing.
    """

    what: str
    one: str
    other: str
    why: str = ""
    source: str = ""

    def as_json(self) -> dict[str, str | None]:
        """The entry of `differences` in `--json`."""
        return {k: None if v == ABSENT else v for k, v in asdict(self).items()}


def scenario_diff(one: Scenario, other: Scenario) -> tuple[Difference, ...]:
    """List what differs: horizon, foresight, regimes by date, changes of numbers."""
    return words_diff(one.as_json(), other.as_json())


def words_diff(one: Words, other: Words) -> tuple[Difference, ...]:
    """The same for scenarios as run.json keeps them."""
    found = list(_plain(one, other))
    found += _unmatched("timeline", _entries(one), _entries(other))
    found += _unmatched("expects", _expected(one), _expected(other))
    found += _unmatched("change", _changes(one), _changes(other))
    return tuple(found)


def _plain(one: Words, other: Words) -> Iterator[Difference]:
    for part, key in PLAIN:
        a, b = (str(words.get(part, {}).get(key, ABSENT)) for words in (one, other))
        if a != b:
            yield Difference(f"{part}.{key}", a, b)


Parts = dict[str, tuple[str, Words]]
"""By key: the value in words, and what it is a part of."""


def _entries(scenario: Words) -> Parts:
    return {
        _key(e): (f"{e['set']['regime']} (announced {e['announced']})", e)
        for e in scenario.get("timeline", ())
    }


def _expected(scenario: Words) -> Parts:
    expects = scenario.get("foresight", {}).get("expects", ())
    return {_key(e): (str(e["set"]["regime"]), e) for e in expects}


def _key(entry: Words) -> str:
    named = [str(entry["set"][key]) for key in SCOPE if key in entry["set"]]
    return " ".join([str(entry["effective"]), *named])


def _changes(scenario: Words) -> Parts:
    return {_place(c): (f"{c['value']:g} {c['unit']}", c) for c in scenario.get("changes", ())}


def _place(change: Words) -> str:
    where = ", ".join(f"{key} {word}" for key, word in change["where"].items())
    first, last = (change["when"][end] or "" for end in ("from", "to"))
    dates = f" {first}..{last}" if first or last else ""
    return f"{change['what']} of {where}{dates}"


def _unmatched(what: str, one: Parts, other: Parts) -> Iterator[Difference]:
    for key in sorted({*one, *other}):
        a, b = (side[key][0] if key in side else ABSENT for side in (one, other))
        if a != b:
            _, part = other[key] if key in other else one[key]
            yield Difference(f"{what} {key}", a, b, str(part["why"]), str(part["source"]))
