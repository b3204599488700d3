"""The waterfall of a comparison: a difference of losses, cause by cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from supplychain import formatting
from supplychain.case.mixed_case import CAUSES
from supplychain.report import figure
from supplychain.report.compare_summary import total_usd
from supplychain.report.figure import (
    Cell,
    Chart,
    Choice,
    Figure,
    Table,
    literal,
    number_cell,
    rounded,
    trace,
)
from supplychain.report.run_view import View
from supplychain.study.attribution import METHODS, ORDER, SHAPLEY

MORE, LESS, WHOLE = "#d55e00", "#0072b2", "#8a8f98"
NAMED = 3
"""At most so many causes are named in the sentence above the figure."""
LEAST_USD = 5e5
"""What moves less is no cause worth naming, and no bar worth a number."""
BAR = 34
SMALL_CAUSE = 0.01
"""Causes that move less than this share of all that moves stand in one bar."""
ORDER_MATTERS = {
    SHAPLEY: "The order of switching does not matter: the mean is over all.",
    ORDER: "The order of switching matters: read the bars as one telling of several.",
}


def waterfall(base: View, others: Sequence[View], causes: pd.DataFrame) -> Figure:
    """From what the base loses to what each other run loses, cause by cause."""
    parts = [(other, _of(causes, base, other)) for other in others]
    drawn = [(other, gathered(part)) for other, part in parts if len(part)]
    longest = max((len(part) for _, part in drawn), default=0)
    names = tuple((other.name, f"{other.name} against {base.name}") for other, _ in drawn)
    methods = dict.fromkeys(str(m) for _, part in drawn for m in part["method"])
    layout = figure.base(
        90 + BAR * (longest + 2),
        xaxis=figure.value_axis("billion USD of value added lost", rangemode="normal"),
        yaxis=figure.rows_axis(),
        waterfallgap=0.35,
    )
    layout["margin"] = {**figure.MARGIN, "r": 56}
    return Figure(
        id="why",
        title="What the difference is due to",
        caption=(
            f"From the loss of {base.name} to that of the chosen scenario, one bar a cause: orange "
            f"adds to the loss, blue takes from it. {' '.join(METHODS[m] for m in methods)} "
            f"{' '.join(ORDER_MATTERS[m] for m in methods)} The parts sum to the difference; those "
            "under 1 % of it are one bar, and apart in the table."
        ),
        unit="billion USD of value added",
        summary=" ".join(_sentence(base, other, part) for other, part in parts),
        charts=[Chart([_bars(base, other, part) for other, part in drawn], layout)],
        table=_causes_table(parts),
        choices=[Choice("other", "Compare", names)] if names else [],
        empty="No cause differs between the scenarios.",
    )


def gathered(part: pd.DataFrame) -> pd.DataFrame:
    """The causes of one difference, with those under 1 % of all that moves it as one at the end."""
    size = part["contribution_usd"].abs()
    small = size < SMALL_CAUSE * size.sum()
    if small.sum() < 2:
        return part
    rest = (
        part[small]
        .iloc[[0]]
        .assign(
            cause="other",
            title=f"Other causes ({int(small.sum())})",
            contribution_usd=float(part.loc[small, "contribution_usd"].sum()),
        )
    )
    return pd.concat([part[~small], rest], ignore_index=True)


def _of(causes: pd.DataFrame, base: View, other: View) -> pd.DataFrame:
    """The causes of one difference; in the order of switching, or else the largest first."""
    part = causes[(causes["base"] == base.name) & (causes["scenario"] == other.name)]
    if (part["method"] == ORDER).any():
        return part.sort_values("place", kind="stable")
    return part.sort_values(["contribution_usd", "place"], ascending=[False, True], kind="stable")


def _bars(base: View, other: View, part: pd.DataFrame) -> dict[str, Any]:
    before, after = total_usd(base), total_usd(other)
    added = [float(usd) for usd in part["contribution_usd"]]
    spoken = [
        formatting.money(before),
        *map(formatting.signed_money, added),
        formatting.money(after),
    ]
    bars = go.Waterfall(
        orientation="h",
        measure=["absolute", *["relative"] * len(added), "total"],
        y=[literal(name) for name in (base.name, *part["title"], other.name)],
        x=[*rounded([before / 1e9, *(usd / 1e9 for usd in added)], 5), None],
        text=[*(_short(usd) for usd in (before, *added, after))],
        textposition="outside",
        cliponaxis=False,
        customdata=spoken,
        hovertemplate="<b>%{y}</b><br>%{customdata}<extra></extra>",
        increasing={"marker": {"color": MORE}},
        decreasing={"marker": {"color": LESS}},
        totals={"marker": {"color": WHOLE}},
        connector={"line": {"color": WHOLE, "width": 1}},
    )
    return trace(bars, other=other.name)


def _short(usd: float) -> str:
    """Billion USD in two digits beside a bar.

    >>> _short(2.14e9), _short(-3e7), _short(0.0)
    ('2.1', '-0.03', '0')
    """
    return f"{formatting.significant(usd / 1e9, 2):g}" if abs(usd) >= LEAST_USD else "0"


def _sentence(base: View, other: View, part: pd.DataFrame) -> str:
    gap = total_usd(other) - total_usd(base)
    if not len(part):
        return f"No cause differs between {base.name} and {other.name}."
    more = "more" if gap >= 0 else "less"
    told = part.assign(size=part["contribution_usd"].abs())
    told = told[told["size"] >= LEAST_USD]
    told = told.sort_values(["size", "place"], ascending=[False, True], kind="stable")[:NAMED]
    named = [
        f"{row['title'].lower()} ({formatting.signed_money(float(row['contribution_usd']))})"
        for row in told.to_dict("records")
    ]
    size = formatting.money(abs(gap))
    lead = f"{other.name} loses {size} {more} than {base.name}"
    if not named:
        return f"{lead}. No cause moves the loss."
    weigh = "weighs" if len(named) == 1 else "weigh"
    return f"{lead}: {formatting.listing(named)} {weigh} most."


def _causes_table(parts: Sequence[tuple[View, pd.DataFrame]]) -> Table:
    rows = []
    for other, part in parts:
        gap = float(part["contribution_usd"].sum())
        for i, row in enumerate(part.to_dict("records")):
            usd = float(row["contribution_usd"])
            cause = CAUSES.get(str(row["cause"]))
            rows.append(
                [
                    Cell(other.name, repeat=i > 0),
                    Cell(str(row["title"])),
                    number_cell(formatting.signed_money(usd)),
                    number_cell(formatting.share(usd / gap) if gap else ""),
                    Cell(cause.meaning if cause else ""),
                ]
            )
    heads = ("Scenario", "Cause", "Adds to the loss", "Of the difference", "What it holds")
    solves = [f"{o.name}: {int(p['solves'].iloc[0])} worlds solved" for o, p in parts if len(p)]
    return Table(heads, rows, note=f"{'; '.join(solves)}." if solves else "")
