"""Make the report of a definition: have its runs, say what changed, write it whole."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from supplychain.errors import InvalidInput, Problem, problem
from supplychain.periodic.archive import (
    RECORD,
    Past,
    free_folder,
    is_published,
    past_reports,
    prune,
    publish,
    sums_of,
    tidy,
)
from supplychain.periodic.holding import SECONDS_TO_WAIT, holding
from supplychain.periodic.plan import Plan
from supplychain.results.folder import sweep, write_json
from supplychain.results.kept import STORE

if TYPE_CHECKING:
    from supplychain.periodic.solving import Had, Workshop

notes = logging.getLogger("supplychain.periodic")


@dataclass(frozen=True)
class Made:
    """What became of a definition: its report, and what was done for it."""

    past: Past
    new: bool
    """Whether it was written now; if not, it was up to date."""
    solved: Sequence[str] = ()
    """The scenarios that were solved for it."""
    problems: Sequence[Problem] = ()
    """Forms that could not be written."""
    gone: Sequence[Path] = ()
    """Reports of the past that are not kept any more."""


def make_report(
    plan: Plan, workshop: Workshop, *, wait: float = SECONDS_TO_WAIT, backfill: bool = False
) -> Made:
    """Make the report of a plan, unless the one that is there is what it would be.

    Args:
        plan: the definition on its day.
        workshop: where its runs are solved and kept.
        wait: seconds to wait for another process that makes the same.
        backfill: whether the day was asked for: an earlier one leaves `latest/` as it is.

    Raises:
        InvalidInput: another thing than reports lies in its folder.
        NotSolved: a scenario has no answer; the last report stays.
        Busy: another process makes the same.
        OSError: it cannot be written.
    """
    folder = workshop.out / plan.definition.name
    refuse_foreign(folder)
    with holding(folder, wait):
        tidy(folder)
        pasts, damaged = past_reports(folder)
        for place in damaged:
            notes.warning("%s holds no report that can be read; it is left out.", place.as_posix())
        newest = next((past for past in reversed(pasts) if not past.record["backfill"]), None)
        if newest is not None and plan.day < newest.day:
            _say_back(plan.day, newest, backfill=backfill)
        same = _of_today(plan, pasts)
        if same is not None and not workshop.force and same.whole():
            if newest is not None and not is_published(newest):
                publish(newest)
            return Made(same, new=False, solved=workshop.repair(plan))
        had = workshop.have(plan)
        sweep(workshop.out / STORE)
        late = backfill and newest is not None and plan.day < newest.day
        before = _before(plan.day, [p for p in pasts if p != same], late=late)
        made = _write(plan, had, before, same, pasts, backfill=late)
        if not late:
            publish(made.past)
            newest = made.past
        kept = [*(past for past in pasts if past != same), made.past]
        gone = prune(kept, newest or made.past, plan.definition.part.retention, plan.day)
        return replace(made, gone=gone)


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder in which a run lies: a scenario and a definition of one name.

    Raises:
        InvalidInput: it holds a run.
    """
    if (folder / "run.json").is_file():
        hint = "Give the definition another name, or name another folder with --out."
        message = "a run lies where the reports of this definition would."
        found = problem("REPORT-401", message, file=folder.as_posix(), hint=hint)
        raise InvalidInput("The report was not made.", [found])


def _say_back(day: date, newest: Past, *, backfill: bool) -> None:
    if not backfill:
        notes.warning(
            "Today is %s, but the newest report is of %s: has the clock gone back? Reports are "
            "counted, so that this one still follows it.",
            day,
            newest.day,
        )


def _of_today(plan: Plan, pasts: Sequence[Past]) -> Past | None:
    """The last report of the day, if it is what would be made."""
    today = [past for past in pasts if past.day == plan.day]
    return today[-1] if today and today[-1].key == plan.key else None


def _before(day: date, pasts: Sequence[Past], *, late: bool) -> Past | None:
    """The report to compare with: the last one made, or for a day of the past the last before."""
    regular = [past for past in pasts if not past.record["backfill"]]
    if regular and not late:
        return regular[-1]
    earlier = [past for past in pasts if past.day < day]
    return max(earlier, key=lambda past: (past.day, past.number), default=None)


def _solved(plan: Plan, had: Sequence[Had]) -> list[str]:
    return [o.scenario.name for o, h in zip(plan.wanted, had, strict=True) if h.solved]


def _write(
    plan: Plan,
    had: Sequence[Had],
    before: Past | None,
    same: Past | None,
    pasts: Sequence[Past],
    *,
    backfill: bool,
) -> Made:
    """Write a report into the folder of its day, whole; `same` is the one that it replaces."""
    from supplychain.periodic.forms import write_forms
    from supplychain.periodic.record import report_record
    from supplychain.results.folder import whole_folder
    from supplychain.results.kept_data import keep_data

    out = had[0].folder.parent.parent
    folder = plan.definition.name
    number = same.number if same else max((past.number for past in pasts), default=0) + 1
    place = same.folder if same else free_folder(out / folder, plan.day)
    keep_data(plan.tables, out)
    record = report_record(plan, had, before, out, number)
    with whole_folder(place) as part:
        missing, problems = write_forms(plan, record, had, part)
        record = {
            **record,
            "backfill": backfill,
            "missing_forms": missing,
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": sums_of(part),
        }
        write_json(record, part / RECORD)
    return Made(Past(place, record), new=True, solved=_solved(plan, had), problems=problems)
