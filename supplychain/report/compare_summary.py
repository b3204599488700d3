"""What a comparison comes to, in sentences: by how much more is lost, and who stops when."""

from __future__ import annotations

from collections.abc import Sequence

from supplychain import formatting
from supplychain.report import uncertainty_band
from supplychain.report.loss_summary import sector_losses
from supplychain.report.run_view import View

WORTH_USD = 5e5
"""Losses that are nearer to each other count as the same."""


def total_usd(view: View) -> float:
    """Value added lost by all sectors, USD."""
    return sum(float(row["lost_value_usd"]) for row in view.worldwide.values())


def gap_range(base: View, other: View) -> tuple[float, float] | None:
    """Least and most by which the other loses more, USD, planner by planner of both bands.

    Each end sets two runs beside each other that share scarce goods by the same rule. None where
    one of the two has no band.
    """
    mine, theirs = uncertainty_band.other_views(base), uncertainty_band.other_views(other)
    shared = [kind for kind in mine if kind in theirs]
    if not shared:
        return None
    gaps = [total_usd(other) - total_usd(base)]
    gaps += [total_usd(theirs[kind]) - total_usd(mine[kind]) for kind in shared]
    return min(gaps), max(gaps)


def verdict(base: View, others: Sequence[View]) -> str:
    """A sentence for each other scenario: how much more it loses, and its first stop."""
    told = []
    for other in others:
        gap = total_usd(other) - total_usd(base)
        more = "more" if gap > 0 else "less"
        lead = f"{other.name} loses {formatting.money(abs(gap))} {more} than {base.name}"
        if abs(gap) <= WORTH_USD:
            lead = f"{other.name} loses as much as {base.name}"
        ends = gap_range(base, other)
        told.append(f"{lead}{_ends(ends, gap)}. {stop_sentence(other)}")
    return " ".join([*told, stop_sentence(base)])


def _ends(ends: tuple[float, float] | None, gap: float) -> str:
    """The range of a gap, in the direction of the sentence; the sign is said where it turns."""
    if ends is None or max(map(abs, ends)) <= WORTH_USD:
        return ""
    low, high = ends if gap >= 0 else (-ends[1], -ends[0])
    turned = ", so that it may also be the other way round" if low < -WORTH_USD else ""
    return f" (range over how scarce goods are shared: {formatting.money_range(low, high)}{turned})"


def stop_sentence(view: View) -> str:
    """Who stops first, where and when."""
    losses = sector_losses(view)
    found = [(loss.first_week, code) for code, loss in losses.items() if loss.first_week]
    if not found:
        return f"Under {view.name} no line stops."
    week, code = min(found)
    loss = losses[code]
    where = f" in {formatting.listing(list(loss.first_regions))}" if loss.first_regions else ""
    return (
        f"Under {view.name} the first line to stop is in {loss.name.lower()}{where}, in the week "
        f"of {formatting.day(week)}."
    )
