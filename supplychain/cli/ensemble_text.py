"""What an ensemble found, as a terminal shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from supplychain.cli.losses import WORTH_A_ROW
from supplychain.cli.table import NONE, bold, million, percent, table

if TYPE_CHECKING:
    from pandas import DataFrame

    from supplychain.report.ensemble_view import EnsembleView


def summary_text(record: Mapping[str, Any], tables: Mapping[str, DataFrame]) -> str:
    """The sentences of the head, losses and chances by sector and region, and how sure they are.

    Args:
        record: what ensemble.json holds.
        tables: the tables of the ensemble, those of `study.ensemble.summary` among them.
    """
    from supplychain.report import ensemble_words
    from supplychain.report.ensemble_view import of
    from supplychain.report.figures_ensemble_drivers import driver_words
    from supplychain.report.figures_ensemble_sure import enough_words

    view = of(record, tables)
    head = [ensemble_words.summary(view), ensemble_words.odds_sentence(view)]
    tail = [driver_words(view), enough_words(view), _failed(view)]
    parts = [bold(view.title), "\n".join(head), _losses(view), "\n".join(filter(None, tail))]
    return "\n\n".join(part for part in parts if part)


def _losses(view: EnsembleView) -> str:
    """One row per sector and region that loses."""
    from supplychain.study.ensemble.losses import ALL_REGIONS, ALL_SECTORS

    rows = []
    for sector in [ALL_SECTORS, *view.sectors]:
        for region in [ALL_REGIONS, *view.regions]:
            found = view.expected.get((sector, region))
            if found is None or (region != ALL_REGIONS and found["mean_share"] < WORTH_A_ROW):
                continue
            if sector == ALL_SECTORS and region != ALL_REGIONS:
                continue
            stop = view.stops[sector, region]
            rows.append(
                [
                    "all" if sector == ALL_SECTORS else sector,
                    "all" if region == ALL_REGIONS else view.region(region),
                    percent(found["mean_share"]),
                    million(found["mean_usd"]),
                    _interval(found),
                    million(found["tail_mean_usd"]),
                    percent(stop["probability"]),
                ]
            )
    head = [
        "sector",
        "region",
        "of plan",
        "mean M USD",
        "95 % sure",
        "worst 5 %, M USD",
        "chance of a stop",
    ]
    return table(head, rows, "<<>>>>>")


def _interval(row: Mapping[str, Any]) -> str:
    if row["mean_usd"] <= 0:
        return NONE
    return f"{million(row['low'])} to {million(row['high'])}"


def _failed(view: EnsembleView) -> str:
    """How many futures failed, with the most frequent reason."""
    members = view.table("members")
    failed = members[members["status"] != "solved"]
    if failed.empty:
        return ""
    reasons = failed["reason"].astype(str).value_counts()
    first = sorted(reasons[reasons == reasons.max()].index)[0]
    were = "future was" if len(failed) == 1 else "futures were"
    return f"{len(failed):,} {were} not solved; most often: {first}"
