"""Many solves in the text that a terminal shows: a varied scenario, ranked measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from supplychain.formatting import money
from supplychain.report.text.terminal_table import NONE, bold, million, percent, table

if TYPE_CHECKING:
    from supplychain.report.grid_view import GridView, Spot
    from supplychain.study.grid import SolvedGrid
    from supplychain.study.measure_plan import Point
    from supplychain.study.measure_ranking import Ranking


def grid_text(solved: SolvedGrid) -> str:
    """Losses and first stop at every point, then what binds there."""
    from supplychain.report.grid_view import GridView

    view = GridView(solved)
    sectors = [s for s in view.sectors if any(p.share(s) > 0 for p in (view.base, *view.spots))]
    head = [*(axis.subject for axis in view.axes), "M USD", *sectors, "first stop"]
    rows = [_grid_row(view, spot, sectors) for spot in (view.base, *view.spots)]
    sides = "<" * len(view.axes) + ">" * (1 + len(sectors)) + "<"
    parts = [
        bold(f"{view.base.view.name}, varied"),
        table(head, rows, sides),
        "Sectors: share not made when planned. A dash: as the scenario has it.",
        view.verdict(),
        _binding_text(view),
    ]
    return "\n\n".join(filter(None, parts))


def _grid_row(view: GridView, spot: Spot, sectors: list[str]) -> list[str]:
    shares = [percent(spot.share(sector)) for sector in sectors]
    first = view.first_words(spot) if spot.first else NONE
    return [*view.solved.grid.words(spot.point), million(spot.lost_usd), *shares, first]


def _binding_text(view: GridView) -> str:
    """What binds at each point; points of which the same is said stand together."""
    said: dict[str, list[str]] = {}
    for spot in (view.base, *view.spots):
        said.setdefault(spot.binds, []).append(view.words(spot))
    rows = [["; ".join(words), binds] for binds, words in said.items() if binds]
    return table(["at", "what binds"], rows) if rows else ""


def measures_text(found: Ranking) -> str:
    """The ranking of measures, the plan and the frontier."""
    from supplychain.report.measures_view import money_of, per_dollar_words, stop_words, summary

    ranking = table(
        ["measure", "costs", "keeps", "kept per dollar (range)", "first stop where most is kept"],
        [
            [
                one.measure.name,
                money_of(one.cost),
                money(one.kept_usd),
                per_dollar_words(one),
                stop_words(one.first_stop, found) or NONE,
            ]
            for one in found.ranked
        ],
        "<>>><",
    )
    parts = [summary(found), ranking]
    if found.plan:
        parts.append(f"Plan, step by step:\n{_points_table(found.plan, found)}")
    parts.append(f"Budget against loss:\n{_points_table(found.frontier, found)}")
    return "\n\n".join(parts)


def _points_table(points: Sequence[Point], found: Ranking) -> str:
    from supplychain.report.measures_view import money_of, titles

    rows = [
        [
            money(point.cost_usd),
            money_of(found.cost_of(point.measures)),
            money(point.lost_usd, 3),
            titles(point.measures, found),
        ]
        for point in points
    ]
    return table(["costs", "range", "lost", "with"], rows, ">>><")
