"""A figure of a page as a Plotly figure by itself, with what is chosen in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import plotly.graph_objects as go

from supplychain.errors import NothingMatched, nearest
from supplychain.report.figure import Choice, Figure, literal
from supplychain.report.run_view import View

PlotlyFigure: TypeAlias = go.Figure

SCALES: Mapping[str, Sequence[tuple[float, str]]] = {
    "loss": [(0, "#f4f5f7"), (0.02, "#fde6d2"), (0.25, "#f7b37a"), (0.55, "#d9681a"),
             (1, "#7a2c00")],
    "cover": [(0, "#7a2c00"), (0.2, "#d9681a"), (0.6, "#fbe3cd"), (0.8, "#e3eef6"),
              (1, "#7fb5d8")],
    "difference": [(0, "#0072b2"), (0.5, "#f4f5f7"), (1, "#c24f00")],
}  # fmt: skip
"""Colours of maps on white, as the script of the pages has them."""

LINKED = {"sector": ("sector", "place"), "region": ("region", "destination")}
"""What a sector or region means among the choices of a figure."""
CELLS = ("z", "text", "customdata")
"""What a map holds by row and column."""


def figure_named(word: str, figures: Iterable[Figure]) -> Figure:
    """The figure with an id.

    Raises:
        NothingMatched: there is none; the message names the nearest and all others.
    """
    known = {figure.id: figure for figure in figures}
    if word not in known:
        hint = nearest(word, known) or f"Known: {', '.join(known)}."
        raise NothingMatched(f'There is no figure "{word}". {hint}')
    return known[word]


def plotly_figure(
    figure: Figure, view: View, picks: Mapping[str, str], chart: int | str = 0
) -> PlotlyFigure:
    """One chart of a figure as the page draws it, with what is picked.

    Args:
        figure: of a page.
        view: gives the names of sectors and regions.
        picks: choices of the figure, and `sector` or `region` to show alone; code or name.
        chart: which of the figure's charts, by its place or its heading.

    Raises:
        NothingMatched: there is no such choice or chart, or nothing is drawn for what is picked.
    """
    _refuse_unknown(figure, picks)
    codes = {name: _code(name, word, figure, view) for name, word in picks.items()}
    drawn = figure.charts[_place(figure, chart)]
    chosen = {choice.name: _chosen(choice, codes) for choice in figure.choices}
    traces = [
        _cut(trace, codes)
        for trace in drawn.traces
        if _shown(trace.get("meta") or {}, chosen, codes)
    ]
    left = [_coloured(trace) for trace in traces if trace is not None][: drawn.most or None]
    if not left:
        why = f"Nothing is drawn in {figure.id} for this choice." if figure.drawn else figure.empty
        raise NothingMatched(why)
    heads = [note for trace in left for note in (trace.get("meta") or {}).get("annotations", ())]
    layout = {**drawn.layout, **({"annotations": heads} if heads else {})}
    title = ": ".join(part for part in (figure.title, drawn.heading) if part)
    margin = {**layout.get("margin", {}), "t": layout.get("margin", {}).get("t", 0) + 48}
    words = {"text": literal(title), "subtitle": {"text": literal(f"Unit: {figure.unit}")}}
    height = layout.get("height", 340) + 48
    shown = {"template": "plotly_white", "title": words, "margin": margin, "height": height}
    return PlotlyFigure(data=left, layout={**layout, **shown})


def _refuse_unknown(figure: Figure, picks: Mapping[str, str]) -> None:
    known = list(dict.fromkeys([*(choice.name for choice in figure.choices), *LINKED]))
    for name in picks:
        if name not in known:
            hint = nearest(name, known) or f"Known: {', '.join(known)}."
            raise NothingMatched(f'There is no choice "{name}" in the figure {figure.id}. {hint}')


def _options(name: str, figure: Figure, view: View) -> dict[str, str]:
    """Codes and names that a pick may be."""
    choice = _choice(name, figure)
    if choice is not None:
        return dict(choice.options)
    codes, named = (view.sectors, view.sector) if name == "sector" else (view.regions, view.region)
    return {code: named(code) for code in codes}


def _choice(name: str, figure: Figure) -> Choice | None:
    """The choice of a figure that a pick is about."""
    names = LINKED.get(name, (name,))
    return next((choice for choice in figure.choices if choice.name in names), None)


def _code(name: str, word: str, figure: Figure, view: View) -> str:
    options = _options(name, figure, view)
    for code, label in options.items():
        if str(word) == code or str(word).casefold() == label.casefold():
            return code
    hint = nearest(str(word), [*options, *options.values()])
    known = ", ".join(code for code in options if code)
    raise NothingMatched(f'There is no {name} "{word}" here. {hint or f"Known: {known}."}')


def _chosen(choice: Choice, codes: Mapping[str, str]) -> str:
    """The option of a choice that is picked, or the one that the page opens with."""
    for name, code in codes.items():
        if choice.name in LINKED.get(name, (name,)):
            return code
    return choice.options[choice.selected][0] if choice.options else ""


def _place(figure: Figure, chart: int | str) -> int:
    headings = [drawn.heading for drawn in figure.charts]
    if isinstance(chart, int) and 0 <= chart < len(headings):
        return chart
    if chart in headings:
        return headings.index(str(chart))
    known = ", ".join(f"{place} {heading}".strip() for place, heading in enumerate(headings))
    raise NothingMatched(f'{figure.id} has no chart "{chart}". Known: {known}.')


def _shown(meta: Mapping[str, Any], chosen: Mapping[str, str], codes: Mapping[str, str]) -> bool:
    """Whether the page shows a trace for a choice."""
    if any(name in meta and meta[name] != code for name, code in chosen.items()):
        return False
    alone = {name: codes[name] for name in LINKED if codes.get(name) and name not in chosen}
    return all(meta.get(name, code) == code for name, code in alone.items())


def _cut(trace: dict[str, Any], codes: Mapping[str, str]) -> dict[str, Any] | None:
    """The rows and columns of a map that are left; None where there are none of them."""
    for axis, kept, name in (("y", "rows", "region"), ("x", "columns", "sector")):
        meta = trace.get("meta") or {}
        if kept not in meta or not codes.get(name):
            continue
        if codes[name] not in meta[kept]:
            return None
        at = meta[kept].index(codes[name])
        cells = {
            field: [trace[field][at]] if axis == "y" else [[row[at]] for row in trace[field]]
            for field in CELLS
            if field in trace
        }
        alone = {axis: [trace[axis][at]], "meta": {**meta, kept: [codes[name]]}}
        trace = {**trace, **cells, **alone}
    return trace


def _coloured(trace: dict[str, Any]) -> dict[str, Any]:
    scale = str((trace.get("meta") or {}).get("scale"))
    return {**trace, "colorscale": list(SCALES[scale])} if scale in SCALES else trace
