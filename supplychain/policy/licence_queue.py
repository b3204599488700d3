"""The licence queue: what an authority that does not optimise grants, week by week.

A fluid queue for every licence class (control, exporter, destination, end use). Files of the week
join those that are pending; of these a share of 1 / review comes up for a decision, as long as the
authority's throughput allows; what is approved becomes a licence, what is returned goes to the end
of the queue, the rest is refused for good. A longer review meets new files only. A share of the
trade may pass without review. Amounts are tonnes of goods.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rules:
    """How each class is treated in each week: arrays [class, week]."""

    in_force: Array
    """1 where a licence is needed, 0 where trade is free."""
    gap: Array
    """Weeks after the control began in which no file is decided."""
    review: Array
    """Mean weeks from handing a file in to its decision; below 1 counts as 1."""
    approval_share: Array
    """Share of the decided files that is approved."""
    returned_share: Array
    """Share of the files not approved that is handed in again."""
    throughput: Array
    """Files settled for good (approved or refused) per week at most, against usual trade."""
    validity: Array
    """Weeks in which a licence granted now can be used."""
    general_share: Array
    """Share of the wanted trade that passes without review."""
    surge: Array
    """Wanted trade against usual trade."""
    keep_pending: Array
    """Share of the pending files that survives where `changed`."""
    keep_issued: Array
    """Share of the unused licences that survives where `changed`."""
    changed: Flags
    """True in the first week of another regime."""


@dataclass(frozen=True)
class Licences:
    """The queue week by week: arrays [class, week], t; levels at the week's end."""

    free: Flags
    """No licence needed: everything else is zero."""
    applied: Array
    """Files handed in for the first time."""
    returned: Array
    """Files sent back and handed in again."""
    granted: Array
    """Approved after review."""
    waived: Array
    """Passed without review: general licences, goods already on the way, unchecked look-alikes."""
    refused: Array
    withdrawn: Array
    """Pending files that lapsed when another regime began or the control ended."""
    revoked: Array
    """Licences, used or not, that lost their validity when another regime began."""
    pending: Array
    valid: Array
    """Licences of the last weeks that are still within their validity, used or not."""

    @property
    def usable(self) -> Array:
        """What becomes shippable in the week: granted and waived; infinite where trade is free."""
        return np.where(self.free, np.inf, self.granted + self.waived)


def run_queue(usual: Array, rules: Rules) -> Licences:
    """Run the queue of all classes from its first week with nothing pending.

    Args:
        usual: [class] usual trade, t per week.
        rules: the treatment of each class by week.
    """
    count, weeks = rules.in_force.shape
    flows = {f.name: np.zeros((count, weeks)) for f in fields(Licences) if f.name != "free"}
    pending, valid, age = np.zeros(count), np.zeros(count), np.zeros(count)
    pace = np.zeros(count)
    lapsing = np.zeros((count, weeks + 1))
    for week in range(weeks):
        r = _in_week(rules, week)
        in_force = r.in_force > 0.0
        kept = np.where(in_force, np.where(r.changed, r.keep_pending, 1.0), 0.0)
        issued = np.where(in_force, np.where(r.changed, r.keep_issued, 1.0), 0.0)
        flows["withdrawn"][:, week] = pending * (1.0 - kept)
        flows["revoked"][:, week] = valid * (1.0 - issued)
        pending, valid = pending * kept, valid * issued
        lapsing *= issued[:, None]
        applied, waived = _wanted(usual, r)
        pace = _pace(pace, pending, applied, r)
        decided = _decided(usual, r, (pending + applied) * pace, age)
        granted = r.approval_share * decided
        returned = (decided - granted) * r.returned_share
        pace = _pace(pace, pending + applied - decided, returned, r)
        pending = np.maximum(pending + applied - decided + returned, 0.0)
        last = np.minimum(week + np.maximum(np.rint(r.validity), 1.0).astype(int), weeks)
        lapsing[np.arange(count), last] += granted + waived
        valid = np.maximum(valid + granted + waived - lapsing[:, week], 0.0)
        made = {
            "applied": applied,
            "returned": returned,
            "granted": granted,
            "waived": waived,
            "refused": decided - granted - returned,
            "pending": pending,
            "valid": valid,
        }
        for name, values in made.items():
            flows[name][:, week] = values
        age = np.where(in_force, age + 1.0, 0.0)
    return Licences(free=rules.in_force <= 0.0, **flows)


def usual_shipping(usual: Array, licences: Licences, weeks: int) -> tuple[Array, Array]:
    """Ship usual trade as far as licences allow, before anyone plans anything.

    Returns:
        Unused licences [class] after those weeks, t, and what was shipped [class, week], t.
    """
    left = np.zeros(usual.shape)
    shipped = np.zeros((len(usual), weeks))
    for week in range(weeks):
        got = left + licences.granted[:, week] + licences.waived[:, week]
        free = licences.free[:, week]
        shipped[:, week] = np.where(free, usual, np.minimum(got, usual))
        left = np.where(free, 0.0, np.minimum(got - shipped[:, week], licences.valid[:, week]))
    return np.maximum(left, 0.0), shipped


def _in_week(rules: Rules, week: int) -> Rules:
    return Rules(**{f.name: getattr(rules, f.name)[:, week] for f in fields(Rules)})


def _wanted(usual: Array, r: Rules) -> tuple[Array, Array]:
    """Split the trade wanted in a week into files handed in and goods that pass without review."""
    wanted = np.where(r.in_force > 0.0, r.surge * usual, 0.0)
    waived = r.general_share * wanted
    return wanted - waived, waived


def _pace(pace: Array, pending: Array, added: Array, r: Rules) -> Array:
    """Share of the pending files that comes up for a decision in a week, once some are added.

    A file keeps the review time under which it was handed in, unless reviews have become shorter
    since: easing clears what is pending, tightening meets new files.
    """
    now = 1.0 / np.maximum(r.review, 1.0)
    files = pending + added
    due = pending * np.maximum(pace, now) + added * now
    mixed: Array = np.divide(due, files, out=now.copy(), where=files > 0.0)
    return mixed


def _decided(usual: Array, r: Rules, due: Array, age: Array) -> Array:
    """Files that come up for a decision: what is due, within throughput, none in the gap.

    A returned file is not settled, so the throughput caps approvals and refusals: with everything
    returned that is not approved, grants run at the throughput however low the approval share.
    """
    at_work = np.clip(age + 1.0 - r.gap, 0.0, 1.0) * (r.in_force > 0.0)
    settled_share = 1.0 - (1.0 - r.approval_share) * r.returned_share
    room = np.full(usual.shape, np.inf)
    np.divide(r.throughput * usual, settled_share, out=room, where=settled_share > 0.0)
    decided: Array = np.minimum(due, room) * at_work
    return decided
