"""Runs beside a base: what differs, what caused it, and thresholds on losses."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import pandas as pd
from pandas import DataFrame

from supplychain.errors import InvalidInput, Problem, nearest, problem
from supplychain.runs.run_schema import Run
from supplychain.scenario.scenario import ABSENT, Difference, words_diff

KEYS = ["sector", "region"]
MEASURES = ["lost", "lost_share", "lost_value_usd", "first_week"]

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


class RunLike(Protocol):
    """A run's record, and the table of what overlays changed."""

    @property
    def record(self) -> Mapping[str, Any]:
        """What run.json holds."""

    @property
    def tables(self) -> Mapping[str, DataFrame]:
        """The tables by name."""


@dataclass(frozen=True)
class Comparison:
    """A base run, the others, and the tables that set them side by side."""

    base: Run
    others: tuple[Run, ...]
    sectors: DataFrame
    """sector, region, unit, scenario, lost, lost_share, lost_value_usd, first_week, and the
    differences to the base: lost_difference, lost_share_difference, lost_value_difference_usd."""
    inputs: DataFrame
    """what, scenario, base value, other value, why, source: inputs that are not the same."""


Horizon = tuple[date, int]
"""The first Monday, and how many weeks."""


def horizon_of(run: RunLike) -> Horizon:
    """First Monday and weeks of a run."""
    horizon = run.record["scenario"]["horizon"]
    return date.fromisoformat(str(horizon["start"])), int(horizon["weeks"])


def refuse_unlike(horizons: Mapping[str, Horizon | None]) -> None:
    """Refuse to set beside each other what does not run over the same weeks.

    Args:
        horizons: by name, the base first; None where it is not known.

    Raises:
        InvalidInput: two differ; a loss of 30 weeks is no more than one of 4 for being larger.
    """
    known = {name: horizon for name, horizon in horizons.items() if horizon is not None}
    problems = []
    for name, (start, weeks) in known.items():
        base = next(iter(known))
        first, count = known[base]
        if (start, weeks) != (first, count):
            text = f"{base} runs {count} weeks from {first}, {name} {weeks} weeks from {start}."
            hint = f"Solve it with --start {first} --weeks {count}, or compare others."
            problems.append(problem("CHECK-102", text, hint=hint, path=name))
    if problems:
        raise InvalidInput("Runs of different weeks cannot be compared.", problems)


def compare(base: Run, others: Sequence[Run]) -> Comparison:
    """Set runs beside a base run.

    Raises:
        InvalidInput: they do not run over the same weeks.
    """
    refuse_unlike({run.scenario: horizon_of(run) for run in (base, *others)})
    table = pd.concat([_beside(base, run) for run in (base, *others)], ignore_index=True)
    return Comparison(base, tuple(others), table, inputs_that_differ(base, others))


def _beside(base: Run, run: Run) -> DataFrame:
    wanted = ["scenario", *KEYS, "unit", *MEASURES]
    mine = run.tables["indicators"][wanted]
    theirs = base.tables["indicators"][[*KEYS, "lost", "lost_share", "lost_value_usd"]]
    both = mine.merge(theirs, on=KEYS, how="left", suffixes=("", "_base"))
    both["lost_difference"] = both["lost"] - both["lost_base"]
    both["lost_share_difference"] = both["lost_share"] - both["lost_share_base"]
    both["lost_value_difference_usd"] = both["lost_value_usd"] - both["lost_value_usd_base"]
    return both.drop(columns=["lost_base", "lost_share_base", "lost_value_usd_base"])


COLUMNS = ["what", "scenario", "base", "other", "why", "source"]


def inputs_that_differ(base: RunLike, others: Sequence[RunLike]) -> DataFrame:
    """What each other run changes against the base: old, new, reason and source.

    Horizon, foresight, timeline and changes as `scenario diff` lists them, then allocation, data
    and the rows that overlays change.
    """
    rows: list[dict[str, Any]] = []
    for run in others:
        name = str(run.record["scenario"]["name"])
        for d in (*words_diff(base.record["scenario"], run.record["scenario"]), *_data(base, run)):
            rows.append(
                {
                    "what": d.what,
                    "scenario": name,
                    "base": d.one,
                    "other": d.other,
                    "why": d.why,
                    "source": d.source,
                }
            )
    return DataFrame(rows, columns=COLUMNS)


def _data(base: RunLike, run: RunLike) -> Iterator[Difference]:
    """Allocation, the hash of the data, and the cells that one of the two overlays."""
    settings = [
        ("allocation", *(str(r.record.get("allocation", ABSENT)) for r in (base, run))),
        ("data", *(str(r.record["data"]["hash"])[:12] for r in (base, run))),
    ]
    yield from (Difference(what, a, b) for what, a, b in settings if a != b)
    mine, theirs = (_cells(r) for r in (base, run))
    for cell in [*theirs, *(c for c in mine if c not in theirs)]:
        old = mine[cell].get("new") if cell in mine else theirs[cell].get("old")
        new = theirs[cell].get("new") if cell in theirs else mine[cell].get("old")
        if old != new:
            overlay = theirs.get(cell, mine.get(cell, {})).get("overlay")
            why = f"overlay {overlay}" if overlay else ""
            yield Difference(f"data {' '.join(cell)}", _shown(old), _shown(new), why)


def _cells(run: RunLike) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """What overlays change, by table, key and column; a record has the first of many alone."""
    changes = run.record["data"].get("changes", ())
    if "data_changes" in run.tables:
        frame = run.tables["data_changes"].astype(object)
        changes = frame.where(frame.notna(), None).to_dict("records")
    names = ("table", "key", "column")
    return {tuple(str(c[n]) for n in names if n in c): c for c in changes}


def _shown(value: object) -> str:
    return ABSENT if value is None else str(value)


class BadRule(ValueError):
    """A rule that cannot be read, or that means nothing in the results."""


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
        BadRule: it is not such a rule.
    """
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise BadRule(
            f'--fail-on cannot read "{text}". '
            "It wants [difference.]SECTOR[.REGION].MEASURE, one of > >= < <=, and a number."
        )
    if found["measure"] not in _MEASURES:
        hint = nearest(found["measure"], _MEASURES) or f"Known: {', '.join(_MEASURES)}."
        raise BadRule(f'--fail-on knows no measure "{found["measure"]}". {hint}')
    try:
        limit = float(found["limit"])
    except ValueError as error:
        raise BadRule(f'--fail-on wants a number, but got "{found["limit"]}".') from error
    if not math.isfinite(limit):
        raise BadRule(f'--fail-on wants a finite number, but got "{found["limit"]}".')
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
        raise BadRule(f'There is no sector "{rule.sector}". {nearest(rule.sector, sectors)}')
    entry: Mapping[str, Any] = sectors[rule.sector]
    if rule.region:
        regions = entry["by_region"]
        if rule.region not in regions:
            raise BadRule(
                f'{rule.sector} has no region "{rule.region}". {nearest(rule.region, regions)}'
            )
        entry = regions[rule.region]
    return float(entry[rule.measure])
