"""An ensemble in sentences, and as the text that a terminal shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from supplychain import formatting
from supplychain.ensemble.member_losses import ALL_REGIONS, ALL_SECTORS
from supplychain.formatting import place
from supplychain.report.ensemble_view import EnsembleView, between, chance_words, odds
from supplychain.report.figures.ensemble_stop_figures import half_by
from supplychain.report.figures.ensemble_truce_figures import enough_words, truce_words
from supplychain.report.text.run_text import WORTH_A_ROW
from supplychain.report.text.terminal_table import NONE, bold, million, percent, table

if TYPE_CHECKING:
    from pandas import DataFrame


WHOLE = ALL_SECTORS, ALL_REGIONS


def summary(view: EnsembleView) -> str:
    """Say what is lost on average, and in the worst futures."""
    row = view.expected[WHOLE]
    over = f"Over the {len(view.weeks)} weeks from {formatting.day(view.start)}"
    if row["mean_usd"] <= 0:
        return f"{over}, nothing is lost in any of the {view.solved:,} futures."
    if not view.loses(*WHOLE):
        return f"{over}, nothing worth naming is lost on average of {view.solved:,} futures."
    return (
        f"{over}, {formatting.money(row['mean_usd'])} of planned value added is lost on average of "
        f"{view.solved:,} futures. In 1 of 20 futures it is "
        f"{formatting.money(row['p95_usd'])} or more; "
        f"these lose {formatting.money(row['tail_mean_usd'])} on average."
    )


def odds_sentence(view: EnsembleView) -> str:
    """Say how likely a stop is, and what the truce is worth."""
    chance = float(view.stops[WHOLE]["probability"])
    said = f"Some line stops in {odds(chance)}."
    return f"{said} {truce_words(view)}" if len(view.table("truce_value")) else said


def sector_sentence(view: EnsembleView, sector: str) -> str:
    """Say what a sector loses on average and at worst, where and when its lines stop."""
    name = view.sector(sector)
    row, stop = view.expected[sector, ALL_REGIONS], view.stops[sector, ALL_REGIONS]
    if row["mean_usd"] <= 0:
        return f"{name}: nothing is lost in any future."
    if not view.loses(sector):
        return f"{name}: nothing worth naming is lost (under 0.01 % of plan on average)."
    worst = f"{formatting.money(row['tail_mean_usd'])} in the worst 1 of 20 futures"
    lost = (
        f"{name}: {formatting.money(row['mean_usd'])} is lost on average "
        f"({formatting.share(row['mean_share'])} of plan), {worst}."
    )
    chance = float(stop["probability"])
    if chance <= 0:
        return f"{lost} No line stops in any future."
    return f"{lost} A line stops in {odds(chance)}{_where(view, sector)}{_when(view, sector)}."


def _where(view: EnsembleView, sector: str) -> str:
    """Name the region where the sector stops most often, if one does more often than others."""
    chances = {
        r: float(view.stops[sector, r]["probability"])
        for r in view.regions
        if (sector, r) in view.stops
    }
    top = max(chances.values(), default=0.0)
    first = [r for r, chance in chances.items() if chance == top]
    if top <= 0 or len(first) > 3:
        return ""
    named = formatting.listing([place(view.region(r)) for r in first])
    return f", most often in {named} ({odds(top)})"


def _when(view: EnsembleView, sector: str) -> str:
    table = view.table("stopping")
    rows = table[(table["sector"] == sector) & (table["region"] == ALL_REGIONS)]
    week = half_by(rows)
    return f"; half of these stops have come by {formatting.day(week)}" if week else ""


def sector_sureness(view: EnsembleView, sector: str) -> str:
    """Give the intervals of a sector's chance and mean."""
    row, stop = view.expected[sector, ALL_REGIONS], view.stops[sector, ALL_REGIONS]
    chance = f"chance {chance_words(stop['low'])} to {chance_words(stop['high'])}"
    if not view.loses(sector):
        return f"With 95 % certainty: {chance}."
    return f"With 95 % certainty: {chance}, mean {between(row['low'], row['high'])}."


def notes(view: EnsembleView) -> list[str]:
    """What to read with the numbers: what the futures are, whether enough, what failed."""
    base = f" of the scenario {view.base}" if view.base else ""
    said = [
        f"Each future is one solved run{base}: uncertain inputs drawn from their ranges, and a "
        "path of the export regime drawn week by week.",
        _hazard_note(view),
        enough_words(view),
        "Intervals say how far another draw of as many futures may move a number. They do not say "
        "how right the model, the ranges or the hazards are.",
        _failed_note(view),
        *map(str, view.record.get("notes") or []),
    ]
    return [note for note in said if note]


def _hazard_note(view: EnsembleView) -> str:
    table = view.table("hazards")
    if table.empty:
        return ""
    count = round(float(table["events"].sum()))
    return (
        f"The odds of the regime rest on {count} dated event{'' if count == 1 else 's'}: they are "
        "the weakest number here, and every chance on this page hangs on them."
    )


def _failed_note(view: EnsembleView) -> str:
    drawn = len(view.table("members"))
    failed = drawn - view.solved
    if not failed:
        return ""
    were = "future was" if failed == 1 else "futures were"
    return (
        f"{failed:,} of {drawn:,} {were} not solved and left out. Were those the hard ones, the "
        "losses here would be too low."
    )


def summary_text(record: Mapping[str, Any], tables: Mapping[str, DataFrame]) -> str:
    """The sentences of the head, losses and chances by sector and region, and how sure they are.

    Args:
        record: what ensemble.json holds.
        tables: the tables of the ensemble, those of `study.ensemble.summary` among them.
    """
    from supplychain.report.ensemble_view import of
    from supplychain.report.figures.ensemble_driver_figures import driver_words
    from supplychain.report.figures.ensemble_truce_figures import enough_words

    view = of(record, tables)
    head = [summary(view), odds_sentence(view)]
    tail = [driver_words(view), enough_words(view), _failed(view)]
    parts = [bold(view.title), "\n".join(head), _losses(view), "\n".join(filter(None, tail))]
    return "\n\n".join(part for part in parts if part)


def _losses(view: EnsembleView) -> str:
    """One row per sector and region that loses."""
    from supplychain.ensemble.member_losses import ALL_REGIONS, ALL_SECTORS

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
