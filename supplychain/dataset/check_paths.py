"""Checks across the tables behind drawn regime paths."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from supplychain.dataset.findings import TOLERANCE, CrossCheck, Records, at
from supplychain.errors import Problem


def state_shares(records: Records) -> Iterator[Problem]:
    """The regimes of a state share it out between them; companions are named in full."""
    totals: dict[str, float] = {}
    for row in records["regime_states"]:
        totals[row["state"]] = totals.get(row["state"], 0.0) + row["value"]
        if bool(row["companion_control"]) != bool(row["companion_regime"]):
            blank = "companion_regime" if row["companion_control"] else "companion_control"
            message = "blank, but its partner is given."
            yield at(row, "DATA-444", blank, message, "Fill in both or neither.")
    told: set[str] = set()
    for row in records["regime_states"]:
        total = totals[row["state"]]
        if abs(total - 1.0) > TOLERANCE and row["state"] not in told:
            told.add(row["state"])
            message = f'the shares of "{row["state"]}" add up to {total:g}, not 1.'
            yield at(row, "DATA-443", "value", message, "Correct the shares.")


def spell_dates(records: Records) -> Iterator[Problem]:
    """The spells of a track follow each other without a gap, and each changes the state."""
    tracks: dict[str, list[dict[str, object]]] = {}
    for row in sorted(records["regime_spells"], key=lambda row: (row["track"], row["begins"])):
        tracks.setdefault(row["track"], []).append(row)
        if row["until"] <= row["begins"]:
            message = f"until {row['until']} is not after begins {row['begins']}."
            yield at(row, "DATA-445", "until", message, "Correct one of the two dates.")
    for spells in tracks.values():
        for before, after in pairwise(spells):
            if before["until"] != after["begins"]:
                message = f"the spell before it ends on {before['until']}."
                hint = "Let one begin where the other ends."
                yield at(after, "DATA-445", "begins", message, hint)
            if before["state"] == after["state"]:
                message = f'the spell before it is "{after["state"]}" too.'
                yield at(after, "DATA-445", "state", message, "Make the two one spell.")


PATH_CHECKS = (
    CrossCheck(("regime_states",), state_shares),
    CrossCheck(("regime_spells",), spell_dates),
)
