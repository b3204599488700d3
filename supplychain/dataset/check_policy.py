"""Checks across the tables of laws and scalars."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from supplychain.dataset.findings import TOLERANCE, CrossCheck, Records, at, words
from supplychain.dataset.schema_policy import LOSS_STEPS
from supplychain.errors import Problem


def control_scopes(records: Records) -> Iterator[Problem]:
    """Each control covers something."""
    covered = words(records["control_scope"], "control")
    for control in records["controls"]:
        if (control["control"],) not in covered:
            message = f'"{control["control"]}" covers nothing.'
            hint = "Add a row to control_scope.csv."
            yield at(control, "DATA-441", "control", message, hint)


def control_dates(records: Records) -> Iterator[Problem]:
    """The dates of controls come in order."""
    yield from _dates(records, "controls")


def event_dates(records: Records) -> Iterator[Problem]:
    """The dates of events come in order."""
    yield from _dates(records, "events")


def _dates(records: Records, table: str) -> Iterator[Problem]:
    """Announced, effective and until come in that order."""
    for row in records[table]:
        for earlier, later in (("announced", "effective"), ("effective", "until")):
            if row[later] is not None and row[later] < row[earlier]:
                message = f"{later} {row[later]} lies before {earlier} {row[earlier]}."
                yield at(row, "DATA-442", later, message, "Correct one of the two dates.")


def loss_steps(records: Records) -> Iterator[Problem]:
    """The loss steps cover the whole plan, and each costs at least as much as the one before."""
    rows = words(records["assumptions"], "assumption")
    steps = [(f"loss_step_{n}_share", f"loss_step_{n}_weight") for n in range(1, LOSS_STEPS + 1)]
    if any((name,) not in rows for pair in steps for name in pair):
        return
    total = sum(rows[(share,)]["value"] for share, _ in steps)
    if abs(total - 1.0) > TOLERANCE:
        message = f"the shares of the loss steps add up to {total:g}, not 1."
        yield at(rows[(steps[0][0],)], "DATA-461", "value", message, "Correct the shares.")
    for (_, before), (_, after) in pairwise(steps):
        if rows[(after,)]["value"] < rows[(before,)]["value"]:
            message = f"{after} is below {before}; each step must cost at least as much."
            yield at(rows[(after,)], "DATA-461", "value", message, "Raise it.")


POLICY_CHECKS = (
    CrossCheck(("controls", "control_scope"), control_scopes),
    CrossCheck(("controls",), control_dates),
    CrossCheck(("events",), event_dates),
    CrossCheck(("assumptions",), loss_steps),
)
