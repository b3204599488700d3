"""Axes, layouts and marks that the figures share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from supplychain.report.figure import Choice, layout, literal
from supplychain.report.view import View, text
from supplychain.report.words import as_date, short_day

MARGIN = {"l": 8, "r": 8, "t": 24, "b": 8}
"""Small margins; axes with automargin take what their labels need."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def base(height: int, **more: object) -> dict[str, Any]:
    """A layout of one height with the page's margins; colours come from the page's style."""
    settings = {"height": height, "margin": MARGIN, "showlegend": False, "dragmode": False, **more}
    return layout(go.Layout(**settings))


def legend(height: int = 340) -> dict[str, Any]:
    """A legend in one line above a plot in a figure of that height."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": round(1 + 24 / max(60, height - 110), 3),
        "yanchor": "bottom",
        "traceorder": "normal",
    }


def week_axis(view: View, **more: object) -> dict[str, Any]:
    """The time axis over the horizon."""
    return {
        "type": "date",
        "automargin": True,
        "tickformat": "%b\n%Y",
        "range": [view.weeks[0], view.weeks[-1]] if view.weeks else None,
        **more,
    }


def value_axis(title: str, **more: object) -> dict[str, Any]:
    """An axis of amounts from zero, with its unit as title."""
    return {
        "title": {"text": literal(title), "standoff": 6},
        "automargin": True,
        "rangemode": "tozero",
        "separatethousands": True,
        "exponentformat": "none",
        **more,
    }


@dataclass(frozen=True)
class Turn:
    """A regime change within the horizon, with the letter that marks it in the figures."""

    letter: str
    effective: str
    title: str


def turns(view: View) -> list[Turn]:
    """Regime changes that take effect within the horizon, in order of date."""
    rows = view.table("timeline")
    if rows.empty or not view.weeks:
        return []
    rows = rows[rows["kind"] == "regime"]
    dated = sorted({(text(r["effective"])[:10], text(r["title"])) for r in rows.to_dict("records")})
    inside = [(d, t) for d, t in dated if as_date(d) and view.weeks[0] <= d <= view.weeks[-1]]
    return [Turn(LETTERS[i % 26], d, t) for i, (d, t) in enumerate(inside)]


def turn_marks(view: View) -> dict[str, Any]:
    """Dotted lines with letters where the regime changes, as parts of a layout."""
    dates: dict[str, list[Turn]] = {}
    for turn in turns(view):
        dates.setdefault(turn.effective, []).append(turn)
    shapes = [
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": date,
            "x1": date,
            "y0": 0,
            "y1": 1,
            "line": {"dash": "dot", "width": 1.5, "color": "#8a8f98"},
        }
        for date in dates
    ]
    labels = [
        {
            "xref": "x",
            "yref": "paper",
            "x": date,
            "y": 1,
            "yanchor": "bottom",
            "text": ", ".join(turn.letter for turn in here),
            "showarrow": False,
            "hovertext": literal("; ".join(f"{t.letter}: {t.title}" for t in here)),
        }
        for date, here in dates.items()
    ]
    return {"shapes": shapes, "annotations": labels}


def turn_words(view: View) -> str:
    """Say what the letters in the weekly figures mean; empty where the regime never changes."""
    found = [f"{turn.letter}: {turn.title} ({short_day(turn.effective)})" for turn in turns(view)]
    return "Dotted lines mark changes of regime. " + "; ".join(found) + "." if found else ""


def region_choice(view: View, label: str = "Region") -> Choice:
    """A list of all regions together and each region."""
    each = tuple((code, view.region(code)) for code in view.regions)
    return Choice("region", label, (("", "All regions"), *each))


def sector_choice(view: View, sectors: Sequence[str], opens_at: str = "") -> list[Choice]:
    """A list of these sectors, opening at one of them; no choice where there is none."""
    options = tuple((sector, view.sector(sector)) for sector in sectors)
    selected = sectors.index(opens_at) if opens_at in sectors else 0
    return [Choice("sector", "Sector", options, selected=selected)] if options else []
