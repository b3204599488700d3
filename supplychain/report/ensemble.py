"""The page of an ensemble: the odds of loss over many futures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from supplychain.report import ensemble_tables, ensemble_words
from supplychain.report.ensemble_view import EnsembleView, chance_words, of
from supplychain.report.figure import Figure
from supplychain.report.figures_ensemble import exceedance, fans
from supplychain.report.figures_ensemble_chances import chance_table, paths, stopping
from supplychain.report.figures_ensemble_drivers import drivers, morris
from supplychain.report.figures_ensemble_hazards import hazards
from supplychain.report.figures_ensemble_sure import enough, truce_value
from supplychain.report.page import picks, render
from supplychain.study.ensemble.losses import ALL_REGIONS


def ensemble_figures(view: EnsembleView) -> list[Figure]:
    """The figures of the page in the order of a planner's questions."""
    screened = [morris(view)] if len(view.table("morris")) else []
    return [
        fans(view),
        exceedance(view),
        stopping(view),
        truce_value(view),
        drivers(view),
        *screened,
        paths(view),
        hazards(view),
        enough(view),
    ]


def sector_briefs(view: EnsembleView) -> list[Mapping[str, Any]]:
    """One entry per sector for the head of the page, the largest mean loss first, others last."""
    means = {s: float(view.expected[s, ALL_REGIONS]["mean_usd"]) for s in view.sectors}
    order = sorted(means, key=lambda s: (s == "other", -means[s]))
    return [
        {
            "id": sector,
            "chance": chance_words(float(view.stops[sector, ALL_REGIONS]["probability"])),
            "loses": view.loses(sector),
            "sentence": ensemble_words.sector_sentence(view, sector),
            "sure": ensemble_words.sector_sureness(view, sector),
        }
        for sector in order
    ]


def ensemble_page(record: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> str:
    """Write the page of an ensemble as one HTML text.

    Args:
        record: what ensemble.json holds.
        tables: the tables of the ensemble, those of `study.ensemble.summary` among them; `losses`
            is not read. `regions` (region, name) gives regions their names.
    """
    view = of(record, tables)
    return render(
        "ensemble.html.j2",
        ensemble_figures(view),
        view=view,
        summary=ensemble_words.summary(view),
        odds=ensemble_words.odds_sentence(view),
        briefs=sector_briefs(view),
        picks=picks(view),
        chances=chance_table(view),
        notes=ensemble_words.notes(view),
        expected=ensemble_tables.expected(view),
        inputs=ensemble_tables.inputs(view),
        failed=ensemble_tables.failed(view),
        facts=ensemble_tables.facts(view),
    )


def write_ensemble_page(
    record: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], path: Path
) -> None:
    """Write the page of an ensemble to a file."""
    path.write_text(ensemble_page(record, tables), encoding="utf-8", newline="\n")
