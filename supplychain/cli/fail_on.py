"""The rules of `compare --fail-on`: a measure of a headline against a number."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from supplychain.cli.command import UsageError
from supplychain.errors import Problem, nearest, problem

if TYPE_CHECKING:
    from supplychain.results.run import Run

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_MEASURES = ("lost_share", "lost_value_usd")
_SHAPE = re.compile(
    r"(?P<difference>difference\.)?(?P<sector>[a-z-]+)(\.(?P<region>[A-Z]{3}))?"
    r"\.(?P<measure>[a-z_]+)\s*(?P<sign>>=|<=|>|<)\s*(?P<limit>\S+)"
)


@dataclass(frozen=True)
class Rule:
    """Holds where the measure of a run, or its difference to the base, meets the limit."""

    text: str
    difference: bool
    sector: str
    region: str
    measure: str
    sign: str
    limit: float


def read_rule(text: str) -> Rule:
    """Read a rule such as `auto.lost_share>0.05` or `difference.munitions.USA.lost_share>0.1`.

    Raises:
        UsageError: it is not such a rule.
    """
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f'--fail-on cannot read "{text}". '
            "It wants [difference.]SECTOR[.REGION].MEASURE, one of > >= < <=, and a number."
        )
    if found["measure"] not in _MEASURES:
        hint = nearest(found["measure"], _MEASURES) or f"Known: {', '.join(_MEASURES)}."
        raise UsageError(f'--fail-on knows no measure "{found["measure"]}". {hint}')
    try:
        limit = float(found["limit"])
    except ValueError as error:
        raise UsageError(f'--fail-on wants a number, but got "{found["limit"]}".') from error
    return Rule(
        text=text.strip(),
        difference=bool(found["difference"]),
        sector=found["sector"],
        region=found["region"] or "",
        measure=found["measure"],
        sign=found["sign"],
        limit=limit,
    )


def broken(rules: Sequence[Rule], base: Run, other: Run) -> Iterator[Problem]:
    """Name the rules that hold, for which the command shall fail."""
    for rule in rules:
        value = _measure(rule, other) - (_measure(rule, base) if rule.difference else 0.0)
        if _COMPARE[rule.sign](value, rule.limit):
            text = f"{other.scenario}: {rule.text}, it is {value:.6g}."
            yield problem("CHECK-101", text, path=rule.text)


def _measure(rule: Rule, run: Run) -> float:
    sectors: Mapping[str, Any] = run.headline["sectors"]
    if rule.sector not in sectors:
        raise UsageError(f'There is no sector "{rule.sector}". {nearest(rule.sector, sectors)}')
    entry: Mapping[str, Any] = sectors[rule.sector]
    if rule.region:
        regions = entry["by_region"]
        if rule.region not in regions:
            raise UsageError(
                f'{rule.sector} has no region "{rule.region}". {nearest(rule.region, regions)}'
            )
        entry = regions[rule.region]
    return float(entry[rule.measure])
