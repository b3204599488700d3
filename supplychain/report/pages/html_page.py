"""What every page carries within itself: template, chart library, style, script and figures.

The library and the figures are gzipped and unpacked by the browser, so a page is one file of
about 2 MB that needs no network. No time stamp goes into the gzip: equal input, equal bytes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from supplychain import formatting
from supplychain.report.figure import SECTOR_COLOURS, Figure
from supplychain.report.run_view import View


def packed(text: str) -> str:
    """Gzip a text and write it in letters that any page can hold.

    >>> gzip.decompress(base64.b64decode(packed("a < b"))).decode()
    'a < b'
    """
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode("ascii")


@cache
def chart_library() -> str:
    """The plotly.js that comes with plotly, packed."""
    return packed(get_plotlyjs())


@cache
def static(name: str) -> str:
    """The text of one of the package's own style or script files."""
    return (resources.files("supplychain.report") / "static" / name).read_text(encoding="utf-8")


def script() -> str:
    """The package's own script: the filter, the files to save, the drawing."""
    return "\n".join(static(name) for name in ("filter.js", "save.js", "report.js"))


@cache
def hash_of(text: str) -> str:
    """What the content policy of a page calls a script by: no other script runs in it."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def figures_json(figures: Sequence[Figure]) -> str:
    """All figures of a page as one packed JSON text."""
    data: dict[str, Any] = {
        figure.id: {
            "charts": [
                {
                    "traces": chart.traces,
                    "layout": chart.layout,
                    "narrow": chart.narrow,
                    "most": chart.most,
                }
                for chart in figure.charts
            ],
            "choices": [choice.name for choice in figure.choices],
        }
        for figure in figures
        if figure.drawn
    }
    return packed(json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False))


def _shown(value: object) -> object:
    """A value as a page shows it; what is markup already is left alone."""
    plain = isinstance(value, str) and not isinstance(value, Markup)
    return formatting.visible(value) if plain else value  # type: ignore[arg-type]


@cache
def environment() -> Environment:
    """The templates; every value is escaped, and one that is missing is an error."""
    made = Environment(
        loader=PackageLoader("supplychain.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.filters["unbroken"] = formatting.unbroken
    return made


def sector_style() -> str:
    """The colour of each sector where a page speaks of it outside a figure."""
    return "".join(
        f".sector-{sector} {{ border-left-color: {colour}; }}\n"
        for sector, colour in SECTOR_COLOURS.items()
    )


def render(template: str, figures: Sequence[Figure], **values: object) -> str:
    """Fill a template with its figures and everything that a page carries within itself."""
    return (
        environment()
        .get_template(template)
        .render(
            figures={figure.id: figure for figure in figures},
            style=static("report.css") + sector_style(),
            script=script(),
            library=chart_library(),
            allowed_scripts=f"{hash_of(script())} {hash_of(get_plotlyjs())}",
            packed_figures=figures_json(figures),
            **values,
        )
    )


def card(
    title: str,
    summary: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    facts: Sequence[str],
    figures: Iterable[Figure],
) -> str:
    """A few lines of HTML for a notebook; every value is escaped.

    Args:
        title: what it is.
        summary: its headline.
        columns: of the small table.
        rows: of the same.
        facts: where the numbers come from.
        figures: those that can be drawn; their names are listed.
    """
    return (
        environment()
        .get_template("card.html.j2")
        .render(
            title=title,
            summary=summary,
            columns=columns,
            rows=rows,
            facts=facts,
            figures=[figure.id for figure in figures if figure.drawn],
        )
    )


def picks(view: View) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What the page can show alone: sectors and regions, each with its name."""
    sectors = [(code, view.sector(code)) for code in view.sectors]
    regions = [(code, view.region(code)) for code in view.regions]
    return [("sector", "Sector", sectors), ("region", "Region", regions)]
