"""Measures for a terminal: the ranking, the plan and the frontier."""

from __future__ import annotations

from supplychain import formatting
from supplychain.report.measures_view import (
    money_of,
    per_dollar_words,
    stop_words,
    summary,
    titles,
)
from supplychain.report.text.terminal_table import NONE, table
from supplychain.study.measure_plan import Point
from supplychain.study.measure_ranking import Ranking


def measures_text(found: Ranking) -> str:
    """Everything that was found, for a terminal."""
    ranking = table(
        ["measure", "costs", "keeps", "kept per dollar (range)", "first stop where most is kept"],
        [
            [
                one.measure.name,
                money_of(one.cost),
                formatting.money(one.kept_usd),
                per_dollar_words(one),
                stop_words(one.first_stop, found) or NONE,
            ]
            for one in found.ranked
        ],
        "<>>><",
    )
    parts = [summary(found), ranking]
    if found.plan:
        parts.append(f"Plan, step by step:\n{_points(found.plan, found)}")
    parts.append(f"Budget against loss:\n{_points(found.frontier, found)}")
    return "\n\n".join(parts)


def _points(points: tuple[Point, ...], found: Ranking) -> str:
    rows = [
        [
            formatting.money(point.cost_usd),
            money_of(found.cost_of(point.measures)),
            formatting.money(point.lost_usd, 3),
            titles(point.measures, found),
        ]
        for point in points
    ]
    return table(["costs", "range", "lost", "with"], rows, ">>><")
