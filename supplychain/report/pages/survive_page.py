"""The page of a stress test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from supplychain.formatting import counted, day, share
from supplychain.report.figures.survive_figures import losses, matrix, stock_curves
from supplychain.report.pages.html_page import render

if TYPE_CHECKING:
    from supplychain.study.stress_test import StressTest


def survive_page(found: StressTest) -> str:
    """Write the page as one HTML text."""
    figures = [losses(found), matrix(found), stock_curves(found)]
    return render(
        "survive.html.j2",
        figures,
        name=f"survive-{found.scenario}",
        title=found.title,
        summary=_summary(found),
        notes=_notes(found),
        unsolved=[f"{one.node.title}: {one.reason}" for one in found.unsolved],
    )


def _summary(found: StressTest) -> str:
    left = "nothing" if found.share == 0.0 else f"{share(found.share)} of what it does"
    who = f" Customers: {', '.join(found.who)}." if found.who else ""
    return (
        f"{counted(len(found.nodes), 'node')} broken one at a time from {day(found.start)}: each "
        f"is left with {left} for {counted(found.break_weeks, 'week')}.{who}"
    )


def _notes(found: StressTest) -> list[str]:
    return [
        f"The horizon has {found.weeks} weeks. Planners know when the node reopens, from the day "
        "it breaks.",
        "A customer stops in a week in which it misses more of its plan than without the break, by "
        "more than the share that counts as a stop.",
        "Other makers are sought while licences are short, and not because one maker or one lane "
        "stands still: a long break of those is told on the hard side.",
    ]


def write_survive_page(found: StressTest, path: Path) -> None:
    """Write the page to a file."""
    path.write_text(survive_page(found), encoding="utf-8", newline="\n")
