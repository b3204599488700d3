"""Measures as text and pages tell them: costs, value kept, first stops, plan."""

from __future__ import annotations

import math

from supplychain import formatting
from supplychain.dataset.schema_demand import SECTORS
from supplychain.report.loss_summary import week_gap
from supplychain.study.measure_ranking import Amount, FirstStop, Ranked, Ranking

NOT_WORTH = 1e6
"""USD: a value kept below this is told as it is, but no measure is praised for it."""


def money_of(amount: Amount) -> str:
    """The range of an amount, or the amount where it has none.

    >>> money_of(Amount(2e6, 1e6, 3e6)), money_of(Amount(2e6, 2e6, 2e6))
    ('USD 1 to 3 million', 'USD 2 million')
    """
    return formatting.money_range(amount.low, amount.high)


def per_dollar_words(one: Ranked) -> str:
    """Value kept per dollar by the central cost, and its range by the ends of the cost."""
    worth = one.per_usd
    if worth.central == 0.0:
        return "0"
    return f"{_number(worth.central)} ({_number(worth.low)} to {_number(worth.high)})"


def _number(value: float) -> str:
    """Write a ratio; what costs nothing has no end.

    >>> _number(1234.0), _number(-0.31), _number(math.inf)
    ('1,200', '-0.31', 'no limit')
    """
    if math.isinf(value):
        return "no limit"
    return f"{'-' if value < 0 else ''}{formatting.amount(abs(value))}"


def stop_words(stop: FirstStop | None, found: Ranking) -> str:
    """How the first stop moves where most is kept, and where that is; blank where none moves."""
    if stop is None:
        return ""
    moved = week_gap(stop.before or "", stop.after or "")
    where = f"{SECTORS.get(stop.sector, stop.sector)}, {found.names.get(stop.region, stop.region)}"
    return f"{where}: {moved}" if moved else where


def titles(names: tuple[str, ...], found: Ranking) -> str:
    """The titles of measures in one line; of none, that there is none."""
    known = {m.name: m.title for m in found.asked.measures.measures}
    return "; ".join(known[name] for name in names) or "no measure"


def summary(found: Ranking) -> str:
    """What helps most for its cost, and what the plan does, in two sentences."""
    lost = found.base.lost_usd
    said = [f"Without measures {formatting.money(lost)} are lost."]
    best = next((one for one in found.ranked if one.kept_usd > NOT_WORTH), None)
    if best is None:
        return f"{said[0]} No measure keeps any of it."
    said.append(
        f"Most per dollar does: {best.measure.title}. It keeps {formatting.money(best.kept_usd)} "
        f"for {money_of(best.cost)}."
    )
    if found.plan:
        last = found.plan[-1]
        said.append(
            f"The plan of {formatting.counted(len(last.measures), 'measure')} keeps "
            f"{formatting.money(lost - last.lost_usd)} of it for "
            f"{money_of(found.cost_of(last.measures))}."
        )
    beaten = _better_than_plan(found)
    return " ".join([*said, beaten]) if beaten else " ".join(said)


def _better_than_plan(found: Ranking) -> str:
    """Say so where a combination within the budget loses less than the plan."""
    least = found.plan[-1].lost_usd if found.plan else found.base.lost_usd
    within = [p for p in found.frontier if p.cost_usd <= found.asked.budget]
    if not within or within[-1].lost_usd >= least - NOT_WORTH:
        return ""
    best = within[-1]
    return (
        f"Within the budget less is lost, {formatting.money(best.lost_usd)}, with: "
        f"{titles(best.measures, found)}."
    )
