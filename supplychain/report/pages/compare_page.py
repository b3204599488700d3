"""The pages that set runs beside a base run: other scenarios, or a grid of one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from supplychain import formatting
from supplychain.report.compare_summary import verdict
from supplychain.report.figure import SERIES_COLOURS, Cell, Figure, Table, number_cell
from supplychain.report.figures import comparison_figures
from supplychain.report.figures.first_stop_figure import first_stops
from supplychain.report.figures.grid_figures import heat_maps, lines
from supplychain.report.figures.timeline_figures import timelines
from supplychain.report.figures.waterfall_figure import waterfall
from supplychain.report.grid_view import GridView
from supplychain.report.loss_summary import (
    SectorLoss,
    as_of_sentences,
    sector_losses,
    value_range,
    week_gap,
)
from supplychain.report.page_tables import change_table, origin_facts, records, source_cell
from supplychain.report.pages.html_page import card, render
from supplychain.report.run_view import RunLike, View
from supplychain.study.comparison import inputs_that_differ
from supplychain.study.grid import SolvedGrid


def _nothing(name: str) -> SectorLoss:
    return SectorLoss(name, (), 0.0, 0.0, "", (), None, "")


def sector_table(base: View, others: Sequence[View]) -> Table:
    """Lost share, value and first week of each sector in every run, and how others differ."""
    views = [base, *others]
    found = [sector_losses(view) for view in views]
    rows = []
    for sector in comparison_figures.sectors_of(views):
        name = base.sector(sector)
        losses = [per_run.get(sector, _nothing(name)) for per_run in found]
        for view, loss in zip(views, losses, strict=True):
            rows.append(_sector_row(name, view, loss, losses[0], base=view is base))
    heads = (
        "Sector", "Scenario", "Not made when planned", "Difference", "Value added lost", "Range",
        "Difference", "First stop", "Difference",
    )  # fmt: skip
    return Table(heads, rows)


def _sector_row(
    name: str, view: View, loss: SectorLoss, before: SectorLoss, *, base: bool
) -> list[Cell]:
    share_gap = "" if base else formatting.points(loss.lost_share - before.lost_share)
    value_gap = "" if base else formatting.signed_money(loss.lost_value_usd - before.lost_value_usd)
    return [
        Cell(name, repeat=not base),
        Cell(view.name),
        number_cell(formatting.share(loss.lost_share)),
        number_cell(share_gap),
        number_cell(formatting.money(loss.lost_value_usd)),
        number_cell(formatting.money_range(*loss.value_range) if loss.value_range else ""),
        number_cell(value_gap),
        Cell(formatting.short_day(loss.first_week) or "no stop"),
        Cell("" if base else week_gap(before.first_week, loss.first_week)),
    ]


def _key(change: Mapping[str, Any]) -> str:
    kept = {k: v for k, v in change.items() if k not in ("why", "source")}
    return json.dumps(kept, sort_keys=True, default=str)


def differing_changes(base: View, others: Sequence[View]) -> list[tuple[str, Table]]:
    """Per run, the input changes that not all runs make."""
    views = [base, *others]
    made = [{_key(c): c for c in records(v.record.get("input_changes"))} for v in views]
    shared = set.intersection(*(set(changes) for changes in made))
    return [
        (view.name, change_table(view, [c for k, c in changes.items() if k not in shared]))
        for view, changes in zip(views, made, strict=True)
    ]


def differences(base: View, others: Sequence[View]) -> list[tuple[str, Table]]:
    """Per other run what its scenario and data have that the base has not, with the reason."""
    found = inputs_that_differ(base.run, [v.run for v in others]).to_dict("records")
    made = []
    for view in others:
        own = [row for row in found if row["scenario"] == view.name]
        rest = " are told by scenario diff and the tables data_changes of the runs."
        shown, note = formatting.the_first(own, rest)
        rows = [
            [
                Cell(str(row["what"])),
                Cell(str(row["base"])),
                Cell(str(row["other"])),
                Cell(str(row["why"])),
                source_cell(view, row["source"]),
            ]
            for row in shown
        ]
        made.append((view.name, Table(("What", base.name, view.name, "Why", "Source"), rows, note)))
    return made


def differing_facts(base: View, others: Sequence[View]) -> Table:
    """Scenario settings, data and assumptions in which the runs differ."""
    views = [base, *others]
    facts = [_facts(view) for view in views]
    names = list(dict.fromkeys(name for per_run in facts for name in per_run))
    rows = []
    for name in names:
        values = [per_run.get(name, "") for per_run in facts]
        if len(set(values)) > 1:
            rows.append([Cell(name), *(Cell(value or "none") for value in values)])
    return Table(("What", *(view.name for view in views)), rows)


def _facts(view: View) -> dict[str, str]:
    horizon = view.scenario.get("horizon", {})
    data = view.record.get("data", {})
    found = {
        "Start": formatting.day(horizon.get("start")),
        "Weeks": formatting.plain(horizon.get("weeks")),
        "Foresight": formatting.plain(view.scenario.get("foresight")),
        "Data hash": formatting.plain(data.get("hash"))[:12],
        "Overlays": formatting.plain(data.get("overlays")),
    }
    for row in records(view.record.get("assumptions")):
        name = f"Assumption: {formatting.plain(row.get('assumption')).replace('_', ' ')}"
        found[name] = (
            f"{formatting.plain(row.get('value'))} {formatting.plain(row.get('unit'))}".strip()
        )
    return found


def summary(base: View, others: Sequence[View]) -> str:
    """Say in words what each run loses, the base first."""
    told = []
    for view in [base, *others]:
        total = sum(float(row["lost_value_usd"]) for row in view.worldwide.values())
        share = max((float(r["lost_share"]) for r in view.worldwide.values()), default=0.0)
        ends = value_range(view.record.get("headline") or {})
        lost = formatting.money(total) if share >= formatting.NO_LOSS else "nothing"
        if ends and ends[1] > 0:
            lost += f" (range: {formatting.money_range(*ends)})"
        told.append(f"{view.name} loses {lost}")
    return f"{formatting.listing(told)}."


def compare_figures(
    base: View, others: Sequence[View], causes: pd.DataFrame | None = None
) -> list[Figure]:
    """The figures of a comparison's page in their order."""
    views = [base, *others]
    why = [] if causes is None or causes.empty else [waterfall(base, others, causes)]
    return [
        first_stops(views),
        comparison_figures.difference_map(base, others),
        *why,
        comparison_figures.loss_by_week(views),
        timelines(views),
    ]


def compare_page(
    base: RunLike, others: Sequence[RunLike], causes: pd.DataFrame | None = None
) -> str:
    """Write the page that compares runs with a base run as one HTML text.

    Args:
        base: the base run.
        others: the runs beside it.
        causes: what each cause adds (`study.attribution.causes_table`), if that was asked for.
    """
    first, rest = View(base), [View(other) for other in others]
    views = [first, *rest]
    return render(
        "compare.html.j2",
        compare_figures(first, rest, causes),
        views=views,
        origin=origin_facts([v.record for v in views]),
        base=first,
        verdict=verdict(first, rest),
        summary=summary(first, rest),
        colours=SERIES_COLOURS,
        as_of=as_of_sentences(first.record),
        sectors=sector_table(first, rest),
        differences=differences(first, rest),
        changes=differing_changes(first, rest),
        facts=differing_facts(first, rest),
        notes=list(dict.fromkeys(str(n) for v in views for n in v.record.get("notes", []))),
    )


def compare_card(base: View, others: Sequence[View]) -> str:
    """What each run loses, and how the others differ from the base."""
    table = sector_table(base, others)
    rows = [[cell.text for cell in row] for row in table.rows]
    facts = [f"{view.name}: run {view.record.get('id')}" for view in (base, *others)]
    names = " beside ".join([base.name, ", ".join(view.name for view in others)])
    figures = compare_figures(base, others)
    return card(names, summary(base, others), table.columns, rows, facts, figures)


def write_compare_page(
    base: RunLike, others: Sequence[RunLike], path: Path, causes: pd.DataFrame | None = None
) -> None:
    """Write the page that compares runs with a base run to a file."""
    path.write_text(compare_page(base, others, causes), encoding="utf-8", newline="\n")


def binding_table(view: GridView) -> Table:
    """What each scenario of the grid loses in all, its first stop, and what binds there."""
    rows = [
        [
            Cell(view.words(spot)),
            number_cell(formatting.money(spot.lost_usd), spot.lost_usd),
            number_cell(formatting.money_range(*spot.ends) if spot.ends else ""),
            Cell(view.first_words(spot)),
            Cell(spot.binds),
        ]
        for spot in (view.base, *view.spots)
    ]
    heads = ("Scenario", "Value added lost", "Range", "First stop", "What binds")
    return Table(heads, rows, csv=("scenario", "lost_value_usd", "range", "first_stop", "binds"))


def grid_page(solved: SolvedGrid) -> str:
    """Write the page of a grid as one HTML text."""
    view = GridView(solved)
    both = len(view.axes) > 1 and not solved.grid.one_at_a_time
    figures = [heat_maps(view)] if both else [lines(view, axis) for axis in view.axes]
    return render(
        "grid.html.j2",
        figures,
        base=view.base.view,
        origin=origin_facts([spot.view.record for spot in (view.base, *view.spots)]),
        subjects=formatting.listing([axis.subject for axis in view.axes]),
        verdict=view.verdict(),
        points=[(view.words(spot), spot.view.name) for spot in view.spots],
        binding=binding_table(view),
        as_of=as_of_sentences(view.base.view.record),
        notes=list(dict.fromkeys(str(n) for n in view.base.view.record.get("notes", []))),
    )


def write_grid_page(solved: SolvedGrid, path: Path) -> None:
    """Write the page of a grid to a file."""
    path.write_text(grid_page(solved), encoding="utf-8", newline="\n")
