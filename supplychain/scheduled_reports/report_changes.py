"""What changed since the last report, and the alerts that it raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from supplychain import formatting
from supplychain.dataset.data_diff import Plain, data_diff
from supplychain.runs.run_schema import WORLD
from supplychain.scenario.scenario import words_diff
from supplychain.scheduled_reports.report_schema import AlertPart, ChangedPart

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
        return formatting.number(value)
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


@dataclass(frozen=True)
class Alert:
    """A condition that holds, in words and in numbers."""

    name: str
    scenario: str
    sector: str
    region: str
    measure: str
    old: float | str | None
    new: float | str | None
    said: str
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """The entry of `alerts` in report.json."""
        return asdict(self)


def alerts_of(
    rules: Sequence[AlertPart],
    names: Mapping[str, str],
    before: Record | None,
    after: Record,
) -> list[Alert]:
    """Name the alerts that hold.

    Args:
        rules: those of the definition.
        names: what the definition calls a scenario, to the scenario's own name.
        before: the last report, if there is one; without it nothing has moved.
        after: this report.
    """
    found: list[Alert] = []
    for rule in rules:
        wanted = [names[rule.scenario]] if rule.scenario else list(after["headline"])
        for scenario in wanted:
            new = _losses(after, scenario, rule)
            old = _losses(before, scenario, rule) if before else None
            if new is None:
                continue
            start = after["scenarios"][scenario]["horizon"]["start"]
            said = list(_conditions(rule, old, new, date.fromisoformat(start)))
            if said and all(said):
                found.append(_alert(rule, scenario, old, new, " and ".join(filter(None, said))))
    return found


def _alert(rule: AlertPart, scenario: str, old: Record | None, new: Record, said: str) -> Alert:
    region = "" if rule.region == WORLD else f" in {rule.region}"
    told = f"{scenario}: {rule.sector}{region} {said}."
    values = (old[rule.measure] if old else None, new[rule.measure])
    return Alert(
        rule.name, scenario, rule.sector, rule.region, rule.measure, *values, told, rule.why or ""
    )


def _losses(record: Record, scenario: str, rule: AlertPart) -> Record | None:
    """What a sector loses in the place of a rule; None where there is no such customer."""
    sector: Record | None = record["headline"].get(scenario, {}).get(rule.sector)
    if sector is None or rule.region == WORLD:
        return sector
    found: Record | None = sector["by_region"].get(rule.region)
    return found


def _conditions(rule: AlertPart, old: Record | None, new: Record, start: date) -> Iterator[str]:
    """Each condition of a rule in words, or blank where it does not hold."""
    value = new[rule.measure]
    if rule.earlier_by_weeks is not None:
        yield _earlier(rule.earlier_by_weeks, old, value)
    if rule.within_weeks is not None:
        weeks = None if not value else (date.fromisoformat(value) - start).days // 7
        held = weeks is not None and weeks <= rule.within_weeks
        said = f"first stops {_weeks(weeks or 0)} after the start, in the week of {value}"
        yield said if held else ""
    if rule.rises_by is not None:
        rise = value - old[rule.measure] if old else 0.0
        said = f"{_named(rule)} rose by {_amount(rule, rise)} to {_amount(rule, value)}"
        yield said if rise >= rule.rises_by else ""
    if rule.above is not None:
        said = f"{_named(rule)} is {_amount(rule, value)}, above {_amount(rule, rule.above)}"
        yield said if value > rule.above else ""


def _earlier(by: int, old: Record | None, value: str | None) -> str:
    """Say that a first stop came forward, or is new; blank where it did not."""
    if old is None or not value:
        return ""
    before = old["first_week"]
    if not before:
        return f"now first stops in the week of {value}, before not at all"
    weeks = -(weeks_between(before, value) or 0.0)
    if weeks < by:
        return ""
    return f"first stops {_weeks(weeks)} earlier, in the week of {value} instead of {before}"


def _weeks(count: float) -> str:
    return "1 week" if count == 1 else f"{count:g} weeks"


def _named(rule: AlertPart) -> str:
    return {"lost_share": "lost share of plan", "lost_value_usd": "lost value"}[rule.measure]


def _amount(rule: AlertPart, value: float) -> str:
    return formatting.share(value) if rule.measure == "lost_share" else formatting.money(value, 3)
