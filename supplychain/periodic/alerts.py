"""What somebody is to be called for: the conditions of a definition against two reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from supplychain.periodic.changed import Record, weeks_between
from supplychain.periodic.document import AlertPart
from supplychain.report import words
from supplychain.results.indicators import WORLD


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
    return words.share(value) if rule.measure == "lost_share" else words.money(value, 3)
