"""The page of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from supplychain.report import inline, losses, sureness, tables, words
from supplychain.report.figure import Figure
from supplychain.report.figures_flows import flows
from supplychain.report.figures_help import what_helps
from supplychain.report.figures_licences import licences
from supplychain.report.figures_loss import loss_by_place, loss_by_week, loss_map
from supplychain.report.figures_stock import cover
from supplychain.report.figures_timeline import timeline
from supplychain.report.figures_values import marginal_values
from supplychain.report.view import RunLike, View


@cache
def environment() -> Environment:
    """The templates; every value is escaped, and one that is missing is an error."""
    made = Environment(
        loader=PackageLoader("supplychain.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["unbroken"] = words.unbroken
    return made


def render(template: str, figures: Sequence[Figure], **values: object) -> str:
    """Fill a template with its figures and everything that a page carries within itself."""
    return (
        environment()
        .get_template(template)
        .render(
            figures={figure.id: figure for figure in figures},
            style=inline.static("report.css"),
            script=inline.script(),
            library=inline.chart_library(),
            packed_figures=inline.figures_json(figures),
            **values,
        )
    )


def run_figures(view: View) -> list[Figure]:
    """The figures of a run's page in their order."""
    return [
        loss_by_week(view),
        loss_map(view),
        loss_by_place(view),
        flows(view),
        cover(view),
        licences(view),
        marginal_values(view),
        what_helps(view),
        timeline(view),
    ]


def sector_briefs(view: View) -> list[Mapping[str, Any]]:
    """One entry per sector for the head of the page, the largest loss first, others last."""
    found = losses.sector_losses(view)
    sure = sureness.sector_sureness(view)
    order = sorted(found, key=lambda s: (s == "other", -found[s].lost_value_usd))
    return [
        {
            "id": sector,
            "name": found[sector].name,
            "share": words.tight_share(found[sector].lost_share),
            "value": words.money(found[sector].lost_value_usd),
            "first": words.day(found[sector].first_week),
            "loses": found[sector].lost_share >= words.NO_LOSS,
            "sentence": words.sector_sentence(found[sector]),
            "sure": sure[sector],
        }
        for sector in order
    ]


def picks(view: View) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What the page can show alone: sectors and regions, each with its name."""
    sectors = [(code, view.sector(code)) for code in view.sectors]
    regions = [(code, view.region(code)) for code in view.regions]
    return [("sector", "Sector", sectors), ("region", "Region", regions)]


def run_page(run: RunLike) -> str:
    """Write the page of a run as one HTML text."""
    view = View(run)
    sectors = list(losses.sector_losses(view).values())
    headline = view.record.get("headline", {})
    return render(
        "run.html.j2",
        run_figures(view),
        view=view,
        summary=words.summary_sentence(sectors, view.start, len(view.weeks)),
        bound_most=str(headline.get("bound_most") or ""),
        briefs=sector_briefs(view),
        picks=picks(view),
        first_stops=tables.first_stops(view),
        losses=tables.losses(view),
        assumptions=tables.assumptions(view),
        input_changes=tables.input_changes(view),
        data_changes=tables.data_changes(view),
        run_facts=tables.run_facts(view),
        checks=tables.checks(view),
        notes=_notes(view),
    )


def _notes(view: View) -> list[str]:
    """What to read with the numbers: what they stand on, then the notes of the run."""
    said = [sureness.run_sureness(view.record), *map(str, view.record.get("notes", []))]
    return [note for note in said if note]


def write_run_page(run: RunLike, path: Path) -> None:
    """Write the page of a run to a file."""
    path.write_text(run_page(run), encoding="utf-8", newline="\n")
