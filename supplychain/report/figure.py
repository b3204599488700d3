"""The parts of which figures are made: chart, table, axes, marks and colours."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import plotly.graph_objects as go

from supplychain.formatting import as_date, short_day, significant
from supplychain.report.run_view import View, once_a_view, text

SECTOR_COLOURS = {
    "auto": "#0072b2",
    "aerospace": "#b5528e",
    "munitions": "#d55e00",
    "semiconductor": "#009e73",
    "other": "#8a8f98",
}
"""After Okabe and Ito: distinct for colour-blind readers, readable on white and on black."""

SERIES_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b5528e", "#8a6d00", "#56a0d3", "#8a8f98")
SERIES_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")

WEEK_HOVER = "week of %-d %B %Y"
"""How a week is written where the pointer is: a format of dates."""

MARGIN = {"l": 8, "r": 8, "t": 24, "b": 8}
"""Small margins; axes with automargin take what their labels need."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Choice:
    """Something the reader picks: a list of options, or a slider over ordered ones."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    slider: bool = False
    selected: int = 0


@dataclass(frozen=True)
class Chart:
    """One drawing: traces and layout as plotly.js reads them, with a heading of its own if any.

    A trace's `meta` says for which options it is shown; a trace without is always shown. `narrow`
    holds settings of the layout, by dotted path, that replace others on a small screen. A `wide`
    chart scrolls sideways there instead of shrinking. `most` bounds the traces drawn at a time.
    """

    traces: list[dict[str, Any]]
    layout: dict[str, Any]
    heading: str = ""
    wide: bool = False
    narrow: dict[str, Any] = field(default_factory=dict)
    most: int = 0


@dataclass(frozen=True)
class Cell:
    """A table cell: its text, and what shading or link it has.

    `heat` runs from 0 (none) to 5; `repeat` marks a text that repeats the one above it. `value` is
    what a file of the table says instead of the text. A cell with a sector or region shows that
    alone, and its week, when it is clicked.
    """

    text: str
    number: bool = False
    heat: int = 0
    link: str = ""
    repeat: bool = False
    value: str = ""
    sector: str = ""
    region: str = ""
    week: str = ""


@dataclass(frozen=True)
class Table:
    """A table in words: headings and rows of cells; the first cell of a row is its heading.

    `csv` are the headings in a file, where units are spelt out. `places` pairs each row with its
    sector and region ("" for none): a choice of others hides the row.
    """

    columns: tuple[str, ...]
    rows: list[list[Cell]]
    note: str = ""
    title: str = "The numbers as a table"
    csv: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Figure:
    """A figure with its caption, unit, spoken summary, charts and data table."""

    id: str
    title: str
    caption: str
    unit: str
    summary: str
    charts: list[Chart]
    table: Table
    choices: list[Choice] = field(default_factory=list)
    empty: str = ""
    open: bool = False
    """Whether the data table is shown without asking."""

    @property
    def drawn(self) -> bool:
        """Whether there is anything to draw; if not, `empty` says why."""
        return any(chart.traces for chart in self.charts)


def literal(value: object) -> str:
    """Make any text safe as a label: plotly reads a few tags, and these stay text.

    >>> literal("<b>A & B</b>")
    '&lt;b&gt;A &amp; B&lt;/b&gt;'
    """
    return html.escape(str(value), quote=False)


def rounded(values: Iterable[Any], digits: int = 4) -> list[float | None]:
    """Round for the page; a missing number stays missing.

    >>> rounded([1.23456789, float("nan"), 0.0])
    [1.235, None, 0.0]
    """
    found: list[float | None] = []
    for value in values:
        number = math.nan if value is None else float(value)
        found.append(significant(number, digits) if math.isfinite(number) else None)
    return found


class Drawn(Protocol):
    """A plotly object."""

    def to_plotly_json(self) -> dict[str, Any]:
        """Return it as plain data."""


def trace(drawn: Drawn, **meta: object) -> dict[str, Any]:
    """Turn a plotly trace into what the page stores, marked with the options that show it."""
    stored = drawn.to_plotly_json()
    if meta:
        stored["meta"] = {**stored.get("meta", {}), **meta}
    return stored


def layout(drawn: Drawn) -> dict[str, Any]:
    """Turn a plotly layout into what the page stores, without plotly's own large template."""
    stored = drawn.to_plotly_json()
    stored.pop("template", None)
    return stored


def words_row(cells: Sequence[object]) -> list[Cell]:
    """Make a row of text cells."""
    return [Cell(str(cell)) for cell in cells]


def number_cell(text: str, value: float | None = None) -> Cell:
    """Make a right-aligned cell; `value` is what a file says in place of the text.

    >>> number_cell("USD 31 billion", 31_422_000_000.4).value
    '31422000000'
    """
    return Cell(text, number=True, value="" if value is None else raw(value))


def date_cell(iso: str, missing: str = "") -> Cell:
    """Make a cell with a date; a file has it in ISO form."""
    return Cell(short_day(iso) or missing, value=iso[:10] if short_day(iso) else "")


def raw(value: float) -> str:
    """Write a number for a file: six digits at most, no separators, no exponent.

    >>> raw(0.0432101), raw(2113482.7), raw(0.0), raw(1.5e-7)
    ('0.0432101', '2113480', '0', '0.00000015')
    """
    rounded = significant(float(value), 6)
    places = 0 if rounded == 0 else max(0, 5 - math.floor(math.log10(abs(rounded))))
    text = f"{rounded:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


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


def lines_by_week(
    view: View, values: dict[str, Any], height: int = 340, above: int = 64, **marks: object
) -> dict[str, Any]:
    """The layout of lines over the horizon, with `above` pixels for the legend and the marks."""
    drawn = base(
        height,
        hovermode="x unified",
        showlegend=True,
        legend=legend(height),
        xaxis=week_axis(view),
        yaxis=values,
        **marks,
    )
    return {**drawn, "margin": {**MARGIN, "t": above}}


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


@once_a_view
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


def dots_of(
    names: Sequence[str],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    colours: Sequence[str],
    hover: str,
    said: Sequence[str],
    **meta: object,
) -> dict[str, Any]:
    """Dots with intervals, one a row; `said` is the interval in words."""
    marks = go.Scatter(
        x=rounded(values),
        y=list(names),
        mode="markers",
        marker={"color": list(colours), "size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": rounded(h - v for h, v in zip(high, values, strict=True)),
            "arrayminus": rounded(v - n for n, v in zip(low, values, strict=True)),
            "color": "#8a8f98",
            "thickness": 2,
            "width": 6,
        },
        customdata=[literal(text) for text in said],
        hovertemplate=f"%{{y}}: {hover}<extra></extra>",
    )
    return trace(marks, **meta)


def sideways(rows: int, title: str, **more: object) -> dict[str, Any]:
    """A layout of one row a name, the first on top."""
    return base(
        90 + 34 * max(2, rows),
        xaxis=value_axis(title, **more),
        yaxis=rows_axis(),
    )


def rows_axis(*, showgrid: bool = False) -> dict[str, Any]:
    """An axis of names, the first on top."""
    kept = {"automargin": True, "showgrid": showgrid}
    return {"type": "category", "autorange": "reversed", **kept}
