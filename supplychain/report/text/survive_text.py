"""A stress test in words and tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from supplychain.formatting import counted
from supplychain.report.text.terminal_table import NONE, bold, million, percent, table

if TYPE_CHECKING:
    from supplychain.study.stress_test import StressTest


def survive_text(found: StressTest, top: int) -> str:
    """The nodes that cost most, those that stop somebody first, and customers hit by single nodes.

    `top` rows of each at most.
    """
    parts = [headline(found)]
    costly = found.nodes[(found.nodes["lost_value_usd"] > 0.0) | stops(found.nodes)]
    if len(costly):
        parts.append(f"{bold('By loss')}\n{_nodes(found, costly, top)}")
        soon = costly[stops(costly)].sort_values("rank_by_first_stop", kind="stable")
        if len(found.nodes) > 1 and len(soon):
            parts.append(f"{bold('By first stop')}\n{_nodes(found, soon, top)}")
    if len(found.nodes) == 1 or found.who:
        parts += [_customers(found, str(node), top) for node in costly["node"][:_SHOWN]]
    parts.append(pace(found))
    return "\n\n".join(part for part in parts if part)


_SHOWN = 3
"""Nodes whose customers are listed where customers were asked for."""


def stops(frame: pd.DataFrame) -> pd.Series[bool]:
    """Rows in which somebody stops."""
    return frame["weeks_to_survive"].notna()


def headline(found: StressTest) -> str:
    """What was done, in a sentence or two."""
    left = "nothing" if found.share == 0.0 else percent(found.share)
    stopping, costing = (
        int(stops(found.nodes).sum()),
        int((found.nodes["lost_value_usd"] > 0).sum()),
    )
    of_whom = f" Customers: {', '.join(found.who)}." if found.who else ""
    return (
        f"{counted(len(found.nodes), 'node')} of {found.scenario} broken in turn from "
        f"{found.start}, each left with {left} for {counted(found.break_weeks, 'week')}; "
        f"{found.weeks} weeks in all. {stopping} stop somebody, {costing} cost output.{of_whom}"
    )


def _nodes(found: StressTest, rows: pd.DataFrame, top: int) -> str:
    head = [
        "node", "name", "lost, mn USD", "share", "stopped", "survive, weeks", "stops first",
        "recover, weeks",
    ]  # fmt: skip
    lines = [
        [
            str(r["node"]),
            str(r["name"]),
            million(r["lost_value_usd"]),
            percent(r["lost_share"]),
            str(r["customers_stopped"]),
            weeks(r["weeks_to_survive"], f">={found.weeks}"),
            str(r["first_customer"]) or NONE,
            weeks(r["weeks_to_recover"], "not yet" if r["customers_stopped"] else NONE),
        ]
        for r in rows.head(top).to_dict("records")
    ]
    return table(head, lines, "<<>>>><>")


def _customers(found: StressTest, node: str, top: int) -> str:
    rows = found.customers[found.customers["node"] == node]
    rows = rows.sort_values("lost_value_usd", ascending=False, kind="stable").head(top)
    head = [
        "customer", "lost, mn USD", "share", "survive, weeks", "recover, weeks", "short of",
        "held, weeks", "needed, weeks",
    ]  # fmt: skip
    lines = [
        [
            str(r["customer"]),
            million(r["lost_value_usd"]),
            percent(r["lost_share"]),
            weeks(r["weeks_to_survive"], f">={found.weeks}"),
            weeks(r["weeks_to_recover"], NONE if missing(r["weeks_to_survive"]) else "not yet"),
            str(r["material"]),
            tenths(r["weeks_held"]),
            tenths(r["weeks_needed"]),
        ]
        for r in rows.to_dict("records")
    ]
    return f"{bold(f'Customers when {node} breaks')}\n{table(head, lines, '<>>>><>>')}"


def missing(value: Any) -> bool:
    """Whether a cell has no number."""
    return value is None or bool(pd.isna(value))


def weeks(value: Any, otherwise: str) -> str:
    """Write whole weeks, or what stands for none.

    >>> weeks(4.0, ">=52"), weeks(None, ">=52")
    ('4', '>=52')
    """
    return otherwise if missing(value) else f"{value:.0f}"


def tenths(value: Any) -> str:
    """Write weeks with a decimal.

    >>> tenths(4.25), tenths(None)
    ('4.2', '-')
    """
    return NONE if missing(value) else f"{value:.1f}"


def pace(found: StressTest) -> str:
    """How many nodes were solved, and what each took."""
    total, kept = int(found.pace["nodes"]), int(found.pace["kept"])
    made = total - kept
    if not made:
        return f"{counted(kept, 'node')} solved before, none now."
    each = found.pace["processor_seconds"] / made
    before = f" {kept} solved before." if kept else ""
    return (
        f"{counted(made, 'node')} solved in {found.pace['seconds']:.0f} s, {each:.1f} s of "
        f"processor time each; {found.pace['pivots'] / total:,.0f} pivots each.{before}"
    )
