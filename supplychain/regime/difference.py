"""How two scenarios differ, as they are solved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from supplychain.regime.kinds import Change, Entry, Scenario

ABSENT = "-"


@dataclass(frozen=True)
class Difference:
    """One thing that differs, in words; a dash stands for what one of the two lacks."""

    what: str
    one: str
    other: str

    def as_json(self) -> dict[str, str | None]:
        """The entry of `differences` in `--json`."""
        return {k: None if v == ABSENT else v for k, v in asdict(self).items()}


def scenario_diff(one: Scenario, other: Scenario) -> tuple[Difference, ...]:
    """List what differs: horizon, foresight, regimes by date, changes of numbers."""
    found = [
        Difference(what, a, b)
        for (what, a), (_, b) in zip(_plain(one), _plain(other), strict=True)
        if a != b
    ]
    found += _unmatched("timeline", _entries(one), _entries(other))
    found += _unmatched("expects", _expected(one), _expected(other))
    found += _unmatched("change", _changes(one), _changes(other))
    return tuple(found)


def _plain(scenario: Scenario) -> list[tuple[str, str]]:
    foresight = scenario.foresight
    return [
        ("horizon.start", scenario.start.isoformat()),
        ("horizon.weeks", str(scenario.weeks)),
        ("foresight.mode", foresight.mode),
        ("foresight.window_weeks", str(foresight.window_weeks)),
        ("foresight.step_weeks", str(foresight.step_weeks)),
    ]


def _entries(scenario: Scenario) -> dict[str, str]:
    return {_key(e): f"{e.setting.regime} (announced {e.announced})" for e in scenario.timeline}


def _expected(scenario: Scenario) -> dict[str, str]:
    return {_key(e): e.setting.regime for e in scenario.foresight.expects}


def _key(entry: Entry) -> str:
    named = [word for word in entry.setting.scope if word != "ANY"]
    return " ".join([entry.effective.isoformat(), *named])


def _changes(scenario: Scenario) -> dict[str, str]:
    return {_place(c): f"{c.value:g} {c.unit}" for c in scenario.changes}


def _place(change: Change) -> str:
    where = ", ".join(f"{key} {word}" for key, word in change.where)
    dates = f" {change.start or ''}..{change.end or ''}" if change.start or change.end else ""
    return f"{change.what} of {where}{dates}"


def _unmatched(what: str, one: dict[str, str], other: dict[str, str]) -> Iterator[Difference]:
    for key in sorted({*one, *other}):
        a, b = one.get(key, ABSENT), other.get(key, ABSENT)
        if a != b:
            yield Difference(f"{what} {key}", a, b)
