"""Everything a page carries within itself: the chart library, style, script and figures.

The library and the figures are gzipped and unpacked by the browser, so a page is one file of
about 2 MB that needs no network. No time stamp goes into the gzip: equal input, equal bytes.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from plotly.offline import get_plotlyjs

from supplychain.report.figure import Figure


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
