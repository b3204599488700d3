"""Regimes beside each other: what each asks of civil trade, of military users, of look-alikes."""

from __future__ import annotations

from dataclasses import dataclass

from supplychain.dataset import Tables
from supplychain.dataset.table_types import ANY
from supplychain.errors import NothingMatched, nearest
from supplychain.policy.regimes import Policy, read_policy

COMPARED = ("gap", "review", "approval_share", "throughput", "general_share")
"""The parameters by which regimes are told apart: weeks, weeks, share, ratio, share."""

Span = tuple[float, float]
"""Lowest and highest value over the controls that a regime applies."""


@dataclass(frozen=True)
class Treatment:
    """How a regime treats one kind of trade, over the controls that it has in force for it."""

    controls: tuple[str, ...]
    spans: dict[str, Span]
    """By parameter of `COMPARED`; empty where no control is in force."""

    @property
    def free(self) -> bool:
        """Whether all of it passes: no control is in force, or each lets all through."""
        return not self.controls or self.spans["general_share"][0] >= 1.0

    @property
    def denied(self) -> bool:
        """Whether nothing of it is let through: no approval, or no capacity, and no exception."""
        if not self.controls or self.spans["general_share"][1] > 0.0:
            return False
        return min(self.spans["approval_share"][1], self.spans["throughput"][1]) <= 0.0


@dataclass(frozen=True)
class ComparedRegime:
    """One regime: civil and military trade under licences, and goods under a check at customs."""

    regime: str
    name: str
    civil: Treatment
    military: Treatment
    look_alikes: Treatment
    """Civil trade under controls of the basis `customs-check`."""
    unreviewed: Span
    """Least and most of civil trade that passes without review, over all licence controls."""


def compared_regimes(tables: Tables, control: str = ANY) -> list[ComparedRegime]:
    """Every regime of the data, in their order, by its rule for all controls or for one.

    Controls that have ended are left out, and what single destinations are treated to: rows for
    those are in `regime_parameters`.

    Raises:
        NothingMatched: there is no such control.
    """
    policy = read_policy(tables)
    if control not in (ANY, *policy.controls):
        hint = nearest(control, policy.controls) or f"Known: {', '.join(policy.controls)}."
        raise NothingMatched(f'There is no control "{control}". {hint}')
    going = [row for row in tables.records("controls") if row["until"] is None]
    checked = tuple(str(row["control"]) for row in going if row["basis"] == "customs-check")
    licensed = tuple(str(row["control"]) for row in going if row["basis"] == "licence")
    return [
        ComparedRegime(
            regime,
            name,
            _treatment(policy, regime, (control,), "civil"),
            _treatment(policy, regime, (control,), "military"),
            _treatment(policy, regime, checked, "civil"),
            _treatment(policy, regime, licensed, "civil").spans.get("general_share", (1.0, 1.0)),
        )
        for regime, name in policy.regimes.items()
    ]


def _treatment(policy: Policy, regime: str, controls: tuple[str, ...], end_use: str) -> Treatment:
    def value(control: str, parameter: str) -> float:
        return policy.parameter(regime, control, ANY, end_use, parameter)

    applied = tuple(control for control in controls if value(control, "in_force") > 0.0)
    every = {name: [value(control, name) for control in applied] for name in COMPARED}
    spans = {name: (min(found), max(found)) for name, found in every.items() if found}
    return Treatment(applied, spans)
