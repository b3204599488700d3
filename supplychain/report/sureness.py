"""How sure the headline is, as far as one run can tell."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from supplychain.report import words
from supplychain.report.figures_stock import aim, customer_cover
from supplychain.report.losses import weekly
from supplychain.report.tables import records
from supplychain.report.view import View
from supplychain.results.spoken import place, within

STOP = 0.02
"""A week that loses more than this share of plan counts as a stop."""

CLEAR = 0.1
"""A worst week over this share does not hang on where the line of a stop is drawn."""

LOW_COVER = 0.5
"""A sector without loss whose stock falls below this share of its aim has little to spare."""


def sector_sureness(view: View) -> dict[str, str]:
    """One sentence per sector: how far its finding is from turning out otherwise."""
    shares, cover = weekly(view), customer_cover(view)
    shares = shares[shares["region"] != ""]
    found = {}
    for sector in view.sectors:
        lost = float(view.worldwide.get(sector, {}).get("lost_share", 0.0))
        rows = shares[shares["sector"] == sector]
        losing = lost >= words.NO_LOSS and len(rows)
        held = cover[cover["sector"] == sector]
        found[sector] = _of_loss(view, rows) if losing else _of_stock(view, held)
    return found


def _of_loss(view: View, rows: pd.DataFrame) -> str:
    ordered = rows.sort_values(["share", "week", "region"], ascending=[False, True, True])
    worst = ordered.iloc[0]
    top, where = float(worst["share"]), place(view.region(worst["region"]))
    if top <= STOP:
        return f"Small: no week loses over 2 % of plan in any region; the most is {_part(top)}."
    over = int(rows[rows["share"] > STOP]["week"].nunique())
    weeks = f"{over} of {len(view.weeks)} weeks lose over 2 % of plan somewhere"
    said = f"the worst loses {_part(top)} in {where}, in the week of {words.day(worst['week'])}."
    return f"{'Clear' if top >= CLEAR else 'Near the line'}: {weeks}; {said}"


def _of_stock(view: View, held: pd.DataFrame) -> str:
    if held.empty:
        return "The run tells nothing of this sector's stocks."
    least = held.sort_values(["part", "week", "region"], kind="stable").iloc[0]
    part = float(least["part"])
    if part >= LOW_COVER:
        return f"Clear: no group of customers falls below {_part(part)} of {aim(view)}."
    held_to = "its target" if len(view.table("targets")) else "what it was in the first week"
    return (
        f"Little to spare: in {place(view.region(least['region']))} the stock of "
        f"{within(view.material(least['material']))} falls to {_part(part)} of {held_to}, "
        f"in the week of {words.day(least['week'])}."
    )


def _part(value: float) -> str:
    """Write a share with two digits, nothing where it rounds to nothing.

    >>> _part(0.97312), _part(1e-7)
    ('97 %', '0 %')
    """
    return words.share(value if value >= words.NO_LOSS else 0.0)


def run_sureness(record: Mapping[str, object]) -> str:
    """Say what the numbers stand on, and that their ranges were not tried."""
    kinds = [str(row.get("kind")) for row in records(record.get("assumptions"))]
    if not kinds:
        return ""
    judged = sum(kind in ("assumed", "fitted") for kind in kinds)
    total = "1 assumption" if len(kinds) == 1 else f"{len(kinds)} assumptions"
    return (
        f"This is one run on central values. {judged} of its {total} "
        f"{'is a judgement' if judged == 1 else 'are judgements'} or fitted, each with a range "
        "that this run does not try: dates may move by weeks and amounts by more than their digits."
    )
