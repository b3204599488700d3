"""A run, a comparison or an ensemble as a card: a few lines of HTML for a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from supplychain.report import ensemble_view, loss_summary
from supplychain.report.figure import Figure
from supplychain.report.pages.compare_page import compare_figures, sector_table, summary
from supplychain.report.pages.ensemble_page import ensemble_figures, expected
from supplychain.report.pages.html_page import environment
from supplychain.report.pages.run_page import run_figures, sector_briefs
from supplychain.report.run_view import View
from supplychain.report.text import ensemble_text


def run_card(view: View) -> str:
    """The headline of a run, its losses by sector, and which figures it has."""
    losses = list(loss_summary.sector_losses(view).values())
    ends = loss_summary.value_range(view.record.get("headline", {}))
    rows = [[b["name"], b["share"], b["value"], b["first"]] for b in sector_briefs(view)]
    return _card(
        view.title,
        loss_summary.summary_sentence(losses, view.start, len(view.weeks), ends),
        ("Sector", "Not made when planned", "Value added lost", "First stop"),
        rows,
        run_facts_short(view),
        run_figures(view),
    )


def run_facts_short(view: View) -> list[str]:
    """Scenario, run, data, version and the last event that the data knew."""
    record = view.record
    return [
        f"scenario {view.name}",
        f"run {record.get('id')}",
        f"data {str(record.get('data', {}).get('hash'))[:12]}",
        f"supplychain {record.get('versions', {}).get('supplychain')}",
        *loss_summary.as_of_sentences(record),
    ]


def compare_card(base: View, others: Sequence[View]) -> str:
    """What each run loses, and how the others differ from the base."""
    table = sector_table(base, others)
    rows = [[cell.text for cell in row] for row in table.rows]
    facts = [f"{view.name}: run {view.record.get('id')}" for view in (base, *others)]
    names = " beside ".join([base.name, ", ".join(view.name for view in others)])
    figures = compare_figures(base, others)
    return _card(names, summary(base, others), table.columns, rows, facts, figures)


def ensemble_card(view: ensemble_view.EnsembleView) -> str:
    """The odds of an ensemble, and what each sector may lose."""
    table = expected(view)
    rows = [[cell.text for cell in row] for row in table.rows]
    facts = [f"ensemble {view.name}", f"key {view.record.get('key')}"]
    said = ensemble_text.summary(view)
    return _card(view.title, said, table.columns, rows, facts, ensemble_figures(view))


def _card(
    title: str,
    summary: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    facts: Sequence[str],
    figures: Iterable[Figure],
) -> str:
    """Fill the template; every value is escaped."""
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
