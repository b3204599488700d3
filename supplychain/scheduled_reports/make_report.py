"""Make reports: solve what is missing, write record, page and the other forms."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supplychain.errors import Failure, InvalidInput, Problem, SupplychainError, failure_of, problem
from supplychain.files import inside, refuse_in_the_way, shown, sweep, write_json
from supplychain.progress import step
from supplychain.runs.provenance import versions
from supplychain.runs.run_cache import STORE, kept_rows
from supplychain.scheduled_reports.brief import capital, sentence
from supplychain.scheduled_reports.calendar_moves import carried_over
from supplychain.scheduled_reports.report_archive import (
    LATEST,
    RECORD,
    SECONDS_TO_WAIT,
    Past,
    foreign_files,
    free_folder,
    holding,
    is_published,
    past_reports,
    prune,
    publish,
    sums_of,
    tidy,
)
from supplychain.scheduled_reports.report_changes import alerts_of, input_changes, result_changes
from supplychain.scheduled_reports.report_definition import find_definition, load_definition
from supplychain.scheduled_reports.report_plan import DataCache, Plan, make_plan

if TYPE_CHECKING:
    from supplychain.runs.run_schema import Run
    from supplychain.scheduled_reports.report_plan import Ground
    from supplychain.scheduled_reports.report_runs import AvailableRun, RunSolver


notes = logging.getLogger("supplychain.scheduled_reports")

SCHEMA = "supplychain/report/1"

PAGE = "report.html"


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
    plan: Plan, workshop: RunSolver, *, wait: float = SECONDS_TO_WAIT, backfill: bool = False
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
    folder = inside(workshop.out, plan.definition.name)
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
            current = newest if newest is not None and newest.day > plan.day else same
            if not is_published(current):
                publish(current)
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
    """Refuse a folder in which a run lies: a scenario and a definition of one name; and links.

    Raises:
        InvalidInput: it holds a run, or it or its newest report is a link or a file.
    """
    refuse_in_the_way(folder, folder=True)
    refuse_in_the_way(folder / LATEST, folder=True)
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


def _solved(plan: Plan, had: Sequence[AvailableRun]) -> list[str]:
    return [
        o.scenario.name
        for o, h in zip(plan.wanted, had, strict=True)
        if any(one.solved for one in (h, *h.band.values()))
    ]


def _write(
    plan: Plan,
    had: Sequence[AvailableRun],
    before: Past | None,
    same: Past | None,
    pasts: Sequence[Past],
    *,
    backfill: bool,
) -> Made:
    """Write a report into the folder of its day, whole; `same` is the one that it replaces."""
    from supplychain.files import whole_folder
    from supplychain.runs.run_cache import keep_data

    out = had[0].folder.parent.parent
    folder = plan.definition.name
    number = same.number if same else max((past.number for past in pasts), default=0) + 1
    place = same.folder if same else free_folder(inside(out, folder), plan.day)
    keep_data(plan.tables, out)
    runs = [banded(one) for one in had]
    record = report_record(plan, had, runs, before, out, number)
    with whole_folder(place, staying=foreign_files) as part:
        missing, problems = write_forms(plan, record, runs, part)
        record = {
            **record,
            "backfill": backfill,
            "missing_forms": missing,
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": sums_of(part),
        }
        write_json(record, part / RECORD)
    return Made(Past(place, record), new=True, solved=_solved(plan, had), problems=problems)


def banded(had: AvailableRun) -> Run:
    """A run with the range of its band.

    Raises:
        InvalidInput: a kept run cannot be read.
    """
    from supplychain.runs.run_store import read_run
    from supplychain.study.solve_scenario import add_band

    run = read_run(had.folder)
    ends = {kind: read_run(end.folder) for kind, end in had.band.items()}
    return add_band(run, ends) if ends else run


def report_record(
    plan: Plan,
    had: Sequence[AvailableRun],
    runs: Sequence[Run],
    before: Past | None,
    out: Path,
    number: int,
) -> dict[str, Any]:
    """Everything that a report says, as plain values; files and times come later."""
    names = [one.scenario.name for one in plan.wanted]
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "definition": plan.definition.name,
        "title": plan.definition.part.title,
        "date": plan.day.isoformat(),
        "number": number,
        "key": plan.key,
        "base": plan.base,
        "focus": plan.focus,
        "settings": plan.definition.content(),
        "data": {
            "hash": plan.tables.hash,
            "folder": plan.tables.folder,
            "overlays": list(plan.tables.overlays),
        },
        "versions": {k: v for k, v in versions().items() if k != "python"},
        "runs": [
            {
                "scenario": name,
                "id": h.id,
                "folder": f"store/{h.id}",
                "solved": h.solved,
                "band": {kind: end.id for kind, end in h.band.items()},
            }
            for name, h in zip(names, had, strict=True)
        ],
        "scenarios": {name: run.record["scenario"] for name, run in zip(names, runs, strict=True)},
        "headline": {name: _losses(run) for name, run in zip(names, runs, strict=True)},
    }
    record["changed"], held = _changed(plan, record, before, out)
    words = {one.word: one.scenario.name for one in plan.wanted}
    found = alerts_of(plan.definition.part.alerts, words, held, record)
    record["alerts"] = [alert.as_json() for alert in found]
    record["sentence"] = capital(sentence(record))
    return record


def _losses(run: Run) -> dict[str, Any]:
    """The headline of a run: per sector what is lost, where, from when, and within which range."""
    found: dict[str, Any] = dict(run.headline["sectors"])
    return found


def _changed(
    plan: Plan, record: dict[str, Any], before: Past | None, out: Path
) -> tuple[dict[str, Any], Mapping[str, Any] | None]:
    """What changed since the last report, and that report with its inputs over the new weeks."""
    if before is None:
        return {"since": None, "inputs": [], "results": [], "calendar": [], "notes": []}, None
    old = kept_rows(out, before.record["data"]["hash"])
    new = kept_rows(out, plan.tables.hash)
    inputs = input_changes(before.record, record, old, new)
    threads = plan.wanted[0].request.threads
    carried = carried_over(before.record, record, inputs, out, threads)
    held = {**before.record, "headline": carried.headline}
    limits = plan.definition.part.changed
    since = {
        "date": before.record["date"],
        "folder": before.folder.name,
        "number": before.number,
        "key": before.key,
    }
    changed = {
        "since": since,
        "inputs": [change.as_json() for change in inputs],
        "results": [change.as_json() for change in result_changes(held, record, limits)],
        "calendar": [change.as_json() for change in result_changes(before.record, held, limits)],
        "notes": [carried.note] if carried.note else [],
    }
    return changed, held


def write_forms(
    plan: Plan, record: Mapping[str, Any], runs: Sequence[Run], folder: Path
) -> tuple[list[str], list[Problem]]:
    """Write a report's files into its folder.

    Returns:
        The forms that this machine cannot make, and why. The others are there.

    Raises:
        OSError: a file cannot be written.
    """
    from supplychain.files import write_json
    from supplychain.scheduled_reports.brief import brief_json, brief_text

    wanted = list(plan.definition.part.forms)
    missing: list[str] = []
    problems: list[Problem] = []
    for form in FORMS:
        if form not in wanted and not (form == "html" and "pdf" in wanted):
            continue
        try:
            FORMS[form](plan, record, runs, folder)
        except InvalidInput as error:
            missing.append(form)
            problems.extend(error.problems)
    files = {PAGE: ""} if (folder / PAGE).exists() else {}
    shown = {**record, "files": files}
    (folder / "brief.md").write_text(brief_text(shown), encoding="utf-8")
    write_json(brief_json(shown), folder / "brief.json")
    return missing, problems


def _html(plan: Plan, record: Mapping[str, Any], runs: Sequence[Run], folder: Path) -> None:
    from supplychain.report.pages.scheduled_page import write_standing_page

    titles = _titles(plan)
    write_standing_page(record, runs, plan.definition.sections, titles, folder / PAGE)


def _titles(plan: Plan) -> dict[str, tuple[str, str]]:
    """Title and address of each source of the data."""
    return {
        str(row["source"]): (str(row["title"]), str(row["url"] or ""))
        for row in plan.tables.records("sources")
    }


def _pdf(_plan: Plan, _record: Mapping[str, Any], _runs: Sequence[Run], folder: Path) -> None:
    from supplychain.report.pages.pdf import print_page

    print_page(folder / PAGE, folder / "report.pdf")


def _xlsx(_plan: Plan, record: Mapping[str, Any], runs: Sequence[Run], folder: Path) -> None:
    from supplychain.exchange.run_workbook import write_report_book

    write_report_book(record, runs, folder / "report.xlsx")


def _csv(_plan: Plan, record: Mapping[str, Any], runs: Sequence[Run], folder: Path) -> None:
    from supplychain.exchange.run_workbook import write_report_csv

    write_report_csv(record, runs, folder / "csv")


Form = Callable[[Plan, Mapping[str, Any], Sequence["Run"], Path], None]
FORMS: Mapping[str, Form] = {"html": _html, "pdf": _pdf, "xlsx": _xlsx, "csv": _csv}
"""What writes each form; the page comes before the PDF, which is printed from it."""


@dataclass(frozen=True)
class Outcome:
    """What became of a definition: its report, or why there is none."""

    spec: str
    made: Made | None
    failure: Failure | None = None


def make_reports(
    specs: Sequence[str],
    folders: Sequence[Path],
    day: date,
    ground: Ground,
    workshop: RunSolver,
    *,
    wait: float,
    backfill: bool,
) -> list[Outcome]:
    """Make the reports of definitions, each once; one that fails does not stop the rest.

    `folders` are where definitions are looked for; `backfill` allows a day before the newest.
    """
    library = DataCache()
    outcomes: list[Outcome] = []
    for spec in dict.fromkeys(specs):
        try:
            path = find_definition(spec, folders)
            refuse_twice(path, outcomes)
            with step("plan", spec) as said:
                plan = make_plan(load_definition(path), day, ground, library)
                said.update(key=plan.key, runs=[one.id for one in plan.wanted])
            with step("report", spec) as said:
                made = make_report(plan, workshop, wait=wait, backfill=backfill)
                said.update(new=made.new, solved=list(made.solved), folder=made.past.folder)
            outcomes.append(Outcome(spec, made))
        except (SupplychainError, OSError) as error:
            outcomes.append(Outcome(spec, None, failure_of(error)))
    return outcomes


def keep_front(out: Path, outcomes: Sequence[Outcome]) -> Failure | None:
    """Write the front page and the feed again unless they show the reports that are there.

    The reports are made then, whatever comes of this; why it failed is returned.
    """
    from supplychain.scheduled_reports.publish import is_current, write_front

    try:
        if any(one.made for one in outcomes) and not is_current(out):
            with step("front", out.as_posix()):
                write_front(out)
    except (SupplychainError, OSError) as error:
        return failure_of(error)
    return None


def refuse_twice(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Refuse a second definition of one name: both would have the same folder."""
    names = [one.made.past.record["definition"] for one in outcomes if one.made]
    if path.stem in names:
        message = f'another definition of this command is called "{path.stem}" too.'
        found = problem("REPORT-402", message, file=shown(path), hint="Rename one of the two.")
        raise InvalidInput(message, [found])
