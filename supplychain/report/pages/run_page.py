"""The page of one run, with how sure its answer is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from supplychain import formatting
from supplychain.formatting import place, within
from supplychain.report import loss_summary, page_tables, uncertainty_band
from supplychain.report.company_cards import company_cards, company_picks, company_rows
from supplychain.report.figure import Figure, Table
from supplychain.report.figures.avoided_figures import avoided
from supplychain.report.figures.cover_figure import aim, cover, customer_cover
from supplychain.report.figures.firm_figures import cover_needed, firms_standing
from supplychain.report.figures.flow_figure import flows
from supplychain.report.figures.licence_figure import licences
from supplychain.report.figures.loss_figures import loss_by_place, loss_by_week, loss_map
from supplychain.report.figures.marginal_value_figures import marginal_values
from supplychain.report.figures.measure_figures import what_helps
from supplychain.report.figures.timeline_figures import timeline
from supplychain.report.loss_summary import weekly
from supplychain.report.page_tables import records
from supplychain.report.pages.html_page import card, picks, render
from supplychain.report.run_view import RunLike, View
from supplychain.study.measure_ranking import Ranking

CLEAR = 0.1
"""A worst week over this share does not hang on where the line of a stop is drawn."""

LOW_COVER = 0.5
"""A sector without loss whose stock falls below this share of its aim has little to spare."""


def run_figures(view: View, helps: Ranking | None = None) -> list[Figure]:
    """The figures of a run's page in their order; `helps` is what was solved to help."""
    return [
        loss_by_week(view),
        loss_map(view),
        loss_by_place(view),
        firms_standing(view),
        cover_needed(view),
        avoided(view),
        flows(view),
        cover(view),
        licences(view),
        what_helps(view, helps),
        timeline(view),
        marginal_values(view),
    ]


def sector_briefs(view: View) -> list[Mapping[str, Any]]:
    """One entry per sector for the head of the page, the largest loss first, others last."""
    found = loss_summary.sector_losses(view)
    sure = sector_sureness(view)
    order = sorted(found, key=lambda s: (s == "other", -found[s].lost_value_usd))
    return [
        {
            "id": sector,
            "name": found[sector].name,
            "share": formatting.tight_share(found[sector].lost_share),
            "value": _value(found[sector]),
            "first": _first(found[sector]),
            "loses": found[sector].lost_share >= formatting.NO_LOSS,
            "sentence": loss_summary.sector_sentence(replace(found[sector], value_range=None)),
            "sure": sure[sector],
        }
        for sector in order
    ]


def _first(loss: loss_summary.SectorLoss) -> str:
    """When the first line stops; where the past left one standing still, that."""
    return page_tables.BEFORE if loss.standing else formatting.day(loss.first_week)


def _value(loss: loss_summary.SectorLoss) -> str:
    """Value lost for good, the range first where there is one."""
    usd = formatting.money(loss.lost_value_usd)
    if loss.value_range is None or loss.value_range[1] <= 0:
        return usd
    return f"{formatting.money_range(*loss.value_range)}, {usd.removeprefix('USD ')} as modelled"


def run_page(run: RunLike, helps: Ranking | None = None) -> str:
    """Write the page of a run as one HTML text; `helps` is what was solved to help."""
    view = View(run)
    sectors = list(loss_summary.sector_losses(view).values())
    headline = view.record.get("headline", {})
    return render(
        "run.html.j2",
        run_figures(view, helps),
        view=view,
        origin=page_tables.origin_facts([view.record]),
        annex="marginal-values",
        summary=loss_summary.summary_sentence(
            sectors, view.start, len(view.weeks), loss_summary.value_range(headline)
        ),
        bound_most=str(headline.get("bound_most") or ""),
        as_of=loss_summary.as_of_sentences(view.record),
        companies=company_cards(view),
        briefs=sector_briefs(view),
        picks=[*picks(view), *company_picks(view)],
        first_stops=_first_stops(view),
        stop_words=view.stop_words,
        losses=page_tables.losses(view),
        assumptions=page_tables.assumptions(view),
        input_changes=page_tables.input_changes(view),
        data_changes=page_tables.data_changes(view),
        run_facts=page_tables.run_facts(view),
        checks=page_tables.checks(view),
        notes=_notes(view),
    )


def _first_stops(view: View) -> Table:
    """First stops by region, below them those of a planner's own firms."""
    found = page_tables.first_stops(view)
    return replace(found, rows=[*found.rows, *company_rows(view)])


def _notes(view: View) -> list[str]:
    """What to read with the numbers: what they stand on, then the notes of the run."""
    said = [
        run_sureness(view.record),
        opening_words(view),
        *map(str, view.record.get("warnings", [])),
        *map(str, view.record.get("notes", [])),
    ]
    return [note for note in said if note]


def opening_words(view: View) -> str:
    """Say what the run opens with: a solved past, or the full shelves of the data."""
    if view.past_from:
        return (
            f"It opens with what the weeks since {formatting.day(view.past_from)} left: stocks, "
            "goods under way, unused licences, late output; they were solved under contracts."
        )
    return "The run opens with the stocks of the data: its past is not solved."


def run_card(view: View) -> str:
    """The headline of a run, its losses by sector, and which figures it has."""
    losses = list(loss_summary.sector_losses(view).values())
    ends = loss_summary.value_range(view.record.get("headline", {}))
    rows = [[b["name"], b["share"], b["value"], b["first"]] for b in sector_briefs(view)]
    return card(
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


def write_run_page(run: RunLike, path: Path, helps: Ranking | None = None) -> None:
    """Write the page of a run to a file; `helps` is what was solved to help."""
    path.write_text(run_page(run, helps), encoding="utf-8", newline="\n")


def sector_sureness(view: View) -> dict[str, str]:
    """One sentence per sector: how far its finding is from turning out otherwise."""
    shares, cover = weekly(view), customer_cover(view)
    shares = shares[shares["region"] != ""]
    found = {}
    for sector in view.sectors:
        lost = float(view.worldwide.get(sector, {}).get("lost_share", 0.0))
        rows = shares[shares["sector"] == sector]
        losing = lost >= formatting.NO_LOSS and len(rows)
        held = cover[cover["sector"] == sector]
        own = _of_loss(view, sector, rows) if losing else _of_stock(view, held)
        apart = uncertainty_band.disagreement(view, sector)
        found[sector] = f"{apart} {_without_verdict(own)}" if apart else own
    return found


def _without_verdict(said: str) -> str:
    """What is said of the run alone, where the ends of the range do not agree with it.

    >>> _without_verdict("Clear: 3 of 40 weeks have a stop somewhere; the worst is the last.")
    '3 of 40 weeks have a stop somewhere; the worst is the last.'
    """
    kept = said.partition(": ")[2] or said
    return f"{kept[:1].upper()}{kept[1:]}"


def _of_loss(view: View, sector: str, rows: pd.DataFrame) -> str:
    ordered = rows.sort_values(["share", "week", "region"], ascending=[False, True, True])
    worst = ordered.iloc[0]
    top, where = float(worst["share"]), place(view.region(worst["region"]))
    shortfall = view.table("shortfall")
    shortfall = shortfall[shortfall["sector"] == sector]
    over = shortfall["week"][shortfall["lost"] > view.stop_share * shortfall["planned"]].nunique()
    if not over:
        return f"Small: no line stops in any region; the most a week loses there is {_part(top)}."
    weeks = f"{over} of {len(view.weeks)} weeks have a stop somewhere"
    said = (
        f"the worst loses {_part(top)} in {where}, in the week of {formatting.day(worst['week'])}."
    )
    return f"{'Clear' if top >= CLEAR else 'Near the line'}: {weeks}; {said}"


def _of_stock(view: View, held: pd.DataFrame) -> str:
    if held.empty:
        return "The run tells nothing of this sector's stocks."
    least = held.sort_values(["part", "week", "region"], kind="stable").iloc[0]
    part = float(least["part"])
    if part >= LOW_COVER:
        return f"Clear: no group of customers falls below {_part(part)} of {aim(view)}."
    held_to = "its target" if len(view.table("targets")) else "what it was in the first week"
    return (
        f"Little to spare: in {place(view.region(least['region']))} the stock of "
        f"{within(view.material(least['material']))} falls to {_part(part)} of {held_to}, "
        f"in the week of {formatting.day(least['week'])}."
    )


def _part(value: float) -> str:
    """Write a share with two digits, nothing where it rounds to nothing.

    >>> _part(0.97312), _part(1e-7)
    ('97 %', '0 %')
    """
    return formatting.share(value if value >= formatting.NO_LOSS else 0.0)


def run_sureness(record: Mapping[str, object]) -> str:
    """Say what the numbers stand on, and that their ranges were not tried."""
    kinds = [str(row.get("kind")) for row in records(record.get("assumptions"))]
    if not kinds:
        return ""
    judged = sum(kind in ("assumed", "fitted") for kind in kinds)
    total = "1 assumption" if len(kinds) == 1 else f"{len(kinds)} assumptions"
    return (
        f"This is one run on central values. {judged} of its {total} "
        f"{'is a judgement' if judged == 1 else 'are judgements'} or fitted, each with a range "
        "that this run does not try: dates may move by weeks and amounts by more than their digits."
    )
