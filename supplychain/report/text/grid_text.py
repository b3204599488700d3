"""A grid of changed scenarios in the text that a terminal shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supplychain.report.text.terminal_table import NONE, bold, million, percent, table

if TYPE_CHECKING:
    from supplychain.report.grid_view import GridView, Spot
    from supplychain.study.grid import SolvedGrid


def grid_text(solved: SolvedGrid) -> str:
    """Losses and first stop at every point, then what binds there."""
    from supplychain.report.grid_view import GridView

    view = GridView(solved)
    sectors = [s for s in view.sectors if any(p.share(s) > 0 for p in (view.base, *view.spots))]
    head = [*(axis.subject for axis in view.axes), "M USD", *sectors, "first stop"]
    rows = [_row(view, spot, sectors) for spot in (view.base, *view.spots)]
    sides = "<" * len(view.axes) + ">" * (1 + len(sectors)) + "<"
    parts = [
        bold(f"{view.base.view.name}, varied"),
        table(head, rows, sides),
        "Sectors: share not made when planned. A dash: as the scenario has it.",
        view.verdict(),
        _binding_text(view),
    ]
    return "\n\n".join(filter(None, parts))


def _row(view: GridView, spot: Spot, sectors: list[str]) -> list[str]:
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
