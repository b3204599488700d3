"""What changed since the last report: inputs that differ, and results that moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from supplychain.dataset.difference import Plain, data_diff
from supplychain.periodic.document import ChangedPart
from supplychain.regime.difference import words_diff
from supplychain.report import words
from supplychain.results.indicators import WORLD

ABSENT = "-"
KINDS = {
    "events": "event",
    "assumptions": "parameter",
    "regime_parameters": "parameter",
    "fitted_parameters": "parameter",
}
"""The kind of a change in a table of the data; of all others it is `data`."""

SETTINGS = (
    "scenarios", "base", "horizon", "foresight", "allocation", "set", "changed", "alerts",
)  # fmt: skip
"""Keys of a definition whose change is told."""

Record = Mapping[str, Any]
"""What a report.json holds."""


@dataclass(frozen=True)
class InputChange:
    """One input that differs. A dash stands for what was not there before, or is not any more."""

    kind: str
    """data, event, parameter, scenario, definition or version."""
    what: str
    old: str
    new: str
    source: str = ""
    why: str = ""
    scenarios: tuple[str, ...] = ()
    """Where it is one of scenarios: which."""

    def as_json(self) -> dict[str, Any]:
        """The entry of `inputs` in report.json."""
        return asdict(self)


@dataclass(frozen=True)
class ResultChange:
    """One result that moved by more than is tolerated."""

    scenario: str
    sector: str
    region: str
    measure: str
    """first_week, lost_share or lost_value_usd."""
    old: float | str | None
    new: float | str | None
    moved: float | None
    """New less old: in USD, in share of plan, or in weeks; None where a stop is new or gone."""

    def as_json(self) -> dict[str, Any]:
        """The entry of `results` in report.json."""
        return asdict(self)


def input_changes(
    before: Record, after: Record, old: Plain | None, new: Plain | None
) -> list[InputChange]:
    """List the inputs in which a report differs from the one before it.

    `old` and `new` are the data of both; None if they are gone, when only the hashes tell.
    """
    found = [*_definition(before, after), *_versions(before, after)]
    found += _scenarios(before["scenarios"], after["scenarios"])
    if before["data"]["hash"] != after["data"]["hash"]:
        found += _data(before, after, old, new)
    return found


def _definition(before: Record, after: Record) -> Iterator[InputChange]:
    one, other = before["settings"], after["settings"]
    for key in SETTINGS:
        a, b = one.get(key), other.get(key)
        if isinstance(a, dict) and isinstance(b, dict):
            names = [name for name in {**a, **b} if a.get(name) != b.get(name)]
            for name in names:
                yield InputChange(
                    "definition", f"{key}.{name}", _plain(a.get(name)), _plain(b.get(name))
                )
        elif a != b:
            yield InputChange("definition", key, _plain(a), _plain(b))


def _versions(before: Record, after: Record) -> Iterator[InputChange]:
    one, other = before["versions"], after["versions"]
    for name in {**one, **other}:
        a, b = str(one.get(name, ABSENT)), str(other.get(name, ABSENT))
        if a != b:
            yield InputChange("version", f"version of {name}", a, b)


def _scenarios(before: Record, after: Record) -> list[InputChange]:
    """What differs in the scenarios that both have; the same difference is told once."""
    names: dict[tuple[str, ...], list[str]] = {}
    for name in after:
        for d in words_diff(before[name], after[name]) if name in before else ():
            kind = "event" if d.what.startswith(("timeline", "expects")) else "scenario"
            names.setdefault((kind, d.what, d.one, d.other, d.source, d.why), []).append(name)
    return [
        InputChange(kind, what, old, new, source, why, tuple(found))
        for (kind, what, old, new, source, why), found in names.items()
    ]


def _data(before: Record, after: Record, old: Plain | None, new: Plain | None) -> list[InputChange]:
    if old is None or new is None:
        one, other = (str(record["data"]["hash"])[:12] for record in (before, after))
        why = "the data of the last report are not kept any more, so that no row can be named"
        return [InputChange("data", "data", one, other, why=why)]
    found = []
    for cell in data_diff(old, new):
        unit = f" {cell.unit}" if cell.unit and cell.column else ""
        then, now = _cell(cell.old, unit), _cell(cell.new, unit)
        what = " ".join(filter(None, [cell.table, cell.key, cell.column]))
        kind = KINDS.get(cell.table, "data")
        found.append(InputChange(kind, what, then, now, cell.source))
    return found


def _cell(value: str | None, unit: str) -> str:
    if value is None:
        return ABSENT
    return f"{value}{unit}" if value else "blank"


def _plain(value: Any) -> str:
    """A value of a definition on one line.

    >>> _plain({"start": "next monday", "weeks": None}), _plain(["a", "b"]), _plain(None)
    ('start next monday', 'a, b', '-')
    >>> _plain(250e6), _plain(0.01)
    ('250,000,000', '0.01')
    """
    if value is None or value in ([], {}):
        return ABSENT
    if isinstance(value, dict):
        return ", ".join(f"{k} {_plain(v)}" for k, v in value.items() if v is not None)
    if isinstance(value, float):
        return words.number(value)
    if isinstance(value, list):
        mark = "; " if any(isinstance(item, dict) for item in value) else ", "
        return mark.join(_plain(item) for item in value)
    return str(value)


def result_changes(before: Record, after: Record, limits: ChangedPart) -> list[ResultChange]:
    """List the results that moved by more than the limits, scenario by scenario.

    A scenario that only one of the two has is no result that moved: the definition changed.
    """
    found: list[ResultChange] = []
    for scenario, sectors in after["headline"].items():
        for place, one, other in _pairs(before["headline"].get(scenario, {}), sectors):
            found.extend(_moved(scenario, *place, one, other, limits))
    return found


def _pairs(before: Record, after: Record) -> Iterator[tuple[tuple[str, str], Record, Record]]:
    """Each sector and region that both have, the world first, with its losses then and now."""
    for sector, now in after.items():
        if sector not in before:
            continue
        then = before[sector]
        yield (sector, WORLD), then, now
        for region, losses in now["by_region"].items():
            if region in then["by_region"]:
                yield (sector, region), then["by_region"][region], losses


def _moved(
    scenario: str, sector: str, region: str, old: Record, new: Record, limits: ChangedPart
) -> Iterator[ResultChange]:
    place = (scenario, sector, region)
    then, now = old["first_week"], new["first_week"]
    weeks = weeks_between(then, now)
    if then != now and (weeks is None or abs(weeks) >= limits.first_week_weeks):
        yield ResultChange(*place, "first_week", then, now, weeks)
    for measure, limit in (
        ("lost_share", limits.lost_share),
        ("lost_value_usd", limits.lost_value_usd),
    ):
        a, b = float(old[measure]), float(new[measure])
        if abs(b - a) > limit:
            yield ResultChange(*place, measure, a, b, b - a)


def weeks_between(one: str | None, other: str | None) -> float | None:
    """Weeks from one first week to another; None where one of them is no stop.

    >>> weeks_between("2026-11-16", "2026-11-02"), weeks_between(None, "2026-11-02")
    (-2.0, None)
    """
    if not one or not other:
        return None
    return (date.fromisoformat(other) - date.fromisoformat(one)).days / 7
