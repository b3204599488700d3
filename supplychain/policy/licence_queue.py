"""How a licence is granted: the queue of an authority that does not optimise, week by week.

A fluid queue for every licence class (control, exporter, destination, end use). A file is examined
first, then decided on; each takes half the review. A decision settles a file (approves or refuses
it) or returns it, to be decided on again. What is settled in favour becomes a licence as far as the
authority's throughput allows, the rest waits. A file keeps the review under which it was handed in,
unless reviews have become shorter since. A share of the trade may pass without review. Amounts are
tonnes of goods.

More of what eases can never grant less up to any week (shorter reviews, more throughput, more
approvals, a larger general share): every step below moves what is examined, due and granted so far
by a share of what is still missing to the step before.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

CLOSE = 1e-6
"""Relative: how near a limit counts as reached."""


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
    transferable_share: Array
    """Share of what is granted that any end user may use; the rest names one."""


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
    """Handed in and neither granted nor refused nor withdrawn."""
    due: Array
    """Of the pending files those reviewed and approved before any is granted in the week."""
    room: Array
    """The most that the throughput lets be granted in the week; nothing in the gap."""
    valid: Array
    """Licences of the last weeks that are still within their validity, used or not."""

    @property
    def usable(self) -> Array:
        """What becomes shippable in the week: granted and waived; infinite where trade is free."""
        return np.where(self.free, np.inf, self.granted + self.waived)


def run_queue(usual: Array, rules: Rules) -> Licences:
    """Run the queue of all classes from its first week with nothing pending.

    Args:
        usual: [class, week] usual trade, t per week; or [class], the same in all weeks.
        rules: the treatment of each class by week.
    """
    level, trade = _level_and_trade(usual, rules.in_force.shape[1])
    whole = np.hstack([trade, *(getattr(rules, f.name) for f in fields(Rules))])
    treatments = [row.tobytes() for row in whole]
    first = {treatment: row for row, treatment in reversed(list(enumerate(treatments)))}
    position = {treatment: i for i, treatment in enumerate(first)}
    rows, kinds = list(first.values()), [position[treatment] for treatment in treatments]
    flows = _run(
        Rules(**{f.name: getattr(rules, f.name)[rows] for f in fields(Rules)}), trade[rows]
    )
    amounts = {name: flow[kinds] * level[:, None] for name, flow in flows.items()}
    return Licences(free=rules.in_force <= 0.0, **amounts)


def _level_and_trade(usual: Array, weeks: int) -> tuple[Array, Array]:
    """Usual trade of each class in its first week, and every week against that; 1 where none is."""
    if usual.ndim == 1:
        return usual, np.ones((len(usual), weeks))
    level = usual[:, 0]
    trade = np.divide(usual, level[:, None], out=np.ones_like(usual), where=level[:, None] > 0.0)
    return level, trade


def _run(rules: Rules, trade: Array) -> dict[str, Array]:
    """The queue of classes that differ in their treatment or growth, each from a usual trade of 1.

    `trade` is [class, week] usual trade against that of the first week.
    """
    count, weeks = rules.in_force.shape
    flows = {f.name: np.zeros((count, weeks)) for f in fields(Licences) if f.name != "free"}
    files = Files(rules, trade)
    valid, age = np.zeros(count), np.zeros(count)
    lapsing = np.zeros((count, weeks + 1))
    for week in range(weeks):
        r = _in_week(rules, week)
        in_force = r.in_force > 0.0
        kept = np.where(in_force, np.where(r.changed, r.keep_pending, 1.0), 0.0)
        issued = np.where(in_force, np.where(r.changed, r.keep_issued, 1.0), 0.0)
        made = {"withdrawn": files.withdraw(kept), "revoked": valid * (1.0 - issued)}
        valid = valid * issued
        lapsing *= issued[:, None]
        made |= files.review(week, r, _at_work(r, age))
        usable = made["granted"] + made["waived"]
        last = np.minimum(week + np.maximum(np.rint(r.validity), 1.0).astype(int), weeks)
        lapsing[np.arange(count), last] += usable
        valid = np.maximum(valid + usable - lapsing[:, week], 0.0)
        made["valid"] = valid
        for name, values in made.items():
            flows[name][:, week] = values
        age = np.where(in_force, age + 1.0, 0.0)
    return flows


class Files:
    """The files of every class, by the week in which they were handed in.

    Which of them will be approved in the end is settled by the practice under which they were
    handed in: a file that waits longer is not judged more kindly for it.
    """

    def __init__(self, rules: Rules, trade: Array) -> None:
        shape = rules.in_force.shape
        self.trade = trade
        wanted = np.where(rules.in_force > 0.0, rules.surge * trade, 0.0)
        self.waived = rules.general_share * wanted
        self.applied = wanted - self.waived
        self.good = favourable(rules) * self.applied
        self.bad = self.applied - self.good
        self.pace = np.zeros(shape)
        """[class, week handed in] share that passes a step in a week."""
        self.examining = np.zeros(shape)
        """[class, week handed in] share of the files that is being examined."""
        self.deciding = np.zeros(shape)
        """[class, week handed in] share of the files that is examined and not settled."""
        self.due = np.zeros((2, shape[0]))
        """[approved or refused, class] settled, and waiting for the throughput."""
        self.pending = np.zeros(shape[0])

    def withdraw(self, kept: Array) -> Array:
        """Keep a share of all files that wait; return what lapses."""
        lapsed: Array = self.pending * (1.0 - kept)
        self.pending = self.pending * kept
        self.due = self.due * kept
        self.examining *= kept[:, None]
        self.deciding *= kept[:, None]
        return lapsed

    def review(self, week: int, r: Rules, at_work: Array) -> dict[str, Array]:
        """Hand in the files of a week, move all on, and grant what throughput allows."""
        so_far = slice(0, week + 1)
        settled = _settled(r)
        pace = np.maximum(self.pace[:, so_far], _pace(r)[:, None])
        examining, deciding = self.examining[:, so_far], self.deciding[:, so_far]
        examining[:, week] = 1.0
        examined = pace * examining
        closed = settled[:, None] * pace * (deciding + examined)
        self.pace[:, so_far] = pace
        self.examining[:, so_far] = examining - examined
        self.deciding[:, so_far] = deciding + examined - closed
        self.due[0] += np.sum(closed * self.good[:, so_far], axis=1)
        self.due[1] += np.sum(closed * self.bad[:, so_far], axis=1)
        most = r.throughput * self.trade[:, week]
        room = np.where(r.approval_share > 0.0, most * favourable(r), 0.0)
        ready = self.due[0].copy()
        granted = np.minimum(ready, room) * at_work
        refused = np.minimum(self.due[1], np.maximum(most - granted, 0.0)) * at_work
        self.due -= np.stack([granted, refused])
        self.pending = np.maximum(self.pending + self.applied[:, week] - granted - refused, 0.0)
        again = np.divide(1.0 - settled, settled, out=np.zeros_like(settled), where=settled > 0.0)
        return {
            "applied": self.applied[:, week],
            "waived": self.waived[:, week],
            "granted": granted,
            "refused": refused,
            "returned": (granted + refused) * again,
            "pending": self.pending,
            "due": ready,
            "room": room * at_work,
        }


def favourable(rules: Rules) -> Array:
    """Share of the files that is approved in the end, after all returns; 1 where all are returned.

    Of 0.6 approved and half of the rest returned, 0.8 are settled: 0.75 of all is approved.
    """
    settled = _settled(rules)
    share: Array = np.divide(
        rules.approval_share, settled, out=np.ones_like(settled), where=settled > 0.0
    )
    return share


def _settled(r: Rules) -> Array:
    """Share of the decisions that approve or refuse; the rest returns the file."""
    share: Array = 1.0 - (1.0 - r.approval_share) * r.returned_share
    return share


def _pace(r: Rules) -> Array:
    """Share of the files that passes one of the two steps in a week.

    A file that is decided at once takes the week in which it came; each step adds half the rest.
    """
    share: Array = 2.0 / (np.maximum(r.review, 1.0) + 1.0)
    return share


def _at_work(r: Rules, age: Array) -> Array:
    """Share of the week in which files are decided: none in the gap after a control began."""
    share: Array = np.clip(age + 1.0 - r.gap, 0.0, 1.0) * (r.in_force > 0.0)
    return share


def usual_shipping(usual: Array, licences: Licences, weeks: int) -> tuple[Array, Array]:
    """Ship usual trade as far as licences allow, before anyone plans anything.

    Args:
        usual: [class, week] or [class] t per week.
        licences: the queue.
        weeks: how many of its weeks.

    Returns:
        Unused licences [class] after those weeks, t, and what was shipped [class, week], t.
    """
    level, trade = _level_and_trade(usual, licences.free.shape[1])
    usual = level[:, None] * trade
    left = np.zeros(len(usual))
    shipped = np.zeros((len(usual), weeks))
    for week in range(weeks):
        got = left + licences.granted[:, week] + licences.waived[:, week]
        free = licences.free[:, week]
        wanted = usual[:, week]
        shipped[:, week] = np.where(free, wanted, np.minimum(got, wanted))
        left = np.where(free, 0.0, np.minimum(got - shipped[:, week], licences.valid[:, week]))
    return np.maximum(left, 0.0), shipped


def _in_week(rules: Rules, week: int) -> Rules:
    return Rules(**{f.name: getattr(rules, f.name)[:, week] for f in fields(Rules)})


def licence_binding(rules: Rules, licences: Licences) -> dict[str, Flags]:
    """Licence parameter to [class, week]: whether another value of it would grant more or less.

    Files that are reviewed and exceed the throughput wait for it and not for the review.

    Validity binds in the weeks in which what was granted before is valid and files are not free;
    whether it lapses unused depends on what is shipped.
    """
    needed = ~licences.free
    size = np.maximum(licences.applied.max(axis=1, initial=0.0), 1e-9)[:, None] * CLOSE
    gap = needed & (_weeks_since(needed) < rules.gap) & (licences.due > size)
    full = needed & ~gap & ((licences.due > licences.room + size) | (licences.room <= size))
    denied = needed & (rules.approval_share <= 0.0)
    in_review = licences.pending - (licences.due - licences.granted) > size
    review = needed & ~gap & ~full & in_review
    approval = denied | ((review | full) & (rules.approval_share < 1.0))
    wanted = licences.applied + licences.waived
    return {
        "in_force": needed,
        "gap": gap,
        "review": review,
        "approval_share": approval,
        "returned_share": approval & ~denied,
        "throughput": full & ~denied,
        "validity": needed & (licences.valid > size),
        "general_share": needed & (licences.granted + licences.waived < wanted - size),
        "surge": needed & ~gap & ~full & (wanted > size),
        "keep_pending": needed & rules.changed & (licences.pending > size),
        "keep_issued": needed & rules.changed & (licences.valid > size),
        "transferable_share": needed & (licences.granted + licences.waived > size),
    }


def _weeks_since(needed: Flags) -> Array:
    """[class, week] full weeks since the control began; 0 in its first week."""
    age = np.zeros(needed.shape)
    for week in range(1, needed.shape[1]):
        age[:, week] = np.where(needed[:, week - 1], age[:, week - 1] + 1.0, 0.0)
    return age
