"""Tables of docs/ensembles.md: `python -m supplychain.study.ensemble.page docs/ensembles.md`."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from supplychain.dataset import Tables, read_tables
from supplychain.dataset.schema_paths import STATES
from supplychain.regime.hazards import INTERVAL, Hazard, estimate, read_spells
from supplychain.regime.page import markdown_table
from supplychain.regime.page import refreshed as put_between
from supplychain.regime.switching import state_regimes
from supplychain.study.ensemble.codes import CODES
from supplychain.study.ensemble.distributions import KINDS
from supplychain.study.ensemble.document import PriorPart

BEGIN = "<!-- written from supplychain/study/ensemble: {name} begin -->"
END = "<!-- written from supplychain/study/ensemble: {name} end -->"

YEAR = 52
"""Weeks."""


def refreshed(text: str) -> str:
    """Put today's tables between the markers of the page.

    Raises:
        ValueError: the page lacks a pair of markers.
    """
    for name, table in page_tables(read_tables()).items():
        text = put_between(text, BEGIN.format(name=name), END.format(name=name), table)
    return text


def page_tables(tables: Tables) -> dict[str, str]:
    """The tables of the page by the name in their markers."""
    prior = PriorPart.model_validate({})
    hazards = estimate(read_spells(tables), prior.events, prior.weeks)
    laws = [
        [f"`{name}`", ", ".join(kind.needs), ", ".join(kind.may_have)]
        for name, kind in KINDS.items()
    ]
    found = {
        "distributions": markdown_table(["kind", "needs", "may have"], laws),
        "states": markdown_table(["state", "regimes that stand for it"], _states(tables)),
        "leaving": markdown_table(
            ["state", "weeks on record", "times left", "a week", f"left within {YEAR} weeks"],
            _leaving(hazards),
        ),
        "hazards": markdown_table(
            ["from", "to", "events", "weeks", "hazard a week", "5 to 95 %", "decisions"],
            _pairs(hazards),
        ),
        "problems": markdown_table(["code", "meaning"], [[c, m] for c, m in CODES.items()]),
    }
    return {name: "\n".join(lines) + "\n" for name, lines in found.items()}


def _states(tables: Tables) -> list[list[str]]:
    regimes = state_regimes(tables)
    return [
        [state, ", ".join(f"`{name}` {share:g}" for name, share in regimes.get(state, ()))]
        for state in STATES
    ]


def _leaving(hazards: Sequence[Hazard]) -> list[list[str]]:
    """How often each state was left, and the chance to leave it within a year.

    With the hazard known as Gamma(a, b) the chance is 1 - (b / (b + k))^a for k weeks (Lomax).
    """
    from scipy.special import gammaincinv

    rows = []
    for state in STATES:
        out = [h for h in hazards if h.from_state == state]
        shape, rate = sum(h.shape for h in out), out[0].rate
        mean = 1.0 - (rate / (rate + YEAR)) ** shape
        low, high = (-math.expm1(-YEAR * gammaincinv(shape, q) / rate) for q in INTERVAL)
        rows.append(
            [
                state,
                f"{out[0].weeks_at_risk:.0f}",
                f"{sum(h.events for h in out)}",
                f"{shape / rate:.3f}",
                f"{mean:.0%} ({low:.0%} to {high:.0%})",
            ]
        )
    return rows


def _pairs(hazards: Sequence[Hazard]) -> list[list[str]]:
    """Every change that happened, and one line for those of each state that never did."""
    rows = []
    for state in STATES:
        out = [h for h in hazards if h.from_state == state]
        seen = [h for h in out if h.events]
        for h in [*seen, next(h for h in out if not h.events)]:
            rows.append(
                [
                    state,
                    h.to_state if h.events else "each of the others",
                    f"{h.events}",
                    f"{h.weeks_at_risk:.0f}",
                    f"{h.hazard_per_week:.4f}",
                    f"{h.low:.4f} to {h.high:.4f}",
                    ", ".join(f"`{event}`" for event in h.source_events) or "the prior alone",
                ]
            )
    return rows


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(refreshed(target.read_text(encoding="utf-8")), encoding="utf-8")
