"""Regimes beside each other in the text that a terminal shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from supplychain.dataset.table_types import ANY
from supplychain.report.text.terminal_table import NONE, table

if TYPE_CHECKING:
    from supplychain.policy.regime_comparison import ComparedRegime, Span, Treatment

UNITS = {"gap": "weeks", "review": "weeks", "throughput": "ratio"}
"""Units of the parameters that are no shares."""

LEGEND = """\
Civil trade under licences, by the rule for {control}: time without any licence at first, review and
approval of a file, and throughput a week, against usual trade. Unreviewed: what passes without a
file, over all controls. Military: its users. Look-alikes: goods that customs check without a
licence. A control or a destination may be treated otherwise: --control NAME, and
supplychain data list regime_parameters"""


def regimes_text(found: Sequence[ComparedRegime], control: str) -> str:
    """A row a regime: what it asks of civil trade, of military users and of look-alikes."""
    head = ["regime", "what it is", "none at first", "review", "approved", "throughput"]
    head += ["unreviewed", "military", "look-alikes"]
    rule = "all controls" if control == ANY else control
    return f"{table(head, [_row(one) for one in found])}\n\n{LEGEND.format(control=rule)}"


def _row(one: ComparedRegime) -> list[str]:
    spans = one.civil.spans
    return [
        one.regime,
        one.name,
        _weeks(spans.get("gap")),
        _weeks(spans.get("review")),
        _percent(spans.get("approval_share")),
        _percent(spans.get("throughput")),
        _percent(one.unreviewed if one.civil.controls else None),
        _military(one),
        _checked(one.look_alikes),
    ]


def _weeks(span: Span | None) -> str:
    if span is None:
        return NONE
    return f"{_span(span)} {'week' if span == (1.0, 1.0) else 'weeks'}"


def _percent(span: Span | None) -> str:
    return NONE if span is None else f"{_span((span[0] * 100, span[1] * 100))} %"


def _span(span: Span) -> str:
    """Two ends as one text, three digits each.

    >>> _span((4.0, 9.0)), _span((3.0, 3.0))
    ('4 to 9', '3')
    """
    low, high = (f"{value:.3g}" for value in span)
    return low if low == high else f"{low} to {high}"


def _military(one: ComparedRegime) -> str:
    if one.military.free:
        return "free"
    if one.military.denied:
        return "denied"
    return "as civil" if one.military == one.civil else _let(one.military)


def _checked(trade: Treatment) -> str:
    if trade.free:
        return "free"
    return "stopped" if trade.denied else _let(trade)


def _let(trade: Treatment) -> str:
    """What passes of a trade, and what is decided of the rest in a week, against usual trade."""
    passes, decided = (_percent(trade.spans[name]) for name in ("general_share", "throughput"))
    return f"{passes} pass, {decided} decided"


def regimes_json(found: Sequence[ComparedRegime]) -> list[dict[str, object]]:
    """The list `regimes` of `scenario regimes --json`: spans as {low, high}, units in the names."""
    return [
        {
            "regime": one.regime,
            "name": one.name,
            "civil": _treated(one.civil),
            "military": _treated(one.military),
            "look_alikes": _treated(one.look_alikes),
            "unreviewed_share": dict(zip(("low", "high"), one.unreviewed, strict=True)),
        }
        for one in found
    ]


def _treated(trade: Treatment) -> dict[str, object]:
    spans = {
        f"{name}_{UNITS[name]}" if name in UNITS else name: {"low": low, "high": high}
        for name, (low, high) in trade.spans.items()
    }
    return {"controls": list(trade.controls), "free": trade.free, "denied": trade.denied, **spans}
