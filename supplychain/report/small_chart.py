"""A small chart without a script: how one number per scenario moved over the reports, as SVG."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supplychain.report import words
from supplychain.report.figure import SERIES_COLOURS

WIDTH, HEIGHT = 340.0, 170.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 22.0, 24.0
DASHES = ("", "6 3", "2 3", "8 3 2 3", "10 4", "12 3 2 3", "")
BILLION = 1e9

Points = Sequence[tuple[date, float]]
"""Day of a report, and the value added lost in USD."""


@dataclass(frozen=True)
class Key:
    """One line of the chart in the legend: its name, its last value and a piece of the line."""

    name: str
    value: str
    sample: str


def small_chart(series: Mapping[str, Points]) -> str:
    """Draw lines over days, USD on the vertical axis from zero; empty if there is nothing."""
    drawn = {name: points for name, points in series.items() if points}
    if not drawn:
        return ""
    days = sorted({day for points in drawn.values() for day, _ in points})
    top = _round_up(max(abs(usd) for points in drawn.values() for _, usd in points))
    lines = "".join(
        _line(i, points, days, top) for i, (name, points) in enumerate(series.items()) if points
    )
    return (
        f'<svg class="small" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" '
        f'height="{HEIGHT:g}" role="img" aria-label="{html.escape(spoken(drawn))}">'
        f"{''.join(_axes(days, top))}{lines}</svg>"
    )


def keys_of(series: Mapping[str, Points]) -> list[Key]:
    """The legend: each scenario with its last value."""
    return [
        Key(name, words.money(points[-1][1], 3), _sample(i))
        for i, (name, points) in enumerate(series.items())
        if points
    ]


def spoken(series: Mapping[str, Points]) -> str:
    """What the chart shows, in words."""
    days = sorted({day for points in series.values() for day, _ in points})
    over = f"{len(days)} reports from {words.day(days[0])} to {words.day(days[-1])}"
    if len(days) == 1:
        over = f"the report of {words.day(days[0])}"
    parts = []
    for name, points in series.items():
        values = [usd for _, usd in points]
        low, high = words.money(min(values)), words.money(max(values))
        between = f", between {low} and {high}" if low != high else ""
        parts.append(f"{name} {words.money(values[-1])} at last{between}")
    return f"Value added lost by scenario over {over}: {'; '.join(parts)}."


def _round_up(value: float) -> float:
    """The next number of one digit, or 1.5 or 2.5 of its size.

    >>> _round_up(34.1), _round_up(0.0), _round_up(1.2e9)
    (40.0, 1.0, 1500000000.0)
    """
    if value <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    steps = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    return next(step * size for step in steps if value <= step * size * (1 + 1e-9))


def _x(day: date, days: Sequence[date]) -> float:
    span = (days[-1] - days[0]).days
    share = (day - days[0]).days / span if span else 0.5
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(usd: float, top: float) -> float:
    return HEIGHT - BOTTOM - max(usd, 0.0) / top * (HEIGHT - TOP - BOTTOM)


def _axes(days: Sequence[date], top: float) -> Iterator[str]:
    """Three grid lines with their numbers, the unit, the first and the last day."""
    scale, unit = (BILLION, "billion") if top >= BILLION else (1e6, "million")
    yield f'<text class="axis" x="0" y="11">{unit} USD lost</text>'
    for part in (0.0, 0.5, 1.0):
        y = _y(part * top, top)
        yield f'<line class="grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(LEFT - 6, y + 4, "end", f"{part * top / scale:.3g}")
    ends = {days[0]: "start", days[-1]: "end"} if len(days) > 1 else {days[0]: "middle"}
    for day, anchor in ends.items():
        yield _text(_x(day, days), HEIGHT - 6, anchor, words.short_day(day.isoformat()))


def _text(x: float, y: float, anchor: str, said: str) -> str:
    return f'<text class="axis" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{said}</text>'


def _line(place: int, points: Points, days: Sequence[date], top: float) -> str:
    colour = SERIES_COLOURS[place % len(SERIES_COLOURS)]
    where = [(_x(day, days), _y(usd, top)) for day, usd in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in where)
    line = (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{_dash(place)}/>'
    )
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in where)
    return (line if len(points) > 1 else "") + dots


def _dash(place: int) -> str:
    dash = DASHES[place % len(DASHES)]
    return f' stroke-dasharray="{dash}"' if dash else ""


def _sample(place: int) -> str:
    """A piece of a line, as it looks in the chart."""
    colour = SERIES_COLOURS[place % len(SERIES_COLOURS)]
    line = f'<line x1="0" x2="28" y1="5" y2="5" stroke="{colour}" stroke-width="2"{_dash(place)}/>'
    return f'<svg width="28" height="10" aria-hidden="true">{line}</svg>'
